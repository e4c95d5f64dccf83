package ianacsv

import "strings"

// Row is one record of a file, undecoded.
type Row struct {
	Text string // with its line end
	Line int    // of its first byte, from 1
	At   int    // its index among the rows of the file
}

// Key returns what identifies a row: all but its line end.
func (r Row) Key() string {
	return strings.TrimSuffix(strings.TrimSuffix(r.Text, "\n"), "\r")
}

// Same reports whether two rows have the same [Row.Key].
func (r Row) Same(s Row) bool { return r.Text == s.Text || r.Key() == s.Key() }

// Plain reports whether the row has no quotes, so that its commas and line ends are
// what they seem.
func (r Row) Plain() bool { return strings.IndexByte(r.Text, '"') < 0 }

// FieldCount returns the number of fields of the row.
func (r Row) FieldCount() int {
	if r.Plain() {
		return strings.Count(r.Text, ",") + 1
	}
	return len(Scan(r.Text).Fields)
}

// Cut returns the records of a CSV text, blank lines left out. Nothing but their line
// ends and the blank lines is lost.
func Cut(text string) []Row {
	rows := make([]Row, 0, len(text)/72) // about what a row of the registry takes
	for line := 1; text != ""; {
		end := strings.IndexByte(text, '\n') + 1
		if end == 0 {
			end = len(text)
		}
		r, lines := Row{Text: text[:end], Line: line, At: len(rows)}, 1
		if !r.Plain() {
			r.Text = text[:recordEnd(text)]
			lines = strings.Count(r.Text, "\n")
		}
		if r.Key() != "" {
			rows = append(rows, r)
		}
		text, line = text[len(r.Text):], line+lines
	}
	return rows
}

// Scanned is what [Scan] finds of a record.
type Scanned struct {
	Fields []Span // in the file's order
	End    int    // of the record, its line end included
	Stray  int    // where the first quote stands that opens or closes no field, or -1
	Open   bool   // a quote is never closed
}

// usual is how many fields a record has in the largest registry, that of the service names.
const usual = 12

// Span is where a field stands in a text, quotes included.
type Span struct{ Start, End int }

// Scan reads the record at the start of text, which may go on over line ends inside
// quotes. A quote opens a quoted field only as its first byte. RFC 4180 has it closed
// only before a comma or a line end; where something else follows, the rest of the
// field is taken as it stands, up to the next comma or line end. So damage stays in its
// row, and the fields are those that Python's csv module, with which IANA writes the
// file, would read. (With its LazyQuotes, encoding/csv would go on to the next quote
// that looks like a closing one, over a hundred rows perhaps.)
func Scan(text string) Scanned {
	s := Scanned{Stray: -1, Fields: make([]Span, 0, usual)}
	for at := 0; ; at++ {
		start := at
		at = s.field(text, at)
		s.Fields = append(s.Fields, Span{start, at})
		if at == len(text) || text[at] == '\n' {
			s.End = min(at+1, len(text))
			return s
		}
	}
}

// recordEnd is the End of [Scan].
func recordEnd(text string) int {
	var s Scanned
	for at := 0; ; at++ {
		at = s.field(text, at)
		if at == len(text) || text[at] == '\n' {
			return min(at+1, len(text))
		}
	}
}

// field returns where the field ends that begins at an offset.
func (s *Scanned) field(text string, at int) int {
	if at < len(text) && text[at] == '"' {
		at = s.quoted(text, at)
	}
	return s.unquoted(text, at)
}

// quoted returns the offset past the quote that closes the field which begins at start.
func (s *Scanned) quoted(text string, start int) int {
	for at := start + 1; ; at++ {
		q := strings.IndexByte(text[at:], '"')
		if q < 0 {
			s.strayAt(start) // it is never closed
			s.Open = true
			return len(text)
		}
		at += q + 1
		if at == len(text) || text[at] != '"' {
			return at
		}
	}
}

// unquoted returns where the field ends that goes on at from without quotes: at the
// next comma or LF. A CR before the LF, or at the end of the text, belongs to the line
// end.
func (s *Scanned) unquoted(text string, from int) int {
	at := from
	for ; at < len(text) && text[at] != ',' && text[at] != '\n'; at++ {
		if text[at] == '"' {
			s.strayAt(at)
		}
	}
	rest := text[from:at]
	if at == len(text) || text[at] == '\n' {
		rest = strings.TrimSuffix(rest, "\r")
	}
	if from > 0 && text[from-1] == '"' && rest != "" {
		s.strayAt(from - 1) // it closed the field, and yet something follows
	}
	return at
}

func (s *Scanned) strayAt(at int) {
	if s.Stray < 0 || at < s.Stray {
		s.Stray = at
	}
}

// Cells returns the text of each field of the row, without its quotes. The last may
// end in the CR of the line end, which normalising removes.
func (r Row) Cells() []string {
	s := Scan(r.Text)
	cells := make([]string, len(s.Fields))
	for i, f := range s.Fields {
		cells[i] = unquote(r.Text[f.Start:f.End])
	}
	return cells
}

// Cell returns one of [Row.Cells], or nothing where the row has not that many.
func (r Row) Cell(at int) string {
	start, before := 0, at
	for i := range len(r.Text) {
		switch r.Text[i] {
		case '"': // commas may be text from here on
			return r.scanned(at)
		case ',':
			if before == 0 {
				return r.Text[start:i]
			}
			start, before = i+1, before-1
		}
	}
	if before > 0 {
		return ""
	}
	return strings.TrimSuffix(r.Text[start:], "\n")
}

// scanned is [Row.Cell] of a row with quotes.
func (r Row) scanned(at int) string {
	fields := Scan(r.Text).Fields
	if at >= len(fields) {
		return ""
	}
	return unquote(r.Text[fields[at].Start:fields[at].End])
}

// unquote returns what a field says, doubled quotes made single.
func unquote(field string) string {
	rest, isQuoted := strings.CutPrefix(field, `"`)
	if !isQuoted {
		return field
	}
	var b strings.Builder
	for {
		before, after, found := strings.Cut(rest, `"`)
		b.WriteString(before)
		if !found {
			return b.String() // never closed
		}
		if !strings.HasPrefix(after, `"`) {
			b.WriteString(after)
			return b.String()
		}
		b.WriteByte('"')
		rest = after[1:]
	}
}
