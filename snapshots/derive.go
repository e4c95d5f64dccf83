package snapshots

import (
	"slices"

	"github.com/ianasync/ianasync/registry"
)

// derived is what an edition says of itself.
type derived struct {
	edition  *registry.Edition
	table    *registry.Table
	digest   string
	problems int
}

func (d *derived) records() int { return len(d.table.Records) }

// differs tells whether a line tells otherwise.
func (d *derived) differs(l *line) bool {
	return l.TableSHA256 != d.digest || l.Records != d.records() || l.Problems != d.problems || l.Unknown != len(d.edition.Unknown())
}

// derive decodes every row.
func derive(data []byte) (*derived, error) {
	e, err := registry.ReadEdition(data)
	if err != nil {
		return nil, err
	}
	t, err := e.Table()
	if err != nil {
		return nil, err
	}
	return &derived{e, t, t.Digest(), len(t.Problems)}, nil
}

// next derives another edition, decoding only the rows in which it differs from d; which may be
// nil. That takes a third of the time where the two are neighbours.
func (d *derived) next(data []byte) (*derived, error) {
	if d == nil {
		return derive(data)
	}
	e, err := registry.ReadEdition(data)
	if err != nil {
		return nil, err
	}
	gone, came, err := registry.Distinct(d.edition, e)
	if err != nil {
		return nil, err
	}
	n := &derived{e, d.table, d.digest, d.problems - len(gone.Problems) + len(came.Problems)}
	if !slices.Equal(gone.Records, came.Records) {
		n.table = replace(d.table, gone.Records, came.Records)
		n.digest = n.table.Digest()
	}
	return n, nil
}

// replace returns the table without the records gone, all of which it has, and with those that came.
// All are in canonical order.
func replace(t *registry.Table, gone, came []registry.Record) *registry.Table {
	records := make([]registry.Record, 0, len(t.Records)+len(came))
	for i := range t.Records {
		if len(gone) > 0 && t.Records[i] == gone[0] {
			gone = gone[1:]
			continue
		}
		records = append(records, t.Records[i])
	}
	return registry.NewTable(append(records, came...))
}
