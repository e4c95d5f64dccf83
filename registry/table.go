package registry

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"iter"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Table is all records of one registry in one edition, in canonical order; equal records stay as often as they stood. A
// table is not altered once it is made.
type Table struct {
	Registry *Registry
	Columns  []Column // in order of appearance
	Records  []Record
	Problems []Problem // in the order of the file

	lines []int // for each record its line in the file; nil where the table is of none
	order []int // for each record its position in the file; nil where the table is of none

	digested sync.Once
	digest   string
}

// NewTable returns the table of the given records, which it takes over and sorts: see [Order]. The columns are those of the
// registry's description where columns is nil. Lines are those of the records in the file, or nil.
func NewTable(r *Registry, columns []Column, records []Record, lines []int) *Table {
	t := &Table{Registry: r, Columns: columns, Records: records, lines: lines}
	if columns == nil {
		t.Columns = r.Columns
	}
	keys := make([]string, len(t.Columns))
	for i := range t.Columns {
		keys[i] = t.Columns[i].Key
	}
	t.sort(Order(keys...))
	return t
}

// Line returns the line of the file, from 1, where record i begins; 0 where the table is of no file.
func (t *Table) Line(i int) int {
	if t.lines == nil {
		return 0
	}
	return t.lines[i]
}

// InFile yields the records in the order of the file, each with its index in Records. Where the table is of no file, the
// order is the canonical one.
func (t *Table) InFile() iter.Seq2[int, Record] {
	at := make([]int, len(t.Records))
	for i := range at {
		at[i] = i
	}
	if t.order != nil {
		for i, position := range t.order {
			at[position] = i
		}
	}
	return func(yield func(int, Record) bool) {
		for _, i := range at {
			if !yield(i, t.Records[i]) {
				return
			}
		}
	}
}

// Column returns the column with the given key, and whether there is one.
func (t *Table) Column(key string) (Column, bool) {
	i := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Key == key })
	if i < 0 {
		return Column{}, false
	}
	return t.Columns[i], true
}

// sort brings the records into an order.
func (t *Table) sort(compare func(a, b Record) int) {
	at := make([]int, len(t.Records))
	for i := range at {
		at[i] = i
	}
	slices.SortStableFunc(at, func(i, j int) int { return compare(t.Records[i], t.Records[j]) })
	records, lines := make([]Record, len(at)), make([]int, len(at))
	for i, from := range at {
		records[i] = t.Records[from]
		if t.lines != nil {
			lines[i] = t.lines[from]
		}
	}
	t.Records, t.order = records, at
	if t.lines != nil {
		t.lines = lines
	}
}

// Order returns the canonical order of the records of a table whose key is the given columns: by their texts as
// [CompareText] has it, then by all cells. It is zero exactly for equal records.
func Order(keys ...string) func(a, b Record) int {
	return func(a, b Record) int {
		if a == b {
			return 0
		}
		for _, key := range keys {
			if c := CompareText(a.Get(key), b.Get(key)); c != 0 {
				return c
			}
		}
		return Compare(a, b)
	}
}

// CompareText orders texts by their numbers: decimal ones, and hexadecimal ones after 0x, compare by value with each other,
// everything else byte by byte; a number comes before other text, no text last. So "9" comes before "10-12", "0x0A" before
// "0x10", and "0x13,0x02" before "0x13,0x10". It is zero exactly for equal texts.
func CompareText(a, b string) int {
	if a == b {
		return 0
	}
	if a == "" || b == "" {
		return cmp.Compare(len(b), len(a))
	}
	v, w := a, b
	for v != "" && w != "" {
		m, v1, isNumber := number(v)
		n, w1, other := number(w)
		switch {
		case isNumber != other:
			if isNumber {
				return -1
			}
			return 1
		case isNumber && m != n:
			return cmp.Compare(m, n)
		case !isNumber && v[0] != w[0]:
			return cmp.Compare(v[0], w[0])
		}
		v, w = v1, w1
	}
	return cmp.Or(cmp.Compare(len(v), len(w)), cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

// number returns the number at the start of s, and the rest of s. Where s does not begin with one, or with one of more than
// 64 bits, the rest is all but the first byte.
func number(s string) (n uint64, rest string, ok bool) {
	const decimal, hexadecimal = "0123456789", "0123456789abcdefABCDEF"
	if c := s[0]; c < '0' || c > '9' {
		return 0, s[1:], false
	}
	digits, base := s, 10
	rest = strings.TrimLeft(s, decimal)
	if hex := strings.TrimPrefix(strings.TrimPrefix(s, "0x"), "0X"); len(hex) == len(s)-2 && strings.IndexAny(hex, hexadecimal) == 0 {
		digits, base = hex, 16
		rest = strings.TrimLeft(hex, hexadecimal)
	}
	n, err := strconv.ParseUint(digits[:len(digits)-len(rest)], base, 64)
	if err != nil {
		return 0, s[1:], false
	}
	return n, rest, true
}

// CSV returns the canonical CSV: a header of the columns' headings, the records in canonical order, LF, minimal quoting (as
// encoding/csv writes it).
func (t *Table) CSV() []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	line := make([]string, len(t.Columns))
	for i := range t.Columns {
		line[i] = t.Columns[i].Heading()
	}
	_ = w.Write(line) // a Buffer takes everything
	for _, r := range t.Records {
		for i := range t.Columns {
			line[i] = r.Get(t.Columns[i].Key)
		}
		if len(line) == 1 && line[0] == "" {
			w.Flush()
			b.WriteString("\"\"\n") // a blank line would be no record
			continue
		}
		_ = w.Write(line)
	}
	w.Flush()
	return b.Bytes()
}

// Digest returns the table's digest: the SHA-256, in lower-case hexadecimal, of its records as [Record.MarshalJSON] writes
// them, one a line, the lines sorted as bytes. Tables with equal records have equal digests, whatever the order of their rows
// and columns, the columns' labels, and the columns that have no text.
func (t *Table) Digest() string {
	t.digested.Do(func() {
		lines := make([]string, len(t.Records))
		var b []byte
		for i, r := range t.Records {
			b = append(r.AppendJSON(b[:0], nil), '\n')
			lines[i] = string(b)
		}
		slices.Sort(lines)
		h := sha256.New()
		for _, l := range lines {
			h.Write([]byte(l))
		}
		t.digest = hex.EncodeToString(h.Sum(nil))
	})
	return t.digest
}
