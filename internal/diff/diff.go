// Package diff says what happened between two tables of the registry, in the
// registry's own terms: which service names were assigned, which are gone, which
// port now belongs to another.
//
// The registry has no primary key, so that rows have to be matched by what they
// share. Matching goes from the surest to the weakest evidence, each [Kind] wholly
// before the next (see [Compare]), and it always looks up equal keys in canonical
// order. So it takes linear time, and the order of rows does not matter.
//
// The one law that everything rests on is conservation: a [Change] lists the
// records that it takes away and those that it adds, and for any two tables, the
// old one less all that is taken away and plus all that is added is exactly the new
// one, as multisets. A list of changes can therefore be applied and undone ([Apply],
// [Undo]), and two lists in a row compose.
package diff

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/cases"

	"github.com/ianasync/ianasync/registry"
)

// Kind says what a change is.
type Kind string

// The kinds of change. A cell is a port, or a range of ports, with a transport.
const (
	Updated     Kind = "updated"     // same service name, ports and transport; other columns differ
	Transferred Kind = "transferred" // updated, and the assignee is another holder
	Moved       Kind = "moved"       // a service name left all its changed ports and has others now, or none
	Renamed     Kind = "renamed"     // same cell and description, another service name
	Reused      Kind = "reused"      // same cell, another service name and another description
	Deassigned  Kind = "deassigned"  // a service name that is gone
	Assigned    Kind = "assigned"    // a service name that is new, whatever was there before
	Reserved    Kind = "reserved"    // an unnamed cell became Reserved, and no named change explains it
	Unreserved  Kind = "unreserved"  // an unnamed cell stopped being Reserved, and no named change explains it
	Recut       Kind = "recut"       // bookkeeping: unnamed cells drawn anew around other changes
)

// Kinds are all kinds, in the order in which people want to hear of them:
// disappearances and reuses first, bookkeeping last.
var Kinds = [...]Kind{Deassigned, Reused, Renamed, Transferred, Moved, Assigned, Unreserved, Reserved, Updated, Recut}

// Rank is the place of k in [Kinds].
func (k Kind) Rank() int { return slices.Index(Kinds[:], k) }

// Removes tells whether in a change of kind k a service loses its assignment: the name is
// gone, or its port means another service.
func (k Kind) Removes() bool { return k == Deassigned || k == Reused }

// Field is a column in which the old and the new record of a change differ.
type Field struct {
	Key      string // the column's [registry.Column] key: "assignee"
	Old, New string
}

// Change is what happened to a service, or to an unnamed cell.
type Change struct {
	Kind       Kind
	Service    string               // the service name after the change, or before it where it is gone; empty for an unnamed cell
	Was        string               // the service name before, where it is another: for Renamed and Reused
	Ports      registry.Ports       // what the change is about; for Moved where the service was
	Now        []registry.Ports     // for Moved: where the service is now; a lone zero value where it has no port
	Transports []registry.Transport // in the registry's order; empty where the records have none
	Fields     []Field              // what differs, in the order of columns; empty for Assigned, Deassigned and unnamed cells that came or went
	Removed    []registry.Record    // what the change takes away, in canonical order
	Added      []registry.Record    // what it adds, in canonical order
}

// ContactOnly tells whether the change is an update of contacts and dates alone:
// news to the people concerned, and a count to all others.
func (c *Change) ContactOnly() bool {
	if c.Kind != Updated {
		return false
	}
	return !slices.ContainsFunc(c.Fields, func(f Field) bool {
		return f.Key != "contact" && f.Key != "modification_date" && f.Key != "registration_date"
	})
}

// Compare returns the changes that lead from the old records to the new ones, in
// order of their ports. Neither argument is altered.
//
// Equal records cancel each other out. The rest is matched in this order:
//
//  1. same service name, ports and transport: [Updated] or [Transferred]
//  2. same service name, no changed port in common: [Moved]
//  3. same ports, transport and description: [Renamed]
//  4. same ports and transport: [Reused]
//  5. named records that are left: [Deassigned] and [Assigned]
//  6. unnamed records that are left go to the change of the same cell; or are
//     [Reserved] or [Unreserved]; or, one region of ports at a time, [Recut]
//
// Changes of several transports that are otherwise the same become one. Since equal
// records cancel out anyway, it is enough to pass those in which two tables differ
// ([registry.Distinct]).
func Compare(old, new []registry.Record) []Change {
	var c comparison
	c.gone, c.came = registry.Difference(old, new)
	slices.SortFunc(c.gone, registry.Compare)
	slices.SortFunc(c.came, registry.Compare)
	c.updated()
	c.moved()
	c.renamed(Renamed, func(r *registry.Record) string { return fold(r.Description) })
	c.renamed(Reused, func(*registry.Record) string { return "" })
	c.changes = merge(c.changes)
	c.assigned(func(r *registry.Record) bool { return r.ServiceName != "" })
	c.unnamed()
	slices.SortFunc(c.changes, order)
	return c.changes
}

// comparison is a comparison under way.
type comparison struct {
	gone, came []registry.Record // what is not explained yet, in canonical order
	changes    []Change
}

// key is what two records have to share to be matched.
type key struct {
	name      string
	ports     string
	transport registry.Transport
	more      string
}

type pair struct{ old, new registry.Record }

// match takes away the records of both sides that share a key, the first with the
// first in canonical order, and returns them as pairs. Records without a key (ok is
// false) stay.
func (c *comparison) match(keyOf func(*registry.Record) (k key, ok bool)) []pair {
	waiting := make(map[key][]int) // indexes of c.came
	for i := range c.came {
		if k, ok := keyOf(&c.came[i]); ok {
			waiting[k] = append(waiting[k], i)
		}
	}
	var pairs []pair
	taken := make(map[int]bool)
	c.gone = slices.DeleteFunc(c.gone, func(r registry.Record) bool {
		k, ok := keyOf(&r)
		if !ok || len(waiting[k]) == 0 {
			return false
		}
		i := waiting[k][0]
		waiting[k] = waiting[k][1:]
		taken[i] = true
		pairs = append(pairs, pair{r, c.came[i]})
		return true
	})
	c.came = without(c.came, taken)
	return pairs
}

func without(rs []registry.Record, taken map[int]bool) []registry.Record {
	i := -1
	return slices.DeleteFunc(rs, func(registry.Record) bool { i++; return taken[i] })
}

func (c *comparison) add(kind Kind, p pair) *Change {
	c.changes = append(c.changes, Change{
		Kind: kind, Service: p.new.ServiceName, Ports: p.new.Ports, Transports: transports(p.new.Transport),
		Fields:  fields(p.old, p.new),
		Removed: []registry.Record{p.old}, Added: []registry.Record{p.new},
	})
	return &c.changes[len(c.changes)-1]
}

// updated matches what kept its name and its cell. An unnamed cell must also have
// kept its status: one that became Reserved is no update.
func (c *comparison) updated() {
	for _, p := range c.match(func(r *registry.Record) (key, bool) {
		k := key{name: r.ServiceName, ports: r.Ports.String(), transport: r.Transport}
		if r.ServiceName == "" {
			k.more = string(r.Status())
		}
		return k, true
	}) {
		kind := Updated
		if p.old.Assignee != "" && p.new.Assignee != "" && holder(p.old.Assignee) != holder(p.new.Assignee) {
			kind = Transferred
		}
		c.add(kind, p)
	}
}

// suffix is what IANA appends to the tag of a person or company to tell it from
// another of that name, and renumbers at will.
var suffix = regexp.MustCompile(`_[0-9]+\]`)

// holder returns what of an assignee says who it is.
func holder(assignee string) string { return fold(suffix.ReplaceAllString(assignee, "]")) }

// fold returns s with letter case folded away.
func fold(s string) string { return cases.Fold().String(s) }

// moved matches service names of which no changed record kept its port. There is
// one change for each port left; where as many are left as are new, the first goes
// with the first, otherwise the first change has all that was added.
func (c *comparison) moved() {
	gone, came := byName(c.gone), byName(c.came)
	left := make(map[string]bool)
	for name, rs := range gone {
		left[name] = name != "" && len(came[name]) > 0 && !shareAPort(rs, came[name])
	}
	var leaving []Change
	c.gone = slices.DeleteFunc(c.gone, func(r registry.Record) bool {
		if left[r.ServiceName] {
			leaving = append(leaving, Change{Kind: Moved, Service: r.ServiceName, Ports: r.Ports, Removed: []registry.Record{r}, Transports: transports(r.Transport)})
		}
		return left[r.ServiceName]
	})
	c.came = slices.DeleteFunc(c.came, func(r registry.Record) bool { return left[r.ServiceName] })
	leaving = groupBy(leaving, func(ch *Change) any {
		return [3]any{ch.Service, ch.Ports, len(ch.Transports) == 0}
	})
	from := make(map[string][]*Change)
	for i := range leaving {
		from[leaving[i].Service] = append(from[leaving[i].Service], &leaving[i])
	}
	for name, changes := range from {
		arrive(changes, came[name])
	}
	c.changes = append(c.changes, leaving...)
}

// arrive tells the changes of a service that moved where it is now.
func arrive(changes []*Change, came []registry.Record) {
	var to [][]registry.Record // by ports, in canonical order
	var now []registry.Ports
	for i, r := range came {
		if i == 0 || r.Ports != came[i-1].Ports {
			to, now = append(to, nil), append(now, r.Ports)
		}
		to[len(to)-1] = append(to[len(to)-1], r)
	}
	for i, ch := range changes {
		if len(changes) == len(to) {
			ch.Added, ch.Now = to[i], now[i:i+1]
		} else {
			ch.Now = now
			if i == 0 {
				ch.Added = came
			}
		}
		if len(ch.Added) > 0 {
			old := ch.Removed[0]
			twin := max(0, slices.IndexFunc(ch.Added, func(r registry.Record) bool { return r.Transport == old.Transport }))
			ch.Fields = fields(old, ch.Added[twin])
		}
	}
}

func byName(rs []registry.Record) map[string][]registry.Record {
	m := make(map[string][]registry.Record)
	for _, r := range rs {
		m[r.ServiceName] = append(m[r.ServiceName], r)
	}
	return m
}

func shareAPort(a, b []registry.Record) bool {
	ports := make(map[registry.Ports]bool, len(a))
	for _, r := range a {
		ports[r.Ports] = true
	}
	return slices.ContainsFunc(b, func(r registry.Record) bool { return ports[r.Ports] })
}

// renamed matches named records of one cell that agree on evidence.
func (c *comparison) renamed(kind Kind, evidence func(*registry.Record) string) {
	for _, p := range c.match(func(r *registry.Record) (key, bool) {
		return key{ports: r.Ports.String(), transport: r.Transport, more: evidence(r)}, r.ServiceName != "" && r.Ports.String() != ""
	}) {
		c.add(kind, p).Was = p.old.ServiceName
	}
}

// assigned takes the records in use that are left for what they are.
func (c *comparison) assigned(inUse func(*registry.Record) bool) {
	var gone, came []Change
	gone, c.gone = lone(c.gone, Deassigned, inUse)
	came, c.came = lone(c.came, Assigned, inUse)
	c.changes = append(c.changes, merge(append(gone, came...))...)
}

// lone makes a change of each record that is wanted, and returns the other records.
func lone(rs []registry.Record, kind Kind, wanted func(*registry.Record) bool) (changes []Change, rest []registry.Record) {
	for _, r := range rs {
		if !wanted(&r) {
			rest = append(rest, r)
			continue
		}
		c := Change{Kind: kind, Service: r.ServiceName, Ports: r.Ports, Transports: transports(r.Transport)}
		if kind == Deassigned || kind == Unreserved {
			c.Removed = []registry.Record{r}
		} else {
			c.Added = []registry.Record{r}
		}
		changes = append(changes, c)
	}
	return changes, rest
}

// merge makes one change of those of several transports that are otherwise the
// same.
func merge(changes []Change) []Change {
	return groupBy(changes, func(c *Change) any {
		id := struct {
			kind         Kind
			service, was string
			ports        registry.Ports
			none         bool
			fields       string
			record       registry.Record
		}{kind: c.Kind, service: c.Service, was: c.Was, ports: c.Ports, none: len(c.Transports) == 0}
		if len(c.Fields) > 0 {
			id.fields = fmt.Sprintf("%q", c.Fields)
		} else {
			id.record = slices.Concat(c.Removed, c.Added)[0]
			id.record.Transport = ""
		}
		return id
	})
}

// groupBy unites changes of equal identity, in the order of the first of each.
func groupBy(changes []Change, identity func(*Change) any) []Change {
	at := make(map[any]int)
	var out []Change
	for i := range changes {
		ch := &changes[i]
		id := identity(ch)
		j, known := at[id]
		if !known {
			at[id] = len(out)
			out = append(out, *ch)
			continue
		}
		out[j].Removed = append(out[j].Removed, ch.Removed...)
		out[j].Added = append(out[j].Added, ch.Added...)
		out[j].Transports = transports(append(out[j].Transports, ch.Transports...)...)
	}
	return out
}

// transports returns the given transports once each, in the registry's order,
// unknown ones after the known; none is left out.
func transports(ts ...registry.Transport) []registry.Transport {
	rank := func(t registry.Transport) int {
		if i := t.Index(); i >= 0 {
			return i
		}
		return len(registry.Transports())
	}
	ts = slices.DeleteFunc(slices.Clone(ts), func(t registry.Transport) bool { return t == "" })
	slices.SortFunc(ts, func(a, b registry.Transport) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b))
	})
	return slices.Compact(ts)
}

// order orders changes by ports, then kind, then all that could tell them apart.
func order(a, b Change) int {
	return cmp.Or(
		a.Ports.Compare(b.Ports),
		cmp.Compare(a.Kind.Rank(), b.Kind.Rank()),
		strings.Compare(a.Service, b.Service),
		strings.Compare(a.Was, b.Was),
		slices.Compare(a.Transports, b.Transports),
		slices.CompareFunc(a.Removed, b.Removed, registry.Compare),
		slices.CompareFunc(a.Added, b.Added, registry.Compare),
	)
}
