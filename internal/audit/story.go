package audit

import (
	"slices"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/registry/ports"
)

// place is where a service is.
type place struct {
	port      uint16
	transport ports.Transport
	nowhere   bool // it has no port, on any transport
	anywhere  bool // it has any port or none, on the transport
}

// has reports whether a record is there.
func (p place) has(r *ports.Record) bool {
	if p.nowhere {
		return r.Ports.String() == ""
	}
	return (p.anywhere || r.Ports.Contains(p.port)) && (r.Transport == p.transport || r.Transport == "")
}

// holds reports whether any of records has a name there.
func (p place) holds(records []ports.Record, name string) bool {
	return slices.ContainsFunc(records, func(r ports.Record) bool { return p.has(&r) && same(r.ServiceName, name) })
}

// story returns the changes by which a name left a place and those of its service after that, until the service is where
// the newest table has it, or gone. It is empty if the name never left.
func (a *auditor) story(at place, name string) (events []history.Event) {
	after := ""
	for {
		event := a.taken(at, name, after)
		if event == nil {
			return events
		}
		events, after = append(events, *event), event.Version.ID
		name, at = successor(event, at)
		if name == "" || at.holds(a.table.Service(name), name) {
			return events
		}
	}
}

// came returns the change after a story that gave the place the name that it has now, unless the last change of the story
// did.
func (a *auditor) came(at place, story []history.Event, now []string) []history.Event {
	end := &story[len(story)-1]
	if len(now) == 0 || slices.Contains(now, end.Changes[0].Name) {
		return nil
	}
	event := a.given(at, now[0])
	if event == nil || event.Version.ID <= end.Version.ID {
		return nil
	}
	return []history.Event{*event}
}

// taken returns the last change after a version that removed a name from a place, or nil.
func (a *auditor) taken(from place, name, after string) *history.Event {
	events := a.index.Port(from.port)
	if from.nowhere || from.anywhere {
		events = a.index.Service(name)
	}
	return a.last(events, after, func(c *diff.Change, undone bool) (is, isContrary bool) {
		had, has := from.holds(ports.Views(c.Removed), name), from.holds(ports.Views(c.Added), name)
		if undone {
			had, has = has, had
		}
		return had && !has, has && !had
	})
}

// given returns the last change that gave a place a name, or nil.
func (a *auditor) given(to place, name string) *history.Event {
	return a.last(a.index.Port(to.port), "", func(c *diff.Change, undone bool) (is, isContrary bool) {
		had, has := to.holds(ports.Views(c.Removed), name), to.holds(ports.Views(c.Added), name)
		return has && !had && !undone, false
	})
}

// last returns the last wanted change of events after a version, as an event of that change alone. For a return to an older
// edition it asks about the changes that were undone, newest first, and stops at one that is contrary: what came and went
// within the undone changes was not removed by the return.
func (a *auditor) last(events []history.Event, after string, wanted func(c *diff.Change, undone bool) (is, isContrary bool)) *history.Event {
	for _, event := range slices.Backward(events) {
		if event.Version.ID <= after {
			return nil
		}
		undone := event.Returned != history.Not
		if undone {
			event = a.index.Undone(event)
		}
		for i := range event.Changes {
			is, isContrary := wanted(&event.Changes[i], undone)
			if is {
				event.Changes = event.Changes[i : i+1]
				return &event
			}
			if isContrary {
				break
			}
		}
	}
	return nil
}

// successor returns the name of a service and its place after a change that removed it from another place. The name is
// empty if the service is gone.
func successor(e *history.Event, at place) (string, place) {
	c := portrules.View(&e.Changes[0])
	undone := e.Returned != history.Not
	switch {
	case c.Kind == diff.Moved && undone:
		return c.Name, at.moved(c.Ports)
	case c.Kind == diff.Moved, c.GivenBack() && !undone:
		return c.Name, at.moved(c.Now...)
	case c.Kind == diff.Assigned && !undone && len(c.Own(c.Removed)) > 0: // it had no port
		return c.Name, at.moved(c.Ports)
	case undone:
		return c.Was, at
	case c.Was != "":
		return c.Name, at
	}
	return "", at
}

// moved returns the place on the first of ports, or on none if there is none.
func (p place) moved(to ...ports.Ports) place {
	for _, numbers := range to {
		if first, _, ok := numbers.Bounds(); ok {
			return place{port: first, transport: p.transport}
		}
	}
	return place{transport: p.transport, nowhere: true}
}

// kindOf returns the kind of a finding with a story, given the names that the place of the entry has now.
func kindOf(events []history.Event, now []string) Kind {
	kind := Renamed
	for i := range events {
		switch c := portrules.View(&events[i].Changes[0]); {
		case c.Kind == diff.Moved, c.Kind == diff.Assigned && len(c.Own(c.Removed)) > 0:
			kind = Moved
		case c.Kind == diff.Renamed:
		case c.GivenBack() && i < len(events)-1: // the story goes on without a port
		default: // the service is gone, or what gave it the port is undone
			if len(now) > 0 {
				return Reused
			}
			return Deassigned
		}
	}
	return kind
}

// status returns the status of a change's port in the newest table, or "" if it has no port.
func (a *auditor) status(c *diff.Change, t ports.Transport) ports.Status {
	first, _, ok := portrules.View(c).Ports.Bounds()
	if records := a.table.Port(first, t); ok && len(records) > 0 {
		return records[0].Status()
	}
	return ""
}
