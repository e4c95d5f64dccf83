package watch

import (
	"context"
	"errors"
	"log/slog"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/health"
	"github.com/ianasync/ianasync/internal/sync"
	"github.com/ianasync/ianasync/snapshots"
)

// check is a sync that is logged and counted, of each group. It reports whether the check is done: one that failed in a way that
// says nothing of the source is not, and need not wait for the next slot.
func (d *Daemon) check(ctx context.Context) (done bool) {
	done = true
	for c, err := range d.Sync(ctx) {
		if ctx.Err() != nil && err != nil { // interrupted: it did not fail
			return true
		}
		if err != nil {
			d.Log.Error("failed", "error", err, "hint", d.Hint(err))
			d.health.Count(c.Group, health.Failed)
			done = false
			break
		}
		log := d.Log
		if len(d.Groups) > 1 {
			log = log.With("group", c.Group)
		}
		refused, isRefused := errors.AsType[*sync.Rejection](c.Err)
		switch {
		case c.Err == nil:
			logResult(ctx, log, c.Result)
		case c.Withdrawn:
			log.Info("withdrawn", "source", refused.Source, "reason", refused.Reason, "since", c.Check.Refused.Since)
		case isRefused:
			log.Error("refused", "source", refused.Source, "reason", refused.Reason, "hint", refused.Fix, "kept", refused.File)
		case errors.Is(c.Err, snapshots.ErrCorrupt):
			log.Error("failed", "error", c.Err, "hint", d.Hint(c.Err))
		default:
			log.Warn("unreachable", "error", c.Err)
		}
		d.health.Count(c.Group, c.Outcome())
	}
	d.distribute(ctx)
	return done
}

func logResult(ctx context.Context, log *slog.Logger, r *sync.Result) {
	about := []slog.Attr{slog.String("version", r.Version.ID), slog.Int("records", r.Version.Records)}
	if r.Outcome == snapshots.Changed {
		about = append(about, slog.String("previous", r.Previous.ID))
		summary := diff.Summary(r.Event.Changes)
		for _, kind := range diff.Kinds {
			if n := summary[kind]; n > 0 {
				about = append(about, slog.Int(string(kind), n))
			}
		}
	}
	log.LogAttrs(ctx, slog.LevelInfo, string(r.Outcome), about...)
}
