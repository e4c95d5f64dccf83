// Package watch is the daemon: it syncs a store at the slots of a schedule, publishes new versions, notifies webhooks of
// them, and serves the state of the store over HTTP.
//
// A check syncs the store as a run of sync does: the store is open, and locked, for that long only, so that others can
// write to it in between. What they add is seen within [lookEvery]. After each check, and whenever others added
// versions, the store is published first and webhooks are notified second.
//
// A refusal and a source out of reach are outcomes of a check: they are logged and counted, and the next slot comes. Any
// other failure (a full disk, a store that another writer holds) says nothing of the source, so that the check is tried
// again before the next slot: see [schedule.Run]. What fails after a check (publishing, a webhook) holds up no check, and is
// tried again after the next one.
package watch

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"net"
	"time"

	"github.com/ianasync/ianasync/internal/health"
	"github.com/ianasync/ianasync/internal/notify"
	"github.com/ianasync/ianasync/internal/publish"
	"github.com/ianasync/ianasync/internal/schedule"
	"github.com/ianasync/ianasync/internal/sync"
	"github.com/ianasync/ianasync/snapshots"
)

// Daemon is a watch of one store.
type Daemon struct {
	Groups   []string // the ids of the groups that are synced
	Store    string   // folder
	Plan     *schedule.Plan
	Clock    schedule.Clock
	Wait     time.Duration // for another writer of the store, at the start
	Rule     health.Rule   // when a group is stale
	Log      *slog.Logger
	Notifier *notify.Notifier // without webhooks it does nothing

	// Started are what the first log line says besides the store.
	Started []any
	// Group returns the description of a group.
	Group func(id string) snapshots.Group
	// Sync syncs the groups, and yields what came of each. An error, which says nothing of the source, is the last.
	Sync func(ctx context.Context) iter.Seq2[sync.Checked, error]
	// Folder is what Publish publishes in. Both are zero where nothing is published.
	Folder  publish.Folder
	Publish func(ctx context.Context) (publish.Written, error)
	// Listener, if not nil, takes the requests that are answered.
	Listener net.Listener
	// Hint returns what to do about an error, for the log; empty where nothing is known.
	Hint func(error) string

	health    *health.Server  // from begin on
	known     health.Statuses // of the store, when its versions were last looked at
	published health.Statuses // of the store that was published last
	looked    time.Time       // when others' versions were last looked for
	wake      func()          // the webhooks
}

// Run runs until ctx is done, which is no error. The error is why it could not start.
func (d *Daemon) Run(ctx context.Context) error {
	if err := d.begin(ctx); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	if d.Listener != nil {
		stop := d.serve()
		defer stop()
	}
	d.loop(ctx)
	return nil
}

// begin checks that the store can be written to, unless another writer is at work, and reads what is known of it.
func (d *Daemon) begin(ctx context.Context) error {
	s, err := snapshots.OpenForWriting(ctx, d.Store, d.Group(d.Groups[0]), d.Wait)
	if err == nil {
		err = s.Close()
	}
	if err != nil && !errors.Is(err, snapshots.ErrLocked) {
		return err
	}
	open := func(id string) (*snapshots.Store, error) { return snapshots.Open(d.Store, d.Group(id)) }
	if d.health, err = health.New(d.Store, d.Groups, open, d.Rule, d.Clock.Now); err != nil {
		return err
	}
	d.known = d.health.Statuses()
	d.Notifier.Begin(d.known.Newest().ID)
	return nil
}

// loop publishes, notifies and checks, until ctx is done.
func (d *Daemon) loop(ctx context.Context) {
	d.Log.Info("started", append([]any{"store", d.Store}, d.Started...)...)
	d.publish(ctx)
	wake, wait := d.Notifier.Start(ctx)
	d.wake = wake
	schedule.Run(ctx, d.Plan, polledClock{d}, d.known.Checked(d.Clock.Now(), d.Rule), d.check)
	wait()
	d.Log.Info("stopped")
}

// lookEvery is how often the daemon looks for versions that others have added.
const lookEvery = 5 * time.Minute

// polledClock is the clock of a daemon's schedule. Before it sleeps it looks for versions that others have added.
type polledClock struct{ *Daemon }

// Now returns the time of the daemon's clock.
func (l polledClock) Now() time.Time { return l.Clock.Now() }

// Sleep looks for versions if [lookEvery] has passed, and then sleeps as the daemon's clock does.
func (l polledClock) Sleep(ctx context.Context, d time.Duration) error {
	if now := l.Now(); now.Sub(l.looked).Abs() >= lookEvery {
		l.looked = now
		if !l.known.SameVersions(l.health.Statuses()) {
			l.distribute(ctx)
		}
	}
	return l.Clock.Sleep(ctx, d)
}

// distribute publishes the store, and wakes the workers of the webhooks.
func (d *Daemon) distribute(ctx context.Context) {
	d.known = d.health.Statuses()
	d.publish(ctx)
	d.wake()
}

// publish publishes the store if it has other versions than what was published last. A failure is logged, and the next
// check tries again.
func (d *Daemon) publish(ctx context.Context) {
	if d.Publish == nil || d.known.Newest().ID == "" || d.known.SameVersions(d.published) {
		return
	}
	written, err := d.Publish(ctx)
	switch {
	case err == nil:
		d.published = d.known
		d.Log.Info("published", "folder", d.Folder, "version", d.known.Newest().ID, "files", written.Files, "written", written.Changed, "removed", written.Removed)
	case ctx.Err() == nil:
		d.Log.Error("not published", "folder", d.Folder, "error", err, "hint", d.Hint(err))
	}
}

// LogReport logs what came of telling a webhook.
func (d *Daemon) LogReport(r notify.Delivery) {
	level := slog.LevelWarn
	if r.Outcome == notify.Delivered {
		level = slog.LevelInfo
	}
	d.Log.LogAttrs(context.Background(), level, "notification "+string(r.Outcome), r.Attrs()...)
}
