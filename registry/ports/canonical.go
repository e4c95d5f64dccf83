package ports

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"slices"
	"sort"
	"strings"

	"github.com/ianasync/ianasync/registry/ianacsv"
)

// CSV returns the canonical CSV: IANA's present header, the records in canonical
// order, LF, minimal quoting (as encoding/csv writes it). Tables with equal records
// give equal bytes. Reading it back gives an equal table, if the records are in normal
// form as decoding makes them; unknown columns are not written. The bytes are written
// once, and must not be altered.
func (t *Table) CSV() []byte { return t.rows().text }

// csvRows is the canonical CSV of a table.
type csvRows struct {
	text []byte
	at   []int // for each record the offset of its row, and at the end the size of the text
}

// rows returns the canonical CSV.
func (t *Table) rows() *csvRows {
	t.written.Do(func() {
		if t.csv != nil {
			return
		}
		w := newRowWriter(96 * (len(t.Records) + 1))
		w.header()
		for i := range t.Records {
			w.record(&t.Records[i])
		}
		t.csv = w.done()
	})
	return t.csv
}

// rowWriter writes canonical CSV.
type rowWriter struct {
	csvRows
	quoted bytes.Buffer // the last row that has quotes
	csv    *csv.Writer  // to it
}

func newRowWriter(size int) *rowWriter {
	w := &rowWriter{csvRows: csvRows{text: make([]byte, 0, size)}}
	w.csv = csv.NewWriter(&w.quoted)
	return w
}

func (w *rowWriter) header() {
	for i := range columns {
		w.text = append(append(w.text, columns[i].Name...), ',')
	}
	w.text[len(w.text)-1] = '\n'
}

// record writes the row of a record.
func (w *rowWriter) record(r *Record) {
	w.at = append(w.at, len(w.text))
	cells := r.Values()
	if slices.ContainsFunc(cells[:], func(cell string) bool { return !isPlain(cell) }) {
		w.quoted.Reset()
		_ = w.csv.Write(cells[:]) // a Buffer takes everything
		w.csv.Flush()
		w.text = append(w.text, w.quoted.Bytes()...)
		return
	}
	for _, cell := range cells {
		w.text = append(append(w.text, cell...), ',')
	}
	w.text[len(w.text)-1] = '\n'
}

// copy writes rows of another table, from one record up to another.
func (w *rowWriter) copy(rows *csvRows, from, to int) {
	shift := len(w.text) - rows.at[from]
	for _, at := range rows.at[from:to] {
		w.at = append(w.at, at+shift)
	}
	w.text = append(w.text, rows.text[rows.at[from]:rows.at[to]]...)
}

func (w *rowWriter) done() *csvRows {
	return &csvRows{w.text, append(w.at, len(w.text))}
}

// replaced returns the table without the records that are gone and with those that came, both in canonical order. It is not whole
// where not all of gone is in the table.
func (t *Table) replaced(gone, came []Record) (next *Table, whole bool) {
	rows := t.rows()
	next = &Table{Records: make([]Record, 0, len(t.Records)+len(came))}
	if newest := t.NewestDate(); newestDate(gone) < newest { // else it is to be found
		next.newest = max(newest, newestDate(came))
	}
	w := newRowWriter(len(rows.text) + 96*len(came))
	w.header()
	from := 0 // the first record that is neither copied nor gone
	copyTo := func(i int) {
		next.Records = append(next.Records, t.Records[from:i]...)
		w.copy(rows, from, i)
		from = i
	}
	for len(gone)+len(came) > 0 {
		if len(gone) == 0 || len(came) > 0 && compare(&came[0], &gone[0]) < 0 {
			copyTo(t.search(from, &came[0]))
			next.Records = append(next.Records, came[0])
			w.record(&came[0])
			came = came[1:]
			continue
		}
		i := t.search(from, &gone[0])
		if i == len(t.Records) || t.Records[i] != gone[0] {
			return nil, false
		}
		copyTo(i)
		from, gone = i+1, gone[1:]
	}
	copyTo(len(t.Records))
	next.csv = w.done()
	return next, true
}

// search returns the index of the first record, from one on, that is not before r in canonical order.
func (t *Table) search(from int, r *Record) int {
	return from + sort.Search(len(t.Records)-from, func(i int) bool { return compare(&t.Records[from+i], r) >= 0 })
}

// isPlain reports whether encoding/csv certainly writes a cell without quotes.
func isPlain(cell string) bool {
	for i := range len(cell) {
		switch c := cell[i]; {
		case c == '"' || c == ',' || c == '\\' || c < ' ':
			return false
		case i == 0 && (c == ' ' || c >= 0x80): // white space, perhaps
			return false
		}
	}
	return true
}

// LongestRow returns the size in bytes of the longest row of the canonical CSV. No cell is longer.
func (t *Table) LongestRow() (most int) {
	at := t.rows().at
	for i := range t.Records {
		most = max(most, at[i+1]-at[i])
	}
	return most
}

// Digest returns the table's digest: the SHA-256 of its canonical CSV, in
// lower-case hexadecimal.
func (t *Table) Digest() string {
	t.digested.Do(func() {
		if t.digest == "" {
			t.digest = digestOf(t.CSV())
		}
	})
	return t.digest
}

func digestOf(canonical []byte) string {
	sum := sha256.Sum256(canonical)
	return hex.EncodeToString(sum[:])
}

// DecodeAs is [Decode] for a file whose table is at hand as canonical CSV and has the given digest, no problems and no unknown
// columns. It decodes no row, which takes a fifth of the time. It is not ok where the CSV has another digest; then it is not that of
// the table.
func DecodeAs(data, canonical []byte, digest string) (d *Decoded, ok bool, err error) {
	if digestOf(canonical) != digest {
		return nil, false, nil
	}
	e, err := ReadEdition(data)
	if err != nil {
		return nil, false, err
	}
	rows := ianacsv.Cut(string(canonical))
	at := len(rows[0].Text)
	rows = rows[1:]
	t := &Table{Records: make([]Record, len(rows)), csv: &csvRows{canonical, make([]int, len(rows), len(rows)+1)}, digest: digest}
	for i, row := range rows {
		var v [NumColumns]string
		if row.Plain() {
			rest := row.Key()
			for column := range v {
				v[column], rest, _ = strings.Cut(rest, ",")
			}
		} else {
			copy(v[:], row.Cells())
		}
		t.Records[i], t.csv.at[i] = recordOf(v), at
		at += len(row.Text)
	}
	t.csv.at = append(t.csv.at, at)
	return &Decoded{Edition: e, Table: t}, true, nil
}
