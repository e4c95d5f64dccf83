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
	d := division{comparison: c, old: make(cover), new: make(cover), taken: make(map[*row]bool)}
	d.cover()
	d.begun()
	d.ended()
	gone, came := diff.Without(c.gone, d.taken), diff.Without(c.came, d.taken)
	c.gone, c.came = nil, nil
	c.allocate(gone, came, d.subjects)
}

// division is how the free and reserved values are divided into rows, before and after.
type division struct {
	*comparison
	old, new cover         // the values of each state, and of each statement
	taken    map[*row]bool // the rows with a change of their own
	subjects []subject
}

// add is [comparison.add] for a change of a row's values.
func (d *division) add(kind diff.Kind, old, new, about *row) {
	d.subject(d.comparison.add(kind, old, new), about)
	d.taken[about] = true
}

// subject adds the span of a row, which may be nil, to the subjects.
func (d *division) subject(e *event, r *row) {
	if r != nil && r.spans {
		d.subjects = append(d.subjects, subject{r.span(), r.class, e})
	}
}

func (r *row) span() span { return span{r.first, r.last} }

// cover fills the covers. A cell that became assigned, or was, is reserved or free with that change.
func (d *division) cover() {
	for _, e := range d.changes {
		switch e.Kind {
		case diff.Assigned, diff.Deassigned, diff.Moved, diff.Renamed:
		default:
			continue
		}
		d.subject(e, e.old)
		d.subject(e, e.new)
		if r := e.old; r != nil && r.spans {
			d.old.add(stateKey(r.class, Reserved), r.span())
		}
		if r := e.new; r != nil && r.spans {
			d.new.add(stateKey(r.class, Reserved), r.span())
		}
	}
	for i, rows := range [][]*row{d.gone, d.came} {
		set := []cover{d.old, d.new}[i]
		for _, r := range rows {
			set.add(stateKey(r.class, r.state), r.span())
			set.add(d.statement(r), r.span())
		}
	}
	d.old.unite()
	d.new.unite()
}

// begun makes changes of the rows with values that have another state or another text than before.
func (d *division) begun() {
	for _, r := range d.came {
		switch same := d.old.has(stateKey(r.class, r.state), r.span()); {
		case r.state == Reserved && !same:
			d.add(diff.Reserved, nil, r, r)
		case same && !d.old.has(d.statement(r), r.span()):
			before := overlapping(d.gone, r)
			switch {
			case before == nil:
				continue
			case d.taken[before]:
				before = nil
			default:
				d.taken[before] = true
			}
			d.add(diff.Updated, before, r, r)
		}
	}
}

// ended makes changes of the rows with values that are reserved no more.
func (d *division) ended() {
	for _, r := range d.gone {
		if r.state == Reserved && !d.taken[r] && !d.new.has(stateKey(r.class, Reserved), r.span()) {
			d.add(diff.Unreserved, r, nil, r)
		}
	}
}

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

// stateKey is the key in a [cover] of the values of a state.
func stateKey(class string, s State) string { return class + "\x00" + string(rune('0'+s)) }

// statement is the key in a [cover] of what a free or reserved row says of each of its values.
func (c *comparison) statement(r *row) string {
	return stateKey(r.class, r.state) + "\x00" + parties.Fold(c.joined(r, func(i int) bool { return !c.isKey(i) && c.roles[i] != registry.Date && !c.isContact(i) }))
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
	spans := func(r *row) bool { return r.spans }
	restGone, restCame := only(c.gone, spans), only(c.came, spans)
	c.gone, c.came = slices.DeleteFunc(c.gone, spans), slices.DeleteFunc(c.came, spans)
	if len(c.gone)+len(c.came) > 0 {
		c.join()
		c.pairs(func(r *row) (string, bool) { return r.reduced, true }, nil, func(p pair) diff.Kind {
			switch {
			case p.Old.state == p.New.state:
				return diff.Updated
			case p.New.state == Reserved:
				return diff.Reserved
			}
			return diff.Unreserved
		})
		for _, r := range c.gone {
			c.add(kindIfReserved(diff.Unreserved, r), r, nil)
		}
		for _, r := range c.came {
			c.add(kindIfReserved(diff.Reserved, r), nil, r)
		}
	}
	c.gone, c.came = restGone, restCame
}

// only returns the rows of a list that are wanted.
func only(rows []*row, wanted func(*row) bool) (list []*row) {
	for _, r := range rows {
		if wanted(r) {
			list = append(list, r)
		}
	}
	return list
}

// kindIfReserved returns a kind for a reserved row, and [diff.Recut] for another.
func kindIfReserved(kind diff.Kind, r *row) diff.Kind {
	if r.state == Reserved {
		return kind
	}
	return diff.Recut
}

// join adds the rows whose key became assigned, or was, to the change that did it.
func (c *comparison) join() {
	arrived, left := make(map[string]*event), make(map[string]*event)
	for _, e := range c.changes {
		moved := e.Kind == diff.Moved || e.Kind == diff.Renamed
		if e.Kind == diff.Assigned || moved {
			arrived[e.new.reduced] = e
		}
		if e.Kind == diff.Deassigned || moved {
			left[e.old.reduced] = e
		}
	}
	c.gone = slices.DeleteFunc(c.gone, func(r *row) bool {
		e := arrived[r.reduced]
		if e != nil {
			e.Removed = append(e.Removed, r.Record)
		}
		return e != nil
	})
	c.came = slices.DeleteFunc(c.came, func(r *row) bool {
		e := left[r.reduced]
		if e != nil {
			e.Added = append(e.Added, r.Record)
		}
		return e != nil
	})
}
