package ports

import (
	"fmt"
	"strings"

	"github.com/ianasync/ianasync/registry/ianacsv"
	"github.com/ianasync/ianasync/registry/ianaxml"
)

// xmlForm is the form of an edition that is XML.
type xmlForm struct {
	group   *ianaxml.Group
	records []ianaxml.Record
}

// readXML cuts an XML document into rows, given the edition before, which may be nil or CSV.
func readXML(before *Edition, data []byte) (*Edition, error) {
	var known *ianaxml.Group
	if before != nil {
		if f, isXML := before.form.(*xmlForm); isXML {
			known = f.group
		}
	}
	g, err := known.Next(data)
	if err != nil {
		return nil, err
	}
	id := ServiceNames().ID
	if g.ID != id {
		return nil, fmt.Errorf("it is the registry group %q", clip(g.ID, 60))
	}
	f := &xmlForm{group: g, records: g.Registries[0].Records}
	e := &Edition{form: f, rows: make([]row, len(f.records))}
	for i := range f.records {
		e.rows[i] = row{Text: f.records[i].Text, Line: f.records[i].Line, At: i}
	}
	return e, nil
}

// elements are, for each column of [Columns], the key of the cell that holds it in XML.
var elements = [NumColumns]string{
	"name", "number", "protocol", "description", assignee, ianaxml.KeyContact, ianaxml.KeyDate, ianaxml.KeyUpdated,
	ianaxml.KeyReference, "sc", "unauthorized", "note",
}

const assignee = "assignee"

// columnOf returns the index in [Columns] of the column that a cell holds, or -1.
func columnOf(key string) int {
	for i := range elements {
		if elements[i] == key {
			return i
		}
	}
	return -1
}

func (f *xmlForm) comparable(other form) bool {
	o, isXML := other.(*xmlForm)
	return isXML && f.group.Comparable(o.group)
}

func (f *xmlForm) outline(o *Outline) {
	o.values = o.xml.values(&f.records[o.row.At])
	o.ServiceName = o.values[nameAt]
	o.Ports, _ = ParsePorts(o.values[portsAt])
}

func (f *xmlForm) cell(o *Outline, column int) string { return o.values[column] }

func (f *xmlForm) decode(rows []row) (*Table, error) {
	t := &Table{Records: make([]Record, 0, len(rows)), lines: make([]int, 0, len(rows))}
	d := xmlDecoder{table: t}
	for _, r := range rows {
		t.Records, t.lines = append(t.Records, d.record(&f.records[r.At])), append(t.lines, r.Line)
	}
	t.sort()
	t.sortProblems()
	return t, nil
}

// xmlDecoder decodes records of one edition, one after the other.
type xmlDecoder struct {
	ianaxml.Decoder
	table *Table
	of    *ianaxml.Record
	cells []ianaxml.Cell
}

// values returns the values of a record, in the order of [Columns]. Where a record has no element assignee, its contact
// is the assignee: so IANA's CSV has it.
func (d *xmlDecoder) values(of *ianaxml.Record) (v [NumColumns]string) {
	d.of, d.cells = of, d.Append(d.cells[:0], of)
	assigned := false
	for i := range d.cells {
		if c := &d.cells[i]; columnOf(c.Key) >= 0 {
			v[columnOf(c.Key)] = c.Text
			assigned = assigned || c.Key == assignee
		}
	}
	if !assigned {
		v[4] = v[5]
	}
	v[2] = strings.ToLower(v[2])
	return v
}

// record returns a record, and adds what problems it has to the table.
func (d *xmlDecoder) record(of *ianaxml.Record) Record {
	v := d.values(of)
	for i := range d.cells {
		c := &d.cells[i]
		column := columnOf(c.Key)
		if column < 0 {
			d.problem(c.Offset, "", fmt.Errorf("the element %q is none of the registry's columns", clip(c.Key, 40)))
		} else if twice := ianacsv.FirstTwice(c.Text); twice != "" {
			d.problem(c.Offset, columns[column].Name, fmt.Errorf("UTF-8 encoded twice: %q stands for %q", twice, ianacsv.Once(twice)))
		}
	}
	return parseRecord(v, func(column string, err error) {
		offset := 0
		for i := range d.cells {
			if at := columnOf(d.cells[i].Key); at >= 0 && columns[at].Name == column {
				offset = d.cells[i].Offset
			}
		}
		d.problem(offset, column, err)
	})
}

// problem records a fault of a column, or of the whole record, at an offset of the record.
func (d *xmlDecoder) problem(offset int, column string, err error) {
	if len(d.table.Problems) >= maxProblems {
		return
	}
	p := Problem{Field: column, Reason: err.Error()}
	p.Line, p.Column = d.of.Position(offset)
	d.table.Problems = append(d.table.Problems, p)
}
