package ports

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/registry/ianacsv"
)

// csvForm is the form of an edition that is CSV, with what its header says.
//
// A row ends at a line end (LF or CRLF) that is outside quotes. Quotes are heeded
// as encoding/csv interprets them with LazyQuotes, so that every file can be cut.
type csvForm struct {
	header    string          // as it is in the file, without its line end
	columns   []string        // the header, by IANA's present names where they are known
	at        [NumColumns]int // where in columns each of [Columns] is
	unknown   []string        // those of columns that are not in [Columns]
	unknownAt []int           // where in columns each of unknown is
	ended     bool            // the last row has a line end
}

// readCSV cuts a CSV text into rows.
func readCSV(text string) (*Edition, error) {
	rows := ianacsv.Cut(text)
	if len(rows) == 0 {
		return nil, errors.New("the file is empty")
	}
	for _, r := range rows {
		if len(r.Text) > maxFields && r.FieldCount() > maxFields {
			return nil, fmt.Errorf("the row on line %d has %d fields", r.Line, r.FieldCount())
		}
	}
	f := &csvForm{header: rows[0].Key(), ended: strings.HasSuffix(text, "\n")}
	if err := f.readHeader(rows[0]); err != nil {
		return nil, err
	}
	return &Edition{form: f, rows: rows[1:]}, nil
}

// csv returns the form of an edition that is CSV, and whether it is.
func (e *Edition) csv() (*csvForm, bool) {
	f, isCSV := e.form.(*csvForm)
	return f, isCSV
}

func (f *csvForm) comparable(other form) bool {
	o, isCSV := other.(*csvForm)
	return isCSV && slices.Equal(f.columns, o.columns) // else equal text means different things
}

func (f *csvForm) outline(o *Outline) {
	o.ServiceName = f.cell(o, nameAt)
	o.Ports, _ = ParsePorts(f.cell(o, portsAt))
}

func (f *csvForm) cell(o *Outline, column int) string {
	return ianacsv.Normalise(o.row.Cell(f.at[column]))
}

// Short returns the line of the first row that has fewer fields than the header, and how many; 0 where none has.
// IANA's rows have them all: such a row is of another file. Records of XML have no fields that could lack.
func (e *Edition) Short() (line, fields int) {
	f, isCSV := e.csv()
	if !isCSV {
		return 0, 0
	}
	for _, r := range e.rows {
		if n := r.FieldCount(); n < len(f.columns) {
			return r.Line, n
		}
	}
	return 0, 0
}

// Unknown returns the names of the columns that the edition has and [Columns] has not. An unknown element of XML is a
// [Problem] instead.
func (e *Edition) Unknown() []string {
	f, isCSV := e.csv()
	if !isCSV {
		return nil
	}
	return f.unknown
}

// Ended reports whether the file has its end. IANA's CSV ends with a line end: where it is missing, the file may be cut
// off. XML that is read has its closing tag.
func (e *Edition) Ended() bool {
	f, isCSV := e.csv()
	return !isCSV || f.ended
}

// CutOff returns why the last row is not whole, which is where a file was cut off; nothing where it is whole.
func (e *Edition) CutOff() string {
	f, isCSV := e.csv()
	if !isCSV || len(e.rows) == 0 {
		return ""
	}
	r := e.rows[len(e.rows)-1]
	switch n := r.FieldCount(); {
	case n < len(f.columns):
		return fmt.Sprintf("its last row, on line %d, has %d of %d fields", r.Line, n, len(f.columns))
	case !r.Plain() && ianacsv.Scan(r.Text).Open:
		return fmt.Sprintf("its last row, from line %d on, has a quote that is never closed", r.Line)
	}
	return ""
}

// SecondHeader returns the line of the first row that is the header again, or 0.
func (e *Edition) SecondHeader() (line int) {
	f, isCSV := e.csv()
	if !isCSV {
		return 0
	}
	for _, r := range e.rows {
		if strings.HasPrefix(r.Text, f.header) && r.Key() == f.header {
			return r.Line
		}
	}
	return 0
}

// Bounds of what is cut into fields, which would fill the memory otherwise. The registry has 12 columns.
const (
	maxColumns = 64   // of the header
	maxFields  = 1000 // of a row
)

func (f *csvForm) readHeader(r row) error {
	if n := r.FieldCount(); n > maxColumns {
		return fmt.Errorf("its first line has %d columns, not the registry's %d", n, len(columns))
	}
	header := r.Cells()
	seen := make(map[string]int)
	for i, name := range header {
		name, known := columnName(name)
		if first, doubled := seen[name]; doubled && known {
			return fmt.Errorf("column %q stands twice, as columns %d and %d", name, first, i+1)
		} else if doubled || name == "" {
			name = strings.TrimSpace(fmt.Sprintf("%s (column %d)", name, i+1))
		}
		seen[name] = i + 1
		f.columns = append(f.columns, name)
		if !known {
			f.unknown = append(f.unknown, name)
			f.unknownAt = append(f.unknownAt, i)
		}
	}
	var missing, unknown []string
	for _, name := range f.unknown {
		unknown = append(unknown, fmt.Sprintf("%q", clip(name, 60)))
	}
	for i := range columns {
		if seen[columns[i].Name] == 0 {
			missing = append(missing, fmt.Sprintf("%q", columns[i].Name))
		}
		f.at[i] = seen[columns[i].Name] - 1
	}
	switch {
	case len(missing) == NumColumns:
		return fmt.Errorf("its first line is %q, not the registry's header", clip(header[0], 60))
	case len(missing) > 0 && len(f.unknown) > 0:
		return fmt.Errorf("it has no column %s, but an unknown one named %s", strings.Join(missing, ", "), strings.Join(unknown, ", "))
	case len(missing) > 0:
		return fmt.Errorf("it has no column %s", strings.Join(missing, ", "))
	}
	return nil
}

// columnName returns IANA's present name for a column by the name a file gives
// it, and whether it is known. Letter case and white space do not matter.
func columnName(name string) (string, bool) {
	name = ianacsv.Normalise(name)
	for i := range columns {
		c := &columns[i]
		same := func(s string) bool { return strings.EqualFold(s, name) }
		if same(c.Name) || slices.ContainsFunc(c.aliases, same) {
			return c.Name, true
		}
	}
	return name, false
}
