package snapshots

import (
	"slices"
	"time"

	"github.com/ianasync/ianasync/internal/layout"
)

// clockSlack is how far the clock may be behind a recorded time: of two versions of one second the
// later one gets the next second as its id, and clocks are adjusted.
const clockSlack = time.Hour

// Ahead reports whether a recorded time is so far in the future that the clock was wrong when it was
// recorded, or is wrong now.
func Ahead(noted, now time.Time) bool { return noted.Sub(now) > clockSlack }

// Ahead reports whether the clock was wrong when c was recorded, or is wrong now.
func (c *Check) Ahead(now time.Time) bool { return Ahead(c.Checked, now) || Ahead(c.Confirmed, now) }

// CheckClock compares the clock with what is stored. It is to be called before anything is added. Where the
// newest sighting is in the future, the error is a [*ClockError]. A last check in the future is
// removed: what is added now would be taken for older than that check.
func (s *Store) CheckClock(now time.Time) error {
	if n := len(s.history.lines); n > 0 && Ahead(s.history.lines[n-1].Seen(), now) { // a version, or one seen again
		return s.clockError(now)
	}
	c, _, err := s.Check()
	if err != nil || !c.Ahead(now) {
		return err
	}
	if err := s.writable(); err != nil {
		return err
	}
	return s.removeCheck()
}

// clockError describes the sightings that are later than now.
func (s *Store) clockError(now time.Time) *ClockError {
	first := slices.IndexFunc(s.history.lines, func(l line) bool { return Ahead(l.Seen(), now) })
	past, future := s.history.lines[:first], s.history.lines[first:]
	e := &ClockError{Now: now, Newest: future[len(future)-1].Seen(), File: s.group.Versions(), Lines: len(future), Files: []string{layout.Checks}}
	for i := range past {
		e.Shared = e.Shared || max(past[i].Base, past[i].SameAs) >= future[0].ID
	}
	for i := range future {
		if l := &future[i]; l.SameAs == "" {
			e.Files = append(e.Files, s.group.Blob(l.ID))
		}
	}
	return e
}
