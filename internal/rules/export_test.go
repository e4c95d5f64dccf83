package rules

import "github.com/ianasync/ianasync/registry"

// IsAssigned reports whether a record is an assigned one.
func (s *Scheme) IsAssigned(r registry.Record) bool { return s.read(r).state == Assigned }
