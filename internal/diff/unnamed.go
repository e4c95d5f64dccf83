package diff

import (
	"cmp"
	"maps"
	"slices"

	"github.com/ianasync/ianasync/registry"
)

// unnamed explains what is left once all that has a name is explained: cells that
// are Unassigned, Reserved, or in use under no name.
func (c *comparison) unnamed() {
	c.attach()
	c.assigned(func(r *registry.Record) bool { return r.Status() == registry.Assigned })
	c.reserved()
	c.attach()
	c.recut()
	for i := range c.changes {
		slices.SortFunc(c.changes[i].Removed, registry.Compare)
		slices.SortFunc(c.changes[i].Added, registry.Compare)
	}
}

// attach gives each change the unnamed records of its very cells: to a
// disappearance what stands there now, to an arrival what stood there before.
func (c *comparison) attach() {
	gone, came := byBounds(c.gone), byBounds(c.came)
	for i := range c.changes {
		ch := &c.changes[i]
		switch ch.Kind {
		case Deassigned, Unreserved:
			ch.Added = append(ch.Added, came.take(ch.Ports, ch.Transports)...)
		case Assigned, Reserved:
			ch.Removed = append(ch.Removed, gone.take(ch.Ports, ch.Transports)...)
		case Moved:
			ch.Added = append(ch.Added, came.take(ch.Ports, ch.Transports)...)
			for _, now := range ch.Now {
				ch.Removed = append(ch.Removed, gone.take(now, ch.Transports)...)
			}
		}
	}
	c.gone, c.came = gone.rest(c.gone), came.rest(c.came)
}

type bounds struct{ first, last uint16 }

// cells are unnamed records by their ports and transport, in canonical order.
type cells map[bounds]map[registry.Transport][]registry.Record

func byBounds(rs []registry.Record) cells {
	m := make(cells)
	for _, r := range rs {
		if first, last, ok := r.Ports.Bounds(); ok {
			at := bounds{first, last}
			if m[at] == nil {
				m[at] = make(map[registry.Transport][]registry.Record)
			}
			m[at][r.Transport] = append(m[at][r.Transport], r)
		}
	}
	return m
}

// take returns, and takes away, the records of just these ports: one for each of
// the transports, or of any transport where none are given, and one without.
func (m cells) take(ports registry.Ports, ts []registry.Transport) (taken []registry.Record) {
	first, last, ok := ports.Bounds()
	if !ok || len(m) == 0 {
		return nil
	}
	at := m[bounds{first, last}]
	if len(ts) == 0 {
		ts = slices.Collect(maps.Keys(at))
	} else {
		ts = append(slices.Clone(ts), "")
	}
	for _, t := range ts {
		switch rs := at[t]; len(rs) {
		case 0:
		case 1:
			taken = append(taken, rs[0])
			delete(at, t)
		default:
			taken = append(taken, rs[0])
			at[t] = rs[1:]
		}
	}
	return taken
}

// rest returns the records that were not taken away, and those of rs that have no
// ports, in canonical order.
func (m cells) rest(rs []registry.Record) []registry.Record {
	rs = slices.DeleteFunc(rs, func(r registry.Record) bool { _, _, ok := r.Ports.Bounds(); return ok })
	for _, at := range m {
		for _, left := range at {
			rs = append(rs, left...)
		}
	}
	slices.SortFunc(rs, registry.Compare)
	return rs
}

// reserved makes changes of the cells that became or stopped being Reserved, unless
// a change of a service on their ports explains it, or they are only cut otherwise.
func (c *comparison) reserved() {
	if len(c.gone) == 0 && len(c.came) == 0 {
		return
	}
	explained := c.explained()
	gone, came := reservedPorts(c.gone), reservedPorts(c.came)
	unexplained := func(others *coverage) func(*registry.Record) bool {
		return func(r *registry.Record) bool {
			return r.Status() == registry.Reserved && !explained.touches(r.Ports) && len(others.gaps(r)) > 0
		}
	}
	var less, more []Change
	less, c.gone = lone(c.gone, Unreserved, unexplained(came))
	more, c.came = lone(c.came, Reserved, unexplained(gone))
	for i := range less {
		less[i].Ports = part(&less[i].Removed[0], came)
	}
	for i := range more {
		more[i].Ports = part(&more[i].Added[0], gone)
	}
	c.changes = append(c.changes, merge(append(less, more...))...)
}

// part returns the ports of r that are not covered, where those are one range; else
// all of its ports.
func part(r *registry.Record, covered *coverage) registry.Ports {
	if gaps := covered.gaps(r); len(gaps) == 1 && boundsOf(gaps[0]) != boundsOf(r.Ports) {
		return gaps[0]
	}
	return r.Ports
}

func boundsOf(p registry.Ports) bounds {
	first, last, _ := p.Bounds()
	return bounds{first, last}
}

// coverage says of each port which transports are covered, one bit each.
type coverage [1 << 16]uint8

// bits returns the bits of a transport; none stands for all.
func bits(t registry.Transport) uint8 {
	if i := t.Index(); i >= 0 {
		return 1 << i
	}
	return 0xff
}

func (c *coverage) add(p registry.Ports, t registry.Transport) {
	if first, last, ok := p.Bounds(); ok {
		for port := int(first); port <= int(last); port++ {
			c[port] |= bits(t)
		}
	}
}

// touches tells whether any transport of any of the ports is covered.
func (c *coverage) touches(p registry.Ports) bool {
	first, last, ok := p.Bounds()
	return ok && slices.ContainsFunc(c[first:int(last)+1], func(b uint8) bool { return b != 0 })
}

// gaps returns the ports of r that are not covered for its transport.
func (c *coverage) gaps(r *registry.Record) (gaps []registry.Ports) {
	first, last, ok := r.Ports.Bounds()
	if !ok {
		return nil
	}
	start := -1 // of the gap in hand
	for port := int(first); port <= int(last)+1; port++ {
		open := port <= int(last) && c[port]&bits(r.Transport) == 0
		if open && start < 0 {
			start = port
		}
		if !open && start >= 0 {
			gaps = append(gaps, registry.PortRange(uint16(start), uint16(port-1)))
			start = -1
		}
	}
	return gaps
}

func reservedPorts(rs []registry.Record) *coverage {
	var c coverage
	for _, r := range rs {
		if r.Status() == registry.Reserved {
			c.add(r.Ports, r.Transport)
		}
	}
	return &c
}

// explained returns the ports at which a service came or went, so that unnamed
// cells may be drawn anew around them.
func (c *comparison) explained() *coverage {
	var ports coverage
	for i := range c.changes {
		switch ch := &c.changes[i]; ch.Kind {
		case Assigned, Deassigned, Reused, Moved:
			ports.add(ch.Ports, "")
			for _, now := range ch.Now {
				ports.add(now, "")
			}
		}
	}
	return &ports
}

// recut makes one change of all unnamed records that are left in a region: records
// that overlap, directly or through others.
func (c *comparison) recut() {
	type side struct {
		registry.Record
		added bool
	}
	var rest []side
	for _, r := range c.gone {
		rest = append(rest, side{r, false})
	}
	for _, r := range c.came {
		rest = append(rest, side{r, true})
	}
	slices.SortStableFunc(rest, func(a, b side) int {
		return cmp.Or(registry.Compare(a.Record, b.Record), compareBool(a.added, b.added))
	})
	var at *Change // the region in hand
	for _, r := range rest {
		if at == nil || !at.Ports.Overlaps(r.Ports) {
			c.changes = append(c.changes, Change{Kind: Recut, Ports: r.Ports})
			at = &c.changes[len(c.changes)-1]
		}
		at.Ports = hull(at.Ports, r.Ports)
		at.Transports = transports(append(at.Transports, r.Transport)...)
		if r.added {
			at.Added = append(at.Added, r.Record)
		} else {
			at.Removed = append(at.Removed, r.Record)
		}
	}
	c.gone, c.came = nil, nil
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// hull returns the range from the first port of p to the last of p and q; p comes
// first in canonical order.
func hull(p, q registry.Ports) registry.Ports {
	a, b := boundsOf(p), boundsOf(q)
	if b.last <= a.last {
		return p
	}
	return registry.PortRange(a.first, b.last)
}
