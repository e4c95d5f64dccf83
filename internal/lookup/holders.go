package lookup

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/registry"
)

// Holder is a service that holds a port on some transports.
type Holder struct {
	Service    string
	Transports []registry.Transport // none where its record has none
	Registered registry.Date        // as its records have it
	Since      string               // id of the version that brought it; empty where the record begins with it
	Called     []Former             // the names that it had here before, the last of them first, without transports
}

// Former is a name that stood on a port on some transports, and does no more.
type Former struct {
	Service    string
	Transports []registry.Transport
	Until      string // id of the version that took it away: the first that did, where a rollback brought it back for a time
}

// sameName tells whether two are the same but for their transports.
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
	rank := func(t registry.Transport) int { return t.Index() }
	for i := range list {
		slices.SortFunc(list[i].Transports, func(a, b registry.Transport) int { return cmp.Or(rank(a)-rank(b), cmp.Compare(a, b)) })
	}
	return list
}

// trace follows a service back through its names.
func (p *Port) trace(name string, tr registry.Transport) (since string, called []Former) {
	for _, e := range p.events() { // newest first
		c := p.bringing(&e, name, tr)
		switch {
		case c == nil:
		case c.Kind == diff.Renamed:
			called = append(called, Former{Service: c.Was, Until: e.Version.ID})
			name = c.Was
		default:
			return e.Version.ID, called
		}
	}
	return "", called
}

// bringing returns the change by which a name came to the port where it was not; nil if it did not.
func (p *Port) bringing(e *history.Event, name string, tr registry.Transport) (by *diff.Change) {
	for i := range e.Changes {
		c := &e.Changes[i]
		if slices.Contains(p.names(c.Removed, tr), name) {
			return nil
		}
		if slices.Contains(p.names(c.Added, tr), name) {
			by = c
		}
	}
	return by
}

// names are the service names that records give the port on a transport; on any, where that is empty.
func (p *Port) names(records []registry.Record, tr registry.Transport) (list []string) {
	for i := range records {
		r := &records[i]
		if r.ServiceName != "" && r.Ports.Contains(p.Port) && (r.Transport == tr || r.Transport == "" || tr == "") {
			list = append(list, r.ServiceName)
		}
	}
	return list
}

// events are those that there are to tell of, newest first.
func (p *Port) events() []history.Event {
	if p.Past == nil {
		return nil
	}
	return p.Past.Events
}

// Former returns the services that held the port in the versions that there are and do no more, on any of the
// transports, those that left last first. A service that has another name now is none of them.
func (p *Port) Former() (list []Former) {
	holders := p.Holders()
	for _, t := range p.Transports {
		now := slices.Clone(t.Services)
		for i := range holders {
			if h := &holders[i]; len(h.Transports) == 0 || slices.Contains(h.Transports, t.Transport) {
				for _, c := range h.Called {
					now = append(now, c.Service)
				}
			}
		}
		for _, f := range p.left(t.Transport, now) {
			at := slices.IndexFunc(list, func(o Former) bool { return sameName(o, f) })
			if at < 0 {
				at, list = len(list), append(list, f)
			}
			list[at].Transports = append(list[at].Transports, t.Transport)
		}
	}
	slices.SortStableFunc(list, func(a, b Former) int { return strings.Compare(b.Until, a.Until) })
	return list
}

// left are the names, other than the known ones, that stood on the port on a transport. One that no change took away
// was there until a version returned to an older one.
func (p *Port) left(tr registry.Transport, known []string) (list []Former) {
	returned := ""
	for _, e := range p.events() { // newest first
		if e.Returned != history.Not {
			returned = e.Version.ID
		}
		var gone, came []string
		for i := range e.Changes {
			gone, came = append(gone, p.names(e.Changes[i].Removed, tr)...), append(came, p.names(e.Changes[i].Added, tr)...)
		}
		for _, name := range slices.Concat(came, gone) {
			if slices.Contains(known, name) {
				continue
			}
			f := Former{Service: name, Until: e.Version.ID}
			if slices.Contains(came, name) {
				f.Until = returned
			}
			known, list = append(known, name), append(list, f)
		}
	}
	return list
}
