package site

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"unicode"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/lookup"
	"github.com/ianasync/ianasync/internal/publish/urls"
	"github.com/ianasync/ianasync/internal/render"
	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/registry/ports"
)

// serviceBody is the model of a service's page.
type serviceBody struct {
	Name, Standing string
	Records        []record
	Past           *timeline
	Previous, Next *serviceLink // in order of letters
	List           string       // that it is in: "N"
	ListAddress    string

	What, Since     string // description and registration date; empty where there is none
	Places          []place
	Subject, Filter string // of a subscription
}

// place is where a service is: ports and transports.
type place struct{ Ports, Address, On string }

// servicePages are the pages of all service names.
func (s *site) servicePages() iter.Seq[*page] {
	return func(yield func(*page) bool) {
		for i := range s.names {
			if !yield(s.servicePage(i)) {
				return
			}
		}
	}
}

// service is a service name in the newest version, with its past: the events, oldest first.
func (s *site) service(name string, events []history.Event) *lookup.Service {
	f := lookup.OfService(s.Table, name)
	if f == nil {
		f = &lookup.Service{Name: name, Records: []lookup.Entry{}}
	}
	f.Past = s.pastOf(events)
	return f
}

// servicePage returns the page of a service, to be filled.
func (s *site) servicePage(i int) *page {
	p := s.newPage("service", urls.Service(s.names[i]), text.Visible(s.names[i]))
	if s.inputs != nil {
		p.of = s.inputs.service(i)
	}
	p.fill = func() { s.fillService(p, i) }
	return p
}

func (s *site) fillService(p *page, i int) {
	events := s.Index.Service(s.names[i])
	f := s.service(s.names[i], events)
	name := text.Visible(f.Name)
	p.Title = name
	p.unalteredSince(s.last(events))
	b := &serviceBody{
		Name: name, Standing: render.Standing(f),
		Records: s.records(f.Records), Past: p.timeline(f.Past), List: strings.ToUpper(letterOf(f.Name)), ListAddress: letterAddress(letterOf(f.Name)),
	}
	p.Summary = text.Cut(fmt.Sprintf("%s %s.%s", name, b.Standing, described(b.Records)), longestSummary)
	p.Feed = p.Address + "feed"
	b.What, b.Places = s.describe(recordsOf(f), f.Name), s.placesOf(b.Records)
	b.Subject, b.Filter = name, filterOf(f.Name)
	for i := range f.Records {
		if d := f.Records[i].Record.RegistrationDate; d.Valid() && (b.Since == "" || d.String() < b.Since) {
			b.Since = d.String()
		}
	}
	if i > 0 {
		b.Previous = &serviceLinks(s.names[i-1 : i])[0]
	}
	if i < len(s.names)-1 {
		b.Next = &serviceLinks(s.names[i+1 : i+2])[0]
	}
	p.Body = b
}

func recordsOf(f *lookup.Service) (list []ports.Record) {
	for i := range f.Records {
		list = append(list, f.Records[i].Record)
	}
	return list
}

// placesOf returns the ports of records with their transports, once each.
func (s *site) placesOf(records []record) (list []place) {
	for i := range records {
		numbers, on, _ := strings.Cut(records[i].At, "/")
		if records[i].Ports == "" {
			continue
		}
		at := slices.IndexFunc(list, func(p place) bool { return p.Ports == numbers })
		if at < 0 {
			list = append(list, place{numbers, records[i].Ports, strings.ReplaceAll(on, ",", ", ")})
		} else if on != "" && !strings.Contains(list[at].On, on) {
			list[at].On += ", " + strings.ReplaceAll(on, ",", ", ")
		}
	}
	return list
}

// filterOf returns the filter of messages about a service, as a shell takes it: docs/notify.md.
func filterOf(name string) string {
	filter := "service=" + text.Visible(name)
	if strings.Contains(name, " ") {
		filter = `service="` + text.Visible(name) + `"`
	}
	if strings.IndexFunc(name, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_+.,:/", r)
	}) < 0 {
		return filter
	}
	return "'" + strings.ReplaceAll(filter, "'", `'\''`) + "'"
}

// last returns the step of the last of events, oldest first; the first step of all where there are none.
func (s *site) last(events []history.Event) int {
	if len(events) == 0 {
		return 0
	}
	return s.step(events[len(events)-1].Version.ID)
}

// described is the first description of records, as a sentence after another.
func described(records []record) string {
	for _, r := range records {
		if r.Description != "" {
			return " " + r.Description
		}
	}
	return ""
}

// longestSummary is how many characters of a description search engines show.
const longestSummary = 200

// letter is a list of the services whose names begin alike.
type letter struct {
	Name, Address string
	Services      []letterRow
	Others        []serviceLink // all lists

	names []string // of the services
	last  int      // the step of the last event of any of them
}

// letterList is the list of all such lists.
type letterList []*letter

// letterRow is a service in such a list.
type letterRow struct {
	serviceLink
	Gone  bool
	Ports string // "80, 443"; empty where it has none
	What  string // the description
}

// letterOf is what a name is listed under.
func letterOf(name string) string {
	switch first := strings.ToLower(name)[0]; {
	case 'a' <= first && first <= 'z':
		return string(first)
	case '0' <= first && first <= '9':
		return "0-9"
	}
	return "other"
}

func letterAddress(of string) string { return "services/" + of + "/" }

// letterPages are the lists of services, and the list of these.
func (s *site) letterPages() iter.Seq[*page] {
	return func(yield func(*page) bool) {
		letters := s.letters()
		for _, l := range letters {
			p := s.newPage("letter", l.Address, "Services: "+l.Name)
			p.Summary = fmt.Sprintf("All %d service names of the list “%s”, with their ports.", len(l.names), l.Name)
			p.unalteredSince(l.last)
			if s.inputs != nil {
				p.of = s.inputs.letter(l, letters)
			}
			p.fill = func() {
				for _, other := range letters {
					l.Others = append(l.Others, serviceLink{other.Name, other.Address})
				}
				l.Services = s.letterRows(l.names)
			}
			p.Body = l
			if !yield(p) {
				return
			}
		}
		for _, at := range []string{"services/", "service/"} { // the latter is above the pages of services
			p := s.newPage("services", at, "All services")
			p.canonical = "services/"
			p.Summary = "All service names, by their first letters."
			p.Body = letters
			if !yield(p) {
				return
			}
		}
	}
}

// letters returns all lists, their rows to be filled.
func (s *site) letters() (list letterList) {
	byName := make(map[string]*letter)
	for _, name := range s.names {
		of := letterOf(name)
		if byName[of] == nil {
			byName[of] = &letter{Name: strings.ToUpper(of), Address: letterAddress(of)}
			list = append(list, byName[of])
		}
		l := byName[of]
		l.last = max(l.last, s.last(s.Index.Service(name)))
		l.names = append(l.names, name)
	}
	return list
}

func (s *site) letterRows(names []string) (rows []letterRow) {
	for _, name := range names {
		at := urls.Service(name)
		rows = append(rows, letterRow{serviceLink{text.Visible(name), at}, s.gone[at], text.Cut(strings.Join(s.portsOf(name), ", "), longestSummary), s.describe(s.Table.Service(name), name)})
	}
	return rows
}

// portsOf returns the ports of a service as the registry writes them, once each.
func (s *site) portsOf(name string) (list []string) {
	for _, r := range s.Table.Service(name) {
		if ports := text.Visible(r.Ports.String()); ports != "" && (len(list) == 0 || list[len(list)-1] != ports) {
			list = append(list, ports)
		}
	}
	return list
}
