package ports

import "slices"

// Outline is what is read of a row without decoding it: its ports and its service name; what its other methods return is read
// when it is asked for.
type Outline struct {
	Ports       Ports
	ServiceName string

	form   form
	row    row
	xml    xmlDecoder
	values [NumColumns]string // of a row of XML, which is read whole
}

// Description returns the record's description.
func (o *Outline) Description() string { return o.form.cell(o, descriptionAt) }

// Status returns the record's status.
func (o *Outline) Status() Status {
	if o.ServiceName != "" {
		return Assigned
	}
	r := o.unnamed()
	return r.Status()
}

// marks is [Record.marks] of the record.
func (o *Outline) marks() Marks {
	if o.ServiceName != "" {
		return MarkNamed
	}
	r := o.unnamed()
	return r.marks()
}

// unnamed returns as much of a record without a service name as [Record.Status] and [Record.Remarks] depend on.
func (o *Outline) unnamed() Record {
	return Record{Description: o.Description(), UnauthorizedUse: o.form.cell(o, unauthorizedUseAt), AssignmentNotes: o.form.cell(o, notesAt)}
}

// The indexes in [Columns] of the columns that outlines have.
const (
	nameAt            = 0
	portsAt           = 1
	descriptionAt     = 3
	unauthorizedUseAt = 10
	notesAt           = 11
)

// Where decodes only the rows for which keep returns true. The table is that of [Edition.Table], less the
// other records and their problems. Outlining all rows costs a tenth of decoding them. The outline holds during the call of
// keep alone.
func (e *Edition) Where(keep func(o *Outline) bool) (*Table, error) {
	var rows []row
	for i, o := range e.outlines() {
		if keep(o) {
			rows = append(rows, e.rows[i])
		}
	}
	return e.form.decode(rows)
}

// Holding decodes only the rows whose ports include any of the given ones.
func (e *Edition) Holding(ports ...uint16) (*Table, error) {
	return e.Where(func(o *Outline) bool { return slices.ContainsFunc(ports, o.Ports.Contains) })
}
