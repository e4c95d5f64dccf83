// Package sync adds versions to a store. Its [Job] has three verbs for the three ways in which editions come: [Job.Sync]
// asks for what is served now, [Job.Import] takes editions of the past, [Job.Pull] follows what somebody else publishes.
//
// Each does the same five things: it asks a source, has the guard judge the answer, stores what is believed, brings the
// derived files up to date, and records the check. The guard is the same for all three (guard.go).
//
// Nothing that a source says can hurt what is stored. What the guard rejects goes to the store's quarantine, with the
// reason, and the last good version stays the newest.
package sync

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/url"
	"time"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/source/web"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/snapshots"
)

// Job is what all ways of adding versions to a store have in common.
type Job struct {
	Registry *registry.Registry
	Store    *snapshots.Store // open for writing
	Accept   bool             // believe a rollback, or a mass change
	Now      func() time.Time

	// Progress, if not nil, is called as versions are compared.
	Progress func(done, total int64)
}

// Getter answers requests, as [*web.Client] does.
type Getter interface {
	// Get returns what is found at a URL. Where there is no answer, the error is a [web.ErrUnreachable] or a
	// [web.ErrTooLarge]. An answer without validators, as of a file, is valid.
	Get(ctx context.Context, url string, cond web.Conditions) (*web.Response, error)
}

// Result is the outcome of a [Job.Sync].
type Result struct {
	Outcome  snapshots.Outcome
	Version  snapshots.Version // the newest
	Previous snapshots.Version // the one that it follows, where there is one and Version is new
	Event    history.Event     // what Version brought, where it is new
	Table    *registry.Table   // of Version, where it is new
}

// Sync asks a source for what it serves now, and stores it if it is new. Where the source does not answer, the error is
// a [web.ErrUnreachable]; where the guard does not believe the answer, a [*Rejection]. Both are recorded as the store's
// last check.
func (j *Job) Sync(ctx context.Context, from Getter, source string) (*Result, error) {
	c, err := j.begin(WithoutUser(source))
	if err != nil {
		return nil, err
	}
	answer, err := c.ask(ctx, from, source, "the registry has about 1 MiB: is the address right?")
	if err != nil {
		return nil, err
	}
	if answer.NotModified || c.found && digest(answer.Body) == c.newest.SHA256 {
		if err := j.derive(ctx); err != nil { // an earlier run may have been interrupted
			return nil, err
		}
		return &Result{Outcome: snapshots.Unchanged, Version: c.newest}, c.record(snapshots.Unchanged)
	}
	d, note, err := c.judge(answer)
	if rejection, ok := errors.AsType[*Rejection](err); ok {
		return nil, c.reject(rejection, answer)
	}
	if err != nil {
		return nil, err
	}
	seen := d.seen
	if c.found && seen.Before(c.newest.Seen()) {
		seen = c.newest.Seen() // the store gives it the next free second
	}
	v, _, err := j.Store.Put(snapshots.Edition{
		Bytes: answer.Body, Seen: seen, Source: c.now.Source, ETag: answer.ETag, LastModified: answer.LastModified, Note: note, Table: d.Table,
	})
	if err != nil {
		return nil, err
	}
	r := &Result{Outcome: snapshots.Changed, Version: v, Table: d.Table}
	if err := j.lookBack(ctx, r); err != nil {
		return nil, err
	}
	return r, c.record(snapshots.Changed)
}

// lookBack derives what comes of a new version, and completes a result with it.
func (j *Job) lookBack(ctx context.Context, r *Result) error {
	steps, err := Derive(ctx, j.Registry, j.Store, r.Table, j.Progress)
	if err != nil {
		return err
	}
	if r.Event, err = steps[len(steps)-1].Event(); err != nil || r.Event.Previous == "" {
		return err
	}
	r.Previous, err = j.Store.Resolve(r.Event.Previous)
	return err
}

// derive brings the derived files up to date, where there is anything to derive them from.
func (j *Job) derive(ctx context.Context) error {
	if _, found := j.Store.Latest(); !found || !j.Store.DerivedStale() {
		return nil
	}
	_, err := Derive(ctx, j.Registry, j.Store, nil, j.Progress)
	return err
}

// check is one check of a source.
type check struct {
	*Job
	newest snapshots.Version // before the check
	found  bool              // whether there is a newest version
	last   snapshots.Check   // the check before
	now    snapshots.Check   // what is recorded of this one
	answer *web.Response     // what the source answered; nil until it has
}

// begin begins a check of a source. Its name has no password in it.
func (j *Job) begin(source string) (*check, error) {
	c := &check{Job: j, now: snapshots.Check{Checked: j.Now().UTC(), Source: source}}
	err := j.Store.CheckClock(c.now.Checked)
	if err == nil {
		c.last, _, err = j.Store.Check()
	}
	if err != nil {
		return nil, err
	}
	c.newest, c.found = j.Store.Latest()
	if c.found && c.last.Source == source && c.last.Version == c.newest.ID {
		c.now.ETag, c.now.LastModified = c.last.ETag, c.last.LastModified
	}
	return c, nil
}

// ask asks for url, with the validators of the newest version if the last check has them. A check without an
// answer is recorded.
func (c *check) ask(ctx context.Context, from Getter, url, fixLarge string) (*web.Response, error) {
	answer, err := from.Get(ctx, url, web.Conditions{ETag: c.now.ETag, LastModified: c.now.LastModified})
	fault, _ := errors.AsType[*web.Error](err)
	switch {
	case errors.Is(err, web.ErrUnreachable):
		if fault != nil {
			c.now.Status = fault.Status
		}
		c.now.Refused = c.last.Refused // what was refused is refused still
		return nil, errors.Join(err, c.record(snapshots.Unreachable))
	case errors.Is(err, web.ErrTooLarge):
		if fault != nil {
			err = fault.Err // without the address, which a rejection has
		}
		return nil, c.reject(&Rejection{Reason: err.Error(), Fix: fixLarge}, &web.Response{})
	case err != nil:
		return nil, err
	}
	c.now.Status, c.answer = answer.Status, answer
	return answer, nil
}

// record records the check. Where it ended well, the next one asks with the validators of this one's answer.
func (c *check) record(o snapshots.Outcome) error {
	if c.now.Outcome = o; o.Good() {
		c.now.ETag, c.now.LastModified = c.answer.ETag, c.answer.LastModified
	}
	return c.Store.SetCheck(c.now)
}

// reject keeps an answer that is not believed, and records since when it has been served. It returns r.
func (c *check) reject(r *Rejection, answer *web.Response) error {
	r.Source = cmp.Or(r.Source, c.now.Source)
	if len(answer.Body) > 0 {
		var err error
		r.File, err = c.Store.Quarantine(answer.Body, snapshots.Rejection{
			Seen: c.now.Checked, Source: r.Source, Status: answer.Status, ETag: answer.ETag, LastModified: answer.LastModified, Reason: r.Reason,
		})
		if err != nil {
			return err
		}
	}
	c.now.Refused = &snapshots.Rejection{Reason: r.Reason, Since: c.now.Checked}
	if len(answer.Body) > 0 {
		c.now.Refused.SHA256 = digest(answer.Body)
	}
	if since, served := c.servedSince(c.now.Refused.SHA256); served {
		c.now.Refused.Since = since
	}
	return errors.Join(r, c.record(snapshots.Refused))
}

// servedSince returns since when bytes have been served and rejected, and whether they were rejected at the last check.
func (c *check) servedSince(sha256 string) (since time.Time, served bool) {
	if c.last.Refused == nil || c.last.Refused.SHA256 != sha256 {
		return time.Time{}, false
	}
	return c.last.Refused.Since, true
}

// WithoutUser returns a source as people and the store may see it: a URL without user and password, or a file's name.
func WithoutUser(source string) string {
	if u, err := url.Parse(source); err == nil && u.Host != "" {
		return web.WithoutUser(u)
	}
	return source
}

// digest returns a SHA-256 in lower-case hexadecimal.
func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
