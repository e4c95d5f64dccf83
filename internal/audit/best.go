package audit

import (
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/downstream"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/registry"
)

// places are a file's entries by where they are.
type places struct {
	has   map[registry.Transport]bool
	ports map[registry.Transport][]uint16 // all first ports, in order
	named map[named][]uint16              // those of a name, in order
}

type named struct {
	name      string // folded
	transport registry.Transport
}

func placesOf(f *downstream.File) places {
	p := places{make(map[registry.Transport]bool), make(map[registry.Transport][]uint16), make(map[named][]uint16)}
	for i := range f.Entries {
		e := &f.Entries[i]
		first, _, _ := e.Ports.Bounds()
		k := named{strings.ToLower(e.Name), e.Transport}
		p.has[e.Transport] = true
		p.ports[e.Transport] = append(p.ports[e.Transport], first)
		p.named[k] = append(p.named[k], first)
	}
	for _, list := range p.ports {
		slices.Sort(list)
	}
	for _, list := range p.named {
		slices.Sort(list)
	}
	return p
}

// any tells whether the file has an entry on the ports of a record.
func (p places) any(r *registry.Record) bool { return within(p.ports[r.Transport], r.Ports) > 0 }

// agreeing is how many entries a record agrees with.
func (p places) agreeing(r *registry.Record) int {
	if r.ServiceName == "" {
		return 0
	}
	n := 0
	for _, name := range written(r.ServiceName) {
		n += within(p.named[named{name, r.Transport}], r.Ports)
	}
	return n
}

// within is how many of ports in order are among others.
func within(ports []uint16, of registry.Ports) int {
	first, last, ok := of.Bounds()
	if !ok {
		return 0
	}
	from, _ := slices.BinarySearch(ports, first)
	n := 0
	for _, p := range ports[from:] {
		if p > last {
			break
		}
		n++
	}
	return n
}

// score is how well a table corresponds to a file. Entries that agree count for it. For a file that has most
// of the registry, named records of which it has nothing count against it: it would have them, had they
// been there. A file of a few chosen services says nothing by what it lacks.
type score struct {
	agree   int
	lacking int
}

func (s score) value(whole bool) int {
	if whole {
		return s.agree - s.lacking
	}
	return s.agree
}

// add counts a record in, or, with -1, out.
func (s *score) add(p places, r *registry.Record, sign int) {
	if r.ServiceName == "" || !p.has[r.Transport] {
		return
	}
	n := p.agreeing(r)
	s.agree += sign * n
	if _, _, ok := r.Ports.Bounds(); ok && n == 0 && !p.any(r) {
		s.lacking += sign
	}
}

// best returns the versions to which the file corresponds best; of several runs of such versions, the newest. The
// score of each follows from that of the one it follows and from the changes between the two, so the whole
// costs as much as there are changes.
func (a *auditor) best(past *history.Past) (Match, error) {
	events, err := past.All()
	if err != nil || len(events) == 0 {
		return Match{}, err
	}
	scores := make([]score, len(events)) // less that of the first
	at := make(map[string]int, len(events))
	for i := range events {
		e := &events[i]
		at[e.Version.ID] = i
		if parent, found := at[e.Previous]; found {
			scores[i] = scores[parent]
		}
		for j := range e.Changes {
			for k := range e.Changes[j].Removed {
				scores[i].add(a.places, &e.Changes[j].Removed[k], -1)
			}
			for k := range e.Changes[j].Added {
				scores[i].add(a.places, &e.Changes[j].Added[k], 1)
			}
		}
	}
	var newest score
	for i := range a.table.Records {
		newest.add(a.places, &a.table.Records[i], 1)
	}
	return match(events, scores, newest), nil
}

// match picks the best of scores, which are known but for what they begin with: the last one is newest.
func match(events []history.Event, scores []score, newest score) Match {
	last := len(scores) - 1
	whole := newest.agree > newest.lacking
	to := last
	for i := last; i >= 0; i-- {
		if scores[i].value(whole) > scores[to].value(whole) {
			to = i
		}
	}
	from := to
	for from > 0 && scores[from-1].value(whole) == scores[to].value(whole) {
		from--
	}
	return Match{From: events[from].Version.ID, To: events[to].Version.ID, Agree: newest.agree - scores[last].agree + scores[to].agree}
}
