package snapshots

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// clockSlack is how far the clock may lie behind what was noted: versions of one second get the
// next ones as their ids, and clocks are set.
const clockSlack = time.Hour

// Ahead tells whether a time that was noted lies so far in the future that the clock was wrong
// then, or is now.
func Ahead(noted, now time.Time) bool { return noted.Sub(now) > clockSlack }

// Ahead tells whether the clock was wrong when c was noted, or is now. Then nobody knows when
// that was.
func (c *Check) Ahead(now time.Time) bool { return Ahead(c.Checked, now) || Ahead(c.Confirmed, now) }

// CheckClock holds the clock against what the store has, before anything is added. The error is
// that the newest version lies in the future. A last check that does is forgotten, for what comes
// now would be taken for older.
func (s *Store) CheckClock(now time.Time) error {
	if n := len(s.history.lines); n > 0 && Ahead(s.history.lines[n-1].Seen(), now) { // a version, or one seen again
		seen := s.history.lines[n-1].Seen()
		return hinted{
			fmt.Errorf("the clock says %s, but the newest version was seen at %s: is the clock right?", now.UTC().Format(time.RFC3339), seen.Format(time.RFC3339)),
			s.withoutFuture(now),
		}
	}
	c, _, err := s.Check()
	if err != nil || !c.Ahead(now) {
		return err
	}
	if err := s.writable(); err != nil {
		return err
	}
	return s.disk.Remove(s.path(checkedFile))
}

// withoutFuture says how to get rid of versions that a clock which was wrong put in the future.
func (s *Store) withoutFuture(now time.Time) string {
	kept := slices.IndexFunc(s.history.lines, func(l line) bool { return Ahead(l.Seen(), now) })
	lines := s.history.lines[kept:]
	for i := range s.history.lines[:kept] {
		if l := &s.history.lines[i]; max(l.Base, l.SameAs) >= lines[0].ID {
			return "if it is, it was wrong then; but older versions that came since are stored by what differs from that one: " +
				"go back to a copy of the store from before, or begin a new one with what 'ianasync export --format raw --at ID' gives of each other version, by 'ianasync import files'"
		}
	}
	last, files := "line", []string{checkedFile}
	if len(lines) > 1 {
		last = fmt.Sprintf("%d lines", len(lines))
	}
	for i := range lines {
		if l := &lines[i]; l.SameAs == "" {
			files = append(files, blobFile(l.ID))
		}
	}
	if len(files) > 4 {
		files = []string{checkedFile, fmt.Sprintf("%s to %s", files[1], files[len(files)-1])}
	}
	return fmt.Sprintf("if it is, it was wrong then: remove the last %s of %s, and the files %s; 'ianasync verify --repair' mends the rest",
		last, versionsFile, strings.Join(files, ", "))
}
