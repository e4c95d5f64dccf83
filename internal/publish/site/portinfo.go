package site

import (
	"math/bits"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/porthistory"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/internal/publish/urls"
	"github.com/ianasync/ianasync/registry/ports"
)

// portInfo is what the map shows of a port.
type portInfo struct {
	since   string // the first registration date of a service on it; empty where there is none
	changed int    // 1 more than the step that changed it last, other than in contacts or by redrawing; 0 for never
	page    bool   // it has a page of its own
	past    bool   // something happened to it, if only to its contacts
	of      string // digest of what its page and its data are made from; empty if that is not known
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
		for port := range r.Ports.All() {
			s.ports[port].note(r)
		}
	}
	for _, port := range portsWithPages(s.Table, s.Index, s.Notes) {
		s.ports[port].page = true
	}
	for _, port := range s.Index.Ports() {
		s.ports[port].past = true
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

// portsWithPages returns the ports that have a page of their own, and so a feed, in order: those with an entry, other than
// in a range of Unassigned ports; those with a history of their own, other than what happened to a range without a name;
// and those with notes. All others are rows of the page of their block.
func portsWithPages(t *ports.Table, x *porthistory.Index, notes []Note) (list []uint16) {
	var has [1 << 16]bool
	for i := range t.Records {
		r := &t.Records[i]
		if first, last, _ := r.Ports.Bounds(); first == last || r.Status() != ports.Unassigned {
			for port := range r.Ports.All() {
				has[port] = true
			}
		}
	}
	for _, port := range x.Ports() {
		has[port] = has[port] || slices.ContainsFunc(x.Port(port), func(e history.Event) bool {
			return slices.ContainsFunc(e.Changes, func(c diff.Change) bool { return portrules.View(&c).Alters(port) && ofItself(&c) })
		})
	}
	for _, n := range notes {
		if first, last, ok := n.Ports.Bounds(); ok && span(n) < noteSpan {
			for port := int(first); port <= int(last); port++ {
				has[port] = true
			}
		}
	}
	for port := range has {
		if has[port] {
			list = append(list, uint16(port))
		}
	}
	return list
}

// ofItself reports whether a change is about a service or a single port, not about a range without a name.
func ofItself(c *diff.Change) bool {
	first, last, _ := portrules.View(c).Ports.Bounds()
	return c.Name != "" || c.Was != "" || first == last
}

// note adds one record of the port.
func (c *portInfo) note(r *ports.Record) {
	if r.ServiceName == "" || !r.RegistrationDate.Valid() {
		return
	}
	if d := r.RegistrationDate.String(); c.since == "" || d < c.since {
		c.since = d
	}
}

// nameServices collects the names of all services.
func (s *site) nameServices() {
	s.names, s.known, s.gone = servicesWithPages(s.Table, s.Index)
}

// servicesWithPages returns the service names that have a page, and so a feed, in order of letters and by address: those of the
// newest version, and those that were registered before, which are gone. Of names that differ in letter case alone there is one.
func servicesWithPages(t *ports.Table, x *porthistory.Index) (names []string, known map[string]string, gone map[string]bool) {
	known, gone = make(map[string]string), make(map[string]bool)
	last := ""
	add := func(name string, isGone bool) {
		if name == last { // on another port, or another transport
			return
		}
		last = name
		if at := urls.Service(name); name != "" && known[at] == "" {
			known[at] = name
			names = append(names, name)
			if isGone {
				gone[at] = true
			}
		}
	}
	for i := range t.Records {
		add(t.Records[i].ServiceName, false)
	}
	for _, name := range x.Services() {
		add(name, true)
	}
	slices.SortFunc(names, byLetters)
	return names, known, gone
}

// byLetters orders names as people look for them.
func byLetters(a, b string) int {
	if c := strings.Compare(strings.ToLower(a), strings.ToLower(b)); c != 0 {
		return c
	}
	return strings.Compare(a, b)
}
