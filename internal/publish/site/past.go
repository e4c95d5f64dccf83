package site

import (
	"html/template"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/lookup"
	"github.com/ianasync/ianasync/internal/publish/urls"
	"github.com/ianasync/ianasync/internal/render"
)

// timeline is the history on a page.
type timeline struct {
	Begins    string // day on which our history begins
	BeginsAt  string // link to that version
	Unchanged string // says that nothing changed; empty where something did
	Moments   []moment
}

// moment is the changes of one version.
type moment struct {
	Day, Link string
	Between   string // the days between which it happened, where the versions are far apart
	Sentences []template.HTML
}

// pastOf returns the past that consists of events, oldest first.
func (s *site) pastOf(events []history.Event) *lookup.Past {
	return lookup.NewPast(events, s.events[0].Version.ID, len(s.events))
}

// timeline returns a past as the page shows it.
func (p *page) timeline(past *lookup.Past) *timeline {
	t := &timeline{Begins: render.Day(past.Begins), BeginsAt: p.Root + urls.Version(past.Begins)}
	if past.Unchanged {
		t.Unchanged = render.Unchanged(past)
	}
	links := p.links()
	for i := range past.Events {
		e := &past.Events[i]
		m := moment{Day: render.Day(e.Version.ID), Link: p.Root + urls.Version(e.Version.ID), Between: render.Between(e)}
		for _, sentence := range render.HTMLSentences(e, links) {
			m.Sentences = append(m.Sentences, safe(sentence))
		}
		t.Moments = append(t.Moments, m)
	}
	return t
}

// safe marks HTML of package render, which escapes the registry's text, as safe.
func safe(html string) template.HTML {
	return template.HTML(html) //nolint:gosec // G203: render.HTML escapes all text of the registry
}
