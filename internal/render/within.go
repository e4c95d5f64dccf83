package render

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/fatih/color"

	"github.com/ianasync/ianasync/internal/lookup"
	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/registry/ports"
)

// Within writes what stands on a range of ports, for a terminal: a line for each name and its ports, with all its transports. Of rows
// without a name the description stands in its place.
func Within(w io.Writer, within *lookup.Within, o Options) error {
	bold := painter(o.Color, color.Bold)
	if len(within.Records) == 0 {
		_, err := fmt.Fprintf(w, "%s: no record.\n", bold("Ports "+within.Ports))
		return err
	}
	fmt.Fprintf(w, "%s\n", bold("Ports "+within.Ports))
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for rest := within.Records; len(rest) > 0; {
		first := &rest[0]
		var transports []string
		n := 0
		for n < len(rest) && alike(first, &rest[n]) {
			if t := string(rest[n].Transport); t != "" {
				transports = append(transports, text.Visible(t))
			}
			n++
		}
		name, description := first.ServiceName, first.Description
		if name == "" {
			name, description = description, ""
		}
		line := fmt.Sprintf("  %s\t%s\t%s\t%s", text.Visible(first.Ports.String()), strings.Join(transports, ","), text.Visible(name), text.Visible(description))
		fmt.Fprintln(table, strings.TrimRight(line, "\t"))
		rest = rest[n:]
	}
	return table.Flush()
}

// alike reports whether two records differ in no column that a list of a range shows, but for their transport.
func alike(a, b *ports.Record) bool {
	return a.Ports == b.Ports && a.ServiceName == b.ServiceName && a.Description == b.Description
}
