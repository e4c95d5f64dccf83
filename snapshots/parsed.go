package snapshots

import (
	"slices"

	"github.com/ianasync/ianasync/registry"
)

// parsed is what an edition says of itself.
type parsed struct {
	edition  *registry.Edition
	table    *registry.Table
	digest   string
	problems int
}

func (d *parsed) records() int { return len(d.table.Records) }

// differs tells whether a line tells otherwise.
func (d *parsed) differs(l *line) bool {
	return l.TableSHA256 != d.digest || l.Records != d.records() || l.Problems != d.problems || l.Unknown != len(d.edition.Unknown())
}

// parse decodes every row.
func parse(data []byte) (*parsed, error) {
	e, err := registry.ReadEdition(data)
	if err != nil {
		return nil, err
	}
	t, err := e.Table()
	if err != nil {
		return nil, err
	}
	return &parsed{e, t, t.Digest(), len(t.Problems)}, nil
}

// next parses another edition, decoding only the rows in which it differs from d; which may be
// nil. That takes a third of the time where the two are neighbours.
func (d *parsed) next(data []byte) (*parsed, error) {
	if d == nil {
		return parse(data)
	}
	e, err := registry.ReadEdition(data)
	if err != nil {
		return nil, err
	}
	gone, came, err := registry.Distinct(d.edition, e)
	if err != nil {
		return nil, err
	}
	n := &parsed{e, d.table, d.digest, d.problems - len(gone.Problems) + len(came.Problems)}
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
