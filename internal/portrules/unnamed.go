package portrules

import (
	"cmp"
	"maps"
	"slices"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/registry/ports"
)

// Records without a name state that a port is Unassigned, Reserved, or in use under no name,
// and sometimes more: a report of unauthorized use, a note. IANA divides their ranges anew
// with every assignment, so they are compared port by port: a sweep over the ports finds the
// ranges of ports whose statements changed.

// unnamed explains the records without a service name.
func (c *comparison) unnamed() {
	c.attach()
	var rows []row
	ids := make(map[statement]int)
	add := func(rs []*ports.Record, sign int) {
		for _, r := range rs {
			if first, last, ok := r.Ports.Bounds(); ok {
				s := statementOf(r)
				id, known := ids[s]
				if !known {
					id = len(ids)
					ids[s] = id
				}
				rows = append(rows, row{r, bounds{first, last}, sign, id})
			}
		}
	}
	c.unreadable()
	add(c.unnamedGone, gone)
	add(c.unnamedCame, came)
	if len(rows) == 0 {
		return
	}
	slices.SortStableFunc(rows, func(a, b row) int { return compareBounds(a.bounds, b.bounds) })
	subjects := c.subjects(0)
	before := len(c.changes)
	for _, r := range sweep(rows, subjects) {
		c.changes = append(c.changes, r.change())
	}
	subjects = append(subjects, c.subjects(before)...)
	slices.SortStableFunc(subjects, func(a, b subject) int { return compareBounds(a.bounds, b.bounds) })
	c.allocate(rows, subjects)
}

type bounds struct{ first, last uint16 }

func (b bounds) overlaps(o bounds) bool { return b.first <= o.last && o.first <= b.last }

func compareBounds(a, b bounds) int {
	return cmp.Or(cmp.Compare(a.first, b.first), cmp.Compare(a.last, b.last))
}

// The sides of a row, as what it adds to the number of removed rows.
const (
	gone = 1
	came = -1
)

// row is an unnamed record that only one of the tables has.
type row struct {
	*ports.Record
	bounds
	side      int
	statement int // equal for rows that state the same about their ports
}

// subject is ports that a change is about.
type subject struct {
	bounds
	change int // index of the change
}

// explains reports whether a change explains that unnamed rows on its ports differ: a
// service came or went there.
func (c *change) explains() bool {
	switch c.Kind {
	case diff.Assigned, diff.Deassigned, diff.Reused, diff.Moved:
		return true
	case diff.Updated:
		return slices.ContainsFunc(c.Fields, func(f diff.Field) bool { return f.Key == "transport_protocol" })
	}
	return false
}

// attach adds to each change of a service the unnamed records of exactly its ports: those added
// where a service was removed, and those removed where a service was added.
func (c *comparison) attach() {
	goneCells, cameCells := byCell(c.unnamedGone), byCell(c.unnamedCame)
	taken := make(map[*ports.Record]bool)
	for i := range c.changes {
		ch := &c.changes[i]
		if !ch.explains() {
			continue
		}
		left, arrived := []ports.Ports{ch.Ports}, ch.Now
		switch ch.Kind {
		case diff.Assigned:
			left, arrived = nil, left
		case diff.Updated, diff.Reused:
			continue
		}
		for _, p := range left {
			ch.Added = append(ch.Added, cameCells.take(p, ch.Transports, taken)...)
		}
		for _, p := range arrived {
			ch.Removed = append(ch.Removed, goneCells.take(p, ch.Transports, taken)...)
		}
	}
	c.unnamedGone, c.unnamedCame = diff.Without(c.unnamedGone, taken), diff.Without(c.unnamedCame, taken)
}

// cells are unnamed records by their ports, in canonical order.
type cells map[bounds][]*ports.Record

func byCell(rs []*ports.Record) cells {
	m := make(cells)
	for _, r := range rs {
		if first, last, ok := r.Ports.Bounds(); ok {
			m[bounds{first, last}] = append(m[bounds{first, last}], r)
		}
	}
	return m
}

// take returns, and marks as taken, the records of just these ports: one for each of the
// transports, or of any transport if none are given, and one without.
func (m cells) take(on ports.Ports, ts []ports.Transport, taken map[*ports.Record]bool) (list []ports.Record) {
	first, last, ok := on.Bounds()
	if !ok {
		return nil
	}
	had := make(map[ports.Transport]bool)
	for _, r := range m[bounds{first, last}] {
		wanted := r.Transport == "" || len(ts) == 0 || slices.Contains(ts, r.Transport)
		if wanted && !had[r.Transport] && !taken[r] {
			had[r.Transport], taken[r] = true, true
			list = append(list, *r)
		}
	}
	return list
}

// subjects returns the ports of the changes from an index on that explain unnamed rows, in
// order.
func (c *comparison) subjects(from int) (list []subject) {
	for i := from; i < len(c.changes); i++ {
		ch := &c.changes[i]
		if ch.Name != "" && !ch.explains() {
			continue
		}
		for _, p := range ch.AllPorts() {
			if first, last, ok := p.Bounds(); ok {
				list = append(list, subject{bounds{first, last}, i})
			}
		}
	}
	return list
}

// run is a range of ports whose unnamed rows changed, all in the same way. No change of a
// service explains it.
type run struct {
	bounds
	old, new []*ports.Record // a row for each statement that was removed, and for each that was added
}

// sweep returns the runs, in order.
func sweep(rows []row, subjects []subject) (runs []run) {
	edges := edgesOf(rows, subjects)
	c := count{rest: make(map[int]int), example: make(map[[2]int]*ports.Record)}
	var last map[int]int // rest of the last run; nil where that does not reach here
	for len(edges) > 0 {
		at := edges[0].at
		for ; len(edges) > 0 && edges[0].at == at; edges = edges[1:] {
			c.pass(edges[0])
		}
		if len(edges) == 0 || c.explained > 0 || len(c.rest) == 0 {
			last = nil
			continue
		}
		end := uint16(edges[0].at - 1)
		if last != nil && maps.Equal(last, c.rest) {
			runs[len(runs)-1].last = end
			continue
		}
		runs = append(runs, c.run(bounds{uint16(at), end}))
		last = maps.Clone(c.rest)
	}
	return runs
}

// edge is a port at which a row or a subject begins, or after whose end it is.
type edge struct {
	at    int
	delta int
	row   *row // nil for a subject
}

// edgesOf returns the edges of rows and subjects, by port. A row with a port and nothing else states nothing.
func edgesOf(rows []row, subjects []subject) (edges []edge) {
	for i := range rows {
		r := &rows[i]
		if *r.Record == (ports.Record{Ports: r.Ports}) {
			continue
		}
		edges = append(edges, edge{int(r.first), r.side, r}, edge{int(r.last) + 1, -r.side, r})
	}
	for _, s := range subjects {
		edges = append(edges, edge{at: int(s.first), delta: 1}, edge{at: int(s.last) + 1, delta: -1})
	}
	slices.SortStableFunc(edges, func(a, b edge) int { return cmp.Compare(a.at, b.at) })
	return edges
}

// count is how many rows state each thing about one port in the old table less the new. Rows that were only divided differently cancel
// out.
type count struct {
	rest      map[int]int              // by statement; none is 0
	example   map[[2]int]*ports.Record // by statement and side
	explained int                      // how many subjects the port is of
}

// pass goes past an edge.
func (c *count) pass(e edge) {
	if e.row == nil {
		c.explained += e.delta
		return
	}
	if id := [2]int{e.row.statement, e.row.side}; c.example[id] == nil {
		c.example[id] = e.row.Record
	}
	if c.rest[e.row.statement] += e.delta; c.rest[e.row.statement] == 0 {
		delete(c.rest, e.row.statement)
	}
}

// run returns the run of ports with the present count.
func (c *count) run(of bounds) run {
	r := run{bounds: of}
	for statement, n := range c.rest {
		for ; n > 0; n-- {
			r.old = append(r.old, c.example[[2]int{statement, gone}])
		}
		for ; n < 0; n++ {
			r.new = append(r.new, c.example[[2]int{statement, came}])
		}
	}
	slices.SortStableFunc(r.old, compareStatements)
	slices.SortStableFunc(r.new, compareStatements)
	return r
}

// compareStatements orders unnamed records by all columns but the port number.
func compareStatements(a, b *ports.Record) int {
	v, w := a.Values(), b.Values()
	v[1], w[1] = "", ""
	return slices.Compare(v[:], w[:])
}

// change returns what happened to the ports of a run. Its records are not yet in it.
func (r *run) change() change {
	c := change{Change: diff.Change{Kind: diff.Updated}, Place: Place{Ports: ports.PortRange(r.first, r.last)}}
	sameStatus := func(p pair) bool { return p.Old.Status() == p.New.Status() }
	pairs := diff.Match(r.old, r.new, func(p pair) bool { return sameStatus(p) && p.Old.Transport == p.New.Transport }, equalCells)
	old, new := unpaired(r, pairs)
	pairs = append(pairs, diff.Match(old, new, sameStatus, equalCells)...)
	old, new = unpaired(r, pairs)

	lone := func(kind diff.Kind, side, other []*ports.Record, status ports.Status) bool {
		for _, a := range side {
			covers := func(b *ports.Record) bool {
				return b.Status() == status && (a.Transport == "" || b.Transport == "" || a.Transport == b.Transport)
			}
			if a.Status() == status && !slices.ContainsFunc(other, covers) {
				c.Kind = kind
				c.Transports = ports.TransportSet(append(c.Transports, a.Transport)...)
			}
		}
		return c.Kind == kind
	}
	if lone(diff.Deassigned, old, r.new, ports.Assigned) || lone(diff.Assigned, new, r.old, ports.Assigned) ||
		lone(diff.Unreserved, old, r.new, ports.Reserved) || lone(diff.Reserved, new, r.old, ports.Reserved) {
		return c
	}
	for _, p := range pairs {
		if kind := kindOf(p, p.Old.ModificationDate != p.New.ModificationDate); kind.Rank() < c.Kind.Rank() {
			c.Kind = kind
		}
		c.Fields = union(c.Fields, statementFields(p))
		c.Transports = ports.TransportSet(append(c.Transports, p.New.Transport)...)
	}
	for _, a := range old {
		c.Fields = union(c.Fields, statementFields(pair{Old: a, New: &ports.Record{}}))
		c.Transports = ports.TransportSet(append(c.Transports, a.Transport)...)
	}
	for _, a := range new {
		c.Fields = union(c.Fields, statementFields(pair{Old: &ports.Record{}, New: a}))
		c.Transports = ports.TransportSet(append(c.Transports, a.Transport)...)
	}
	c.Minor = c.Kind == diff.Updated && minor(c.Fields)
	return c
}

// unpaired returns the records of a run that are in none of the pairs.
func unpaired(r *run, pairs []pair) (old, new []*ports.Record) {
	left := func(rs []*ports.Record, of func(pair) *ports.Record) (list []*ports.Record) {
		paired := make(map[*ports.Record]int)
		for _, p := range pairs {
			paired[of(p)]++
		}
		for _, a := range rs {
			if paired[a] > 0 {
				paired[a]--
			} else {
				list = append(list, a)
			}
		}
		return list
	}
	return left(r.old, func(p pair) *ports.Record { return p.Old }), left(r.new, func(p pair) *ports.Record { return p.New })
}

// statementFields returns the fields other than the port number in which two unnamed rows differ.
func statementFields(p pair) []diff.Field {
	return slices.DeleteFunc(fields(p.Old, p.New), func(f diff.Field) bool { return f.Key == "port_number" })
}

// allocate puts each row into a change. In a region, which is rows that overlap directly or through
// others, a row goes to the first change on its ports; a row without a change on its ports goes
// to the last change before it, or else the first after it. A region without a change is [Recut].
func (c *comparison) allocate(rows []row, subjects []subject) {
	var near []subject // those that may be in the region
	for len(rows) > 0 {
		region, n := rows[0].bounds, 1
		for n < len(rows) && rows[n].first <= region.last {
			region.last = max(region.last, rows[n].last)
			n++
		}
		for len(subjects) > 0 && subjects[0].first <= region.last {
			near, subjects = append(near, subjects[0]), subjects[1:]
		}
		near = slices.DeleteFunc(near, func(s subject) bool { return s.last < region.first })
		of := -1 // the change for all rows, if no subject is near
		if len(near) == 0 {
			of = len(c.changes)
			c.changes = append(c.changes, change{Change: diff.Change{Kind: diff.Recut}, Place: Place{Ports: rows[0].Ports}})
		}
		for _, r := range rows[:n] {
			ch := &c.changes[max(of, 0)]
			if of < 0 {
				ch = &c.changes[choose(near, r.bounds)]
			} else {
				ch.Ports = ch.Ports.Hull(r.Ports)
				ch.Transports = ports.TransportSet(append(ch.Transports, r.Transport)...)
			}
			if r.side == gone {
				ch.Removed = append(ch.Removed, *r.Record)
			} else {
				ch.Added = append(ch.Added, *r.Record)
			}
		}
		rows = rows[n:]
	}
}

// choose returns the change of one of the subjects, in order, that a row belongs to.
func choose(near []subject, of bounds) int {
	chosen := near[0].change
	for _, s := range near {
		if s.overlaps(of) {
			return s.change
		}
		if s.last < of.first {
			chosen = s.change
		}
	}
	return chosen
}

// unreadable makes changes of the unnamed records whose ports cannot be read, cell by cell.
func (c *comparison) unreadable() {
	noBounds := func(rs []*ports.Record) (list, rest []*ports.Record) {
		for _, r := range rs {
			if _, _, ok := r.Ports.Bounds(); ok {
				rest = append(rest, r)
			} else {
				list = append(list, r)
			}
		}
		return list, rest
	}
	var unread comparison
	unread.gone, c.unnamedGone = noBounds(c.unnamedGone)
	unread.came, c.unnamedCame = noBounds(c.unnamedCame)
	for _, p := range unread.take(func(r *ports.Record) (key, bool) {
		return key{ports: r.Ports.String(), transport: r.Transport, more: string(r.Status())}, true
	}, nil) {
		if statementOf(p.Old) == statementOf(p.New) {
			unread.add(diff.Recut, p).Fields = nil
		} else {
			unread.add(kindOf(p, p.Old.ModificationDate != p.New.ModificationDate), p)
		}
	}
	unread.rest(&unread.gone, map[ports.Status]diff.Kind{ports.Assigned: diff.Deassigned, ports.Reserved: diff.Unreserved, ports.Unassigned: diff.Recut})
	unread.rest(&unread.came, map[ports.Status]diff.Kind{ports.Assigned: diff.Assigned, ports.Reserved: diff.Reserved, ports.Unassigned: diff.Recut})
	c.changes = append(c.changes, unite(unread.changes)...)
}
