package watch

import (
	"context"
	"errors"
	"log/slog"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/health"
	"github.com/ianasync/ianasync/internal/source/web"
	"github.com/ianasync/ianasync/internal/sync"
	"github.com/ianasync/ianasync/snapshots"
)

// check is a sync that is logged and counted. It reports whether the check is done: one that failed in a way that says
// nothing of the source is not, and need not wait for the next slot.
func (d *Daemon) check(ctx context.Context) (done bool) {
	result, err := d.Sync(ctx)
	if ctx.Err() != nil && err != nil { // interrupted: it did not fail
		return true
	}
	outcome := health.Failed
	refused, isRefused := errors.AsType[*sync.Rejection](err)
	switch {
	case err == nil:
		outcome = result.Outcome
		d.logResult(ctx, result)
	case isRefused:
		outcome = snapshots.Refused
		d.Log.Error("refused", "source", refused.Source, "reason", refused.Reason, "hint", refused.Fix, "kept", refused.File)
	case errors.Is(err, web.ErrUnreachable):
		outcome = snapshots.Unreachable
		d.Log.Warn("unreachable", "error", err)
	default:
		d.Log.Error("failed", "error", err, "hint", d.Hint(err))
	}
	d.health.Count(outcome)
	d.distribute(ctx)
	return outcome != health.Failed
}

func (d *Daemon) logResult(ctx context.Context, r *sync.Result) {
	about := []slog.Attr{slog.String("version", r.Version.ID), slog.Int("records", r.Version.Records)}
	if r.Table != nil {
		about = append(about, slog.String("previous", r.Previous.ID))
		summary := diff.Summary(r.Event.Changes)
		for _, kind := range diff.Kinds {
			if n := summary[kind]; n > 0 {
				about = append(about, slog.Int(string(kind), n))
			}
		}
	}
	d.Log.LogAttrs(ctx, slog.LevelInfo, string(r.Outcome), about...)
}
