package site

import (
	"cmp"
	_ "embed"
	"fmt"
	"html/template"
	"iter"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/lookup"
	"github.com/ianasync/ianasync/internal/publish/reuse"
	"github.com/ianasync/ianasync/internal/publish/urls"
	"github.com/ianasync/ianasync/internal/render"
	"github.com/ianasync/ianasync/internal/rules"
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
}

// group is a group with values computed from it.
type group struct {
	Group
	title      string // for people
	address    string
	registries []*listed // in the order of the file
	events     []history.Event
}

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
		return r.title, p.Root + r.address
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
		return p.Root + urls.Group(c.Registry)
	case r == nil:
		return ""
	case c.Kind == diff.Introduced || c.Kind == diff.Described:
		return p.Root + r.address
	}
	var cells []string
	for _, k := range c.Key {
		cells = append(cells, k.Text)
	}
	if id := r.keyed[strings.Join(cells, "\x00")]; id != "" && len(cells) > 0 {
		return p.Root + r.address + "#" + id
	}
	return ""
}

// happened reports whether an event has anything to say.
func happened(e *history.Event) bool {
	return len(e.Changes) > 0 || e.Returned != history.Not || e.Previous == ""
}

// saidOf returns the sentences of an event of a group, or of the service names where the group is nil.
func (p *page) saidOf(g *group, e *history.Event, own string) (list []template.HTML) {
	if e.Previous == "" {
		return []template.HTML{template.HTML(fmt.Sprintf("our history begins with %s records", grouped(e.Version.Records)))} //nolint:gosec // G203: a number
	}
	links := p.links()
	if g != nil {
		links = p.groupLinks(own)
	}
	for _, sentence := range render.HTMLHighlights(e, links) {
		list = append(list, safe(sentence))
	}
	return list
}

// source is where a page about other registries has its data from.
type source struct {
	Title, URL string
	Day        string // of the version since which the page is the same; empty where it is of several groups
	Address    string // of what that version brought
}

// newGroupPage begins a page about other registries.
func (s *site) newGroupPage(kind, at, title string) *page {
	p := s.newPage(kind, at, title)
	p.Style = "registries.css"
	p.Source = &source{Title: "all registries", URL: "https://www.iana.org/protocols"}
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
		p := s.groupPage(g)
		if f, err := s.render(p); !yield(f, err) || err != nil {
			return
		}
		data, err := registry.TablesJSON(g.Edition, g.Newest.ID, g.Edition.Tables, g.Labels.Of)
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

// The names of the files with a group's and a registry's records.
const (
	recordsJSON = "records.json"
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
	p.Source, p.together = g.source(len(g.events)-1), true
	p.Script = "table.js"
	b := &groupBody{ID: g.ID, Page: g.Page, Registries: len(g.registries), Begins: render.Day(g.events[0].Version.ID)}
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
		if e := &g.events[i]; happened(e) && len(b.Lately) < recentOfGroup {
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

// source is what the page of a group names, or that of one of its registries, unaltered since a step.
func (g *group) source(step int) *source {
	v := g.events[step].Version
	return &source{g.title, g.Page, render.Day(v.ID), urls.Seen(g.ID, v.ID, v.Seen())}
}

// latestOf returns an event of a group, or of the service names where that is nil, for a list of the newest.
func (p *page) latestOf(g *group, e *history.Event) latest {
	id := p.Site.Registry.ID
	if g != nil {
		id = g.ID
	}
	l := latest{versionLink: &versionLink{ID: e.Version.ID, When: render.Day(e.Version.ID), Address: urls.Seen(id, e.Version.ID, e.Version.Seen()), Between: render.Between(e)}}
	l.Sentences = p.saidOf(g, e, "")
	l.More = max(0, len(l.Sentences)-mostSentences)
	l.Sentences = l.Sentences[:len(l.Sentences)-l.More]
	return l
}

// registryBody is the model of a registry's page.
type registryBody struct {
	Title          string
	ID             string
	IANA           string // URL of IANA's page about it
	Group          string
	GroupAddress   string
	Columns        []tableColumn
	Width          string // the class of the table: how wide its columns are together
	Short          bool   // the first column has short texts alone
	Rows           []recordRow
	Temporary      []temporary
	Past           *timeline
	CSV, Feed      bool // whether it has such a file of its own; else that of the group serves
	Previous, Next *serviceLink
	stated
}

// stated is what a registry, or a group, states about itself.
type stated struct {
	Description  string
	Procedures   []string
	Ranges       []rangeRow
	RangeColumns []string
	Reference    []part
	Notes        []noteRow
	Footnotes    []noteRow
}

// rangeRow is a range of values with a registration procedure of its own: its cells by [stated.RangeColumns].
type rangeRow []string

// noteRow is a note or a footnote with its title or anchor.
type noteRow struct {
	Title string
	Text  []part
}

// recordRow is a record in a table.
type recordRow struct {
	ID    string // of the element
	State string // the class of a record that is not assigned
	Cells [][]part
}

// part is a text, and where it leads.
type part struct{ Text, URL string }

// tableColumn is a column of a table. Its class is how wide it is.
type tableColumn struct{ Heading, Class string }

// columnWidth is a class of columns: those whose longest cell, or word of the heading, has at most so many bytes. Each takes so many rem.
type columnWidth struct {
	class string
	most  int
	rem   float64
}

// widths are all classes of columns.
var widths = [...]columnWidth{{"tiny", 4, 3.5}, {"", short, 6.5}, {"mid", 40, 11}, {"long", math.MaxInt, 16}}

// short is how many bytes a cell has at most that is not wrapped.
const short = 16

// classOf returns the class of a table by the width of its columns: a broad one takes the width of the screen, a vast one is
// wider than that.
func classOf(rem float64) string {
	switch {
	case rem > 82:
		return "vast"
	case rem > 56:
		return "broad"
	}
	return ""
}

func (s *site) registryPage(g *group, i int) (*page, error) {
	r := g.registries[i]
	title := r.title
	if title != g.title {
		title += ", " + g.title
	}
	p := s.newGroupPage("registry", r.address, title)
	p.Summary = text.Cut(fmt.Sprintf("IANA’s registry %s (%s): %d records, and all that changed in it.", r.title, g.title, len(r.table.Records)), longestSummary)
	p.Feed = r.address + "feed"
	p.Script = "table.js"
	_, name, _ := strings.Cut(r.id, "/")
	b := &registryBody{Title: r.title, ID: text.Visible(r.id), IANA: g.Page + "#" + name, Group: g.title, GroupAddress: g.address}
	if r.about != nil {
		b.state(r.about)
	}
	b.tabulate(r)
	b.Temporary = temporariesOf(r)
	events, err := g.Past.AskRegistry(r.id, "")
	if err != nil {
		return nil, err
	}
	b.Past = p.registryPast(r, events)
	if b.CSV, b.Feed = r.hasCSV(), HasNews(events); !b.Feed {
		p.Feed, p.feedTitle = g.address+"feed", g.title
	}
	since := 0
	if len(events) > 0 {
		since = slices.IndexFunc(g.events, func(e history.Event) bool { return e.Version.ID == events[len(events)-1].Version.ID })
	}
	p.Source, p.together = g.source(since), true
	if i > 0 {
		b.Previous = &serviceLink{g.registries[i-1].title, g.registries[i-1].address}
	}
	if i < len(g.registries)-1 {
		b.Next = &serviceLink{g.registries[i+1].title, g.registries[i+1].address}
	}
	p.Body = b
	return p, nil
}

// registryPast is the history of a registry, newest first.
func (p *page) registryPast(r *listed, events []history.Event) *timeline {
	first := &r.group.events[0]
	t := &timeline{Begins: render.Day(first.Version.ID), BeginsAt: p.Root + urls.Seen(r.group.ID, first.Version.ID, first.Version.Seen())}
	for i := range slices.Backward(events) {
		e := &events[i]
		t.Moments = append(t.Moments, moment{
			Day: render.Day(e.Version.ID), Link: p.Root + urls.Seen(r.group.ID, e.Version.ID, e.Version.Seen()), Between: render.Between(e),
			Sentences: p.saidOf(r.group, e, r.id),
		})
	}
	if len(events) == 0 {
		t.Unchanged = fmt.Sprintf("Unchanged since our history begins, %s.", t.Begins)
	}
	return t
}

// state takes over what a registry states about itself; not its experts, who are people.
func (b *stated) state(r *registry.Statement) {
	b.Description, b.Reference = text.Visible(r.Description), parts(r.Reference)
	for _, rule := range r.Rules {
		b.Procedures = append(b.Procedures, text.Visible(rule))
	}
	for _, n := range r.Notes {
		b.Notes = append(b.Notes, noteRow{text.Visible(n.Title), parts(n.Text)})
	}
	for _, n := range r.Footnotes {
		b.Footnotes = append(b.Footnotes, noteRow{text.Visible(n.Anchor), parts(n.Text)})
	}
	if len(r.Ranges) == 0 {
		return
	}
	var rows []rangeRow
	for _, rg := range r.Ranges {
		rows = append(rows, rangeRow{rg.Value, rg.Hex, rg.EntrySize, rg.Rule, rg.Note, rg.Reference})
	}
	for column, heading := range []string{"Range", "Hexadecimal", "Entry size", "Registration procedure", "Note", "Reference"} {
		if !slices.ContainsFunc(rows, func(row rangeRow) bool { return row[column] != "" }) {
			continue
		}
		b.RangeColumns = append(b.RangeColumns, heading)
		if b.Ranges == nil {
			b.Ranges = make([]rangeRow, len(rows))
		}
		for i, row := range rows {
			b.Ranges[i] = append(b.Ranges[i], text.Visible(row[column]))
		}
	}
}

// tabulate makes the rows of a table, in the order of the file. Columns without a text in any record are left out, but for the
// first.
func (b *registryBody) tabulate(r *listed) {
	rem := 0.0
	var shown []string // their keys
	for i, c := range r.group.Labels.Of(r.id, r.table.Columns) {
		longest := 0
		for _, record := range r.table.Records {
			longest = max(longest, len(record.Get(c.Key)))
		}
		if longest == 0 && i > 0 {
			continue
		}
		shown = append(shown, c.Key)
		w := widths[slices.IndexFunc(widths[:], func(w columnWidth) bool { return longest <= w.most })]
		rem += w.rem
		b.Short = b.Short || i == 0 && longest <= short
		b.Columns = append(b.Columns, tableColumn{text.Visible(c.Heading()), w.class})
	}
	b.Width = classOf(rem)
	for i, record := range r.table.InFile() {
		row := recordRow{ID: r.anchors[i], State: stateOf(record)}
		for _, key := range shown {
			row.Cells = append(row.Cells, parts(record.Get(key)))
		}
		b.Rows = append(b.Rows, row)
	}
}

// stateOf returns the class of a record that is free or reserved.
func stateOf(record registry.Record) string {
	for key, cell := range record.All() {
		if role := rules.RoleOf(registry.Column{Key: key}); role == registry.Note || role == registry.Reference {
			continue
		}
		switch rules.StateOf(cell) {
		case rules.Free:
			return "free"
		case rules.Reserved:
			return "reserved"
		}
	}
	return ""
}

// rfcNamed is how a cell names an RFC, or a section of one.
var rfcNamed = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\[RFC ?0*([1-9][0-9]{0,4})(?:[],#])`) })

// rfcsIn returns the numbers of the RFCs that a cell names.
func rfcsIn(cell string) (list []int) {
	if !strings.Contains(cell, "[RFC") {
		return nil
	}
	for _, found := range rfcNamed().FindAllStringSubmatch(cell, -1) {
		if n, err := strconv.Atoi(found[1]); err == nil && !slices.Contains(list, n) {
			list = append(list, n)
		}
	}
	return list
}

// rfcURL is where an RFC is read.
func rfcURL(number int) string { return "https://www.rfc-editor.org/rfc/rfc" + strconv.Itoa(number) }

// parts divides a cell into text, and RFCs, which are links.
func parts(cell string) (list []part) {
	add := func(s, url string) {
		if s != "" {
			list = append(list, part{text.Visible(s), url})
		}
	}
	if !strings.Contains(cell, "[RFC") {
		add(cell, "")
		return list
	}
	end := 0
	for _, found := range rfcNamed().FindAllStringSubmatchIndex(cell, -1) {
		number, err := strconv.Atoi(cell[found[2]:found[3]])
		length := strings.IndexByte(cell[found[0]:], ']')
		if err != nil || length < 0 || found[0] < end {
			continue
		}
		add(cell[end:found[0]+1], "")
		end = found[0] + length
		add(cell[found[0]+1:end], rfcURL(number))
	}
	add(cell[end:], "")
	return list
}
