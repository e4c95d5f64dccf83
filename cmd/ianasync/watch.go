package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/ianasync/ianasync/internal/groups"
	"github.com/ianasync/ianasync/internal/health"
	"github.com/ianasync/ianasync/internal/publish"
	"github.com/ianasync/ianasync/internal/schedule"
	"github.com/ianasync/ianasync/internal/sync"
	"github.com/ianasync/ianasync/internal/watch"
)

// watchFlags holds the flags of watch.
type watchFlags struct {
	sync        syncFlags
	schedule    string
	timezone    string
	jitter      time.Duration
	listen      string
	logFormat   string
	staleAfter  time.Duration
	staleGiven  bool // on the command line
	sourceGiven bool // likewise
	publish     publishFlags
}

// defaultStaleAfter tolerates two failed daily checks.
const defaultStaleAfter = 72 * time.Hour

func (a *app) watchCommand() *cobra.Command {
	var f watchFlags
	cmd := &cobra.Command{
		Use:   "watch",
		Short: "Run sync on a schedule, as a daemon",
		Long: `Run until stopped, and sync at each slot of a schedule; at the start as well, if a slot
passed since the store's last check. A refusal by the guard and an unreachable source are
logged, and the next check is that of the next slot; any other failure is tried again
earlier, within an hour.

The schedule is a cron spec of five fields (minute, hour, day, month, weekday), @daily,
@weekly or '@every 6h', at most hourly. Each check is delayed by up to --jitter, always by
the same time on one machine for one store, so that several machines spread out.

With --publish, the files of 'ianasync publish' are kept up to date in a folder. With
--notify, each new version is sent to webhooks until they accept it: see docs/notify.md.

-r syncs other registry groups, as 'ianasync sync -r' does: at each slot all of them, one
after another. --all syncs every one, as 'ianasync sync --all' does: a group in which nothing
changed for a month, or that was withdrawn, once a week. With several groups, /healthz answers
for the worst of them, and lines of the log and metrics name the group. --publish needs the
service names among them; --notify is for the service names alone.

With --listen, 127.0.0.1:9397 for example, /healthz answers 200, or 503 if no check
succeeded within --stale-after (with --all, of groups that are checked once a week, a week
later; a withdrawn group does not count); /metrics answers Prometheus; all other paths serve the
published folder. Logs go to standard error. The store is locked during checks only.

SIGTERM and Ctrl-C stop the daemon at any moment, with exit status 0. Exit status 2
means that it could not start.`,
		Example: `  ianasync watch
  ianasync watch --all --listen 127.0.0.1:9397
  ianasync watch --schedule '17 5 * * *' --timezone Europe/Berlin --listen 127.0.0.1:9397
  ianasync watch --publish public --base-url https://example.org/ --listen 127.0.0.1:9397`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f.staleGiven, f.sourceGiven = cmd.Flags().Changed("stale-after"), cmd.Flags().Changed("source")
			return a.watch(cmd.Context(), &f)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.schedule, "schedule", "17 5 * * *", "times of the checks: a cron spec")
	flags.StringVar(&f.timezone, "timezone", "UTC", "time zone of the schedule")
	flags.DurationVar(&f.jitter, "jitter", 10*time.Minute, "longest delay of a check after its slot")
	flags.StringVar(&f.listen, "listen", "", "address to serve /healthz, /metrics and the published folder on; default: none")
	flags.StringVar(&f.publish.output, "publish", "", "folder to publish each new version in; default: none")
	f.publish.add(flags)
	flags.StringVar(&f.logFormat, "log-format", "text", "format of the logs: text, json")
	flags.DurationVar(&f.staleAfter, "stale-after", defaultStaleAfter, "tolerate failures for this long after the last successful check; the default is longer for a slow schedule")
	flags.StringVar(&f.sync.source, "source", a.registry.URL, "URL or file of the registry; of several groups the address below which they are")
	flags.StringSliceVarP(&f.sync.groups.registries, "registry", "r", nil, "the registry groups to sync, with commas or repeated (default: the service names)")
	flags.BoolVar(&f.sync.groups.all, "all", false, "sync every registry group that IANA publishes as XML")
	cmd.MarkFlagsMutuallyExclusive("registry", "all")
	f.sync.addPatience(flags)
	f.sync.notify.add(flags)
	_ = cmd.RegisterFlagCompletionFunc("registry", a.completeGroups)
	_ = cmd.RegisterFlagCompletionFunc("log-format", cobra.FixedCompletions([]string{"text", "json"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// plan checks the flags and returns the plan of the checks.
func (f *watchFlags) plan(store string) (*schedule.Plan, error) {
	s, err := schedule.Parse(f.schedule, f.timezone)
	switch {
	case err != nil:
		return nil, err
	case f.jitter < 0:
		return nil, fmt.Errorf("--jitter must not be negative: %s", f.jitter)
	case f.staleAfter <= 0:
		return nil, fmt.Errorf("--stale-after must be positive: %s", f.staleAfter)
	case f.sync.source == "-":
		return nil, withHint(errors.New("--source must not be -: standard input can be read only once"), "give a URL or a file")
	case !slices.Contains([]string{"text", "json"}, f.logFormat):
		return nil, fmt.Errorf("--log-format %q is none of text, json", f.logFormat)
	case f.sync.groups.given() && len(f.sync.notify.webhooks) > 0:
		return nil, withHint(errors.New("--notify is for the service names alone"), "leave out --registry and --all")
	case f.publish.output != "" && !slices.Contains(f.sync.groups.ids(), groups.ServiceNames):
		return nil, withHint(errors.New("--publish needs the service names"), "add %s to --registry", groups.ServiceNames)
	case f.publish.output == "" && (f.publish.base != "" || len(f.publish.notes) > 0):
		return nil, withHint(errors.New("--base-url and --notes need --publish"), "give the folder to publish in with --publish")
	}
	if err := checkGroups(f.sync.groups.registries); err != nil {
		return nil, err
	}
	return &schedule.Plan{Schedule: s, Jitter: f.jitter, Seed: seed(store)}, f.sync.check()
}

// limit returns how long ago the last successful check may be. The default tolerates one failed check.
func (f *watchFlags) limit(p *schedule.Plan) (time.Duration, error) {
	longest := p.Schedule.Longest()
	byDefault := max(defaultStaleAfter, 2*longest+p.Jitter)
	switch {
	case !f.staleGiven:
		return byDefault, nil
	case f.staleAfter <= longest:
		return 0, withHint(fmt.Errorf("--stale-after must be longer than the longest time between two checks, %s: %s", longest, f.staleAfter),
			"the default for this schedule is %s", byDefault)
	}
	return f.staleAfter, nil
}

// seed identifies this machine and store.
func seed(store string) string {
	host, _ := os.Hostname() // without a name the store alone identifies it
	if abs, err := filepath.Abs(store); err == nil {
		store = abs
	}
	return host + "\n" + store
}

func (a *app) watch(ctx context.Context, f *watchFlags) error {
	d, err := a.daemon(f)
	if err != nil {
		return err
	}
	if d.Listener, err = listen(ctx, f.listen); err != nil {
		return err
	}
	if d.Listener != nil {
		defer func() { _ = d.Listener.Close() }() // the server may have closed it
	}
	return d.Run(ctx)
}

// daemon checks the flags and returns the daemon that they describe. It writes nothing.
func (a *app) daemon(f *watchFlags) (*watch.Daemon, error) {
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
	to, err := a.destination(&f.publish)
	if err != nil {
		return nil, err
	}
	log := f.logger(a.world)
	own := a.logging(log)
	f.sync.groups.rate = defaultRate
	ids, err := a.groupsOf(&f.sync.groups)
	if err != nil {
		return nil, err
	}
	d := &watch.Daemon{
		Groups: ids, Group: a.anyGroup, Store: a.store, Plan: plan, Wait: f.sync.wait, Rule: health.Rule{Limit: limit, Weekly: f.sync.groups.all}, Log: log, Notifier: notifier,
		Started: []any{"schedule", f.schedule, "timezone", f.timezone}, Hint: hintOf, Clock: clock{a.world},
		Sync: func(ctx context.Context) iter.Seq2[sync.Checked, error] {
			return own.checks(ctx, &f.sync, f.sourceGiven)
		},
	}
	notifier.Report = d.LogReport
	if to != nil {
		if err := to.folder.Check(); err != nil {
			return nil, fmt.Errorf("--publish: %w", err)
		}
		d.Folder = to.folder
		d.Publish = func(ctx context.Context) (publish.Written, error) { return own.publishNow(ctx, to) }
	}
	return d, nil
}

// logging returns an app whose messages go to a log, and which draws no progress bars.
func (a *app) logging(log *slog.Logger) *app {
	own, world := *a, *a.world
	world.talkTerminal = false
	own.world = &world
	own.talk = func(text string) { log.Warn(text) }
	return &own
}

func (f *watchFlags) logger(w *world) *slog.Logger {
	if f.logFormat == "json" {
		return slog.New(slog.NewJSONHandler(w.stderr, nil))
	}
	return slog.New(slog.NewTextHandler(w.stderr, nil))
}

// listen listens on an address. The listener is nil if the address is empty.
func listen(ctx context.Context, address string) (net.Listener, error) {
	if address == "" {
		return nil, nil
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, withHint(fmt.Errorf("--listen: %w", err), "give another address, for example 127.0.0.1:9397, or 127.0.0.1:0 for any free port")
	}
	return l, nil
}

// clock is the world's clock as a [schedule.Clock].
type clock struct{ *world }

// Now returns the time on the wall.
func (c clock) Now() time.Time { return c.now() }

// Sleep sleeps for about d, until ctx is done at most.
func (c clock) Sleep(ctx context.Context, d time.Duration) error { return c.sleep(ctx, d) }

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
