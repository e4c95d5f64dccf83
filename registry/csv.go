package registry

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unsafe"

	"github.com/ianasync/ianasync/registry/ianacsv"
)

// CSVDecoder reads IANA's CSV of one registry by its own header. A column goes by the key of the described column that has its
// label or alias, else by the label in lower case, with _ for all but letters and digits.
type CSVDecoder struct {
	Registry *Registry // which the file is of, for the file does not state it; where nil, one with the group's id
}

// OneTableError is the error for the CSV of one registry where the XML of a group, or the CSV of the service names, is read.
type OneTableError struct{ Columns []Column }

func (e *OneTableError) Error() string {
	labels := make([]string, len(e.Columns))
	for i := range e.Columns {
		labels[i] = fmt.Sprintf("%q", clip(e.Columns[i].Heading()))
	}
	return fmt.Sprintf("it is CSV with the columns %s: that of one registry, without the others of its group", strings.Join(labels, ", "))
}

// OneTable reports whether a file is the CSV of one registry, as its first lines show. If so, it returns an error with its columns.
func OneTable(data []byte) (*OneTableError, bool) {
	if FormOf(data) != CSV {
		return nil, false
	}
	const lines = 20
	end := 0
	for range lines {
		at := bytes.IndexByte(data[end:], '\n')
		if at < 0 {
			end = len(data)
			break
		}
		end += at + 1
	}
	e, err := CSVDecoder{}.Decode(&Group{Decoder: CSVDecoder{}}, data[:end], nil)
	if err != nil {
		return nil, false //nolint:nilerr // it is another kind of file
	}
	t := e.Tables[0]
	return &OneTableError{t.Columns}, 2*len(t.Problems) < len(t.Records)
}

// Bounds of what is cut into fields, which would fill the memory otherwise.
const (
	maxColumns = 64   // of the header; the largest seen is 18
	maxFields  = 1000 // of a row
)

// csvSource is what an edition of CSV keeps for the next one.
type csvSource struct {
	header  string
	records map[string]Record // by the text of the row; of rows without problems
}

// Decode implements [Decoder]. The error is an [ErrNotGroup] for a file whose first line is no header.
func (c CSVDecoder) Decode(g *Group, data []byte, known *Edition) (*Edition, error) {
	text := strings.TrimPrefix(unsafe.String(unsafe.SliceData(data), len(data)), "\ufeff") //nolint:gosec // data is the edition's from here on
	if what := ianacsv.Recognise(text); what != "" {
		return nil, fmt.Errorf("%w: it is %s", ErrNotGroup, what)
	}
	rows := ianacsv.Cut(text)
	described := c.Registry
	if described == nil {
		described = &Registry{ID: g.ID, Limits: g.Limits}
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("%w: the file is empty", ErrNotGroup)
	}
	columns, err := readHeader(described, rows)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotGroup, err)
	}
	d := csvDecoding{columns: columns, labels: rows[0].FieldCount(), source: csvSource{rows[0].Key(), make(map[string]Record, len(rows))}}
	if known != nil {
		if before, isCSV := known.source.(csvSource); isCSV && before.header == d.source.header {
			d.known = before.records
		}
	}
	return &Edition{Group: g, Form: CSV, Tables: []*Table{d.table(described, rows[1:])}, source: d.source}, nil
}

// readHeader returns the columns that the first row names, and those of further fields that other rows have, which happens where
// IANA's exporter split a value in two. The error states why it is no header.
func readHeader(r *Registry, rows []ianacsv.Row) ([]Column, error) {
	n := rows[0].FieldCount()
	switch several := func(row ianacsv.Row) bool { return row.FieldCount() > 1 }; {
	case n < 2:
		return nil, fmt.Errorf("its first line is %q, not the header of a CSV file", clip(rows[0].Text))
	case n > maxColumns:
		return nil, fmt.Errorf("its first line has %d columns, more than %d", n, maxColumns)
	case len(rows) > 1 && !slices.ContainsFunc(rows[1:], several):
		return nil, fmt.Errorf("its first line has %d fields, and no other line has more than one: it is not CSV", n)
	}
	most := n
	for _, row := range rows {
		fields := row.FieldCount()
		if fields > maxFields {
			return nil, fmt.Errorf("the row on line %d has %d fields", row.Line, fields)
		}
		most = max(most, min(fields, maxColumns))
	}
	columns := make([]Column, 0, most)
	labels := rows[0].Cells()
	for i := range most {
		var c Column
		if i < n {
			c = r.labelled(ianacsv.Normalise(labels[i]))
		}
		if c.Key == "" {
			c.Key = fmt.Sprintf("column_%d", i+1)
		}
		for base, at := c.Key, 2; slices.ContainsFunc(columns, func(d Column) bool { return d.Key == c.Key }); at++ {
			c.Key = base + "_" + strconv.Itoa(at)
		}
		columns = append(columns, c)
	}
	return columns, nil
}

// labelled returns the column that a header has under the given label.
func (r *Registry) labelled(label string) Column {
	same := func(s string) bool { return strings.EqualFold(s, label) }
	for _, c := range r.Columns {
		if same(c.Label) || slices.ContainsFunc(c.Aliases, same) {
			return c
		}
	}
	words := strings.FieldsFunc(strings.ToLower(label), func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
	key := strings.Join(words, "_")
	return Column{Key: key, Label: label, Role: RoleOf(key)}
}

// csvDecoding decodes the rows of one file.
type csvDecoding struct {
	columns []Column
	labels  int // how many of them the header names
	known   map[string]Record
	source  csvSource
	builder RecordBuilder
}

// table returns the table of some rows.
func (d *csvDecoding) table(described *Registry, rows []ianacsv.Row) *Table {
	records, lines := make([]Record, len(rows)), make([]int, len(rows))
	var problems []Problem
	cells := make([]Cell, 0, len(d.columns))
	for i, row := range rows {
		lines[i] = row.Line
		record, found := d.known[row.Key()]
		if !found {
			faults := row.Faults(d.labels)
			for i, f := range faults {
				p := Problem{Reason: f.Reason}
				if n := row.FieldCount(); i == 0 && d.labels < n && n <= len(d.columns) {
					p.Reason = fmt.Sprintf("the row has %d fields where the header has %d: those past the last have columns without a label", n, d.labels)
				}
				p.Line, p.Column = row.Position(f.Offset)
				problems = append(problems, p)
			}
			cells = cells[:0]
			for at, text := range row.Cells() {
				if at < len(d.columns) {
					cells = append(cells, Cell{d.columns[at].Key, ianacsv.Normalise(text)})
				}
			}
			record, found = d.builder.Record(cells), len(faults) == 0
		}
		if found {
			d.source.records[row.Key()] = record
		}
		records[i] = record
	}
	t := NewTable(described, d.columns, records, lines)
	t.Problems = problems[:min(len(problems), maxProblems)]
	slices.SortStableFunc(t.Problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return t
}

// clip cuts a text for a message.
func clip(s string) string {
	const most = 60
	if r := []rune(ianacsv.Normalise(s)); len(r) > most {
		return string(r[:most]) + "…"
	}
	return ianacsv.Normalise(s)
}
