package render

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fatih/color"

	"github.com/ianasync/ianasync/internal/lookup"
	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/registry"
)

// Port writes what is known of a port for a terminal.
func Port(w io.Writer, p *lookup.Port, o Options) error {
	var b strings.Builder
	bold := painter(o.Color, color.Bold)
	fmt.Fprintf(&b, "%s %s.\n", bold(fmt.Sprintf("Port %d", p.Port)), InRange(p))
	fmt.Fprintf(&b, "%s\n", Status(p))
	writeEntries(&b, p.Records, o)
	writePast(&b, p.Past, o)
	b.WriteString("\n")
	writeHolders(&b, p)
	if p.Below != nil || p.Above != nil {
		fmt.Fprintf(&b, "Neighbours: %s\n", joined("; ", neighbour(p.Below), neighbour(p.Above)))
	}
	if p.FreeBelow != nil || p.FreeAbove != nil {
		fmt.Fprintf(&b, "Nearest free ports: %s\n", joined(", ", number(p.FreeBelow), number(p.FreeAbove)))
	}
	fmt.Fprintf(&b, "%s\n", lookup.Advisory)
	_, err := io.WriteString(w, b.String())
	return err
}

// writeHolders says since when the services of a port hold it, and who held it before, where the record does not
// begin with all of that.
func writeHolders(b *strings.Builder, p *lookup.Port) {
	if p.Past == nil {
		return
	}
	if slices.ContainsFunc(p.Holders(), func(h lookup.Holder) bool { return h.Since != "" || len(h.Called) > 0 }) {
		fmt.Fprintf(b, "Holders: %s\n", Since(p))
	}
	if others := formerly(p); others != "" {
		fmt.Fprintf(b, "Held before: %s.\n", others)
	}
}

// Service writes what is known of a service name for a terminal.
func Service(w io.Writer, s *lookup.Service, o Options) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s.\n", painter(o.Color, color.Bold)(text.Visible(s.Name)), Standing(s))
	writeEntries(&b, s.Records, o)
	writePast(&b, s.Past, o)
	_, err := io.WriteString(w, b.String())
	return err
}

// InRange says which range a port is in and what that means, without a full stop: "is a User port
// (1024-49151): IANA assigns these on request".
func InRange(p *lookup.Port) string {
	return fmt.Sprintf("is a %s port (%s): %s", p.Range, p.RangePorts, p.Meaning)
}

// Standing says whether a name is registered, without a full stop: "is a registered service name".
func Standing(s *lookup.Service) string {
	if len(s.Records) == 0 {
		return "is no longer, but was, a registered service name"
	}
	if !slices.ContainsFunc(s.Records, func(e lookup.Entry) bool { return e.Record.Ports.String() != "" }) {
		return "is a registered service name without a port: programs look it up by its name alone"
	}
	return "is a registered service name"
}

// Status says of a port what it is on each transport: "Assigned to ncl on tcp and
// udp; no record on sctp and dccp."
func Status(p *lookup.Port) string {
	if p.Free {
		return "It is free: Unassigned on every transport."
	}
	if len(p.Records) == 0 && p.Range == registry.Dynamic {
		return "It has no record, as no port of this range has."
	}
	var order []string
	on := make(map[string][]string)
	for _, t := range p.Transports {
		var is string
		switch {
		case len(t.Services) > 0:
			is = "assigned to " + text.Visible(strings.Join(t.Services, ", "))
		case t.Status == registry.Assigned:
			is = "in use without a service name"
		case t.Status == "":
			is = "no record"
		default:
			is = string(t.Status)
		}
		if on[is] == nil {
			order = append(order, is)
		}
		on[is] = append(on[is], string(t.Transport))
	}
	var parts []string
	for _, is := range order {
		parts = append(parts, is+" on "+and(on[is]))
	}
	s := strings.Join(parts, "; ")
	return strings.ToUpper(s[:1]) + s[1:] + "."
}

// and joins words: "tcp, udp and sctp".
func and(words []string) string {
	if n := len(words); n > 1 {
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
	return strings.Join(words, "")
}

// shown are the columns of a record that an entry lists, each on its own line.
var shown = []string{
	"Assignee", "Contact", "Registration Date", "Modification Date", "Reference", "Service Code",
	"Unauthorized Use Reported", "Assignment Notes",
}

// writeEntries writes records, twins that differ in nothing but transport as one.
func writeEntries(b *strings.Builder, entries []lookup.Entry, o Options) {
	bold, dim := painter(o.Color, color.Bold), painter(o.Color, color.Faint)
	for _, r := range Rows(entries) {
		title := bold(r.Name)
		if r.At != "" {
			title += "  " + r.At
		}
		if r.Description != "" {
			title += "  " + r.Description
		}
		fmt.Fprintf(b, "\n%s\n", title)
		for _, line := range r.Lines {
			fmt.Fprintf(b, "  %-26s %s\n", line.Column, line.Value)
		}
		if r.NotSaid != "" {
			fmt.Fprintf(b, "  %s\n", dim(r.NotSaid))
		}
	}
}

// Row is a record as people read it, together with its twins that differ in nothing but transport. All its
// text is [text.Visible].
type Row struct {
	Record      registry.Record // the first of the twins, as it is
	Name        string          // of the service; the status of what has none
	At          string          // "2397/tcp,udp"
	Description string          // where it says more than the name
	Lines       []Line          // the other columns that say something
	NotSaid     string          // "the record says no contact or reference"; empty where it lacks nothing
}

// Line is a column of a record that says something.
type Line struct{ Column, Value string }

// Rows returns entries as people read them.
func Rows(entries []lookup.Entry) (rows []Row) {
	for len(entries) > 0 {
		e := entries[0]
		var twins []string
		twins, entries = twinsOf(e, entries)
		rows = append(rows, row(e, twins))
	}
	return rows
}

func row(e lookup.Entry, transports []string) Row {
	name := e.Record.ServiceName
	if name == "" {
		name = string(e.Record.Status())
	}
	r := Row{Record: e.Record, Name: text.Visible(name), At: text.Visible(joined("/", e.Record.Ports.String(), joined(",", transports...)))}
	if d := e.Record.Description; d != name {
		r.Description = text.Visible(d)
	}
	for i, v := range e.Record.Values() {
		if c := registry.Columns()[i].Name; v != "" && slices.Contains(shown, c) {
			r.Lines = append(r.Lines, Line{strings.ToLower(c), text.Visible(v)})
		}
	}
	for _, x := range e.Extra {
		r.Lines = append(r.Lines, Line{text.Visible(x.Column), text.Visible(x.Value)})
	}
	if len(e.Missing) > 0 && e.Record.Status() == registry.Assigned {
		r.NotSaid = "the record says no " + strings.ToLower(or(e.Missing))
	}
	return r
}

func or(words []string) string {
	if n := len(words); n > 1 {
		return strings.Join(words[:n-1], ", ") + " or " + words[n-1]
	}
	return strings.Join(words, "")
}

// twinsOf returns the transports of the entries that differ from e in nothing else,
// and the entries that differ in more.
func twinsOf(e lookup.Entry, entries []lookup.Entry) (transports []string, rest []lookup.Entry) {
	for _, f := range entries {
		twin := f.Record
		twin.Transport = e.Record.Transport
		if twin == e.Record && slices.Equal(e.Extra, f.Extra) {
			if t := string(f.Record.Transport); t != "" {
				transports = append(transports, t)
			}
		} else {
			rest = append(rest, f)
		}
	}
	return transports, rest
}

func neighbour(n *lookup.Neighbour) string {
	if n == nil {
		return ""
	}
	return fmt.Sprintf("%d %s", n.Port, text.Visible(strings.Join(n.Services, ", ")))
}

func number(n *uint16) string {
	if n == nil {
		return ""
	}
	return fmt.Sprint(*n)
}

// joined joins what is not empty.
func joined(separator string, parts ...string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(parts), func(s string) bool { return s == "" }), separator)
}
