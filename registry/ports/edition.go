package ports

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"unsafe"

	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/registry/ianacsv"
)

// ErrNotRegistry is the error for a file that has neither the registry's CSV header nor is a whole XML document of it.
var ErrNotRegistry = errors.New("not the service names registry")

// Edition is one file of the registry, cut into rows but not decoded. Its rows share the memory of the file.
type Edition struct {
	form form // nil where there are no rows
	rows []row
}

// row is one record of a file, undecoded: a row of CSV, or an element of XML from its start tag to its end tag.
type row = ianacsv.Row

// Form is a form of file in which the registry is published.
type Form = registry.Form

// The forms.
const (
	CSV = registry.CSV
	XML = registry.XML
)

// form decodes the rows of one edition. There is one for each [Form].
type form interface {
	// decode returns the table of some rows. An error would be a fault of the decoder.
	decode(rows []row) (*Table, error)
	// outline sets the outline's exported fields, from its row.
	outline(o *Outline)
	// cell returns the cell of an outline's row in a column, which is given as an index of [Columns].
	cell(o *Outline, column int) string
	// comparable reports whether rows of equal text mean the same in an edition of the other form.
	comparable(other form) bool
}

const byteOrderMark = "\ufeff"

// ReadEdition cuts the bytes of a file into rows. The file is in one of two forms; what begins with a < is XML. A byte
// order mark is skipped. Where the file is not the registry, the error is an [ErrNotRegistry] that says what it is instead: of the CSV
// of another registry, also a [registry.OneTableError].
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
	if what := ianacsv.Recognise(strings.TrimPrefix(text, byteOrderMark)); what != "" {
		return nil, fmt.Errorf("%w: it is %s", ErrNotRegistry, what)
	}
	var next *Edition
	var err error
	if registry.FormOf(data) == XML {
		next, err = readXML(e, data)
	} else {
		next, err = readCSV(strings.TrimPrefix(text, byteOrderMark))
	}
	if err != nil {
		if one, isOne := registry.OneTable(data); isOne && !HasColumn(one.Columns) {
			err = one
		}
		return nil, fmt.Errorf("%w: %w", ErrNotRegistry, err)
	}
	return next, nil
}

// HasColumn reports whether one of the columns of a file is the service name, the port or the transport protocol: whether it is of this
// registry, however damaged.
func HasColumn(columns []registry.Column) bool {
	return slices.ContainsFunc(columns, func(c registry.Column) bool {
		return c.Key == "service_name" || c.Key == "port_number" || c.Key == "transport_protocol"
	})
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

// outlines yields an outline of each row. It is the same one each time, with other content.
func (e *Edition) outlines() iter.Seq2[int, *Outline] {
	return func(yield func(int, *Outline) bool) {
		o := &Outline{form: e.form}
		for i, r := range e.rows {
			o.row = r
			if e.form.outline(o); !yield(i, o) {
				return
			}
		}
	}
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

// clip cuts s for a message.
func clip(s string, most int) string {
	if r := []rune(ianacsv.Normalise(s)); len(r) > most {
		return string(r[:most]) + "…"
	}
	return ianacsv.Normalise(s)
}
