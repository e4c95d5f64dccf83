package portrules

import (
	"cmp"
	"slices"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/registry/ports"
)

var columns = ports.Columns()

// key is what two records must share to be matched.
type key struct {
	name      string
	ports     string
	transport ports.Transport
	more      string
}

// pair is a record and the one that it became.
type pair struct{ old, new *ports.Record }

// take removes from both sides the records that share a key and fit, and returns them
// as pairs. Records without a key (ok is false) stay. If fits is nil, any two fit.
func (c *comparison) take(keyOf func(*ports.Record) (k key, ok bool), fits func(old, new *ports.Record) bool) (pairs []pair) {
	type group struct{ gone, came []*ports.Record }
	groups := make(map[key]*group)
	for _, r := range c.came {
		if k, ok := keyOf(r); ok {
			if groups[k] == nil {
				groups[k] = &group{}
			}
			groups[k].came = append(groups[k].came, r)
		}
	}
	var inOrder []*group
	for _, r := range c.gone {
		if k, ok := keyOf(r); ok && groups[k] != nil {
			g := groups[k]
			if len(g.gone) == 0 {
				inOrder = append(inOrder, g)
			}
			g.gone = append(g.gone, r)
		}
	}
	taken := make(map[*ports.Record]bool)
	for _, g := range inOrder {
		for _, p := range match(g.gone, g.came, fits) {
			pairs = append(pairs, p)
			taken[p.old], taken[p.new] = true, true
		}
	}
	c.gone, c.came = without(c.gone, taken), without(c.came, taken)
	return pairs
}

func without(rs []*ports.Record, taken map[*ports.Record]bool) []*ports.Record {
	return slices.DeleteFunc(rs, func(r *ports.Record) bool { return taken[r] })
}

// block is how many records a side are compared each with each. Larger groups are
// matched block by block in canonical order, so that time stays linear; in the
// registry no cell has more than four names.
const block = 64

// match pairs records, given in canonical order: those with most equal cells first, then
// in canonical order.
func match(old, new []*ports.Record, fits func(old, new *ports.Record) bool) (pairs []pair) {
	for len(old) > 0 && len(new) > 0 {
		n, m := min(len(old), block), min(len(new), block)
		pairs = append(pairs, matchBlock(old[:n], new[:m], fits)...)
		old, new = old[n:], new[m:]
	}
	return pairs
}

func matchBlock(old, new []*ports.Record, fits func(old, new *ports.Record) bool) (pairs []pair) {
	type candidate struct{ equal, i, j int }
	var list []candidate
	for i, r := range old {
		for j, a := range new {
			if fits == nil || fits(r, a) {
				list = append(list, candidate{equalCells(r, a), i, j})
			}
		}
	}
	slices.SortFunc(list, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.equal, a.equal), cmp.Compare(a.i, b.i), cmp.Compare(a.j, b.j))
	})
	left, right := make([]bool, len(old)), make([]bool, len(new))
	for _, c := range list {
		if !left[c.i] && !right[c.j] {
			left[c.i], right[c.j] = true, true
			pairs = append(pairs, pair{old[c.i], new[c.j]})
		}
	}
	return pairs
}

func equalCells(a, b *ports.Record) (n int) {
	v, w := a.Values(), b.Values()
	for i := range v {
		if v[i] == w[i] {
			n++
		}
	}
	return n
}

// fields returns the columns in which two records differ, in the order of columns.
func fields(old, new *ports.Record) (list []diff.Field) {
	a, b := old.Values(), new.Values()
	for i, c := range columns {
		if a[i] != b[i] {
			list = append(list, diff.Field{Key: c.Key, Old: a[i], New: b[i]})
		}
	}
	return list
}

// groupBy unites changes of equal identity, in the order of the first of each. Fields
// of the same column are those of the first change.
func groupBy[K comparable](changes []change, identity func(*change) K) []change {
	at := make(map[K]int, len(changes))
	var out []change
	for i := range changes {
		ch := &changes[i]
		id := identity(ch)
		j, known := at[id]
		if !known {
			at[id] = len(out)
			out = append(out, *ch)
			continue
		}
		out[j].Removed = append(out[j].Removed, ch.Removed...)
		out[j].Added = append(out[j].Added, ch.Added...)
		out[j].Transports = ports.TransportSet(append(out[j].Transports, ch.Transports...)...)
		out[j].Fields = union(out[j].Fields, ch.Fields)
	}
	return out
}

// union adds to a list of fields those of columns that it lacks, and keeps the order of
// columns.
func union(list, more []diff.Field) []diff.Field {
	n := len(list)
	for _, f := range more {
		if !slices.ContainsFunc(list[:n], func(g diff.Field) bool { return g.Key == f.Key }) {
			list = append(list, f)
		}
	}
	if len(list) > n {
		slices.SortStableFunc(list, func(a, b diff.Field) int { return cmp.Compare(columnAt(a.Key), columnAt(b.Key)) })
	}
	return list
}

func columnAt(key string) int {
	return slices.IndexFunc(columns[:], func(c ports.Column) bool { return c.Key == key })
}
