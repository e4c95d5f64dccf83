package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/fatih/color"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/text"
)

// Options say how a comparison is shown.
type Options struct {
	All   bool // show contact-only updates and bookkeeping too, not only their number
	Color bool // colour for a terminal
}

// paint is the colour of a kind of change.
var paint = map[diff.Kind]color.Attribute{
	diff.Deassigned: color.FgRed, diff.Reused: color.FgMagenta, diff.Renamed: color.FgYellow, diff.Transferred: color.FgYellow,
	diff.Moved: color.FgYellow, diff.Assigned: color.FgGreen, diff.Updated: color.FgCyan,
}

// Text writes the changes that lead from one version to another for a terminal:
// people's news first, each kind under a heading, each change a sentence and, below
// it, what differs.
func Text(w io.Writer, d *diff.Document, o Options) error {
	var b strings.Builder
	dim, bold := painter(o.Color, color.Faint), painter(o.Color, color.Bold)
	fmt.Fprintf(&b, "%s → %s  %s\n", bold(text.Visible(d.From.ID)), bold(text.Visible(d.To.ID)),
		dim(fmt.Sprintf("%d → %d records: %s", d.From.Records, d.To.Records, Counts(d.Changes))))
	list, contacts, recut := sections(d.Changes, o.All)
	for _, s := range list {
		hue := painter(o.Color, paint[s.kind])
		fmt.Fprintf(&b, "\n%s\n", bold(heading[s.kind]))
		m := markup{code: func(s string) string { return hue(text.Visible(s)) }, text: text.Visible}
		for _, c := range s.changes {
			fmt.Fprintf(&b, "  %s\n", m.sentence(c))
			for _, line := range details(c) {
				fmt.Fprintf(&b, "    %s\n", dim(line))
			}
		}
	}
	if rest := counted(contacts, recut); rest != "" && !o.All {
		fmt.Fprintf(&b, "\n%s\n", dim("Not shown (--all shows them): "+rest+"."))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// details lists what differs in a change: `contact: "[Ann]" → "[Bob]"`.
func details(c *diff.Change) (lines []string) {
	if c.Kind == diff.Recut {
		for i := range c.Removed {
			r := &c.Removed[i]
			lines = append(lines, "was "+text.Visible(cell(r.Ports.String(), string(r.Transport), r.Description)))
		}
		for i := range c.Added {
			r := &c.Added[i]
			lines = append(lines, "now "+text.Visible(cell(r.Ports.String(), string(r.Transport), r.Description)))
		}
		return lines
	}
	for _, f := range c.Fields {
		if c.Kind == diff.Moved && (f.Key == "port_number" || f.Key == "transport_protocol") || f.Key == "service_name" {
			continue // the sentence says it
		}
		lines = append(lines, fmt.Sprintf("%s: %s → %s", strings.ReplaceAll(f.Key, "_", " "), quote(f.Old), quote(f.New)))
	}
	return lines
}

func cell(ports, transport, description string) string {
	if transport != "" {
		ports += "/" + transport
	}
	return joined(" ", ports, description)
}

func quote(s string) string {
	if s == "" {
		return "nothing"
	}
	return "“" + text.Visible(s) + "”"
}

// painter returns a function that colours text, or leaves it as it is.
func painter(on bool, a color.Attribute) func(string) string {
	if !on || a == 0 {
		return func(s string) string { return s }
	}
	c := color.New(a)
	c.EnableColor() // the caller knows whether this is a terminal
	return func(s string) string { return c.Sprint(s) }
}
