package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fatih/color"

	"github.com/ianasync/ianasync/internal/facts"
	"github.com/ianasync/ianasync/registry"
)

// Port writes what is known of a port for a terminal.
func Port(w io.Writer, p *facts.Port, o Options) error {
	var b strings.Builder
	bold := painter(o.Color, color.Bold)
	fmt.Fprintf(&b, "%s is a %s port (%s): %s.\n", bold(fmt.Sprintf("Port %d", p.Port)), p.Range, p.RangePorts, p.Meaning)
	fmt.Fprintf(&b, "%s\n", status(p))
	writeEntries(&b, p.Records, o)
	writePast(&b, p.Past, o)
	b.WriteString("\n")
	if p.Below != nil || p.Above != nil {
		fmt.Fprintf(&b, "Neighbours: %s\n", joined("; ", neighbour(p.Below), neighbour(p.Above)))
	}
	if p.FreeBelow != nil || p.FreeAbove != nil {
		fmt.Fprintf(&b, "Nearest free ports: %s\n", joined(", ", number(p.FreeBelow), number(p.FreeAbove)))
	}
	fmt.Fprintf(&b, "%s\n", facts.Advisory)
	_, err := io.WriteString(w, b.String())
	return err
}

// Service writes what is known of a service name for a terminal.
func Service(w io.Writer, s *facts.Service, o Options) error {
	var b strings.Builder
	is := "is"
	if len(s.Records) == 0 {
		is = "is no longer, but was,"
	}
	fmt.Fprintf(&b, "%s %s a registered service name.\n", painter(o.Color, color.Bold)(Visible(s.Name)), is)
	writeEntries(&b, s.Records, o)
	writePast(&b, s.Past, o)
	_, err := io.WriteString(w, b.String())
	return err
}

// status says of a port what it is on each transport: "Assigned to ncl on tcp and
// udp; no record on sctp and dccp."
func status(p *facts.Port) string {
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
			is = "assigned to " + Visible(strings.Join(t.Services, ", "))
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
func writeEntries(b *strings.Builder, entries []facts.Entry, o Options) {
	bold, dim := painter(o.Color, color.Bold), painter(o.Color, color.Faint)
	for len(entries) > 0 {
		e := entries[0]
		twins, rest := twinsOf(e, entries)
		entries = rest
		name := e.Record.ServiceName
		if name == "" {
			name = string(e.Record.Status())
		}
		title := bold(Visible(name))
		if at := joined("/", e.Record.Ports.String(), joined(",", twins...)); at != "" {
			title += "  " + Visible(at)
		}
		if d := e.Record.Description; d != "" && d != name {
			title += "  " + Visible(d)
		}
		fmt.Fprintf(b, "\n%s\n", title)
		for i, v := range e.Record.Values() {
			if c := registry.Columns[i].Name; v != "" && slices.Contains(shown, c) {
				fmt.Fprintf(b, "  %-26s %s\n", strings.ToLower(c), Visible(v))
			}
		}
		for _, x := range e.Extra {
			fmt.Fprintf(b, "  %-26s %s\n", Visible(x.Column), Visible(x.Value))
		}
		if len(e.Missing) > 0 && e.Record.Status() == registry.Assigned {
			fmt.Fprintf(b, "  %s\n", dim("the record says no "+strings.ToLower(or(e.Missing))))
		}
	}
}

func or(words []string) string {
	if n := len(words); n > 1 {
		return strings.Join(words[:n-1], ", ") + " or " + words[n-1]
	}
	return strings.Join(words, "")
}

// twinsOf returns the transports of the entries that differ from e in nothing else,
// and the entries that differ in more.
func twinsOf(e facts.Entry, entries []facts.Entry) (transports []string, rest []facts.Entry) {
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

func neighbour(n *facts.Neighbour) string {
	if n == nil {
		return ""
	}
	return fmt.Sprintf("%d %s", n.Port, Visible(strings.Join(n.Services, ", ")))
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
