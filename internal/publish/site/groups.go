package site

import (
	"bytes"
	"cmp"
	"compress/gzip"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"iter"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/lookup"
	"github.com/ianasync/ianasync/internal/plainjson"
	"github.com/ianasync/ianasync/internal/publish/reuse"
	"github.com/ianasync/ianasync/internal/publish/urls"
	"github.com/ianasync/ianasync/internal/render"
	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/snapshots"
)

// registriesStyle and tableScript are of the pages of other registries alone: without any, the site has neither.
//
//go:embed assets/registries.css
var registriesStyle []byte

//go:embed assets/table.js
var tableScript []byte

// Group is a group of registries other than the service names. Its pages are made from it alone, and from whether there are
// service names.
type Group struct {
	*registry.Group
	Newest  snapshots.Version
	Edition *registry.Edition // of the newest version
	Facts   []history.RegistryFact
	Labels  lookup.Labels
	Past    *history.Past
	Stored  string // a digest of all that the store has of it

	// LastServed is the day on which IANA last served the group, if it has withdrawn it; else empty.
	LastServed string
}

// group is a group with values computed from it.
type group struct {
	Group
	title      string // for people
	address    string
	registries []*listed // in the order of the file
	events     []history.Event
}

// alone reports whether the group has one registry only. The two share a page, at the address of the group.
func (g *group) alone() bool { return len(g.Edition.Tables) == 1 }

// listed is a registry that the newest version of a group has.
type listed struct {
	group   *group
	id      string
	title   string
	address string
	table   *registry.Table
	about   *registry.Statement
	fact    history.RegistryFact
	anchors []string          // of the records, in canonical order
	keyed   map[string]string // by the key of a record its anchor
}

// readGroups computes what the pages of all groups need.
func (s *site) readGroups() error {
	s.registries = make(map[string]*listed)
	for i := range s.Groups {
		g := &group{Group: s.Groups[i], address: urls.Group(s.Groups[i].ID), title: text.Visible(s.Groups[i].ID)}
		if len(g.Edition.Stated) > 0 && g.Edition.Stated[0].Title != "" {
			g.title = text.Visible(g.Edition.Stated[0].Title)
		}
		var err error
		if g.events, err = g.Past.All(); err != nil {
			return err
		}
		facts := make(map[string]history.RegistryFact)
		for _, f := range g.Facts {
			facts[f.ID] = f
		}
		for _, t := range g.Edition.Tables {
			id := t.Registry.ID
			r := &listed{group: g, id: id, title: text.Visible(id), address: urls.Registry(id), table: t, about: g.Edition.Statement(id), fact: facts[id]}
			if g.alone() {
				r.address = g.address
			}
			if r.about != nil && r.about.Title != "" {
				r.title = text.Visible(r.about.Title)
			}
			r.anchor()
			g.registries = append(g.registries, r)
			s.registries[id] = r
		}
		s.groups = append(s.groups, g)
	}
	slices.SortStableFunc(s.groups, func(a, b *group) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.title), strings.ToLower(b.title)), cmp.Compare(a.ID, b.ID))
	})
	return nil
}

// HasGroups reports whether the site has pages of other registries than the service names.
func (s *site) HasGroups() bool { return len(s.Groups) > 0 }

// longestAnchor is how many bytes of a key an anchor has.
const longestAnchor = 60

// plain are the bytes of a key that its anchor has; all others become a hyphen.
var plain = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[^A-Za-z0-9_.,:/+*-]+`) })

// taken are the ids of a registry's page that are no record's.
var taken = []string{"", "main", "q", "found", "remark", "records", "history", "notes", "procedures", "filter", "subscribe"}

// anchor gives each record an id: its key, where it has one and no record before it has the same.
func (r *listed) anchor() {
	used := make(map[string]bool, len(r.table.Records))
	for _, id := range taken {
		used[id] = true
	}
	r.anchors, r.keyed = make([]string, len(r.table.Records)), make(map[string]string, len(r.table.Records))
	for i, record := range r.table.Records {
		cells := r.key(record)
		id := anchorOf(strings.Join(cells, "/"))
		for n, base := 2, id; used[id]; n++ {
			id = base + "-" + strconv.Itoa(n)
		}
		used[id], r.anchors[i] = true, id
		if key := strings.Join(cells, "\x00"); r.keyed[key] == "" {
			r.keyed[key] = id
		}
	}
}

// anchorOf returns the id of a key that no record before has. The search makes the same in registries.js.
func anchorOf(key string) string {
	id := strings.Trim(plain().ReplaceAllString(key, "-"), "-")
	return cmp.Or(id[:min(len(id), longestAnchor)], "record")
}

// key returns the cells that identify a record, as changes have them; of a registry without a key its name or first column.
func (r *listed) key(record registry.Record) (cells []string) {
	keys := r.fact.Key
	if len(keys) == 0 || r.fact.Whole {
		keys = nil
		if r.fact.Name != "" {
			keys = []string{r.fact.Name}
		} else if len(r.table.Columns) > 0 {
			keys = []string{r.table.Columns[0].Key}
		}
	}
	for _, key := range keys {
		cells = append(cells, record.Get(key))
	}
	return cells
}

// to returns the shortest link from the page to an address.
func (p *page) to(address string) string { return urls.Link(p.Address, address) }

// To is [page.to], for templates.
func (p *page) To(address string) string { return p.to(address) }

// groupLinks returns the links of sentences about other registries. Sentences of the registry that the page is about, if it
// is of one, do not begin with its title.
func (p *page) groupLinks(own string) render.Links {
	l := p.links()
	l.Registry = func(id string) (string, string) {
		r := p.Site.registries[id]
		switch {
		case id == own:
			return "", ""
		case r == nil:
			_, name, _ := strings.Cut(id, "/")
			return cmp.Or(name, id), ""
		}
		return r.title, p.to(r.address)
	}
	l.Record = func(c *diff.Change) string { return p.recordLink(c) }
	return l
}

// recordLink returns the link to what a change is about: a record of the newest version, or a registry; nothing where that is
// gone.
func (p *page) recordLink(c *diff.Change) string {
	r := p.Site.registries[c.Registry]
	switch {
	case r == nil && !strings.Contains(c.Registry, "/") && c.Kind == diff.Described:
		return p.to(urls.Group(c.Registry))
	case r == nil:
		return ""
	case c.Kind == diff.Introduced || c.Kind == diff.Described:
		return p.to(r.address)
	}
	var cells []string
	for _, k := range c.Key {
		cells = append(cells, k.Text)
	}
	if id := r.keyed[strings.Join(cells, "\x00")]; id != "" && len(cells) > 0 {
		return p.to(r.address + "#" + id)
	}
	return ""
}

// happened reports whether an event has anything to say.
func happened(e *history.Event) bool {
	return len(e.Changes) > 0 || e.Returned != history.Not || e.Previous == ""
}

// saidOf returns the sentences of an event of a group, or of the service names where the group is nil.
func (p *page) saidOf(g *group, e *history.Event, own string) []template.HTML {
	list, _ := p.someOf(g, e, own, 0)
	return list
}

// someOf returns the sentences of an event as [page.saidOf] does, so many at most, and how many changes are in none of them. Where
// there is no limit, it is zero.
func (p *page) someOf(g *group, e *history.Event, own string, most int) (list []template.HTML, more int) {
	if e.Previous == "" {
		return []template.HTML{template.HTML(fmt.Sprintf("our history begins with %s records", grouped(e.Version.Records)))}, 0 //nolint:gosec // G203: a number
	}
	links := p.links()
	if g != nil {
		links = p.groupLinks(own)
	}
	for i, h := range render.HTMLHighlights(e, links, most) {
		if most > 0 && i >= most {
			more += h.Changes
			continue
		}
		list = append(list, safe(h.HTML))
	}
	return list, more
}

// source is where a page about other registries has its data from.
type source struct {
	Title, URL string
	Day        string // of the version since which the page is the same; empty where it is of several groups
	Address    string // of what that version brought
}

// ofAll is the source of pages about all registries.
var ofAll = &source{Title: "all registries", URL: "https://www.iana.org/protocols"}

// newGroupPage begins a page about other registries.
func (s *site) newGroupPage(kind, at, title string) *page {
	p := s.newPage(kind, at, title)
	p.Style = "registries.css"
	p.Source = ofAll
	return p
}

// groupFiles yields the files of all groups. Those of a group of which nothing new is stored are left as they are.
func (s *site) groupFiles() iter.Seq2[history.File, error] {
	return func(yield func(history.File, error) bool) {
		for _, g := range s.groups {
			of := reuse.Digest("a group's files", g.ID, g.Stored, s.Empty())
			if names, whole := s.Whole.Of(of); whole {
				for _, name := range names {
					if !yield(history.File{Name: name, Of: of, Same: true}, nil) {
						return
					}
				}
				continue
			}
			for f, err := range s.filesOf(g) {
				f.Of = of
				if !yield(f, err) || err != nil {
					return
				}
			}
		}
	}
}

// filesOf yields the pages of a group and the tables of its registries.
func (s *site) filesOf(g *group) iter.Seq2[history.File, error] {
	return func(yield func(history.File, error) bool) {
		if !g.alone() {
			if f, err := s.render(s.groupPage(g)); !yield(f, err) || err != nil {
				return
			}
		}
		data, err := g.records()
		if !yield(history.File{Name: g.address + recordsJSON, Data: data}, err) || err != nil {
			return
		}
		for i, r := range g.registries {
			p, err := s.registryPage(g, i)
			if err != nil {
				yield(history.File{}, err)
				return
			}
			if f, err := s.render(p); !yield(f, err) || err != nil {
				return
			}
			if r.hasCSV() && !yield(history.File{Name: r.address + recordsCSV, Data: r.table.CSV()}, nil) {
				return
			}
		}
	}
}

// groupRecords is the file of all records of a group, which is compressed: it is for programs, and takes a seventh of the room. Its form
// is that of docs/records.schema.json.
type groupRecords struct {
	Group      string            `json:"group"`
	Title      string            `json:"title"`
	Version    string            `json:"version"`
	Registries []registryRecords `json:"registries"`
}

// registryRecords are the records of a registry in that file, by their keys as in its CSV.
type registryRecords struct {
	Registry string            `json:"registry"`
	Title    string            `json:"title"`
	Columns  []jsonColumn      `json:"columns"`
	Records  []json.RawMessage `json:"records"` // objects of the cells of all columns
}

// jsonColumn is a column in that file.
type jsonColumn struct {
	Key   string `json:"key"`
	Label string `json:"label"`
}

// records returns the file of all records of the group.
func (g *group) records() ([]byte, error) {
	all := groupRecords{Group: g.ID, Version: g.Newest.ID, Registries: []registryRecords{}}
	if len(g.Edition.Stated) > 0 {
		all.Title = g.Edition.Stated[0].Title
	}
	for _, r := range g.registries {
		of := registryRecords{Registry: r.id, Columns: []jsonColumn{}, Records: []json.RawMessage{}}
		if r.about != nil {
			of.Title = r.about.Title
		}
		for _, c := range g.Labels.Of(r.id, r.table.Columns) {
			of.Columns = append(of.Columns, jsonColumn{c.Key, c.Heading()})
		}
		for _, record := range r.table.Records {
			of.Records = append(of.Records, record.AppendJSON(nil, r.table.Columns))
		}
		all.Registries = append(all.Registries, of)
	}
	data, err := plainjson.Marshal(all)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(append(data, '\n')); err != nil {
		return nil, err
	}
	err = w.Close()
	return b.Bytes(), err
}

// The names of the files with a group's and a registry's records.
const (
	recordsJSON = "records.json.gz"
	recordsCSV  = "records.csv"
)

// fewestInCSV is how many records a registry with a file of its own for them has at least. Half of IANA's registries have six or
// fewer; the file of the group has those of all.
const fewestInCSV = 5

// hasCSV reports whether the registry has a file of its own with its records.
func (r *listed) hasCSV() bool { return len(r.table.Records) >= fewestInCSV }

// HasNews reports whether events of a registry have anything for its feed; without any there is no feed of it.
func HasNews(events []history.Event) bool {
	return slices.ContainsFunc(events, func(e history.Event) bool { return e.Returned != history.Not || len(news(&e).Changes) > 0 })
}

// groupBody is the model of a group's page.
type groupBody struct {
	ID, Page            string // its id, and IANA's page
	Rows                []registryRow
	Registries, Records int
	Lately              []latest
	Begins              string
	LastServed          string // see [Group]
	stated
}

// registryRow is a registry in the list of its group; a heading over others has no address.
type registryRow struct {
	Title, Address string
	Depth          int
	Records        int
	Changed        string // day of its last change; empty where it has not changed
}

// recentOfGroup is how many versions a group's page shows.
const recentOfGroup = 15

func (s *site) groupPage(g *group) *page {
	p := s.newGroupPage("group", g.address, g.title)
	p.Summary = text.Cut(fmt.Sprintf("IANA’s registries of the group %s: %d of them, and what changed in them.", g.title, len(g.registries)), longestSummary)
	p.Feed = g.address + "feed"
	p.Source, p.together = g.source(g.events[len(g.events)-1].Version), true
	p.Script = "table.js"
	b := &groupBody{ID: g.ID, Page: g.Page, Registries: len(g.registries), Begins: render.Day(g.events[0].Version.ID), LastServed: g.LastServed}
	changed := g.lastChanges()
	parent := make(map[string]string)
	for i := range g.Edition.Stated {
		about := &g.Edition.Stated[i]
		parent[about.ID] = about.Parent
		if about.Heading && about.Parent == "" { // the group itself
			b.state(about)
			continue
		}
		row := registryRow{Title: cmp.Or(text.Visible(about.Title), text.Visible(about.ID))}
		for up := about.Parent; up != "" && up != g.ID && row.Depth < 4; up = parent[up] {
			row.Depth++
		}
		if r := s.registries[about.ID]; r != nil {
			row.Address, row.Records, row.Changed = r.address, len(r.table.Records), changed[about.ID]
			b.Records += row.Records
		}
		b.Rows = append(b.Rows, row)
	}
	for i := range slices.Backward(g.events) {
		e := &g.events[i]
		if e.Returned != history.Not && i < len(g.events)-1 {
			continue // it has been undone since, or what came after it matters more
		}
		if happened(e) && len(b.Lately) < recentOfGroup {
			b.Lately = append(b.Lately, p.latestOf(g, e))
		}
	}
	p.Body = b
	return p
}

// lastChanges returns the day of the last change of each registry.
func (g *group) lastChanges() map[string]string {
	days := make(map[string]string)
	for i := range g.events {
		for _, c := range g.events[i].Changes {
			days[c.Registry] = render.Day(g.events[i].Version.ID)
		}
	}
	return days
}

// source is what the page of a group names, or that of one of its registries, unaltered since a version.
func (g *group) source(v snapshots.Version) *source {
	return &source{g.title, g.Page, render.Day(v.ID), urls.Seen(g.ID, v.ID, v.Seen())}
}

// latestOf returns an event of a group, or of the service names where that is nil, for a list of the newest.
func (p *page) latestOf(g *group, e *history.Event) latest {
	id := p.Site.Registry.ID
	if g != nil {
		id = g.ID
	}
	l := latest{versionLink: &versionLink{ID: e.Version.ID, When: render.Day(e.Version.ID), Address: urls.Seen(id, e.Version.ID, e.Version.Seen()), Between: render.Between(e)}}
	l.Sentences, l.More = p.someOf(g, e, "", mostSentences)
	return l
}
