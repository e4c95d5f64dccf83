package ianaxml

import (
	"fmt"
	"strings"
)

// Record is a record of a registry, not decoded. It shares the memory of the document.
type Record struct {
	Text  string // from its start tag to its end tag
	Line  int    // of its start in the document, from 1
	Shift int    // how many bytes of its first line stand before it

	bindings []binding // the namespaces around it
}

// Position returns the line and the column in the document, each from 1, of an offset of the record's Text.
func (r *Record) Position(offset int) (line, column int) {
	before := r.Text[:offset]
	if last := strings.LastIndexByte(before, '\n'); last >= 0 {
		return r.Line + strings.Count(before, "\n"), offset - last
	}
	return r.Line, r.Shift + offset + 1
}

// Cell is one column of a record.
type Cell struct {
	Key    string // the column: an element's name, or one of the keys below
	Text   string // normalised; may be empty
	Offset int    // of its first source in the record's Text
}

// The keys of the columns that stand last, in this order, and that have sources other than elements of their name.
const (
	KeyReference = "reference"         // the xrefs that are no people
	KeyContact   = "contact"           // the xrefs that are people
	KeyDate      = "registration_date" // the attribute date
	KeyUpdated   = "modification_date" // the attribute updated
)

var tail = [...]string{KeyReference, KeyContact, KeyDate, KeyUpdated}

// tailIndex returns where in tail a key is, or -1.
func tailIndex(key string) int {
	switch key {
	case KeyReference:
		return 0
	case KeyContact:
		return 1
	case KeyDate:
		return 2
	case KeyUpdated:
		return 3
	}
	return -1
}

// Decoder decodes records. What it returns does not share memory with the document. The zero value is ready for use.
// It serves one goroutine at a time.
type Decoder struct {
	scanner scanner
	builder builder
	keys    map[string]string // keys seen, each with its own memory
	parts   []part
	columns []column
	at      map[string]int // where in columns a key is; of records that have many
	dates   [2]string      // the attributes date and updated
	joined  builder        // the texts of the cells
	ends    []int          // of each of them
}

// part is the text of one child element of a record.
type part struct {
	begin, end int  // in builder.out
	label      bool // it is that of an xref
	next       int  // the next part of the same column, or -1
}

// column is one column while a record is decoded.
type column struct {
	key         string
	first, last int // parts; -1 where there are none
	offset      int
}

// Append appends the cells of a record: first those of elements in the order of the document, then those of
// [KeyReference], [KeyContact], [KeyDate] and [KeyUpdated]. No key stands twice.
func (d *Decoder) Append(cells []Cell, r *Record) []Cell {
	cells, err := d.append(cells, r)
	if err != nil {
		panic(fmt.Sprintf("ianaxml: the record of line %d was well-formed when it was read: %v", r.Line, err))
	}
	return cells
}

func (d *Decoder) append(cells []Cell, r *Record) ([]Cell, error) {
	s := &d.scanner
	s.text, s.at, s.open, s.bindings, s.begun = r.Text, 0, s.open[:0], append(s.bindings[:0], r.bindings...), false
	if _, err := s.next(); err != nil {
		return cells, err
	}
	date, _ := s.tag.get("date")
	updated, _ := s.tag.get("updated")
	d.dates = [2]string{date, updated}
	d.builder.out, d.parts, d.columns = d.builder.out[:0], d.parts[:0], d.columns[:0]
	clear(d.at)
	for {
		t, err := s.next()
		if err != nil {
			return cells, err
		}
		if t == end {
			return d.assemble(cells), nil
		}
		if t != start {
			continue
		}
		if !s.tag.ours || s.tag.local == "people" {
			err = s.skip()
		} else {
			err = d.child()
		}
		if err != nil {
			return cells, err
		}
	}
}

// child reads the child element whose start tag was read last.
func (d *Decoder) child() error {
	s, offset := &d.scanner, d.scanner.tag.begin
	d.builder.reset()
	p := part{begin: len(d.builder.out), next: -1, label: s.tag.local == "xref"}
	key := s.tag.local
	var err error
	switch {
	case p.label:
		var kind, shown string
		kind, shown, err = label(s)
		if key = KeyReference; kind == "person" {
			key = KeyContact
		}
		d.builder.addLabel(shown)
	case key == "file":
		var file string
		file, err = fileName(s)
		d.builder.add(file)
	default:
		err = d.builder.text(s)
	}
	p.end = len(d.builder.out)
	c := d.column(key, offset)
	if d.parts = append(d.parts, p); c.first < 0 {
		c.first = len(d.parts) - 1
	} else {
		d.parts[c.last].next = len(d.parts) - 1
	}
	c.last = len(d.parts) - 1
	return err
}

// column returns the column of a key, which it adds where there is none.
func (d *Decoder) column(key string, offset int) *column {
	const many = 24
	if len(d.columns) < many {
		for i := range d.columns {
			if d.columns[i].key == key {
				return &d.columns[i]
			}
		}
	} else {
		if d.at == nil {
			d.at = make(map[string]int)
		}
		for i := len(d.at); i < len(d.columns); i++ {
			d.at[d.columns[i].key] = i
		}
		if i, found := d.at[key]; found {
			return &d.columns[i]
		}
	}
	d.columns = append(d.columns, column{d.intern(key), -1, -1, offset})
	return &d.columns[len(d.columns)-1]
}

// intern returns a key in memory of its own.
func (d *Decoder) intern(key string) string {
	own, known := d.keys[key]
	if !known {
		if d.keys == nil || len(d.keys) > 1000 {
			d.keys = make(map[string]string)
		}
		own = strings.Clone(key)
		d.keys[own] = own
	}
	return own
}

// assemble appends the cells that the parts make up. They share one string.
func (d *Decoder) assemble(cells []Cell) []Cell {
	for i, key := range [...]string{KeyDate, KeyUpdated} {
		if d.dates[i] != "" {
			d.column(key, 0)
		}
	}
	d.joined.out, d.ends = d.joined.out[:0], d.ends[:0]
	from := len(cells)
	for i := range d.columns {
		if tailIndex(d.columns[i].key) < 0 {
			cells = d.join(cells, &d.columns[i])
		}
	}
	for _, key := range tail {
		for i := range d.columns {
			if d.columns[i].key == key {
				cells = d.join(cells, &d.columns[i])
			}
		}
	}
	all, begin := string(d.joined.out), 0
	for i, end := range d.ends {
		cells[from+i].Text, begin = all[begin:end], end
	}
	return cells
}

// join appends the cell of a column. Its text is that of the parts: with nothing between two labels, else with one space.
func (d *Decoder) join(cells []Cell, c *column) []Cell {
	begin, label := len(d.joined.out), false
	for i := c.first; i >= 0; i = d.parts[i].next {
		p := d.parts[i]
		if p.begin == p.end {
			continue
		}
		if len(d.joined.out) > begin && (!label || !p.label) {
			d.joined.out = append(d.joined.out, ' ')
		}
		d.joined.out, label = append(d.joined.out, d.builder.out[p.begin:p.end]...), p.label
	}
	if i := tailIndex(c.key) - tailIndex(KeyDate); i >= 0 && len(d.joined.out) == begin {
		d.joined.reset()
		d.joined.add(d.dates[i])
	}
	d.ends = append(d.ends, len(d.joined.out))
	return append(cells, Cell{Key: c.key, Offset: c.offset})
}
