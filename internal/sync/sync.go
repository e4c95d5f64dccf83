// Package sync does the main job: it gets what is served now, asks the guard
// whether to believe it, stores it as a version if it is one, and brings everything
// that is made from the versions up to date.
//
// Nothing that the source says can hurt what is stored. What the guard refuses goes
// to the store's quarantine, with the reason, and the last good version stays what
// everyone sees.
package sync

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/source/web"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/snapshots"
)

// Job is one synchronisation.
type Job struct {
	Registry *registry.Registry
	Store    *snapshots.Store // open for writing
	Source   string           // what Get asks: a URL, a file's name
	Accept   bool             // believe a rollback, or a mass change
	Now      func() time.Time

	// Get asks the source. An answer without validators (a file) is fine.
	Get func(ctx context.Context, cond web.Conditions) (*web.Response, error)
	// Progress, if not nil, is called as versions are compared.
	Progress func(done, total int64)
}

// Result is what came of a Job.
type Result struct {
	Outcome  snapshots.Outcome
	Version  snapshots.Version // the newest
	Previous snapshots.Version // the one that it follows, where there is one and Version is new
	Event    history.Event     // what Version brought, where it is new
	Table    *registry.Table   // of Version, where it is new
}

// RefusedError says that the guard did not believe what the source answered.
type RefusedError struct {
	Source string
	Reason string
	Fix    string // what to do
	File   string // where the bytes are kept; empty if there were none
}

// Error gives the source and the reason.
func (e *RefusedError) Error() string { return fmt.Sprintf("refused %s: %s", e.Source, e.Reason) }

// Run does the job. Where the source gives no answer the error is a
// [web.ErrUnreachable]; where the guard does not believe it, a [*RefusedError]. Both
// are noted as the store's last check.
func (j *Job) Run(ctx context.Context) (*Result, error) {
	now := j.Now().UTC()
	if err := j.Store.CheckClock(now); err != nil {
		return nil, err
	}
	newest, found := j.Store.Latest()
	last, _, err := j.Store.Check()
	if err != nil {
		return nil, err
	}
	check := snapshots.Check{Checked: now, Source: j.Source}
	if last.Source == j.Source && last.Version == newest.ID {
		check.ETag, check.LastModified = last.ETag, last.LastModified
	}
	answer, err := j.Get(ctx, web.Conditions{ETag: check.ETag, LastModified: check.LastModified})
	switch {
	case errors.Is(err, web.ErrUnreachable):
		return nil, j.unreachable(err, check, last)
	case errors.Is(err, web.ErrTooLarge):
		return nil, j.refuse(body{Response: &web.Response{}}, verdict{why: cause(err).Error(), fix: "the registry has about 1 MiB: is the address right?"}, check, last)
	case err != nil:
		return nil, err
	}
	check.Status = answer.Status
	body := bodyOf(answer)
	if answer.NotModified || found && body.sha256 == newest.SHA256 {
		return j.unchanged(ctx, answer, check, newest)
	}
	verdict, err := j.guard(body, last, now)
	switch {
	case err != nil:
		return nil, err
	case verdict.table == nil:
		return nil, j.refuse(body, verdict, check, last)
	}
	return j.store(ctx, body, verdict, check)
}

// body is an answer's body and its digest.
type body struct {
	*web.Response
	sha256 string // in lower-case hexadecimal
}

func bodyOf(r *web.Response) body {
	sum := sha256.Sum256(r.Body)
	return body{r, hex.EncodeToString(sum[:])}
}

// cause returns why a request failed, without the address, which is said anyway.
func cause(err error) error {
	if f, ok := errors.AsType[*web.Error](err); ok {
		return f.Err
	}
	return err
}

// unreachable notes that there was no answer. What was refused stays so.
func (j *Job) unreachable(err error, check, last snapshots.Check) error {
	if f, ok := errors.AsType[*web.Error](err); ok {
		check.Status = f.Status
	}
	check.Outcome, check.Refused = snapshots.Unreachable, last.Refused
	return errors.Join(err, j.Store.SetCheck(check))
}

func (j *Job) unchanged(ctx context.Context, answer *web.Response, check snapshots.Check, newest snapshots.Version) (*Result, error) {
	if j.Store.DerivedStale() { // an earlier run was interrupted
		if _, err := Derive(ctx, j.Registry, j.Store, nil, j.Progress); err != nil {
			return nil, err
		}
	}
	check.Outcome, check.ETag, check.LastModified = snapshots.Unchanged, answer.ETag, answer.LastModified
	return &Result{Outcome: snapshots.Unchanged, Version: newest}, j.Store.SetCheck(check)
}

// refuse keeps what is not believed, and notes since when it has been served.
func (j *Job) refuse(b body, v verdict, check, last snapshots.Check) error {
	file := ""
	if len(b.Body) > 0 {
		var err error
		file, err = j.Store.Quarantine(b.Body, snapshots.Rejection{
			Seen: check.Checked, Source: check.Source, Status: b.Status, ETag: b.ETag, LastModified: b.LastModified, Reason: v.why,
		})
		if err != nil {
			return err
		}
	}
	check.Outcome = snapshots.Refused
	check.Refused = &snapshots.Rejection{SHA256: b.sha256, Reason: v.why, Since: check.Checked}
	if last.Refused != nil && last.Refused.SHA256 == b.sha256 {
		check.Refused.Since = last.Refused.Since
	}
	refused := &RefusedError{Source: j.Source, Reason: v.why, Fix: v.fix, File: file}
	return errors.Join(refused, j.Store.SetCheck(check))
}

// store adds a version and brings the derived files up to date.
func (j *Job) store(ctx context.Context, b body, verdict verdict, check snapshots.Check) (*Result, error) {
	seen := check.Checked
	if newest, found := j.Store.Latest(); found && seen.Before(newest.Seen()) {
		seen = newest.Seen() // the store gives it the next free second
	}
	v, _, err := j.Store.Put(snapshots.Edition{
		Bytes: b.Body, Seen: seen, Source: j.Source, ETag: b.ETag, LastModified: b.LastModified, Note: verdict.why, Table: verdict.table,
	})
	if err != nil {
		return nil, err
	}
	steps, err := Derive(ctx, j.Registry, j.Store, verdict.table, j.Progress)
	if err != nil {
		return nil, err
	}
	r := &Result{Outcome: snapshots.Changed, Version: v, Table: verdict.table}
	if r.Event, err = steps[len(steps)-1].Event(); err != nil {
		return nil, err
	}
	if r.Event.Previous != "" {
		if r.Previous, err = j.Store.Resolve(r.Event.Previous); err != nil {
			return nil, err
		}
	}
	check.Outcome, check.ETag, check.LastModified = snapshots.Changed, b.ETag, b.LastModified
	return r, j.Store.SetCheck(check)
}
