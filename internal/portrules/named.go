package portrules

import (
	"slices"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/parties"
	"github.com/ianasync/ianasync/registry/ports"
)

// named explains the records with a service name, in the passes that [Compare] lists.
func (c *comparison) named() {
	c.updated()
	c.swapped()
	c.sameName()
	c.renamed()
	c.rest(&c.gone, map[ports.Status]diff.Kind{ports.Assigned: diff.Deassigned})
	c.rest(&c.came, map[ports.Status]diff.Kind{ports.Assigned: diff.Assigned})
	c.changes = unite(c.changes)
}

// add appends the change of a pair.
func (c *comparison) add(kind diff.Kind, p pair) *change {
	c.changes = append(c.changes, change{
		Change:  diff.Change{Kind: kind, Name: p.New.ServiceName, Fields: fields(p.Old, p.New)},
		Place:   Place{Ports: p.New.Ports, Transports: ports.TransportSet(p.New.Transport)},
		Removed: []ports.Record{*p.Old}, Added: []ports.Record{*p.New},
	})
	ch := &c.changes[len(c.changes)-1]
	ch.Minor = kind == diff.Updated && minor(ch.Fields)
	return ch
}

// updated matches what kept its name and its cell.
func (c *comparison) updated() {
	pairs := c.take(func(r *ports.Record) (key, bool) {
		return key{name: r.ServiceName, ports: r.Ports.String(), transport: r.Transport}, true
	}, nil)
	type service struct{ name, ports string }
	dated := make(map[service]bool)
	of := func(p pair) service { return service{p.New.ServiceName, p.New.Ports.String()} }
	for _, p := range pairs {
		if p.Old.ModificationDate != p.New.ModificationDate {
			dated[of(p)] = true
		}
	}
	for _, p := range pairs {
		c.add(kindOf(p, dated[of(p)]), p)
	}
}

// swapped matches what kept its name and ports, on another transport.
func (c *comparison) swapped() {
	for _, p := range c.take(func(r *ports.Record) (key, bool) {
		return key{name: r.ServiceName, ports: r.Ports.String()}, true
	}, nil) {
		c.add(diff.Updated, p)
	}
}

// sameName matches what kept its name alone: it moved, gave its ports back, or got ports.
// There is one change for each port on the side that has some: for the ports that were
// left, or, if there were none, for those that were got.
func (c *comparison) sameName() {
	gone, came := byName(c.gone), byName(c.came)
	both := func(r *ports.Record) bool { return len(gone[r.ServiceName]) > 0 && len(came[r.ServiceName]) > 0 }
	var names []string // in canonical order of their first record
	for _, r := range c.gone {
		if both(r) && gone[r.ServiceName][0] == r {
			names = append(names, r.ServiceName)
		}
	}
	for _, name := range names {
		switch had, has := anyPort(gone[name]), anyPort(came[name]); {
		case had && has:
			c.changes = append(c.changes, leave(diff.Moved, gone[name], came[name])...)
		case had:
			c.changes = append(c.changes, leave(diff.Deassigned, gone[name], came[name])...)
		default:
			c.changes = append(c.changes, arrive(gone[name], came[name])...)
		}
	}
	c.gone, c.came = slices.DeleteFunc(c.gone, both), slices.DeleteFunc(c.came, both)
}

// leave returns the changes by which a service left its ports. If as many are left as are
// got, the first goes with the first; otherwise the first change adds all.
func leave(kind diff.Kind, gone, came []*ports.Record) []change {
	from, to := byPorts(gone), byPorts(came)
	var now []ports.Ports
	for _, rs := range to {
		if p := rs[0].Ports; len(now) == 0 || now[len(now)-1] != p {
			now = append(now, p)
		}
	}
	var list []change
	for i, rs := range from {
		ch := change{Change: diff.Change{Kind: kind, Name: rs[0].ServiceName}, Place: Place{Ports: rs[0].Ports, Now: now}, Removed: values(rs)}
		for _, r := range rs {
			ch.Transports = ports.TransportSet(append(ch.Transports, r.Transport)...)
		}
		switch {
		case kind == diff.Moved && len(from) == len(to):
			ch.Added, ch.Now = values(to[i]), []ports.Ports{to[i][0].Ports}
		case i == 0:
			ch.Added = values(came)
		}
		ch.Fields = twinFields(ch.Removed, ch.Added)
		list = append(list, ch)
	}
	return list
}

// arrive returns the changes by which a name without a port got ports. The first removes
// all records that had none.
func arrive(gone, came []*ports.Record) (list []change) {
	for i, rs := range byPorts(came) {
		ch := change{Change: diff.Change{Kind: diff.Assigned, Name: rs[0].ServiceName}, Place: Place{Ports: rs[0].Ports}, Added: values(rs)}
		for _, r := range rs {
			ch.Transports = ports.TransportSet(append(ch.Transports, r.Transport)...)
		}
		if i == 0 {
			ch.Removed = values(gone)
		}
		ch.Fields = twinFields(ch.Removed, ch.Added)
		list = append(list, ch)
	}
	return list
}

// twinFields returns what differs between the first old record and the new one of its
// transport; nothing if a side is empty.
func twinFields(old, new []ports.Record) []diff.Field {
	if len(old) == 0 || len(new) == 0 {
		return nil
	}
	twin := max(0, slices.IndexFunc(new, func(r ports.Record) bool { return r.Transport == old[0].Transport }))
	return fields(&old[0], &new[twin])
}

func byName(rs []*ports.Record) map[string][]*ports.Record {
	m := make(map[string][]*ports.Record)
	for _, r := range rs {
		m[r.ServiceName] = append(m[r.ServiceName], r)
	}
	return m
}

// byPorts cuts the records of a service by their ports, and those without a transport from
// those with one, in canonical order.
func byPorts(rs []*ports.Record) (list [][]*ports.Record) {
	for i, r := range rs {
		if i == 0 || r.Ports != rs[i-1].Ports || (r.Transport == "") != (rs[i-1].Transport == "") {
			list = append(list, nil)
		}
		list[len(list)-1] = append(list[len(list)-1], r)
	}
	return list
}

func anyPort(rs []*ports.Record) bool {
	return slices.ContainsFunc(rs, func(r *ports.Record) bool { return r.Ports.String() != "" })
}

func values(rs []*ports.Record) []ports.Record {
	list := make([]ports.Record, len(rs))
	for i, r := range rs {
		list[i] = *r
	}
	return list
}

// renamed matches different names of one cell, first those of one service.
func (c *comparison) renamed() {
	cell := func(r *ports.Record) (key, bool) {
		return key{ports: r.Ports.String(), transport: r.Transport}, r.Ports.String() != ""
	}
	for _, p := range c.take(cell, func(p pair) bool { return akin(p.Old, p.New) }) {
		c.add(diff.Renamed, p).Was = p.Old.ServiceName
	}
	for _, p := range c.take(cell, nil) {
		c.add(diff.Reused, p).Was = p.Old.ServiceName
	}
	for _, p := range c.take(portless, nil) {
		c.add(diff.Renamed, p).Was = p.Old.ServiceName
	}
}

// rest makes changes of the records that are left on a side, by their status, and empties
// that side.
func (c *comparison) rest(side *[]*ports.Record, kinds map[ports.Status]diff.Kind) {
	removed := side == &c.gone
	for _, r := range *side {
		ch := change{
			Change: diff.Change{Kind: kinds[r.Status()], Name: r.ServiceName},
			Place:  Place{Ports: r.Ports, Transports: ports.TransportSet(r.Transport)},
		}
		if removed {
			ch.Removed = []ports.Record{*r}
		} else {
			ch.Added = []ports.Record{*r}
		}
		c.changes = append(c.changes, ch)
	}
	*side = nil
}

// unite makes one change of those of several transports that are one event. Records without a
// transport, which stand for every transport, stay apart.
func unite(changes []change) []change {
	type identity struct {
		kind               diff.Kind
		minor, noTransport bool
		service, was       string
		ports              ports.Ports
		nowhere            string // the description, if there is no port: one name may stand for two services
		event              string
	}
	slices.SortStableFunc(changes, func(a, b change) int { return slices.CompareFunc(a.Transports, b.Transports, ports.Transport.Compare) })
	return groupBy(changes, func(c *change) identity {
		id := identity{kind: c.Kind, minor: c.Minor, service: c.Name, was: c.Was, ports: c.Ports, noTransport: len(c.Transports) == 0, event: event(c)}
		if c.Ports.String() == "" && len(c.Fields) == 0 {
			id.nowhere = parties.Fold(slices.Concat(c.Removed, c.Added)[0].Description)
		}
		return id
	})
}
