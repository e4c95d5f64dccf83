package render

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fatih/color"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/lookup"
	"github.com/ianasync/ianasync/internal/porthistory"
	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/snapshots"
)

// Blame writes, for each column of records, since when it has its value, for a terminal. Twins that differ in the transport
// alone are one. Begins is the id of the oldest version.
func Blame(w io.Writer, query, begins string, blames []porthistory.Blame, o Options) error {
	var b strings.Builder
	bold := painter(o.Color, color.Bold)
	if len(blames) == 0 {
		fmt.Fprintf(&b, "No entry holds %s.\n", query)
	}
	for rest := blames; len(rest) > 0; {
		first := rest[0]
		var transports []string
		rest = slices.DeleteFunc(slices.Clone(rest), func(other porthistory.Blame) bool {
			if !sameBlame(&first, &other) {
				return false
			}
			if t := string(other.Record.Transport); t != "" {
				transports = append(transports, t)
			}
			return true
		})
		if b.Len() > 0 {
			b.WriteString("\n")
		}
		slices.SortFunc(transports, byTransport)
		name := first.Record.ServiceName
		if name == "" {
			name = string(first.Record.Status())
		}
		fmt.Fprintf(&b, "%s  %s\n", bold(text.Visible(name)), text.Visible(joined("/", first.Record.Ports.String(), joined(",", transports...))))
		fields := slices.DeleteFunc(slices.Clone(first.Fields), func(f history.Since) bool { return f.Field == "transport_protocol" })
		writeSince(&b, fields, column, Day(begins))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// BlameRecord is [Blame] for a record of another group. The fields are those of its columns.
func BlameRecord(w io.Writer, found *lookup.Found, fields []history.Since, begins string, o Options) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s)\n", painter(o.Color, color.Bold)(text.Visible(found.Title)), text.Visible(found.Registry))
	heading := func(key string) string {
		at := slices.IndexFunc(found.Columns, func(c registry.Column) bool { return c.Key == key })
		return text.Visible(found.Columns[at].Heading())
	}
	writeSince(&b, fields, heading, Day(begins))
	_, err := io.WriteString(w, b.String())
	return err
}

func sameBlame(a, b *porthistory.Blame) bool {
	return slices.EqualFunc(a.Fields, b.Fields, func(f, g history.Since) bool {
		same := f.Was == g.Was || f.Was != nil && g.Was != nil && *f.Was == *g.Was
		return f.Field == "transport_protocol" || f.Field == g.Field && f.Value == g.Value && f.Since == g.Since && f.Kind == g.Kind && same
	})
}

// writeSince writes a line for each column that has a value, or had one. The function label returns what a column is called.
func writeSince(b *strings.Builder, fields []history.Since, label func(key string) string, begins string) {
	for _, f := range fields {
		if f.Value == "" && (f.Was == nil || *f.Was == "") {
			continue
		}
		since := "before " + begins
		if f.Since != "" {
			since = fmt.Sprintf("%s (%s)", Day(f.Since), f.Kind)
		}
		fmt.Fprintf(b, "  %-26s since %-24s %s\n", label(f.Field), since, quote(f.Value))
		if f.Was != nil {
			fmt.Fprintf(b, "  %-26s was %-26s %s\n", "", "", quote(*f.Was))
		}
	}
}

// Day returns the date of a version by its id, and an id that is no time as it is.
func Day(id string) string {
	t, err := snapshots.ParseID(id)
	if err != nil {
		return id
	}
	return t.Format("2006-01-02")
}
