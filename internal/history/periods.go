package history

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/registry"
)

// Period is a time through which a record stood unaltered.
type Period[R comparable] struct {
	Record      R
	First, Last int // the first and the last version that have it, as indexes of [Past.Steps]
}

// Versions returns the ids of the first and the last version that have the record, and whether a later one has not.
func (p *Period[R]) Versions(past *Past) (from, to string, ended bool) {
	return past.steps[p.First].Version.ID, past.steps[p.Last].Version.ID, p.Last < len(past.steps)-1
}

// RegistryRecord is a record of a registry in any group.
type RegistryRecord struct {
	Registry string // its id
	Record   registry.Record
}

// Periods returns the periods of all records of a group, by registry, in the order of the records and then in time, given
// those of the newest version. Where only is the id of a registry, both are of that one alone.
func (p *Past) Periods(newest []RegistryRecord, only string) ([]Period[RegistryRecord], error) {
	periods, err := PeriodsOf(p, newest, nil, func(c *diff.Change, records []registry.Record) []RegistryRecord {
		if only != "" && c.Registry != only {
			return nil
		}
		list := make([]RegistryRecord, len(records))
		for i, record := range records {
			list[i] = RegistryRecord{c.Registry, record}
		}
		return list
	})
	order := make(map[string]func(a, b registry.Record) int)
	slices.SortStableFunc(periods, func(a, b Period[RegistryRecord]) int {
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

// PeriodsOf returns the periods of the wanted records, by the first version that has them, given those of the newest version. Of those
// that a change removes or adds, the function of returns the wanted ones. They are in changes about given subjects alone; in any where
// about is nil. A record that went and came back, as in a rollback, has two periods; of equal records each has its own.
func PeriodsOf[R comparable](p *Past, newest []R, about func(subject string) bool, of func(c *diff.Change, records []registry.Record) []R) ([]Period[R], error) {
	r := replay[R]{past: p, about: about, of: of}
	if len(p.steps) == 0 {
		return nil, nil
	}
	r.changes, r.open = make([][]diff.Change, len(p.steps)), make(map[R][]int)
	last := len(p.steps) - 1
	type difference struct{ gone, came []R }
	differences := make([]difference, last+1) // of each version from the one before
	begun := 0
	for i := 1; i <= last; i++ {
		gone, came, err := r.walk(i-1, i)
		if err != nil {
			return nil, err
		}
		differences[i] = difference{gone, came}
		begun += len(came)
		for _, list := range [][]R{gone, came} {
			for _, record := range list {
				r.open[record] = nil
			}
		}
	}
	if err := r.begin(newest, begun); err != nil {
		return nil, err
	}
	for i := 1; i <= last; i++ {
		if err := r.pass(i, differences[i].gone, differences[i].came); err != nil {
			return nil, err
		}
	}
	return r.periods, nil
}

// begin begins the periods of the first version. Most records are in no change at all: they stand from the first version to the
// newest, and are not looked for among the open periods again. As many periods as given begin later.
func (r *replay[R]) begin(newest []R, later int) error {
	last := len(r.past.steps) - 1
	gone, came, err := r.walk(last, 0)
	if err != nil {
		return err
	}
	r.periods = make([]Period[R], 0, len(newest)+len(came)+later)
	var changed []R
	isChanged := make([]bool, len(newest))
	for i, record := range newest {
		if _, isChanged[i] = r.open[record]; isChanged[i] {
			changed = append(changed, record)
		}
	}
	oldest, missing := registry.Difference(changed, gone)
	if len(missing) > 0 {
		return r.past.notSteps(last)
	}
	for i, record := range newest {
		switch {
		case !isChanged[i]:
			r.periods = append(r.periods, Period[R]{record, 0, last})
		case len(oldest) > 0 && oldest[0] == record:
			if err := r.pass(0, nil, oldest[:1]); err != nil {
				return err
			}
			oldest = oldest[1:]
		}
	}
	return r.pass(0, nil, came)
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
	open    map[R][]int                                         // by record that is in any change, its periods that have not ended, oldest first
	periods []Period[R]
}

// walk returns the records in which two versions differ.
func (r *replay[R]) walk(from, to int) (gone, came []R, err error) {
	for step, sign := range r.past.Walk(from, to) {
		if r.changes[step] == nil {
			if r.changes[step], err = r.past.Changes(step, r.about); err != nil {
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
		r.periods = append(r.periods, Period[R]{record, i, len(r.past.steps) - 1})
	}
	return nil
}
