// Package site renders the pages of the published folder: one for each port that has a service or a past, each block
// of ports, each service name, version and year, and the indexes that link to them.
//
// A page is a model in a frame. The model has the same values as the answer of a lookup, and the same sentences
// from package render. Models of which there are thousands write themselves, with package htmlprint; of the others each kind has a
// template. Pages are generated one after the other, and are the same bytes each time: they depend on nothing but the versions.
//
// The registry's text is untrusted. It is put into a model through [text.Visible], htmlprint or html/template
// escapes it for the place where it stands, and it is never a link: links consist of page addresses and RFC numbers.
//
// All links are relative, so that the folder can be served from anywhere. Pages work without scripts;
// scripts add the search, the answer about a port without a page, the comparison of two dates, the labels of the map, and
// buttons that copy. The search is find.js and its data search.js, both loaded when somebody first uses it;
// registries.js and the lists in search/ are the same for other registries, loaded when it is widened to these.
//
// A page names the version since which it has been the same, so that one new version alters few files: the pages of
// what it touches, and those that are about the newest version. newest.js has the id of the newest for all others.
package site

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"iter"
	"net/url"
	"strings"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/lookup"
	"github.com/ianasync/ianasync/internal/porthistory"
	"github.com/ianasync/ianasync/internal/publish/htmlprint"
	"github.com/ianasync/ianasync/internal/publish/reuse"
	"github.com/ianasync/ianasync/internal/publish/urls"
	"github.com/ianasync/ianasync/internal/render"
	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

// Input is what a site is made from.
type Input struct {
	Registry *ports.Registry
	Table    *ports.Table // of the newest version; nil where there is none
	Newest   snapshots.Version
	Past     *porthistory.Past  // with the newest version as its last step; without any step where there is no version yet
	Index    *porthistory.Index // of the past
	BaseURL  string             // of the published folder, with a slash at its end; empty if it is not known
	Notes    []Note             // remarks about ports that are not from IANA
	Has      reuse.Has          // which pages are published already; they are not made again
	Groups   []Group            // of registries other than the service names
	Whole    reuse.Whole        // the files of groups that are published already

	// Feed yields the feed of a port or a service that has a page; nil for none.
	Feed func(*Subject) iter.Seq2[history.File, error]
}

// Subject is a port or a service that has a page.
type Subject struct {
	Port    uint16
	Service string              // empty for a port
	Past    func() *lookup.Past // what happened to it
	Of      string              // digest of what its feed is made from; empty if that is not known
}

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed assets/style.css
var style []byte

//go:embed assets/site.js
var script []byte

//go:embed assets/compare.js
var comparer []byte

//go:embed assets/icon.svg
var icon []byte

// SiteName is the name of the site, whatever registry it is of.
const SiteName = "Assigned Numbers"

// site is an input, and values computed from it that many pages use.
type site struct {
	Input
	surveyed  *lookup.Surveyed
	events    []history.Event // of all versions, oldest first
	ports     [1 << 16]portInfo
	changed   *lastChanged
	names     []string          // of all services, those that are gone too, in order of their letters
	known     map[string]string // by address, the name that has a page
	gone      map[string]bool   // by address, whether it is in the newest version no more
	entries   *entryFigures     // nil where there is one version only
	inputs    *inputs           // nil where nothing is published already
	links     []*versionLink    // by step; nil where none was made yet
	writer    htmlprint.Writer
	templates map[string]*template.Template

	groups     []*group           // in order of their titles
	registries map[string]*listed // by id, those of all groups
}

// Files are all pages, and what these need. The data of each is valid until the next is requested.
func Files(in Input) iter.Seq2[history.File, error] {
	return func(yield func(history.File, error) bool) {
		s, err := newSite(in)
		if err != nil {
			yield(history.File{}, err)
			return
		}
		var addresses []string
		for p := range s.all() {
			if p.canonical == "" || p.canonical == p.Address {
				addresses = append(addresses, p.Address)
			}
			f, err := s.render(p)
			if !yield(f, err) || err != nil {
				return
			}
		}
		for f, err := range s.groupFiles() {
			if at, isPage := strings.CutSuffix(f.Name, "index.html"); isPage {
				addresses = append(addresses, at)
			}
			if !yield(f, err) || err != nil {
				return
			}
		}
		for f, err := range s.others(addresses) {
			if !yield(f, err) || err != nil {
				return
			}
		}
	}
}

func newSite(in Input) (*site, error) {
	s := &site{Input: in}
	var err error
	if s.events, err = in.Past.All(); err != nil {
		return nil, err
	}
	if s.templates, err = parseTemplates(); err != nil {
		return nil, err
	}
	if err := s.readGroups(); err != nil {
		return nil, err
	}
	if s.Empty() {
		return s, nil
	}
	s.surveyed = lookup.Survey(s.Table)
	s.survey()
	s.changed = newLastChanged(s.Table, s.Past, s.events)
	s.nameServices()
	if s.Has != nil {
		s.inputs = newInputs(s)
	}
	s.entries, err = s.entryFigures()
	return s, err
}

// Empty reports whether there is no version yet. Then no port or service has a page.
func (s *site) Empty() bool { return len(s.events) == 0 }

// parseTemplates returns the template of each kind of page that has one, by its name.
func parseTemplates() (map[string]*template.Template, error) {
	parts, err := template.New("").Funcs(template.FuncMap{"v": text.Visible, "n": grouped}).ParseFS(templateFiles, "templates/parts.html")
	if err != nil {
		return nil, err
	}
	pages := make(map[string]*template.Template)
	for _, name := range []string{"front", "blocks", "version", "versions", "year", "years", "about", "lost", "data", "changes", "compare", "registries", "group", "registry", "week", "temporary", "rfc", "rfcs"} {
		t, err := parts.Clone()
		if err != nil {
			return nil, err
		}
		if pages[name], err = t.ParseFS(templateFiles, "templates/"+name+".html"); err != nil {
			return nil, err
		}
	}
	return pages, nil
}

// page is one page: what its frame needs, and the model of its body.
type page struct {
	Site    *site
	Address string // "port/2397/"
	Root    string // what leads from the page to the folder: "../../"
	Title   string
	Summary string  // for search engines, a sentence
	Feed    string  // address of the feed of its subject, without ending; empty where that is all changes
	Script  string  // address of a script that only this page has; empty for none
	Style   string  // address of a style that only such pages have; empty for none
	Source  *source // of a page about other registries; nil for all others
	Data    any     // schema.org's, for the head; nil where there is none
	Body    any

	since     int    // the step since which all that it says has been so; that of the newest version if not known better
	unaltered bool   // since is the version since which the page has been the same
	feedTitle string // of its feed, where that is about more than the page
	together  bool   // it is one of a group's files, which are made together
	kind      string // the name of its template, if it has one
	canonical string // the address of the same page, where it has another, too

	of   string // digest of what the page is made from, if that is known before the page is made
	fill func() // makes such a page; nil if it is made already
}

// newPage begins the page of an address.
func (s *site) newPage(kind, at, title string) *page {
	root := "./"
	if up := strings.Count(at, "/"); up > 0 {
		root = strings.Repeat("../", up)
	}
	p := &page{Site: s, Address: at, Root: root, Title: title, since: len(s.events) - 1, kind: kind}
	if s.Empty() && s.HasGroups() {
		p.Source = ofAll
	}
	return p
}

// unalteredSince sets the step since which the page's content is unaltered. Such a page names the version of that step
// instead of the newest one, so that its file changes only if its content does.
func (p *page) unalteredSince(step int) { p.since, p.unaltered = step, true }

// Searched reports whether there is anything to search.
func (s *site) Searched() bool { return !s.Empty() || s.HasGroups() }

// version is the version that the page names; there is one unless the site is [site.Empty].
func (p *page) version() snapshots.Version { return p.Site.events[p.since].Version }

// links are the links of sentences on the page.
func (p *page) links() render.Links {
	return render.Links{
		Service: func(name string) string {
			if at := urls.Service(name); p.Site.known[at] != "" {
				return p.Root + at
			}
			return ""
		},
		Ports: func(text string) string {
			numbers, _ := ports.ParsePorts(text) // what is no port has no page
			if first, _, ok := numbers.Bounds(); ok {
				return p.Root + p.Site.portAddress(first)
			}
			return ""
		},
	}
}

// portAddress returns the address of a port's details: its own page, or its place on the page of its block.
func (s *site) portAddress(port uint16) string {
	if s.ports[port].page {
		return urls.Port(port)
	}
	return urls.PortIn(port)
}

// render returns the file of a page. A page that is unaltered since a version is a function of its own fields: of the
// site, it shows nothing else that two versions differ in.
func (s *site) render(p *page) (history.File, error) {
	f := history.File{Name: p.Address + "index.html"}
	if p.kind == "lost" {
		f.Name = p.Address
	}
	if p.of != "" {
		f.Of = p.of
		if f.Same = s.Has.Already(f.Name, f.Of); f.Same {
			return f, nil
		}
	} else if s.Has != nil && (p.unaltered || p.Source != nil && !p.together) {
		model := *p
		model.Site, model.since = nil, 0
		if p.unaltered {
			f.Of = reuse.Digest(model, p.version())
		} else {
			f.Of = reuse.Digest(model, s.Empty())
		}
		if f.Same = s.Has.Already(f.Name, f.Of); f.Same {
			return f, nil
		}
	}
	if p.fill != nil {
		p.fill()
	}
	s.writer.Reset()
	if err := p.write(&s.writer); err != nil {
		return history.File{}, fmt.Errorf("page %q: %w", p.Address, err)
	}
	f.Data = s.writer.Bytes()
	return f, nil
}

// all are all pages.
func (s *site) all() iter.Seq[*page] {
	return func(yield func(*page) bool) {
		for _, part := range []func() iter.Seq[*page]{
			s.singlePages, s.portPages, s.blockPages, s.servicePages, s.letterPages, s.versionPages, s.yearPages, s.changePages, s.dataPages, s.acrossPages,
		} {
			for p := range part() {
				if !yield(p) {
					return
				}
			}
		}
	}
}

func (s *site) singlePages() iter.Seq[*page] {
	return func(yield func(*page) bool) {
		_ = yield(s.front()) && yield(s.about()) && yield(s.lost())
	}
}

// others are the files that are no pages.
func (s *site) others(addresses []string) iter.Seq2[history.File, error] {
	return func(yield func(history.File, error) bool) {
		if !yield(history.File{Name: "style.css", Data: style}, nil) || !yield(history.File{Name: "site.js", Data: script}, nil) ||
			!yield(history.File{Name: "find.js", Data: finder}, nil) || !yield(history.File{Name: "icon.svg", Data: icon}, nil) {
			return
		}
		if s.HasGroups() && (!yield(history.File{Name: "registries.css", Data: registriesStyle}, nil) || !yield(history.File{Name: "table.js", Data: tableScript}, nil) ||
			!yield(history.File{Name: "registries.js", Data: registriesFinder}, nil)) {
			return
		}
		for _, part := range []iter.Seq2[history.File, error]{s.registryIndexes(), s.groupChangesByYear()} {
			for f, err := range part {
				if !yield(f, err) || err != nil {
					return
				}
			}
		}
		if s.Searched() && !yield(history.File{Name: "compare.js", Data: comparer}, nil) {
			return
		}
		if s.BaseURL != "" && (!yield(history.File{Name: "sitemap.xml", Data: s.sitemap(addresses)}, nil) || !yield(history.File{Name: "opensearch.xml", Data: s.openSearch()}, nil)) || s.Empty() {
			return
		}
		if !yield(history.File{Name: "newest.js", Data: fmt.Appendf(nil, "var ianasyncNewest = %q;\n", s.Newest.ID)}, nil) {
			return
		}
		for f, err := range s.changesByYear() {
			if !yield(f, err) {
				return
			}
		}
		index, err := s.searchIndex()
		if !yield(history.File{Name: "search.js", Data: index}, err) {
			return
		}
		for _, part := range []iter.Seq2[history.File, error]{s.pictures(), s.portData()} {
			for f, err := range part {
				if !yield(f, err) {
					return
				}
			}
		}
		for subject := range s.subjects() {
			for f, err := range s.Feed(subject) {
				if !yield(f, err) {
					return
				}
			}
		}
	}
}

// sitemap lists all pages: https://www.sitemaps.org/protocol.html. A list may have 50,000; these
// are some 20,000.
func (s *site) sitemap(addresses []string) []byte {
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">` + "\n")
	for _, at := range addresses {
		if at != LostFile {
			b.WriteString("<url><loc>")
			template.HTMLEscape(&b, []byte(s.BaseURL+at))
			b.WriteString("</loc></url>\n")
		}
	}
	b.WriteString("</urlset>\n")
	return b.Bytes()
}

// openSearch describes the search to browsers: https://developer.mozilla.org/docs/Web/XML/Guides/OpenSearch.
func (s *site) openSearch() []byte {
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">` + "\n")
	base, what, scope := template.HTMLEscapeString(s.BaseURL), "Ports and service names", ""
	if s.HasGroups() {
		what, scope = "Numbers and names", "&amp;in=all"
	}
	fmt.Fprintf(&b, "<ShortName>%s</ShortName>\n<Description>%s that IANA has assigned</Description>\n<InputEncoding>UTF-8</InputEncoding>\n", SiteName, what)
	fmt.Fprintf(&b, "<Image width=\"16\" height=\"16\" type=\"image/svg+xml\">%sicon.svg</Image>\n<Url type=\"text/html\" template=\"%s?q={searchTerms}%s\"/>\n", base, base, scope)
	b.WriteString("</OpenSearchDescription>\n")
	return b.Bytes()
}

// LostFile is the page that a web server returns with status 404.
const LostFile = "404.html"

// lost returns the page for status 404. A server returns it for any path, so its links are absolute where the base URL
// is known.
func (s *site) lost() *page {
	p := s.newPage("lost", LostFile, "There is no such page")
	if u, err := url.Parse(s.BaseURL); err == nil && s.BaseURL != "" {
		p.Root = u.EscapedPath()
	}
	return p
}

// aboutBody is the model of the page about the pages.
type aboutBody struct {
	Advisory string
	Entries  *entryFigures
	Problems []ports.Problem // of the newest version
}

// entryFigures count what the entries with a service name say.
type entryFigures struct {
	Named     int    // all of them
	Unaltered int    // those that have stood unaltered for as long as our history
	Silent    int    // those of the unaltered that say next to nothing: see [lookup.Silent]
	Begins    string // the day of the oldest version
}

func (s *site) entryFigures() (*entryFigures, error) {
	if len(s.events) == 1 {
		return nil, nil // there is no history yet
	}
	periods, err := s.Past.Periods(s.Table.Records)
	if err != nil {
		return nil, err
	}
	f := &entryFigures{Begins: render.Day(s.events[0].Version.ID)}
	for i := range periods {
		p := &periods[i]
		if p.Record.ServiceName == "" || p.Last < len(s.events)-1 {
			continue
		}
		f.Named++
		if p.First == 0 {
			f.Unaltered++
			if lookup.Silent(&p.Record) {
				f.Silent++
			}
		}
	}
	return f, nil
}

func (s *site) about() *page {
	p := s.newPage("about", "about/", "About these pages")
	p.Summary = "Where the data is from, of which version it is, and under which terms it may be used."
	b := aboutBody{Advisory: lookup.Advisory}
	if !s.Empty() {
		b.Problems = s.Table.Problems
		b.Entries = s.entries
	}
	p.Body = b
	return p
}

// grouped writes a number with commas between thousands: "49,152".
func grouped(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
