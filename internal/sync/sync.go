// Package sync adds versions to a store. A [Job] has methods for the three kinds of sources: [Job.Sync] fetches what is
// served now, [Job.Import] reads editions of the past, [Job.Pull] and [Job.PullGroup] follow what somebody publishes.
//
// Each does five things: it asks a source, judges the answer, stores what is accepted, updates the derived files, and
// records the check. All use the same guard (guard.go).
//
// No answer of a source can damage what is stored. What the guard rejects goes to the store's quarantine, with the reason,
// and the newest version stays the newest.
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
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

// Job has the settings of the three methods.
type Job struct {
	Store  *snapshots.Store // open for writing
	Accept bool             // store what is only suspicious or implausible: see [Rejection.Acceptable]
	Now    func() time.Time

	// Progress, if not nil, is called as versions are compared.
	Progress func(done, total int64)
}

// Getter sends requests, as [*web.Client] does.
type Getter interface {
	// Get returns the answer of a URL. The error is a [web.ErrUnreachable] if there is none, a [web.ErrTooLarge] if it is
	// too large. Validators are optional in an answer.
	Get(ctx context.Context, url string, cond web.Conditions) (*web.Response, error)
}

// Result is the outcome of a [Job.Sync].
type Result struct {
	Outcome  snapshots.Outcome
	Version  snapshots.Version // the newest
	Previous snapshots.Version // the one that it follows, where there is one and Version is new
	Event    history.Event     // what Version brought, where it is new
	Table    *ports.Table      // of Version, where it is new and of the service names
}

// Sync asks a source for what it serves now, and stores it if it is new. If the source is unreachable, the error is a
// [web.ErrUnreachable]; if the guard does not accept the answer, a [*Rejection]. Both are recorded as the last check.
func (j *Job) Sync(ctx context.Context, from Getter, source string) (*Result, error) {
	c, err := j.begin(WithoutUser(source))
	if err != nil {
		return nil, err
	}
	answer, err := c.ask(ctx, from, source, "the registry is much smaller: is the address right?")
	if err != nil {
		return nil, err
	}
	if answer.NotModified || c.found && digest(answer.Body) == c.newest.SHA256 {
		return c.unchanged(ctx)
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
	v, added, err := j.Store.Put(snapshots.Edition{
		Bytes: answer.Body, Seen: seen, Source: c.now.Source, ETag: answer.ETag, LastModified: answer.LastModified, Note: note, Content: d.content,
	})
	switch {
	case err != nil:
		return nil, err
	case !added: // the same table in another form of file
		return c.unchanged(ctx)
	}
	r := &Result{Outcome: snapshots.Changed, Version: v}
	if d, is := d.content.(*ports.Decoded); is {
		r.Table = d.Table
	}
	if err := j.lookBack(ctx, r); err != nil {
		return nil, err
	}
	if err := j.keepStylesheet(ctx, from, source); err != nil {
		return nil, err
	}
	return r, c.record(snapshots.Changed)
}

// stalledAfter is the time without any change after which a source is probably no longer updated. IANA changes the registry
// every few days; the longest gap seen is a few weeks.
const stalledAfter = 120 * 24 * time.Hour

// Stalled returns the age of the newest version in days if it is over 120 days, else 0.
func Stalled(newest snapshots.Version, now time.Time) (days int) {
	if quiet := now.Sub(newest.Seen()); newest.ID != "" && quiet > stalledAfter {
		return int(quiet.Hours() / 24)
	}
	return 0
}

// unchanged records that the newest version is what is served.
func (c *check) unchanged(ctx context.Context) (*Result, error) {
	if err := c.derive(ctx); err != nil { // an earlier run may have been interrupted
		return nil, err
	}
	return &Result{Outcome: snapshots.Unchanged, Version: c.newest}, c.record(snapshots.Unchanged)
}

// lookBack updates the derived files after a new version, and completes the result with its changes.
func (j *Job) lookBack(ctx context.Context, r *Result) error {
	steps, err := Derive(ctx, j.Store, r.Table, j.Progress)
	if err != nil {
		return err
	}
	if r.Event, err = steps[len(steps)-1].Event(); err != nil || r.Event.Previous == "" {
		return err
	}
	r.Previous, err = j.Store.Resolve(r.Event.Previous)
	return err
}

// derive updates the derived files if they are stale.
func (j *Job) derive(ctx context.Context) error {
	if _, found := j.Store.Latest(); !found || !j.Store.DerivedStale() {
		return nil
	}
	_, err := Derive(ctx, j.Store, nil, j.Progress)
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

// begin begins a check of a source, whose name must not contain a password.
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

// ask sends the request, with the validators of the newest version if the last check has them. It records a check without
// an answer.
func (c *check) ask(ctx context.Context, from Getter, url, fixLarge string) (*web.Response, error) {
	answer, err := from.Get(ctx, url, web.Conditions{ETag: c.now.ETag, LastModified: c.now.LastModified})
	switch {
	case errors.Is(err, web.ErrUnreachable):
		return nil, c.unreachable(err)
	case errors.Is(err, web.ErrTooLarge):
		if fault, ok := errors.AsType[*web.Error](err); ok {
			err = fault.Err // without the address, which a rejection has
		}
		return nil, c.reject(&Rejection{Reason: err.Error(), Fix: fixLarge}, &web.Response{})
	case err != nil:
		return nil, err
	}
	c.now.Status, c.answer = answer.Status, answer
	return answer, nil
}

// unreachable records a check without an answer. It returns err.
func (c *check) unreachable(err error) error {
	if fault, ok := errors.AsType[*web.Error](err); ok {
		c.now.Status = fault.Status
	}
	c.now.Refused = c.last.Refused // what was refused is refused still
	return errors.Join(err, c.record(snapshots.Unreachable))
}

// record records the check. After a good one, the next check sends the validators of this answer.
func (c *check) record(o snapshots.Outcome) error {
	if c.now.Outcome = o; o.Good() {
		c.now.ETag, c.now.LastModified = c.answer.ETag, c.answer.LastModified
	}
	return c.Store.SetCheck(c.now)
}

// reject quarantines an answer and records since when it has been served. It returns r.
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
	c.now.Refused = &snapshots.Rejection{Reason: r.Reason, Since: c.now.Checked, Gone: r.gone}
	if len(answer.Body) > 0 {
		c.now.Refused.SHA256 = digest(answer.Body)
	}
	if since, served := c.servedSince(c.now.Refused.SHA256, r.gone); served {
		c.now.Refused.Since = since
	}
	return errors.Join(r, c.record(snapshots.Refused))
}

// servedSince returns since when bytes have been rejected, if the last check rejected them too. What a source answers that has no
// such group may be other bytes each time.
func (c *check) servedSince(sha256 string, gone bool) (since time.Time, served bool) {
	if last := c.last.Refused; last != nil && last.Gone == gone && (gone || last.SHA256 == sha256) {
		return last.Since, true
	}
	return time.Time{}, false
}

// WithoutUser returns the name of a source for messages and the store: a URL without user and password, or a file's name.
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
