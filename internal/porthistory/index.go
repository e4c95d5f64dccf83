package porthistory

import (
	"maps"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/registry/ports"
)

// Index is a past of which every port and every service can be asked in no time: for thousands
// of questions. It answers as [Past.Ask] does.
type Index struct {
	past     *history.Past
	events   []history.Event // by step, with all changes
	ports    map[uint16][]Position
	services map[string]*named // by folded name
	renames  []rename
	returns  []returnStep
	redrawn  map[Position]diff.Change // what each change redraws around its own ports
}

// Position is where a change is: a step, and which of its changes.
type Position struct{ Step, Change int }

// named is what stands under a name.
type named struct {
	name      string // as it was last written
	positions []Position
}

// returnStep is a step that returns to an older version, and the steps whose changes it undid or did again.
type returnStep struct {
	step    int
	between []int
}

// Index reads all changes once.
func (p *Past) Index() (*Index, error) {
	x := &Index{past: p.Past, ports: make(map[uint16][]Position), services: make(map[string]*named), redrawn: make(map[Position]diff.Change)}
	var err error
	if x.events, err = p.All(); err != nil {
		return nil, err
	}
	for i := range x.events {
		x.renames = append(x.renames, renamesIn(i, x.events[i].Changes)...)
		for j := range x.events[i].Changes {
			x.add(Position{i, j}, &x.events[i].Changes[j])
		}
		if x.events[i].Returned != history.Not {
			x.returns = append(x.returns, returnStep{i, p.Between(i-1, i)})
		}
	}
	return x, nil
}

// add indexes a change by the ports and the names of its records.
func (x *Index) add(at Position, c *diff.Change) {
	about := portrules.View(c)
	if redrawn, any := about.Redrawn(); any && c.Kind != diff.Recut {
		x.redrawn[at] = redrawn
	}
	for port := range about.Ports.All() {
		x.ports[port] = appendOnce(x.ports[port], at)
	}
	for _, records := range [][]ports.Record{ports.Views(c.Removed), ports.Views(c.Added)} {
		for i := range records {
			r := &records[i]
			for port := range r.Ports.All() {
				x.ports[port] = appendOnce(x.ports[port], at)
			}
			if r.ServiceName != "" {
				x.service(r.ServiceName, at)
			}
		}
	}
}

func (x *Index) service(name string, at Position) {
	key := strings.ToLower(name)
	if x.services[key] == nil {
		x.services[key] = &named{}
	}
	s := x.services[key]
	s.name, s.positions = name, appendOnce(s.positions, at)
}

// appendOnce adds a position to positions in order, unless it is the last of them.
func appendOnce(positions []Position, at Position) []Position {
	if n := len(positions); n > 0 && positions[n-1] == at {
		return positions
	}
	return append(positions, at)
}

// Ports returns the ports that anything happened to, other than that ranges were redrawn, in order.
func (x *Index) Ports() []uint16 {
	var list []uint16
	for _, port := range slices.Sorted(maps.Keys(x.ports)) {
		if slices.ContainsFunc(x.ports[port], func(at Position) bool { return portrules.View(x.change(at)).Alters(port) }) {
			list = append(list, port)
		}
	}
	return list
}

// Services returns the names that anything happened to, under any of which a service stood or stands,
// as last written, in order.
func (x *Index) Services() []string {
	list := make([]string, 0, len(x.services))
	for _, s := range x.services {
		list = append(list, s.name)
	}
	slices.Sort(list)
	return list
}

func (x *Index) change(at Position) *diff.Change { return &x.events[at.Step].Changes[at.Change] }

// Port returns what happened to a port through all its holders, oldest first.
func (x *Index) Port(port uint16) []history.Event {
	return x.eventsOf(x.ports[port], func(at Position) diff.Change {
		c := x.change(at)
		if redrawn, any := x.redrawn[at]; any && !portrules.View(c).Alters(port) {
			return redrawn
		}
		return *c
	})
}

// Undone returns a return with the changes that it undid, the last first. They are of other versions: what one of these
// added is gone since. Its Previous is then the version seen before it, in which they still held.
func (x *Index) Undone(e history.Event) history.Event {
	i := slices.IndexFunc(x.events, func(o history.Event) bool { return o.Version.ID == e.Version.ID })
	e.Previous, e.Changes = x.events[i-1].Version.ID, nil
	for step, sign := range x.past.Walk(i-1, i) {
		if sign < 0 {
			e.Changes = append(e.Changes, x.events[step].Changes...)
		}
	}
	return e
}

// Service returns what happened to a service through all its names, on all its ports, oldest first.
func (x *Index) Service(name string) []history.Event {
	return x.eventsOf(x.OfService(name), func(at Position) diff.Change { return *x.change(at) })
}

// OfPort returns where the changes are that [Index.Port] is made from, oldest first.
func (x *Index) OfPort(port uint16) []Position { return x.ports[port] }

// OfService returns where the changes are that [Index.Service] is made from, oldest first.
func (x *Index) OfService(name string) []Position {
	var positions []Position
	for _, n := range namesOf(name, x.renames) {
		s := x.services[n.name]
		if s == nil {
			continue
		}
		for _, at := range s.positions {
			if n.within(at.Step) {
				positions = append(positions, at)
			}
		}
	}
	slices.SortFunc(positions, func(a, b Position) int {
		if a.Step != b.Step {
			return a.Step - b.Step
		}
		return a.Change - b.Change
	})
	return slices.Compact(positions)
}

// eventsOf returns the events that changes belong to, with what part returns of these alone, and the returns that undid
// any of them or did it again.
func (x *Index) eventsOf(positions []Position, part func(Position) diff.Change) []history.Event {
	var events []history.Event
	about := func(step int) {
		e := x.events[step]
		e.Changes = []diff.Change{}
		events = append(events, e)
	}
	altered := make(map[int]bool) // by step
	for _, at := range positions {
		if c := part(at); c.Kind != diff.Recut {
			altered[at.Step] = true
		}
	}
	returns := x.returns
	passed := func(step int) { // reports the returns before a step
		for ; len(returns) > 0 && returns[0].step < step; returns = returns[1:] {
			if slices.ContainsFunc(returns[0].between, func(step int) bool { return altered[step] }) {
				about(returns[0].step)
			}
		}
	}
	for i, at := range positions {
		passed(at.Step)
		if i == 0 || positions[i-1].Step != at.Step {
			about(at.Step)
		}
		last := &events[len(events)-1]
		last.Changes = append(last.Changes, part(at))
	}
	passed(len(x.events))
	return events
}
