package site

import (
	"cmp"
	"fmt"
	"html/template"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/publish/urls"
	"github.com/ianasync/ianasync/internal/render"
	"github.com/ianasync/ianasync/internal/rules"
	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/registry"
)

// acrossPages yields the pages about all groups together.
func (s *site) acrossPages() iter.Seq[*page] {
	return func(yield func(*page) bool) {
		if !s.HasGroups() {
			return
		}
		if !yield(s.indexPage()) || !yield(s.temporaryPage()) {
			return
		}
		for _, part := range []func() iter.Seq[*page]{s.weekPages, s.rfcPages} {
			for p := range part() {
				if !yield(p) {
					return
				}
			}
		}
	}
}

// indexBody is the model of the index of groups.
type indexBody struct {
	Groups     []groupRow
	Registries int
	Records    int
}

// groupRow is a group in the index.
type groupRow struct {
	Title, ID, Address string
	Registries         []serviceLink
	Records            int
	Changed            string // day of the newest version that changed anything
	LastServed         string // see [Group]
}

func (s *site) indexPage() *page {
	p := s.newGroupPage("registries", urls.Registries, "Registries")
	p.Summary = "All groups of IANA’s registries that are kept here, with their registries, records and last changes."
	p.Script = "table.js"
	p.Body = s.indexOfGroups()
	return p
}

// indexOfGroups returns the index of all groups, by their titles.
func (s *site) indexOfGroups() *indexBody {
	b := &indexBody{}
	if !s.Empty() {
		b.Groups = append(b.Groups, groupRow{Title: servicesTitle, ID: s.Registry.ID, Address: "services/", Records: len(s.Table.Records), Changed: changedOn(s.events)})
	}
	for _, g := range s.groups {
		row := groupRow{Title: g.title, ID: text.Visible(g.ID), Address: g.address, Changed: changedOn(g.events), LastServed: g.LastServed}
		for _, r := range g.registries {
			row.Registries = append(row.Registries, serviceLink{r.title, r.address})
			row.Records += len(r.table.Records)
		}
		b.Groups = append(b.Groups, row)
	}
	slices.SortStableFunc(b.Groups, func(a, b groupRow) int { return cmp.Compare(strings.ToLower(a.Title), strings.ToLower(b.Title)) })
	for i := range b.Groups {
		b.Registries += max(1, len(b.Groups[i].Registries))
		b.Records += b.Groups[i].Records
	}
	return b
}

// current yields the groups that IANA has not withdrawn.
func (s *site) current() iter.Seq2[int, *group] {
	return func(yield func(int, *group) bool) {
		for i, g := range s.groups {
			if g.LastServed == "" && !yield(i, g) {
				return
			}
		}
	}
}

// changedOn returns the day of the newest event that changed anything.
func changedOn(events []history.Event) string {
	for i := range slices.Backward(events) {
		if len(events[i].Changes) > 0 {
			return render.Day(events[i].Version.ID)
		}
	}
	return ""
}

// seen is an event of a group, or of the service names where the group is nil.
type seen struct {
	group *group
	*history.Event
}

// allSeen returns the events of all groups that have anything to say, oldest first.
func (s *site) allSeen() (list []seen) {
	add := func(g *group, events []history.Event) {
		for i := range events {
			if happened(&events[i]) {
				list = append(list, seen{g, &events[i]})
			}
		}
	}
	add(nil, s.events)
	for _, g := range s.groups {
		add(g, g.events)
	}
	slices.SortStableFunc(list, func(a, b seen) int { return cmp.Compare(a.Version.ID, b.Version.ID) })
	return list
}

// about returns the id, the title and the address of what an event is of.
func (e seen) about(s *site) (id, title, address string) {
	if e.group == nil {
		return s.Registry.ID, servicesTitle, urls.Version(e.Version.ID)
	}
	return e.group.ID, e.group.title, e.group.address
}

// weekBody is the model of the page of a week.
type weekBody struct {
	Days           []weekDay // newest first
	Counts         []count
	Groups         int
	Previous, Next *serviceLink
	Years          []weeksOfYear // on the page of this week: all weeks, newest first
	From, To       string        // on that page: its days
}

// weekDay is what happened on a day.
type weekDay struct {
	Day   string
	Parts []weekPart
}

// weekPart is what a version of a group brought.
type weekPart struct {
	ID, Title, Address string
	Between            string
	Sentences          []template.HTML // of registries with one change, with their titles, and of all together
	Lists              []weekList
}

// weekList is what changed in one registry, where that is more than one thing.
type weekList struct {
	Title, Address string // no address where the registry is gone
	Sentences      []template.HTML
}

// weeksOfYear are the weeks of a year in which anything happened.
type weeksOfYear struct {
	Year  int
	Weeks []weekLink
}

// weekLink is a week in a list.
type weekLink struct {
	serviceLink
	Changes int
}

// weekOf returns the weeks of events, oldest first: for each the events of one address.
func weeksOf(events []seen) (weeks [][]seen) {
	for i, e := range events {
		if i == 0 || urls.Week(events[i-1].Version.Seen()) != urls.Week(e.Version.Seen()) {
			weeks = append(weeks, nil)
		}
		weeks[len(weeks)-1] = append(weeks[len(weeks)-1], e)
	}
	return weeks
}

// nameOfWeek returns the day on which the week with a page at an address begins.
func nameOfWeek(at string) string { return strings.Trim(strings.TrimPrefix(at, "week"), "/") }

// weekPages yields a page for each week in which anything happened, and that of the seven days up to the newest version.
func (s *site) weekPages() iter.Seq[*page] {
	return func(yield func(*page) bool) {
		all := s.allSeen()
		weeks := weeksOf(all)
		link := func(i int) *serviceLink {
			if i < 0 || i >= len(weeks) {
				return nil
			}
			at := urls.Week(weeks[i][0].Version.Seen())
			return &serviceLink{nameOfWeek(at), at}
		}
		var years []weeksOfYear
		for i := range slices.Backward(weeks) {
			l := link(i)
			p := s.newGroupPage("week", l.Address, "Week of "+l.Name)
			p.Summary = fmt.Sprintf("What changed in IANA’s registries in the week that began on %s.", l.Name)
			b := p.week(weeks[i])
			b.Previous, b.Next = link(i-1), link(i+1)
			p.Body = b
			if !yield(p) {
				return
			}
			year := weeks[i][0].Version.Seen().UTC().Year()
			if n := len(years); n == 0 || years[n-1].Year != year {
				years = append(years, weeksOfYear{Year: year})
			}
			n := 0
			for _, c := range b.Counts {
				n += c.N
			}
			years[len(years)-1].Weeks = append(years[len(years)-1].Weeks, weekLink{*l, n})
		}
		p := s.newGroupPage("week", "week/", "IANA this week")
		p.Summary = "What changed in IANA’s registries in the last seven days, day by day."
		last, from, to := all, "", ""
		if len(all) > 0 {
			ends := all[len(all)-1].Version.Seen().UTC().Truncate(24 * time.Hour)
			begins := ends.AddDate(0, 0, -6)
			from, to = begins.Format(time.DateOnly), ends.Format(time.DateOnly)
			last = slices.DeleteFunc(slices.Clone(all), func(e seen) bool { return e.Version.Seen().Before(begins) })
		}
		b := p.week(last)
		b.Years, b.From, b.To = years, from, to
		p.Body = b
		yield(p)
	}
}

// week returns the model of some events, oldest first.
func (p *page) week(events []seen) *weekBody {
	p.Feed = "week/feed"
	b := &weekBody{}
	n := make(map[diff.Kind]int)
	groups := make(map[string]bool)
	for _, e := range slices.Backward(events) {
		day := render.Day(e.Version.ID)
		if len(b.Days) == 0 || b.Days[len(b.Days)-1].Day != day {
			b.Days = append(b.Days, weekDay{Day: day})
		}
		id, title, address := e.about(p.Site)
		part := weekPart{ID: urls.SeenID(id, e.Version.ID), Title: title, Address: p.to(address), Between: render.Between(e.Event)}
		p.list(&part, e)
		parts := &b.Days[len(b.Days)-1].Parts
		*parts = append(*parts, part)
		groups[id] = true
		for i := range e.Changes {
			if c := &e.Changes[i]; !c.Minor && c.Kind != diff.Recut {
				n[c.Kind]++
			}
		}
	}
	for _, k := range diff.Kinds {
		if n[k] > 0 {
			b.Counts = append(b.Counts, count{k, n[k]})
		}
	}
	b.Groups = len(groups)
	return b
}

// list adds the sentences of an event. The changes of one registry stand together, below its title.
func (p *page) list(part *weekPart, e seen) {
	switch {
	case e.group == nil || e.Previous == "" || e.Returned != history.Not:
		part.Sentences = p.saidOf(e.group, e.Event, "")
		return
	case e.group.alone():
		part.Sentences = p.saidOf(e.group, e.Event, e.group.registries[0].id) // the page of the group is that of the registry
		return
	}
	told, counted := *news(e.Event), *e.Event
	counted.Changes = slices.DeleteFunc(slices.Clone(counted.Changes), func(c diff.Change) bool { return !c.Minor && c.Kind != diff.Recut })
	links := p.groupLinks("")
	for len(told.Changes) > 0 {
		of := told.Changes[0].Registry
		here := told
		here.Changes, told.Changes = divide(told.Changes, of)
		if len(here.Changes) == 1 {
			part.Sentences = append(part.Sentences, p.saidOf(e.group, &here, "")...)
			continue
		}
		l := weekList{Sentences: p.saidOf(e.group, &here, of)}
		l.Title, l.Address = links.Registry(of)
		part.Lists = append(part.Lists, l)
	}
	part.Sentences = append(part.Sentences, p.saidOf(e.group, &counted, "")...)
}

// divide returns the changes of a registry, and those of others.
func divide(changes []diff.Change, registry string) (of, others []diff.Change) {
	for i := range changes {
		if changes[i].Registry == registry {
			of = append(of, changes[i])
		} else {
			others = append(others, changes[i])
		}
	}
	return of, others
}

// temporary is a registration for a limited time.
type temporary struct {
	Name, Registry, Address string // the address of the record
	Group                   string // the title of the registry's group, where that is another one
	Registered, Expires     string // days; empty where the registry names none
}

// temporariesOf returns the temporary registrations of a registry, in the order of the file.
func temporariesOf(r *listed) (list []temporary) {
	day := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.Format(time.DateOnly)
	}
	for i, record := range r.table.InFile() {
		for _, c := range r.table.Columns {
			if mark, found := rules.TemporaryIn(record.Get(c.Key)); found {
				t := temporary{r.nameOf(record), r.title, r.address + "#" + r.anchors[i], "", day(mark.Registered), day(mark.Expires)}
				if r.group.title != r.title {
					t.Group = r.group.title
				}
				list = append(list, t)
				break
			}
		}
	}
	return list
}

// nameOf returns the name of a record, or its key, without the mark of a temporary registration.
func (r *listed) nameOf(record registry.Record) string {
	name := ""
	if r.fact.Name != "" {
		name = record.Get(r.fact.Name)
	}
	if name == "" {
		name = strings.Join(r.key(record), " / ")
	}
	before, _, _ := strings.Cut(name, "(TEMPORARY")
	return text.Cut(text.Visible(strings.TrimSpace(before)), longestDescription)
}

// temporaryBody is the model of the page of temporary registrations.
type temporaryBody struct {
	Day      string // of the newest version of any group
	Until    string // what expires up to then expires soon
	Sections []temporarySection
}

// temporarySection is a list of temporary registrations, those that expire first at its beginning.
type temporarySection struct {
	ID, Title string
	List      []temporary
}

// soon is how many days before its end a registration expires soon.
const soon = 90

func (s *site) temporaryPage() *page {
	p := s.newGroupPage("temporary", "temporary/", "Temporary registrations")
	p.Summary = "Temporary registrations in IANA’s registries that have expired, or expire soon."
	p.Script = "table.js"
	newest := time.Time{}
	for _, e := range s.allSeen() {
		newest = e.Version.Seen().UTC() // they are by time
	}
	for _, g := range s.groups {
		if at := g.Newest.Seen().UTC(); at.After(newest) {
			newest = at
		}
	}
	b := &temporaryBody{Day: newest.Format(time.DateOnly), Until: newest.AddDate(0, 0, soon).Format(time.DateOnly)}
	b.Sections = []temporarySection{{"expired", "Expired by " + b.Day, nil}, {"soon", "Expire up to " + b.Until, nil}, {"later", "Expire later", nil}, {"undated", "Without a date of expiry", nil}}
	for _, g := range s.current() {
		for _, r := range g.registries {
			for _, t := range temporariesOf(r) {
				at := 2
				switch {
				case t.Expires == "":
					at = 3
				case t.Expires <= b.Day:
					at = 0
				case t.Expires <= b.Until:
					at = 1
				}
				b.Sections[at].List = append(b.Sections[at].List, t)
			}
		}
	}
	for _, section := range b.Sections {
		slices.SortStableFunc(section.List, func(a, b temporary) int { return cmp.Compare(a.Expires, b.Expires) })
	}
	p.Body = b
	return p
}

// rfcChange is a change that brought a reference to an RFC.
type rfcChange struct {
	seen
	change *diff.Change
}

// newRFCs returns the numbers of the RFCs that what a change adds refers to, and what it removes does not.
func newRFCs(c *diff.Change) (list []int) {
	if c.Kind == diff.Recut {
		return nil
	}
	before := make(map[int]bool)
	for _, r := range c.Removed {
		for _, n := range referredTo(r, c.Columns) {
			before[n] = true
		}
	}
	add := func(numbers []int) {
		for _, n := range numbers {
			if !before[n] && !slices.Contains(list, n) {
				list = append(list, n)
			}
		}
	}
	for _, r := range c.Added {
		add(referredTo(r, c.Columns))
	}
	for _, f := range c.Fields {
		if c.Kind == diff.Described && f.Key == "reference" {
			for _, n := range rfcsIn(f.Old) {
				before[n] = true
			}
			add(rfcsIn(f.New))
		}
	}
	return list
}

// referredTo returns the numbers of the RFCs in a record's references.
func referredTo(r registry.Record, columns []registry.Column) (list []int) {
	for key, cell := range r.All() {
		role := registry.RoleOf(key)
		if i := slices.IndexFunc(columns, func(c registry.Column) bool { return c.Key == key }); i >= 0 {
			role = cmp.Or(columns[i].Role, role)
		}
		if role == registry.Reference {
			list = append(list, rfcsIn(cell)...)
		}
	}
	return list
}

// rfcBody is the model of the page of an RFC.
type rfcBody struct {
	Number int
	URL    string
	Parts  []rfcPart
	Now    []registryRow // the registries with records that refer to it, and how many do
}

// rfcPart is what an RFC changed in one registry, oldest first.
type rfcPart struct {
	Title, Address string
	Moments        []moment
}

// rfcRow is an RFC in the list of all.
type rfcRow struct {
	Number              int
	Address             string // of its page, or the RFC's own URL
	First               string // day of the first change
	Changes, Registries int
	Parts               []rfcPart // of an RFC without a page: what it changed
}

// fewestOfRFC is how many changes an RFC with a page of its own has at least; the list of all RFCs has those of the others.
const fewestOfRFC = 3

// rfcPages yields the pages of RFCs, and the list of all that changed anything, that of the newest first change first.
func (s *site) rfcPages() iter.Seq[*page] {
	return func(yield func(*page) bool) {
		changes := make(map[int][]rfcChange)
		for _, e := range s.allSeen() {
			for i := range e.Changes {
				for _, n := range newRFCs(&e.Changes[i]) {
					changes[n] = append(changes[n], rfcChange{e, &e.Changes[i]})
				}
			}
		}
		now := s.rfcsNow()
		list := s.newGroupPage("rfcs", "rfc/", "Changes by RFC")
		var rows []rfcRow
		for _, n := range slices.Backward(slices.Sorted(maps.Keys(changes))) {
			row := rfcRow{Number: n, First: render.Day(changes[n][0].Version.ID), Changes: len(changes[n])}
			if row.Changes < fewestOfRFC {
				few := rfcBody{}
				list.rfcParts(&few, changes[n])
				row.Address, row.Registries, row.Parts = rfcURL(n), len(few.Parts), few.Parts
				rows = append(rows, row)
				continue
			}
			p := s.newGroupPage("rfc", urls.RFC(n), fmt.Sprintf("What RFC %d changed", n))
			b := &rfcBody{Number: n, URL: rfcURL(n), Now: now[n]}
			p.rfcParts(b, changes[n])
			p.Summary = fmt.Sprintf("What RFC %d changed in IANA’s registries: %d changes.", n, len(changes[n]))
			p.Body = b
			if !yield(p) {
				return
			}
			row.Address, row.Registries = list.Root+p.Address, len(b.Parts)
			rows = append(rows, row)
		}
		slices.SortStableFunc(rows, func(a, b rfcRow) int { return cmp.Compare(b.First, a.First) })
		list.Summary = "Which RFCs changed IANA’s registries, and what each of them changed."
		list.Script = "table.js"
		list.Body = rows
		yield(list)
	}
}

// rfcParts divides the changes of an RFC, oldest first, by registry.
func (p *page) rfcParts(b *rfcBody, changes []rfcChange) {
	at := make(map[string]int)
	var events [][]seen // of each part, with its changes alone
	for _, c := range changes {
		id, title, address := c.about(p.Site)
		own := cmp.Or(c.change.Registry, id)
		i, known := at[own]
		if !known {
			if r := p.Site.registries[own]; r != nil {
				title, address = r.title, r.address
			} else if c.group == nil {
				address = "services/"
			} else if _, name, inGroup := strings.Cut(own, "/"); inGroup {
				title += ", " + text.Visible(name)
			}
			i = len(b.Parts)
			at[own] = i
			b.Parts, events = append(b.Parts, rfcPart{Title: title, Address: address}), append(events, nil)
		}
		if n := len(events[i]); n == 0 || events[i][n-1].Version.ID != c.Version.ID {
			e := *c.Event
			e.Changes = nil
			events[i] = append(events[i], seen{c.group, &e})
		}
		e := events[i][len(events[i])-1]
		e.Changes = append(e.Changes, *c.change)
	}
	for own, i := range at {
		for _, e := range events[i] {
			id, links := p.Site.Registry.ID, p.links()
			if e.group != nil {
				id, links = e.group.ID, p.groupLinks(own)
			}
			m := moment{Day: render.Day(e.Version.ID), Link: p.Root + urls.Seen(id, e.Version.ID, e.Version.Seen())}
			for _, sentence := range render.HTMLSentences(e.Event, links) {
				m.Sentences = append(m.Sentences, safe(sentence))
			}
			b.Parts[i].Moments = append(b.Parts[i].Moments, m)
		}
	}
}

// rfcsNow returns, by the number of an RFC, the registries with records that refer to it.
func (s *site) rfcsNow() map[int][]registryRow {
	now := make(map[int][]registryRow)
	count := func(title, address string, columns []registry.Column, records iter.Seq[registry.Record]) {
		n := make(map[int]int)
		for record := range records {
			numbers := referredTo(record, columns)
			slices.Sort(numbers)
			for _, number := range slices.Compact(numbers) {
				n[number]++
			}
		}
		for number, records := range n {
			now[number] = append(now[number], registryRow{Title: title, Address: address, Records: records})
		}
	}
	for _, g := range s.current() {
		for _, r := range g.registries {
			count(r.title, r.address, r.table.Columns, slices.Values(r.table.Records))
		}
	}
	return now
}
