package rules

import (
	"slices"

	"github.com/ianasync/ianasync/registry"
)

// For returns the scheme of a registry, by its id, that some of its tables show, oldest first. Where the registry was described
// by hand ([registry.Described]), its key is the columns of the role [registry.Value], and its name the one of the role
// [registry.Name]; else both are what [Learn] finds.
func For(id string, tables ...*registry.Table) *Scheme {
	d, found := registry.Described(id)
	if !found {
		return LearnTables(tables...)
	}
	var columns []registry.Column
	for _, t := range slices.Backward(tables) {
		columns = merge(columns, t.Columns)
	}
	s := newScheme(columns)
	for _, c := range d.Columns {
		i, known := s.index[c.Key]
		switch {
		case c.Role == registry.Value && known:
			s.key = append(s.key, i)
		case c.Role == registry.Value: // IANA renamed the column
			return LearnTables(tables...)
		case c.Role == registry.Name && known:
			s.name = i
		}
	}
	if len(s.key) == 0 {
		return LearnTables(tables...)
	}
	s.numeric = !s.selfNamed()
	s.settle()
	return s
}
