package rules

import (
	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/registry"
)

// Trail follows the records of a registry back in time. As among the service names, a record is followed through renames and moves,
// and begins where its value was assigned or reused. A free or reserved range is followed by what it says of the given value, or else
// of its first, and begins where that had another state.
type Trail struct {
	Registry string // its id
	Scheme   *Scheme
	Value    string
}

// About returns a function that reports whether a change with a subject may have added a record, or removed what stood in its place.
func (t *Trail) About(registry.Record) func(subject string) bool {
	wanted := RegistrySubject(t.Registry)
	return func(subject string) bool { return subject == wanted }
}

// Predecessor returns what a record was before the changes that led to a version, of which c adds it; nil where there was nothing.
func (t *Trail) Predecessor(r registry.Record, c *diff.Change, all []diff.Change) *diff.Predecessor {
	s := t.Scheme
	now := s.read(r)
	at := now.first
	if v, ok := ParseValue(t.Value); ok {
		if first, last, ok := v.Span(); ok && now.first <= first && last <= now.last {
			at = first
		}
	}
	inPlace := func(w *row) bool {
		return w.reduced == now.reduced || w.spans && now.spans && w.class == now.class && w.first <= at && at <= w.last
	}
	paired := len(c.Key) > 0 && (now.state == Assigned || !now.spans) // it removes one such record, and adds one
	before := s.likest(now, c.Removed, func(w *row) bool {
		return w.state == now.state && (paired || inPlace(w) || now.name != "" && w.name == now.name)
	}, inPlace)
	if before == nil { // several changes may cut one range
		var removed []registry.Record
		for i := range all {
			if all[i].Registry == c.Registry {
				removed = append(removed, all[i].Removed...)
			}
		}
		before = s.likest(now, removed, func(w *row) bool {
			return inPlace(w) && (now.state != Assigned || w.state != Assigned)
		}, func(w *row) bool { return w.state == now.state })
	}
	if before == nil {
		return nil
	}
	p := &diff.Predecessor{Record: before.Record, Continues: before.state == now.state && c.Kind != diff.Reused}
	if before.state != Assigned && now.state != Assigned && (before.first != now.first || before.last != now.last) {
		p.Redrawn = s.Columns[s.key[len(s.key)-1]]
	}
	return p
}

// likest returns the record most like another, of those that fit: the preferred ones first, then those with the most equal cells;
// nil where none fits.
func (s *Scheme) likest(other *row, records []registry.Record, fits, preferred func(*row) bool) (best *row) {
	c := &comparison{Scheme: s}
	most := -1
	for _, r := range records {
		w := s.read(r)
		if !fits(w) {
			continue
		}
		n := c.equal(w, other)
		if preferred(w) {
			n += 2*len(s.Columns) + 2 // more than all cells count
		}
		if n > most {
			best, most = w, n
		}
	}
	return best
}
