package rules

import (
	"maps"
	"slices"

	"github.com/ianasync/ianasync/registry"
)

// RenamedColumns returns the keys of the columns of a table that another one lacks, and what they are called there: a column that it
// has instead, of the same role or one that has none, and with nine in ten of the same texts. It returns nil where there are none.
func RenamedColumns(old, new *registry.Table) (names map[string]string) {
	came := without(new.Columns, old)
	for _, before := range without(old.Columns, new) {
		i := slices.IndexFunc(came, func(after registry.Column) bool {
			a, b := RoleOf(before), RoleOf(after)
			return (a == b || isPlain(a) && isPlain(b)) && sameTexts(old, before.Key, new, after.Key)
		})
		if i < 0 {
			continue
		}
		if names == nil {
			names = make(map[string]string)
		}
		names[before.Key] = came[i].Key
		came = slices.Delete(came, i, i+1)
	}
	return names
}

// sameTexts reports whether nine in ten texts of a column of a table are in a column of another, each as often, and the reverse.
func sameTexts(old *registry.Table, before string, new *registry.Table, after string) bool {
	texts := make(map[string]int)
	was, is, equal := 0, 0, 0
	for _, r := range old.Records {
		if text := r.Get(before); text != "" {
			texts[text]++
			was++
		}
	}
	for _, r := range new.Records {
		if text := r.Get(after); text != "" {
			is++
			if texts[text] > 0 {
				texts[text]--
				equal++
			}
		}
	}
	return equal > 0 && 10*equal >= 9*max(was, is)
}

// without returns those of some columns that a table lacks.
func without(columns []registry.Column, t *registry.Table) (list []registry.Column) {
	for _, c := range columns {
		if _, found := t.Column(c.Key); !found {
			list = append(list, c)
		}
	}
	return list
}

// naming returns the scheme that reads renamed columns as those that they became.
func (s *Scheme) naming(renamed map[string]string) *Scheme {
	if renamed == nil {
		return s
	}
	e := *s
	e.index, e.key = maps.Clone(s.index), slices.Clone(s.key)
	for before, after := range renamed {
		i, j := s.index[before], s.index[after]
		e.index[before] = j
		for k := range e.key {
			if e.key[k] == i {
				e.key[k] = j
			}
		}
		if e.name == i {
			e.name = j
		}
	}
	slices.Sort(e.key)
	e.key = slices.Compact(e.key)
	e.setNames()
	return &e
}
