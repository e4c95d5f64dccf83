package lookup

import "github.com/ianasync/ianasync/registry"

// InEdition is [OfPort] of an edition of which only the rows that matter are decoded: those of the port
// and of its neighbours.
func InEdition(e *registry.Edition, port uint16, only ...registry.Transport) (*Port, error) {
	var g ground
	if _, err := e.Where(g.take); err != nil { // it takes none, and sees all
		return nil, err
	}
	p := newPort(port)
	wanted := []uint16{port}
	for _, step := range []int{-1, 1} {
		if n, found := g.nearest(port, step, named, 0); found {
			wanted = append(wanted, n)
		}
	}
	t, err := e.Holding(wanted...)
	if err != nil {
		return nil, err
	}
	p.hold(t, only)
	p.settle(t, &g)
	return p, nil
}

// OfPort returns what t says of a port; where a transport is given, the records and
// transports are those of it alone.
func OfPort(t *registry.Table, port uint16, only ...registry.Transport) *Port {
	return NewGround(t).OfPort(port, only...)
}

// Ground is a table, and what each port of it is, for asking about many.
type Ground struct {
	table *registry.Table
	ground
}

// NewGround surveys a table.
func NewGround(t *registry.Table) *Ground {
	g := &Ground{table: t}
	for i := range t.Records {
		r := &t.Records[i]
		g.take(&registry.Outline{Ports: r.Ports, ServiceName: r.ServiceName, Description: r.Description})
	}
	return g
}

// OfPort is the function of that name.
func (g *Ground) OfPort(port uint16, only ...registry.Transport) *Port {
	p := newPort(port)
	p.hold(g.table, only)
	p.settle(g.table, &g.ground)
	return p
}

// Alone is what the table says of a port, without what is beside it: many times as fast where services are
// far apart.
func (g *Ground) Alone(port uint16) *Port {
	p := newPort(port)
	p.hold(g.table, nil)
	p.Free = g.free(port)
	return p
}

// ground says of each port what records there are.
type ground [1 << 16]uint8

// The sorts of records on a port.
const (
	named      = 1 << iota // with a service name
	unassigned             // Unassigned
	taken                  // of another status
)

// take marks the ports of a record. It wants none of them decoded.
func (g *ground) take(o *registry.Outline) bool {
	first, last, ok := o.Ports.Bounds()
	if !ok {
		return false
	}
	mark := uint8(taken)
	if o.ServiceName != "" {
		mark |= named
	} else if o.Status() == registry.Unassigned {
		mark = unassigned
	}
	for p := int(first); p <= int(last); p++ {
		g[p] |= mark
	}
	return false
}

// free tells whether all that is said of a port is that it is Unassigned.
func (g *ground) free(port uint16) bool { return g[port] == unassigned }

// nearest returns the nearest port, in steps from the given one, that has all of with and none of without.
func (g *ground) nearest(port uint16, step int, with, without uint8) (uint16, bool) {
	for p := int(port) + step; p >= 0 && p < len(g); p += step {
		if g[p]&with == with && g[p]&without == 0 {
			return uint16(p), true
		}
	}
	return 0, false
}
