package site

import (
	"github.com/ianasync/ianasync/internal/facts"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/registry"
)

// settled says of each port at which step anything last happened to its records, redrawn ranges and contacts
// included; -1 where there are no steps.
type settled [1 << 16]int

// settle learns it from all that happened, oldest first.
func settle(events []history.Event) (s settled) {
	for port := range s {
		s[port] = min(0, len(events)-1)
	}
	at := make(map[string]int, len(events))
	for i := range events {
		e := &events[i]
		at[e.Version.ID] = i
		if e.Returned != history.Not {
			s.undo(at[e.Previous], i)
		}
		for j := range e.Changes {
			s.touch(e.Changes[j].Removed, i)
			s.touch(e.Changes[j].Added, i)
		}
	}
	return s
}

func (s *settled) touch(records []registry.Record, step int) {
	for i := range records {
		if first, last, ok := records[i].Ports.Bounds(); ok {
			for port := int(first); port <= int(last); port++ {
				s[port] = step
			}
		}
	}
}

// undo notes that a step returned to an older one: what happened since then happened to its ports once more.
func (s *settled) undo(to, step int) {
	for port := range s {
		if s[port] > to {
			s[port] = step
		}
	}
}

// since returns the step since which all records on some ports have been as they are.
func (s *settled) since(first, last int) int {
	step := s[first]
	for port := first; port <= last; port++ {
		step = max(step, s[port])
	}
	return step
}

// answer returns the step since which all that is said of a port has been so: its records, the services
// beside it, and the free ports nearest to it.
func (s *settled) answer(p *facts.Port) int {
	first, last := 0, len(s)-1
	if p.Below != nil {
		first = int(p.Below.Port)
	}
	if p.Above != nil {
		last = int(p.Above.Port)
	}
	lowest, highest := registry.RangeOf(p.Port).Bounds()
	first, last = min(first, bound(p.FreeBelow, lowest)), max(last, bound(p.FreeAbove, highest))
	return s.since(first, last)
}

// bound is a free port, or where there is none the end of the range that was searched for one.
func bound(free *uint16, end uint16) int {
	if free != nil {
		return int(*free)
	}
	return int(end)
}
