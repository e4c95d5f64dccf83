// Package health reports whether a store is up to date: to people, to programs and to
// monitoring.
//
// A registry that does not change for weeks looks the same as one that was not checked
// for weeks. A store is therefore stale when its last successful check, with or without a new version, is too
// long ago, whatever the reason. A check in the future, recorded while the clock was wrong, does not count: it would
// never be too long ago.
//
// A group that its source no longer has is not stale for good. It is withdrawn once the source has said so for a day and had
// other groups since.
package health

import (
	"slices"
	"time"

	"github.com/ianasync/ianasync/snapshots"
)

// State is the state of a store relative to its source.
type State string

// The states of a store.
const (
	Current     State = "current"     // its newest version is what the source last served
	Refused     State = "refused"     // the guard refused what the source served
	Unreachable State = "unreachable" // the source did not answer
	Stale       State = "stale"       // no check succeeded for too long
	Never       State = "never"       // it was never checked
	Withdrawn   State = "withdrawn"   // the source no longer has the group: see [IsWithdrawn]
)

// severity has the states, the worst first. Several groups are never withdrawn: those that are not determine their state.
var severity = []State{Never, Stale, Refused, Unreachable, Current, Withdrawn}

// Rule determines when groups are stale.
type Rule struct {
	Limit  time.Duration // how long ago the last successful check may be
	Weekly bool          // groups for which [IsQuiet] holds are checked once a week: of these it may be a week longer ago
}

// Healthy reports whether a state is neither stale nor that of a store which was never checked.
func (s State) Healthy() bool { return s != Stale && s != Never }

// Status describes a group of a store at one time.
type Status struct {
	Group    string
	Check    snapshots.Check // the last one; its zero value where there was none
	Versions int
	Newest   snapshots.Version // its zero value where there is none
}

// Read returns the status of the group that a store was opened for.
func Read(s *snapshots.Store) (Status, error) {
	check, _, err := s.Check()
	newest, _ := s.Latest()
	return Status{s.Registry(), check, len(s.Versions()), newest}, err
}

// SameVersions reports whether two descriptions of a store have the same versions.
func (s *Status) SameVersions(other Status) bool {
	return s.Versions == other.Versions && s.Newest.ID == other.Newest.ID
}

// Confirmed returns the time of the last successful check. It is zero if there was none, or if the recorded time lies
// after now.
func (s *Status) Confirmed(now time.Time) time.Time {
	at := s.confirmed()
	if s.Check.Ahead(now) || snapshots.Ahead(at, now) {
		return time.Time{}
	}
	return at
}

// confirmed returns the recorded time, or the time at which the newest version was seen.
func (s *Status) confirmed() time.Time {
	switch c := s.Check; {
	case !c.Confirmed.IsZero():
		return c.Confirmed
	case c.Outcome.Good():
		return c.Checked
	case s.Versions > 0:
		return s.Newest.Seen()
	}
	return time.Time{}
}

// State returns the state of the store at a time. It is stale if the last successful check was longer ago than limit.
func (s *Status) State(now time.Time, limit time.Duration) State {
	switch {
	case s.Check.Checked.IsZero():
		return Never
	case now.Sub(s.Confirmed(now)) > limit:
		return Stale
	case s.Check.Outcome == snapshots.Refused:
		return Refused
	case s.Check.Outcome == snapshots.Unreachable:
		return Unreachable
	}
	return Current
}

// Statuses describes several groups of a store at one time.
type Statuses []Status

// States returns the state of each group at a time.
func (s Statuses) States(now time.Time, r Rule) []State {
	checks := make(map[string]snapshots.Check, len(s))
	for i := range s {
		checks[s[i].Group] = s[i].Check
	}
	list := make([]State, len(s))
	for i := range s {
		limit := r.Limit
		if r.Weekly && IsQuiet(s[i].Newest.ID, now) {
			limit += Week
		}
		if list[i] = s[i].State(now, limit); IsWithdrawn(s[i].Group, checks) {
			list[i] = Withdrawn
		}
	}
	return list
}

// Worst returns the worst state of several groups.
func Worst(list []State) State {
	worst := Current
	for _, s := range list {
		worst = Worse(worst, s)
	}
	return worst
}

// Worse returns the worse of two states.
func Worse(a, b State) State {
	if slices.Index(severity, b) < slices.Index(severity, a) {
		return b
	}
	return a
}

// SameVersions reports whether two descriptions of the same groups have the same versions.
func (s Statuses) SameVersions(other Statuses) bool {
	return slices.EqualFunc(s, other, func(a, b Status) bool { return a.SameVersions(b) })
}

// Newest returns the newest version of the groups. Its ID is empty where there is none.
func (s Statuses) Newest() (newest snapshots.Version) {
	for i := range s {
		if s[i].Newest.ID > newest.ID {
			newest = s[i].Newest
		}
	}
	return newest
}

// Checked returns when the group that was not checked for the longest was checked, of those that are checked each time: by a
// weekly rule not the quiet and the withdrawn ones, unless all are. It is zero if one was never checked, or if
// the recorded time lies after now: a clock that was wrong recorded it.
func (s Statuses) Checked(now time.Time, r Rule) (oldest time.Time) {
	states := s.States(now, r)
	var daily, all []time.Time
	for i := range s {
		at := s[i].Check.Checked
		if s[i].Check.Ahead(now) {
			at = time.Time{}
		}
		if all = append(all, at); !r.Weekly || states[i] != Withdrawn && !IsQuiet(s[i].Newest.ID, now) {
			daily = append(daily, at)
		}
	}
	if len(daily) > 0 {
		return slices.MinFunc(daily, time.Time.Compare)
	}
	return slices.MaxFunc(all, time.Time.Compare)
}
