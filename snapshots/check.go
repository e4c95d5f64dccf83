package snapshots

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/ianasync/ianasync/internal/checksum"
	"github.com/ianasync/ianasync/internal/layout"
)

// Outcome is how a check of the registry ended.
type Outcome string

// The outcomes of a check.
const (
	Changed     Outcome = "changed"     // a version was added
	Unchanged   Outcome = "unchanged"   // the newest version is what is served
	Refused     Outcome = "refused"     // what is served is not believed
	Unreachable Outcome = "unreachable" // there was no answer
	Followed    Outcome = "followed"    // the newest version is what another store publishes, which saw it no later than at the time of its id
)

// Good reports whether a check that ended so found that the newest version is what is served, or published.
func (o Outcome) Good() bool { return o.sighting() || o == Followed }

// sighting reports whether a check that ended so saw the newest version at the registry itself.
func (o Outcome) sighting() bool { return o == Changed || o == Unchanged }

// Check is the last check of the registry.
type Check struct {
	Checked      time.Time  `json:"checked"`                 // when; to the second, UTC
	Version      string     `json:"version,omitempty"`       // id of the newest version then; set by [Store.SetCheck]
	Source       string     `json:"source,omitempty"`        // what was asked
	Status       int        `json:"status,omitempty"`        // of HTTP; zero where there was no answer
	ETag         string     `json:"etag,omitempty"`          // for the next request: of the newest version
	LastModified string     `json:"last_modified,omitempty"` // likewise
	Outcome      Outcome    `json:"outcome"`
	Confirmed    time.Time  `json:"confirmed,omitzero"` // when a check last ended well: see [Outcome.Good]; set by [Store.SetCheck], but given where the outcome is Followed
	Refused      *Rejection `json:"refused,omitempty"`  // what is refused, as long as it is
}

// checkLine is one line of checks.jsonl, which has one for each group.
type checkLine struct {
	Group string `json:"group"`
	Check
}

// groupOf returns the group of a line of checks.jsonl, as far as its text has one.
func groupOf(line []byte) string {
	rest, found := bytes.CutPrefix(line, []byte(`{"group":"`))
	group, _, _ := bytes.Cut(rest, []byte(`"`))
	if !found {
		return ""
	}
	return string(group)
}

// ParseCheck returns the last check of a group from the content of a store's checks.jsonl, and whether there is one. It
// verifies the line of that group alone, or, where there is none, all lines: a damaged one may be this group's.
func ParseCheck(data []byte, group string) (c Check, found bool, err error) {
	begin, n := []byte(`{"group":"`+group+`"`), -1
	for line := range bytes.Lines(data) {
		n++
		if line = bytes.TrimSuffix(line, []byte("\n")); !bytes.HasPrefix(line, begin) || checksum.Check(line) != nil {
			continue
		}
		var l checkLine
		if err := json.Unmarshal(line, &l); err != nil {
			return Check{}, false, damagedCheck(n, err)
		}
		return l.Check, true, nil
	}
	for n, line := range checkLines(data) {
		if damage := checksum.Check(line); damage != nil {
			err = errors.Join(err, damagedCheck(n, damage))
		}
	}
	return Check{}, false, err
}

// LastChecks returns the last check of each group of the store in dir, without those whose lines are damaged.
func LastChecks(dir string) (map[string]Check, error) {
	data, err := os.ReadFile(filepath.Join(dir, layout.Checks))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	checks := make(map[string]Check)
	for _, text := range checkLines(data) {
		var l checkLine
		if checksum.Check(text) == nil && json.Unmarshal(text, &l) == nil {
			checks[l.Group] = l.Check
		}
	}
	return checks, nil
}

func damagedCheck(n int, err error) *Fault {
	return &Fault{File: layout.Checks, Problem: fmt.Sprintf("line %d: %v", n+1, err), Remedy: Derive}
}

func checkLines(data []byte) [][]byte {
	if len(data) == 0 {
		return nil
	}
	return bytes.Split(bytes.TrimSuffix(data, []byte("\n")), []byte("\n"))
}

// Check returns the last check, and whether there was one.
func (s *Store) Check() (c Check, found bool, err error) {
	if line := s.checks.line(string(s.group)); line != nil {
		return ParseCheck(line, string(s.group))
	}
	data, err := s.readChecks()
	if err != nil {
		return Check{}, false, err
	}
	return ParseCheck(data, string(s.group))
}

func (s *Store) readChecks() ([]byte, error) {
	data, err := s.read(layout.Checks)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

// confirmed returns when a check last ended well, as far as c states it.
func (c *Check) confirmed() time.Time {
	if c.Confirmed.IsZero() && c.Outcome.Good() {
		return c.Checked
	}
	return c.Confirmed
}

// SetCheck records the last check. It is the last thing that a run does. A check that did
// not end well keeps the time of the last one that did. After [Store.HoldCheck] it is kept there, and not written.
func (s *Store) SetCheck(c Check) error {
	if err := s.writable(); err != nil {
		return err
	}
	last, _, err := s.Check()
	if err != nil {
		return err
	}
	c.Checked = c.Checked.UTC().Truncate(time.Second)
	switch given := c.Confirmed.UTC().Truncate(time.Second); {
	case !c.Outcome.Good():
		c.Confirmed = last.confirmed()
	case c.Outcome == Followed && !c.Confirmed.IsZero() && given.Before(c.Checked):
		c.Confirmed = given // the publisher's last check, not ours: one that is frozen is stale to its followers
	default:
		c.Confirmed = c.Checked
	}
	if c.Refused != nil {
		r := *c.Refused
		r.Since = r.Since.UTC().Truncate(time.Second)
		c.Refused = &r
	}
	c.Version = ""
	if v, ok := s.Latest(); ok {
		c.Version = v.ID
	}
	line, err := checksum.Marshal(checkLine{string(s.group), c})
	if err != nil {
		return err
	}
	if s.checks != nil {
		s.checks.lines[string(s.group)] = line
		return nil
	}
	return s.replaceChecks(func(of string, _ []byte) bool { return of != string(s.group) }, line)
}

// removeCheck removes the last check of the group.
func (s *Store) removeCheck() error {
	if s.checks != nil {
		delete(s.checks.lines, string(s.group))
	}
	return s.replaceChecks(func(of string, _ []byte) bool { return of != string(s.group) })
}

// Drop removes the group from the store: its folder and its last check. A group with versions is not removed; that is an error.
func (s *Store) Drop() error {
	if err := s.writable(); err != nil {
		return err
	}
	if len(s.history.lines) > 0 {
		return fmt.Errorf("the group %q has versions", s.group)
	}
	if err := s.removeCheck(); err != nil {
		return err
	}
	return s.root.RemoveAll(string(s.group))
}

// replaceChecks rewrites checks.jsonl, by group, with the lines that are kept and others.
func (s *Store) replaceChecks(keep func(group string, line []byte) bool, lines ...[]byte) error {
	data, err := s.readChecks()
	if err != nil {
		return err
	}
	for _, line := range checkLines(data) {
		if keep(groupOf(line), line) {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return s.remove(layout.Checks)
	}
	slices.SortStableFunc(lines, func(a, b []byte) int { return strings.Compare(groupOf(a), groupOf(b)) })
	return s.write(layout.Checks, append(bytes.Join(lines, []byte("\n")), '\n'))
}

// seenSince returns the sighting that only checks.jsonl records, if new bytes seen at id
// would hide it: the newest version, found unchanged after that.
func (s *Store) seenSince(id, sum string) ([]line, error) {
	h := s.history
	if len(h.lines) == 0 {
		return nil, nil
	}
	last := &h.lines[len(h.lines)-1]
	if id < last.ID || sum == last.SHA256 {
		return nil, nil
	}
	c, found, err := s.Check()
	if err != nil || !found || !validTime(c.Checked) || FormatID(c.Checked) <= id {
		return nil, err
	}
	of, known := h.find(c.Version)
	if !known || h.lines[of].TableSHA256 != last.TableSHA256 || !c.Outcome.sighting() {
		return nil, nil
	}
	last = &h.lines[of]
	f := entry{Version: Version{
		ID: FormatID(c.Checked), Source: c.Source, ETag: c.ETag, LastModified: c.LastModified,
		SHA256: last.SHA256, Size: last.Size, Form: last.Form,
	}}
	owner, _ := h.find(h.blob(last.SHA256).id)
	h.lines[owner].shareWith(&f)
	l, err := h.newLine(f)
	return []line{l}, err
}
