package render

import (
	"fmt"
	"strings"

	"github.com/fatih/color"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/lookup"
)

// writePast writes the events since our history begins, newest first.
func writePast(b *strings.Builder, p *lookup.Past, o Options) {
	if p == nil {
		return
	}
	bold, dim := painter(o.Color, color.Bold), painter(o.Color, color.Faint)
	if p.Unchanged {
		fmt.Fprintf(b, "\n%s\n", unchangedInAll(p))
		return
	}
	fmt.Fprintf(b, "\n%s %s\n", bold("History"), dim(fmt.Sprintf("(our history begins on %s)", Day(p.Begins))))
	for i := range p.Events {
		e := &p.Events[i]
		day := Day(e.Version.ID)
		if when := Between(e); when != "" {
			day = when
		}
		for _, s := range Sentences(e) {
			fmt.Fprintf(b, "  %s  %s\n", day, s)
		}
	}
}

// Unchanged returns that nothing changed since our history begins. It does not count the versions, so that a page that has it
// stays the same when another version comes.
func Unchanged(p *lookup.Past) string {
	if p.Versions == 1 {
		return fmt.Sprintf("Our history has one version so far, of %s.", Day(p.Begins))
	}
	return fmt.Sprintf("Unchanged since our history begins, %s.", Day(p.Begins))
}

// unchangedInAll is [Unchanged] with the number of versions.
func unchangedInAll(p *lookup.Past) string {
	s := Unchanged(p)
	if p.Versions > 1 {
		s = strings.TrimSuffix(s, ".") + fmt.Sprintf(", in all %d versions.", p.Versions)
	}
	return s
}

// Sentences returns a line for each change of an event, without a full stop.
func Sentences(e *history.Event) []string { return sentences(e, all) }

// Highlights is [Sentences] without the changes that a changelog only counts.
func Highlights(e *history.Event) []string { return sentences(e, news) }

func sentences(e *history.Event, listed scope) (lines []string) {
	if e.Returned != history.Not {
		return []string{Returned(e)}
	}
	for _, s := range sections(e.Changes, listed).list {
		for _, c := range s.changes {
			lines = append(lines, Sentence(c)+ownDate(c, e.Version.Seen()))
		}
	}
	return lines
}
