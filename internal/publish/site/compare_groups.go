package site

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/plainjson"
	"github.com/ianasync/ianasync/internal/publish/reuse"
	"github.com/ianasync/ianasync/internal/publish/urls"
	"github.com/ianasync/ianasync/internal/render"
	"github.com/ianasync/ianasync/internal/text"
)

// listedYear is what the page of two dates loads of other registries, a year at a time.
type listedYear struct {
	Kinds      []diff.Kind          `json:"kinds"`      // those of the changes
	Registries [][]string           `json:"registries"` // those that changes are of: id, title, and address where it is still there
	Versions   []listedGroupVersion `json:"versions"`

	at map[string]int // by the id of a registry its place
}

// listedGroupVersion is a version of a group in such a list.
type listedGroupVersion struct {
	Group    string              `json:"group"`
	ID       string              `json:"id"`
	Week     string              `json:"week"`           // the page that shows it
	Part     string              `json:"part,omitempty"` // of that page, where that is not the group, a hyphen and the id
	Between  string              `json:"between,omitempty"`
	Returned string              `json:"returned,omitempty"`
	Changes  []listedGroupChange `json:"changes"`
}

// listedGroupChange is a change of a registry in such a list; its sentence does not begin with the title.
type listedGroupChange struct {
	kind, in   int    // the places of its kind and its registry
	name, rest string // the sentence: the name of the record where it begins with that, and what follows
	anchor     string // of the record, where that is still there
	minor      bool
}

// MarshalJSON returns the change as a list of its fields, without those at its end that are empty: a change is written thousands of times.
func (c listedGroupChange) MarshalJSON() ([]byte, error) {
	list := []any{c.kind, c.in, c.name, c.rest}
	switch {
	case c.minor:
		list = append(list, c.anchor, 1)
	case c.anchor != "":
		list = append(list, c.anchor)
	}
	return plainjson.Marshal(list)
}

// groupsByYear yields the years in which groups changed, oldest first, each with its events by time.
func (s *site) groupsByYear() iter.Seq2[int, []seen] {
	years := make(map[int][]seen)
	first, last := 9999, 0
	for _, e := range s.allSeen() {
		if e.group != nil && (len(e.Changes) > 0 || e.Returned != history.Not) {
			year := e.Version.Seen().UTC().Year()
			years[year] = append(years[year], e)
			first, last = min(first, year), max(last, year)
		}
	}
	return func(yield func(int, []seen) bool) {
		for year := first; year <= last; year++ {
			if events := years[year]; len(events) > 0 && !yield(year, events) {
				return
			}
		}
	}
}

// groupChangesByYear yields the changes of other registries in words, a script a year.
func (s *site) groupChangesByYear() iter.Seq2[history.File, error] {
	return func(yield func(history.File, error) bool) {
		for year, events := range s.groupsByYear() {
			f := history.File{Name: fmt.Sprintf("compare/registries-%04d.js", year)}
			var of []string
			for _, e := range events {
				if len(of) == 0 || !slices.Contains(of, e.group.ID) {
					of = append(of, e.group.ID, e.group.Stored)
				}
			}
			f.Of = reuse.Digest("changes of groups", year, of)
			if f.Same = s.Has.Already(f.Name, f.Of); !f.Same {
				list := listedYear{Kinds: []diff.Kind{}, at: make(map[string]int)}
				for _, e := range events {
					list.add(s, e)
				}
				data, err := plainjson.Marshal(list)
				if err != nil {
					yield(f, err)
					return
				}
				f.Data = fmt.Appendf(nil, "ianasyncRegistriesYear(%d, %s);\n", year, data)
			}
			if !yield(f, nil) {
				return
			}
		}
	}
}

// add adds an event.
func (l *listedYear) add(s *site, e seen) {
	v := listedGroupVersion{
		Group: e.group.ID, ID: e.Version.ID, Week: nameOfWeek(urls.Week(e.Version.Seen())), Between: render.Between(e.Event), Changes: []listedGroupChange{},
	}
	if part := urls.SeenID(v.Group, v.ID); part != v.Group+"-"+v.ID {
		v.Part = part
	}
	if e.Returned != history.Not {
		v.Returned = render.Returned(e.Event)
	}
	here := &page{Site: s} // links on it are addresses
	for i := range e.Changes {
		c := e.Changes[i]
		if c.Kind == diff.Recut {
			continue
		}
		_, anchor, _ := strings.Cut(here.recordLink(&c), "#")
		change := listedGroupChange{kind: slices.Index(l.Kinds, c.Kind), in: l.place(s, &c), anchor: anchor, minor: c.Minor}
		if change.kind < 0 {
			change.kind = len(l.Kinds)
			l.Kinds = append(l.Kinds, c.Kind)
		}
		_, id, _ := strings.Cut(c.Registry, "/")
		c.Title = ""
		change.rest = strings.TrimPrefix(render.Sentence(&c), text.Visible(id)+": ")
		names := []string{c.Name, c.Was}
		for _, k := range c.Key {
			names = append(names, k.Text)
		}
		for _, name := range names {
			if rest, begins := strings.CutPrefix(change.rest, text.Visible(name)); begins && name != "" && change.name == "" {
				change.name, change.rest = text.Visible(name), rest
			}
		}
		v.Changes = append(v.Changes, change)
	}
	l.Versions = append(l.Versions, v)
}

// place returns the place of a change's registry.
func (l *listedYear) place(s *site, c *diff.Change) int {
	at, known := l.at[c.Registry]
	if !known {
		row := []string{text.Visible(c.Registry), text.Visible(cmp.Or(c.Title, c.Registry))}
		if r := s.registries[c.Registry]; r != nil {
			row = []string{row[0], r.title, r.address}
		} else if g := slices.IndexFunc(s.groups, func(g *group) bool { return g.ID == c.Registry }); g >= 0 { // what the group states
			row = []string{row[0], s.groups[g].title, s.groups[g].address}
		}
		at = len(l.Registries)
		l.at[c.Registry], l.Registries = at, append(l.Registries, row)
	}
	return at
}
