package site

import (
	"fmt"
	"iter"
	"strings"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/lookup"
	"github.com/ianasync/ianasync/internal/publish/urls"
	"github.com/ianasync/ianasync/internal/render"
	"github.com/ianasync/ianasync/internal/text"
)

// serviceBody is the model of a service's page.
type serviceBody struct {
	Name, Standing string
	Records        []record
	Past           *timeline
	Previous, Next *serviceLink // in order of letters
	List           string       // that it is in: "N"
	ListAddress    string
}

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

func (s *site) servicePage(i int) *page {
	events := s.Index.Service(s.names[i])
	f := s.service(s.names[i], events)
	name := text.Visible(f.Name)
	p := s.newPage("service", urls.Service(f.Name), name)
	p.unalteredSince(s.last(events))
	b := &serviceBody{
		Name: name, Standing: render.Standing(f),
		Records: s.records(f.Records), Past: p.timeline(f.Past), List: strings.ToUpper(letterOf(f.Name)), ListAddress: letterAddress(letterOf(f.Name)),
	}
	p.Summary = text.Cut(fmt.Sprintf("%s %s.%s", name, b.Standing, described(b.Records)), longestSummary)
	if len(f.Past.News()) > 0 {
		p.Feed = p.Address + "feed"
	}
	if i > 0 {
		b.Previous = &serviceLinks(s.names[i-1 : i])[0]
	}
	if i < len(s.names)-1 {
		b.Next = &serviceLinks(s.names[i+1 : i+2])[0]
	}
	p.Body = b
	return p
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
	last          int // the step of the last event of any of them
}

// letterRow is a service in such a list.
type letterRow struct {
	serviceLink
	Gone  bool
	Ports string // "80, 443"; empty where it has none
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
			p.Summary = fmt.Sprintf("All %d service names of the list “%s”, with their ports.", len(l.Services), l.Name)
			p.unalteredSince(l.last)
			p.Body = l
			if !yield(p) {
				return
			}
		}
		p := s.newPage("services", "services/", "All services")
		p.Summary = "All service names, by their first letters."
		p.Body = letters
		yield(p)
	}
}

func (s *site) letters() (list []*letter) {
	byName := make(map[string]*letter)
	for _, name := range s.names {
		of := letterOf(name)
		if byName[of] == nil {
			byName[of] = &letter{Name: strings.ToUpper(of), Address: letterAddress(of)}
			list = append(list, byName[of])
		}
		at := urls.Service(name)
		l := byName[of]
		l.last = max(l.last, s.last(s.Index.Service(name)))
		l.Services = append(l.Services, letterRow{serviceLink{text.Visible(name), at}, s.gone[at], text.Cut(strings.Join(s.portsOf(name), ", "), longestSummary)})
	}
	return list
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
