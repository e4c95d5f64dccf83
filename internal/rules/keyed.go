package rules

import (
	"slices"

	"github.com/ianasync/ianasync/registry"
)

// Keyed returns the scheme that [Learn] found before: its columns, key and name, and whether the key holds numbers.
func Keyed(columns []registry.Column, key []string, name string, whole, numeric bool) *Scheme {
	s := newScheme(columns)
	s.Whole, s.numeric = whole, numeric
	for i, c := range columns {
		if slices.Contains(key, c.Key) {
			s.key = append(s.key, i)
		}
		if c.Key == name && name != "" {
			s.name = i
		}
	}
	s.settle()
	return s
}

// Numeric reports whether the last column of the key holds numbers.
func (s *Scheme) Numeric() bool { return s.numeric }
