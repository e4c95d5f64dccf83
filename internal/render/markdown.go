package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/text"
)

var inMarkdown = markup{code: text.Code, text: text.Markdown}

// Markdown writes the changes that lead from one version to another as Markdown:
// a heading, then a list of sentences for each kind of change.
func Markdown(w io.Writer, d *diff.Document, o Options) error {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s to %s\n\n", text.Markdown(d.From.ID), text.Markdown(d.To.ID))
	fmt.Fprintf(&b, "%d to %d records: %s.\n", d.From.Records, d.To.Records, Counts(d.Changes))
	markdownSections(&b, d.Changes, o.All, true)
	_, err := io.WriteString(w, b.String())
	return err
}

// markdownSections writes the changes below a heading of the second level.
func markdownSections(b *strings.Builder, changes []diff.Change, all, withDetails bool) {
	list, contacts, recut := sections(changes, all)
	for _, s := range list {
		fmt.Fprintf(b, "\n### %s\n\n", heading[s.kind])
		for _, c := range s.changes {
			fmt.Fprintf(b, "- %s\n", inMarkdown.sentence(c))
			if withDetails {
				for _, line := range details(c) {
					fmt.Fprintf(b, "  - %s\n", text.Markdown(line))
				}
			}
		}
	}
	rest := counted(contacts, recut)
	switch {
	case all || rest == "":
	case len(list) == 0:
		fmt.Fprintf(b, "\n%s.\n", rest)
	default:
		fmt.Fprintf(b, "\nBesides: %s.\n", rest)
	}
}
