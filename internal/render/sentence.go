package render

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/registry/ports"
)

// markup writes the parts of a sentence in one format.
type markup struct {
	code  func(string) string // a service name; ports too, unless ports is set
	text  func(string) string // other text from the registry
	ports func(string) string // ports, where they are not written as service names are

	// Of a registry other than the service names; each may be nil.
	title  func(*diff.Change) string             // the registry's title, with what parts it from the rest
	record func(c *diff.Change, s string) string // the name or the key of the record that a change is about
}

// plain writes text for a terminal or a log, without markup.
var plain = markup{code: text.Visible, text: text.Visible}

// at writes ports.
func (m markup) at(numbers string) string {
	if m.ports != nil {
		return m.ports(numbers)
	}
	return m.code(numbers)
}

// Sentence returns one line about a change, without a full stop and without markup.
func Sentence(c *diff.Change) string { return plain.sentence(c) }

// sentence returns one line about a change, without a full stop. It quotes what the columns say now and said before, but
// for assignees and contacts: these may be people.
func (m markup) sentence(c *diff.Change) string {
	if !portrules.Is(c) {
		return m.keyed(c)
	}
	name, at := m.code(c.Name), m.place(c)
	if c.Name == "" {
		name = m.nameless(c)
	}
	return kinds[c.Kind].sentence(m, c, name, at)
}

// recut counts the rows of a range that IANA divided anew.
func (m markup) recut(c *diff.Change) string {
	return m.nameless(c) + " divided anew: " + plural(len(c.Removed), "entry", "entries") + " before, " + plural(len(c.Added), "entry", "entries") + " now"
}

func (m markup) deassigned(c *diff.Change) string {
	switch {
	case c.Name == "":
		return is(c) + "no longer " + m.quote(description(portrules.View(c).Own(c.Removed))) + m.fate(c)
	case portrules.View(c).GivenBack():
		return ": its port was given back; the name stays registered without a port" + m.also(c) + m.fate(c)
	}
	return " is no longer assigned" + m.fate(c)
}

// is returns the verb after the subject of a change.
func is(c *diff.Change) string {
	if c.Name == "" && isRange(c) {
		return " are "
	}
	return " is "
}

func isRange(c *diff.Change) bool {
	first, last, _ := portrules.View(c).Ports.Bounds()
	return first != last
}

// place returns the ports and transports of a change: " on 4420 (tcp, udp)".
func (m markup) place(c *diff.Change) string {
	s := ""
	if p := portrules.View(c).Ports.String(); p != "" && c.Name != "" {
		s = " on " + m.at(p)
	}
	return s + m.transports(c)
}

func (m markup) transports(c *diff.Change) string {
	var names []string
	for _, t := range portrules.View(c).Transports {
		names = append(names, m.text(string(t)))
	}
	if len(names) == 0 {
		return ""
	}
	return " (" + strings.Join(names, ", ") + ")"
}

// nameless names entries without a service name.
func (m markup) nameless(c *diff.Change) string {
	at := portrules.View(c).Ports
	numbers := at.String()
	switch first, last, ok := at.Bounds(); {
	case !ok && numbers != "":
		return "the entry of " + m.at(numbers)
	case !ok:
		return "an entry without a name"
	case first == last:
		return "port " + m.at(numbers)
	}
	return "ports " + m.at(numbers)
}

// fate returns the status of a change's ports after it, if the change lists it.
func (m markup) fate(c *diff.Change) string {
	about := portrules.View(c)
	if about.Ports.String() == "" {
		return "; it had no port"
	}
	now := unnamed(about.On(c.Added))
	if len(now) == 0 {
		return ""
	}
	subject := "; it is now "
	switch {
	case isRange(c) && c.Name == "":
		subject = "; they are now "
	case isRange(c):
		subject = "; the ports are now "
	case c.Name != "":
		subject = "; the port is now "
	}
	is := m.quote(description(now))
	if s := now[0].Status(); s != ports.Assigned {
		is = string(s)
	}
	if tr := now[0].Transport; tr != "" && len(about.Transports) == 1 && c.Name != "" { // another service may hold the port on another
		is += " on " + m.text(string(tr))
	}
	return subject + is
}

// unnamed returns the records without a service name.
func unnamed(rs []ports.Record) []ports.Record {
	return slices.DeleteFunc(slices.Clone(rs), func(r ports.Record) bool { return r.ServiceName != "" })
}

// named returns the records with a service name, in the order of their transports.
func named(rs []ports.Record) []ports.Record {
	rs = slices.DeleteFunc(slices.Clone(rs), func(r ports.Record) bool { return r.ServiceName == "" })
	slices.SortStableFunc(rs, func(a, b ports.Record) int { return byTransport(string(a.Transport), string(b.Transport)) })
	return rs
}

// described returns ": " and the first description of rs, if there is one.
func (m markup) described(rs []ports.Record) string {
	if d := description(rs); d != "" {
		return ": " + m.text(d)
	}
	return ""
}

func (m markup) inParentheses(rs []ports.Record) string {
	if d := description(rs); d != "" {
		return " (" + m.quote(d) + ")"
	}
	return ""
}

// quote encloses text from the registry in quotation marks.
func (m markup) quote(s string) string { return "“" + m.text(s) + "”" }

// description returns the first description of rs, cut to the length of a quotation.
func description(rs []ports.Record) string {
	if len(rs) == 0 {
		return ""
	}
	return text.Cut(rs[0].Description, longestValue)
}

func (m markup) moved(c *diff.Change) string {
	var now []string
	overlaps := false
	about := portrules.View(c)
	for _, p := range about.Now {
		if s := p.String(); s != "" {
			now = append(now, m.at(s))
		}
		overlaps = overlaps || p.Overlaps(about.Ports)
	}
	from, on, to := m.at(about.Ports.String()), m.transports(c), and(now)
	switch {
	case about.Ports.String() == "":
		return on + " had no port and is now on " + to
	case to == "":
		return " left " + from + on + " and now has no port"
	case overlaps:
		return on + " now holds " + to + ", before " + from
	}
	return " moved from " + from + on + " to " + to
}

// also returns what a change has besides its kind, each value after a semicolon.
func (m markup) also(c *diff.Change) string {
	var all strings.Builder
	for _, v := range m.values(c) {
		all.WriteString("; " + v)
	}
	return all.String()
}

// and joins words: "tcp, udp and sctp".
func and(words []string) string { return list(words, " and ") }

// or joins words: "tcp, udp or sctp".
func or(words []string) string { return list(words, " or ") }

func list(words []string, last string) string {
	if n := len(words); n > 1 {
		return strings.Join(words[:n-1], ", ") + last + words[n-1]
	}
	return strings.Join(words, "")
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
