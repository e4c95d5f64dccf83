package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/fatih/color"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/text"
)

// Log writes events for a terminal, in their order: a heading for each version, and below it a sentence for each change
// with the columns that it does not quote in full. Minor changes are listed, too.
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
		fmt.Fprintf(&b, "%s  %s\n", bold(heading2("", e)), dim(text.Visible(e.Version.ID)))
		for _, line := range lines {
			fmt.Fprintf(&b, "  %s\n", line)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// logLines returns the lines below the heading of a version.
func logLines(e *history.Event, o Options) (lines []string) {
	switch {
	case e.Previous == "":
		return []string{"our history begins with " + plural(e.Version.Records, "record", "records")}
	case e.Returned != history.Not:
		return []string{Returned(e)}
	}
	dim := painter(o.Color, color.Faint)
	sorted := sections(e.Changes, o.scope(withMinor))
	for _, s := range sorted.list {
		hue := painter(o.Color, paint[s.kind])
		m := markup{code: func(s string) string { return hue(text.Visible(s)) }, text: text.Visible}
		for _, c := range s.changes {
			lines = append(lines, m.sentence(c)+undetailedDate(c, e.Version.Seen()))
			for _, detail := range details(c) {
				lines = append(lines, "  "+dim(detail))
			}
		}
	}
	if rest := sorted.counted(); rest != "" {
		lines = append(lines, dim(rest))
	}
	return lines
}

// LogMarkdown writes events as sections of Markdown, in their order. Minor changes are listed, too.
func LogMarkdown(w io.Writer, events []history.Event, o Options) error {
	var b strings.Builder
	for i := range events {
		b.WriteString(markdownEvent("", &events[i], o.scope(withMinor)))
	}
	_, err := io.WriteString(w, strings.TrimPrefix(b.String(), "\n"))
	return err
}
