// Package diff computes what happened between two tables of the registry, in the
// registry's own terms: which service names were assigned, which are gone, which
// port now belongs to another service.
//
// The registry has no primary key, so records are matched by what they share. The
// matching runs in passes from the surest to the weakest evidence, each wholly
// before the next (see [Compare]). A pass looks up records by a key, so comparing
// takes near linear time; among several candidates it prefers the most equal
// cells, then canonical order, so the order of rows does not matter.
//
// Files: match.go pairs records by any columns. named.go holds the passes over records
// with a service name, unnamed.go those over the others. rules.go and parties.go hold the
// rules of the service names registry: which columns are evidence, and of what.
//
// The law that everything rests on is conservation: a [Change] lists the records
// that it removes and those that it adds, and for any two tables the old one, less
// all that is removed and plus all that is added, is exactly the new one, as
// multisets. A list of changes can therefore be applied and undone ([Apply],
// [Undo]), and two lists in a row compose.
package diff

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/registry/ports"
)

// Kind is what a change is.
type Kind string

// The kinds of change. A cell is a port, or a range of ports, with a transport.
// docs/json.md has the exact rules.
const (
	Deassigned  Kind = "deassigned"  // a service name is gone, or its port was given back
	Reused      Kind = "reused"      // same cell, another service
	Renamed     Kind = "renamed"     // same cell, another name of the same service
	Transferred Kind = "transferred" // the assignee is another party
	Moved       Kind = "moved"       // same service name, other ports
	Assigned    Kind = "assigned"    // a service name is new, or has got a port
	Published   Kind = "published"   // a draft among the references became an RFC
	Unreserved  Kind = "unreserved"  // an unnamed cell stopped being Reserved, and no named change explains it
	Reserved    Kind = "reserved"    // an unnamed cell became Reserved, and no named change explains it
	Updated     Kind = "updated"     // other columns differ
	Recut       Kind = "recut"       // unnamed rows divided anew that state the same about every port
)

// Kinds are all kinds in the order in which they are listed for people:
// disappearances and reuses first, bookkeeping last.
var Kinds = [...]Kind{Deassigned, Reused, Renamed, Transferred, Moved, Assigned, Published, Unreserved, Reserved, Updated, Recut}

// Rank returns the index of k in [Kinds], or -1.
func (k Kind) Rank() int { return slices.Index(Kinds[:], k) }

// Removes reports whether in a change of kind k a service loses its port or its
// name.
func (k Kind) Removes() bool { return k == Deassigned || k == Reused }

// Field is a column in which the old and the new record of a change differ.
type Field struct {
	Key      string // the column's [ports.Column] key: "assignee"
	Old, New string
}

// Change is what happened to a service, or to ports without a name.
type Change struct {
	Kind       Kind
	Minor      bool              // an Updated change of contacts, dates or spelling alone
	Service    string            // the service name after the change, or before it if it is gone; empty for unnamed ports
	Was        string            // the service name before, for Renamed and Reused
	Ports      ports.Ports       // what the change is about; for Moved the ports that the service left
	Now        []ports.Ports     // for Moved the ports that the service has now; for Deassigned a lone zero value if the name stays without a port
	Transports []ports.Transport // in the registry's order; empty if the records have none
	Fields     []Field           // what differs between the old and the new record, in the order of columns; where transports differ in a value, that of the first
	Removed    []ports.Record    // in canonical order
	Added      []ports.Record    // in canonical order
}

// Compare returns the changes that lead from the old records to the new ones, in
// order of their ports. Neither argument is altered.
//
// Equal records cancel each other out. The rest is matched in this order:
//
//  1. same service name, ports and transport: [Transferred], [Published] or [Updated]
//  2. same service name and ports: [Updated], another transport
//  3. same service name: [Moved]; [Deassigned] if only records without a port are
//     left; [Assigned] if only such were there before
//  4. same ports and transport, akin: [Renamed]
//  5. same ports and transport: [Reused]
//  6. no port; same transport, description and registration date: [Renamed]
//  7. named records that are left: [Deassigned] and [Assigned]
//  8. unnamed records, port by port: what a named change explains belongs to it; other
//     differences are changes of exactly the ports that they are about; what is only
//     redrawn belongs to the change that it surrounds, or is [Recut]
//
// Changes of several transports that are one event become one. Since equal records
// cancel out, it is enough to pass those in which two tables differ
// ([ports.Distinct]).
func Compare(old, new []ports.Record) []Change {
	gone, came := ports.Difference(old, new)
	slices.SortFunc(gone, ports.Compare)
	slices.SortFunc(came, ports.Compare)
	c := comparison{}
	c.gone, c.unnamedGone = split(gone)
	c.came, c.unnamedCame = split(came)
	c.named()
	c.unnamed()
	for i := range c.changes {
		slices.SortFunc(c.changes[i].Removed, ports.Compare)
		slices.SortFunc(c.changes[i].Added, ports.Compare)
	}
	slices.SortFunc(c.changes, order)
	return c.changes
}

// comparison is a comparison under way. All lists of records are in canonical order.
type comparison struct {
	gone, came               []*ports.Record // with a service name, not matched yet
	unnamedGone, unnamedCame []*ports.Record // without one, in no change yet
	changes                  []Change
}

// split separates records with a service name from those without.
func split(rs []ports.Record) (named, unnamed []*ports.Record) {
	for i := range rs {
		if rs[i].ServiceName != "" {
			named = append(named, &rs[i])
		} else {
			unnamed = append(unnamed, &rs[i])
		}
	}
	return named, unnamed
}

// places returns the ports whose meaning the change alters, or redraws if it is Recut.
func (c *Change) places() []ports.Ports {
	return append([]ports.Ports{c.Ports}, c.Now...)
}

// IsAt reports whether the change is about any of the given ports. A change also lists rows
// of other ports that were redrawn around its own; it is not about those.
func (c *Change) IsAt(numbers ports.Ports) bool {
	return slices.ContainsFunc(c.places(), numbers.Overlaps)
}

// Alters reports whether the change alters what the registry has on a port.
func (c *Change) Alters(port uint16) bool {
	return c.Kind != Recut && c.IsAt(ports.PortRange(port, port))
}

// Redrawn returns the part of the change that redraws rows around its own ports, as a
// [Recut] change, and whether there is any. It is the whole change if that is Recut.
func (c *Change) Redrawn() (Change, bool) {
	if c.Kind == Recut {
		return *c, true
	}
	own := c.places()
	around := func(rs []ports.Record) (list []ports.Record) {
		for _, r := range rs {
			first, last, ok := r.Ports.Bounds()
			if r.ServiceName == "" && ok && !slices.ContainsFunc(own, func(p ports.Ports) bool { return p.Contains(first) && p.Contains(last) }) {
				list = append(list, r)
			}
		}
		return list
	}
	redrawn := Change{Kind: Recut, Removed: around(c.Removed), Added: around(c.Added)}
	for _, rs := range [][]ports.Record{redrawn.Removed, redrawn.Added} {
		for _, r := range rs {
			redrawn.Ports = hull(redrawn.Ports, r.Ports)
			redrawn.Transports = transports(append(redrawn.Transports, r.Transport)...)
		}
	}
	return redrawn, len(redrawn.Removed)+len(redrawn.Added) > 0
}

// Own returns those of records, which are the Removed or the Added of the change, that
// the change is about: those of its service, or, without a service, those on its ports.
func (c *Change) Own(records []ports.Record) []ports.Record {
	if c.Service == "" {
		return c.On(records)
	}
	return slices.DeleteFunc(slices.Clone(records), func(r ports.Record) bool { return r.ServiceName == "" })
}

// On returns those of records that are on the ports of the change.
func (c *Change) On(records []ports.Record) []ports.Record {
	return slices.DeleteFunc(slices.Clone(records), func(r ports.Record) bool {
		return !r.Ports.Overlaps(c.Ports) && r.Ports != c.Ports
	})
}

// transports returns the given transports once each, in the registry's order,
// unknown ones after the known; the empty one is dropped.
func transports(ts ...ports.Transport) []ports.Transport {
	ts = slices.DeleteFunc(slices.Clone(ts), func(t ports.Transport) bool { return t == "" })
	slices.SortFunc(ts, compareTransports)
	return slices.Compact(ts)
}

func compareTransports(a, b ports.Transport) int {
	rank := func(t ports.Transport) int {
		if i := t.Index(); i >= 0 {
			return i
		}
		return len(ports.Transports())
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b))
}

// hull returns the range from the first to the last port of p and q. If p has no ports
// it is q.
func hull(p, q ports.Ports) ports.Ports {
	first, last, ok := p.Bounds()
	if !ok {
		return q
	}
	from, to, ok := q.Bounds()
	if !ok || first <= from && to <= last {
		return p
	}
	return ports.PortRange(min(first, from), max(last, to))
}

// order orders changes by ports, then kind, then everything else.
func order(a, b Change) int {
	return cmp.Or(
		a.Ports.Compare(b.Ports),
		cmp.Compare(a.Kind.Rank(), b.Kind.Rank()),
		strings.Compare(a.Service, b.Service),
		strings.Compare(a.Was, b.Was),
		slices.Compare(a.Transports, b.Transports),
		slices.CompareFunc(a.Removed, b.Removed, ports.Compare),
		slices.CompareFunc(a.Added, b.Added, ports.Compare),
	)
}
