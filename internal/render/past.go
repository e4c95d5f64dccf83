package render

import (
	"fmt"
	"strings"

	"github.com/fatih/color"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/lookup"
)

// writePast writes what happened since the record begins, newest first.
func writePast(b *strings.Builder, p *lookup.Past, o Options) {
	if p == nil {
		return
	}
	bold, dim := painter(o.Color, color.Bold), painter(o.Color, color.Faint)
	if p.Unchanged {
		fmt.Fprintf(b, "\n%s\n", unchangedInAll(p))
		return
	}
	fmt.Fprintf(b, "\n%s %s\n", bold("History"), dim(fmt.Sprintf("(since the record begins, %s)", Day(p.Begins))))
	for i := range p.Events {
		for _, s := range Sentences(&p.Events[i]) {
			fmt.Fprintf(b, "  %s  %s\n", p.Events[i].Version.Seen().Format("2006-01-02"), s)
		}
	}
	if rest := Counted(p); rest != "" {
		fmt.Fprintf(b, "  %s\n", dim(rest))
	}
}

// Counted says what of a past is only counted, or nothing.
func Counted(p *lookup.Past) string { return counted(p.Contacts, 0) }

// Unchanged says that nothing happened since the record begins. It does not say in how many versions: what
// says so stays as it is when another one comes.
func Unchanged(p *lookup.Past) string {
	if p.Versions == 1 {
		return fmt.Sprintf("There is only one version so far, of %s, and so no history.", Day(p.Begins))
	}
	return fmt.Sprintf("Unchanged since the record begins, %s.", Day(p.Begins))
}

// unchangedInAll is [Unchanged] with the number of versions.
func unchangedInAll(p *lookup.Past) string {
	s := Unchanged(p)
	if p.Versions > 1 {
		s = strings.TrimSuffix(s, ".") + fmt.Sprintf(", in all %d versions.", p.Versions)
	}
	return s
}

// Sentences says in a line each, without a full stop, what an event was.
func Sentences(e *history.Event) []string { return sentences(e, true) }

// Highlights is [Sentences] less what a changelog only counts.
func Highlights(e *history.Event) []string { return sentences(e, false) }

func sentences(e *history.Event, all bool) (lines []string) {
	if e.Returned != history.Not {
		return []string{Returned(e)}
	}
	list, _, _ := sections(e.Changes, all)
	for _, s := range list {
		for _, c := range s.changes {
			lines = append(lines, Sentence(c))
		}
	}
	return lines
}
