package history

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/registry/ports"
)

// PeriodOf is a time through which a record stood unaltered.
type PeriodOf[R comparable] struct {
	Record      R
	First, Last int // the first and the last version that have it, as indexes of [Past.Steps]
}

// Period is the period of a record of the service names registry.
type Period = PeriodOf[ports.Record]

// Versions returns the ids of the first and the last version that have the record, and whether a later one has not.
func (p *PeriodOf[R]) Versions(past *Past) (from, to string, ended bool) {
	return past.steps[p.First].Version.ID, past.steps[p.Last].Version.ID, p.Last < len(past.steps)-1
}

// Periods returns the periods of all records, in the table's order and then in time, given the newest version's
// records. A record that went and came back, as in a rollback, has two; of equal records each has its own. The periods
// are computed once; they must not be altered.
func (p *Past) Periods(newest []ports.Record) ([]Period, error) {
	p.perioded.Do(func() {
		p.all, p.allFailed = p.periods(newest, nil, func(*ports.Record) bool { return true })
		slices.SortStableFunc(p.all, func(a, b Period) int {
			return cmp.Or(ports.Compare(a.Record, b.Record), cmp.Compare(a.First, b.First))
		})
	})
	return p.all, p.allFailed
}

// periods returns the periods of the wanted records, by the first version that has them. These are in changes about given
// subjects alone; in any where that is nil.
func (p *Past) periods(newest []ports.Record, about func(subject string) bool, wanted func(*ports.Record) bool) ([]Period, error) {
	r := replay[ports.Record]{past: p, about: about, of: func(_ *diff.Change, records []registry.Record) []ports.Record {
		return keep(ports.Views(records), wanted)
	}}
	return r.all(keep(newest, wanted))
}

// RegistryRecord is a record of a registry in any group.
type RegistryRecord struct {
	Registry string // its id
	Record   registry.Record
}

// GroupPeriods returns the periods of all records of a group, by registry, in the order of the records and then in time, given
// those of the newest version. It is [Past.Periods] for any group. Where only is the id of a registry, both are of that one alone.
func (p *Past) GroupPeriods(newest []RegistryRecord, only string) ([]PeriodOf[RegistryRecord], error) {
	r := replay[RegistryRecord]{past: p, of: func(c *diff.Change, records []registry.Record) []RegistryRecord {
		if only != "" && c.Registry != only {
			return nil
		}
		list := make([]RegistryRecord, len(records))
		for i, record := range records {
			list[i] = RegistryRecord{c.Registry, record}
		}
		return list
	}}
	periods, err := r.all(newest)
	order := make(map[string]func(a, b registry.Record) int)
	slices.SortStableFunc(periods, func(a, b PeriodOf[RegistryRecord]) int {
		id := a.Record.Registry
		if id != b.Record.Registry {
			return strings.Compare(id, b.Record.Registry)
		}
		if order[id] == nil {
			key, _ := p.Key(id)
			order[id] = registry.Order(key.Key...)
		}
		return cmp.Or(order[id](a.Record.Record, b.Record.Record), cmp.Compare(a.First, b.First))
	})
	return periods, err
}

// all returns the periods of all records, given those of the newest version.
func (r *replay[R]) all(newest []R) ([]PeriodOf[R], error) {
	p := r.past
	if len(p.steps) == 0 {
		return nil, nil
	}
	r.changes, r.open = make([][]diff.Change, len(p.steps)), make(map[R][]int)
	last := len(p.steps) - 1
	gone, came, err := r.walk(last, 0)
	if err != nil {
		return nil, err
	}
	oldest, missing := registry.Difference(newest, gone)
	if len(missing) > 0 {
		return nil, p.notSteps(last)
	}
	if err := r.pass(0, nil, append(oldest, came...)); err != nil {
		return nil, err
	}
	for i := 1; i <= last; i++ {
		if gone, came, err = r.walk(i-1, i); err != nil {
			return nil, err
		}
		if err := r.pass(i, gone, came); err != nil {
			return nil, err
		}
	}
	return r.periods, nil
}

// notSteps is the error of lists of changes that do not lead to the table of a version.
func (p *Past) notSteps(i int) error {
	return &damagedError{p.steps[i].Version.ID, errors.New("the lists of changes do not lead to its table")}
}

// replay goes through the versions of a past.
type replay[R comparable] struct {
	past    *Past
	about   func(subject string) bool                           // of the changes that it goes through; nil for all
	of      func(c *diff.Change, records []registry.Record) []R // the wanted ones of the records of a change
	changes [][]diff.Change                                     // of each step, once decoded
	open    map[R][]int                                         // by record, its periods that have not ended, oldest first
	periods []PeriodOf[R]
}

// walk returns the records in which two versions differ.
func (r *replay[R]) walk(from, to int) (gone, came []R, err error) {
	for step, sign := range r.past.Walk(from, to) {
		if r.changes[step] == nil {
			if r.changes[step], err = r.past.about(step, r.about); err != nil {
				return nil, nil, err
			}
		}
		for i := range r.changes[step] {
			c := &r.changes[step][i]
			removed, added := r.of(c, c.Removed), r.of(c, c.Added)
			if sign < 0 {
				removed, added = added, removed
			}
			gone, came = append(gone, removed...), append(came, added...)
		}
	}
	gone, came = registry.Difference(gone, came)
	return gone, came, nil
}

// pass ends and begins periods at version i.
func (r *replay[R]) pass(i int, gone, came []R) error {
	for _, record := range gone {
		at := r.open[record]
		if len(at) == 0 {
			return r.past.notSteps(i)
		}
		r.periods[at[0]].Last = i - 1
		r.open[record] = at[1:]
	}
	for _, record := range came {
		r.open[record] = append(r.open[record], len(r.periods))
		r.periods = append(r.periods, PeriodOf[R]{record, i, len(r.past.steps) - 1})
	}
	return nil
}

// keep returns the records that are wanted.
func keep(records []ports.Record, wanted func(*ports.Record) bool) []ports.Record {
	var list []ports.Record
	for i := range records {
		if wanted(&records[i]) {
			list = append(list, records[i])
		}
	}
	return list
}

// Presence is a time through which records of one service name, ports and transport stood, whatever else of them
// changed.
type Presence struct {
	Service   string          `json:"service"`
	Ports     string          `json:"ports"`
	Transport ports.Transport `json:"transport"`
	From      string          `json:"from"`  // id of the first version that has it
	To        string          `json:"to"`    // id of the last
	Begun     bool            `json:"begun"` // false where our history begins with it, so that it may be older
	Ended     bool            `json:"ended"` // false where the newest version has it
}

// Presences returns the periods in which records that meet a condition existed, in order of time, given the newest
// version's records.
func (p *Past) Presences(newest []ports.Record, c Condition) ([]Presence, error) {
	periods, err := p.periods(newest, c.wanted(), c.holds)
	if err != nil {
		return nil, err
	}
	keyOf := func(r *ports.Record) string {
		return fmt.Sprintf("%s %s %s", r.Ports, r.Transport, r.ServiceName)
	}
	slices.SortStableFunc(periods, func(a, b Period) int {
		return cmp.Or(strings.Compare(keyOf(&a.Record), keyOf(&b.Record)), cmp.Compare(a.First, b.First))
	})
	var joined []Period
	for _, period := range periods {
		if n := len(joined); n > 0 && keyOf(&joined[n-1].Record) == keyOf(&period.Record) && period.First <= joined[n-1].Last+1 {
			joined[n-1].Last = max(joined[n-1].Last, period.Last)
		} else {
			joined = append(joined, period)
		}
	}
	slices.SortStableFunc(joined, func(a, b Period) int { return cmp.Compare(a.First, b.First) })
	var list []Presence
	for _, period := range joined {
		r := &period.Record
		from, to, ended := period.Versions(p)
		list = append(list, Presence{
			Service: r.ServiceName, Ports: r.Ports.String(), Transport: r.Transport,
			From: from, To: to, Begun: period.First > 0, Ended: ended,
		})
	}
	return list, nil
}
