// Package health tells whether a store is up to date, to people, to programs and to
// whatever watches over a daemon.
//
// A registry that does not change for weeks looks the same as one that nobody looked at
// for weeks. What counts is therefore the last check that succeeded, be it that nothing
// was new: a store is stale when that is too long ago, whatever the reason. What a clock that was
// wrong noted is no success: it lies in the future, and would never be too long ago.
package health

import (
	"time"

	"github.com/ianasync/ianasync/snapshots"
)

// State is how a store stands to its source.
type State string

// The states of a store.
const (
	Current     State = "current"     // it holds what the source last had
	Refused     State = "refused"     // what the source has is not believed
	Unreachable State = "unreachable" // the source gave no answer
	Stale       State = "stale"       // no check succeeded for too long
	Never       State = "never"       // it was never checked
)

// Facts are what is known of a store at a time.
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

// SameVersions tells whether another look found the same versions.
func (f *Facts) SameVersions(other Facts) bool {
	return f.Versions == other.Versions && f.Newest.ID == other.Newest.ID
}

// Confirmed returns when a check last succeeded; the zero time if that is not known at a time
// now, as where what was noted lies in the future.
func (f *Facts) Confirmed(now time.Time) time.Time {
	at := f.confirmed()
	if f.Check.Ahead(now) || snapshots.Ahead(at, now) {
		return time.Time{}
	}
	return at
}

// confirmed is what was noted. Where nothing was, the newest version tells when it was seen.
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

// State returns how the store stands at a time, if a check must have succeeded not longer
// ago than limit.
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
