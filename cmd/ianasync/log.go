package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/porthistory"
	"github.com/ianasync/ianasync/internal/render"
	"github.com/ianasync/ianasync/snapshots"
)

// logFlags are the flags of log.
type logFlags struct {
	since, until string
	kinds        []string
	all          bool
	most         int // events; all if 0
	format       string
}

func (a *app) logCommand() *cobra.Command {
	var f logFlags
	cmd := &cobra.Command{
		Use:   "log [SERVICE | PORT | PORT/TRANSPORT | [ASSIGNEE]]",
		Short: "Show what happened, newest first: to the whole registry, a port, a service, or an assignee",
		Long: `Show what happened from version to version, newest first. A port is followed through
all its holders, a service through its earlier and later names, on all its ports. An
assignee is written as IANA does, in brackets.

With -r, it shows what happened to a registry group, or to one registry, or in these to a
value or a name.

A version that returned to an older one is one entry, "rolled back", and what comes
after it is compared with the version that it continues. Ranges that IANA divided anew
around other changes are counted; --all lists them, too.

As JSON lines (jsonl) each change is one line, with the version that brought it and the
one before.

Exit status: 0 done, also where nothing happened to the subject; 1 no version has the
subject; 2 failure.`,
		Example: `  ianasync log --since 2018-03-01 --until 2018-03-31
  ianasync log --since 7d
  ianasync log -n 5
  ianasync log 1278/tcp
  ianasync log nvme --format markdown
  ianasync log --kind deassigned,reused
  ianasync log '[Dell_Inc]'
  ianasync log -r tls-parameters ecdsa_sha1`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: a.completeSubjects(1, true),
		RunE:              func(cmd *cobra.Command, args []string) error { return a.log(cmd, args, &f) },
	}
	formatFlag(cmd, &f.format, "text", "markdown", "json", "jsonl")
	a.registryFlag(cmd)
	cmd.Flags().StringVar(&f.since, "since", "", "omit what was seen before: "+instantHelp)
	cmd.Flags().StringVar(&f.until, "until", "", "omit what was seen after: "+instantHelp)
	cmd.Flags().StringSliceVar(&f.kinds, "kind", nil, "only changes of these kinds: "+kindList())
	for _, flag := range []string{"since", "until"} {
		_ = cmd.RegisterFlagCompletionFunc(flag, a.completeVersions(math.MaxInt))
	}
	maxCountFlag(cmd, &f.most, "entries")
	cmd.Flags().BoolVar(&f.all, "all", false, "list ranges divided anew, too (text, markdown)")
	_ = cmd.RegisterFlagCompletionFunc("kind", cobra.FixedCompletions(strings.Split(kindList(), ", "), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// maxCountFlag adds -n.
func maxCountFlag(cmd *cobra.Command, into *int, things string) {
	cmd.Flags().IntVarP(into, "max-count", "n", 0, "number of "+things+" to show, the newest; all if 0")
	check := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *into < 0 {
			return fmt.Errorf("--max-count must not be negative: %d", *into)
		}
		return check(cmd, args)
	}
}

// first returns the first n elements of a list; all if n is 0.
func first[E any](list []E, n int) []E {
	if n == 0 {
		return list
	}
	return list[:min(n, len(list))]
}

func kindList() string {
	var names []string
	for _, k := range diff.Kinds {
		names = append(names, string(k))
	}
	return strings.Join(names, ", ")
}

func (a *app) log(cmd *cobra.Command, args []string, f *logFlags) error {
	for _, k := range f.kinds {
		if diff.Kind(k).Rank() < 0 {
			return withHint(fmt.Errorf("%q is not a kind of change", k), "the kinds are %s", kindList())
		}
	}
	s, err := a.openToAsk()
	if err != nil {
		return err
	}
	since, err := a.instant(s, f.since, false)
	if err != nil {
		return err
	}
	until, err := a.instant(s, f.until, true)
	if err != nil {
		return err
	}
	if f.since != "" && f.until != "" && since.After(until) {
		return fmt.Errorf("--since %s is after --until %s", f.since, f.until)
	}
	var events []history.Event
	if a.isPorts() {
		events, err = a.askPorts(cmd.Context(), s, args)
	} else {
		err = a.withinRegistry(strings.Join(args, ""), func(a *app, subject string) (err error) {
			events, err = a.askGroup(cmd.Context(), s, subject)
			return err
		})
	}
	if err != nil {
		return err
	}
	f.ofKinds(events)
	all := len(events)
	if events = f.narrow(events, since, until); all > 0 && len(events) == 0 {
		a.say("nothing that happened matches %s", f.limits())
	}
	slices.Reverse(events)
	events = first(events, f.most)
	return a.paged(func() error { return a.writeLog(strings.Join(args, ""), events, f) })
}

// askPorts returns what happened to what the arguments name; to everything where they name nothing.
func (a *app) askPorts(ctx context.Context, s *snapshots.Store, args []string) ([]history.Event, error) {
	if len(args) == 0 {
		past, err := history.Open(ctx, s)
		if err != nil {
			return nil, err
		}
		return past.All()
	}
	query, err := parseQuery("log", args[0])
	if err != nil {
		return nil, err
	}
	past, err := porthistory.OpenToAsk(ctx, s)
	if err != nil {
		return nil, err
	}
	events, err := past.Ask(query)
	if err != nil || len(events) > 0 {
		return events, err
	}
	begins, found := past.Begins()
	if !found {
		return nil, a.errEmptyStore()
	}
	if err := known(s, past, query); err != nil {
		return nil, err
	}
	a.say("nothing happened to %s since our history begins, %s", query, begins.Seen().Format(time.DateOnly))
	return nil, nil
}

// errEmptyStore returns the error of a store, or of a group of it, without any version.
func (a *app) errEmptyStore() error {
	if a.isPorts() {
		return withHint(errors.New("the store is empty"), "'ianasync sync' fetches the first version")
	}
	return withHint(fmt.Errorf("the store has no version of %s", a.groupID()), "'ianasync sync -r %s' fetches the first", a.groupID())
}

// known returns an error where a subject to which nothing happened is not in the newest version either: no version has
// it.
func known(s *snapshots.Store, past *porthistory.Past, q porthistory.Query) error {
	if q.IsPort() {
		return nil
	}
	newest, _ := s.Latest()
	table, err := porthistory.Table(s, newest)
	if err != nil || len(porthistory.Holds(table, q)) > 0 {
		return err
	}
	if q.Service == "" {
		return unknown(&failure{err: fmt.Errorf("no version has an assignee %s", q.Assignee), hint: "an assignee is written as IANA does: 'ianasync lookup SERVICE' shows it"})
	}
	index, err := past.Index()
	if err != nil {
		return err
	}
	return unknown(noService("our history", q.Service, chain(table.Names(), slices.Values(index.Services()))))
}

// chain yields the elements of one sequence after those of another.
func chain(one, other iter.Seq[string]) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, s := range []iter.Seq[string]{one, other} {
			for e := range s {
				if !yield(e) {
					return
				}
			}
		}
	}
}

// narrow leaves of events what the flags ask for. Asked for kinds of change, it leaves out what is none.
func (f *logFlags) narrow(events []history.Event, since, until time.Time) []history.Event {
	return slices.DeleteFunc(events, func(e history.Event) bool {
		seen := e.Version.Seen()
		return !since.IsZero() && seen.Before(since) || !until.IsZero() && seen.After(until) || len(f.kinds) > 0 && len(e.Changes) == 0
	})
}

// ofKinds removes from each event the changes of other kinds than those of --kind.
func (f *logFlags) ofKinds(events []history.Event) {
	if len(f.kinds) == 0 {
		return
	}
	for i := range events {
		events[i].Changes = slices.DeleteFunc(events[i].Changes, func(c diff.Change) bool {
			return !slices.Contains(f.kinds, string(c.Kind))
		})
	}
}

// limits returns the flags that leave changes out, as they were given.
func (f *logFlags) limits() string {
	var given []string
	for _, flag := range [][2]string{{"--since", f.since}, {"--until", f.until}, {"--kind", strings.Join(f.kinds, ",")}} {
		if flag[1] != "" {
			given = append(given, flag[0]+" "+flag[1])
		}
	}
	return strings.Join(given, " ")
}

// writeLog writes events, newest first.
func (a *app) writeLog(query string, events []history.Event, f *logFlags) error {
	w := bufio.NewWriter(a.stdout)
	var err error
	switch o := (render.Options{All: f.all || len(f.kinds) > 0, Color: a.colored()}); f.format {
	case "text":
		err = render.Log(w, events, o)
	case "markdown":
		err = render.LogMarkdown(w, events, o)
	case "json":
		return a.writeJSON(logJSON{a.wanted, query, append([]history.Event{}, events...)})
	default:
		for i := range events {
			_, _ = w.Write(events[i].Lines(a.anyGroup(a.groupID()))) // Flush returns the error
		}
	}
	if err != nil {
		return err
	}
	return w.Flush()
}

// logJSON is what happened as JSON.
type logJSON struct {
	Registry string          `json:"registry"`
	Query    string          `json:"query"`  // what was asked for; empty for everything
	Events   []history.Event `json:"events"` // newest first
}
