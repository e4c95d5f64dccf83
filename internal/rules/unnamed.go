package rules

import (
	"cmp"
	"slices"
	"sort"
	"strings"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/parties"
	"github.com/ianasync/ianasync/registry"
)

// Free and reserved records are cells that IANA divides anew with every assignment. They are compared by the spans of their
// values: those whose state or text is another one on some value are changes; what is only redrawn belongs to the change
// that it surrounds, or is [diff.Recut].

// span is a range of values, within a class.
type span struct{ first, last uint64 }

// cover is a set of values, for each of several keys: disjoint spans in order.
type cover map[string][]span

func (c cover) add(key string, s span) { c[key] = append(c[key], s) }

// unite sorts and unites the spans of every key. It must be called before has.
func (c cover) unite() {
	for key, list := range c {
		slices.SortFunc(list, func(a, b span) int { return cmp.Or(cmp.Compare(a.first, b.first), cmp.Compare(a.last, b.last)) })
		out := list[:0]
		for _, s := range list {
			if n := len(out); n > 0 && (s.first <= out[n-1].last || s.first == out[n-1].last+1) {
				out[n-1].last = max(out[n-1].last, s.last)
			} else {
				out = append(out, s)
			}
		}
		c[key] = out
	}
}

// has reports whether all values of a span are in the set of a key.
func (c cover) has(key string, s span) bool {
	list := c[key]
	i := sort.Search(len(list), func(i int) bool { return list[i].last >= s.first })
	return i < len(list) && list[i].first <= s.first && s.last <= list[i].last
}

// subject is a span that a change is about.
type subject struct {
	span
	class string
	event *event
}

// unnamed explains the free and reserved rows.
func (c *comparison) unnamed() {
	c.unreadable()
	if len(c.gone)+len(c.came) == 0 {
		return
	}
	var subjects []subject
	about := func(e *event, rows ...*row) {
		for _, r := range rows {
			if r != nil && r.spans {
				subjects = append(subjects, subject{span{r.first, r.last}, r.class, e})
			}
		}
	}
	old, new := make(cover), make(cover)
	statement := func(r *row) string { return r.class + "\x00" + string(rune('0'+r.state)) + "\x00" + c.statement(r) }
	state := func(class string, s State) string { return class + "\x00" + string(rune('0'+s)) }
	for _, e := range c.changes {
		switch e.Kind {
		case diff.Assigned, diff.Deassigned, diff.Moved, diff.Renamed:
		default:
			continue
		}
		about(e, e.old, e.new)
		if r := e.old; r != nil && r.spans { // a cell that became assigned, or was, is reserved or free with that change
			old.add(state(r.class, Reserved), span{r.first, r.last})
		}
		if r := e.new; r != nil && r.spans {
			new.add(state(r.class, Reserved), span{r.first, r.last})
		}
	}
	for i, rows := range [][]*row{c.gone, c.came} {
		set := []cover{old, new}[i]
		for _, r := range rows {
			set.add(state(r.class, r.state), span{r.first, r.last})
			set.add(statement(r), span{r.first, r.last})
		}
	}
	old.unite()
	new.unite()
	taken := make(map[*row]bool)
	byStart := append([]*row{}, c.gone...)
	for _, r := range c.came {
		s := span{r.first, r.last}
		switch same := old.has(state(r.class, r.state), s); {
		case r.state == Reserved && !same:
			about(c.add(diff.Reserved, nil, r), r)
		case same && !old.has(statement(r), s) && overlapsState(byStart, r):
			before := overlapping(byStart, r)
			if before == nil || taken[before] {
				about(c.add(diff.Updated, nil, r), r)
			} else {
				taken[before] = true
				about(c.add(diff.Updated, before, r), r)
			}
		default:
			continue
		}
		taken[r] = true
	}
	for _, r := range c.gone {
		if r.state == Reserved && !taken[r] && !new.has(state(r.class, Reserved), span{r.first, r.last}) {
			about(c.add(diff.Unreserved, r, nil), r)
			taken[r] = true
		}
	}
	gone, came := diff.Without(c.gone, taken), diff.Without(c.came, taken)
	c.gone, c.came = nil, nil
	c.allocate(gone, came, subjects)
}

func overlapsState(sorted []*row, r *row) bool { return overlapping(sorted, r) != nil }

// overlapping returns the first of the rows, in canonical order, that overlaps a row, is of its class and has its state.
func overlapping(sorted []*row, r *row) *row {
	i := sort.Search(len(sorted), func(i int) bool {
		return cmp.Or(strings.Compare(sorted[i].class, r.class), cmp.Compare(sorted[i].last, r.first)) >= 0
	})
	for ; i < len(sorted) && sorted[i].class == r.class && sorted[i].first <= r.last; i++ {
		if sorted[i].state == r.state && sorted[i].last >= r.first {
			return sorted[i]
		}
	}
	return nil
}

// statement is what a free or reserved row says of each of its values.
func (c *comparison) statement(r *row) string {
	return parties.Fold(c.joined(r, func(i int) bool { return !c.isKey(i) && c.roles[i] != registry.Date && !c.isContact(i) }))
}

// allocate adds rows that were redrawn to the changes that they surround: the first that overlaps, else the last before.
func (c *comparison) allocate(gone, came []*row, subjects []subject) {
	type side struct {
		*row
		removed bool
	}
	var rows []side
	for _, r := range gone {
		rows = append(rows, side{r, true})
	}
	for _, r := range came {
		rows = append(rows, side{r, false})
	}
	slices.SortStableFunc(rows, func(a, b side) int {
		return cmp.Or(strings.Compare(a.class, b.class), cmp.Compare(a.first, b.first), cmp.Compare(a.last, b.last))
	})
	slices.SortStableFunc(subjects, func(a, b subject) int {
		return cmp.Or(strings.Compare(a.class, b.class), cmp.Compare(a.first, b.first), cmp.Compare(a.last, b.last))
	})
	at := 0
	for len(rows) > 0 {
		class, region, n := rows[0].class, span{rows[0].first, rows[0].last}, 1
		for n < len(rows) && rows[n].class == class && rows[n].first <= region.last {
			region.last = max(region.last, rows[n].last)
			n++
		}
		for at < len(subjects) && (subjects[at].class < class || subjects[at].class == class && subjects[at].last < region.first) {
			at++
		}
		end := at
		for end < len(subjects) && subjects[end].class == class && subjects[end].first <= region.last {
			end++
		}
		near := subjects[at:end]
		var recut *event
		for _, r := range rows[:n] {
			e := recut
			switch {
			case len(near) > 0:
				e = near[choose(near, r.row)].event
			case e == nil:
				e = &event{Change: diff.Change{Kind: diff.Recut}, new: r.row}
				e.Key = c.keyCells(r.row)
				recut = e
				c.changes = append(c.changes, e)
			}
			if r.removed {
				e.Removed = append(e.Removed, r.Record)
			} else {
				e.Added = append(e.Added, r.Record)
			}
		}
		rows = rows[n:]
	}
}

// choose returns which of the subjects, in order, a row belongs to: the first that overlaps it, or the last before it.
func choose(near []subject, r *row) int {
	i := sort.Search(len(near), func(i int) bool { return near[i].first > r.last }) // all before i begin before the row ends
	j := sort.Search(i, func(j int) bool { return near[j].last >= r.first })        // they hardly overlap each other
	switch {
	case j < i:
		return j
	case i > 0:
		return i - 1
	}
	return 0
}

// unreadable makes changes of the free and reserved rows whose values have no span, by the text of their keys.
func (c *comparison) unreadable() {
	noSpan := func(rows []*row) (list, rest []*row) {
		for _, r := range rows {
			if r.spans {
				rest = append(rest, r)
			} else {
				list = append(list, r)
			}
		}
		return list, rest
	}
	var gone, came []*row
	gone, restGone := noSpan(c.gone)
	came, restCame := noSpan(c.came)
	if len(gone)+len(came) == 0 {
		return
	}
	// What became assigned, or was.
	arrived, left := make(map[string]*event), make(map[string]*event)
	for _, e := range c.changes {
		if e.Kind == diff.Assigned || e.Kind == diff.Moved || e.Kind == diff.Renamed {
			arrived[e.new.reduced] = e
		}
		if e.Kind == diff.Deassigned || e.Kind == diff.Moved || e.Kind == diff.Renamed {
			left[e.old.reduced] = e
		}
	}
	gone = slices.DeleteFunc(gone, func(r *row) bool {
		e := arrived[r.reduced]
		if e != nil {
			e.Removed = append(e.Removed, r.Record)
		}
		return e != nil
	})
	came = slices.DeleteFunc(came, func(r *row) bool {
		e := left[r.reduced]
		if e != nil {
			e.Added = append(e.Added, r.Record)
		}
		return e != nil
	})
	c.gone, c.came = gone, came
	c.pairs(func(r *row) (string, bool) { return r.reduced, true }, nil, func(p pair) diff.Kind {
		switch {
		case p.Old.state == p.New.state:
			return diff.Updated
		case p.New.state == Reserved:
			return diff.Reserved
		}
		return diff.Unreserved
	})
	alone := func(rows []*row, reserved diff.Kind, removed bool) {
		for _, r := range rows {
			kind := diff.Recut
			if r.state == Reserved {
				kind = reserved
			}
			if removed {
				c.add(kind, r, nil)
			} else {
				c.add(kind, nil, r)
			}
		}
	}
	alone(c.gone, diff.Unreserved, true)
	alone(c.came, diff.Reserved, false)
	c.gone, c.came = restGone, restCame
}
