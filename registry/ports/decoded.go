package ports

import "github.com/ianasync/ianasync/registry"

// Decoded is an edition and its table.
type Decoded struct {
	*Edition
	Table *Table

	from difference // from the table that this one was made from
}

// difference is the records in which a table differs from another.
type difference struct {
	old        *Table // nil for none
	gone, came []Record
}

// Decode reads a whole edition: [ReadEdition], then [Edition.Table].
func Decode(data []byte) (*Decoded, error) { return (*Decoded)(nil).Next(data) }

// Next is [Decode] for an edition that differs little from d, as the next one in time does. It decodes only the
// rows in which the two differ, which takes a third of the time: the table is that of d, less the records that are
// gone, plus those that came. Where d is nil or either has problems or unknown columns, which belong to more than
// single records, it decodes every row. A table that is made from another one does not have its records' lines.
func (d *Decoded) Next(data []byte) (*Decoded, error) {
	e, err := d.ReadEdition(data)
	if err != nil {
		return nil, err
	}
	return d.NextEdition(e)
}

// ReadEdition is [ReadEdition] for such an edition. It takes less time where d is of the same form. It may be nil.
func (d *Decoded) ReadEdition(data []byte) (*Edition, error) {
	if d == nil {
		return ReadEdition(data)
	}
	return d.Edition.Next(data)
}

// NextEdition is [Decoded.Next] for an edition that is cut into rows already.
func (d *Decoded) NextEdition(e *Edition) (*Decoded, error) {
	next, err := d.made(e)
	if err != nil || next != nil {
		return next, err
	}
	t, err := e.Table()
	if err != nil {
		return nil, err
	}
	return &Decoded{Edition: e, Table: t}, nil
}

// made returns an edition with a table that is made from that of d; nil where it cannot be.
func (d *Decoded) made(e *Edition) (*Decoded, error) {
	if d == nil || len(e.Unknown()) > 0 || len(d.Unknown()) > 0 || len(d.Table.Problems) > 0 {
		return nil, nil
	}
	gone, came, err := Distinct(d.Edition, e)
	if err != nil || len(gone.Problems) > 0 || len(came.Problems) > 0 {
		return nil, err
	}
	from := difference{old: d.Table}
	from.gone, from.came = registry.Difference(gone.Records, came.Records) // rows differ that are equal as records
	if len(from.gone) == 0 && len(from.came) == 0 {
		same := &Table{Records: d.Table.Records, csv: d.Table.rows(), digest: d.Table.Digest()}
		return &Decoded{e, same, from}, nil
	}
	t, whole := d.Table.replaced(from.gone, from.came)
	if !whole {
		return nil, nil
	}
	return &Decoded{e, t, from}, nil
}

// From returns the table from which that of d was made, and the records in which the two differ: see [Decoded.Next]. There is none
// where every row was decoded. The records must not be altered.
func (d *Decoded) From() (old *Table, gone, came []Record) {
	return d.from.old, d.from.gone, d.from.came
}

// Difference is [Table.Difference] of the tables of two editions. It takes no time where e was decoded from d: see [Decoded.Next].
// The result must not be altered.
func (d *Decoded) Difference(e *Decoded) (gone, came []Record) {
	if e.from.old == d.Table {
		return e.from.gone, e.from.came
	}
	return d.Table.Difference(e.Table)
}
