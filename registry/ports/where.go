package ports

import "slices"

// Outline is the part of a row that is read without decoding it: its ports, and what [Record.Status] depends on.
type Outline struct {
	Ports       Ports
	ServiceName string
	Description string

	// of rows without a service name alone: see [Record.Remarks]
	unauthorizedUse, assignmentNotes string
}

// Status returns the record's status.
func (o *Outline) Status() Status { return o.record().Status() }

// record returns as much of the record as the outline has.
func (o *Outline) record() *Record {
	return &Record{Ports: o.Ports, ServiceName: o.ServiceName, Description: o.Description, UnauthorizedUse: o.unauthorizedUse, AssignmentNotes: o.assignmentNotes}
}

// Where decodes only the rows for which keep returns true. The table is that of [Edition.Table], less the
// other records and their problems. Outlining all rows costs a tenth of decoding them, once an edition.
func (e *Edition) Where(keep func(o *Outline) bool) (*Table, error) {
	outlines := e.outline()
	var rows []row
	for i := range outlines {
		if keep(&outlines[i]) {
			rows = append(rows, e.rows[i])
		}
	}
	return e.form.decode(rows)
}

// Holding decodes only the rows whose ports include any of the given ones.
func (e *Edition) Holding(ports ...uint16) (*Table, error) {
	return e.Where(func(o *Outline) bool { return slices.ContainsFunc(ports, o.Ports.Contains) })
}
