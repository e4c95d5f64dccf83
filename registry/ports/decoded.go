package ports

import "slices"

// Decoded is an edition and its table.
type Decoded struct {
	*Edition
	Table *Table
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
	t, err := d.table(e)
	if err != nil {
		return nil, err
	}
	return &Decoded{e, t}, nil
}

func (d *Decoded) table(e *Edition) (*Table, error) {
	if d == nil || len(e.Unknown()) > 0 || len(d.Unknown()) > 0 || len(d.Table.Problems) > 0 {
		return e.Table()
	}
	gone, came, err := Distinct(d.Edition, e)
	if err != nil {
		return nil, err
	}
	if len(gone.Problems) > 0 || len(came.Problems) > 0 {
		return e.Table()
	}
	if slices.Equal(gone.Records, came.Records) {
		return &Table{Records: d.Table.Records, csv: d.Table.rows(), digest: d.Table.Digest()}, nil
	}
	if next, whole := d.Table.replaced(gone.Records, came.Records); whole {
		return next, nil
	}
	return e.Table()
}
