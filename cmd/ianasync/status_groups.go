package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ianasync/ianasync/internal/groups"
	"github.com/ianasync/ianasync/internal/health"
	"github.com/ianasync/ianasync/internal/layout"
	"github.com/ianasync/ianasync/internal/rules"
	"github.com/ianasync/ianasync/internal/search"
	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/snapshots"
)

// groupStatusJSON is the state of one group of the store as JSON.
type groupStatusJSON struct {
	Group     string       `json:"group"`
	State     health.State `json:"state"`
	Versions  int          `json:"versions"`
	Newest    string       `json:"newest,omitempty"`   // id of the newest version
	Confirmed time.Time    `json:"confirmed,omitzero"` // when a check last did
}

// temporaryJSON is a registration for a limited time that is past its date, or about to be, as JSON.
type temporaryJSON struct {
	Registry string `json:"registry"`
	Value    string `json:"value"`
	Name     string `json:"name"`
	Expires  string `json:"expires"` // a day
	Past     bool   `json:"past"`    // it is listed still
}

// soon is how long before its date a temporary registration is reported.
const soon = 60 * 24 * time.Hour

// groupStatuses returns the state of each group of the store, where it has others than the service names.
func (a *app) groupStatuses(staleAfter time.Duration) (list []groupStatusJSON, err error) {
	ids, err := snapshots.Groups(a.store)
	if err != nil || !slices.ContainsFunc(ids, func(id string) bool { return id != groups.ServiceNames }) {
		return nil, err
	}
	var all health.Statuses
	for _, id := range ids {
		s, err := a.openGroup(id)
		if err != nil {
			return nil, err
		}
		f, err := health.Read(s)
		if err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	for i, state := range all.States(a.now(), health.Rule{Limit: staleAfter, Weekly: true}) {
		f := &all[i]
		list = append(list, groupStatusJSON{f.Group, state, f.Versions, f.Newest.ID, f.Confirmed(a.now())})
	}
	return list, nil
}

// lateGroups is the failure that a store ends in of which a group is not up to date.
func (st *statusJSON) lateGroups(staleAfter time.Duration) error {
	var late []string
	for _, g := range st.Groups {
		if !g.State.Healthy() {
			late = append(late, g.Group)
		}
	}
	if len(late) == 0 {
		return nil
	}
	return &failure{
		err:  fmt.Errorf("stale: no check succeeded within %s of %s", staleAfter, someOf(late)),
		hint: "'ianasync sync' checks now: with --all, or with -r and the groups", status: exitUnreachable,
	}
}

// someOf returns the first few of a list, and how many more there are.
func someOf(list []string) string {
	const most = 3
	if n := len(list) - most; n > 0 {
		list = append(slices.Clone(list[:most]), fmt.Sprintf("%d more", n))
	}
	return strings.Join(list, ", ")
}

// temporary returns the temporary registrations of one group of the store, or of all where the id is empty, that are past their
// date or will be soon, the oldest first. They are those of the derived indexes.
func (a *app) temporary(only string) (list []temporaryJSON, err error) {
	indexes, err := snapshots.ReadFiles(a.store, layout.Group.Search)
	if err != nil {
		return nil, err
	}
	for _, id := range slices.Sorted(maps.Keys(indexes)) {
		if only != "" && id != only {
			continue
		}
		for h := range search.Records(indexes[id]) {
			mark, found := rules.TemporaryIn(h.Value + " " + h.Name + " " + h.Description)
			if !found || mark.Expires.IsZero() || mark.Expires.Sub(a.now()) > soon {
				continue
			}
			name, _, _ := strings.Cut(h.Name, " (TEMPORARY")
			value, _, _ := strings.Cut(h.Value, " (TEMPORARY")
			past := !a.now().Before(mark.Expires.AddDate(0, 0, 1)) // the day itself is the last
			list = append(list, temporaryJSON{h.Registry, value, name, mark.Expires.Format(time.DateOnly), past})
		}
	}
	slices.SortStableFunc(list, func(a, b temporaryJSON) int { return cmp.Compare(a.Expires, b.Expires) })
	return list, nil
}

// writeGroups writes how many groups are in each state, and the temporary registrations.
func (st *statusJSON) writeGroups(w io.Writer) {
	if len(st.Groups) > 0 {
		of := make(map[health.State][]string)
		for _, g := range st.Groups {
			of[g.State] = append(of[g.State], g.Group)
		}
		var parts []string
		for _, state := range []health.State{health.Current, health.Refused, health.Unreachable, health.Stale, health.Never, health.Withdrawn} {
			if n := len(of[state]); n > 0 {
				parts = append(parts, fmt.Sprintf("%d %s", n, state))
			}
		}
		fmt.Fprintf(w, "groups\t%d: %s\n", len(st.Groups), strings.Join(parts, ", "))
		if gone := of[health.Withdrawn]; len(gone) > 0 {
			fmt.Fprintf(w, "withdrawn\t%s\n", someOf(gone))
		}
	}
	for _, t := range st.Temporary {
		expires := "expires"
		if t.Past {
			expires = "expired"
		}
		fmt.Fprintf(w, "temporary\t%s: %s, %s %s\n", text.Visible(t.Registry), text.Visible(strings.TrimSpace(t.Value+" "+t.Name)), expires, t.Expires)
	}
}
