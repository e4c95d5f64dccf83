package rules

import (
	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/registry"
)

// IsAssigned reports whether a record is an assigned one.
func (s *Scheme) IsAssigned(r registry.Record) bool { return s.read(r).state == Assigned }

// MatchAll is Match without uniting the changes of a list that was re-shaped.
func (s *Scheme) MatchAll(gone, came []registry.Record) []diff.Change {
	return s.compare(gone, came).list()
}
