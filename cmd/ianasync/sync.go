package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/groups"
	"github.com/ianasync/ianasync/internal/health"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/render"
	"github.com/ianasync/ianasync/internal/source/web"
	"github.com/ianasync/ianasync/internal/sync"
	"github.com/ianasync/ianasync/snapshots"
)

// syncFlags are the flags of sync.
type syncFlags struct {
	source  string
	accept  bool
	wait    time.Duration
	timeout time.Duration
	tries   int
	format  string
	silence time.Duration // how long an unreachable source is tolerated
	notify  notifyFlags
	groups  groupFlags
}

func (a *app) syncCommand() *cobra.Command {
	var f syncFlags
	cmd := &cobra.Command{
		Use:   "sync",
		Short: "Fetch the registry, store it if it is new, and report what changed",
		Long: `Fetch the registry. If its bytes differ from those of the newest version, store them as
a new version, print what changed, and update CHANGELOG.md, the newest table and the
lists of changes in the store's folder.

The guard accepts an answer only if it is the registry, whole and plausible:

  - status 200, the registry's header, a last row with all its fields and a line end;
  - no unknown columns, and at most 5 more problems than the version before;
  - enough records, and nearly every port covered;
  - the last record of the version before, at most 2 % of the assigned records gone or
    new, and at most 5 % altered (more if the version before is over a year old);
  - not the records of an older version, or all but a few of them: a rollback.

An answer that fails only the last two is stored once it has been served for a day, with
the time at which it was first seen. What is refused is kept in the store's quarantine,
and the exit status is 3. --accept stores it at once, but never a page that is not the
registry, or a file that was cut off inside a row.

-r syncs other registry groups, and --all every one that IANA publishes as XML: one after
another over one connection, at most --rate requests a second. With --all, groups that the
store has and IANA's list does not are asked for as well, a group in which nothing changed
for a month is asked for once a week, and a run that was interrupted goes on where it
stopped. A group that is refused or does not answer, or whose store is damaged, does not stop
the others; the exit status is the worst. With --all, an answer of 404 or 410, or a redirect
in the XML, is refused for a day; after that the group is withdrawn if others have been served
there since: it is asked for once a week, and the exit status does not depend on it. --source
is then the address below which the groups are, as GROUP/GROUP.xml; of one group, that of its
file, unless it ends in a slash. After a new version the group's stylesheet is fetched as
well, GROUP.xsl, for the labels of columns.

With --notify, webhooks receive a message for each new version: see docs/notify.md. The
next run retries one that does not answer; the exit status does not depend on it.

Exit status: 0 done, whether or not there was anything new, 2 failure, 3 refused,
4 the source is out of reach (try later); with --stale-after 72h, for example, only if the
last successful check is longer ago than that.`,
		Example: `  ianasync sync
  ianasync sync --store ports --format json
  ianasync sync --stale-after 72h
  ianasync sync -r tls-parameters,http-status-codes
  ianasync sync --all
  curl -s URL | ianasync sync --source -`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.groups.check(); err != nil {
				return err
			}
			if !f.groups.given() {
				return a.sync(cmd.Context(), &f)
			}
			for _, name := range []string{"notify", "stale-after"} {
				if cmd.Flags().Changed(name) {
					return withHint(fmt.Errorf("--%s is for the service names alone", name), "leave out --registry and --all")
				}
			}
			if err := f.check(); err != nil {
				return err
			}
			return a.syncGroups(cmd.Context(), &f, cmd.Flags().Changed("source"))
		},
	}
	formatFlag(cmd, &f.format, "text", "json")
	a.syncFlags(cmd.Flags(), &f)
	cmd.Flags().DurationVar(&f.silence, "stale-after", 0, "tolerate an unreachable source for this long after the last successful check")
	f.notify.add(cmd.Flags())
	f.groups.add(cmd.Flags())
	_ = cmd.RegisterFlagCompletionFunc("registry", a.completeGroups)
	cmd.MarkFlagsMutuallyExclusive("registry", "all")
	cmd.Flags().DurationVar(&f.notify.wait, "notify-wait", 30*time.Second, "time limit for notifying webhooks; the next run notifies the rest")
	return cmd
}

// syncFlags adds the flags for the source and the guard.
func (a *app) syncFlags(flags *pflag.FlagSet, f *syncFlags) {
	flags.StringVar(&f.source, "source", a.registry.URL, "source of the registry: a URL, a file, or - for standard input")
	flags.BoolVar(&f.accept, "accept", false, "also store an implausible answer: a rollback, a mass change, many problems")
	f.addPatience(flags)
}

// addPatience adds the flags for time limits and tries.
func (f *syncFlags) addPatience(flags *pflag.FlagSet) {
	flags.DurationVar(&f.wait, "wait", 10*time.Second, "time to wait for another writer of the store")
	flags.DurationVar(&f.timeout, "timeout", 10*time.Minute, "time limit for the fetch, including all tries")
	flags.IntVar(&f.tries, "tries", defaultTries, "number of requests to an unreachable source")
}

func (f *syncFlags) check() error {
	switch {
	case f.tries < 1:
		return errors.New("--tries must be at least 1")
	case f.timeout <= 0:
		return fmt.Errorf("--timeout must be positive: %s", f.timeout)
	case f.wait < 0:
		return fmt.Errorf("--wait must not be negative: %s", f.wait)
	case f.silence < 0:
		return fmt.Errorf("--stale-after must not be negative: %s", f.silence)
	case f.notify.wait < 0:
		return fmt.Errorf("--notify-wait must not be negative: %s", f.notify.wait)
	}
	return nil
}

func (a *app) sync(ctx context.Context, f *syncFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	notifier, err := a.notifier(&f.notify)
	if err != nil {
		return err
	}
	store, err := a.openOrStart(ctx, f.wait)
	if err != nil {
		return err
	}
	if newest, _ := store.Latest(); !store.Started() {
		notifier.Begin(newest.ID)
	}
	err = a.syncStore(ctx, store, f)
	if newest, _ := store.Latest(); store.Started() { // what has changed since the built-in history is no news
		notifier.Begin(newest.ID)
	}
	err = errors.Join(err, store.Close()) // others need not wait for webhooks
	deliver(ctx, notifier, f.notify.wait)
	return err
}

// syncStore syncs a store that is open.
func (a *app) syncStore(ctx context.Context, store *snapshots.Store, f *syncFlags) error {
	result, err := a.runSync(ctx, store, source{a, f}, f.source, f.accept)
	if err != nil {
		return a.syncFailure(err, store, f)
	}
	if store.Started() && f.format == "text" {
		return a.writeFirst(result)
	}
	return a.writeSync(result, f)
}

// runSync asks the source and stores what is new.
func (a *app) runSync(ctx context.Context, store *snapshots.Store, from sync.Getter, address string, accept bool) (*sync.Result, error) {
	job, clear := a.job(store, accept)
	defer clear()
	result, err := job.Sync(ctx, from, address)
	if err != nil {
		return nil, err
	}
	if store.Registry() == groups.ServiceNames {
		a.warnStalled(result.Version)
	}
	if store.Started() && result.Outcome == snapshots.Changed { // what has changed since the built-in history is no news
		result.Event, result.Previous = history.Event{Version: result.Version}, snapshots.Version{}
	}
	return result, nil
}

// warnStalled warns where the newest version is so old that its source is likely to be one that nobody updates any more.
func (a *app) warnStalled(newest snapshots.Version) {
	if days := sync.Stalled(newest, a.now()); days > 0 {
		a.say("warning: nothing has changed for %d days, since %s; IANA changes the registry every few days: is the source still updated?",
			days, newest.Seen().Format(time.DateOnly))
	}
}

// job returns what all ways of adding versions to a store have in common, and a function that clears its progress away.
func (a *app) job(store *snapshots.Store, accept bool) (job *sync.Job, clear func()) {
	compared, clear := a.progress("comparing versions")
	return &sync.Job{Store: store, Accept: accept, Now: a.now, Progress: compared}, clear
}

// source is what sync was given: a URL, a file, or standard input.
type source struct {
	*app
	*syncFlags
}

func (f source) Get(ctx context.Context, name string, cond web.Conditions) (*web.Response, error) {
	if isURL(name) {
		ctx, cancel := context.WithTimeoutCause(ctx, f.timeout, fmt.Errorf("no answer within %s", f.timeout))
		defer cancel()
		client, done := f.client()
		defer done()
		client.MaxTries = f.tries
		r, err := client.Get(ctx, name, cond)
		return r, inTime(ctx, name, err)
	}
	data, err := f.readSource(ctx, name)
	return &web.Response{URL: name, Status: http.StatusOK, Body: data}, err
}

// inTime returns the error of a request that took too long as one of a source that is out of reach.
func inTime(ctx context.Context, url string, err error) error {
	if err != nil && ctx.Err() != nil && !errors.Is(context.Cause(ctx), context.Canceled) {
		return fmt.Errorf("%w: GET %s: %w", web.ErrUnreachable, sync.WithoutUser(url), context.Cause(ctx))
	}
	return err
}

func (a *app) readSource(ctx context.Context, name string) ([]byte, error) {
	if name == "-" {
		return a.readStdin(ctx)
	}
	return interruptible(ctx, func() ([]byte, error) { return readFile(name) })
}

// A daily job gives up on an unreachable server within a minute; the next run asks again.
const (
	defaultTries       = 3
	patienceWithServer = 15 * time.Second // for a header, or for more of a body
)

// client returns the HTTP client of all commands, and a function to call when it is no
// longer needed.
func (a *app) client() (client *web.Client, done func()) {
	show, clear := a.progress("fetching")
	return &web.Client{
		MaxBytes: maxEdition, MaxTries: defaultTries, BackOff: time.Second, HeaderTimeout: patienceWithServer, StallTimeout: patienceWithServer,
		OnRetry: func(err error, wait time.Duration) {
			clear()
			a.say("%v; trying again in %s", err, wait.Round(time.Second/10))
		},
		OnProgress: show,
	}, clear
}

// syncFailure gives an error of a sync its exit status and its hint, and says as JSON,
// where that is wanted, how the check ended.
func (a *app) syncFailure(err error, s *snapshots.Store, f *syncFlags) error {
	refused, isRefused := errors.AsType[*sync.Rejection](err)
	outcome, reason := snapshots.Refused, err
	switch {
	case isRefused:
		err = a.refusal(err, refused)
	case errors.Is(err, web.ErrUnreachable):
		outcome, err = snapshots.Unreachable, a.failsOnceStale(noAnswer(err), s, f.silence)
	default:
		return err
	}
	if f.format != "json" {
		return err
	}
	newest, _ := s.Latest()
	return errors.Join(err, a.writeJSON(syncJSON{
		Outcome: outcome, Version: newest.ID, Records: newest.Records, Problems: newest.Problems, Summary: map[diff.Kind]int{}, Reason: reason.Error(),
	}))
}

// noAnswer gives the error of a check without an answer its exit status and its hint.
func noAnswer(err error) error {
	return &failure{err: err, status: exitUnreachable, hint: "try again later; no version was added"}
}

// refusal gives an error of the guard its exit status and its hint, and says where the bytes are.
func (a *app) refusal(err error, refused *sync.Rejection) error {
	if refused.File != "" {
		a.say("the bytes are kept in %s", refused.File)
	}
	return &failure{err: err, hint: refused.Fix, status: exitRefused}
}

// failsOnceStale returns the error of an unreachable source, or only prints it while --stale-after tolerates it.
func (a *app) failsOnceStale(err error, s *snapshots.Store, silence time.Duration) error {
	facts, e := health.Read(s)
	since := a.now().Sub(facts.Confirmed(a.now()))
	if silence == 0 || e != nil || since > silence {
		return err
	}
	a.say("%v; tolerated: the last successful check was %s ago", err, age(since))
	return nil
}

// syncJSON is the result of sync as JSON.
type syncJSON struct {
	Outcome  snapshots.Outcome `json:"outcome"`
	Reason   string            `json:"reason,omitempty"` // of a refusal, or why there was no answer
	Version  string            `json:"version"`          // id of the newest; empty where there is none
	Previous string            `json:"previous,omitempty"`
	Records  int               `json:"records"`
	Problems int               `json:"problems"`
	Returned history.Return    `json:"returned,omitempty"` // how, if the version has the table of its previous one, which is not the one before it
	Summary  map[diff.Kind]int `json:"summary"`
}

func (a *app) writeSync(r *sync.Result, f *syncFlags) error {
	if r.Table != nil {
		a.warn(r.Version.ID, r.Table)
	}
	if f.format == "json" {
		return a.writeJSON(syncJSON{
			Outcome: r.Outcome, Version: r.Version.ID, Previous: r.Previous.ID, Records: r.Version.Records, Problems: r.Version.Problems,
			Returned: r.Event.Returned, Summary: diff.Summary(r.Event.Changes),
		})
	}
	switch {
	case r.Outcome == snapshots.Unchanged:
		return a.write(fmt.Appendf(nil, "unchanged: the newest version is %s\n", r.Version.ID))
	case r.Previous.ID == "":
		return a.write(fmt.Appendf(nil, "first version: %s, %d records\n", r.Version.ID, r.Version.Records))
	case r.Event.Returned != history.Not:
		return a.write(fmt.Appendf(nil, "version %s: %s\n", r.Version.ID, render.Returned(&r.Event)))
	case r.Previous.TableSHA256 == r.Version.TableSHA256:
		return a.write(fmt.Appendf(nil, "exported anew: version %s says what %s said\n", r.Version.ID, r.Previous.ID))
	}
	d := diff.NewDocument(a.registry.ID, side(r.Previous), side(r.Version), r.Event.Changes)
	return a.writeDiff(&d, "text", render.Options{Color: a.colored()})
}

// writeFirst reports the first check of a store that was started from the built-in history.
func (a *app) writeFirst(r *sync.Result) error {
	if r.Outcome != snapshots.Changed {
		return a.write(fmt.Appendf(nil, "unchanged since the built-in history: the newest version is %s\n", r.Version.ID))
	}
	a.warn(r.Version.ID, r.Table)
	a.say("'ianasync diff latest~1 latest' shows what has changed since the built-in history")
	return a.write(fmt.Appendf(nil, "first version after the built-in history: %s, %d records\n", r.Version.ID, r.Version.Records))
}

func side(v snapshots.Version) diff.Version {
	return diff.Version{ID: v.ID, SHA256: v.SHA256, Records: v.Records}
}
