package site

import (
	"fmt"
	"html/template"
	"iter"
	"slices"

	"github.com/ianasync/ianasync/internal/publish/urls"
	"github.com/ianasync/ianasync/internal/render"
	"github.com/ianasync/ianasync/snapshots"
)

// versionBody is the model of a version's page.
type versionBody struct {
	snapshots.Version
	Seen           string
	Headline       string
	Changes        template.HTML
	Follows        *versionLink // the version that its changes are relative to
	Previous, Next *versionLink // in order of time
	Year           int
	YearAddress    string
}

// versionLink is a version in a list.
type versionLink struct {
	ID, When, Address, Headline string
	Between                     string // the days between which it changed, where the version before it is long ago
}

// linkTo returns the link to the version of a step. It is made once, and must not be altered.
func (s *site) linkTo(step int) *versionLink {
	if s.links == nil {
		s.links = make([]*versionLink, len(s.events))
	}
	if s.links[step] == nil {
		e := &s.events[step]
		s.links[step] = &versionLink{e.Version.ID, s.when(e.Version), urls.Version(e.Version.ID), render.Headline(e), render.Between(e)}
	}
	return s.links[step]
}

// when returns the day of a version, with the time if there are several versions of that day.
func (s *site) when(v snapshots.Version) string {
	i, day := s.step(v.ID), render.Day(v.ID)
	if i > 0 && render.Day(s.events[i-1].Version.ID) == day || i < len(s.events)-1 && render.Day(s.events[i+1].Version.ID) == day {
		return v.Seen().UTC().Format("2006-01-02 15:04:05")
	}
	return day
}

// versionPages yields the pages of all versions, newest first, and their list.
func (s *site) versionPages() iter.Seq[*page] {
	return func(yield func(*page) bool) {
		var list versionsBody
		for i := range slices.Backward(s.events) {
			list.add(s.linkTo(i), s.events[i].Version.Seen().UTC().Year())
			if !yield(s.versionPage(i)) {
				return
			}
		}
		p := s.newPage("versions", "version/", "All versions")
		p.Summary = fmt.Sprintf("All versions of IANA's registry that were seen, %d so far, and what each brought.", list.N)
		if list.N > 0 {
			p.Body = list
		}
		yield(p)
	}
}

// versionsBody is the model of the list of all versions.
type versionsBody struct {
	N     int
	Years []versionsOfYear
}

type versionsOfYear struct {
	Year     int
	Address  string
	Versions []*versionLink
}

// add adds a version, newest first.
func (b *versionsBody) add(l *versionLink, year int) {
	if n := len(b.Years); n == 0 || b.Years[n-1].Year != year {
		b.Years = append(b.Years, versionsOfYear{Year: year, Address: urls.Year(year)})
	}
	last := &b.Years[len(b.Years)-1]
	last.Versions = append(last.Versions, l)
	b.N++
}

// versionPage returns the page of a version, to be filled.
func (s *site) versionPage(i int) *page {
	e := &s.events[i]
	p := s.newPage("version", urls.Version(e.Version.ID), "Version of "+s.when(e.Version))
	p.since = i
	if s.inputs != nil {
		p.of = s.inputs.version(i)
	}
	p.fill = func() { s.fillVersion(p, i) }
	return p
}

func (s *site) fillVersion(p *page, i int) {
	e := &s.events[i]
	b := &versionBody{
		Version: e.Version, Seen: e.Version.Seen().UTC().Format("2006-01-02 15:04:05 UTC"), Headline: render.Headline(e),
		Changes: safe(render.HTMLLinked(e, p.links())), Year: e.Version.Seen().Year(), YearAddress: urls.Year(e.Version.Seen().Year()),
	}
	if e.Previous != "" {
		b.Follows = s.linkTo(s.step(e.Previous))
	}
	if i > 0 {
		b.Previous = s.linkTo(i - 1)
	}
	if i < len(s.events)-1 {
		b.Next = s.linkTo(i + 1)
	}
	p.Summary = fmt.Sprintf("IANA's registry as it was seen on %s: %s.", s.when(e.Version), b.Headline)
	p.Body = b
}
