package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/health"
	"github.com/ianasync/ianasync/internal/notify"
	"github.com/ianasync/ianasync/internal/schedule"
	"github.com/ianasync/ianasync/internal/source/web"
	"github.com/ianasync/ianasync/internal/sync"
	"github.com/ianasync/ianasync/snapshots"
)

// watchFlags are the flags of watch.
type watchFlags struct {
	sync       syncFlags
	schedule   string
	timezone   string
	jitter     time.Duration
	listen     string
	logFormat  string
	staleAfter time.Duration
	staleGiven bool // not the default, which is longer where the schedule is slow
	publish    publishFlags
}

// defaultStaleAfter is three daily checks that failed.
const defaultStaleAfter = 72 * time.Hour

func (a *app) watchCommand() *cobra.Command {
	var f watchFlags
	cmd := &cobra.Command{
		Use:   "watch",
		Short: "Run sync on a schedule, as a daemon",
		Long: `Stay, and do what sync does at each slot of a schedule; at the start as well, if a slot
passed since the store's last check. What the guard refuses and a source out of reach are
logged, and the next slot is waited for; whatever else goes wrong with a check is tried
again before that, within an hour.

The schedule is a cron spec of five fields (minute, hour, day, month, weekday), @daily,
@weekly or '@every 6h', at most hourly. Each slot is taken up to --jitter later, always
the same time on one machine for one store, so that many spread.

With --publish, what 'ianasync publish' makes is kept up to date in a folder. With --notify,
webhooks are told of each new version, until they have it: see docs/notify.md.

With --listen 127.0.0.1:9397, say, /healthz answers 200, or 503 when no check succeeded
within --stale-after; /metrics is for Prometheus; and the folder that is published in is
served. Logs go to standard error. The store is locked only while a check is at work.

SIGTERM and Ctrl-C stop it, in the middle of anything, with exit status 0. Exit status 2
means that it could not start.`,
		Example: `  ianasync watch
  ianasync watch --schedule '17 5 * * *' --timezone Europe/Berlin --listen 127.0.0.1:9397
  ianasync watch --publish public --base-url https://example.org/ --listen 127.0.0.1:9397`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f.staleGiven = cmd.Flags().Changed("stale-after")
			return a.watch(cmd.Context(), &f)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.schedule, "schedule", "17 5 * * *", "when to check: a cron spec")
	flags.StringVar(&f.timezone, "timezone", "UTC", "the time zone of the schedule")
	flags.DurationVar(&f.jitter, "jitter", 10*time.Minute, "how much later than the schedule a check may be")
	flags.StringVar(&f.listen, "listen", "", "address to serve on: /healthz, /metrics and what is published; default: none")
	flags.StringVar(&f.publish.output, "publish", "", "folder to publish in whenever there is a new version; default: none")
	f.publish.add(flags)
	flags.StringVar(&f.logFormat, "log-format", "text", "form of the logs: text, json")
	flags.DurationVar(&f.staleAfter, "stale-after", defaultStaleAfter, "how long ago the last success may be; by default longer than this where the schedule is slow")
	flags.StringVar(&f.sync.source, "source", a.registry.URL, "where the registry is: a URL or a file")
	f.sync.addPatience(flags)
	f.sync.notify.add(flags)
	_ = cmd.RegisterFlagCompletionFunc("log-format", cobra.FixedCompletions([]string{"text", "json"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// plan returns when to check. It is the first thing that is asked of the flags.
func (f *watchFlags) plan(store string) (*schedule.Plan, error) {
	s, err := schedule.Parse(f.schedule, f.timezone)
	switch {
	case err != nil:
		return nil, err
	case f.jitter < 0:
		return nil, fmt.Errorf("--jitter %s is negative", f.jitter)
	case f.staleAfter <= 0:
		return nil, fmt.Errorf("--stale-after %s is no time", f.staleAfter)
	case f.sync.source == "-":
		return nil, errors.New("standard input can be read only once: --source is a URL or a file")
	case !slices.Contains([]string{"text", "json"}, f.logFormat):
		return nil, fmt.Errorf("--log-format %q is none of text, json", f.logFormat)
	case f.publish.output == "" && (f.publish.base != "" || len(f.publish.notes) > 0):
		return nil, withHint(errors.New("there is no folder to publish in"), "--publish names one")
	}
	return &schedule.Plan{Schedule: s, Jitter: f.jitter, Seed: seed(store)}, f.sync.check()
}

// limit returns how long ago the last success may be. By default one check may fail.
func (f *watchFlags) limit(p *schedule.Plan) (time.Duration, error) {
	longest := p.Schedule.Longest()
	byDefault := max(defaultStaleAfter, 2*longest+p.Jitter)
	switch {
	case !f.staleGiven:
		return byDefault, nil
	case f.staleAfter <= longest:
		return 0, withHint(fmt.Errorf("--stale-after %s is not longer than the %s from one check to the next", f.staleAfter, longest),
			"without it, it is %s", byDefault)
	}
	return f.staleAfter, nil
}

// seed tells this machine and store from others.
func seed(store string) string {
	host, _ := os.Hostname() // a machine without a name is one of few
	if abs, err := filepath.Abs(store); err == nil {
		store = abs
	}
	return host + "\n" + store
}

// watcher is a watch at work.
type watcher struct {
	*app
	flags    *watchFlags
	plan     *schedule.Plan
	limit    time.Duration // how long ago the last success may be
	log      *slog.Logger
	notifier *notify.Notifier
	site     *sitePublisher  // nil where nothing is published
	monitor  *health.Monitor // from begin on
	known    health.Facts    // of the store, when its versions were last seen to
	looked   time.Time       // when others were last looked for that add some
	tellAll  func()          // webhooks, in the background
}

func (a *app) watch(ctx context.Context, f *watchFlags) error {
	w, err := a.newWatcher(f)
	if err != nil {
		return err
	}
	listener, err := listen(ctx, f.listen)
	if err != nil {
		return err
	}
	defer closeListener(listener)
	if err := w.begin(ctx); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	if listener != nil {
		stop := w.serve(listener)
		defer stop()
	}
	w.run(ctx)
	return nil
}

// newWatcher returns a watcher as the flags want it, once they make sense. It touches nothing.
func (a *app) newWatcher(f *watchFlags) (*watcher, error) {
	plan, err := f.plan(a.store)
	if err != nil {
		return nil, err
	}
	limit, err := f.limit(plan)
	if err != nil {
		return nil, err
	}
	notifier, err := a.notifier(&f.sync.notify)
	if err != nil {
		return nil, err
	}
	site, err := a.sitePublisher(&f.publish)
	if err != nil {
		return nil, err
	}
	quiet := *a.world
	quiet.talkTerminal = false
	own := *a
	own.world = &quiet
	w := &watcher{app: &own, flags: f, plan: plan, limit: limit, log: f.logger(a.world), notifier: notifier, site: site}
	own.tell = func(text string) { w.log.Warn(text) }
	notifier.Report = w.logReport
	return w, nil
}

func (f *watchFlags) logger(w *world) *slog.Logger {
	if f.logFormat == "json" {
		return slog.New(slog.NewJSONHandler(w.stderr, nil))
	}
	return slog.New(slog.NewTextHandler(w.stderr, nil))
}

// begin sees that the store can be written to, unless another writer is just doing so, and
// reads what is known of it.
func (w *watcher) begin(ctx context.Context) error {
	s, err := w.openForWriting(ctx, w.flags.sync.wait)
	if err == nil {
		err = s.Close()
	}
	if err != nil && !errors.Is(err, snapshots.ErrLocked) {
		return err
	}
	if w.monitor, err = health.New(w.store, w.limit, w.now); err != nil {
		return err
	}
	w.known = w.monitor.Facts()
	w.notifier.Begin(w.known.Newest.ID)
	return nil
}

// run publishes, checks and tells, until ctx is done.
func (w *watcher) run(ctx context.Context) {
	w.log.Info("started", "store", w.store, "schedule", w.flags.schedule, "timezone", w.flags.timezone)
	w.publish(ctx)
	tellAll, told := w.notifier.Start(ctx)
	w.tellAll = tellAll
	last := w.known.Check.Checked
	if w.known.Check.Ahead(w.now()) { // nobody knows when that was
		last = time.Time{}
	}
	schedule.Run(ctx, w.plan, w, last, w.check)
	told()
	w.log.Info("stopped")
}

// Now and Sleep make a watcher the clock of its schedule.
func (w *watcher) Now() time.Time { return w.now() }

// lookEvery is how often the watcher looks whether others have added versions.
const lookEvery = 5 * time.Minute

// Sleep is the world's. Before it, the watcher sees to the versions that others have added.
func (w *watcher) Sleep(ctx context.Context, d time.Duration) error {
	if now := w.now(); now.Sub(w.looked).Abs() >= lookEvery {
		w.looked = now
		if !w.known.SameVersions(w.monitor.Facts()) {
			w.spread(ctx)
		}
	}
	return w.sleep(ctx, d)
}

// sleep returns after d, or when ctx is done, with its error.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// check is a sync that is logged. It is done unless it failed in a way that says nothing of the source: then it need
// not wait for the next slot.
func (w *watcher) check(ctx context.Context) (done bool) {
	result, err := w.once(ctx)
	if ctx.Err() != nil && err != nil { // interrupted: it did not fail
		return true
	}
	outcome := health.Failed
	refused, isRefused := errors.AsType[*sync.RefusedError](err)
	switch {
	case err == nil:
		outcome = result.Outcome
		w.logResult(ctx, result)
	case isRefused:
		outcome = snapshots.Refused
		w.log.Error("refused", "source", refused.Source, "reason", refused.Reason, "hint", refused.Fix, "kept", refused.File)
	case errors.Is(err, web.ErrUnreachable):
		outcome = snapshots.Unreachable
		w.log.Warn("unreachable", "error", err)
	default:
		w.log.Error("failed", "error", err, "hint", hintOf(err))
	}
	w.monitor.Count(outcome)
	w.spread(ctx)
	return outcome != health.Failed
}

// spread publishes what is in the store, and has the webhooks told of it.
func (w *watcher) spread(ctx context.Context) {
	w.known = w.monitor.Facts()
	w.publish(ctx)
	w.tellAll()
}

// once opens the store, so that its lock is held no longer than need be, and does the job.
func (w *watcher) once(ctx context.Context) (result *sync.Result, err error) {
	store, err := w.openForWriting(ctx, w.flags.sync.wait)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	job, clear := w.job(&w.flags.sync, store)
	defer clear()
	return job.Run(ctx)
}

func (w *watcher) logResult(ctx context.Context, r *sync.Result) {
	about := []slog.Attr{slog.String("version", r.Version.ID), slog.Int("records", r.Version.Records)}
	if r.Table != nil {
		w.warn(r.Version.ID, r.Table)
		about = append(about, slog.String("previous", r.Previous.ID))
		summary := diff.Summary(r.Event.Changes)
		for _, kind := range diff.Kinds {
			if n := summary[kind]; n > 0 {
				about = append(about, slog.Int(string(kind), n))
			}
		}
	}
	w.log.LogAttrs(ctx, slog.LevelInfo, string(r.Outcome), about...)
}
