package rules

import (
	"slices"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/registry"
)

// redrawn makes changes of assigned ranges whose ends alone differ from those of ranges that they overlap: [diff.Recut] where they are
// the same values divided otherwise, else [diff.Moved].
func (c *comparison) redrawn() {
	type sides struct{ gone, came []*row }
	var inOrder []*sides
	of := make(map[string]*sides)
	add := func(rows []*row, side func(*sides) *[]*row) {
		for _, r := range rows {
			if r.state != Assigned || !r.spans {
				continue
			}
			said := r.class + "\x00" + c.joined(r, func(i int) bool { return !c.isKey(i) && c.roles[i] != registry.Date && !c.isContact(i) })
			s := of[said]
			if s == nil {
				s = new(sides)
				of[said] = s
				inOrder = append(inOrder, s)
			}
			*side(s) = append(*side(s), r)
		}
	}
	add(c.gone, func(s *sides) *[]*row { return &s.gone })
	add(c.came, func(s *sides) *[]*row { return &s.came })

	taken := make(map[*row]bool)
	for _, s := range inOrder {
		for len(s.gone) > 0 && len(s.came) > 0 {
			n, m := region(s.gone, s.came)
			if n > 0 && m > 0 {
				c.redraw(s.gone[:n], s.came[:m])
				for _, r := range slices.Concat(s.gone[:n], s.came[:m]) {
					taken[r] = true
				}
			}
			s.gone, s.came = s.gone[n:], s.came[m:]
		}
	}
	c.gone, c.came = diff.Without(c.gone, taken), diff.Without(c.came, taken)
}

// region returns how many rows of each side, in order, begin before a value that none of them has.
func region(gone, came []*row) (n, m int) {
	last := min(gone[0].first, came[0].first)
	for {
		switch {
		case n < len(gone) && gone[n].first <= last:
			last = max(last, gone[n].last)
			n++
		case m < len(came) && came[m].first <= last:
			last = max(last, came[m].last)
			m++
		default:
			return n, m
		}
	}
}

// redraw makes one change of ranges that became others.
func (c *comparison) redraw(gone, came []*row) {
	kind := diff.Moved
	if slices.EqualFunc(united(gone), united(came), func(a, b span) bool { return a == b }) {
		kind = diff.Recut
	}
	e := c.add(kind, gone[0], came[0])
	if kind == diff.Recut {
		e.Name, e.Fields = "", nil
	}
	for _, r := range gone[1:] {
		e.Removed = append(e.Removed, r.Record)
	}
	for _, r := range came[1:] {
		e.Added = append(e.Added, r.Record)
	}
}

// united returns the values of rows, as spans that do not touch.
func united(rows []*row) []span {
	values := make(cover)
	for _, r := range rows {
		values.add("", r.span())
	}
	values.unite()
	return values[""]
}
