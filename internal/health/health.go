// Package health reports whether a store is up to date: to people, to programs and to
// monitoring.
//
// A registry that does not change for weeks looks the same as one that was not checked
// for weeks. A store is therefore stale when its last successful check, with or without a new version, is too
// long ago, whatever the reason. A check in the future, recorded while the clock was wrong, does not count: it would
// never be too long ago.
package health

import (
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
)

// Facts describes a store at one time.
type Facts struct {
	Check    snapshots.Check // the last one; its zero value where there was none
	Versions int
	Newest   snapshots.Version // its zero value where there is none
}

// Read reads the facts of a store.
func Read(s *snapshots.Store) (Facts, error) {
	check, _, err := s.Check()
	newest, _ := s.Latest()
	return Facts{check, len(s.Versions()), newest}, err
}

// SameVersions reports whether two descriptions of a store have the same versions.
func (f *Facts) SameVersions(other Facts) bool {
	return f.Versions == other.Versions && f.Newest.ID == other.Newest.ID
}

// Confirmed returns the time of the last successful check. It is zero if there was none, or if the recorded time lies
// after now.
func (f *Facts) Confirmed(now time.Time) time.Time {
	at := f.confirmed()
	if f.Check.Ahead(now) || snapshots.Ahead(at, now) {
		return time.Time{}
	}
	return at
}

// confirmed returns the recorded time, or the time at which the newest version was seen.
func (f *Facts) confirmed() time.Time {
	switch c := f.Check; {
	case !c.Confirmed.IsZero():
		return c.Confirmed
	case c.Outcome.Good():
		return c.Checked
	case f.Versions > 0:
		return f.Newest.Seen()
	}
	return time.Time{}
}

// State returns the state of the store at a time. It is stale if the last successful check was longer ago than limit.
func (f *Facts) State(now time.Time, limit time.Duration) State {
	switch {
	case f.Check.Checked.IsZero():
		return Never
	case now.Sub(f.Confirmed(now)) > limit:
		return Stale
	case f.Check.Outcome == snapshots.Refused:
		return Refused
	case f.Check.Outcome == snapshots.Unreachable:
		return Unreachable
	}
	return Current
}
