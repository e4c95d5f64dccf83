package snapshots

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Checks are the checks of a run over many groups that are not written yet. The file checks.jsonl has a line for each group of a
// store: rewriting it after each check takes most of the time of a run that finds nothing new.
//
// A run that is killed loses the checks that it held. The next one makes them again.
type Checks struct {
	dir   string
	lines map[string][]byte // by group
}

// NewChecks returns no checks, of groups of the store in dir.
func NewChecks(dir string) *Checks { return &Checks{dir, make(map[string][]byte)} }

// HoldCheck makes [Store.SetCheck] keep the check of the group in c, and [Store.Check] find it there.
func (s *Store) HoldCheck(c *Checks) { s.checks = c }

// Len returns the number of checks that are not written yet.
func (c *Checks) Len() int { return len(c.lines) }

// line returns the line of a group, or nil. There is none in nil Checks.
func (c *Checks) line(group string) []byte {
	if c == nil {
		return nil
	}
	return c.lines[group]
}

// Write writes the checks, which then are no longer held. No other store of the same folder may be open for writing: as
// [OpenForWriting] does, it waits for one, at most for the given time. The checks of other groups stay as they are in the file.
func (c *Checks) Write(ctx context.Context, wait time.Duration) (err error) {
	if len(c.lines) == 0 {
		return nil
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("writing the checks of %d groups: %w", len(c.lines), err)
			return
		}
		clear(c.lines)
	}()
	s := &Store{dir: c.dir, disk: realDisk{}}
	found, err := s.openFolder()
	switch {
	case err != nil:
		return err
	case !found:
		return ErrNoStore
	}
	if err := s.acquire(ctx, wait); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	isOther := func(group string, _ []byte) bool { return c.lines[group] == nil }
	return s.replaceChecks(isOther, slices.Collect(maps.Values(c.lines))...)
}
