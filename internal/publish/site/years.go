package site

import (
	"fmt"
	"html/template"
	"iter"
	"strings"
	"time"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/publish/reuse"
	"github.com/ianasync/ianasync/internal/publish/urls"
	"github.com/ianasync/ianasync/internal/render"
)

// year is the model of a year's page, and a year in which no version was seen.
type year struct {
	Year           int
	Address        string        // empty where no version was seen
	Seen           int           // how many versions were
	Includes       string        // the day since which its changes are, where that is long before its first
	Versions       []yearVersion // newest first
	Counts         []count
	Days           []*calendarDay
	Grid           string // the path that draws all days of the calendar
	Months         []calendarMonth
	Previous, Next string // addresses; empty where there is none

	of    map[diff.Kind]int
	first int // step
}

// yearVersion is a version and what it brought.
type yearVersion struct {
	versionLink
	Sentences template.HTML
}

// count is how many changes there were of a kind.
type count struct {
	Kind diff.Kind
	N    int
}

// calendarDay is a day on which there were versions.
type calendarDay struct {
	X, Y  int
	Link  string // to the version; where there are several, to the part of the page that lists them
	Title string
	Quiet bool // they brought nothing
	N     int  // changes, other than redrawn ranges
}

// Level is how dark the day is: 1 to 3, by the number of changes.
func (d *calendarDay) Level() int {
	switch {
	case d.N <= 2:
		return 1
	case d.N <= 8:
		return 2
	}
	return 3
}

// calendarMonth is the name of a month over the week in which it begins.
type calendarMonth struct {
	X    int
	Name string
}

// longGap is the time between two versions from which on a year's page notes that its changes may belong to the year
// before. IANA's longest time without a change was 104 days.
const longGap = 120 * 24 * time.Hour

// years returns all years from the first to the last in which there was a version.
func (s *site) years() (list []*year) {
	for i := range s.events {
		at := s.events[i].Version.Seen().UTC().Year()
		for len(list) > 0 && list[len(list)-1].Year < at-1 {
			list = append(list, &year{Year: list[len(list)-1].Year + 1})
		}
		if n := len(list); n == 0 || list[n-1].Year != at {
			list = append(list, s.yearFrom(at, i))
		}
		list[len(list)-1].count(&s.events[i])
	}
	var before *year
	for _, y := range list {
		if y.Address == "" {
			continue
		}
		if before != nil {
			y.Previous, before.Next = before.Address, y.Address
		}
		before = y
		for _, k := range diff.Kinds {
			if y.of[k] > 0 {
				y.Counts = append(y.Counts, count{k, y.of[k]})
			}
		}
	}
	return list
}

// yearFrom begins a year with the step of its first version.
func (s *site) yearFrom(at, step int) *year {
	y := newYear(at)
	y.first = step
	if step > 0 {
		if before := s.events[step-1].Version; s.events[step].Version.Seen().Sub(before.Seen()) > longGap {
			y.Includes = render.Day(before.ID)
		}
	}
	return y
}

func newYear(at int) *year {
	y := &year{Year: at, Address: urls.Year(at), of: make(map[diff.Kind]int)}
	var grid strings.Builder
	for day := time.Date(at, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() == at; day = day.AddDate(0, 0, 1) {
		x, yy := placeOf(day)
		fmt.Fprintf(&grid, "M%d %dh10v10h-10z", x, yy)
		if day.Day() == 1 {
			y.Months = append(y.Months, calendarMonth{x, day.Format("Jan")})
		}
	}
	y.Grid = grid.String()
	return y
}

// placeOf returns the position of a day in the calendar: a column a week, from Monday to Sunday.
func placeOf(day time.Time) (x, y int) {
	const step, left, top = 13, 28, 16
	first := time.Date(day.Year(), 1, 1, 0, 0, 0, 0, time.UTC)
	weekday := func(t time.Time) int { return (int(t.Weekday()) + 6) % 7 }
	return left + (day.YearDay()-1+weekday(first))/7*step, top + weekday(day)*step
}

// count adds up what a version brought.
func (y *year) count(e *history.Event) {
	y.Seen++
	for i := range e.Changes {
		y.of[e.Changes[i].Kind]++
	}
}

// mark marks the day of a version, which a link leads to, in the calendar. Versions are marked newest first.
func (y *year) mark(e *history.Event, l *versionLink, link string) {
	x, yy := placeOf(e.Version.Seen().UTC())
	quiet := len(e.Changes) == 0 && e.Previous != ""
	changes := 0
	for i := range e.Changes {
		if e.Changes[i].Kind != diff.Recut {
			changes++
		}
	}
	if n := len(y.Days); n > 0 && y.Days[n-1].X == x && y.Days[n-1].Y == yy {
		day := y.Days[n-1]
		if !strings.HasPrefix(day.Link, "#") {
			day.Link = "#" + y.Versions[len(y.Versions)-1].ID
		}
		day.Title = l.When + ": " + l.Headline + "\n" + day.Title
		day.Quiet = day.Quiet && quiet
		day.N += changes
		return
	}
	y.Days = append(y.Days, &calendarDay{x, yy, link, l.When + ": " + l.Headline, quiet, changes})
}

// yearPages are the pages of all years, and the list of them.
func (s *site) yearPages() iter.Seq[*page] {
	return func(yield func(*page) bool) {
		years := s.years()
		for _, y := range years {
			if y.Address != "" && !yield(s.yearPage(y)) {
				return
			}
		}
		p := s.newPage("years", "year/", "Year by year")
		p.Summary = "How many services were assigned, deassigned and renamed in each year."
		p.Body = struct {
			Years []*year
			Chart *chart
		}{years, newChart(years)}
		yield(p)
	}
}

// yearPage returns the page of a year, to be filled.
func (s *site) yearPage(y *year) *page {
	p := s.newPage("year", y.Address, fmt.Sprintf("Changes of %d", y.Year))
	p.Summary = fmt.Sprintf("What changed in IANA's registry in %d, version by version.", y.Year)
	p.since = y.first + y.Seen - 1 // the page of a past year no longer changes
	if s.inputs != nil {
		p.of = reuse.Digest("year", y.Year, y.Includes, y.Previous, y.Next, s.inputs.versions[y.first:p.since+1])
	}
	p.fill = func() { s.fillYear(p, y) }
	p.Body = y
	return p
}

func (s *site) fillYear(p *page, y *year) {
	for i := p.since; i >= y.first; i-- {
		e := &s.events[i]
		l := s.linkTo(i)
		y.mark(e, l, p.Root+l.Address)
		html := strings.ReplaceAll(strings.ReplaceAll(render.HTMLLinked(e, p.links()), "<h3>", "<h4>"), "</h3>", "</h4>")
		y.Versions = append(y.Versions, yearVersion{*l, safe(html)})
	}
}

// chart is a bar of the changes of each year, divided by kinds.
type chart struct {
	Width, Height, Bottom int
	Bars                  []bar
	Values                []label // how many changes there were, over each bar
	Labels                []label
	Lines                 []label
}

// bar is how many changes of a group of kinds there were in a year.
type bar struct {
	Class               string
	X, Y, Width, Height int
	Title               string
}

// label is a text at a place.
type label struct {
	X, Y int
	Text string
}

// chartGroup is a part of a year's bar: changes of some kinds.
type chartGroup struct {
	Class, Name string
	kinds       []diff.Kind
}

// charted are the parts of a bar, from below. Redrawn ranges are not counted.
var charted = [...]chartGroup{
	{"assigned", "assigned", []diff.Kind{diff.Assigned}},
	{"deassigned", "deassigned or reused", []diff.Kind{diff.Deassigned, diff.Reused}},
	{"renamed", "renamed, moved or transferred", []diff.Kind{diff.Renamed, diff.Moved, diff.Transferred}},
	{"published", "published as RFCs", []diff.Kind{diff.Published}},
	{"updated", "updated, reserved or unreserved", []diff.Kind{diff.Updated, diff.Reserved, diff.Unreserved}},
}

// Groups returns the parts of the bars, for the legend.
func (*chart) Groups() []chartGroup { return charted[:] }

// newChart draws years, each as wide as the next, those without a version too. A part of anything is at least a pixel
// high.
func newChart(years []*year) *chart {
	const left, top, high, across = 40, 22, 180, 800
	group := across / max(8, len(years)) // the place of a year
	c := &chart{Width: left + group*len(years), Height: top + high + 24, Bottom: top + high}
	most := 1
	for _, y := range years {
		most = max(most, y.total())
	}
	most = ceiling(most)
	for i := range 5 {
		c.Lines = append(c.Lines, label{left, c.Bottom - high*i/4, fmt.Sprint(most * i / 4)})
	}
	for i, y := range years {
		x, up := left+group*i, c.Bottom
		c.Labels = append(c.Labels, label{x + group/2, c.Height - 6, fmt.Sprint(y.Year)})
		for _, g := range charted {
			n := y.sum(g.kinds)
			if n == 0 {
				continue
			}
			h := max(1, high*n/most)
			up -= h
			title := fmt.Sprintf("%d %s in %d", n, g.Name, y.Year)
			if y.Includes != "" {
				title += ", with all since " + y.Includes
			}
			c.Bars = append(c.Bars, bar{g.Class, x + group/5, up, group * 3 / 5, h, title})
		}
		if n := y.total(); n > 0 {
			c.Values = append(c.Values, label{x + group/2, up - 5, grouped(n)})
		}
	}
	return c
}

// sum returns how many changes of some kinds a year had.
func (y *year) sum(kinds []diff.Kind) (n int) {
	for _, k := range kinds {
		n += y.of[k]
	}
	return n
}

// total returns how many changes a year had, redrawn ranges left out.
func (y *year) total() (n int) {
	for _, g := range charted {
		n += y.sum(g.kinds)
	}
	return n
}

// ceiling is the next number that four lines divide well.
func ceiling(n int) int {
	step := 4
	for ; step*25 < n; step *= 10 {
		continue
	}
	return (n + step - 1) / step * step
}
