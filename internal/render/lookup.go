package render

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/fatih/color"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/lookup"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/registry/ports"
)

// Port writes what the registry and our history say of a port, for a terminal.
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
	switch free := joined(", ", number(p.FreeBelow), number(p.FreeAbove)); {
	case p.FreeBelow != nil && p.FreeAbove != nil:
		fmt.Fprintf(&b, "Nearest free ports: %s\n", free)
	case free != "":
		fmt.Fprintf(&b, "Nearest free port: %s\n", free)
	}
	if unexplained := Unexplained(p); unexplained != "" {
		fmt.Fprintf(&b, "%s\n", unexplained)
	}
	fmt.Fprintf(&b, "%s\n", lookup.Advisory)
	_, err := io.WriteString(w, b.String())
	return err
}

// writeHolders writes since when the services of a port hold it and who held it before, unless all of that is older than
// our history.
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

// Service writes what the registry and our history say of a service name, for a terminal.
func Service(w io.Writer, s *lookup.Service, o Options) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s.\n", painter(o.Color, color.Bold)(text.Visible(s.Name)), Standing(s))
	writeEntries(&b, s.Records, o)
	writePast(&b, s.Past, o)
	_, err := io.WriteString(w, b.String())
	return err
}

// InRange names the range of a port and what it is for, without a full stop: "is a User port (1024-49151): IANA assigns
// these on request".
func InRange(p *lookup.Port) string {
	return fmt.Sprintf("is a %s port (%s): %s", p.Range, p.RangePorts, p.Meaning)
}

// Standing returns whether a name is registered, without a full stop: "is a registered service name".
func Standing(s *lookup.Service) string {
	switch {
	case len(s.Records) == 0:
		return "is no longer a registered service name, but was one"
	case slices.ContainsFunc(s.Records, func(e lookup.Entry) bool { return e.Record.Ports.String() != "" }):
		return "is a registered service name"
	case gaveBack(s):
		return "is a registered service name without a port: its port was given back"
	}
	return "is a registered service name without a port: programs look it up by its name alone"
}

// gaveBack reports whether a service without a port had one: IANA notes it, or our history has the change.
func gaveBack(s *lookup.Service) bool {
	for i := range s.Records {
		if strings.Contains(strings.ToLower(s.Records[i].Record.AssignmentNotes), "de-assigned") {
			return true
		}
	}
	if s.Past == nil {
		return false
	}
	return slices.ContainsFunc(s.Past.Events, func(e history.Event) bool {
		return slices.ContainsFunc(e.Changes, func(c diff.Change) bool { return portrules.View(&c).GivenBack() })
	})
}

// Status returns what a port is on each transport: "Assigned to ncl on tcp and udp; no entry on sctp or dccp."
func Status(p *lookup.Port) string {
	switch {
	case p.Free:
		return "Free: Unassigned on every transport."
	case len(p.Records) == 0 && p.Range == ports.Dynamic:
		return "It has no entry, as no port of this range has."
	}
	var order []string
	on := make(map[string][]string)
	for _, t := range p.Transports {
		var is string
		switch {
		case len(t.Services) > 0:
			is = "assigned to " + text.Visible(strings.Join(t.Services, ", "))
		case t.Status == ports.Assigned:
			is = "in use without a service name"
		case t.Status == "":
			is = noEntry
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
		transports := and(on[is])
		if is == noEntry {
			transports = or(on[is])
		}
		parts = append(parts, is+" on "+transports)
	}
	s := capital(strings.Join(parts, "; ")) + "."
	if warnings := Warnings(p); len(warnings) > 0 {
		s += " Not free: the registry says " + and(warnings) + "."
	}
	return s
}

// noEntry is the text for a port that no record has.
const noEntry = "no entry"

// shown are the columns that an entry lists, each on a line of its own.
var shown = []string{
	"Assignee", "Contact", "Registration Date", "Modification Date", "Reference", "Service Code",
	"Unauthorized Use Reported", "Assignment Notes",
}

// writeEntries writes records; twins that differ in the transport alone are one entry.
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
		if r.NotRecorded != "" {
			fmt.Fprintf(b, "  %s\n", dim(r.NotRecorded))
		}
	}
}

// Row is a record as people read it, together with the twins that differ from it in the transport alone. All its text is
// made safe with [text.Visible].
type Row struct {
	Record      ports.Record // the first of the twins, as it is
	Name        string       // of the service, or the status where there is none
	At          string       // "2397/tcp,udp"
	Description string       // empty where it is the same as the name
	Lines       []Line       // the other columns that are not empty
	NotRecorded string       // "Not recorded: contact, reference"; empty where all is recorded
}

// Line is a column and its value.
type Line struct{ Column, Value string }

// Rows returns entries as people read them. The entries are in canonical order; those of one port are put in the order of
// their transports.
func Rows(entries []lookup.Entry) (rows []Row) {
	place := make(map[ports.Ports]int)
	for i := range entries {
		if p := entries[i].Record.Ports; place[p] == 0 {
			place[p] = len(place) + 1
		}
	}
	rest := slices.Clone(entries)
	slices.SortStableFunc(rest, func(a, b lookup.Entry) int {
		return cmp.Or(place[a.Record.Ports]-place[b.Record.Ports], byTransport(string(a.Record.Transport), string(b.Record.Transport)))
	})
	for len(rest) > 0 {
		e := rest[0]
		var twins []string
		twins, rest = twinsOf(e, rest)
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
		if c := ports.Columns()[i].Name; v != "" && slices.Contains(shown, c) {
			r.Lines = append(r.Lines, Line{strings.ToLower(c), text.Visible(v)})
		}
	}
	for _, x := range e.Extra {
		r.Lines = append(r.Lines, Line{text.Visible(x.Column), text.Visible(x.Value)})
	}
	if len(e.Missing) > 0 && e.Record.Status() == ports.Assigned {
		r.NotRecorded = "Not recorded: " + strings.ToLower(strings.Join(e.Missing, ", "))
	}
	return r
}

// twinsOf returns the transports of the entries that differ from e in the transport alone, in the registry's order, and the
// other entries.
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
	slices.SortFunc(transports, byTransport)
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

// joined joins the parts that are not empty.
func joined(separator string, parts ...string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(parts), func(s string) bool { return s == "" }), separator)
}

// byTransport orders the names of transports as the registry's list does, unknown ones last.
func byTransport(a, b string) int {
	rank := func(t string) int {
		if i := ports.Transport(t).Index(); i >= 0 {
			return i
		}
		return math.MaxInt
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b))
}
