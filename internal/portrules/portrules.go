// Package portrules holds the rules of the service names registry for package diff: which service names were assigned,
// which are gone, which port now belongs to another service.
//
// The registry has no primary key, so records are matched by what they share. The
// matching runs in passes from the surest to the weakest evidence, each wholly
// before the next (see [Compare]). A pass ([diff.Take]) looks up records by a key, so
// comparing takes near linear time; among several candidates it prefers the most equal
// cells, then canonical order, so the order of rows does not matter.
//
// Files: match.go holds what two records have in common and in what they differ. named.go holds the passes over records
// with a service name, unnamed.go those over the others. rules.go holds which columns are evidence, and of what. change.go
// holds what a change of this registry has beside those of others ([View]).
package portrules

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/registry/ports"
)

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
func Compare(old, new []ports.Record) []diff.Change { return diff.Compare(rules{}, old, new) }

// rules are the rules of the service names registry.
type rules struct{}

// Match implements [diff.Rules].
func (rules) Match(gone, came []ports.Record) []diff.Change {
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
	list := make([]diff.Change, len(c.changes))
	for i := range c.changes {
		list[i] = c.changes[i].untyped()
	}
	return list
}

// change is a change under way: its records have their columns as fields. Of the embedded one the Removed and the Added are not
// set, nor what [change.untyped] sets.
type change struct {
	diff.Change
	Place
	Removed, Added []ports.Record
}

// untyped returns the change as package diff has it. Its key is the service and, after the change, the ports; of several the
// first. On which transports it is, the key does not state, for one change may be of several.
func (c *change) untyped() diff.Change {
	at := c.Ports
	if c.Kind == diff.Moved && len(c.Now) > 0 {
		at = c.Now[0]
	}
	place, untyped := c.Place, c.Change
	untyped.Registry, untyped.Columns, untyped.Extension = Registry, ports.GenericColumns(), &place
	untyped.Key = []registry.Cell{{Key: "service_name", Text: c.Name}, {Key: "port_number", Text: at.String()}}
	untyped.Removed, untyped.Added = ports.Untyped(c.Removed), ports.Untyped(c.Added)
	return untyped
}

// comparison is a comparison under way. All lists of records are in canonical order.
type comparison struct {
	gone, came               []*ports.Record // with a service name, not matched yet
	unnamedGone, unnamedCame []*ports.Record // without one, in no change yet
	changes                  []change
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

// order orders changes by ports, then kind, then everything else.
func order(a, b change) int {
	return cmp.Or(
		a.Ports.Compare(b.Ports),
		cmp.Compare(a.Kind.Rank(), b.Kind.Rank()),
		strings.Compare(a.Name, b.Name),
		strings.Compare(a.Was, b.Was),
		slices.Compare(a.Transports, b.Transports),
		slices.CompareFunc(a.Removed, b.Removed, ports.Compare),
		slices.CompareFunc(a.Added, b.Added, ports.Compare),
	)
}
