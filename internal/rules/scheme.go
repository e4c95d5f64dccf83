package rules

import (
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/parties"
	"github.com/ianasync/ianasync/registry"
)

// RoleOf returns the role of a column: the one that it has, or else that of the words of its key, as elements of IANA's XML
// and headings of its CSV have them.
func RoleOf(c registry.Column) registry.Role {
	if c.Role != registry.NoRole {
		return c.Role
	}
	key := c.Key
	k := strings.NewReplacer("-", "_", " ", "_").Replace(parties.Fold(key))
	words := strings.Split(k, "_")
	has := func(list ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(list, w) })
	}
	switch {
	case k == "date", has("date", "dates"), k == "reviewed", k == "registered", k == "updated":
		return registry.Date
	case has("reference", "references", "refs", "ref", "spec", "specs", "specification", "specifications", "document", "rfc", "definition", "definitions"):
		return registry.Reference
	case has("contact", "contacts"):
		return registry.People
	case has("assignee", "controller", "registrant", "requester", "requestor", "owner", "author", "sponsor", "org"):
		return registry.Party
	case has("note", "notes", "comment", "comments", "remark", "remarks", "whois", "rdap"): // servers are no parties
		return registry.Note
	case has("status", "recommended", "rec", "obsolete", "deprecated"), strings.HasPrefix(k, "use_for_"), strings.HasPrefix(k, "implement_for_"):
		return registry.Status
	}
	return registry.NoRole
}

// names are the keys of columns that hold a name, whatever else a registry has.
var names = []string{"name", "keyword", "mnemonic", "symbol", "shortname", "short_name", "label", "identifier"}

// Scheme is how the records of one registry are read.
type Scheme struct {
	Columns []string // the keys of all columns, in the registry's order
	Key     []string // those that identify a record; never empty where there are columns
	Whole   bool     // no columns do: Key is all of them
	Name    string   // the column of the name; empty where there is none. It may be the only one of Key

	index   map[string]int
	roles   []registry.Role
	key     []int
	name    int  // -1
	numeric bool // the last column of the key holds numbers or codes
}

// newScheme returns the scheme of some columns, without key and name.
func newScheme(columns []registry.Column) *Scheme {
	s := &Scheme{index: make(map[string]int, len(columns)), roles: make([]registry.Role, len(columns)), name: -1}
	for i, c := range columns {
		s.Columns = append(s.Columns, c.Key)
		s.index[c.Key], s.roles[i] = i, RoleOf(c)
	}
	return s
}

// row is a record and what the scheme reads of it.
type row struct {
	registry.Record
	cells   []string // by column
	state   State
	reduced string // the key
	name    string // reduced; of an assigned record only
	value   Value  // of the last column of the key
	number  bool   // the value is one
	first   uint64 // the value's span
	last    uint64
	spans   bool   // the value has a span
	class   string // the other columns of the key, reduced
}

// cells returns the texts of a record by column.
func (s *Scheme) cells(r registry.Record) []string {
	list := make([]string, len(s.Columns))
	for key, text := range r.All() {
		if i, known := s.index[key]; known {
			list[i] = text
		}
	}
	return list
}

// state returns the state of a record: that of its first cell that means one, references, dates and people apart. The key's
// cells count only where isKey is nil, which is while the key is being found.
func (s *Scheme) state(cells []string) State {
	for i, c := range cells {
		switch s.roles[i] {
		case registry.Reference, registry.Date, registry.People, registry.Party, registry.Note:
			continue
		case registry.Status:
			if strings.EqualFold(c, "experimental") { // of a specification
				continue
			}
		}
		if st := StateOf(c); st != Assigned {
			return st
		}
	}
	return Assigned
}

// read returns the row of a record.
func (s *Scheme) read(r registry.Record) *row {
	w := &row{Record: r, cells: s.cells(r)}
	w.state = s.state(w.cells)
	var b strings.Builder
	for i, k := range s.key {
		if i > 0 {
			b.WriteByte(0)
		}
		if i == len(s.key)-1 {
			w.class = b.String()
			w.value, w.number = ParseValue(w.cells[k])
			if w.number {
				w.first, w.last, w.spans = w.value.Span()
			}
		}
		b.WriteString(Reduce(w.cells[k]))
	}
	w.reduced = b.String()
	if s.name >= 0 && w.state == Assigned {
		w.name = Reduce(w.cells[s.name])
	}
	return w
}

// isKey reports whether a column is one of the key.
func (s *Scheme) isKey(i int) bool { return slices.Contains(s.key, i) }

// isPlain reports whether a column holds values, names or text: nothing that others do as well.
func (s *Scheme) isPlain(i int) bool { return isPlain(s.roles[i]) }

func isPlain(r registry.Role) bool {
	switch r {
	case registry.NoRole, registry.Value, registry.Name, registry.Description:
		return true
	}
	return false
}

// isPeople reports whether a column names people or institutions.
func (s *Scheme) isPeople(i int) bool {
	return s.roles[i] == registry.People || s.roles[i] == registry.Party
}

// selfNamed reports whether the key is a name, or the name is all that the key has.
func (s *Scheme) selfNamed() bool { return len(s.key) == 1 && s.name == s.key[0] }
