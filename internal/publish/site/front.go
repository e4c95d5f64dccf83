package site

import (
	"bytes"
	"cmp"
	"fmt"
	"html/template"
	"image"
	"image/color"
	"image/png"
	"iter"
	"maps"
	"slices"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/publish/reuse"
	"github.com/ianasync/ianasync/internal/publish/urls"
	"github.com/ianasync/ianasync/internal/render"
	"github.com/ianasync/ianasync/registry/ports"
)

// frontBody is the model of the front page.
type frontBody struct {
	Figures []figure
	Layers  []shownLayer
	Lately  []latest
	All     *allRegistries // nil where there are no others than the service names
}

// allRegistries is what the front page has of all registries together.
type allRegistries struct {
	Index     *indexBody
	Known     []groupRow // groups that most people look for
	Withdrawn []groupRow // those that IANA has withdrawn
	Lately    []newestOf // newest first
}

// newestOf is what a version of a group, or of the service names, brought.
type newestOf struct {
	Day, Title, Address string
	Sentences           []template.HTML
	More                int // changes that are not among the sentences
}

// What the front page has of all registries at most.
const (
	recentOfAll    = 10
	sentencesOfAll = 3
	mostKnown      = 12
)

// wellKnown are groups that most people look for, those that most do first.
var wellKnown = []string{
	"service-names-port-numbers", "http-status-codes", "media-types", "tls-parameters", "dns-parameters", "http-fields", "http-methods", "tls-extensiontype-values", "well-known-uris",
	"uri-schemes", "link-relations", "oauth-parameters", "jwt", "cose", "character-sets", "protocol-numbers", "ssh-parameters", "bgp-parameters",
}

// all returns what the front page has of all registries.
func (p *page) all() *allRegistries {
	if !p.Site.HasGroups() {
		return nil
	}
	index := p.Site.indexOfGroups()
	a := &allRegistries{Index: index}
	for _, g := range index.Groups {
		if g.LastServed == "" {
			a.Known = append(a.Known, g)
		} else {
			a.Withdrawn = append(a.Withdrawn, g)
		}
	}
	rank := func(g groupRow) int {
		if i := slices.Index(wellKnown, g.ID); i >= 0 {
			return i
		}
		return len(wellKnown)
	}
	slices.SortStableFunc(a.Known, func(a, b groupRow) int { return cmp.Compare(rank(a), rank(b)) })
	a.Known = a.Known[:min(len(a.Known), mostKnown)]
	for _, e := range slices.Backward(p.Site.allSeen()) {
		if told := news(e.Event); e.Previous != "" && len(told.Changes) > 0 && len(a.Lately) < recentOfAll {
			a.Lately = append(a.Lately, p.newestOf(e.group, told))
		}
	}
	return a
}

// newestOf returns an event of a group, or of the service names where that is nil, as the front page shows it.
func (p *page) newestOf(g *group, e *history.Event) newestOf {
	n := newestOf{Day: render.Day(e.Version.ID), Title: servicesTitle, Address: urls.Version(e.Version.ID)}
	own := ""
	if g != nil {
		n.Title, n.Address = g.title, urls.Seen(g.ID, e.Version.ID, e.Version.Seen())
		if g.alone() {
			own = g.registries[0].id
		}
	}
	n.Sentences, n.More = p.someOf(g, e, own, sentencesOfAll)
	return n
}

// servicesTitle names the registry of service names and port numbers among all others.
const servicesTitle = "Ports and services"

// figure is a number that matters.
type figure struct{ Number, What string }

// recentVersions is the number of versions on the front page.
const recentVersions = 6

func (s *site) front() *page {
	p := s.newPage("front", "", s.Registry.Title)
	p.Summary = "Every port and every service name that IANA has assigned: who holds it, since when, and all that ever changed."
	b := &frontBody{All: p.all()}
	p.Body = b
	if b.All != nil {
		p.Style = "registries.css"
		p.Title = "IANA’s registries, and what changes in them"
		p.Summary = fmt.Sprintf("What IANA has assigned: ports, protocol numbers, names and parameters, in %s registries. What each stands for, since when, and all that changed.", grouped(b.All.Index.Registries))
	}
	if s.Empty() {
		return p
	}
	b.Figures = s.figures()
	for _, l := range layers {
		b.Layers = append(b.Layers, shownLayer{l, l.legend(s)})
	}
	if b.All == nil {
		b.Lately = p.lately(recentVersions)
	}
	return p
}

func (s *site) figures() []figure {
	var held, free, warned int
	for port := range ports.LastAssignable + 1 {
		switch s.stateOf(port) {
		case assigned:
			held++
		case unassigned:
			free++
		case remarked:
			warned++
		}
	}
	names := len(s.known) - len(s.gone)
	return []figure{
		{grouped(held), "ports are assigned to a service, of the 49,152 that can be"},
		{grouped(free), "ports are free: Unassigned on every transport, and nothing is said against them"},
		{grouped(warned), "more are Unassigned, but IANA reports that others use them, or notes something"},
		{grouped(names), "service names are registered, with a port or without"},
	}
}

// layer is one way to colour the map.
type layer struct {
	Name, Title string
	colours     []colour
	of          func(s *site, port int) int // which of the colours a port has
}

// colour is one of a layer's, and what it means. The colours are those of Okabe and Ito; those of age go from dark
// to light, as viridis does. They can be told apart without seeing all hues, on light and on dark.
type colour struct {
	rgb     uint32
	alpha   uint8
	meaning string
}

// shownLayer is a layer with its legend.
type shownLayer struct {
	layer
	Legend []legend
}

// legend is a colour and what it means.
type legend struct{ Colour, Meaning string }

// File is the name of the layer's picture.
func (l layer) File() string { return "map-" + l.Name + ".png" }

func (l layer) legend(s *site) (list []legend) {
	used := make(map[int]bool)
	for port := range s.ports {
		used[l.of(s, port)] = true
	}
	for _, i := range slices.Sorted(maps.Keys(used)) {
		c := l.colours[i]
		list = append(list, legend{fmt.Sprintf("#%06x%02x", c.rgb, c.alpha), c.meaning})
	}
	return list
}

// ages are the classes of assignment dates on the map: the first year of each colour but the first.
var ages = [...]string{"1995", "2000", "2005", "2010", "2015", "2020"}

// layers are all ways to colour the map.
var layers = []layer{
	{
		"status", "Status",
		[]colour{
			blank: {0x808080, 0x30, "Dynamic: never assigned"}, unassigned: {0x808080, 0x60, "Unassigned"}, remarked: {0xf0e442, 0xff, "Unassigned, but remarked on"}, reserved: {0xe69f00, 0xff, "Reserved"},
			nameless: {0xcc79a7, 0xff, "In use without a name"}, assigned: {0x0072b2, 0xff, "Assigned"},
		},
		func(s *site, port int) int { return int(s.stateOf(port)) },
	},
	{
		"age", "Age",
		[]colour{
			{0x808080, 0x30, "Not assigned"},
			{0x808080, 0x90, "No date recorded"},
			{0x8a4bb5, 0xff, "Until 1994"},
			{0x6a68cf, 0xff, "1995–1999"},
			{0x3f86c6, 0xff, "2000–2004"},
			{0x2aa198, 0xff, "2005–2009"},
			{0x35b779, 0xff, "2010–2014"},
			{0x90d743, 0xff, "2015–2019"},
			{0xfde725, 0xff, "2020 and later"},
		},
		func(s *site, port int) int { return s.ageOf(port) },
	},
	{
		"change", "Recent change",
		[]colour{
			{0x808080, 0x30, "No change on record"},
			{0x56b4e9, 0xff, "More than 5 years ago"},
			{0x0072b2, 0xff, "2 to 5 years ago"},
			{0xe69f00, 0xff, "Within 2 years"},
			{0xd55e00, 0xff, "Within a year"},
		},
		(*site).changeOf,
	},
}

func (s *site) ageOf(port int) int {
	switch {
	case s.stateOf(port) != assigned:
		return 0
	case s.ports[port].since == "":
		return 1
	}
	younger := 0
	for younger < len(ages) && s.ports[port].since >= ages[younger] {
		younger++
	}
	return 2 + younger
}

// changeOf counts back from the newest version: a page does not change because a day went by.
func (s *site) changeOf(port int) int {
	at := s.ports[port].changed
	if at == 0 {
		return 0
	}
	changed, newest := s.events[at-1].Version.Seen(), s.Newest.Seen()
	for i, years := range []int{1, 2, 5} {
		if changed.After(newest.AddDate(-years, 0, 0)) {
			return 4 - i
		}
	}
	return 1
}

// side is how many ports a row of the map has, and how many rows it has: a row is a block.
const side = urls.BlockSize

// pictures yields the map in all layers.
func (s *site) pictures() iter.Seq2[history.File, error] {
	return func(yield func(history.File, error) bool) {
		for _, l := range layers {
			if !yield(s.picture(l)) {
				return
			}
		}
	}
}

// picture draws a layer, a pixel a port, row by row.
func (s *site) picture(l layer) (history.File, error) {
	var palette color.Palette
	for _, c := range l.colours {
		palette = append(palette, color.NRGBA{uint8(c.rgb >> 16), uint8(c.rgb >> 8), uint8(c.rgb), c.alpha})
	}
	m := image.NewPaletted(image.Rect(0, 0, side, side), palette)
	for port := range s.ports {
		m.Pix[port] = uint8(l.of(s, port))
	}
	file := history.File{Name: l.File()}
	if s.inputs != nil {
		file.Of = reuse.Digest("picture", l.Name, string(m.Pix))
	}
	if file.Same = s.Has.Already(file.Name, file.Of); file.Same {
		return file, nil
	}
	var b bytes.Buffer
	err := png.Encode(&b, m) // the best compression takes ten times as long for 200 bytes of 2,500
	file.Data = b.Bytes()
	return file, err
}
