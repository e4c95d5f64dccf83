package ports

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/gocarina/gocsv"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/registry/ianacsv"
)

// csvRow is one row as gocsv fills it: the file's text, not yet in normal form.
type csvRow struct {
	ServiceName      string `csv:"Service Name"`
	PortNumber       string `csv:"Port Number"`
	Transport        string `csv:"Transport Protocol"`
	Description      string `csv:"Description"`
	Assignee         string `csv:"Assignee"`
	Contact          string `csv:"Contact"`
	RegistrationDate string `csv:"Registration Date"`
	ModificationDate string `csv:"Modification Date"`
	Reference        string `csv:"Reference"`
	ServiceCode      string `csv:"Service Code"`
	UnauthorizedUse  string `csv:"Unauthorized Use Reported"`
	AssignmentNotes  string `csv:"Assignment Notes"`
}

// Problem is a cell or a row that could not be taken at its word.
type Problem struct {
	Line   int    // in the file, from 1; a record may take several lines
	Column int    // in the line, in bytes, from 1
	Field  string // IANA's name of the column; empty where the whole row is meant
	Reason string
}

// String returns the problem as one line of text, without the file's name.
func (p Problem) String() string {
	if p.Field == "" {
		return fmt.Sprintf("%d:%d: %s", p.Line, p.Column, p.Reason)
	}
	return fmt.Sprintf("%d:%d: %s: %s", p.Line, p.Column, p.Field, p.Reason)
}

// Parse reads a whole edition: [ReadEdition], then [Edition.Table]. The error is an
// [ErrNotRegistry] where data is not the registry; whatever else is wrong with it is
// in the table's Problems.
func Parse(data []byte) (*Table, error) {
	e, err := ReadEdition(data)
	if err != nil {
		return nil, err
	}
	return e.Table()
}

// Table decodes every row of the edition. Rows of any content become records and
// problems, so that an error is a fault of the decoder.
func (e *Edition) Table() (*Table, error) { return e.form.decode(e.rows) }

// Distinct decodes only the rows in which two editions differ as text, and returns
// a table of those of the old and one of those of the new. Rows common to both are
// left out, counted as in a multiset. Rows that differ as text may still be equal as
// records; these are in both tables.
//
// Two editions that follow each other differ in some ten of 14,500 rows. Problems have
// their place in the whole file. The error is as for [Edition.Table].
func Distinct(old, new *Edition) (gone, came *Table, err error) {
	oldRows, newRows := old.rows, new.rows
	if old.form.comparable(new.form) {
		oldRows, newRows = cancel(oldRows, newRows)
	}
	if gone, err = old.form.decode(oldRows); err != nil {
		return nil, nil, err
	}
	if came, err = new.form.decode(newRows); err != nil {
		return nil, nil, err
	}
	return gone, came, nil
}

// lookahead is how many rows cancel looks past a difference for the place where two
// files agree again. Where it finds none it counts the rest instead: that takes longer
// for files that differ little, and never long for those that differ much.
const lookahead = 32

// cancel returns what of two lists of rows is left when equal rows have cancelled
// each other out, as multisets of their text. It takes time linear in the rows, and
// memory only for those that are not in the same order in both.
func cancel(old, new []row) (restOld, restNew []row) {
	for len(old) > 0 && len(new) > 0 {
		if old[0].Same(new[0]) {
			old, new = old[1:], new[1:]
			continue
		}
		i, j, ok := meet(old, new)
		if !ok {
			break
		}
		restOld, restNew = append(restOld, old[:i]...), append(restNew, new[:j]...)
		old, new = old[i:], new[j:]
	}
	return registry.DifferenceBy(append(restOld, old...), append(restNew, new...), row.Key)
}

// meet returns how many rows to pass over in each list until the two agree again,
// fewest first. It is not ok where they do not agree within the lookahead.
func meet(old, new []row) (i, j int, ok bool) {
	for skip := 1; skip < 2*lookahead; skip++ {
		for i := max(0, skip-len(new)+1); i <= skip && i < len(old); i++ {
			if old[i].Same(new[skip-i]) {
				return i, skip - i, true
			}
		}
	}
	return 0, 0, false
}

func (f *csvForm) decode(rows []row) (*Table, error) {
	d := decoder{form: f, table: &Table{Records: make([]Record, 0, len(rows)), Unknown: f.unknown, lines: make([]int, 0, len(rows))}}
	r := csv.NewReader(d.feed(rows))
	r.LazyQuotes = true    // feed leaves the quotes inside plain cells as they are
	r.FieldsPerRecord = -1 // a row that is too short is a problem of that row alone
	r.ReuseRecord = true
	var err error
	if d.gocsv, err = gocsv.NewUnmarshaller(r, csvRow{}); err != nil {
		return nil, fmt.Errorf("decoding the header: %w", err)
	}
	for _, d.row = range rows {
		if err := d.next(); err != nil {
			return nil, fmt.Errorf("decoding line %d: %w", d.row.Line, err)
		}
	}
	d.table.sort()
	d.table.sortProblems()
	return d.table, nil
}

// sortProblems brings the problems into the order of the file.
func (t *Table) sortProblems() {
	slices.SortStableFunc(t.Problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

// decoder decodes rows of one edition, one after the other.
type decoder struct {
	form  *csvForm
	table *Table
	gocsv *gocsv.Unmarshaller
	row   row
}

// feed returns the rows as a CSV file that gocsv is safe to read: under the names
// that it knows, and with no row longer than the header (on which it panics). Unknown
// columns go by their index, for gocsv would take one such as "\u200bPort Number"
// for the column that it resembles.
func (d *decoder) feed(rows []row) io.Reader {
	var b bytes.Buffer
	size := 1024
	for _, r := range rows {
		size += len(r.Text) + 1
	}
	b.Grow(size)
	header := slices.Clone(d.form.columns)
	for i, at := range d.form.unknownAt {
		header[at] = strconv.Itoa(i)
	}
	w := csv.NewWriter(&b)
	_ = w.Write(header) // a Buffer takes everything
	w.Flush()
	for _, r := range rows {
		if r.FieldCount() > len(header) || !r.Plain() && ianacsv.Scan(r.Text).Stray >= 0 {
			cells := make([]string, len(header)) // all of them: one empty cell alone would be a blank line
			copy(cells, r.Cells())
			_ = w.Write(cells)
			w.Flush()
			continue
		}
		b.WriteString(r.Text)
		if !strings.HasSuffix(r.Text, "\n") {
			b.WriteByte('\n')
		}
	}
	return &b
}

// next decodes d.row.
func (d *decoder) next() error {
	if len(d.form.unknown) == 0 {
		v, err := d.gocsv.Read()
		if err != nil {
			return err
		}
		d.add(v.(csvRow))
		return nil
	}
	v, unmatched, err := d.gocsv.ReadUnmatched()
	if err != nil {
		return err
	}
	d.add(v.(csvRow))
	extra := make([]string, len(d.form.unknown))
	for i := range extra {
		extra[i] = ianacsv.Normalise(unmatched[strconv.Itoa(i)])
	}
	d.table.extra = append(d.table.extra, extra)
	return nil
}

// add appends the record of a row, and what problems it has.
func (d *decoder) add(v csvRow) {
	d.checkRow()
	r := parseRecord([NumColumns]string{
		ianacsv.Normalise(v.ServiceName), ianacsv.Normalise(v.PortNumber), strings.ToLower(ianacsv.Normalise(v.Transport)), ianacsv.Normalise(v.Description),
		ianacsv.Normalise(v.Assignee), ianacsv.Normalise(v.Contact), ianacsv.Normalise(v.RegistrationDate), ianacsv.Normalise(v.ModificationDate),
		ianacsv.Normalise(v.Reference), ianacsv.Normalise(v.ServiceCode), ianacsv.Normalise(v.UnauthorizedUse), ianacsv.Normalise(v.AssignmentNotes),
	}, d.problem)
	d.table.Records, d.table.lines = append(d.table.Records, r), append(d.table.lines, d.row.Line)
}

// parseRecord returns the record of normalised values, and calls problem for each that cannot be taken at its word, with
// the name of its column; with none where the whole row is meant.
func parseRecord(v [NumColumns]string, problem func(column string, err error)) Record {
	r := recordOf(v)
	if !r.Ports.ok && v[1] != "" {
		_, err := ParsePorts(v[1])
		problem("Port Number", err)
	}
	if r.Transport != "" && !r.Transport.Known() {
		problem("Transport Protocol", fmt.Errorf("%q is none of tcp, udp, sctp and dccp", clip(string(r.Transport), 20)))
	}
	for i, date := range [...]Date{r.RegistrationDate, r.ModificationDate} {
		if !date.ok && date.text != "" {
			_, err := ParseDate(date.text)
			problem(columns[6+i].Name, fmt.Errorf("%q: %w", clip(date.text, 20), err))
		}
	}
	if r.ServiceName == "" && r.Ports.text == "" {
		problem("", errors.New("the row has neither a service name nor a port number"))
	}
	return r
}

// maxProblems bounds the problems of a table: a file that has more is another file, and they would fill the memory.
const maxProblems = 10_000

// problem records a fault of one column of d.row, or of all of it.
func (d *decoder) problem(column string, err error) {
	if len(d.table.Problems) >= maxProblems {
		return
	}
	fields := ianacsv.Scan(d.row.Text).Fields
	i := max(0, slices.Index(d.form.columns, column))
	p := d.at(fields[min(i, len(fields)-1)].Start)
	p.Field, p.Reason = column, err.Error()
	d.table.Problems = append(d.table.Problems, p)
}

// checkRow adds what is wrong with d.row whatever its columns mean.
func (d *decoder) checkRow() {
	for _, f := range d.row.Faults(len(d.form.columns)) {
		d.problemAt(f.Offset, f.Reason)
	}
}

// problemAt notes a fault at an offset of d.row.
func (d *decoder) problemAt(offset int, reason string) {
	if len(d.table.Problems) >= maxProblems {
		return
	}
	p := d.at(offset)
	p.Reason = reason
	d.table.Problems = append(d.table.Problems, p)
}

// at returns a problem at the place in the file of an offset of d.row.
func (d *decoder) at(offset int) (p Problem) {
	p.Line, p.Column = d.row.Position(offset)
	return p
}
