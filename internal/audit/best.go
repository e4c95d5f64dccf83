package audit

import (
	"slices"
	"sort"
	"strings"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/porthistory"
	"github.com/ianasync/ianasync/registry/ports"
)

// places are the entries of a file that have ports, by port and by name.
type places struct {
	ports map[ports.Transport][]span // all ports, in order, without overlaps
	named map[named][]uint16         // the first ports of the entries of a name, in order
}

type span struct{ first, last uint16 }

type named struct {
	name      string // folded
	transport ports.Transport
}

// placesOf returns where the entries of a file are that have ports. Where the file states no transport, an entry covers
// its ports on tcp and on udp, and its name counts once: on udp if a table has it there alone, else on tcp.
func placesOf(f *List, table *ports.Table) places {
	p := places{make(map[ports.Transport][]span), make(map[named][]uint16)}
	for i := range f.Entries {
		e := &f.Entries[i]
		first, last, ok := e.Ports.Bounds()
		if !ok {
			continue
		}
		k := named{strings.ToLower(e.Name), e.Transport}
		at := placesIn(e)
		for _, here := range at {
			p.ports[here.transport] = append(p.ports[here.transport], span{first, last})
		}
		if e.Transport == "" {
			k.transport = at[0].transport
			if records := table.Port(first); !at[0].holds(records, e.Name) && at[1].holds(records, e.Name) {
				k.transport = at[1].transport
			}
		}
		p.named[k] = append(p.named[k], first)
	}
	for t, list := range p.ports {
		p.ports[t] = joined(list)
	}
	for _, list := range p.named {
		slices.Sort(list)
	}
	return p
}

// joined sorts spans and joins those that overlap.
func joined(list []span) (out []span) {
	slices.SortFunc(list, func(a, b span) int { return int(a.first) - int(b.first) })
	for _, s := range list {
		if n := len(out); n > 0 && s.first <= out[n-1].last {
			out[n-1].last = max(out[n-1].last, s.last)
		} else {
			out = append(out, s)
		}
	}
	return out
}

// has reports whether the file has an entry on a transport.
func (p places) has(t ports.Transport) bool { return len(p.ports[t]) > 0 }

// any reports whether the file has an entry on any of ports.
func (p places) any(numbers ports.Ports, t ports.Transport) bool {
	first, last, ok := numbers.Bounds()
	list := p.ports[t]
	i := sort.Search(len(list), func(i int) bool { return list[i].last >= first })
	return ok && i < len(list) && list[i].first <= last
}

// agreeing returns the number of entries on a transport that agree with a record.
func (p places) agreeing(r *ports.Record, t ports.Transport) int {
	n := 0
	for _, name := range written(r.ServiceName) {
		n += within(p.named[named{name, t}], r.Ports)
	}
	return n
}

// within returns how many of ports, which are in order, are in a range.
func within(numbers []uint16, of ports.Ports) int {
	first, last, _ := of.Bounds()
	from, _ := slices.BinarySearch(numbers, first)
	n := 0
	for _, p := range numbers[from:] {
		if p > last {
			break
		}
		n++
	}
	return n
}

// score is how well a table corresponds to a file. Entries that agree count for it. For a file that has most of the
// registry, named records that it lacks count against it: a copy of that table would have them. For a file of a few chosen
// services they do not.
type score struct {
	agree   int
	lacking int
}

// value returns the score as a number. Whole is set for a file that has most of the registry.
func (s score) value(whole bool) int {
	if whole {
		return s.agree - s.lacking
	}
	return s.agree
}

// add adds a record to the score, or removes it where sign is -1.
func (s *score) add(p places, r *ports.Record, sign int) {
	if _, _, ok := r.Ports.Bounds(); !ok || r.ServiceName == "" {
		return
	}
	for _, t := range Transports(r) {
		n := p.agreeing(r, t)
		s.agree += sign * n
		if n == 0 && p.has(t) && !p.any(r.Ports, t) {
			s.lacking += sign
		}
	}
}

// best returns the versions to which the file corresponds best; of several runs of such versions, the newest. The score of
// a version is computed from that of the version before it and the changes between the two, so the cost grows with the
// number of changes.
func (a *auditor) best(past *porthistory.Past) (Match, error) {
	events, err := past.All()
	if err != nil || len(events) == 0 {
		return Match{}, err
	}
	scores := make([]score, len(events)) // relative to that of the first
	at := make(map[string]int, len(events))
	for i := range events {
		e := &events[i]
		at[e.Version.ID] = i
		if parent, found := at[e.Previous]; found {
			scores[i] = scores[parent]
		}
		for j := range e.Changes {
			for _, r := range e.Changes[j].Removed {
				scores[i].add(a.places, new(ports.View(r)), -1)
			}
			for _, r := range e.Changes[j].Added {
				scores[i].add(a.places, new(ports.View(r)), 1)
			}
		}
	}
	var newest score
	for i := range a.table.Records {
		newest.add(a.places, &a.table.Records[i], 1)
	}
	return match(events, scores, newest), nil
}

// match returns the versions with the best score. Scores are relative to that of the first version; newest is the absolute
// score of the last one.
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
	agree := newest.agree - scores[last].agree + scores[to].agree
	if agree == 0 {
		return Match{}
	}
	return Match{From: events[from].Version.ID, To: events[to].Version.ID, Agree: agree}
}
