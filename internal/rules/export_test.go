package rules

import (
	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/registry"
)

// IsAssigned reports whether a record is an assigned one.
func (s *Scheme) IsAssigned(r registry.Record) bool { return s.read(r).state == Assigned }

// MatchTables is [Tables] without uniting the changes of a list that was re-shaped.
func (s *Scheme) MatchTables(old, new *registry.Table) []diff.Change {
	changes := s.compare(registry.Difference(old.Records, new.Records)).list()
	s.standing(changes, old, new)
	return changes
}
