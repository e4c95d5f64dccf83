package registry

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"iter"
	"slices"
	"strings"
	"unique"

	"github.com/ianasync/ianasync/internal/plainjson"
)

// Cell is the text that a record has in one column.
type Cell struct {
	Key  string // the column's [Column.Key]
	Text string
}

// Record is one row of a registry: the set of its cells that have text. An absent cell and an empty one are the same, so
// that a new column without text in it changes no record.
//
// Records are comparable: two mean the same exactly where they are equal with ==. The zero value is the record without
// cells.
//
// A record is one interned string, its keys in order, and one string of its texts. Comparing two records compares a pointer
// and, where that is equal, one string: see BenchmarkRecord for this and the representations that were measured beside it.
type Record struct {
	keys  unique.Handle[string] // each key and a NUL, in order; the zero handle where there are none
	texts string                // for each key the length of its text (a uvarint) and the text
}

// NewRecord returns the record of some cells, in any order. Of several cells with one key the last one counts. NULs in keys
// are dropped.
func NewRecord(cells ...Cell) Record {
	var b RecordBuilder
	if b.build(cells); len(b.keys) == 0 {
		return Record{}
	}
	return Record{unique.Make(string(b.keys)), string(b.texts)}
}

// RecordBuilder makes records like [NewRecord], and reuses its memory. The zero value is ready for use. It serves one
// goroutine at a time.
type RecordBuilder struct {
	sorted      []Cell
	keys, texts []byte
	known       map[string]unique.Handle[string]
}

// Record returns the record of some cells, which it neither keeps nor alters.
func (b *RecordBuilder) Record(cells []Cell) Record {
	if b.build(cells); len(b.keys) == 0 {
		return Record{}
	}
	handle, found := b.known[string(b.keys)]
	if !found {
		if b.known == nil {
			b.known = make(map[string]unique.Handle[string])
		}
		handle = unique.Make(string(b.keys))
		b.known[string(b.keys)] = handle
	}
	return Record{handle, string(b.texts)}
}

// build sets keys and texts to those of some cells.
func (b *RecordBuilder) build(cells []Cell) {
	b.sorted, b.keys, b.texts = append(b.sorted[:0], cells...), b.keys[:0], b.texts[:0]
	slices.SortStableFunc(b.sorted, func(a, b Cell) int { return strings.Compare(a.Key, b.Key) })
	for i, c := range b.sorted {
		if c.Text == "" || i+1 < len(b.sorted) && b.sorted[i+1].Key == c.Key {
			continue
		}
		b.keys = append(append(b.keys, c.Key...), 0)
		b.texts = append(binary.AppendUvarint(b.texts, uint64(len(c.Text))), c.Text...)
	}
}

// Equal reports whether r and s mean the same, for packages that compare values by such a method.
func (r Record) Equal(s Record) bool { return r == s }

// All yields the key and the text of each cell, in order of the keys.
func (r Record) All() iter.Seq2[string, string] {
	return func(yield func(key, text string) bool) {
		if r.texts == "" {
			return
		}
		for keys, texts := r.keys.Value(), r.texts; keys != ""; {
			end := strings.IndexByte(keys, 0)
			begin, length := textAt(texts)
			if !yield(keys[:end], texts[begin:begin+length]) {
				return
			}
			keys, texts = keys[end+1:], texts[begin+length:]
		}
	}
}

// textAt returns where in texts the first text begins, and its length.
func textAt(texts string) (begin, length int) {
	if c := texts[0]; c < 0x80 { // nearly every one
		return 1, int(c)
	}
	for shift := 0; ; shift += 7 {
		c := texts[begin]
		begin++
		length |= int(c&0x7f) << shift
		if c < 0x80 {
			return begin, length
		}
	}
}

// Get returns the text of the cell with the given key; nothing where there is none.
func (r Record) Get(key string) string {
	for k, text := range r.All() {
		if k == key {
			return text
		}
	}
	return ""
}

// Cells returns the cells, in order of their keys.
func (r Record) Cells() []Cell {
	var list []Cell
	for key, text := range r.All() {
		list = append(list, Cell{key, text})
	}
	return list
}

// Len returns the number of cells.
func (r Record) Len() int {
	if r.texts == "" {
		return 0
	}
	return strings.Count(r.keys.Value(), "\x00")
}

// With returns the record with another text in one column; an empty text removes the cell.
func (r Record) With(key, text string) Record {
	return NewRecord(append(r.Cells(), Cell{key, text})...)
}

// Compare orders records by their cells, in order of the keys: cmp.Compare for records. It is zero exactly for equal ones.
func Compare(a, b Record) int {
	if a == b {
		return 0
	}
	return slices.CompareFunc(a.Cells(), b.Cells(), func(c, d Cell) int {
		return cmp.Or(strings.Compare(c.Key, d.Key), strings.Compare(c.Text, d.Text))
	})
}

// AppendJSON appends the record to b as a JSON object of strings: every one of columns in their order, empty or not, then
// the cells of other keys in order of these.
func (r Record) AppendJSON(b []byte, columns []Column) []byte {
	var buffer [32]string // nearly all registries have fewer columns
	texts := append(buffer[:0], make([]string, len(columns))...)
	var others []Cell
	for key, text := range r.All() {
		if at := slices.IndexFunc(columns, func(c Column) bool { return c.Key == key }); at >= 0 {
			texts[at] = text
		} else {
			others = append(others, Cell{key, text})
		}
	}
	comma := byte('{')
	member := func(key, text string) {
		b = append(plainjson.AppendString(append(b, comma), key), ':')
		b = plainjson.AppendString(b, text)
		comma = ','
	}
	for i := range columns {
		member(columns[i].Key, texts[i])
	}
	for _, c := range others {
		member(c.Key, c.Text)
	}
	if comma == '{' {
		b = append(b, '{')
	}
	return append(b, '}')
}

// MarshalJSON writes the cells as a JSON object of strings, in order of their keys.
func (r Record) MarshalJSON() ([]byte, error) { return r.AppendJSON(nil, nil), nil }

// UnmarshalJSON reads a JSON object of strings, such as [Record.AppendJSON] writes. The error is that of encoding/json.
func (r *Record) UnmarshalJSON(data []byte) error {
	var byKey map[string]string
	if err := json.Unmarshal(data, &byKey); err != nil {
		return err
	}
	cells := make([]Cell, 0, len(byKey))
	for key, text := range byKey {
		cells = append(cells, Cell{key, text})
	}
	*r = NewRecord(cells...)
	return nil
}
