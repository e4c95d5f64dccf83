package sync

import (
	"bytes"
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ianasync/ianasync/internal/rules"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/snapshots"
)

// The guard of groups other than that of the service names. It knows no column, so it relies on the form: an edition is an
// XML document that is well-formed to its end, with the group's id. What it holds against the edition before:
//
//   - no table lost more than a fifth of its assigned records, and more than 10, by key, nor all of its records. A registry
//     whose element is gone is none of that, but news; that no registry has a record any more is none;
//   - neither what it states is that of an older version, nor does its date of update lie before: a rollback. To an import
//     that is history.
//
// These are implausible: [Job.Sync] believes them after a day. An import believes a mass change where the next edition of
// the same mirror was seen at least a day later.

// groupGuard is the guard of another group.
type groupGuard struct{ *registry.Group }

// groupOf returns what an edition of a group decoded to; nil where the edition is nil.
func groupOf(e *edition) *registry.Edition {
	if e == nil {
		return nil
	}
	return e.content.(*registry.Edition)
}

func (g groupGuard) status(code int) *Rejection {
	r := statusRejection(code, g.Page)
	if code == http.StatusNotFound || code == http.StatusGone {
		r.Fix, r.gone = fixNoGroup, true
	}
	return r
}

func (g groupGuard) restore(_ *snapshots.Store, _ snapshots.Version, data []byte, known registry.Content) (registry.Content, error) {
	return g.DecodeContent(data, known)
}

// decode bounds size and records first.
func (g groupGuard) decode(body []byte, known registry.Content) (registry.Content, *Rejection, error) {
	reject := func(format string, args ...any) (registry.Content, *Rejection, error) {
		return nil, unfitf(format, args...), nil
	}
	l := &g.Limits
	if n := len(body); over(n, l.MaxBytes) {
		return reject("it has %d bytes; a group has at most %d", n, l.MaxBytes)
	}
	if n := bytes.Count(body, []byte("<record")); over(n, l.MaxRows) {
		return reject("it has %d records; a group has at most %d", n, l.MaxRows)
	}
	last, _ := known.(*registry.Edition)
	e, err := g.Decode(body, last)
	if errors.Is(err, registry.ErrNotGroup) {
		return nil, unfitFor(err), nil
	}
	if err != nil {
		return nil, nil, err
	}
	return e, nil, nil
}

func (g groupGuard) against(before, d *edition, c circumstances) *Rejection {
	old, now := groupOf(before), groupOf(d)
	if r := g.sound(old, now); r != nil {
		return r
	}
	if before == nil || before.digest() == d.digest() {
		return nil
	}
	if c.rollback != nil {
		if r := c.rollback(d.digest()); r != nil {
			return r
		}
		if was, is := updated(before), updated(d); is != "" && is < was {
			return implausiblef("it was updated on %s, and the version before on %s: a rollback", is, was)
		}
	}
	if !c.until.IsZero() && c.until.Sub(d.seen) >= servedFor {
		return nil // it was served for a day
	}
	if n := total(old); n > 0 && total(now) == 0 {
		return implausiblef("it has no record any more, and had %d", n)
	}
	for _, t := range old.Tables {
		if kept := now.Table(t.Registry.ID); kept != nil {
			if r := g.kept(t, kept); r != nil {
				return r
			}
		}
	}
	return nil
}

// total returns the number of records of all tables.
func total(e *registry.Edition) (n int) {
	for _, t := range e.Tables {
		n += len(t.Records)
	}
	return n
}

// updated returns the date on which a group says that it was updated; nothing where it states none, or none that can be.
func updated(e *edition) string {
	stated := groupOf(e).Stated
	if len(stated) == 0 {
		return ""
	}
	day, err := time.Parse(time.DateOnly, stated[0].Updated)
	if err != nil || day.After(e.seen.AddDate(0, 0, 1)) {
		return ""
	}
	return stated[0].Updated
}

// sound rejects an edition with more problems than the one before, or with a cell or another text that is too long.
func (g groupGuard) sound(before, d *registry.Edition) *Rejection {
	problems := func(e *registry.Edition) (list []registry.Problem) {
		if e != nil {
			for _, t := range e.Tables {
				list = append(list, t.Problems...)
			}
		}
		return list
	}
	if list, was := problems(d), problems(before); g.MaxProblems > 0 && len(list) > len(was)+g.MaxProblems {
		return suspiciousf("it has %d problems, where the version before has %d; the first: %s", len(list), len(was), list[0])
	}
	for _, t := range d.Tables {
		for _, r := range t.Records {
			for key, text := range r.All() {
				if over(len(text), g.MaxCell) {
					return suspiciousf("a record of %s has %d bytes in %q; no cell has more than %d", clip(t.Registry.ID), len(text), clip(key), g.MaxCell)
				}
			}
		}
	}
	for i := range d.Stated {
		s := &d.Stated[i]
		texts := []string{s.Title, s.Description, s.Reference}
		for _, n := range s.Notes {
			texts = append(texts, n.Title, n.Text)
		}
		for _, text := range texts {
			if over(len(text), g.MaxCell) {
				return suspiciousf("%s states %d bytes of text at once, %q; no text has more than %d", clip(s.ID), len(text), clip(text), g.MaxCell)
			}
		}
	}
	return nil
}

// kept rejects a table in which too many of the assigned records of the one before are gone.
func (g groupGuard) kept(before, d *registry.Table) *Rejection {
	l := &g.Limits
	if len(before.Records) > 0 && len(d.Records) == 0 {
		return implausiblef("%s has no record any more, and had %d", clip(before.Registry.ID), len(before.Records))
	}
	if l.MaxGone == 0 || len(goneFrom(before.Records, d.Records)) <= l.FewGone {
		return nil // whatever their keys are
	}
	column, renamed := identifying(before), rules.RenamedColumns(before, d)
	held := make(map[string]int, len(d.Records))
	for _, r := range d.Records {
		held[keyOf(r, cmp.Or(renamed[column], column), nil)]++
	}
	assigned, gone := 0, 0
	for _, r := range before.Records {
		if !isAssigned(r) {
			continue
		}
		assigned++
		if k := keyOf(r, column, renamed); held[k] > 0 {
			held[k]--
		} else {
			gone++
		}
	}
	if gone > l.FewGone && float64(gone) > l.MaxGone*float64(assigned) {
		return implausiblef("%d of %d assigned records of %s are gone; at most %.0f %% go at once", gone, assigned, clip(before.Registry.ID), 100*l.MaxGone)
	}
	return nil
}

// goneFrom returns the records of one table that another one does not have, as multisets.
func goneFrom(old, new []registry.Record) (gone []registry.Record) {
	held := make(map[registry.Record]int, len(new))
	for _, r := range new {
		held[r]++
	}
	for _, r := range old {
		if held[r]--; held[r] < 0 {
			gone = append(gone, r)
		}
	}
	return gone
}

// isAssigned reports whether no cell of a record has a word for free or reserved values, references, people and dates apart.
func isAssigned(r registry.Record) bool {
	for key, text := range r.All() {
		switch registry.RoleOf(key) {
		case registry.Reference, registry.People, registry.Party, registry.Date, registry.Note:
		default:
			if rules.StateOf(text) != rules.Assigned {
				return false
			}
		}
	}
	return true
}

// identifying returns the key of the column that identifies a record of a table: the first in which at least nine in ten assigned records
// differ; "" where there is none.
func identifying(t *registry.Table) string {
	const almost = 0.9
	for _, c := range t.Columns {
		switch registry.RoleOf(c.Key) {
		case registry.Reference, registry.People, registry.Party, registry.Date, registry.Note:
			continue
		default:
		}
		n, seen := 0, make(map[string]bool)
		for _, r := range t.Records {
			if isAssigned(r) {
				n++
				seen[rules.Reduce(r.Get(c.Key))] = true
			}
		}
		if float64(len(seen)) >= almost*float64(n) {
			return c.Key
		}
	}
	return ""
}

// keyOf returns what identifies a record: its text in a column, or all of it where the column's key is "", with columns under the
// names that they have now.
func keyOf(r registry.Record, column string, renamed map[string]string) string {
	if column != "" {
		return rules.Reduce(r.Get(column))
	}
	var cells []string
	for key, text := range r.All() {
		cells = append(cells, cmp.Or(renamed[key], key)+"\x00"+text+"\x00")
	}
	slices.Sort(cells)
	return strings.Join(cells, "")
}

// early rejects nothing: IANA dates a group to the day.
func (groupGuard) early(*edition) *Rejection { return nil }

func (groupGuard) difference(a, b registry.Content) (n int) {
	old, new := a.(*registry.Edition), b.(*registry.Edition)
	for _, of := range [2][2]*registry.Edition{{old, new}, {new, old}} {
		for _, t := range of[0].Tables {
			var others []registry.Record
			if other := of[1].Table(t.Registry.ID); other != nil {
				others = other.Records
			}
			n += len(goneFrom(t.Records, others))
		}
	}
	return n
}
