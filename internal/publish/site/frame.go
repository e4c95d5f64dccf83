package site

import (
	"cmp"
	"strings"

	"github.com/ianasync/ianasync/internal/publish/htmlprint"
	"github.com/ianasync/ianasync/internal/publish/urls"
	"github.com/ianasync/ianasync/internal/text"
)

// body is the model of what a page has within its frame, if that writes itself; else its kind has a template.
type body interface {
	write(w *htmlprint.Writer, p *page)
}

// writeBody writes what the page has within its frame.
func (p *page) writeBody(w *htmlprint.Writer) error {
	if b, ok := p.Body.(body); ok {
		b.write(w, p)
		return nil
	}
	var b strings.Builder
	if err := p.Site.templates[p.kind].ExecuteTemplate(&b, "body", p); err != nil {
		return err
	}
	w.Print("{}", htmlprint.HTML(b.String()))
	return nil
}

// write writes the page.
func (p *page) write(w *htmlprint.Writer) error {
	if err := p.writeHead(w); err != nil {
		return err
	}
	w.Print(`<body data-root="{}"`, p.Root)
	if p.Site.Searched() {
		w.Print(` data-scope="{}"`, p.scope())
	}
	w.Print(`>
<a class="skip" href="#main">Skip to the content</a>
<header class="top">
<a class="home" href="{}"><img src="{}icon.svg" width="24" height="24" alt=""> {}</a>
`, p.Root, p.Root, SiteName)
	w.Print(`<nav aria-label="Site">`)
	if p.Site.Empty() && p.Site.HasGroups() {
		w.Print(`<a href="{}registry/">Registries</a> <a href="{}week/">This week</a> `, p.Root, p.Root)
	} else {
		w.Print(`<a href="{}port/">Ports</a> <a href="{}services/">Services</a> `, p.Root, p.Root)
		if p.Site.HasGroups() {
			w.Print(`<a href="{}registry/">Registries</a> `, p.Root)
		}
		w.Print(`<a href="{}changelog/">Changes</a> `, p.Root)
	}
	w.Print(`<a href="{}data/">Data</a> <a href="{}about/">About</a></nav>
</header>
<main id="main">
`, p.Root, p.Root)
	if err := p.writeBody(w); err != nil {
		return err
	}
	w.Print(`
</main>
<footer>
<p>Data: `)
	if p.Source != nil {
		p.writeSource(w)
	} else {
		p.writeOrigin(w)
	}
	w.Print(`<a href="https://creativecommons.org/publicdomain/zero/1.0/">CC0 1.0</a>. Not affiliated with IANA. <a href="{}about/">About</a></p>
</footer>
</body>
</html>

`, p.Root)
	return nil
}

func (p *page) writeHead(w *htmlprint.Writer) error {
	w.Print(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="` + Policy + `">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>`)
	if p.Address != "" {
		w.Print("{} · ", p.Title)
	}
	w.Print("{}", SiteName)
	if p.Address == "" && p.Site.HasGroups() {
		w.Print(" · {}", p.Title)
	}
	w.Print("</title>\n")
	if p.Summary != "" {
		w.Print(`<meta name="description" content="{}">`+"\n", p.Summary)
	}
	if at := p.canonicalURL(); at != "" {
		w.Print(`<link rel="canonical" href="{}">`+"\n", at)
	}
	w.Print(`<link rel="icon" type="image/svg+xml" href="{}icon.svg">
<link rel="stylesheet" href="{}style.css">
`, p.Root, p.Root)
	if p.Style != "" {
		w.Print(`<link rel="stylesheet" href="{}{}">`+"\n", p.Root, p.Style)
	}
	if p.Site.BaseURL != "" {
		w.Print(`<link rel="search" type="application/opensearchdescription+xml" title="{}" href="{}opensearch.xml">`+"\n", SiteName, p.Root)
	}
	for _, f := range p.feeds() {
		w.Print(`<link rel="alternate" type="{}" title="{}" href="{}">`+"\n", f.Type, f.Title, f.Link)
	}
	if p.Data != nil {
		data, err := htmlprint.NewJSON(p.Data)
		if err != nil {
			return err
		}
		w.Print(`<script type="application/ld+json">{}</script>`+"\n", data)
	}
	if !p.Site.Empty() {
		w.Print(`<script src="{}newest.js" defer></script>`+"\n", p.Root)
	}
	w.Print(`<script src="{}site.js" defer></script>`+"\n", p.Root)
	if p.Script != "" {
		w.Print(`<script src="{}{}" defer></script>`+"\n", p.Root, p.Script)
	}
	w.Print("</head>\n")
	return nil
}

// writeSource writes what a page about other registries is made from.
func (p *page) writeSource(w *htmlprint.Writer) {
	w.Print(`<a href="{}">IANA, {}</a>, `, p.Source.URL, p.Source.Title)
	if p.Source.Day != "" {
		w.Print(`this page is the same since <a href="{}">{}</a>, `, p.to(p.Source.Address), p.Source.Day)
	}
}

// writeOrigin writes what any other page is made from: the version since which it has been the same, or the newest.
func (p *page) writeOrigin(w *htmlprint.Writer) {
	w.Print(`<a href="{}">IANA, {}</a>, `, p.Site.Registry.Page, text.Visible(p.Site.Registry.Title))
	if p.Site.Empty() {
		w.Print("no version yet, ")
		return
	}
	_, near := p.Body.(*portBody)
	switch {
	case p.unaltered && near:
		w.Print("this page, with its neighbours, is the same since")
	case p.unaltered:
		w.Print("this page is the same since")
	default:
		w.Print("as of")
	}
	version := p.version()
	w.Print(` version <a href="{}{}">{}</a>`, p.Root, urls.Version(version.ID), version.ID)
	if p.unaltered {
		w.Print(`<span class="newest"></span>`)
	}
	w.Print(", ")
}

// Policy is the Content-Security-Policy that every page carries: the site's own files run and style, and nothing else, in
// the page or from elsewhere. A page opened as a file has no origin, so that its files are named by their scheme.
const Policy = "default-src 'none'; script-src 'self' file:; style-src 'self' file:; img-src 'self' file: data:; base-uri 'none'; form-action 'none'"

// canonicalURL is the page's URL, where it is known.
func (p *page) canonicalURL() string {
	if p.Site.BaseURL == "" || p.kind == "lost" {
		return ""
	}
	if p.canonical != "" {
		return p.Site.BaseURL + p.canonical
	}
	return p.Site.BaseURL + p.Address
}

// feedLink is a feed in the head of a page.
type feedLink struct{ Type, Title, Link string }

// feeds are the feeds that the page's head links to: that of its subject and that of all changes; on the front page also
// those of kinds of changes.
func (p *page) feeds() (list []feedLink) {
	const atom = "application/atom+xml"
	if p.Source != nil {
		if p.Feed != "" && p.Feed != "week/feed" {
			list = append(list, feedLink{atom, cmp.Or(p.feedTitle, p.Title), p.to(p.Feed + ".atom")})
		}
		return append(list, feedLink{atom, "All registries", p.to("week/feed.atom")})
	}
	if p.Site.Empty() {
		return nil
	}
	if p.Feed != "" {
		list = append(list, feedLink{atom, p.Title, p.Root + p.Feed + ".atom"})
	}
	list = append(list, feedLink{atom, "All changes", p.Root + "feed.atom"}, feedLink{"application/feed+json", "All changes", p.Root + "feed.json"})
	if p.Address == "" {
		for _, k := range feedsOfKinds {
			list = append(list, feedLink{atom, k.Title, p.Root + k.Name + ".atom"})
		}
	}
	return list
}

// kindFeed is the feed of a group of kinds of changes.
type kindFeed struct{ Name, Title, Short, What string }

// feedsOfKinds are those of package feed.
var feedsOfKinds = []kindFeed{
	{"gone", "Disappearances", "disappearances", "services that are gone, gave their port back, or whose port has another service"},
	{"deassigned", "Services deassigned", "deassigned", "services that are gone or gave their port back"},
	{"assigned", "Services assigned", "assigned", "services that are new or got a port"},
	{"published", "Published as RFCs", "published as RFCs", "services whose draft became an RFC"},
}

// FeedsOfKinds returns the feeds of kinds of changes, for templates.
func (p *page) FeedsOfKinds() []kindFeed { return feedsOfKinds }

// scope is what the page's search begins with: "ports", or "all" registries; "only" these where there are no ports,
// and empty where there is nothing else.
func (p *page) scope() string {
	switch {
	case !p.Site.HasGroups():
		return ""
	case p.Site.Empty():
		return "only"
	case p.Source != nil:
		return "all"
	}
	return "ports"
}
