package rules

import (
	"slices"

	"github.com/ianasync/ianasync/registry"
)

// LearnTables is [Learn] for the tables of one registry, oldest first.
func LearnTables(tables ...*registry.Table) *Scheme {
	var columns []registry.Column
	for _, t := range slices.Backward(tables) { // the newest names the columns
		columns = merge(columns, t.Columns)
	}
	return Learn(columns, func(yield func(Step) bool) {
		var last []registry.Record
		for _, t := range tables {
			gone, came := registry.Difference(last, t.Records)
			if !yield(Step{gone, came}) {
				return
			}
			last = t.Records
		}
	})
}

// merge adds to a list of columns those that it lacks.
func merge(list, more []registry.Column) []registry.Column {
	for _, c := range more {
		if !slices.ContainsFunc(list, func(d registry.Column) bool { return d.Key == c.Key }) {
			list = append(list, c)
		}
	}
	return list
}

// Covering returns the scheme with the columns of a table that it lacks.
func (s *Scheme) Covering(t *registry.Table) *Scheme {
	var more []registry.Column
	for _, c := range t.Columns {
		if _, known := s.index[c.Key]; !known {
			more = append(more, c)
		}
	}
	if more == nil {
		return s
	}
	e := *s
	e.Columns, e.roles = slices.Clone(s.Columns), slices.Clone(s.roles)
	e.index = make(map[string]int)
	for _, c := range more {
		e.Columns, e.roles = append(e.Columns, c.Key), append(e.roles, RoleOf(c))
	}
	for i, key := range e.Columns {
		e.index[key] = i
	}
	return &e
}
