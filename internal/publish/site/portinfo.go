package site

import (
	"math/bits"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/publish/urls"
	"github.com/ianasync/ianasync/registry/ports"
)

// portInfo is what the map knows of a port.
type portInfo struct {
	since   string // the first registration date of a service on it; empty where there is none
	changed int    // 1 more than the step that changed it last, other than in contacts or by redrawing; 0 for never
	page    bool   // it has a page of its own
	past    bool   // something happened to it, if only to its contacts
}

// state is what a port is, as the map has it: the number of the strongest of its [ports.Marks].
type state uint8

// The states, from the weakest to the strongest.
const (
	blank state = iota // no record
	unassigned
	remarked // Unassigned, with a report of unauthorized use or a note
	reserved
	nameless
	assigned
)

// stateOf returns what the map shows of a port.
func (s *site) stateOf(port int) state { return state(bits.Len8(uint8(s.surveyed.Ports[port]))) }

// survey learns of each port what it is: in one pass over the records, and one over what happened.
func (s *site) survey() {
	for i := range s.Table.Records {
		r := &s.Table.Records[i]
		first, last, _ := r.Ports.Bounds()
		listed := first == last || r.Status() != ports.Unassigned // a range of Unassigned ports gives none of them a page
		for port := range r.Ports.All() {
			s.ports[port].note(r, listed)
		}
	}
	for _, port := range s.Index.Ports() {
		s.ports[port].page, s.ports[port].past = true, true
		for _, e := range s.Index.Port(port) {
			if slices.ContainsFunc(e.Changes, func(c diff.Change) bool { return c.Kind != diff.Recut && !c.Minor }) {
				s.ports[port].changed = s.step(e.Version.ID) + 1
			}
		}
	}
}

// step returns which step led to a version.
func (s *site) step(id string) int {
	i, _ := slices.BinarySearchFunc(s.Past.Steps(), id, func(step history.Step, id string) int { return strings.Compare(step.Version.ID, id) })
	return i
}

// note adds one record of the port, and whether the port has a page because of it.
func (c *portInfo) note(r *ports.Record, listed bool) {
	c.page = c.page || listed
	if r.ServiceName == "" || !r.RegistrationDate.Valid() {
		return
	}
	if d := r.RegistrationDate.String(); c.since == "" || d < c.since {
		c.since = d
	}
}

// nameServices collects the names of all services.
func (s *site) nameServices() {
	s.known, s.gone = make(map[string]string), make(map[string]bool)
	for i := range s.Table.Records {
		if name := s.Table.Records[i].ServiceName; name != "" && s.known[urls.Service(name)] == "" {
			s.known[urls.Service(name)] = name
		}
	}
	for _, name := range s.Index.Services() {
		if at := urls.Service(name); s.known[at] == "" {
			s.known[at], s.gone[at] = name, true
		}
	}
	for _, name := range s.known {
		s.names = append(s.names, name)
	}
	slices.SortFunc(s.names, byLetters)
}

// byLetters orders names as people look for them.
func byLetters(a, b string) int {
	if c := strings.Compare(strings.ToLower(a), strings.ToLower(b)); c != 0 {
		return c
	}
	return strings.Compare(a, b)
}
