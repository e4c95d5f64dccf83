package registry

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unsafe"
)

// ErrNotRegistry says that a file is not the registry: it has no header of it.
var ErrNotRegistry = errors.New("not the service names registry")

// Edition is one CSV file of the registry, cut into rows but not decoded. Its rows
// share the memory of the file.
//
// A row ends at a line end (LF or CRLF) that is outside quotes. Quotes are heeded
// as encoding/csv heeds them with LazyQuotes, so that every file can be cut.
type Edition struct {
	header    string   // as it is in the file, without its line end
	columns   []string // the header, by IANA's present names where they are known
	unknown   []string // those of columns that are not in [Columns]
	unknownAt []int    // where in columns each of unknown is
	rows      []row
	ended     bool // the last row has a line end

	outlined sync.Once
	outlines []Outline // of each row: see [Edition.Where]
}

const byteOrderMark = "\ufeff"

// ReadEdition cuts the bytes of a file into rows. The file must begin with the
// registry's header, after a byte order mark if there is one: every column of
// [Columns] under its own name or an alias, once, in any order. Otherwise the error
// is an [ErrNotRegistry] that says which column is missing or doubled, or what the
// file seems to be.
//
// The edition keeps data, which must not be altered afterwards: a copy of every file
// would cost more than cutting it does.
func ReadEdition(data []byte) (*Edition, error) {
	data = bytes.TrimPrefix(data, []byte(byteOrderMark))
	text := unsafe.String(unsafe.SliceData(data), len(data)) //nolint:gosec // data is the edition's from here on
	if what := recognise(text); what != "" {
		return nil, fmt.Errorf("%w: it is %s", ErrNotRegistry, what)
	}
	rows := cut(text)
	if len(rows) == 0 {
		return nil, fmt.Errorf("%w: the file is empty", ErrNotRegistry)
	}
	for _, r := range rows {
		if len(r.text) > maxFields && r.fields() > maxFields {
			return nil, fmt.Errorf("%w: the row on line %d has %d fields", ErrNotRegistry, r.line, r.fields())
		}
	}
	e := &Edition{header: rows[0].key(), rows: rows[1:], ended: strings.HasSuffix(text, "\n")}
	if err := e.readHeader(rows[0]); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotRegistry, err)
	}
	return e, nil
}

// Len returns the number of records of the edition.
func (e *Edition) Len() int { return len(e.rows) }

// Short returns the line of the first row that has fewer fields than the header, and how many; 0 where none has.
// IANA's rows have them all: such a row is of another file.
func (e *Edition) Short() (line, fields int) {
	for _, r := range e.rows {
		if n := r.fields(); n < len(e.columns) {
			return r.line, n
		}
	}
	return 0, 0
}

// Unknown returns the names of the columns that the edition has and [Columns]
// has not.
func (e *Edition) Unknown() []string { return e.unknown }

// Ended reports whether the last row has a line end. IANA's always has: where it is missing, the file may be cut off.
func (e *Edition) Ended() bool { return e.ended }

// CutOff returns why the last row is not whole, which is where a file was cut off; nothing where it is whole.
func (e *Edition) CutOff() string {
	if len(e.rows) == 0 {
		return ""
	}
	r := e.rows[len(e.rows)-1]
	switch n := r.fields(); {
	case n < len(e.columns):
		return fmt.Sprintf("its last row, on line %d, has %d of %d fields", r.line, n, len(e.columns))
	case !r.plain() && scan(r.text).open:
		return fmt.Sprintf("its last row, from line %d on, has a quote that is never closed", r.line)
	}
	return ""
}

// Last returns the last record in the order of the file. It is not found where there is none.
func (e *Edition) Last() (last Record, found bool) {
	if len(e.rows) == 0 {
		return Record{}, false
	}
	t, err := e.decode(e.rows[len(e.rows)-1:])
	if err != nil || len(t.Records) == 0 {
		return Record{}, false
	}
	return t.Records[0], true
}

// SecondHeader returns the line of the first row that is the header again, or 0.
func (e *Edition) SecondHeader() (line int) {
	for _, r := range e.rows {
		if r.key() == e.header {
			return r.line
		}
	}
	return 0
}

// Bounds of what is cut into fields, which would fill the memory otherwise. The registry has 12 columns.
const (
	maxColumns = 64   // of the header
	maxFields  = 1000 // of a row
)

func (e *Edition) readHeader(r row) error {
	if looksLikeMarkup(r.text) {
		return errors.New("it is a page of HTML or XML, not CSV")
	}
	if n := r.fields(); n > maxColumns {
		return fmt.Errorf("its first line has %d columns, not the registry's %d", n, len(columns))
	}
	header := r.cells()
	seen := make(map[string]int)
	for i, name := range header {
		name, known := columnName(name)
		if first, doubled := seen[name]; doubled && known {
			return fmt.Errorf("column %q stands twice, as columns %d and %d", name, first, i+1)
		} else if doubled || name == "" {
			name = strings.TrimSpace(fmt.Sprintf("%s (column %d)", name, i+1))
		}
		seen[name] = i + 1
		e.columns = append(e.columns, name)
		if !known {
			e.unknown = append(e.unknown, name)
			e.unknownAt = append(e.unknownAt, i)
		}
	}
	var missing, unknown []string
	for _, name := range e.unknown {
		unknown = append(unknown, fmt.Sprintf("%q", clip(name, 60)))
	}
	for i := range columns {
		if seen[columns[i].Name] == 0 {
			missing = append(missing, fmt.Sprintf("%q", columns[i].Name))
		}
	}
	switch {
	case len(missing) == NumColumns:
		return fmt.Errorf("its first line is %q, not the registry's header", clip(header[0], 60))
	case len(missing) > 0 && len(e.unknown) > 0:
		return fmt.Errorf("it has no column %s, but an unknown one named %s", strings.Join(missing, ", "), strings.Join(unknown, ", "))
	case len(missing) > 0:
		return fmt.Errorf("it has no column %s", strings.Join(missing, ", "))
	}
	return nil
}

// columnName returns IANA's present name for a column by the name a file gives
// it, and whether it is known. Letter case and white space do not matter.
func columnName(name string) (string, bool) {
	name = normalise(name)
	for i := range columns {
		c := &columns[i]
		same := func(s string) bool { return strings.EqualFold(s, name) }
		if same(c.Name) || slices.ContainsFunc(c.aliases, same) {
			return c.Name, true
		}
	}
	return name, false
}

// formats are the first bytes of files that people take for the registry's, and what these are.
var formats = []struct{ magic, what string }{
	{"\x1f\x8b", "compressed with gzip: decompress it first (gunzip)"},
	{"\x28\xb5\x2f\xfd", "compressed with zstd: decompress it first (unzstd)"},
	{"\xfd7zXZ\x00", "compressed with xz: decompress it first (unxz)"},
	{"BZh", "compressed with bzip2: decompress it first (bunzip2)"},
	{"PK\x03\x04", "a zip archive or a spreadsheet (.xlsx), not CSV: unpack it, or save it as CSV in UTF-8"},
	{"\xd0\xcf\x11\xe0", "a spreadsheet (.xls), not CSV: save it as CSV in UTF-8"},
	{"version https://git-lfs.github.com/", "a Git LFS pointer, not the file itself: 'git lfs pull' fetches that"},
	{"\xff\xfe", "UTF-16, not UTF-8: convert it first (iconv -f UTF-16 -t UTF-8)"},
	{"\xfe\xff", "UTF-16, not UTF-8: convert it first (iconv -f UTF-16 -t UTF-8)"},
	{"S\x00e\x00", "UTF-16, not UTF-8: convert it first (iconv -f UTF-16LE -t UTF-8)"},
	{"\x00S\x00e", "UTF-16, not UTF-8: convert it first (iconv -f UTF-16BE -t UTF-8)"},
}

// recognise returns what a file is that is known not to be CSV in UTF-8, and what to do about it; nothing for any other.
func recognise(text string) string {
	for _, f := range formats {
		if strings.HasPrefix(text, f.magic) {
			return f.what
		}
	}
	if at := strings.IndexByte(text, '\r'); at > 0 && at < len(text)-1 && !strings.Contains(text, "\n") {
		return "a file whose lines end in CR alone, as old Macs wrote them: convert the line ends first (tr '\\r' '\\n')"
	}
	return ""
}

func looksLikeMarkup(s string) bool { return strings.HasPrefix(strings.TrimSpace(s), "<") }

// clip cuts s for a message.
func clip(s string, most int) string {
	if r := []rune(normalise(s)); len(r) > most {
		return string(r[:most]) + "…"
	}
	return normalise(s)
}
