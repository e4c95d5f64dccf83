// Package render words changes for people: one sentence a change, the same in every
// format, and around the sentences the layout of a terminal, of Markdown, and of the
// changelog.
//
// Two rules hold everywhere. The registry's text is untrusted: no character of it
// can act on a terminal or break out of Markdown (see escape.go). And assignees and
// contacts are people: a sentence says that a service changed hands, never between
// whom; only the details of a comparison that somebody asked for show the columns.
package render

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/registry"
)

// heading is what a kind of change is called over a list of such changes.
var heading = map[diff.Kind]string{
	diff.Deassigned:  "No longer assigned",
	diff.Reused:      "Now another service",
	diff.Renamed:     "Renamed",
	diff.Transferred: "Changed hands",
	diff.Moved:       "Moved",
	diff.Assigned:    "Newly assigned",
	diff.Unreserved:  "No longer reserved",
	diff.Reserved:    "Newly reserved",
	diff.Updated:     "Updated",
	diff.Recut:       "Redrawn",
}

// markup writes a sentence's parts in one format.
type markup struct {
	code  func(string) string // a service name, a port
	text  func(string) string // other text from the registry
	ports func(string) string // ports, where they are not written as code is
}

// at writes ports.
func (m markup) at(ports string) string {
	if m.ports != nil {
		return m.ports(ports)
	}
	return m.code(ports)
}

// longestDescription is how many characters of a description a sentence quotes.
const longestDescription = 160

// sentence says in one line, without a full stop, what c is.
func (m markup) sentence(c *diff.Change) string {
	name, at := m.code(c.Service), m.place(c)
	if c.Service == "" {
		name = m.nameless(c)
	}
	switch c.Kind {
	case diff.Deassigned:
		if c.Service == "" {
			return name + at + " is no longer " + m.quoted(c.Removed) + m.fate(c)
		}
		return name + at + " is no longer assigned" + m.fate(c)
	case diff.Reused:
		return m.code(c.Was) + at + " gave way to " + name + m.described(c.Added)
	case diff.Renamed:
		return m.code(c.Was) + at + " is now named " + name
	case diff.Transferred:
		return name + at + " has another assignee now" + alsoChanged(c)
	case diff.Moved:
		return name + m.moved(c)
	case diff.Assigned:
		if c.Service == "" {
			return name + at + " is now " + m.quoted(c.Added)
		}
		return name + at + " is new" + m.described(c.Added)
	case diff.Unreserved:
		return name + at + " is no longer Reserved" + m.fate(c)
	case diff.Reserved:
		return name + at + " is Reserved now"
	case diff.Updated:
		return name + at + ": " + columns(c.Fields) + " changed"
	case diff.Recut:
		return name + " redrawn: " + plural(len(c.Removed), "row", "rows") + " before, " + plural(len(c.Added), "row", "rows") + " now"
	}
	return string(c.Kind)
}

// place says where a change is: " on 4420 (tcp, udp)".
func (m markup) place(c *diff.Change) string {
	s := ""
	if p := c.Ports.String(); p != "" && c.Service != "" {
		s = " on " + m.at(p)
	}
	return s + m.transports(c.Transports)
}

func (m markup) transports(ts []registry.Transport) string {
	var names []string
	for _, t := range ts {
		names = append(names, m.text(string(t)))
	}
	if len(names) == 0 {
		return ""
	}
	return " (" + strings.Join(names, ", ") + ")"
}

// nameless names an unnamed cell.
func (m markup) nameless(c *diff.Change) string {
	switch first, last, ok := c.Ports.Bounds(); {
	case !ok && c.Ports.String() != "":
		return "the record of " + m.at(c.Ports.String())
	case !ok:
		return "a record without a name"
	case first == last:
		return "port " + m.at(c.Ports.String())
	}
	return "the range " + m.at(c.Ports.String())
}

// fate says what the cells of a change are now, where the change knows it.
func (m markup) fate(c *diff.Change) string {
	if c.Ports.String() == "" {
		return "; it had no port"
	}
	if len(c.Added) == 0 {
		return ""
	}
	is := "; the port is "
	if first, last, _ := c.Ports.Bounds(); c.Service == "" {
		is = "; it is "
	} else if first != last {
		is = "; the ports are "
	}
	if s := c.Added[0].Status(); s != registry.Assigned {
		return is + string(s) + " now"
	}
	return is + m.quoted(c.Added) + " now"
}

// described adds the first description of rs to a sentence.
func (m markup) described(rs []registry.Record) string {
	if d := description(rs); d != "" {
		return ": " + m.text(d)
	}
	return ""
}

// quoted quotes the first description of rs.
func (m markup) quoted(rs []registry.Record) string { return "“" + m.text(description(rs)) + "”" }

// description returns the first description of rs, as much of it as a sentence takes.
func description(rs []registry.Record) string {
	if len(rs) == 0 {
		return ""
	}
	return text.Cut(rs[0].Description, longestDescription)
}

func (m markup) moved(c *diff.Change) string {
	var now []string
	for _, p := range c.Now {
		if text := p.String(); text != "" {
			now = append(now, m.at(text))
		}
	}
	from, to := m.at(c.Ports.String())+m.transports(c.Transports), and(now)
	switch {
	case c.Ports.String() == "":
		return m.transports(c.Transports) + " had no port and is on " + to + " now"
	case to == "":
		return " left " + from + " and has no port now"
	}
	return " moved from " + from + " to " + to
}

// alsoChanged names the columns of a transfer that do not follow from it.
func alsoChanged(c *diff.Change) string {
	rest := slices.DeleteFunc(slices.Clone(c.Fields), func(f diff.Field) bool {
		return f.Key == "assignee" || f.Key == "contact" || f.Key == "modification_date"
	})
	if len(rest) == 0 {
		return ""
	}
	return "; " + columns(rest) + " changed too"
}

// columns names the columns of fields: "description, contact and reference". The
// modification date is not worth a word unless nothing else changed.
func columns(fields []diff.Field) string {
	var names []string
	for _, f := range fields {
		if f.Key != "modification_date" || len(fields) == 1 {
			names = append(names, column(f.Key))
		}
	}
	return and(names)
}

// column is what the column of a key is called inside a sentence.
func column(key string) string {
	if key == "unauthorized_use_reported" {
		return "report of unauthorized use"
	}
	return strings.ReplaceAll(key, "_", " ")
}

// Counts says in a few words how many changes of each kind there are, people's news
// first: "1 renamed, 3 assigned". It is "no changes" where there are none.
func Counts(changes []diff.Change) string {
	return counts(diff.Summary(changes), "no changes")
}

// headline says of what kinds the news among changes is: what a section lists, and
// does not only count.
func headline(changes []diff.Change) string {
	list, _, _ := sections(changes, false)
	n := make(map[diff.Kind]int)
	for _, s := range list {
		n[s.kind] = len(s.changes)
	}
	return counts(n, "bookkeeping")
}

func counts(n map[diff.Kind]int, none string) string {
	var parts []string
	for _, k := range diff.Kinds {
		if n[k] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[k], k))
		}
	}
	if len(parts) == 0 {
		return none
	}
	return strings.Join(parts, ", ")
}

// section is the changes of one kind.
type section struct {
	kind    diff.Kind
	changes []*diff.Change
}

// sections sorts changes for people: a section a kind, in the order of
// [diff.Kinds]. Contact-only updates and bookkeeping are only counted unless all is
// set.
func sections(changes []diff.Change, all bool) (list []section, contacts, recut int) {
	byKind := make(map[diff.Kind][]*diff.Change)
	for i := range changes {
		switch c := &changes[i]; {
		case c.ContactOnly():
			contacts++
			if all {
				byKind[c.Kind] = append(byKind[c.Kind], c)
			}
		case c.Kind == diff.Recut:
			recut++
			if all {
				byKind[c.Kind] = append(byKind[c.Kind], c)
			}
		default:
			byKind[c.Kind] = append(byKind[c.Kind], c)
		}
	}
	for _, k := range diff.Kinds {
		if len(byKind[k]) > 0 {
			list = append(list, section{k, byKind[k]})
		}
	}
	return list, contacts, recut
}

// counted says what was only counted, or nothing.
func counted(contacts, recut int) string {
	var parts []string
	if contacts > 0 {
		parts = append(parts, plural(contacts, "update", "updates")+" of contacts or dates alone")
	}
	if recut > 0 {
		parts = append(parts, plural(recut, "range", "ranges")+" redrawn")
	}
	return strings.Join(parts, ", ")
}

func plural(n int, one, many string) string {
	switch n {
	case 0:
		return "no " + one
	case 1:
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
