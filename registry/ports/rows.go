package ports

import "strings"

// row is one record of a file, undecoded.
type row struct {
	text string // with its line end; of XML, from its start tag to its end tag
	line int    // of its first byte, from 1
	at   int    // of XML: which record of the registry it is
}

// key returns what identifies a row: all but its line end.
func (r row) key() string {
	return strings.TrimSuffix(strings.TrimSuffix(r.text, "\n"), "\r")
}

// plain reports whether the row has no quotes, so that its commas and line ends are
// what they seem.
func (r row) plain() bool { return strings.IndexByte(r.text, '"') < 0 }

// fields returns the number of fields of the row.
func (r row) fields() int {
	if r.plain() {
		return strings.Count(r.text, ",") + 1
	}
	return len(scan(r.text).fields)
}

// cut returns the records of a CSV text, blank lines left out. Nothing but their line
// ends and the blank lines is lost.
func cut(text string) []row {
	rows := make([]row, 0, len(text)/72) // about what a row of the registry takes
	for line := 1; text != ""; {
		end := strings.IndexByte(text, '\n') + 1
		if end == 0 {
			end = len(text)
		}
		r, lines := row{text: text[:end], line: line}, 1
		if !r.plain() {
			r.text = text[:scan(text).end]
			lines = strings.Count(r.text, "\n")
		}
		if r.key() != "" {
			rows = append(rows, r)
		}
		text, line = text[len(r.text):], line+lines
	}
	return rows
}

// scanned is what scan finds of a record.
type scanned struct {
	fields []span // in the file's order
	end    int    // of the record, its line end included
	stray  int    // where the first quote stands that opens or closes no field, or -1
	open   bool   // a quote is never closed
}

// span is where a field stands in a text, quotes included.
type span struct{ start, end int }

// scan reads the record at the start of text, which may go on over line ends inside
// quotes. A quote opens a quoted field only as its first byte. RFC 4180 has it closed
// only before a comma or a line end; where something else follows, the rest of the
// field is taken as it stands, up to the next comma or line end. So damage stays in its
// row, and the fields are those that Python's csv module, with which IANA writes the
// file, would read. (With its LazyQuotes, encoding/csv would go on to the next quote
// that looks like a closing one, over a hundred rows perhaps.)
func scan(text string) scanned {
	s := scanned{stray: -1}
	for at := 0; ; at++ {
		start := at
		if at < len(text) && text[at] == '"' {
			at = s.quoted(text, at)
		}
		at = s.unquoted(text, at)
		s.fields = append(s.fields, span{start, at})
		if at == len(text) || text[at] == '\n' {
			s.end = min(at+1, len(text))
			return s
		}
	}
}

// quoted returns the offset past the quote that closes the field which begins at start.
func (s *scanned) quoted(text string, start int) int {
	for at := start + 1; ; at++ {
		q := strings.IndexByte(text[at:], '"')
		if q < 0 {
			s.strayAt(start) // it is never closed
			s.open = true
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
func (s *scanned) unquoted(text string, from int) int {
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

func (s *scanned) strayAt(at int) {
	if s.stray < 0 || at < s.stray {
		s.stray = at
	}
}

// cells returns the text of each field of the row, without its quotes. The last may
// end in the CR of the line end, which normalising removes.
func (r row) cells() []string {
	s := scan(r.text)
	cells := make([]string, len(s.fields))
	for i, f := range s.fields {
		cells[i] = unquote(r.text[f.start:f.end])
	}
	return cells
}

// cell returns one of [row.cells], or nothing where the row has not that many.
func (r row) cell(at int) string {
	if !r.plain() {
		fields := scan(r.text).fields
		if at >= len(fields) {
			return ""
		}
		return unquote(r.text[fields[at].start:fields[at].end])
	}
	rest := r.text
	for ; at > 0; at-- {
		var found bool
		if _, rest, found = strings.Cut(rest, ","); !found {
			return ""
		}
	}
	rest, _, _ = strings.Cut(rest, ",")
	return strings.TrimSuffix(rest, "\n")
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
