package rules

import "github.com/ianasync/ianasync/registry"

// Keyed returns the scheme that [Learn] or [Described] returned before: its columns, key and name, and whether the key holds numbers or codes.
func Keyed(columns []registry.Column, key []string, name string, whole, numeric bool) *Scheme {
	s := newScheme(columns)
	s.Whole, s.numeric = whole, numeric
	for _, k := range key {
		if i, known := s.index[k]; known {
			s.key = append(s.key, i)
		}
	}
	if i, known := s.index[name]; known {
		s.name = i
	}
	s.setNames()
	return s
}

// Numeric reports whether the last column of the key holds numbers or codes.
func (s *Scheme) Numeric() bool { return s.numeric }
