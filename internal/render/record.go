package render

import (
	"fmt"
	"strings"

	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/registry"
)

// Record writes a record of any registry for a terminal: one line for each column that has text, after the id of the registry.
func Record(t *registry.Table, r registry.Record) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", text.Visible(t.Registry.ID))
	width := 0
	for i := range t.Columns {
		if r.Get(t.Columns[i].Key) != "" {
			width = max(width, len(text.Visible(t.Columns[i].Heading())))
		}
	}
	for i := range t.Columns {
		if value := r.Get(t.Columns[i].Key); value != "" {
			fmt.Fprintf(&b, "  %-*s  %s\n", width, text.Visible(t.Columns[i].Heading()), text.Visible(value))
		}
	}
	return b.String()
}
