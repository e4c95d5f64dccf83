package registry

import "fmt"

// Refusal says why a table is not believed to be the whole registry.
type Refusal struct{ Reason string }

// Error returns the reason.
func (r *Refusal) Error() string { return r.Reason }

// Check refuses (with a [*Refusal]) a table that cannot be all of the registry: too
// few records, or too many of the System and User ports without one.
func (r *Registry) Check(t *Table) error {
	if n := len(t.Records); n < r.MinRecords {
		return &Refusal{fmt.Sprintf("it has %d records; the registry has at least %d", n, r.MinRecords)}
	}
	if n := t.uncovered(); n > r.MaxUncovered {
		return &Refusal{fmt.Sprintf("%d of the ports from 0 to %d have no record; in the registry at most %d lack one", n, LastAssignable, r.MaxUncovered)}
	}
	return nil
}

// CheckNext refuses (with a [*Refusal]) a table that lost too many of the records that
// were assigned in the one before it, whatever it gained: those of gone, less those of
// came, which are the records in which the two differ ([Distinct]). Records are told
// apart by service name, ports and transport.
func (r *Registry) CheckNext(next *Table, gone, came []Record) error {
	type key struct {
		name      string
		ports     uint64 // however they are written
		transport Transport
	}
	assigned := count(next.Records) - count(came) + count(gone) // before
	left := make(map[key]int)
	for i := range came {
		c := &came[i]
		left[key{c.ServiceName, c.Ports.order(), c.Transport}]++
	}
	lost := 0
	for i := range gone {
		g := &gone[i]
		k := key{g.ServiceName, g.Ports.order(), g.Transport}
		if left[k] > 0 {
			left[k]--
		} else if g.Status() == Assigned {
			lost++
		}
	}
	if float64(lost) > r.MaxGone*float64(assigned) {
		return &Refusal{fmt.Sprintf("%d of %d assigned records are gone (%.1f %%); at most %.1f %% go at once", lost, assigned, 100*float64(lost)/float64(assigned), 100*r.MaxGone)}
	}
	return nil
}

// count returns how many records are assigned.
func count(records []Record) (n int) {
	for i := range records {
		if records[i].Status() == Assigned {
			n++
		}
	}
	return n
}

// uncovered returns how many of the ports from 0 to [LastAssignable] no record
// holds.
func (t *Table) uncovered() int {
	n, next := 0, 0 // the first port that no record so far holds
	for i := range t.Records {
		first, last, ok := t.Records[i].Ports.Bounds()
		if !ok || int(first) > LastAssignable {
			break // canonical order: the rest has higher ports or none
		}
		n += max(0, int(first)-next)
		next = max(next, int(last)+1)
	}
	return n + max(0, LastAssignable+1-next)
}
