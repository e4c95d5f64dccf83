package site

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/lookup"
	"github.com/ianasync/ianasync/internal/plainjson"
	"github.com/ianasync/ianasync/internal/porthistory"
	"github.com/ianasync/ianasync/internal/publish/urls"
	"github.com/ianasync/ianasync/internal/render"
	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/registry/ports"
)

// portBody is the model of a port's page.
type portBody struct {
	*lookup.Port
	InRange, Status, Advisory string
	Holders                   []holder // the services on it
	Free, Since               string   // whether it is free, and since when it is assigned
	Reports                   []string // what IANA reports against it, or notes of it
	Badges                    []badge
	Records                   []record
	Past                      *timeline
	Beside                    []beside
	Nearest                   []portLink // the nearest free ports
	Block                     string     // address
	Questions                 []question
	Notes                     []shownNote
	Sockets                   string // the letters by which ss names the sockets to show
	Subject, Filter           string // of a subscription: "port 2397", "port=2397"
}

// holder is a service and its description.
type holder struct {
	serviceLink
	What string
}

// portLink is a port and the address of its page, or of its place on that of its block.
type portLink struct {
	Port    uint16
	Address string
}

// badge says what a port is on a transport.
type badge struct {
	Transport ports.Transport
	Status    ports.Status
	Services  []serviceLink
}

// serviceLink is a service name and the address of its page.
type serviceLink struct{ Name, Address string }

// beside is a neighbour of a port.
type beside struct {
	Port     uint16
	Services []serviceLink
}

// record is a record as people read it, with links.
type record struct {
	render.Row
	Address      string // of the service's page; empty where there is none
	Ports        string // address of the ports' page; likewise
	Unauthorized bool
}

// records returns entries as people read them.
func (s *site) records(entries []lookup.Entry) (list []record) {
	for _, row := range render.Rows(entries) {
		r := record{Row: row, Unauthorized: row.Record.UnauthorizedUse != ""}
		if row.Record.ServiceName != "" {
			r.Address = urls.Service(row.Record.ServiceName)
		}
		if first, _, ok := row.Record.Ports.Bounds(); ok {
			r.Ports = s.portAddress(first)
		}
		list = append(list, r)
	}
	return list
}

func serviceLinks(names []string) (list []serviceLink) {
	for _, n := range names {
		list = append(list, serviceLink{text.Visible(n), urls.Service(n)})
	}
	return list
}

// portPages are the pages of all ports that have a service or a past.
func (s *site) portPages() iter.Seq[*page] {
	return func(yield func(*page) bool) {
		for port := range s.ports {
			if s.ports[port].page && !yield(s.portPage(uint16(port))) {
				return
			}
		}
	}
}

// port is a port in the newest version, with its past.
func (s *site) port(port uint16) *lookup.Port {
	f := s.surveyed.OfPort(port)
	f.Past = s.pastOf(s.Index.Port(port))
	return f
}

// portPage returns the page of a port, to be filled.
func (s *site) portPage(port uint16) *page {
	p := s.newPage("port", urls.Port(port), "")
	if s.inputs != nil {
		s.ports[port].of = s.inputs.port(port)
		p.of = s.ports[port].of
	}
	p.fill = func() { s.fillPort(p, s.port(port)) }
	return p
}

func (s *site) fillPort(p *page, f *lookup.Port) {
	p.Title = portTitle(f)
	p.Summary = fmt.Sprintf("Port %d %s. %s", f.Port, render.InRange(f), render.Status(f))
	p.Feed = p.Address + "feed"
	p.unalteredSince(s.changed.answer(f))
	p.Data = s.dataset(p, f.Port)
	b := &portBody{
		Port: f, InRange: render.InRange(f), Status: render.Status(f), Advisory: lookup.Advisory, Records: s.records(f.Records),
		Past: p.timeline(f.Past), Block: urls.Block(f.Port), Questions: questions(f), Notes: s.notesOn(ports.PortRange(f.Port, f.Port)),
		Sockets: sockets(f), Holders: holders(f), Free: free(f), Since: render.Since(f), Reports: reports(f),
		Subject: fmt.Sprintf("port %d", f.Port), Filter: fmt.Sprintf("port=%d", f.Port),
	}
	for _, t := range f.Transports {
		b.Badges = append(b.Badges, badge{t.Transport, t.Status, serviceLinks(t.Services)})
	}
	for _, n := range []*lookup.Neighbour{f.Below, f.Above} {
		if n != nil {
			b.Beside = append(b.Beside, beside{n.Port, serviceLinks(n.Services)})
		}
	}
	for _, n := range []*uint16{f.FreeBelow, f.FreeAbove} {
		if n != nil {
			b.Nearest = append(b.Nearest, portLink{*n, s.portAddress(*n)})
		}
	}
	f.Past.Versions = p.since + 1 // as in the port's data: the page is not another one because there are more
	p.Body = b
}

// holders returns the services on a port, each with the first description that does not only repeat the name, or else in other letters.
func holders(f *lookup.Port) (list []holder) {
	for i := range f.Records {
		r := &f.Records[i].Record
		if r.ServiceName == "" {
			continue
		}
		link := serviceLinks([]string{r.ServiceName})[0]
		at := slices.IndexFunc(list, func(d holder) bool { return d.serviceLink == link })
		if at < 0 {
			at, list = len(list), append(list, holder{serviceLink: link})
		}
		repeats := func(d string) bool { return strings.EqualFold(d, r.ServiceName) }
		if what := list[at].What; r.Description != r.ServiceName && (what == "" || repeats(what) && r.Description != "" && !repeats(r.Description)) {
			list[at].What = text.Visible(r.Description)
		}
	}
	return list
}

// free answers in a few words whether a port is free.
func free(f *lookup.Port) string {
	switch {
	case f.Port == 0 || f.Free || f.Range == ports.Dynamic:
		return strings.TrimSuffix(render.Free(f), " "+lookup.Advisory)
	case f.Standing == lookup.Remarked:
		return "No, though it is Unassigned: see what IANA reports."
	case len(f.Records) == 0:
		return "No: the registry has no entry for it."
	}
	return "No."
}

// reports returns what IANA reports against a port, or notes of it, each once.
func reports(f *lookup.Port) (list []string) {
	add := func(said string) {
		if said = text.Visible(said); said != "" && !slices.Contains(list, said) {
			list = append(list, said)
		}
	}
	for _, r := range f.Remarks {
		add(r.Text)
	}
	for i := range f.Records {
		add(f.Records[i].Record.UnauthorizedUse)
	}
	return list
}

// sockets are ss's letters for tcp and udp, which any program may use, and for the other transports that a service
// holds.
func sockets(f *lookup.Port) string {
	holds := func(tr ports.Transport) bool {
		return slices.ContainsFunc(f.Transports, func(t lookup.Transport) bool { return t.Transport == tr && len(t.Services) > 0 })
	}
	letters := "tu"
	if holds(ports.SCTP) {
		letters += "S"
	}
	if holds(ports.DCCP) {
		letters += "d"
	}
	return letters
}

// longestTitle is how many characters of service names a title has.
const longestTitle = 60

// portTitle is "Port 2397: ncl".
func portTitle(f *lookup.Port) string {
	var names []string
	for _, t := range f.Transports {
		for _, n := range t.Services {
			if text := strings.Join(append(names, n), ", "); !slices.Contains(names, n) && len(text) <= longestTitle {
				names = append(names, n)
			}
		}
	}
	title := fmt.Sprintf("Port %d", f.Port)
	if len(names) > 0 {
		title += ": " + text.Visible(strings.Join(names, ", "))
	}
	return title
}

// dataset describes a port's data for search engines: https://schema.org/Dataset.
type dataset struct {
	Context      string   `json:"@context"`
	Type         string   `json:"@type"`
	Name         string   `json:"name"`
	Description  string   `json:"description"`
	License      string   `json:"license"`
	IsBasedOn    string   `json:"isBasedOn"`
	Version      string   `json:"version"`
	Distribution download `json:"distribution"`
}

// download is https://schema.org/DataDownload.
type download struct {
	Type   string `json:"@type"`
	Format string `json:"encodingFormat"`
	URL    string `json:"contentUrl"`
}

func (s *site) dataset(p *page, port uint16) *dataset {
	at := "data.json"
	if s.BaseURL != "" {
		at = s.BaseURL + p.Address + at
	}
	return &dataset{
		"https://schema.org", "Dataset", fmt.Sprintf("Port %d in IANA's registry", port), p.Summary, "https://creativecommons.org/publicdomain/zero/1.0/",
		s.Registry.Page, p.version().ID,
		download{"DataDownload", "application/json", at},
	}
}

// portData is what a look-up prints as JSON, for each port with a page, at the version since which it has been so.
func (s *site) portData() iter.Seq2[history.File, error] {
	return func(yield func(history.File, error) bool) {
		for i := range s.ports {
			if !s.ports[i].page {
				continue
			}
			port := uint16(i)
			if !yield(s.answer(port)) {
				return
			}
		}
	}
}

// subjects yields all ports and services that have a page.
func (s *site) subjects() iter.Seq[*Subject] {
	return func(yield func(*Subject) bool) {
		if s.Feed == nil {
			return
		}
		of := func(page string, positions []porthistory.Position) string {
			if s.inputs == nil {
				return ""
			}
			return s.inputs.feed(page, positions)
		}
		for i := range s.ports {
			port := uint16(i)
			if s.ports[i].page && !yield(&Subject{
				Port: port, Past: func() *lookup.Past { return s.pastOf(s.Index.Port(port)) }, Of: of(urls.Port(port), s.Index.OfPort(port)),
			}) {
				return
			}
		}
		for _, name := range s.names {
			if !yield(&Subject{
				Service: name, Past: func() *lookup.Past { return s.pastOf(s.Index.Service(name)) }, Of: of(urls.Service(name), s.Index.OfService(name)),
			}) {
				return
			}
		}
	}
}

func (s *site) answer(port uint16) (history.File, error) {
	file := history.File{Name: urls.Port(port) + "data.json", Of: s.ports[port].of}
	if file.Same = s.Has.Already(file.Name, file.Of); file.Same {
		return file, nil
	}
	f := s.port(port)
	step := s.changed.answer(f)
	version := s.events[step].Version
	f.Past.Versions = step + 1
	answer := lookup.NewAnswer(s.Registry, version.ID, version.SHA256)
	answer.Port = f
	data, err := plainjson.Marshal(answer)
	file.Data = append(data, '\n')
	return file, err
}
