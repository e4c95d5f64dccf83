package site

import (
	"strings"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/porthistory"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/internal/publish/reuse"
	"github.com/ianasync/ianasync/internal/publish/urls"
	"github.com/ianasync/ianasync/registry/ports"
)

// inputs has digests of what the files of ports, blocks, services, versions and years are made from: records and changes, each with
// whether the ports that it names have pages of their own, for links lead there. A subject of which they are the same as before has
// the same files, and its model need not be computed to find that out. TestInputs holds that.
type inputs struct {
	*site
	onPort    [1 << 16]string                    // of the records that hold a port with a page of its own
	inBlock   [1 << 16 / urls.BlockSize][]string // of the records that hold any port of a block
	ofService map[string]string                  // of the records of a service, by its name in lower case
	steps     []string                           // of what led to each version, but for the changes
	unaltered string                             // of what events are made from where there are none
	returns   string                             // of all returns to older versions
	versions  []string                           // of all that is said of each version, by step
	changes   map[porthistory.Position]string
}

func newInputs(s *site) *inputs {
	in := &inputs{
		site: s, ofService: make(map[string]string), changes: make(map[porthistory.Position]string),
	}
	for i := range s.Table.Records {
		in.addRecord(&s.Table.Records[i], s.Table.Extra(i))
	}
	var returns []any
	for i := range s.events {
		e := s.events[i]
		e.Changes = nil
		in.steps = append(in.steps, reuse.Digest(e))
		if e.Returned != history.Not {
			returns = append(returns, i, in.steps[i])
		}
	}
	in.unaltered, in.returns = reuse.Digest(in.steps[0], len(in.steps) == 1), reuse.Digest(returns...)
	for i := range s.events {
		of := []any{in.steps[i], s.when(s.events[i].Version)}
		for j := range s.events[i].Changes {
			of = append(of, in.change(porthistory.Position{Step: i, Change: j}))
		}
		in.versions = append(in.versions, reuse.Digest(of...))
	}
	return in
}

func (in *inputs) addRecord(r *ports.Record, extra []string) {
	values := r.Values()
	of := reuse.Digest(values[:], extra, in.hasPage(r.Ports))
	if r.ServiceName != "" {
		in.ofService[strings.ToLower(r.ServiceName)] += of
	}
	first, last, ok := r.Ports.Bounds()
	if !ok {
		return
	}
	for port := int(first); port <= int(last); port++ {
		if in.ports[port].page {
			in.onPort[port] += of
		}
		if port == int(first) || port%urls.BlockSize == 0 {
			in.inBlock[port/urls.BlockSize] = append(in.inBlock[port/urls.BlockSize], of)
		}
	}
}

// hasPage reports whether the first of some ports has a page of its own, which a link to them leads to.
func (in *inputs) hasPage(p ports.Ports) bool {
	first, _, ok := p.Bounds()
	return ok && in.ports[first].page
}

// past returns a digest of the changes at some positions, and of all else that events of these are made from.
func (in *inputs) past(positions []porthistory.Position) string {
	if len(positions) == 0 { // as for most
		return in.unaltered
	}
	of := []any{in.unaltered, in.returns}
	for _, at := range positions {
		of = append(of, in.steps[at.Step], in.change(at))
	}
	return reuse.Digest(of...)
}

// change returns a digest of a change.
func (in *inputs) change(at porthistory.Position) string {
	if of := in.changes[at]; of != "" {
		return of
	}
	c := portrules.View(&in.events[at.Step].Changes[at.Change])
	of := []any{c.Change, in.hasPage(c.Ports)}
	for _, p := range c.Now {
		of = append(of, in.hasPage(p))
	}
	for _, records := range [][]ports.Record{ports.Views(c.Removed), ports.Views(c.Added)} {
		for i := range records {
			of = append(of, in.hasPage(records[i].Ports))
		}
	}
	in.changes[at] = reuse.Digest(of...)
	return in.changes[at]
}

// port returns a digest of what the page and the data of a port are made from.
func (in *inputs) port(port uint16) string {
	beside := in.surveyed.Beside(port)
	since := in.changed.answer(beside)
	of := []any{"port", beside, since, in.steps[since], in.onPort[port], in.past(in.Index.OfPort(port))}
	for _, free := range []*uint16{beside.FreeBelow, beside.FreeAbove} {
		of = append(of, free != nil && in.ports[*free].page)
	}
	return reuse.Digest(of...)
}

// block returns a digest of what the page of a block is made from, given its first port.
func (in *inputs) block(first int) string {
	var pages [urls.BlockSize]bool
	for i := range pages {
		pages[i] = in.ports[first+i].page
	}
	since := in.changed.block(first, first+urls.BlockSize-1)
	return reuse.Digest("block", first, in.steps[since], in.inBlock[first/urls.BlockSize], pages)
}

// service returns a digest of what the page of a service is made from.
func (in *inputs) service(i int) string {
	name := in.names[i]
	return reuse.Digest("service", in.names[max(0, i-1):min(i+2, len(in.names))], name, in.ofService[strings.ToLower(name)], in.past(in.Index.OfService(name)))
}

// letter returns a digest of what a list of services is made from, and of which lists there are.
func (in *inputs) letter(l *letter, all letterList) string {
	of := []any{"letter", l.Name, in.steps[l.last]}
	for _, other := range all {
		of = append(of, other.Name)
	}
	for _, name := range l.names {
		of = append(of, name, in.ofService[strings.ToLower(name)])
	}
	return reuse.Digest(of...)
}

// version returns a digest of what the page of a version is made from: what is said of it, and of those that it links to.
func (in *inputs) version(step int) string {
	of := []any{"version", in.steps[step], in.versions[max(0, step-1):min(step+2, len(in.versions))]}
	if previous := in.events[step].Previous; previous != "" {
		of = append(of, in.versions[in.step(previous)])
	}
	return reuse.Digest(of...)
}

// feed returns a digest of what the feed of a port or a service is made from.
func (in *inputs) feed(page string, positions []porthistory.Position) string {
	return reuse.Digest("feed", page, in.past(positions))
}
