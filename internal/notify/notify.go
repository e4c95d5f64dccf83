// Package notify sends a message about each new version to webhooks, at least once and in order.
//
// There is no queue beside the store. A message is made from the stored version each time it is sent, and the only state
// that has to survive a restart is the last version that each webhook received: a file of one line in the store's folder
// notify, named by a digest of the webhook's URL. So no message can be lost between storing a version and queueing it,
// pending messages take no space however long a webhook is down, and no file contains a URL or a message.
//
// A URL may be a secret: with that of a Slack channel, everybody can write there. It is sent to its own host only; logs and
// errors contain its scheme and host alone. Redirects are not followed.
//
// Where a webhook fails, its message is retried with growing pauses, and later messages wait. The same applies where it
// refuses, because a token that expired must not lose alarms. A message is given up only where the response says that the
// message is at fault; after 410 Gone the webhook receives nothing more.
package notify

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

// Notifier sends messages about the versions of a store to webhooks.
type Notifier struct {
	Registry *ports.Registry
	Store    string // the store's folder
	Webhooks []Webhook
	Filters  []Filter // messages have the changes that match any of them; all changes if empty
	Secret   []byte   // key of the messages' signatures, see [ParseSecret]; messages are not signed if empty
	Now      func() time.Time

	// Report is called with each result, by one goroutine at a time.
	Report func(Delivery)

	// Timeout bounds a try. Default 15 s.
	Timeout time.Duration
	// BackOff is the pause after the first failure; each further one is twice as long, up to MaxBackOff, give or
	// take half of it. Defaults 1 s and 1 h.
	BackOff, MaxBackOff time.Duration

	mu sync.Mutex // of Report
}

// Outcome is the result of sending a message.
type Outcome string

// The outcomes.
const (
	Delivered Outcome = "delivered"      // the webhook accepted it
	Later     Outcome = "trying again"   // it failed, and is tried again after a pause
	Left      Outcome = "left for later" // it failed, and is tried again in the next run
	GivenUp   Outcome = "given up"       // the webhook rejected the message itself
	Skipped   Outcome = "skipped"        // too many were pending; older ones are not sent
	Gone      Outcome = "gone"           // the webhook answered 410 and receives no more
)

// Delivery is the result of sending one version's message to one webhook.
type Delivery struct {
	Webhook Webhook
	Outcome Outcome
	Version string        // id; empty where the result is about no single version
	Wait    time.Duration // before the next try, for Later
	Err     error         // the reason, for all outcomes but Delivered
}

// String returns the delivery as one line.
func (r Delivery) String() string {
	s := r.Webhook.String()
	if r.Version != "" {
		s += ": version " + r.Version
	}
	s += ": " + string(r.Outcome)
	if r.Outcome == Later {
		s += " in " + r.Wait.Round(time.Second/10).String()
	}
	if r.Err != nil {
		s += fmt.Sprintf(" (%v)", r.Err)
	}
	return s
}

// Attrs returns the delivery's values for a structured log, except the outcome.
func (r Delivery) Attrs() []slog.Attr {
	about := []slog.Attr{slog.String("webhook", r.Webhook.String())}
	if r.Version != "" {
		about = append(about, slog.String("version", r.Version))
	}
	if r.Outcome == Later {
		about = append(about, slog.Duration("wait", r.Wait.Round(time.Second/10)))
	}
	if r.Err != nil {
		about = append(about, slog.String("error", r.Err.Error()))
	}
	return about
}

func (n *Notifier) report(r Delivery) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.Report(r)
}

func (n *Notifier) timeout() time.Duration { return cmp.Or(n.Timeout, 15*time.Second) }

func (n *Notifier) longestPause() time.Duration { return cmp.Or(n.MaxBackOff, time.Hour) }

// Begin records, for each webhook without progress, that the versions already stored, or all before now where there are
// none, are not to be sent. It must be called before a new version may be stored. Errors of one webhook are reported and
// do not affect the others.
func (n *Notifier) Begin(newest string) {
	for _, w := range n.workers() {
		p, found, err := w.readProgress()
		switch {
		case err != nil: // Deliver reports it, each time
		case p.Gone != nil:
			w.reportGone(*p.Gone)
		case !found || w.isUnknown(p.Delivered):
			w.reportLeft(w.saveProgress(progress{Delivered: cmp.Or(newest, snapshots.FormatID(n.Now()))}))
		}
	}
}

// Deliver sends all webhooks the messages that they have not received, until all are sent or ctx is done.
func (n *Notifier) Deliver(ctx context.Context) {
	var workers sync.WaitGroup
	for _, w := range n.workers() {
		workers.Go(func() { w.deliverAll(ctx) })
	}
	workers.Wait()
}

// Start runs [Notifier.Deliver] in the background, at once and each time wake is called, until ctx is done. After that,
// wait returns soon.
func (n *Notifier) Start(ctx context.Context) (wake, wait func()) {
	workers := n.workers()
	var running sync.WaitGroup
	for _, w := range workers {
		running.Go(func() { w.run(ctx) })
	}
	wake = func() {
		for _, w := range workers {
			select {
			case w.wake <- struct{}{}:
			default: // a run is due already
			}
		}
	}
	return wake, running.Wait
}

func (n *Notifier) workers() []*worker {
	list := make([]*worker, len(n.Webhooks))
	for i, w := range n.Webhooks {
		list[i] = &worker{Notifier: n, webhook: w, wake: make(chan struct{}, 1)}
	}
	return list
}
