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
type pair = diff.Pair[ports.Record]

// take removes from both sides the records that share a key and fit, and returns them as pairs: see [diff.Take].
func (c *comparison) take(keyOf func(*ports.Record) (k key, ok bool), fits func(pair) bool) []pair {
	return diff.Take(&c.gone, &c.came, keyOf, fits, equalCells)
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
