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
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/snapshots"
)

// maxPending is the number of messages that may wait for a webhook. The registry changes some hundred times a year, so a
// webhook that is two years behind is better served by the log.
const maxPending = 200

// worker delivers to one webhook.
type worker struct {
	*Notifier
	webhook Webhook
	wake    chan struct{}
}

// run delivers at once and each time it is woken, until ctx is done.
func (w *worker) run(ctx context.Context) {
	for {
		w.deliverAll(ctx)
		select {
		case <-ctx.Done():
			return
		case <-w.wake:
		}
	}
}

// deliverAll sends the webhook all messages that it has not received.
func (w *worker) deliverAll(ctx context.Context) {
	if err := w.catchUp(ctx); !stopped(ctx) {
		w.reportLeft(err)
	}
}

// reportLeft reports an error that stopped delivery until the next run; it is a no-op if err is nil.
func (w *worker) reportLeft(err error) {
	if err != nil {
		w.report(Delivery{Webhook: w.webhook, Outcome: Left, Err: err})
	}
}

// stopped reports whether the process is shutting down: errors from then on are not about the webhook.
func stopped(ctx context.Context) bool { return errors.Is(ctx.Err(), context.Canceled) }

func (w *worker) catchUp(ctx context.Context) error {
	unlock, err := w.lock(ctx)
	defer unlock()
	if err != nil {
		return err
	}
	p, _, err := w.readProgress()
	if err != nil || p.Gone != nil {
		return err
	}
	store, err := snapshots.Open(w.Store, portrules.Group{Registry: w.Registry})
	if err != nil {
		return err
	}
	newest, _ := store.Latest()
	if p.Delivered != newest.ID && w.isUnknown(p.Delivered) { // older versions may have been delivered before: only the newest is new for certain
		p.Delivered = snapshots.FormatID(newest.Seen().Add(-time.Second))
	}
	if newest.ID <= p.Delivered {
		return nil
	}
	pending, err := w.pending(ctx, store, p.Delivered)
	if err != nil {
		return err
	}
	for i := range pending {
		if more, err := w.deliver(ctx, &pending[i]); err != nil || !more {
			return err
		}
	}
	return w.saveProgress(progress{Delivered: newest.ID})
}

// pending returns the versions after the given id of which the webhook gets a message, oldest first, each with the changes
// that the filters select. It reports the oldest as skipped where there are more than maxPending.
func (w *worker) pending(ctx context.Context, store *snapshots.Store, delivered string) ([]history.Event, error) {
	past, err := history.Open(ctx, store)
	if err != nil {
		return nil, err
	}
	events, err := past.Since(delivered, w.wanted)
	if n := len(events) - maxPending; n > 0 {
		w.report(Delivery{w.webhook, Skipped, events[n-1].Version.ID, 0, fmt.Errorf("this one and %d before it: the log has them", n-1)})
		events = events[n:]
	}
	return events, err
}

// wanted reports whether a change matches any of the filters, or there is none.
func (w *worker) wanted(change *diff.Change) bool {
	for _, f := range w.Filters {
		if f.Fits(change) {
			return true
		}
	}
	return len(w.Filters) == 0
}

// deliver sends one version's message, retrying, and records progress. It reports whether to continue with the next
// version.
func (w *worker) deliver(ctx context.Context, e *history.Event) (more bool, err error) {
	m, err := w.message(e)
	if err != nil {
		return false, err
	}
	r := Delivery{Webhook: w.webhook, Version: e.Version.ID, Outcome: Delivered, Err: w.send(ctx, m)}
	if r.Err != nil {
		r.Outcome = Left
	}
	if no, ok := errors.AsType[answerError](r.Err); ok && no.outcome != Later {
		r.Outcome = no.outcome
	}
	done := progress{Delivered: e.Version.ID}
	switch r.Outcome {
	case Left:
		if !stopped(ctx) {
			w.report(r)
		}
		return false, nil
	case Gone:
		now := w.Now().UTC().Truncate(time.Second)
		done.Gone = &now
		w.reportGone(now)
	default:
		w.report(r)
	}
	return r.Outcome != Gone, w.saveProgress(done)
}

func (w *worker) reportGone(since time.Time) {
	w.report(Delivery{Webhook: w.webhook, Outcome: Gone, Err: fmt.Errorf(
		"it answered 410 Gone on %s and receives no more messages; remove the file %s to start again", since.Format(time.DateOnly), w.file(".json"))})
}

// send tries to send a message until it is accepted or rejected for good, or ctx is done. It returns the last try's error.
func (w *worker) send(ctx context.Context, m message) error {
	var last error
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		last = w.try(ctx, m)
		return struct{}{}, w.retryError(ctx, last)
	},
		backoff.WithMaxElapsedTime(0), // the context bounds it, or nothing does
		backoff.WithBackOff(&backoff.ExponentialBackOff{
			InitialInterval: cmp.Or(w.BackOff, time.Second), MaxInterval: w.longestPause(), Multiplier: 2, RandomizationFactor: 0.5,
		}),
		backoff.WithNotify(func(_ error, wait time.Duration) {
			w.report(Delivery{w.webhook, Later, m.version, wait, last})
		}),
	)
	if err == nil {
		return nil
	}
	return last
}

// retryError converts the error of a try into what the retry loop expects: permanent, to be retried after a given pause, or
// to be retried after the usual one.
func (w *worker) retryError(ctx context.Context, err error) error {
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
