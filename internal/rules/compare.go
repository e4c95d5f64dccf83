package rules

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/registry"
)

// mostRecords is how many records may be removed or added at once before a list counts as re-shaped: seen 34 times in
// eleven years, over all registries.
const mostRecords = 400

// mostReused is how many records of one table may be reused at once. More are a rewording of the whole list.
const mostReused = 5

// comparison is a comparison under way. All lists of rows are in canonical order.
type comparison struct {
	*Scheme
	gone, came []*row // in no change yet
	changes    []*event
}

// event is a change and the rows that it is about.
type event struct {
	diff.Change
	old, new *row // nil where there is none
}

// Match implements [diff.Rules]: it returns the changes that lead from the records that are gone to those that came, in order
// of their keys. Equal records cancel each other out before: see [diff.Compare]. The rest is matched in this order, each
// pass over what the one before left; of several candidates those with most equal cells go first, then canonical order:
//
//  1. all cells but dates and contacts: [diff.Updated], minor
//  2. all cells but references and dates, and a draft became an RFC: [diff.Published]
//  3. assigned, same key, and akin: the first that fits of [diff.Deprecated], [diff.Renamed], [diff.Transferred],
//     [diff.Permanent], [diff.Extended], [diff.Published], [diff.Updated]
//  4. assigned ranges that overlap and differ in their ends: [diff.Moved]; [diff.Recut] where they are the same values together
//  5. assigned, all cells but key, dates and contacts: [diff.Moved]; [diff.Renamed] where the key is the name, [diff.Updated] where it
//     is another text. Without names, the same date of registration, and no other record like it
//  6. assigned, same name: as 5
//  7. assigned, same key, and a document in common: as 3
//  8. assigned, another key, the same date of registration, and names that resemble each other: as 5; where the key is a text, the
//     text reworded, and a document or another cell in common
//  9. assigned, same key, nothing shared: [diff.Reused]; [diff.Updated] where there are no names, or over five in a table
//  10. assigned records that are left: [diff.Deassigned] and [diff.Assigned]
//  11. free and reserved records, value by value: [diff.Reserved], [diff.Unreserved], [diff.Updated]; what is only redrawn belongs
//     to the change that it surrounds, or is [diff.Recut]
//
// Where over 400 records went or came, the list was re-shaped: all but what was published is one change, or two, one of
// which is minor.
func (s *Scheme) Match(gone, came []registry.Record) []diff.Change {
	c := s.compare(gone, came)
	c.reshaped()
	return c.list()
}

// compare makes the passes.
func (s *Scheme) compare(gone, came []registry.Record) *comparison {
	c := &comparison{Scheme: s}
	c.gone, c.came = s.rows(gone), s.rows(came)

	c.pairs(c.quietKey, nil, func(p pair) diff.Kind { return diff.Updated })
	c.pairs(c.referenceKey, c.becameRFC, func(p pair) diff.Kind { return diff.Published })
	c.pairs(assigned(func(r *row) string { return r.reduced }), c.akin, c.kindOf)
	c.redrawn()
	c.pairs(c.restKey, nil, func(pair) diff.Kind { return c.elsewhere() })
	c.pairs(c.onlyKey(), nil, func(pair) diff.Kind { return diff.Moved })
	if !s.selfNamed() {
		c.pairs(assigned(func(r *row) string { return r.name }), nil, func(pair) diff.Kind { return c.elsewhere() })
	}
	if max(len(c.gone), len(c.came)) <= mostRecords { // of a list that was re-shaped the pairs do not count
		c.pairs(assigned(func(r *row) string { return r.reduced }), c.shareDocument, c.kindOf)
		c.pairs(assigned(c.registered), c.resemble, func(pair) diff.Kind { return c.elsewhere() })
		c.pairs(c.textKey, c.reworded, func(pair) diff.Kind { return c.elsewhere() })
	}
	c.reused()
	c.rest()
	c.unnamed()
	return c
}

// elsewhere returns the kind of a record that is the same under another key: where that is no value, the text was reworded.
func (c *comparison) elsewhere() diff.Kind {
	switch {
	case c.selfNamed():
		return diff.Renamed
	case c.Whole, !c.numeric:
		return diff.Updated
	}
	return diff.Moved
}

// rows reads records, in canonical order.
func (s *Scheme) rows(records []registry.Record) []*row {
	list := make([]*row, len(records))
	for i, r := range records {
		list[i] = s.read(r)
	}
	slices.SortFunc(list, compareRows)
	return list
}

// compareRows orders rows canonically: those whose key is a number by that, the others after them, by all cells.
func compareRows(a, b *row) int {
	if a.Record == b.Record {
		return 0
	}
	if a.spans != b.spans {
		if a.spans {
			return -1
		}
		return 1
	}
	if c := cmp.Or(strings.Compare(a.class, b.class), cmp.Compare(a.first, b.first), cmp.Compare(a.last, b.last), strings.Compare(a.reduced, b.reduced)); c != 0 {
		return c
	}
	if c := slices.Compare(a.cells, b.cells); c != 0 {
		return c
	}
	return registry.Compare(a.Record, b.Record)
}

// pair is a row and the one that it became.
type pair = diff.Pair[row]

// assigned limits a key to assigned records. An empty one is none.
func assigned(key func(*row) string) func(*row) (string, bool) {
	return func(r *row) (string, bool) {
		k := key(r)
		return k, k != "" && r.state == Assigned
	}
}

// pairs removes from both sides the rows that share a key and fit, and makes a change of each pair: see [diff.Take].
func (c *comparison) pairs(keyOf func(*row) (key string, ok bool), fits func(pair) bool, kind func(pair) diff.Kind) {
	for _, p := range diff.Take(&c.gone, &c.came, keyOf, fits, c.equal) {
		c.add(kind(p), p.Old, p.New)
	}
}

// equal counts the cells that two rows have in common: two for each, and one where only the names are equal when reduced.
func (c *comparison) equal(a, b *row) (n int) {
	for i := range a.cells {
		if a.cells[i] == b.cells[i] {
			n += 2
		}
	}
	if c.name >= 0 && a.name != "" && a.name == b.name && a.cells[c.name] != b.cells[c.name] {
		n++
	}
	return n
}

// quietKey is all that a row says, dates and contacts apart.
func (c *comparison) quietKey(r *row) (string, bool) {
	return c.joined(r, func(i int) bool { return c.roles[i] != registry.Date && !c.isContact(i) }), true
}

// referenceKey is all that a row says, references and dates apart.
func (c *comparison) referenceKey(r *row) (string, bool) {
	return c.joined(r, func(i int) bool { return c.roles[i] != registry.Date && c.roles[i] != registry.Reference }), true
}

// restKey is all that an assigned row says, its key, dates and contacts apart. It is not ok where that is too little for a
// record to be known by it.
func (c *comparison) restKey(r *row) (string, bool) {
	if r.state != Assigned || c.numeric && r.name == "" || c.Whole {
		return "", false
	}
	return c.restOf(r)
}

// restOf returns all that a row says, its key, dates and contacts apart, and whether that is enough for it to be known by.
func (c *comparison) restOf(r *row) (rest string, weighs bool) {
	rest = c.joined(r, func(i int) bool {
		if c.isKey(i) || c.roles[i] == registry.Date || c.isContact(i) {
			return false
		}
		weighs = weighs || c.weighs(i, r.cells[i]) && c.roles[i] != registry.Reference && !c.isPeople(i)
		return true
	})
	return rest, weighs
}

// onlyKey returns a key for assigned rows without names: all that they say and when they were registered. It is not ok where several
// rows of one side say the same.
func (c *comparison) onlyKey() func(*row) (string, bool) {
	keyOf := func(r *row) (string, bool) {
		date := c.registered(r)
		if date == "" || r.name != "" || r.state != Assigned || c.Whole {
			return "", false
		}
		rest, weighs := c.restOf(r)
		return rest + date, weighs
	}
	several := make(map[string]bool)
	for _, rows := range [][]*row{c.gone, c.came} {
		seen := make(map[string]bool)
		for _, r := range rows {
			if k, ok := keyOf(r); ok {
				several[k] = several[k] || seen[k]
				seen[k] = true
			}
		}
	}
	return func(r *row) (string, bool) {
		k, ok := keyOf(r)
		return k, ok && !several[k]
	}
}

func (c *comparison) joined(r *row, has func(column int) bool) string {
	var b strings.Builder
	for i, text := range r.cells {
		if has(i) {
			b.WriteString(text)
		}
		b.WriteByte(0)
	}
	return b.String()
}

func (c *comparison) isContact(i int) bool { return c.roles[i] == registry.People }

// add appends the change of a pair, or of a row that has no partner.
func (c *comparison) add(kind diff.Kind, old, new *row) *event {
	e := &event{Change: diff.Change{Kind: kind}, old: old, new: new}
	about := new
	if about == nil {
		about = old
	}
	e.Key = c.keyCells(about)
	if c.name >= 0 {
		e.Name = about.cells[c.name]
	}
	if old != nil {
		e.Removed = append(e.Removed, old.Record)
	}
	if new != nil {
		e.Added = append(e.Added, new.Record)
	}
	if old != nil && new != nil {
		e.Fields = c.fields(old, new)
		e.Minor = kind == diff.Updated && c.minor(old, new)
		if (kind == diff.Renamed || kind == diff.Reused) && c.name >= 0 {
			e.Was = old.cells[c.name]
		}
	}
	c.changes = append(c.changes, e)
	return e
}

// keyCells returns the cells of the key of a row.
func (s *Scheme) keyCells(r *row) (list []registry.Cell) {
	for _, k := range s.key {
		if !s.Whole || r.cells[k] != "" {
			list = append(list, registry.Cell{Key: s.Columns[k], Text: r.cells[k]})
		}
	}
	return list
}

// fields returns the columns in which two rows differ, in the order of columns.
func (c *comparison) fields(old, new *row) (list []diff.Field) {
	for i, text := range old.cells {
		if text != new.cells[i] {
			list = append(list, diff.Field{Key: c.Columns[i], Old: text, New: new.cells[i]})
		}
	}
	return list
}

// reused makes changes of assigned rows of the same key that share nothing.
func (c *comparison) reused() {
	before := len(c.changes)
	c.pairs(assigned(func(r *row) string { return r.reduced }), nil, func(pair) diff.Kind { return diff.Reused })
	reused := c.changes[before:]
	if c.name < 0 || c.isKey(c.name) || len(reused) > mostReused {
		for _, e := range reused {
			e.Kind, e.Minor, e.Was = diff.Updated, c.minor(e.old, e.new), ""
		}
	}
}

// rest makes changes of the assigned rows that are left.
func (c *comparison) rest() {
	for _, r := range c.gone {
		if r.state == Assigned {
			c.add(diff.Deassigned, r, nil)
		}
	}
	for _, r := range c.came {
		if r.state == Assigned {
			c.add(diff.Assigned, nil, r)
		}
	}
	isAssigned := func(r *row) bool { return r.state == Assigned }
	c.gone, c.came = slices.DeleteFunc(c.gone, isAssigned), slices.DeleteFunc(c.came, isAssigned)
}

// list returns the changes in order.
func (c *comparison) list() []diff.Change {
	rows := make(map[registry.Record]*row)
	compare := func(a, b registry.Record) int {
		for _, r := range [...]registry.Record{a, b} {
			if rows[r] == nil {
				rows[r] = c.read(r)
			}
		}
		return compareRows(rows[a], rows[b])
	}
	for _, e := range c.changes {
		slices.SortFunc(e.Removed, compare)
		slices.SortFunc(e.Added, compare)
	}
	slices.SortStableFunc(c.changes, func(a, b *event) int {
		return cmp.Or(compareEnds(a, b), cmp.Compare(a.Kind, b.Kind),
			slices.CompareFunc(a.Removed, b.Removed, registry.Compare), slices.CompareFunc(a.Added, b.Added, registry.Compare))
	})
	list := make([]diff.Change, len(c.changes))
	for i, e := range c.changes {
		list[i] = e.Change
	}
	return list
}

// compareEnds orders changes by the rows that they are about.
func compareEnds(a, b *event) int {
	about := func(e *event) *row {
		if e.new != nil {
			return e.new
		}
		return e.old
	}
	r, s := about(a), about(b)
	switch {
	case r == nil && s == nil:
		return 0
	case r == nil:
		return -1
	case s == nil:
		return 1
	}
	return compareRows(r, s)
}

// reshaped unites the changes of a list that was re-shaped: what became an RFC stays, and the rest becomes one change, or
// two, one of which is minor.
func (c *comparison) reshaped() {
	gone, came := 0, 0
	for _, e := range c.changes {
		gone, came = gone+len(e.Removed), came+len(e.Added)
	}
	if max(gone, came) <= mostRecords {
		return
	}
	united := map[bool]*event{}
	kept := c.changes[:0]
	for _, e := range c.changes {
		if e.Kind == diff.Published {
			kept = append(kept, e)
			continue
		}
		u := united[e.Minor]
		if u == nil {
			u = &event{Change: diff.Change{Kind: diff.Updated, Minor: e.Minor}}
			united[e.Minor] = u
		}
		u.Removed, u.Added = append(u.Removed, e.Removed...), append(u.Added, e.Added...)
	}
	for _, isMinor := range []bool{false, true} {
		if u := united[isMinor]; u != nil {
			kept = append(kept, u)
		}
	}
	c.changes = kept
}
