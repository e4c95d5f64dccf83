package notify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v7"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/snapshots"
)

// mostMissed is how many messages may wait for a webhook. The registry changes some hundred times a year; who
// has heard nothing for so long does better to look.
const mostMissed = 200

// courier tells one webhook.
type courier struct {
	*Notifier
	webhook Webhook
	wake    chan struct{}
}

// run delivers at once and whenever it is woken, until ctx is done.
func (c *courier) run(ctx context.Context) {
	for {
		c.deliver(ctx)
		select {
		case <-ctx.Done():
			return
		case <-c.wake:
		}
	}
}

// deliver tells the webhook what it has not been told.
func (c *courier) deliver(ctx context.Context) {
	if err := c.catchUp(ctx); !stopped(ctx) {
		c.leave(err)
	}
}

// leave reports what keeps the webhook from being told, if anything does.
func (c *courier) leave(err error) {
	if err != nil {
		c.report(Report{Webhook: c.webhook, Outcome: Left, Err: err})
	}
}

// stopped tells whether the process is to end: what fails then says nothing of the webhook.
func stopped(ctx context.Context) bool { return errors.Is(ctx.Err(), context.Canceled) }

func (c *courier) catchUp(ctx context.Context) error {
	unlock, err := c.lock(ctx)
	defer unlock()
	if err != nil {
		return err
	}
	p, _, err := c.progress()
	if err != nil || p.Gone != nil {
		return err
	}
	store, err := snapshots.Open(c.Store)
	if err != nil {
		return err
	}
	newest, _ := store.Latest()
	if p.Told != newest.ID && c.unknown(p.Told) { // what is older than the newest may be old news
		p.Told = snapshots.FormatID(newest.Seen().Add(-time.Second))
	}
	if newest.ID <= p.Told {
		return nil
	}
	missed, err := c.missed(ctx, store, p.Told)
	if err != nil {
		return err
	}
	for i := range missed {
		if more, err := c.tell(ctx, &missed[i]); err != nil || !more {
			return err
		}
	}
	return c.note(progress{Told: newest.ID})
}

// missed returns what to tell of the versions after one, oldest first.
func (c *courier) missed(ctx context.Context, store *snapshots.Store, told string) ([]history.Event, error) {
	past, err := history.Open(ctx, store)
	if err != nil {
		return nil, err
	}
	events, err := past.Since(told, c.wanted)
	if n := len(events) - mostMissed; n > 0 {
		c.report(Report{c.webhook, Skipped, events[n-1].Version.ID, 0, fmt.Errorf("this one and %d before it: the log has them", n-1)})
		events = events[n:]
	}
	return events, err
}

// wanted tells whether a change fits any of the filters.
func (c *courier) wanted(change *diff.Change) bool {
	for _, f := range c.Filters {
		if f.Fits(change) {
			return true
		}
	}
	return len(c.Filters) == 0
}

// tell tells the webhook what one version brought, as often as it takes, and notes that it is done with it. It says
// whether to go on with the next.
func (c *courier) tell(ctx context.Context, e *history.Event) (more bool, err error) {
	m, err := c.message(e)
	if err != nil {
		return false, err
	}
	r := Report{Webhook: c.webhook, Version: e.Version.ID, Outcome: Told, Err: c.send(ctx, m)}
	if r.Err != nil {
		r.Outcome = Left
	}
	if no, ok := errors.AsType[answerError](r.Err); ok && no.outcome != Later {
		r.Outcome = no.outcome
	}
	done := progress{Told: e.Version.ID}
	switch r.Outcome {
	case Left:
		if !stopped(ctx) {
			c.report(r)
		}
		return false, nil
	case Gone:
		now := c.Now().UTC().Truncate(time.Second)
		done.Gone = &now
		c.tellGone(now)
	default:
		c.report(r)
	}
	return r.Outcome != Gone, c.note(done)
}

func (c *courier) tellGone(since time.Time) {
	c.report(Report{Webhook: c.webhook, Outcome: Gone, Err: fmt.Errorf(
		"it answered 410 Gone on %s and is told nothing more; without the file %s it is again", since.Format(time.DateOnly), c.file(".json"))})
}

// send sends a message until it arrives, is not wanted, or ctx is done. The error is that of the last try.
func (c *courier) send(ctx context.Context, m message) error {
	var last error
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		last = c.try(ctx, m)
		return struct{}{}, c.verdict(ctx, last)
	},
		backoff.WithMaxElapsedTime(0), // the context bounds it, or nothing does
		backoff.WithBackOff(&backoff.ExponentialBackOff{
			InitialInterval: cmp.Or(c.BackOff, time.Second), MaxInterval: c.longestPause(), Multiplier: 2, RandomizationFactor: 0.5,
		}),
		backoff.WithNotify(func(_ error, wait time.Duration) {
			c.report(Report{c.webhook, Later, m.version, wait, last})
		}),
	)
	if err == nil {
		return nil
	}
	return last
}

// verdict is what came of a try in the terms of the retry loop.
func (c *courier) verdict(ctx context.Context, err error) error {
	answer, answered := errors.AsType[answerError](err)
	switch deadline, bounded := ctx.Deadline(); {
	case !answered || answer.outcome == Later && answer.after == 0:
		return err
	case answer.outcome != Later:
		return backoff.Permanent(err)
	case bounded && time.Until(deadline) < answer.after:
		return backoff.Permanent(err)
	}
	return backoff.RetryAfter(answer.after, err)
}
