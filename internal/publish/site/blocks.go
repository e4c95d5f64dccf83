package site

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/lookup"
	"github.com/ianasync/ianasync/internal/publish/reuse"
	"github.com/ianasync/ianasync/internal/publish/urls"
	"github.com/ianasync/ianasync/internal/render"
	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/registry/ports"
)

// blockBody is the model of the page of a block of ports.
type blockBody struct {
	First, Last        int
	Address            string
	InRange            string // the range of its ports
	Advisory           string
	Rows               []blockRow
	Previous, Next     *serviceLink
	Assigned, Reserved int
	Notes              []shownNote
}

// blockRow is a port, or consecutive ports of which the same is to be said.
type blockRow struct {
	Ports   string
	ID      string   // of the first port
	Inside  []string // ids of the other ports
	Address string   // of the page of the first port; empty if it has none
	State   state
	Names   []nameOn
	What    string

	first, last int
}

// nameOn is a service and the transports on which it holds a port.
type nameOn struct {
	serviceLink
	On string // "tcp, udp"
}

// blockPages yields the pages of all blocks, their list, and the page of System ports.
// blockPage returns the page of a block, its rows to be filled.
func (s *site) blockPages() iter.Seq[*page] {
	return func(yield func(*page) bool) {
		var list []*blockBody
		system := &portsBody{}
		for first := 0; first < len(s.ports) && !s.Empty(); first += urls.BlockSize {
			p := s.blockPage(first)
			b := p.Body.(*blockBody)
			list = append(list, b)
			if b.First%4096 == 0 {
				system.Blocks = append(system.Blocks, b)
			}
			if !yield(p) {
				return
			}
		}
		p := s.newPage("blocks", "block/", "All ports")
		p.Summary = "All 65,536 ports in blocks of 256."
		p.Body = list
		if !yield(p) {
			return
		}
		p = s.newPage("ports", "port/", "Ports")
		p.Summary = "The System ports, 0 to 1023, with their services, and the way to all other ports."
		p.Body = system
		if !s.Empty() {
			_, last := ports.System.Bounds()
			p.unalteredSince(s.changed.block(0, int(last)))
			if s.inputs != nil {
				for first := 0; first <= int(last); first += urls.BlockSize {
					p.of = reuse.Digest("ports", p.of, s.inputs.block(first))
				}
			}
			p.fill = func() {
				for first := 0; first <= int(last); first += urls.BlockSize {
					system.Rows = append(system.Rows, s.rows(first)...)
				}
			}
		}
		yield(p)
	}
}

// portsBody is the model of the page of System ports.
type portsBody struct {
	Rows   []blockRow
	Blocks []*blockBody // some, to begin at
}

func (s *site) blockPage(first int) *page {
	last := first + urls.BlockSize - 1
	f := s.surveyed.Alone(uint16(first))
	b := &blockBody{
		First: first, Last: last, Address: urls.Block(uint16(first)), InRange: render.InRange(f), Advisory: lookup.Advisory,
		Notes: s.notesOn(ports.PortRange(uint16(first), uint16(last))),
	}
	for port := first; port <= last; port++ {
		b.count(s.stateOf(port))
	}
	if first > 0 {
		b.Previous = &serviceLink{"The 256 below", urls.Block(uint16(first - 1))}
	}
	if last < len(s.ports)-1 {
		b.Next = &serviceLink{"The 256 above", urls.Block(uint16(last + 1))}
	}
	p := s.newPage("block", b.Address, fmt.Sprintf("Ports %d to %d", first, last))
	p.Summary = fmt.Sprintf("What IANA's registry says of each of the ports %d to %d.", first, last)
	p.unalteredSince(s.changed.block(first, last))
	if s.inputs != nil {
		p.of = s.inputs.block(first)
	}
	p.fill = func() { b.Rows = s.rows(first) }
	p.Body = b
	return p
}

// rows returns the rows of a block, given its first port.
func (s *site) rows(first int) []blockRow {
	var b blockBody
	for port := first; port < first+urls.BlockSize; port++ {
		b.add(s.blockRow(uint16(port)))
	}
	return b.Rows
}

func (s *site) blockRow(port uint16) blockRow {
	f := s.surveyed.Alone(port)
	r := blockRow{Ports: fmt.Sprint(port), ID: urls.PortID(port), State: s.stateOf(int(port)), first: int(port), last: int(port)}
	if s.ports[port].page {
		r.Address = urls.Port(port)
	}
	for _, t := range f.Transports {
		for _, name := range t.Services {
			i := slices.IndexFunc(r.Names, func(n nameOn) bool { return n.Name == text.Visible(name) })
			if i < 0 {
				r.Names = append(r.Names, nameOn{serviceLinks([]string{name})[0], string(t.Transport)})
			} else {
				r.Names[i].On += ", " + string(t.Transport)
			}
		}
	}
	r.What = whatIs(f, r.State)
	return r
}

// whatIs describes a port in a row: by the description of its service, or by its status.
func whatIs(f *lookup.Port, is state) string {
	switch is {
	case blank:
		if f.Range == ports.Dynamic {
			return "Dynamic: never assigned"
		}
		return "no entry"
	case unassigned:
		return "Unassigned"
	case remarked:
		return "Unassigned, and the registry says " + strings.Join(render.Warnings(f), ", ")
	}
	for i := range f.Records {
		r := &f.Records[i].Record
		if (r.ServiceName != "") == (is == assigned) && r.Description != "" && r.Description != r.ServiceName && r.Status() != ports.Unassigned {
			return text.Cut(text.Visible(r.Description), longestDescription)
		}
	}
	switch is {
	case reserved:
		return "Reserved"
	case nameless:
		return "in use without a service name"
	}
	return ""
}

func (b *blockBody) count(is state) {
	switch is {
	case assigned:
		b.Assigned++
	case reserved:
		b.Reserved++
	}
}

// add adds a row for a port, or adds the port to the last row.
func (b *blockBody) add(r blockRow) {
	if n := len(b.Rows); n > 0 && b.Rows[n-1].says(&r) {
		before := &b.Rows[n-1]
		before.last = r.last
		before.Ports = fmt.Sprintf("%d–%d", before.first, before.last)
		before.Inside = append(before.Inside, r.ID)
		return
	}
	b.Rows = append(b.Rows, r)
}

// says reports whether a row is the same as another but for the port. Of ports with pages that is so for the range of a
// service.
func (r *blockRow) says(other *blockRow) bool {
	return r.State == other.State && r.What == other.What && slices.Equal(r.Names, other.Names) && (r.Address == "") == (other.Address == "") && (r.Address == "" || len(r.Names) > 0)
}

// String returns the name of the state's class in the style sheet.
func (s state) String() string {
	return [...]string{blank: "blank", unassigned: "unassigned", remarked: "remarked", reserved: "reserved", nameless: "nameless", assigned: "assigned"}[s]
}
