package porthistory

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/registry/ports"
)

// Period is the period of a record.
type Period = history.Period[ports.Record]

// Periods returns the periods of all records, in the table's order and then in time, given the newest version's
// records. A record that went and came back, as in a rollback, has two; of equal records each has its own. The periods
// are computed once; they must not be altered.
func (p *Past) Periods(newest []ports.Record) ([]Period, error) {
	p.perioded.Do(func() {
		p.all, p.allFailed = history.PeriodsOf(p.Past, newest, nil, func(_ *diff.Change, records []registry.Record) []ports.Record { return ports.Views(records) })
		slices.SortStableFunc(p.all, func(a, b Period) int {
			return cmp.Or(ports.Compare(a.Record, b.Record), cmp.Compare(a.First, b.First))
		})
	})
	return p.all, p.allFailed
}

// periods returns the periods of the wanted records, by the first version that has them. These are in changes about given
// subjects alone; in any where that is nil.
func (p *Past) periods(newest []ports.Record, about func(subject string) bool, wanted func(*ports.Record) bool) ([]Period, error) {
	return history.PeriodsOf(p.Past, keep(newest, wanted), about, func(_ *diff.Change, records []registry.Record) []ports.Record {
		return keep(ports.Views(records), wanted)
	})
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
		from, to, ended := period.Versions(p.Past)
		list = append(list, Presence{
			Service: r.ServiceName, Ports: r.Ports.String(), Transport: r.Transport,
			From: from, To: to, Begun: period.First > 0, Ended: ended,
		})
	}
	return list, nil
}
