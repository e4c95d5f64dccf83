package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

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

// assignments is the address below which IANA has its registry groups.
const assignments = "https://www.iana.org/assignments/"

// defaultRate is how many requests a second are sent for several groups, at most.
const defaultRate = 2

// groupFlags are the flags of sync for several groups.
type groupFlags struct {
	registries []string
	all        bool
	every      bool
	rate       float64
}

func (f *groupFlags) add(flags *pflag.FlagSet) {
	flags.StringSliceVarP(&f.registries, "registry", "r", nil, "the registry groups to sync, with commas or repeated (default: the service names)")
	flags.BoolVar(&f.all, "all", false, "sync every registry group that IANA publishes as XML")
	flags.BoolVar(&f.every, "every-group", false, "with --all, also ask for the groups that are asked for weekly")
	flags.Float64Var(&f.rate, "rate", defaultRate, "with several groups, at most this many requests a second")
}

// given reports whether the flags ask for other groups than the service names alone.
func (f *groupFlags) given() bool {
	return f.all || len(f.registries) > 0 && !slices.Equal(f.registries, []string{groups.ServiceNames})
}

func (f *groupFlags) check() error {
	switch {
	case f.every && !f.all:
		return errors.New("--every-group is for --all")
	case f.rate <= 0:
		return fmt.Errorf("--rate must be positive: %v", f.rate)
	}
	return checkGroups(f.registries)
}

// ids returns the groups that the flags ask for.
func (f *groupFlags) ids() []string {
	switch {
	case f.all:
		return groups.All()
	case len(f.registries) == 0:
		return []string{groups.ServiceNames}
	}
	return compact(f.registries)
}

// groupsOf returns the groups that flags ask for: with --all also those that the store has and the list of IANA's groups does not.
func (a *app) groupsOf(f *groupFlags) ([]string, error) {
	ids := f.ids()
	if !f.all {
		return ids, nil
	}
	have, err := snapshots.Groups(a.store)
	if errors.Is(err, snapshots.ErrNoStore) {
		return ids, nil
	}
	return compact(append(ids, have...)), err
}

// groupResult is what a sync of several groups did with one of them.
type groupResult struct {
	Group    string            `json:"group"`
	Outcome  snapshots.Outcome `json:"outcome"`
	Reason   string            `json:"reason,omitempty"` // of a refusal, or why there was no answer
	Version  string            `json:"version"`          // id of the newest; empty where there is none
	Previous string            `json:"previous,omitempty"`
	Records  int               `json:"records"`
	Returned history.Return    `json:"returned,omitempty"`
	Summary  map[diff.Kind]int `json:"summary"`
}

// groupsResult is the result of a sync of several groups as JSON.
type groupsResult struct {
	Summary map[string]int `json:"summary"` // how many groups had each outcome; those that are "not due" were not asked for
	Groups  []groupResult  `json:"groups"`  // those that were asked for
}

// mostChecks is how many checks are held until they are written: what a run that is killed does again, which at the usual rate
// are those of a minute.
const mostChecks = 128

// syncGroups syncs several groups and reports what came of each. The exit status is the worst.
func (a *app) syncGroups(ctx context.Context, f *syncFlags, sourceGiven bool) error {
	w, err := a.wantedGroups(f, sourceGiven)
	if err != nil {
		return err
	}
	result := groupsResult{Summary: make(map[string]int), Groups: []groupResult{}}
	var fixes, unknown, kept []string
	show, clear := a.progress("syncing")
	defer clear()
	for c, err := range a.checksOf(ctx, w, f) {
		if err != nil {
			return err
		}
		r := newGroupResult(&c)
		if c.Err != nil || f.format == "text" && r.Outcome != snapshots.Unchanged {
			clear()
		}
		if c.Err != nil {
			a.say("%s: %v", c.Group, c.Err)
			if fix := groupHint(&c); fix != "" && !c.Withdrawn {
				fixes = append(fixes, fix)
			}
			if isUnknown(&c) {
				unknown = append(unknown, c.Group)
			} else if refused, is := errors.AsType[*sync.Rejection](c.Err); is && refused.File != "" && !c.Withdrawn {
				kept = append(kept, refused.File)
			}
		} else if f.format == "text" {
			if err := a.writeGroupResult(&r, c.Result); err != nil {
				return err
			}
		}
		result.Groups = append(result.Groups, r)
		result.Summary[string(r.Outcome)]++
		show(int64(len(result.Groups)), int64(len(w.due)))
	}
	clear()
	for _, id := range unknown {
		if err := a.dropGroup(ctx, id, f.wait); err != nil {
			return err
		}
	}
	if len(kept) > 1 {
		a.say("the bytes are kept in %s/GROUP/quarantine", a.store)
	} else if len(kept) == 1 {
		a.say("the bytes are kept in %s", kept[0])
	}
	for _, fix := range compact(fixes) {
		a.say("hint: %s", fix)
	}
	if n := w.number - len(w.due); n > 0 {
		result.Summary["not due"] = n
	}
	return a.concludeGroups(&result, w.number, f)
}

// wanted is the groups that flags ask for.
type wanted struct {
	number int                        // how many they are
	due    []string                   // those that are to be asked for now
	all    bool                       // whether they were not named one by one
	checks map[string]snapshots.Check // the last ones of the store's groups
	base   string                     // the address below which they are, or that of the file of one
	given  bool                       // whether that was given
}

// wantedGroups returns the groups that the flags ask for.
func (a *app) wantedGroups(f *syncFlags, sourceGiven bool) (*wanted, error) {
	ids, err := a.groupsOf(&f.groups)
	if err != nil {
		return nil, err
	}
	w := &wanted{number: len(ids), all: f.groups.all, base: assignments, given: sourceGiven}
	if sourceGiven {
		w.base = f.source
	}
	if len(ids) > 1 && !isURL(w.base) {
		return nil, withHint(errors.New("--source is no URL"), "of several groups it is the address below which each is, as GROUP/GROUP.xml")
	}
	if w.checks, err = snapshots.LastChecks(a.store); err != nil {
		return nil, err
	}
	w.due = a.due(ids, w.checks, f)
	return w, nil
}

// checks syncs the groups that the flags ask for, as far as they are due, and yields what came of each: see [app.checksOf].
func (a *app) checks(ctx context.Context, f *syncFlags, sourceGiven bool) iter.Seq2[sync.Checked, error] {
	return func(yield func(sync.Checked, error) bool) {
		if !f.groups.given() { // its source may be a file, too
			yield(a.syncGroup(ctx, groups.ServiceNames, source{a, f}, f.source, f, nil))
			return
		}
		w, err := a.wantedGroups(f, sourceGiven)
		if err != nil {
			yield(sync.Checked{}, err)
			return
		}
		a.checksOf(ctx, w, f)(yield)
	}
}

// checksOf syncs the groups that are due, one after another over one connection, and yields what came of each. Neither a
// refused one, nor one without an answer, nor one whose store is damaged stops the others. An error is the last that it yields. The
// record of the checks is written when all are done.
func (a *app) checksOf(ctx context.Context, w *wanted, f *syncFlags) iter.Seq2[sync.Checked, error] {
	return func(yield func(sync.Checked, error) bool) {
		from := groupSource{app: a, syncFlags: f, pause: time.Duration(float64(time.Second) / f.groups.rate)}
		if isURL(w.base) {
			client, done := a.client()
			defer done()
			client.MaxTries = f.tries
			kept, end, err := client.Keep(w.base)
			if err != nil {
				yield(sync.Checked{}, err)
				return
			}
			defer end()
			from.client = kept
		}
		checks := snapshots.NewChecks(a.store)
		write := func() error { return checks.Write(context.WithoutCancel(ctx), f.wait) }
		for _, id := range w.due {
			c, err := a.syncGroup(ctx, id, &from, a.addressOf(id, w.base, w.given, w.number), f, checks)
			if errors.Is(err, snapshots.ErrCorrupt) && ctx.Err() == nil {
				if c.Err = err; !yield(c, nil) {
					_ = write() // what ended the run is reported
					return
				}
				continue
			}
			if err != nil {
				yield(c, errors.Join(fmt.Errorf("%s: %w", id, err), write()))
				return
			}
			w.checks[id] = c.Check
			c.Withdrawn = w.all && health.IsWithdrawn(id, w.checks)
			if checks.Len() >= mostChecks {
				err = write()
			}
			if !yield(c, err) || err != nil {
				_ = write() // what ended the run is reported
				return
			}
		}
		if err := write(); err != nil {
			yield(sync.Checked{}, err)
		}
	}
}

// addressOf returns the source of a group. The given one is its file where it is the only group, unless it is a URL that ends in a
// slash.
func (a *app) addressOf(id, base string, given bool, wanted int) string {
	switch {
	case given && (wanted == 1 && !strings.HasSuffix(base, "/") || !isURL(base)):
		return base
	case id == groups.ServiceNames && !given:
		return a.registry.URL
	case id == groups.ServiceNames:
		return strings.TrimSuffix(base, "/") + "/" + id + "/" + id + ".csv"
	}
	return strings.TrimSuffix(base, "/") + "/" + id + "/" + id + ".xml"
}

// groupSource asks for one group after another, with a pause between two requests.
type groupSource struct {
	*app
	*syncFlags
	client *web.Client // nil where there is no URL
	pause  time.Duration
	asked  bool
}

// Get waits until the next request is due, and sends it. The pauses are up to a quarter longer than the rate has them, so that
// many clients do not keep step.
func (s *groupSource) Get(ctx context.Context, name string, cond web.Conditions) (*web.Response, error) {
	if s.client == nil || !isURL(name) {
		return source{s.app, s.syncFlags}.Get(ctx, name, cond)
	}
	if s.asked {
		if err := s.sleep(ctx, s.pause+time.Duration(rand.Float64()/4*float64(s.pause))); err != nil {
			return nil, err
		}
	}
	s.asked = true
	ctx, cancel := context.WithTimeoutCause(ctx, s.timeout, fmt.Errorf("no answer within %s", s.timeout))
	defer cancel()
	r, err := s.client.Get(ctx, name, cond)
	return r, inTime(ctx, name, err)
}

// syncGroup opens a group of the store, syncs it and closes it, so that the lock is held no longer than need be. The error
// says nothing of the source. Checks, if not nil, hold the record of the check.
func (a *app) syncGroup(ctx context.Context, id string, from sync.Getter, address string, f *syncFlags, checks *snapshots.Checks) (c sync.Checked, err error) {
	c.Group = id
	var store *snapshots.Store
	if id == groups.ServiceNames {
		store, err = a.openOrStart(ctx, f.wait)
	} else {
		store, err = a.openGroupForWriting(ctx, id, f.wait)
	}
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	store.HoldCheck(checks)
	c.Result, c.Err = a.runSync(ctx, store, from, address, f.accept)
	if _, ofSource := sync.OutcomeOf(c.Err); c.Err != nil && !ofSource {
		return c, c.Err
	}
	if c.Result != nil && c.Result.Table != nil { // the version is new
		a.warn(c.Result.Version.ID, c.Result.Table)
	}
	c.Newest, _ = store.Latest()
	c.Check, _, err = store.Check()
	return c, err
}

// groupHint returns what to do about a group that could not be synced.
func groupHint(c *sync.Checked) string {
	refused, isRefused := errors.AsType[*sync.Rejection](c.Err)
	switch {
	case isUnknown(c):
		if similar := similarGroups(c.Group, nil); len(similar) > 0 {
			return fmt.Sprintf("%s: did you mean %s?", c.Group, strings.Join(similar, ", "))
		}
		return refused.Fix
	case isRefused:
		return refused.Fix
	case errors.Is(c.Err, web.ErrUnreachable):
		return "try again later"
	}
	return hintOf(c.Err)
}

// dropGroup removes what the store has of a group without versions: one whose name was mistyped would be stale for ever.
func (a *app) dropGroup(ctx context.Context, id string, wait time.Duration) error {
	store, err := a.openGroupForWriting(ctx, id, wait)
	if err != nil {
		return err
	}
	return errors.Join(store.Drop(), store.Close())
}

// isUnknown reports whether a group that was asked for is probably none: its address answers that there is no such group, IANA's list
// does not have it, and the store has no version of it.
func isUnknown(c *sync.Checked) bool {
	refused := c.Check.Refused
	return c.Newest.ID == "" && c.Check.Outcome == snapshots.Refused && refused != nil && refused.Gone && !slices.Contains(groups.All(), c.Group)
}

func newGroupResult(c *sync.Checked) groupResult {
	r := groupResult{Group: c.Group, Outcome: c.Outcome(), Version: c.Newest.ID, Records: c.Newest.Records, Summary: map[diff.Kind]int{}}
	if refused, isRefused := errors.AsType[*sync.Rejection](c.Err); isRefused {
		r.Reason = refused.Reason
	} else if c.Err != nil {
		r.Reason = c.Err.Error()
	}
	if c.Err == nil {
		r.Previous, r.Returned, r.Summary = c.Result.Previous.ID, c.Result.Event.Returned, diff.Summary(c.Result.Event.Changes)
	}
	return r
}

// writeGroupResult writes what changed in a group.
func (a *app) writeGroupResult(r *groupResult, result *sync.Result) error {
	switch {
	case r.Outcome == snapshots.Unchanged:
		return nil
	case r.Previous == "":
		return a.write(fmt.Appendf(nil, "%s: first version: %s, %s\n", r.Group, r.Version, count(r.Records, "record")))
	case r.Returned != history.Not:
		return a.write(fmt.Appendf(nil, "%s: version %s: %s\n", r.Group, r.Version, render.Returned(&result.Event)))
	case len(result.Event.Changes) == 0:
		return a.write(fmt.Appendf(nil, "%s: exported anew: version %s says what %s said\n", r.Group, r.Version, r.Previous))
	}
	if err := a.write(fmt.Appendf(nil, "%s\n", r.Group)); err != nil {
		return err
	}
	d := diff.NewDocument(r.Group, side(result.Previous), side(result.Version), result.Event.Changes)
	return a.writeDiff(&d, "text", render.Options{Color: a.colored()})
}

// concludeGroups writes the result, and returns the error of the worst exit status.
func (a *app) concludeGroups(r *groupsResult, wanted int, f *syncFlags) error {
	if f.format == "json" {
		if err := a.writeJSON(r); err != nil {
			return err
		}
	} else {
		var parts []string
		for _, outcome := range []string{string(snapshots.Changed), string(snapshots.Unchanged), "not due", string(sync.Withdrawn), string(snapshots.Refused), string(sync.Failed), string(snapshots.Unreachable)} {
			if n := r.Summary[outcome]; n > 0 {
				parts = append(parts, fmt.Sprintf("%d %s", n, outcome))
			}
		}
		if err := a.write(fmt.Appendf(nil, "%s: %s\n", count(wanted, "group"), strings.Join(parts, ", "))); err != nil {
			return err
		}
	}
	switch {
	case r.Summary[string(snapshots.Refused)] > 0:
		return &failure{status: exitRefused}
	case r.Summary[string(sync.Failed)] > 0:
		return &failure{status: exitFailure}
	case r.Summary[string(snapshots.Unreachable)] > 0:
		return &failure{status: exitUnreachable}
	}
	return nil
}

// resumed is how long ago a run of --all was interrupted, at most, that is continued.
const resumed = time.Hour

// due returns which of the groups are to be asked for now: all, in the given order, where they were given one by one. Of
// all, those that were not asked for the longest come first, quiet and withdrawn ones are left out on six days of seven, and what an
// interrupted run has done already is not done again.
func (a *app) due(wanted []string, checks map[string]snapshots.Check, f *syncFlags) []string {
	if !f.groups.all {
		return wanted
	}
	now := a.now()
	var latest time.Time
	var list []string
	for _, id := range wanted {
		c, found := checks[id]
		if found && !f.groups.every && isWeekly(id, checks, now) {
			continue
		}
		if c.Checked.After(latest) {
			latest = c.Checked
		}
		list = append(list, id)
	}
	slices.SortStableFunc(list, func(a, b string) int {
		return cmp.Or(checks[a].Checked.Compare(checks[b].Checked), strings.Compare(a, b))
	})
	pending := slices.DeleteFunc(slices.Clone(list), func(id string) bool { return !checks[id].Checked.Before(latest.Add(-resumed)) })
	if len(pending) > 0 && now.Sub(latest) < resumed {
		return pending
	}
	return list
}

// isWeekly reports whether nothing changed in a group for a month, or it was withdrawn, and this is not the day of the week on
// which it is asked for.
func isWeekly(id string, checks map[string]snapshots.Check, now time.Time) bool {
	c := checks[id]
	quiet := c.Outcome.Good() && health.IsQuiet(c.Version, now)
	if now.Sub(c.Checked) >= health.Week || !quiet && !health.IsWithdrawn(id, checks) {
		return false
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(id))
	return time.Weekday(h.Sum32()%7) != now.UTC().Weekday() || now.Sub(c.Checked) < health.Week/7
}
