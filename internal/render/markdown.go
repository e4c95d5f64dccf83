package render

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/text"
)

var inMarkdown = markup{code: text.Code, text: text.Markdown}

// Markdown writes the changes that lead from one version to another as Markdown: a heading, then a list of sentences for
// each kind of change.
func Markdown(w io.Writer, d *diff.Document, o Options) error {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s to %s\n\n", text.Markdown(d.From.ID), text.Markdown(d.To.ID))
	fmt.Fprintf(&b, "%d to %d records: %s.\n", d.From.Records, d.To.Records, Counts(d.Changes))
	markdownSections(&b, d.Changes, o.scope(news), seen(d.To.ID), true)
	_, err := io.WriteString(w, b.String())
	return err
}

// markdownSections writes the changes of a version seen at a time, below a heading of the second level.
func markdownSections(b *strings.Builder, changes []diff.Change, listed scope, seen time.Time, withDetails bool) {
	sorted := sections(changes, listed)
	for _, s := range sorted.list {
		fmt.Fprintf(b, "\n### %s\n\n", kinds[s.kind].heading)
		for _, c := range s.changes {
			date := ownDate(c, seen)
			if withDetails {
				date = undetailedDate(c, seen)
			}
			fmt.Fprintf(b, "- %s%s\n", inMarkdown.sentence(c), date)
			if withDetails {
				for _, line := range details(c) {
					fmt.Fprintf(b, "  - %s\n", text.Markdown(line))
				}
			}
		}
	}
	switch rest := sorted.counted(); {
	case rest == "":
	case len(sorted.list) == 0:
		fmt.Fprintf(b, "\n%s.\n", rest)
	default:
		fmt.Fprintf(b, "\nAlso: %s.\n", rest)
	}
}
