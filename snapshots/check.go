package snapshots

import (
	"time"

	"github.com/ianasync/ianasync/internal/layout"
)

// Outcome says how a check of the registry ended.
type Outcome string

// The outcomes of a check.
const (
	Changed     Outcome = "changed"     // a version was added
	Unchanged   Outcome = "unchanged"   // the newest version is what is served
	Refused     Outcome = "refused"     // what is served is not believed
	Unreachable Outcome = "unreachable" // there was no answer
	Followed    Outcome = "followed"    // the newest version is what somebody else publishes, who saw it no later than its id says
)

// Good tells whether a check that ended so found that the newest version is what is served, or published.
func (o Outcome) Good() bool { return o.sighting() || o == Followed }

// sighting tells whether a check that ended so saw the newest version at the registry itself.
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

// Check returns the last check, and whether there was one.
func (s *Store) Check() (c Check, found bool, err error) {
	found, err = s.readJSON(layout.Check, &c)
	return c, found, err
}

// confirmed returns when a check last ended well, as far as c knows, which may be of a
// release that did not write it down.
func (c *Check) confirmed() time.Time {
	if c.Confirmed.IsZero() && c.Outcome.Good() {
		return c.Checked
	}
	return c.Confirmed
}

// SetCheck records the last check. It is the last thing that a run does. A check that did
// not end well keeps in mind which one last did.
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
		d := *c.Refused
		d.Since = d.Since.UTC().Truncate(time.Second)
		c.Refused = &d
	}
	c.Version = ""
	if v, ok := s.Latest(); ok {
		c.Version = v.ID
	}
	return s.writeJSON(layout.Check, c)
}

// seenSince returns the sighting that only checked.json tells of, if new bytes seen at id
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
	if !known || h.lines[of].SHA256 != last.SHA256 || !c.Outcome.sighting() {
		return nil, nil
	}
	f := entry{Version: Version{
		ID: FormatID(c.Checked), Source: c.Source, ETag: c.ETag, LastModified: c.LastModified,
		SHA256: last.SHA256, Size: last.Size,
	}}
	owner, _ := h.find(h.blobs[last.SHA256].id)
	h.lines[owner].lend(&f)
	l, err := newLine(f)
	return []line{l}, err
}
