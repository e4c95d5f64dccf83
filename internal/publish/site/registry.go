package site

import (
	"cmp"
	"fmt"
	"html"
	"html/template"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/publish/urls"
	"github.com/ianasync/ianasync/internal/render"
	"github.com/ianasync/ianasync/internal/rules"
	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/registry"
)

// registryBody is the model of a registry's page.
type registryBody struct {
	Title          string
	ID             string
	IANA           string // URL of IANA's page about it
	Group          string // the title of its group
	GroupAddress   string // empty where the page is also that of the group
	Compared       string // what the page of two dates compares: its id, or that of the group
	Columns        []tableColumn
	Width          string // the class of the table: how wide its columns are together
	Short          bool   // the first column has short texts alone
	Records        int
	Rows           template.HTML
	Temporary      []temporary
	LastServed     string // see [Group]
	Past           *registryPast
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

// registryPast is the history of a registry: its newest versions that changed anything.
type registryPast struct {
	timeline
	Moments []registryMoment // newest first
	Older   int              // how many versions with changes are not among these
}

// registryMoment is what a version changed in a registry.
type registryMoment struct {
	moment
	More int // changes that are not among the sentences
}

// What the history of a registry's page has at most; the page of two dates and the pages of the weeks have all.
const (
	mostMoments     = 20
	mostOfARegistry = 20 // sentences about one version, and records that a sentence names
)

// part is a text, and where it leads.
type part struct{ Text, URL string }

// tableColumn is a column of a table. Its class is how wide it is.
type tableColumn struct{ Heading, Class string }

// columnWidth is a class of columns: those whose longest cell has at most so many bytes. Each takes so many rem.
type columnWidth struct {
	class string
	most  int
	rem   float64
}

// widths are all classes of columns, but for that of [wordy].
var widths = [...]columnWidth{{"tiny", 4, 3.5}, {"", short, 6.5}, {"mid", 40, 11}, {"long", math.MaxInt, 16}}

// wordy is the class of columns with words that would be broken in the others, as TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256. Words with more
// bytes than it has room for are broken in any.
var wordy = columnWidth{"wordy", 48, 25}

// short is how many bytes a cell has at most that is not wrapped.
const short = 16

// classOf returns the class of a table by the width of its columns: a broad one takes the width of a screen of 80 rem, a vast one is
// wider than that.
func classOf(rem float64) string {
	switch {
	case rem > 75:
		return "vast"
	case rem > 56:
		return "broad"
	}
	return ""
}

// registryPage returns the page of the registry at a place in its group, and of the group if that is all it has.
func (s *site) registryPage(g *group, i int) (*page, error) {
	r := g.registries[i]
	title := r.title
	if title != g.title {
		title += ", " + g.title
	}
	p := s.newGroupPage("registry", r.address, title)
	p.Summary = text.Cut(fmt.Sprintf("The %d records of IANA’s registry %s, and what changed in it.", len(r.table.Records), r.title), longestSummary)
	p.Script, p.together, p.feedTitle = "table.js", true, r.title
	b := &registryBody{Title: r.title, ID: text.Visible(r.id), Group: g.title, Records: len(r.table.Records), CSV: r.hasCSV(), LastServed: g.LastServed}
	if r.about != nil {
		b.state(r.about)
	}
	b.tabulate(r)
	b.Temporary = temporariesOf(r)
	p.Body = b
	if g.alone() {
		b.Compared, b.IANA, b.Feed, p.Feed = g.ID, g.Page, true, g.address+"feed"
		if len(g.Edition.Stated) > 0 && &g.Edition.Stated[0] != r.about {
			b.add(&g.Edition.Stated[0])
		}
		p.registryPast(b, r, g.events)
		return p, nil
	}
	_, name, _ := strings.Cut(r.id, "/")
	b.Compared, b.IANA, b.GroupAddress = r.id, g.Page+"#"+name, g.address
	events, err := g.Past.Ask(r.id, "")
	if err != nil {
		return nil, err
	}
	p.registryPast(b, r, events)
	if b.Feed, p.Feed = HasNews(events), r.address+"feed"; !b.Feed {
		p.Feed, p.feedTitle = g.address+"feed", g.title
	}
	if i > 0 {
		b.Previous = &serviceLink{g.registries[i-1].title, g.registries[i-1].address}
	}
	if i < len(g.registries)-1 {
		b.Next = &serviceLink{g.registries[i+1].title, g.registries[i+1].address}
	}
	return p, nil
}

// registryPast adds the history that consists of some events of a registry's group, oldest first, and what the page has its data from.
func (p *page) registryPast(b *registryBody, r *listed, events []history.Event) {
	g := r.group
	first := &g.events[0]
	t := &registryPast{timeline: timeline{Begins: render.Day(first.Version.ID), BeginsAt: p.to(urls.Seen(g.ID, first.Version.ID, first.Version.Seen()))}}
	p.Source = g.source(first.Version)
	for i := range slices.Backward(events) {
		e := &events[i]
		if e.Previous == "" || !happened(e) {
			continue
		}
		if len(t.Moments) == 0 {
			p.Source = g.source(e.Version)
		}
		if len(t.Moments) == mostMoments {
			t.Older++
			continue
		}
		m := registryMoment{moment: moment{
			Day: render.Day(e.Version.ID), Link: p.to(urls.Seen(g.ID, e.Version.ID, e.Version.Seen())), Between: render.Between(e),
		}}
		m.Sentences, m.More = p.someOf(g, e, r.id, mostOfARegistry)
		t.Moments = append(t.Moments, m)
	}
	if len(t.Moments) == 0 {
		t.Unchanged = fmt.Sprintf("Unchanged since our history begins, %s.", t.Begins)
	}
	b.Past = t
}

// add takes over what the group states that the page is also of. What the registry states of the same comes first.
func (b *stated) add(g *registry.Statement) {
	var of stated
	of.state(g)
	b.Description = cmp.Or(b.Description, of.Description)
	if len(b.Procedures) == 0 {
		b.Procedures = of.Procedures
	}
	if len(b.Reference) == 0 {
		b.Reference = of.Reference
	}
	if len(b.Ranges) == 0 {
		b.Ranges, b.RangeColumns = of.Ranges, of.RangeColumns
	}
	b.Notes, b.Footnotes = append(b.Notes, of.Notes...), append(b.Footnotes, of.Footnotes...)
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
		longest, word := 0, 0
		for _, record := range r.table.Records {
			cell := record.Get(c.Key)
			longest, word = max(longest, len(cell)), max(word, longestWord(cell))
		}
		if longest == 0 && i > 0 {
			continue
		}
		shown = append(shown, c.Key)
		w := widths[slices.IndexFunc(widths[:], func(w columnWidth) bool { return longest <= w.most })]
		if 26 < word && word <= wordy.most {
			w = wordy
		}
		rem += max(w.rem, 1.4+0.5*float64(longestWord(c.Heading())))
		b.Short = b.Short || i == 0 && longest <= short
		b.Columns = append(b.Columns, tableColumn{text.Visible(c.Heading()), w.class})
	}
	b.Width = classOf(rem)
	b.Rows = r.rows(shown)
}

// longestWord returns how many bytes a text has at most between two places where browsers break lines.
func longestWord(s string) (longest int) {
	for word := range strings.FieldsFuncSeq(s, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("-?[]", r) }) {
		longest = max(longest, len(word))
	}
	return longest
}

// rows returns the rows of the table with the columns of some keys, in the order of the file. They are most of what the pages of
// registries have. So what HTML does not need is left out: the ends of cells and rows, quotation marks, and the scope of a heading
// that begins a row, as that of one in a row of headings. Line breaks are in tags, where they are no text of a cell.
func (r *listed) rows(keys []string) template.HTML {
	var b strings.Builder
	for i, record := range r.table.InFile() {
		b.WriteString("<tr\nid=" + r.anchors[i])
		if state := stateOf(record); state != "" {
			b.WriteString(" class=" + state)
		}
		b.WriteByte('>')
		for column, key := range keys {
			if column == 0 {
				b.WriteString("<th>")
			} else {
				b.WriteString("<td>")
			}
			for _, p := range parts(record.Get(key)) {
				if p.URL != "" {
					b.WriteString("<a href=" + p.URL + ">" + html.EscapeString(p.Text) + "</a>")
				} else {
					b.WriteString(html.EscapeString(p.Text))
				}
			}
		}
	}
	return template.HTML(b.String()) //nolint:gosec // G203: anchors and states are words, and texts are escaped
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
