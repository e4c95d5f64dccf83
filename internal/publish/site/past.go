package site

import (
	"html/template"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/lookup"
	"github.com/ianasync/ianasync/internal/publish/urls"
	"github.com/ianasync/ianasync/internal/render"
)

// timeline is what happened, as a page shows it.
type timeline struct {
	Begins    string // day on which the record begins
	BeginsAt  string // link to that version
	Unchanged string // that nothing happened; empty where something did
	Counted   string // what is only counted; empty where nothing is
	Moments   []moment
}

// moment is what one version brought.
type moment struct {
	Day, Link string
	Sentences []template.HTML
}

// told returns the past that events, oldest first, make.
func (s *site) pastOf(events []history.Event) *lookup.Past {
	return lookup.NewPast(events, s.events[0].Version.ID, len(s.events))
}

// timeline shows a past.
func (p *page) timeline(past *lookup.Past) *timeline {
	t := &timeline{Begins: render.Day(past.Begins), BeginsAt: p.Root + urls.Version(past.Begins)}
	if past.Unchanged {
		t.Unchanged = render.Unchanged(past)
	} else {
		t.Counted = render.Counted(past)
	}
	links := p.links()
	for i := range past.Events {
		e := &past.Events[i]
		m := moment{Day: render.Day(e.Version.ID), Link: p.Root + urls.Version(e.Version.ID)}
		for _, sentence := range render.HTMLSentences(e, links) {
			m.Sentences = append(m.Sentences, safe(sentence))
		}
		t.Moments = append(t.Moments, m)
	}
	return t
}

// safe is HTML that package report wrote, which escapes what is the registry's.
func safe(html string) template.HTML {
	return template.HTML(html) //nolint:gosec // G203: render.HTML escapes all text of the registry
}
