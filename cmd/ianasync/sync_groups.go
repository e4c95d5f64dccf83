package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/groups"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/layout"
	"github.com/ianasync/ianasync/internal/render"
	"github.com/ianasync/ianasync/internal/source/web"
	"github.com/ianasync/ianasync/internal/sync"
	"github.com/ianasync/ianasync/snapshots"
)

// assignments is the address below which IANA has its registry groups.
const assignments = "https://www.iana.org/assignments/"

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
	flags.Float64Var(&f.rate, "rate", 2, "with several groups, at most this many requests a second")
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

// syncGroups syncs several groups, one after another over one connection. Neither a refused one nor one without an answer
// stops the others. The exit status is the worst.
func (a *app) syncGroups(ctx context.Context, f *syncFlags, sourceGiven bool) (err error) {
	wanted := compact(f.groups.registries)
	if f.groups.all {
		wanted = groups.All()
	}
	base := assignments
	if sourceGiven {
		base = f.source
	}
	if len(wanted) > 1 && !isURL(base) {
		return withHint(errors.New("--source is no URL"), "of several groups it is the address below which each is, as GROUP/GROUP.xml")
	}
	due, err := a.due(wanted, f)
	if err != nil {
		return err
	}
	from := groupSource{app: a, syncFlags: f, pause: time.Duration(float64(time.Second) / f.groups.rate)}
	if isURL(base) {
		client, done := a.client()
		defer done()
		client.MaxTries = f.tries
		kept, end, err := client.Keep(base)
		if err != nil {
			return err
		}
		defer end()
		from.client = kept
	}
	result := groupsResult{Summary: make(map[string]int), Groups: []groupResult{}}
	checks := snapshots.NewChecks(a.store)
	defer func() { err = errors.Join(err, checks.Write(context.WithoutCancel(ctx), f.wait)) }()
	show, clear := a.progress("syncing")
	defer clear()
	for i, id := range due {
		r, err := a.syncGroup(ctx, id, a.addressOf(id, base, sourceGiven, len(wanted)), &from, f, checks, clear)
		if err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
		if checks.Len() >= mostChecks {
			if err := checks.Write(ctx, f.wait); err != nil {
				return err
			}
		}
		result.Groups = append(result.Groups, r)
		result.Summary[string(r.Outcome)]++
		show(int64(i+1), int64(len(due)))
	}
	clear()
	if n := len(wanted) - len(due); n > 0 {
		result.Summary["not due"] = n
	}
	if err := checks.Write(ctx, f.wait); err != nil {
		return err
	}
	return a.concludeGroups(&result, len(wanted), f)
}

// addressOf returns the source of a group.
func (a *app) addressOf(id, base string, given bool, wanted int) string {
	switch {
	case given && (wanted == 1 || !isURL(base)):
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

// syncGroup syncs one group and reports it. The error is of what stops the others, too.
func (a *app) syncGroup(ctx context.Context, id, address string, from sync.Getter, f *syncFlags, checks *snapshots.Checks, clear func()) (r groupResult, err error) {
	r = groupResult{Group: id, Summary: map[diff.Kind]int{}}
	var store *snapshots.Store
	if id == groups.ServiceNames {
		store, err = a.openOrStart(ctx, f.wait)
	} else {
		store, err = a.openGroupForWriting(ctx, id, f.wait)
	}
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	store.HoldCheck(checks)
	job, done := a.job(store, f.accept)
	result, err := job.Sync(ctx, from, address)
	done()
	refused, isRefused := errors.AsType[*sync.Rejection](err)
	switch {
	case isRefused:
		r.Outcome, r.Reason = snapshots.Refused, refused.Reason
	case errors.Is(err, web.ErrUnreachable):
		r.Outcome, r.Reason = snapshots.Unreachable, err.Error()
	case err != nil:
		return r, err
	}
	newest, _ := store.Latest()
	r.Version, r.Records = newest.ID, newest.Records
	if err != nil {
		clear()
		a.say("%s: %v", id, err)
		return r, nil
	}
	r.Outcome, r.Previous, r.Returned, r.Summary = result.Outcome, result.Previous.ID, result.Event.Returned, diff.Summary(result.Event.Changes)
	if f.format == "json" || r.Outcome == snapshots.Unchanged {
		return r, nil
	}
	clear()
	switch {
	case r.Previous == "":
		err = a.write(fmt.Appendf(nil, "%s: first version: %s, %s\n", id, r.Version, count(r.Records, "record")))
	case r.Returned != history.Not:
		err = a.write(fmt.Appendf(nil, "%s: version %s: %s\n", id, r.Version, render.Returned(&result.Event)))
	case len(result.Event.Changes) == 0:
		err = a.write(fmt.Appendf(nil, "%s: exported anew: version %s says what %s said\n", id, r.Version, r.Previous))
	default:
		d := diff.NewDocument(id, side(result.Previous), side(result.Version), result.Event.Changes)
		if err = a.write(fmt.Appendf(nil, "%s\n", id)); err == nil {
			err = a.writeDiff(&d, "text", render.Options{Color: a.colored()})
		}
	}
	return r, err
}

// concludeGroups writes the result, and returns the error of the worst exit status.
func (a *app) concludeGroups(r *groupsResult, wanted int, f *syncFlags) error {
	if f.format == "json" {
		if err := a.writeJSON(r); err != nil {
			return err
		}
	} else {
		var parts []string
		for _, outcome := range []string{string(snapshots.Changed), string(snapshots.Unchanged), "not due", string(snapshots.Refused), string(snapshots.Unreachable)} {
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
	case r.Summary[string(snapshots.Unreachable)] > 0:
		return &failure{status: exitUnreachable}
	}
	return nil
}

// How often groups are asked for with --all.
const (
	quietAfter = 30 * 24 * time.Hour // without a new version, a group is asked for weekly
	week       = 7 * 24 * time.Hour
	resumed    = time.Hour // a run that was interrupted less than this ago is continued
)

// due returns which of the groups are to be asked for now: all, in the given order, where they were given one by one. Of
// all, those that were not asked for the longest come first, quiet ones are left out on six days of seven, and what an
// interrupted run has done already is not done again.
func (a *app) due(wanted []string, f *syncFlags) ([]string, error) {
	if !f.groups.all {
		return wanted, nil
	}
	data, err := os.ReadFile(filepath.Join(a.store, layout.Checks))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	now := a.now()
	checked := make(map[string]time.Time)
	var latest time.Time
	var list []string
	for _, id := range wanted {
		c, found, err := snapshots.ParseCheck(data, id)
		if err != nil || !found {
			list = append(list, id)
			continue
		}
		if !f.groups.every && isQuiet(id, c, now) {
			continue
		}
		checked[id] = c.Checked
		if c.Checked.After(latest) {
			latest = c.Checked
		}
		list = append(list, id)
	}
	slices.SortStableFunc(list, func(a, b string) int { return cmp.Or(checked[a].Compare(checked[b]), strings.Compare(a, b)) })
	pending := slices.DeleteFunc(slices.Clone(list), func(id string) bool { return !checked[id].Before(latest.Add(-resumed)) })
	if len(pending) > 0 && now.Sub(latest) < resumed {
		return pending, nil
	}
	return list, nil
}

// isQuiet reports whether nothing changed in a group for a month and this is not the day of the week on which it is asked
// for.
func isQuiet(id string, c snapshots.Check, now time.Time) bool {
	newest, err := snapshots.ParseID(c.Version)
	if err != nil || !c.Outcome.Good() || now.Sub(newest) < quietAfter || now.Sub(c.Checked) >= week {
		return false
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(id))
	return time.Weekday(h.Sum32()%7) != now.UTC().Weekday() || now.Sub(c.Checked) < week/7
}
