// Package diff compares two tables of a registry: it computes what happened between them, in the registry's own terms.
//
// What counts as evidence differs from registry to registry, so a registry's [Rules] are an argument: they match the records
// in which two tables differ, in passes from the surest to the weakest evidence, each wholly before the next. The rules of
// the service names registry are package portrules, those of every other are package rules.
//
// The law that everything rests on is conservation: a [Change] lists the records
// that it removes and those that it adds, and for any two tables the old one, less
// all that is removed and plus all that is added, is exactly the new one, as
// multisets. A list of changes can therefore be applied ([Apply]) and, with both sides
// exchanged, undone; and two lists in a row compose.
package diff

import (
	"slices"

	"github.com/ianasync/ianasync/internal/plainjson"
	"github.com/ianasync/ianasync/registry"
)

// Kind is what a change is.
type Kind string

// The kinds of change. A cell is a port, or a range of ports, with a transport; in other registries a value, or a range of
// values. docs/json.md has the exact rules.
const (
	Deassigned  Kind = "deassigned"  // a name or a value is gone, or a service gave its port back
	Reused      Kind = "reused"      // same cell, another name
	Deprecated  Kind = "deprecated"  // a status or a mark became deprecated, obsolete, historic; not of ports
	Renamed     Kind = "renamed"     // same cell, another name of the same thing
	Transferred Kind = "transferred" // the assignee is another party
	Moved       Kind = "moved"       // same name, other ports or another value
	Assigned    Kind = "assigned"    // a name or a value is new, or a service has got a port
	Permanent   Kind = "permanent"   // a temporary registration became permanent; not of ports
	Extended    Kind = "extended"    // a temporary registration expires later; not of ports
	Introduced  Kind = "introduced"  // the registry is new, with all its records; not of ports
	Withdrawn   Kind = "withdrawn"   // the registry is gone, with all its records; not of ports
	Described   Kind = "described"   // what the registry states about itself differs; not of ports
	Published   Kind = "published"   // a draft among the references became an RFC
	Unreserved  Kind = "unreserved"  // an unnamed cell stopped being Reserved, and no named change explains it
	Reserved    Kind = "reserved"    // an unnamed cell became Reserved, and no named change explains it
	Updated     Kind = "updated"     // other columns differ
	Recut       Kind = "recut"       // unnamed rows divided anew that state the same about every port or value
)

// Kinds are all kinds in the order in which they are listed for people:
// disappearances and reuses first, bookkeeping last.
var Kinds = [...]Kind{
	Deassigned, Reused, Deprecated, Renamed, Transferred, Moved, Assigned, Permanent, Extended, Introduced, Withdrawn, Described,
	Published, Unreserved, Reserved, Updated, Recut,
}

// Rank returns the index of k in [Kinds], or -1.
func (k Kind) Rank() int { return slices.Index(Kinds[:], k) }

// Removes reports whether in a change of kind k a service loses its port or its
// name.
func (k Kind) Removes() bool { return k == Deassigned || k == Reused }

// Field is a column in which the old and the new record of a change differ.
type Field struct {
	Key      string // the column's [registry.Column] key: "assignee"
	Old, New string
}

// Change is what happened to a record, or to several that one event is about.
type Change struct {
	Registry string // its id
	Title    string // the registry's own, for people; empty where the file states none
	Kind     Kind
	Minor    bool              // an Updated change of contacts, dates or spelling alone
	Key      []registry.Cell   // the columns that identify the record, after the change or, if it is gone, before it
	Name     string            // what the record is about, where a column has that; a service's name
	Was      string            // the name before, if it is another
	Fields   []Field           // what differs between the old and the new record, in the order of columns; where several old records differ in a value, that of the first
	Removed  []registry.Record // in canonical order
	Added    []registry.Record // in canonical order
	Columns  []registry.Column // those that each record in JSON has, with text or without

	Extension Extension // what else the changes of the registry have; nil for nothing
}

// Extension is what the changes of one registry have beside those of others. It reads and writes its own members of a change
// in JSON.
type Extension interface {
	// AppendMembers appends the members to b, each after a comma. They stand after the name, with what [Change.AppendWas]
	// appends among them.
	AppendMembers(b []byte, c *Change) []byte
	// ReadMember sets the member with the given key to a value, and reports whether it is one of the extension's.
	ReadMember(key string, value *plainjson.Reader) bool
	// Check returns an error for a change that cannot be, once all of it is read.
	Check(c *Change) error
	// Subjects returns what the change is about, in order and each once. No subject has a tab.
	Subjects(c *Change) []string
}

// Rules are how the records of one registry are matched, in the form R in which its rules read records.
type Rules[R comparable] interface {
	// Match returns the changes that lead from the records that are gone to those that came, in the order in which they are
	// listed. Together they remove exactly the former and add exactly the latter, as multisets; each change lists its
	// records in the registry's canonical order. No record is on both sides. The result is independent of the order of
	// either argument, which Match may reorder.
	Match(gone, came []R) []Change
}

// Compare returns the changes that lead from the old records of a registry to the new ones. Neither argument is altered.
//
// Equal records cancel each other out; the registry's rules match the rest. So it is enough to pass the records in which two
// tables differ.
func Compare[R comparable](rules Rules[R], old, new []R) []Change {
	gone, came := registry.Difference(old, new)
	return rules.Match(gone, came)
}
