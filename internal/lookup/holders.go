package lookup

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/registry/ports"
)

// Holder is a service that holds a port on some transports.
type Holder struct {
	Service    string
	Transports []ports.Transport // none where its record has none
	Registered ports.Date        // as its records have it
	Since      string            // id of the version that brought it; empty where our history begins with it
	Called     []Former          // the names that it had here before, the last of them first, without transports
}

// Former is a name that stood on a port on some transports, and does no more.
type Former struct {
	Service    string
	Transports []ports.Transport
	Until      string // id of the version that took it away
}

// sameName reports whether two are the same except for their transports.
func sameName(a, b Former) bool { return a.Service == b.Service && a.Until == b.Until }

// Holders returns the services that hold the port, record by record, twins as one. Each is followed back through
// its names to the version since which it has stood here without a break, of which one that a rollback made is none.
func (p *Port) Holders() (list []Holder) {
	for i := range p.Records {
		r := &p.Records[i].Record
		if r.ServiceName == "" {
			continue
		}
		h := Holder{Service: r.ServiceName, Registered: r.RegistrationDate}
		h.Since, h.Called = p.trace(r.ServiceName, r.Transport)
		at := slices.IndexFunc(list, func(o Holder) bool {
			return o.Service == h.Service && o.Registered == h.Registered && o.Since == h.Since && slices.EqualFunc(o.Called, h.Called, sameName)
		})
		if at < 0 {
			at, list = len(list), append(list, h)
		}
		if r.Transport != "" {
			list[at].Transports = append(list[at].Transports, r.Transport)
		}
	}
	rank := func(t ports.Transport) int { return t.Index() }
	for i := range list {
		slices.SortFunc(list[i].Transports, func(a, b ports.Transport) int { return cmp.Or(rank(a)-rank(b), cmp.Compare(a, b)) })
	}
	return list
}

// trace follows a service back through its names. What a rollback undid for good is no part of its history.
func (p *Port) trace(name string, tr ports.Transport) (since string, called []Former) {
	for _, e := range p.events() { // newest first
		left, arrived := p.passage(&e, tr)
		c := arrived[name]
		switch {
		case c == nil || e.Undone != "":
		case c.Kind == diff.Renamed && slices.Contains(left, c.Was):
			called = append(called, Former{Service: c.Was, Until: e.Version.ID})
			name = c.Was
		default:
			return e.Version.ID, called
		}
	}
	return "", called
}

// passage returns the names that left the port on a transport in an event, in order of its changes, and those that came to
// it, each with the change that brought it.
func (p *Port) passage(e *history.Event, tr ports.Transport) (left []string, arrived map[string]*diff.Change) {
	gone, came := make(map[string]bool), make(map[string]*diff.Change)
	for i := range e.Changes {
		c := &e.Changes[i]
		for _, name := range p.names(ports.Views(c.Removed), tr) {
			if !gone[name] {
				left = append(left, name)
			}
			gone[name] = true
		}
		for _, name := range p.names(ports.Views(c.Added), tr) {
			came[name] = c
		}
	}
	left = slices.DeleteFunc(left, func(name string) bool { return came[name] != nil })
	maps.DeleteFunc(came, func(name string, _ *diff.Change) bool { return gone[name] })
	return left, came
}

// names are the service names that records give the port on a transport; on any, where that is empty.
func (p *Port) names(records []ports.Record, tr ports.Transport) (list []string) {
	for i := range records {
		r := &records[i]
		if r.ServiceName != "" && r.Ports.Contains(p.Port) && (r.Transport == tr || r.Transport == "" || tr == "") {
			list = append(list, r.ServiceName)
		}
	}
	return list
}

// events returns the events of the past, newest first.
func (p *Port) events() []history.Event {
	if p.Past == nil {
		return nil
	}
	return p.Past.Events
}

// Former returns the services that held the port in the versions that there are and stopped doing so, on any of the
// transports, those that left last first. One that came back later is among them with the time when it left. The
// earlier names of a service that holds the port are not: see [Holder].
func (p *Port) Former() (list []Former) {
	holders := p.Holders()
	for _, t := range p.Transports {
		for _, f := range p.left(t.Transport, holders) {
			at := slices.IndexFunc(list, func(o Former) bool { return sameName(o, f) })
			if at < 0 {
				at, list = len(list), append(list, f)
			}
			if !slices.Contains(list[at].Transports, t.Transport) {
				list[at].Transports = append(list[at].Transports, t.Transport)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b Former) int { return strings.Compare(b.Until, a.Until) })
	return list
}

// left returns the names that left the port on a transport, newest first. One that came with a version which was undone
// left with the version that undid it, unless it left before.
func (p *Port) left(tr ports.Transport, holders []Holder) (list []Former) {
	holds := func(name string, e *history.Event) bool { // a service that has held the port since before an event
		return slices.ContainsFunc(holders, func(h Holder) bool {
			return h.on(tr) && h.Service == name && h.Since < e.Version.ID
		})
	}
	called := func(f Former) bool {
		return slices.ContainsFunc(holders, func(h Holder) bool {
			return h.on(tr) && slices.ContainsFunc(h.Called, func(c Former) bool { return sameName(c, f) })
		})
	}
	leftBranch := make(map[string]string) // by name, the version that took it away on a branch that was undone
	for _, e := range p.events() {        // newest first
		left, arrived := p.passage(&e, tr)
		if e.Undone == "" {
			for _, name := range left {
				if f := (Former{Service: name, Until: e.Version.ID}); !called(f) {
					list = append(list, f)
				}
			}
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(arrived)) {
			if !holds(name, &e) {
				list = append(list, Former{Service: name, Until: cmp.Or(leftBranch[name], e.Undone)})
			}
		}
		for _, name := range left {
			leftBranch[name] = e.Version.ID
		}
	}
	return list
}

// on reports whether the holder holds the port on a transport.
func (h *Holder) on(tr ports.Transport) bool {
	return len(h.Transports) == 0 || slices.Contains(h.Transports, tr)
}
