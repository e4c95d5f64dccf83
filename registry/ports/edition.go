package ports

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"unsafe"
)

// ErrNotRegistry is the error for a file that has neither the registry's CSV header nor is a whole XML document of it.
var ErrNotRegistry = errors.New("not the service names registry")

// Edition is one file of the registry, cut into rows but not decoded. Its rows share the memory of the file.
type Edition struct {
	form form // nil where there are no rows
	rows []row

	outlined sync.Once
	outlines []Outline // of each row: see [Edition.Where]
}

// Form is a form of file in which the registry is published.
type Form string

// The forms.
const (
	CSV Form = "csv"
	XML Form = "xml"
)

// FormOf returns the form of a file's bytes: XML where they begin with a <, else CSV.
func FormOf(data []byte) Form {
	data = bytes.TrimLeft(bytes.TrimPrefix(data, []byte(byteOrderMark)), " \t\r\n")
	if len(data) > 0 && data[0] == '<' {
		return XML
	}
	return CSV
}

// form decodes the rows of one edition. There is one for each [Form].
type form interface {
	// decode returns the table of some rows. An error would be a fault of the decoder.
	decode(rows []row) (*Table, error)
	// outline returns an outline of each row.
	outline(rows []row) []Outline
	// comparable reports whether rows of equal text mean the same in an edition of the other form.
	comparable(other form) bool
}

const byteOrderMark = "\ufeff"

// ReadEdition cuts the bytes of a file into rows. The file is in one of two forms; what begins with a < is XML. A byte
// order mark is skipped. Where the file is not the registry, the error is an [ErrNotRegistry] that says what it is instead.
//
// The CSV must begin with the registry's header: every column of [Columns] under its own name or an alias, once, in any
// order. The XML must be that of the registry's group, well-formed to its end: see [ianaxml].
//
// The edition keeps data, which must not be altered afterwards: a copy of every file
// would cost more than cutting it does.
func ReadEdition(data []byte) (*Edition, error) { return (*Edition)(nil).Next(data) }

// Next is [ReadEdition] for an edition that differs little from e, as the next one in time does: of XML, it takes a
// quarter of the time. The result is the same.
func (e *Edition) Next(data []byte) (*Edition, error) {
	text := unsafe.String(unsafe.SliceData(data), len(data)) //nolint:gosec // data is the edition's from here on
	if what := recognise(strings.TrimPrefix(text, byteOrderMark)); what != "" {
		return nil, fmt.Errorf("%w: it is %s", ErrNotRegistry, what)
	}
	var next *Edition
	var err error
	if FormOf(data) == XML {
		next, err = readXML(e, data)
	} else {
		next, err = readCSV(strings.TrimPrefix(text, byteOrderMark))
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotRegistry, err)
	}
	return next, nil
}

// Form returns the form of the edition's file.
func (e *Edition) Form() Form {
	if _, isXML := e.form.(*xmlForm); isXML {
		return XML
	}
	return CSV
}

// Len returns the number of records of the edition.
func (e *Edition) Len() int { return len(e.rows) }

// outline returns an outline of each row.
func (e *Edition) outline() []Outline {
	e.outlined.Do(func() {
		if len(e.rows) > 0 {
			e.outlines = e.form.outline(e.rows)
		}
	})
	return e.outlines
}

// Last returns the last record in the order of the file. It is not found where there is none.
func (e *Edition) Last() (last Record, found bool) {
	if len(e.rows) == 0 {
		return Record{}, false
	}
	t, err := e.form.decode(e.rows[len(e.rows)-1:])
	if err != nil || len(t.Records) == 0 {
		return Record{}, false
	}
	return t.Records[0], true
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
	// The first line end decides: quoted cells of such a file may hold LFs.
	if at := strings.IndexAny(text, "\r\n"); at > 0 && at < len(text)-1 && text[at] == '\r' && text[at+1] != '\r' && text[at+1] != '\n' {
		return "a file whose lines end in CR alone, as old Macs wrote them: convert the line ends first (tr '\\r' '\\n')"
	}
	return ""
}

// clip cuts s for a message.
func clip(s string, most int) string {
	if r := []rune(normalise(s)); len(r) > most {
		return string(r[:most]) + "…"
	}
	return normalise(s)
}
