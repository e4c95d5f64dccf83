package site

import (
	"cmp"
	"encoding/json"
	"fmt"
	"html/template"
	"iter"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/internal/publish/reuse"
	"github.com/ianasync/ianasync/internal/publish/urls"
	"github.com/ianasync/ianasync/internal/render"
	"github.com/ianasync/ianasync/internal/text"
)

// changesBody is the model of the page of all changes.
type changesBody struct {
	Lately []latest
	Years  []*year // newest first, those with a version
}

// latest is one of the newest versions, and its changes by name.
type latest struct {
	*versionLink
	Sentences []template.HTML
	More      int // changes that are not among the sentences
}

// mostSentences is how many changes of a version a list of the newest shows.
const mostSentences = 5

// lately returns the newest versions that changed something.
func (p *page) lately(versions int) (list []latest) {
	s := p.Site
	for i := range slices.Backward(s.events) {
		e := &s.events[i]
		if len(e.Changes) == 0 && e.Previous != "" {
			continue
		}
		l := latest{versionLink: s.linkTo(i)}
		if e.Previous != "" {
			sentences := render.HTMLSentences(news(e), p.links())
			l.More = max(0, len(sentences)-mostSentences)
			for _, sentence := range sentences[:len(sentences)-l.More] {
				l.Sentences = append(l.Sentences, safe(sentence))
			}
		}
		if list = append(list, l); len(list) == versions {
			return list
		}
	}
	return list
}

// news returns an event without the changes that are minor or only divide ranges anew.
func news(e *history.Event) *history.Event {
	out := *e
	out.Changes = slices.DeleteFunc(slices.Clone(e.Changes), func(c diff.Change) bool { return c.Minor || c.Kind == diff.Recut })
	return &out
}

// changePages yields the page of all changes and that of the changes between two dates.
func (s *site) changePages() iter.Seq[*page] {
	return func(yield func(*page) bool) {
		p := s.newPage("changes", "changelog/", "Changes")
		p.Summary = "What changed in IANA’s registry lately, year by year, and how to be told of it."
		b := &changesBody{Lately: p.lately(20)}
		years := s.years()
		for _, y := range slices.Backward(years) {
			if y.Address != "" {
				b.Years = append(b.Years, y)
			}
		}
		p.Body = b
		if !yield(p) || !s.Searched() {
			return
		}
		p = s.newPage("compare", "compare/", "Changes between two dates")
		p.Summary = "All that changed in IANA’s registry between two dates."
		p.Script = "compare.js"
		body := compareBody{Years: b.Years, Kinds: diff.Kinds[:]}
		if !s.Empty() {
			body.First, body.Last = render.Day(s.events[0].Version.ID), render.Day(s.Newest.ID)
		}
		for _, g := range s.groups {
			first, last := render.Day(g.events[0].Version.ID), render.Day(g.events[len(g.events)-1].Version.ID)
			body.First, body.Last = min(cmp.Or(body.First, first), first), max(body.Last, last)
		}
		for year := range s.groupsByYear() {
			body.Others = append(body.Others, year)
		}
		p.Body = body
		yield(p)
	}
}

// compareBody is the model of the page of the changes between two dates.
type compareBody struct {
	First, Last string // the days of the oldest and the newest version
	Years       []*year
	Kinds       []diff.Kind
	Others      []int // the years in which other registries have versions
}

// listedChange is a change in the list of a year that the page of two dates loads.
type listedChange struct {
	Kind  diff.Kind `json:"kind"`
	Name  string    `json:"name,omitempty"` // of the service, as the sentence begins with it
	Ports string    `json:"ports,omitempty"`
	To    string    `json:"to,omitempty"` // address of the page of the service or the port
	Text  string    `json:"text"`
	Minor bool      `json:"minor,omitempty"`
}

// listedVersion is a version in such a list.
type listedVersion struct {
	ID       string         `json:"id"`
	Day      string         `json:"day"`
	Between  string         `json:"between,omitempty"`  // the days between which it changed, where the version before it is long ago
	Returned string         `json:"returned,omitempty"` // the sentence about a return to an older version
	Changes  []listedChange `json:"changes"`
}

// changesByYear yields the changes of each year in words, oldest first, as scripts: a page that is opened from a disk may
// read no other files. The file of a past year stays the same.
func (s *site) changesByYear() iter.Seq2[history.File, error] {
	return func(yield func(history.File, error) bool) {
		for i := 0; i < len(s.events); {
			at, first := s.events[i].Version.Seen().UTC().Year(), i
			for i < len(s.events) && s.events[i].Version.Seen().UTC().Year() == at {
				i++
			}
			if !yield(s.changesOf(at, first, i-1)) {
				return
			}
		}
	}
}

// changesOf returns the file of a year, given the steps of its first and its last version.
func (s *site) changesOf(at, first, last int) (history.File, error) {
	file := history.File{Name: fmt.Sprintf("compare/%04d.js", at)}
	if s.inputs != nil {
		file.Of = reuse.Digest("compare", at, s.inputs.versions[first:last+1])
	}
	if file.Same = s.Has.Already(file.Name, file.Of); file.Same {
		return file, nil
	}
	list := []listedVersion{}
	for i := first; i <= last; i++ {
		if e := &s.events[i]; len(e.Changes) > 0 || e.Returned != history.Not {
			list = append(list, s.listed(e))
		}
	}
	data, err := json.Marshal(list)
	file.Data = fmt.Appendf(nil, "ianasyncYear(%d, %s);\n", at, data)
	return file, err
}

func (s *site) listed(e *history.Event) listedVersion {
	v := listedVersion{ID: e.Version.ID, Day: render.Day(e.Version.ID), Between: render.Between(e), Changes: []listedChange{}}
	if e.Returned != history.Not {
		v.Returned = render.Returned(e)
	}
	for i := range e.Changes {
		c := &e.Changes[i]
		if c.Kind == diff.Recut {
			continue
		}
		at := portrules.View(c).Ports
		l := listedChange{Kind: c.Kind, Ports: text.Visible(at.String()), Text: render.Sentence(c), Minor: c.Minor}
		for _, name := range []string{text.Visible(c.Name), text.Visible(c.Was)} {
			if name != "" && strings.HasPrefix(l.Text, name+" ") {
				l.Name = name
			}
		}
		if service := urls.Service(c.Name); c.Name != "" && s.known[service] != "" {
			l.To = service
		} else if first, _, ok := at.Bounds(); ok {
			l.To = s.portAddress(first)
		}
		v.Changes = append(v.Changes, l)
	}
	return v
}
