// Package notify tells webhooks of new versions: each of them at least once, in order.
//
// The store is the spool. A message is made from the version that it is about whenever it is sent, and all
// that has to survive a restart is up to which version each webhook has been told. That is a file of a line
// in the store's folder notify, named by a digest of the webhook's address. So nothing can be lost between a version's
// storing and the noting of whom to tell of it, what waits takes no room however long a webhook is down, and
// neither an address nor a message lies about.
//
// An address may be a secret: whoever has that of a Slack channel may write there. It is sent to its own host
// and nowhere else; what is said of a webhook names its scheme and host alone. Redirects are not followed.
//
// A webhook that fails is asked again, ever more slowly, and its later messages wait. So is one that says no: for a token
// that ran out or a door that was closed by mistake, no alarm is to be lost. A message is given up only where the answer
// says that the message is at fault, and with 410 Gone the webhook is told nothing more.
package notify

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/snapshots"
)

// Notifier tells webhooks of the versions of a store.
type Notifier struct {
	Registry *registry.Registry
	Store    string // the store's folder
	Webhooks []Webhook
	Filters  []Filter // only changes that fit one of them are told; all where there is none
	Secret   []byte   // what messages are signed with; not signed where empty
	Now      func() time.Time

	// Report is told what comes of it, by one goroutine at a time.
	Report func(Report)

	// Timeout bounds a try. Default 15 s.
	Timeout time.Duration
	// BackOff is the pause after the first failure; each further one is twice as long, up to MaxBackOff, give or
	// take half of it. Defaults 1 s and 1 h.
	BackOff, MaxBackOff time.Duration

	mu sync.Mutex // of Report
}

// Outcome is what came of telling a webhook.
type Outcome string

// The outcomes.
const (
	Told    Outcome = "told"           // it has the message
	Later   Outcome = "trying again"   // it failed, and is asked again after a pause
	Left    Outcome = "left for later" // it failed, and the next run asks again
	GivenUp Outcome = "given up"       // it says that the message is at fault
	Skipped Outcome = "skipped"        // it had missed so many that older ones are not told
	Gone    Outcome = "gone"           // it wants no more messages, and gets none
)

// Report is what came of telling a webhook of a version.
type Report struct {
	Webhook Webhook
	Outcome Outcome
	Version string        // its id; empty where it is about none
	Wait    time.Duration // before the next try, for Later
	Err     error         // why, for all but Told
}

// String says it in a line.
func (r Report) String() string {
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

// Attrs says the same for a structured log, but for the outcome.
func (r Report) Attrs() []slog.Attr {
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

func (n *Notifier) report(r Report) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.Report(r)
}

func (n *Notifier) timeout() time.Duration { return cmp.Or(n.Timeout, 15*time.Second) }

func (n *Notifier) longestPause() time.Duration { return cmp.Or(n.MaxBackOff, time.Hour) }

// Begin notes, for each webhook that is new, that it need not be told of what the store has already, nor of what lies
// before now. It is called before a version may come. Whatever is wrong with a webhook, it holds up nothing else.
func (n *Notifier) Begin(newest string) {
	for _, c := range n.couriers() {
		p, found, err := c.progress()
		switch {
		case err != nil: // Deliver reports it, each time
		case p.Gone != nil:
			c.tellGone(*p.Gone)
		case !found || c.unknown(p.Told):
			c.leave(c.note(progress{Told: cmp.Or(newest, snapshots.FormatID(n.Now()))}))
		}
	}
}

// Deliver tells all webhooks what they have not been told, until that is done or ctx is.
func (n *Notifier) Deliver(ctx context.Context) {
	var couriers sync.WaitGroup
	for _, c := range n.couriers() {
		couriers.Go(func() { c.deliver(ctx) })
	}
	couriers.Wait()
}

// Start is Deliver in the background: at once, and whenever wake is called, until ctx is done. Then
// wait returns soon.
func (n *Notifier) Start(ctx context.Context) (wake, wait func()) {
	couriers := n.couriers()
	var running sync.WaitGroup
	for _, c := range couriers {
		running.Go(func() { c.run(ctx) })
	}
	wake = func() {
		for _, c := range couriers {
			select {
			case c.wake <- struct{}{}:
			default: // it will look anyway
			}
		}
	}
	return wake, running.Wait
}

func (n *Notifier) couriers() []*courier {
	list := make([]*courier, len(n.Webhooks))
	for i, w := range n.Webhooks {
		list[i] = &courier{Notifier: n, webhook: w, wake: make(chan struct{}, 1)}
	}
	return list
}
