package site

import (
	"slices"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/lookup"
	"github.com/ianasync/ianasync/internal/porthistory"
	"github.com/ianasync/ianasync/registry/ports"
)

// lastChanged holds for each port the step at which it last changed: its records, redrawn ranges and contacts included;
// its service names; and whether it is free. The pages of neighbouring ports show the latter two only, so that a
// redrawn range or a changed contact does not alter them.
type lastChanged struct{ records, names, free [1 << 16]int }

// newLastChanged computes it from all events, oldest first, and the newest table. It undoes changes back to the first
// version, and then visits each version in order of time, along the edges of the tree of versions.
func newLastChanged(t *ports.Table, past *porthistory.Past, events []history.Event) *lastChanged {
	r := &replay{past: past, events: events}
	for i := range t.Records {
		r.count(&t.Records[i], 1)
	}
	r.walk(len(events)-1, 0)
	r.lastChanged = lastChanged{}
	for r.step = 1; r.step < len(events); r.step++ {
		r.touched = r.touched[:0]
		r.walk(r.step-1, r.step)
		for _, port := range r.touched {
			if r.isFree(port) != r.wasFree[port] {
				r.free[port] = r.step
			}
		}
	}
	return &r.lastChanged
}

// replay is a store's past run through once more.
type replay struct {
	lastChanged
	past               *porthistory.Past
	events             []history.Event
	unassigned, others [1 << 16]int  // how many records there are of a port
	step               int           // under way
	touched            []uint16      // the ports that it touched
	wasFree            [1 << 16]bool // of these
}

// walk goes from what one version was to what another was.
func (r *replay) walk(from, to int) {
	for step, sign := range r.past.Walk(from, to) {
		r.pass(step, sign)
	}
}

// pass does the changes of a step, or undoes them.
func (r *replay) pass(step, sign int) {
	for i := range r.events[step].Changes {
		c := &r.events[step].Changes[i]
		for _, record := range c.Removed {
			r.alter(c.Kind, new(ports.View(record)), -sign)
		}
		for _, record := range c.Added {
			r.alter(c.Kind, new(ports.View(record)), sign)
		}
	}
}

// alter takes a record away, or adds it, for a change of a kind.
func (r *replay) alter(kind diff.Kind, record *ports.Record, sign int) {
	for port := range record.Ports.All() {
		if r.records[port] != r.step {
			r.wasFree[port] = r.isFree(port)
			r.touched = append(r.touched, port)
		}
		r.records[port] = r.step
		if record.ServiceName != "" && kind != diff.Updated && kind != diff.Transferred && kind != diff.Published {
			r.names[port] = r.step
		}
	}
	r.count(record, sign)
}

func (r *replay) count(record *ports.Record, n int) {
	of := &r.others
	if record.Status() == ports.Unassigned && len(record.Remarks()) == 0 {
		of = &r.unassigned
	}
	for port := range record.Ports.All() {
		of[port] += n
	}
}

func (r *replay) isFree(port uint16) bool { return r.unassigned[port] > 0 && r.others[port] == 0 }

// block returns the step since which all records on some ports have been as they are.
func (s *lastChanged) block(first, last int) int { return slices.Max(s.records[first : last+1]) }

// answer returns the step since which all that is said of a port has been so: its records, the services
// beside it, and the free ports nearest to it.
func (s *lastChanged) answer(p *lookup.Port) int {
	first, last := 0, len(s.names)-1
	if p.Below != nil {
		first = int(p.Below.Port)
	}
	if p.Above != nil {
		last = int(p.Above.Port)
	}
	lowest, highest := ports.RangeOf(p.Port).Bounds()
	if p.FreeBelow != nil {
		lowest = *p.FreeBelow
	}
	if p.FreeAbove != nil {
		highest = *p.FreeAbove
	}
	return max(s.records[p.Port], slices.Max(s.names[first:last+1]), slices.Max(s.free[lowest:int(highest)+1]))
}
