package main

import (
	"errors"
	"fmt"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/ianasync/ianasync/internal/githubaction"
	"github.com/ianasync/ianasync/internal/groups"
	"github.com/ianasync/ianasync/internal/health"
	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/snapshots"
)

// statusJSON is the state of the store as JSON.
type statusJSON struct {
	Store     string            `json:"store"`
	State     health.State      `json:"state"`
	Versions  int               `json:"versions"`
	Oldest    *versionJSON      `json:"oldest"`
	Newest    *versionJSON      `json:"newest"`
	Confirmed time.Time         `json:"confirmed,omitzero"`  // when a check last did
	Check     *snapshots.Check  `json:"check"`               // the last one; null where there was none
	Groups    []groupStatusJSON `json:"groups,omitempty"`    // all of the store, where it has several and none was selected
	Temporary []temporaryJSON   `json:"temporary,omitempty"` // registrations past their date, or soon
	Quiet     time.Time         `json:"quiet,omitzero"`      // when the repository around it last had a commit, if that is long ago
}

func (a *app) statusCommand() *cobra.Command {
	var format string
	var staleAfter time.Duration
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show what the store holds, and when the registry was last checked",
		Long: `Show what the store holds, when the registry was last checked, and its state: current (the
newest version is what was last served, whether or not it was new), refused, unreachable
(how the last check ended), stale (no check succeeded within --stale-after) or never
checked. A group is withdrawn once its address has answered for a day that there is no such
group, and other groups have been served there since.

Where the store has other groups, it also shows how many of all are in each state, and the
temporary registrations that are past their date and still listed, or expire within 60
days. Without the service names, the state is the worst of all groups. A group in which
nothing changed for a month is stale a week later, for 'sync --all' asks for it weekly. A
withdrawn one is not stale. -r shows one group, and its temporary registrations.

In a checkout with GitHub workflows and no commit for 45 days, it warns that GitHub
disables schedules after 60 days.

--format badge prints JSON for a shields.io badge.

Exit status: 0 done, 2 failure, 4 where --stale-after is given and the store, or a group of
it, is stale or was never checked: what the source has is not known (try later).`,
		Example: `  ianasync status
  ianasync status --stale-after 72h
  ianasync status --format badge > badge.json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if staleAfter <= 0 {
				return fmt.Errorf("--stale-after must be positive: %s", staleAfter)
			}
			s, err := a.openStore()
			if err != nil {
				return err
			}
			st, err := a.statusOf(s, staleAfter)
			if err == nil {
				err = a.addGroups(st, cmd.Flags().Changed("registry"), staleAfter)
			}
			if err == nil {
				st.Quiet = githubaction.Quiet(cmd.Context(), s.Dir(), a.now())
				err = a.writeStatus(st, format)
			}
			if err != nil || !cmd.Flags().Changed("stale-after") {
				return err
			}
			return st.late(a.now(), staleAfter)
		},
	}
	formatFlag(cmd, &format, "text", "json", "badge")
	a.groupFlag(cmd)
	cmd.Flags().DurationVar(&staleAfter, "stale-after", defaultStaleAfter, "tolerate this long since the last successful check; if given, the exit status is 4 after it")
	return cmd
}

func (a *app) statusOf(s *snapshots.Store, staleAfter time.Duration) (*statusJSON, error) {
	facts, err := health.Read(s)
	if err != nil {
		return nil, err
	}
	st := &statusJSON{Store: s.Dir(), State: facts.State(a.now(), staleAfter), Confirmed: facts.Confirmed(a.now())}
	if all := s.Versions(); len(all) > 0 {
		oldest, newest := newVersionJSON(all[0]), newVersionJSON(all[len(all)-1])
		st.Versions, st.Oldest, st.Newest = len(all), &oldest, &newest
	}
	if !facts.Check.Checked.IsZero() {
		st.Check = &facts.Check
	}
	return st, nil
}

// addGroups adds what the other groups have, or the one that was selected.
func (a *app) addGroups(st *statusJSON, selected bool, staleAfter time.Duration) (err error) {
	only := ""
	if selected {
		only = a.groupID()
		checks, err := snapshots.LastChecks(a.store)
		if err != nil {
			return err
		}
		if health.IsWithdrawn(only, checks) {
			st.State = health.Withdrawn
		}
	} else if st.Groups, err = a.groupStatuses(staleAfter); err != nil {
		return err
	}
	if st.groupsAlone() {
		st.State = health.Current
		for _, g := range st.Groups {
			st.State, st.Versions = health.Worse(st.State, g.State), st.Versions+g.Versions
		}
	}
	st.Temporary, err = a.temporary(only)
	return err
}

// groupsAlone reports whether the store has groups, and not the service names.
func (st *statusJSON) groupsAlone() bool {
	return len(st.Groups) > 0 && !slices.ContainsFunc(st.Groups, func(g groupStatusJSON) bool { return g.Group == groups.ServiceNames })
}

// late is the failure that a store which is not up to date ends in.
func (st *statusJSON) late(now time.Time, staleAfter time.Duration) error {
	if len(st.Groups) > 0 {
		return st.lateGroups(staleAfter)
	}
	err := errors.New("the registry was never checked")
	switch {
	case st.State != health.Stale && st.State != health.Never:
		return nil
	case st.State == health.Never && st.Newest != nil:
		err = fmt.Errorf("the registry was never checked; the newest version was seen %s ago", age(now.Sub(st.Confirmed)))
	case st.State == health.Never:
	case !st.Confirmed.IsZero():
		err = fmt.Errorf("stale: the last check that succeeded is %s ago, more than %s", age(now.Sub(st.Confirmed)), staleAfter)
	case st.State == health.Stale && st.Check.Ahead(now):
		err = errors.New("stale: the last check lies in the future: is the clock right?")
	case st.State == health.Stale:
		err = errors.New("stale: no check ever succeeded")
	}
	return &failure{err: err, hint: "'ianasync sync' checks now", status: exitUnreachable}
}

func (a *app) writeStatus(st *statusJSON, format string) error {
	switch format {
	case "json":
		return a.writeJSON(st)
	case "badge":
		return a.writeJSON(st.badge())
	}
	if !st.Quiet.IsZero() {
		defer func() { a.say("%s", githubaction.SwitchedOff(st.Quiet)) }()
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "store\t%s\n", text.Visible(st.Store))
	fmt.Fprintf(w, "state\t%s\n", st.State)
	fmt.Fprintf(w, "versions\t%d\n", st.Versions)
	if st.Newest != nil {
		fmt.Fprintf(w, "oldest\t%s, %d records\n", st.Oldest.ID, st.Oldest.Records)
		fmt.Fprintf(w, "newest\t%s, %d records\n", st.Newest.ID, st.Newest.Records)
	}
	if st.Check == nil {
		if !st.groupsAlone() {
			fmt.Fprintln(w, "checked\tnever")
		}
		st.writeGroups(w)
		return w.Flush()
	}
	fmt.Fprintf(w, "checked\t%s: %s\n", a.ago(st.Check.Checked), st.Check.Outcome)
	if !st.Confirmed.IsZero() && st.State != health.Current {
		fmt.Fprintf(w, "confirmed\t%s\n", a.ago(st.Confirmed))
	}
	fmt.Fprintf(w, "source\t%s\n", text.Visible(st.Check.Source))
	if r := st.Check.Refused; r != nil {
		fmt.Fprintf(w, "refused\tsince %s: %s\n", r.Since.UTC().Format(time.RFC3339), text.Visible(r.Reason))
	}
	st.writeGroups(w)
	return w.Flush()
}

// ago is a time and how long ago it was.
func (a *app) ago(t time.Time) string {
	when := age(a.now().Sub(t)) + " ago"
	if snapshots.Ahead(t, a.now()) {
		when = "in the future: is the clock right?"
	}
	return fmt.Sprintf("%s (%s)", t.UTC().Format(time.RFC3339), when)
}

// badgeJSON is what shields.io makes a badge of: https://shields.io/badges/endpoint-badge
type badgeJSON struct {
	SchemaVersion int    `json:"schemaVersion"`
	Label         string `json:"label"`
	Message       string `json:"message"`
	Color         string `json:"color"`
}

// badge gives days, not hours: a badge is a file, and must stay true for a while.
func (st *statusJSON) badge() badgeJSON {
	b := badgeJSON{1, "IANA ports", string(st.State), "yellow"}
	switch st.State {
	case health.Current:
		b.Color = "brightgreen"
		b.Message = "checked " + st.Check.Checked.UTC().Format(time.DateOnly)
	case health.Stale:
		b.Color = "red"
		if !st.Confirmed.IsZero() {
			b.Message = "stale since " + st.Confirmed.UTC().Format(time.DateOnly)
		}
	case health.Never:
		b.Color, b.Message = "lightgrey", "never checked"
	}
	return b
}
