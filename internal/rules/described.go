package rules

import (
	"slices"

	"github.com/ianasync/ianasync/registry"
)

// For returns the scheme of a registry, by its id, that some of its tables show, oldest first: that of [Described] or, where the
// registry was not described, what [Learn] finds.
func For(id string, tables ...*registry.Table) *Scheme {
	var columns []registry.Column
	for _, t := range slices.Backward(tables) {
		columns = merge(columns, t.Columns)
	}
	if s, found := Described(id, columns); found {
		return s
	}
	return LearnTables(tables...)
}

// Described returns the scheme of a registry that was described by hand ([registry.Described]): its key is the columns of the
// role [registry.Value], and its name the one of the role [registry.Name]. There is none where the columns lack one of the key,
// which IANA renamed.
func Described(id string, columns []registry.Column) (*Scheme, bool) {
	d, found := registry.Described(id)
	if !found {
		return nil, false
	}
	s := newScheme(columns)
	for _, c := range d.Columns {
		i, known := s.index[c.Key]
		switch {
		case c.Role == registry.Value && known:
			s.key = append(s.key, i)
		case c.Role == registry.Value:
			return nil, false
		case c.Role == registry.Name && known:
			s.name = i
		}
	}
	if len(s.key) == 0 {
		return nil, false
	}
	if s.name < 0 { // a CSV has other columns than the XML
		s.name = s.named()
	}
	s.numeric = !s.selfNamed()
	s.setNames()
	return s, true
}
