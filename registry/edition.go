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
	columns   []string // the header, by IANA's present names where they are known
	unknown   []string // those of columns that are not in [Columns]
	unknownAt []int    // where in columns each of unknown is
	rows      []row

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
	rows := cut(text)
	if len(rows) == 0 {
		return nil, fmt.Errorf("%w: the file is empty", ErrNotRegistry)
	}
	e := &Edition{rows: rows[1:]}
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

func (e *Edition) readHeader(r row) error {
	if looksLikeMarkup(r.text) {
		return errors.New("it is a page of HTML or XML, not CSV")
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

func looksLikeMarkup(s string) bool { return strings.HasPrefix(strings.TrimSpace(s), "<") }

// clip cuts s for a message.
func clip(s string, most int) string {
	if r := []rune(normalise(s)); len(r) > most {
		return string(r[:most]) + "…"
	}
	return normalise(s)
}
