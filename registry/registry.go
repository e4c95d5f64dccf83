// Package registry holds what all of IANA's registries have in common. It knows no column of any of them.
//
// IANA publishes its registries in groups: one XML file a group ("tls-parameters"), which holds one table for each registry
// of the group ("tls-parameters/tls-parameters-4"), and one CSV file a registry. The package keeps these apart:
//
//   - a [Group] and a [Registry] are descriptions: what a group is, where it is published, within which limits an edition
//     of it lies, what is known about its columns. Everything a description leaves out is read from the file, so that
//     [NewGroup] is enough to read a group that nobody described.
//   - an [Edition] is one file as IANA served it, decoded by a [Decoder] of its [Form]: its tables, and what each registry
//     states about itself.
//   - a [Table] is all records of one registry in one edition, in canonical order.
//   - a [Record] is one row: a comparable value, the set of its cells that have text.
//
// What could not be taken at its word is a [Problem] with its true line and column. Problems are values, not errors: the
// record is kept as far as it can be. Only a file that is not the group at all is an error ([ErrNotGroup]).
package registry

import (
	"errors"
	"fmt"
	"strings"
)

// Group describes a group of registries, which IANA publishes as one page and one XML file.
type Group struct {
	ID    string // IANA's name for it: "tls-parameters"
	Title string // IANA's title; empty where the group was not described by hand
	URL   string // of the file
	Page  string // for people
	Limits

	Registries []Registry // those that were described by hand; others are found in the file
	Decoder    Decoder    // reads its files
}

// NewGroup returns the description of the group with the given id, made of IANA's conventions and of what is described of
// its registries ([Described]).
func NewGroup(id string) *Group {
	page := "https://www.iana.org/assignments/" + id + "/"
	g := &Group{ID: id, URL: page + id + ".xml", Page: page, Limits: DefaultLimits(), Decoder: AnyForm{}}
	for _, r := range described() {
		if r.GroupID() == id {
			g.Registries = append(g.Registries, r)
		}
	}
	return g
}

// NewXMLGroup is [NewGroup] for the editions that IANA publishes of a whole group: its XML alone.
func NewXMLGroup(id string) *Group {
	g := NewGroup(id)
	g.Decoder = XMLDecoder{}
	return g
}

// Registry returns the description of one of the group's registries by its id ("tls-parameters/tls-parameters-4"): that
// by hand, or one that has nothing but the id and the group's limits.
func (g *Group) Registry(id string) *Registry {
	for i := range g.Registries {
		if g.Registries[i].ID == id {
			return &g.Registries[i]
		}
	}
	return &Registry{ID: id, Limits: g.Limits}
}

// Registry describes one registry: one table of a group.
type Registry struct {
	ID      string   // "tls-parameters/tls-parameters-4"
	Title   string   // empty where the registry was not described by hand
	URL     string   // of its CSV; empty where that is not known
	Columns []Column // what is known about its columns; a table may have others
	Limits
}

// maxProblems bounds the problems of a table: a file that has more is another file, and they would fill the memory.
const maxProblems = 10_000

// GroupID returns the id of the group that the registry is in.
func (r *Registry) GroupID() string { return GroupOf(r.ID) }

// GroupOf returns the id of the group of a registry: "tls-parameters" of "tls-parameters/tls-parameters-4". The id of a
// group is its own.
func GroupOf(id string) string {
	group, _, _ := strings.Cut(id, "/")
	return group
}

// column returns the description of the column with the given key.
func (r *Registry) column(key string) Column {
	for _, c := range r.Columns {
		if c.Key == key {
			return c
		}
	}
	return Column{Key: key, Role: RoleOf(key)}
}

// Limits are what an edition is held to before it is believed. A limit of zero is none.
type Limits struct {
	MaxBytes int // of a file
	MaxRows  int // of a file

	MinRecords    int // of a table; fewer are not all of it
	MaxCell       int // bytes of a cell
	MaxProblems   int // how many more problems an edition may have than the one before it
	MaxDuplicates int // how many more records an edition may have more than once than the one before it

	// The parts of a table's assigned records that one edition may differ in from the one before it: 0.02 is 2 %.
	MaxGone    float64 // are not in the newer one, by key
	MaxMore    float64 // are not in the older one
	MaxAltered float64 // are in both, with other cells
	// FewGone is how many assigned records may be gone whatever part of the table they are.
	FewGone int
}

// DefaultLimits returns the limits of a group that was not described by hand. The largest group of 2026 has 1.6 million bytes
// and 16,000 records.
func DefaultLimits() Limits {
	return Limits{MaxBytes: 16 << 20, MaxRows: 200_000, MaxCell: 64 << 10, MaxProblems: 5, MaxGone: 0.2, FewGone: 10}
}

// ErrNotGroup is the error for a file that is not an edition of the group.
var ErrNotGroup = errors.New("not the registry group")

// Role is what a column is about, as far as that is known.
type Role string

// The roles. A column has at most one, and a table may have several columns of one role.
const (
	NoRole      Role = ""
	Value       Role = "value"       // what is assigned: a number, a range of numbers, a code point
	Name        Role = "name"        // what it is assigned to
	Description Role = "description" // of what it is assigned to
	Reference   Role = "reference"   // documents, as tags: "[RFC9110]"
	Status      Role = "status"      // whether it is in use, recommended, obsolete
	Party       Role = "party"       // who holds or controls it
	People      Role = "people"      // whom to ask, as tags
	Date        Role = "date"
	Note        Role = "note"
)

// Column is a column of a table.
type Column struct {
	Key     string   // its name wherever a program reads it: "value"
	Label   string   // its heading for people, as IANA's CSV has it: "Decimal"; empty where that is not known
	Role    Role     // of a described column or of one with a well-known key; else empty
	Aliases []string // other headings that IANA used
}

// Heading returns the column's label; where it has none, its key, the first letter in upper case, _ and - as spaces.
func (c *Column) Heading() string {
	if c.Label != "" || c.Key == "" {
		return c.Label
	}
	text := strings.NewReplacer("_", " ", "-", " ").Replace(c.Key)
	return strings.ToUpper(text[:1]) + text[1:]
}

// roles are the keys that mean the same in all registries.
var roles = map[string]Role{
	"reference": Reference, "references": Reference,
	"contact": People, "assignee": Party, "controller": Party, "change_controller": Party, "change-controller": Party, "registrant": Party,
	"registration_date": Date, "modification_date": Date, "date": Date, "updated": Date, "date_registered": Date, "last_updated": Date,
	"note": Note, "notes": Note, "comment": Note, "comments": Note,
	"description": Description, "status": Status, "recommended": Status, "rec": Status,
}

// RoleOf returns the role of a column by its key, where that is a well-known one.
func RoleOf(key string) Role { return roles[strings.ToLower(key)] }

// Problem is a cell or a row that could not be taken at its word.
type Problem struct {
	Line   int    // in the file, from 1; a record may take several lines
	Column int    // in the line, in bytes, from 1
	Field  string // the column's key; empty where the whole row is meant
	Reason string
}

// String returns the problem as one line of text, without the file's name.
func (p Problem) String() string {
	if p.Field == "" {
		return fmt.Sprintf("%d:%d: %s", p.Line, p.Column, p.Reason)
	}
	return fmt.Sprintf("%d:%d: %s: %s", p.Line, p.Column, p.Field, p.Reason)
}
