package dataset

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/registry/ports"
)

// Added is one line of an overlay: a service that a services file is to have whatever the registry has.
type Added struct {
	Line      int // in the file, from 1
	Name      string
	Aliases   []string
	Port      uint16
	Transport ports.Transport // not always one that the registry has: netbase has ddp
	Comment   string          // none if empty
}

// place returns the port and transport as services(5) writes them.
func (a *Added) place() string { return fmt.Sprintf("%d/%s", a.Port, a.Transport) }

// has reports whether the line has a name, as such or as an alias.
func (a *Added) has(name string) bool { return a.Name == name || slices.Contains(a.Aliases, name) }

// fields returns the columns of the line, the comment aside.
func (a *Added) fields() []string {
	fields := []string{a.Name, a.place()}
	if len(a.Aliases) > 0 {
		fields = append(fields, strings.Join(a.Aliases, " "))
	}
	return fields
}

// ParseOverlay parses a file in the form of services(5): name, port/protocol, aliases, # comment. The error names the line
// that is none, or that has a name on a port for the second time.
func ParseOverlay(data []byte) ([]Added, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	var list []Added
	seen := map[string]int{} // name and place to the line
	number := 0
	for line := range strings.Lines(string(data)) {
		number++
		added, ok, err := parseAdded(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		if !ok {
			continue
		}
		added.Line = number
		key := added.Name + " " + added.place()
		if first, found := seen[key]; found {
			return nil, fmt.Errorf("line %d: %s is on line %d already", number, key, first)
		}
		seen[key] = number
		list = append(list, added)
	}
	return list, nil
}

// parseAdded parses a line. It is not ok where the line is empty or a comment.
func parseAdded(line string) (a Added, ok bool, err error) {
	entry, comment, _ := strings.Cut(line, "#")
	fields := strings.Fields(entry)
	if len(fields) == 0 {
		return a, false, nil
	}
	if len(fields) < 2 {
		return a, false, fmt.Errorf("%q has no port/protocol after it", fields[0])
	}
	number, transport, _ := strings.Cut(fields[1], "/")
	port, err := strconv.ParseUint(number, 10, 16)
	if err != nil || transport == "" {
		return a, false, fmt.Errorf("%q is no port/protocol", fields[1])
	}
	a = Added{Name: fields[0], Aliases: fields[2:], Port: uint16(port), Transport: ports.Transport(transport)}
	a.Comment = strings.Join(strings.Fields(comment), " ")
	for _, f := range fields {
		if !plainName(f) {
			return a, false, fmt.Errorf("%q has a character other than printable ASCII", f)
		}
	}
	if n := len(strings.Join(a.fields(), "\t")); n >= servicesLine {
		return a, false, fmt.Errorf("name, port and aliases have %d bytes, and a line has at most %d", n, servicesLine-1)
	}
	return a, true, nil
}

// Conflict is a line of an overlay that contradicts the registry.
type Conflict struct {
	Added Added
	Here  []string // the names that the registry has on the port, of which the line has none
	There []string // the ports on which the registry has the line's name, where the line's is none of them
}

// String returns the conflict as one line for people.
func (c *Conflict) String() string {
	var parts []string
	if len(c.Here) > 0 {
		parts = append(parts, "the registry has "+strings.Join(c.Here, ", ")+" there")
	}
	if len(c.There) > 0 {
		parts = append(parts, "the registry has it on "+strings.Join(c.There, ", "))
	}
	return fmt.Sprintf("line %d: %s %s: %s", c.Added.Line, c.Added.Name, c.Added.place(), strings.Join(parts, "; "))
}

// Conflicts returns the lines of the overlay that contradict a table, in their order.
func Conflicts(t *ports.Table, o Options) (list []Conflict) {
	for _, a := range o.Added {
		if !o.wants(a.Port) {
			continue
		}
		c := Conflict{Added: a}
		known := false
		for _, r := range t.Port(a.Port, a.Transport) {
			switch name := text.Visible(r.ServiceName); {
			case a.has(r.ServiceName), isNumbered(&r, a.Name): // x11-1 on 6001, of x11's 6000-6063
				known = true
			case name != "" && !slices.Contains(c.Here, name):
				c.Here = append(c.Here, name)
			}
		}
		if known {
			continue
		}
		for _, r := range t.Service(a.Name) {
			if place := text.Visible(r.Ports.String() + "/" + string(r.Transport)); r.Ports.String() != "" && r.Transport == a.Transport {
				c.There = append(c.There, place)
			}
		}
		if len(c.Here)+len(c.There) > 0 {
			list = append(list, c)
		}
	}
	return list
}

// isNumbered reports whether a name is that of a record with a range of ports, and a number.
func isNumbered(r *ports.Record, name string) bool {
	rest, found := strings.CutPrefix(name, r.ServiceName)
	return found && r.ServiceName != "" && width(r.Ports) > 0 && strings.Trim(rest, "-0123456789") == ""
}

// addLines writes the lines of the overlay on ports that are to be written, and returns the names on ports that they do not
// have. A line without a comment has the registry's description, of its name or else of an alias.
func (w *writer) addLines(all []namedPort) (rest []namedPort) {
	on := map[string][]*addedLine{}
	var lines []*addedLine
	for i := range w.Added {
		if a := &w.Added[i]; w.wants(a.Port) {
			l := &addedLine{Added: a}
			lines = append(lines, l)
			on[a.place()] = append(on[a.place()], l)
		}
	}
	for _, p := range all {
		here := on[p.on()]
		at := slices.IndexFunc(here, func(l *addedLine) bool { return l.has(p.record.ServiceName) })
		if at < 0 {
			rest = append(rest, p)
			continue
		}
		here[at].records = append(here[at].records, p.record)
	}
	for _, l := range lines {
		comment := l.comment()
		w.commented(comment, servicesLine, l.fields()...)
		for _, r := range l.records {
			if r.Description != "" && r.Description != comment {
				w.lose(r, Comment, "left out: it is on the added line of "+l.Name)
			}
		}
	}
	return rest
}

// addedLine is a line of the overlay, and the records that it stands for on its port.
type addedLine struct {
	*Added
	records []*ports.Record
}

// comment returns the line's comment, or else the description of the record with its name, or else the first of its aliases.
func (l *addedLine) comment() string {
	if l.Comment != "" {
		return l.Comment
	}
	comment := ""
	for _, r := range l.records {
		if r.ServiceName == l.Name {
			return r.Description
		}
		comment = cmp.Or(comment, r.Description)
	}
	return comment
}
