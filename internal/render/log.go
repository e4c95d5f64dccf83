package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/fatih/color"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/text"
)

// Log writes what happened for a terminal, in the order of events: a heading for each version, and
// below it a sentence for each change, with what differs.
func Log(w io.Writer, events []history.Event, o Options) error {
	var b strings.Builder
	bold, dim := painter(o.Color, color.Bold), painter(o.Color, color.Faint)
	for i := range events {
		e := &events[i]
		lines := logLines(e, o)
		if len(lines) == 0 {
			continue
		}
		if b.Len() > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "%s  %s\n", bold(heading2(e.Version.Seen())), dim(text.Visible(e.Version.ID)))
		for _, line := range lines {
			fmt.Fprintf(&b, "  %s\n", line)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// logLines are the lines below the heading of a version.
func logLines(e *history.Event, o Options) (lines []string) {
	switch {
	case e.Previous == "":
		return []string{fmt.Sprintf("the record begins: %d records", e.Version.Records)}
	case e.Returned != history.Not:
		return []string{Returned(e)}
	}
	dim := painter(o.Color, color.Faint)
	list, contacts, recut := sections(e.Changes, o.All)
	for _, s := range list {
		hue := painter(o.Color, paint[s.kind])
		m := markup{code: func(s string) string { return hue(text.Visible(s)) }, text: text.Visible}
		for _, c := range s.changes {
			lines = append(lines, m.sentence(c))
			for _, detail := range details(c) {
				lines = append(lines, "  "+dim(detail))
			}
		}
	}
	if rest := counted(contacts, recut); rest != "" && !o.All {
		lines = append(lines, dim(rest))
	}
	return lines
}

// LogMarkdown writes what happened as sections of Markdown, in the order of events.
func LogMarkdown(w io.Writer, events []history.Event, o Options) error {
	var b strings.Builder
	for i := range events {
		b.WriteString(markdownEvent(&events[i], o.All))
	}
	_, err := io.WriteString(w, strings.TrimPrefix(b.String(), "\n"))
	return err
}

// Sentence says in one line what a change is, for a terminal.
func Sentence(c *diff.Change) string {
	return markup{code: text.Visible, text: text.Visible}.sentence(c)
}
