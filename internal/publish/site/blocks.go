package site

import (
	"fmt"
	"iter"

	"github.com/ianasync/ianasync/internal/lookup"
	"github.com/ianasync/ianasync/internal/publish/urls"
	"github.com/ianasync/ianasync/internal/render"
	"github.com/ianasync/ianasync/registry/ports"
)

// blockBody is the model of the page of a block of ports.
type blockBody struct {
	First, Last        int
	InRange            string // the range of its ports
	Advisory           string
	Rows               []blockRow
	Previous, Next     string // addresses; empty if there is none
	Assigned, Reserved int
	Notes              []shownNote
}

// blockRow is a port with a page, or consecutive ports without pages and with the same status.
type blockRow struct {
	Ports   string
	Address string // of the port's page; empty if it has none
	Status  string
	State   state
}

// blockPages yields the pages of all blocks and their list.
func (s *site) blockPages() iter.Seq[*page] {
	return func(yield func(*page) bool) {
		var list []*blockBody
		for first := 0; first < len(s.ports) && !s.Empty(); first += urls.BlockSize {
			p := s.blockPage(first)
			list = append(list, p.Body.(*blockBody))
			if !yield(p) {
				return
			}
		}
		p := s.newPage("blocks", "block/", "All ports")
		p.Summary = "All 65,536 ports in blocks of 256."
		p.Body = list
		yield(p)
	}
}

func (s *site) blockPage(first int) *page {
	last := first + urls.BlockSize - 1
	f := s.surveyed.Alone(uint16(first))
	b := &blockBody{First: first, Last: last, InRange: render.InRange(f), Advisory: lookup.Advisory, Notes: s.notesOn(ports.PortRange(uint16(first), uint16(last)))}
	for port := first; port <= last; port++ {
		b.count(s.stateOf(port))
		b.add(s.blockRow(uint16(port)), port)
	}
	if first > 0 {
		b.Previous = urls.Block(uint16(first - 1))
	}
	if last < len(s.ports)-1 {
		b.Next = urls.Block(uint16(last + 1))
	}
	p := s.newPage("block", urls.Block(uint16(first)), fmt.Sprintf("Ports %d to %d", first, last))
	p.Summary = fmt.Sprintf("What IANA's registry says of each of the ports %d to %d.", first, last)
	p.unalteredSince(s.changed.block(first, last))
	p.Body = b
	return p
}

func (s *site) blockRow(port uint16) blockRow {
	f := s.surveyed.Alone(port)
	r := blockRow{Ports: fmt.Sprint(port), Status: render.Status(f), State: s.stateOf(int(port))}
	if s.ports[port].page {
		r.Address = urls.Port(port)
	}
	return r
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
func (b *blockBody) add(r blockRow, port int) {
	if n := len(b.Rows); n > 0 {
		before := &b.Rows[n-1]
		if before.Address == "" && r.Address == "" && before.Status == r.Status {
			numbers, _ := ports.ParsePorts(before.Ports) // it is a port or a range: no error
			first, _, _ := numbers.Bounds()
			before.Ports = ports.PortRange(first, uint16(port)).String()
			return
		}
	}
	b.Rows = append(b.Rows, r)
}

// String returns the name of the state's class in the style sheet.
func (s state) String() string {
	return [...]string{blank: "blank", unassigned: "unassigned", remarked: "remarked", reserved: "reserved", nameless: "nameless", assigned: "assigned"}[s]
}
