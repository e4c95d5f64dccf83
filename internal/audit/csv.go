package audit

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// The names of columns, and of members of objects: those of services, ports and protocols, the best first. Letter case,
// blanks and punctuation do not matter: "Port Number", "port_number" and "portNumber" are one name.
var (
	nameColumns     = []string{"servicename", "service", "name", "keyword"}
	portColumns     = []string{"portnumber", "port", "ports", "portprotocol", "portproto"}
	protocolColumns = []string{"transportprotocol", "protocol", "proto", "transport", "protocols", "transports"}
)

// columns are the places of the columns that an audit needs; -1 where there is none.
type columns struct{ name, port, protocol int }

func columnsOf(header []string) columns {
	folded := make([]string, len(header))
	for i, name := range header {
		folded[i] = strings.Map(letter, name)
	}
	find := func(names []string) int {
		for _, name := range names {
			if i := slices.Index(folded, name); i >= 0 {
				return i
			}
		}
		return -1
	}
	return columns{find(nameColumns), find(portColumns), find(protocolColumns)}
}

// letter folds the letters of a column's name, and drops what is none.
func letter(c rune) rune {
	switch {
	case 'A' <= c && c <= 'Z':
		return c + 'a' - 'A'
	case 'a' <= c && c <= 'z':
		return c
	}
	return -1
}

// csvHeader is the first line of a CSV.
type csvHeader struct {
	separator rune
	columns
	width     int // how many columns it has
	line, end int // its line, from 1; where in the data its line ends
}

// hasPort matches a line that has a port: no header has.
var hasPort = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(^|[\s,;"])[0-9]+(/|[\s,;"]|$)`) })

// findHeader returns the header of a CSV: the first line that is not empty and no comment, if it names a column of
// services or of ports among others, and has no port.
func findHeader(data []byte) (h csvHeader, found bool) {
	for line := range bytes.Lines(data) {
		h.line++
		h.end += len(line)
		text := bytes.TrimSpace(line)
		if len(text) == 0 || text[0] == '#' {
			continue
		}
		for _, separator := range ",;\t" {
			h.separator = separator
			header, err := h.reader(text).Read()
			h.columns, h.width = columnsOf(header), len(header)
			if err == nil && len(header) > 1 && (h.name >= 0 || h.port >= 0) && !hasPort().Match(text) {
				return h, true
			}
		}
		break
	}
	return h, false
}

// seemsCSV reports whether the first two lines of a file have equally many commas, or semicolons.
func seemsCSV(data []byte) bool {
	first, rest, _ := bytes.Cut(bytes.TrimSpace(data), []byte("\n"))
	second, _, _ := bytes.Cut(bytes.TrimSpace(rest), []byte("\n"))
	for _, separator := range []string{",", ";"} {
		if n := bytes.Count(first, []byte(separator)); n > 0 && n == bytes.Count(second, []byte(separator)) {
			return true
		}
	}
	return false
}

func (h csvHeader) reader(data []byte) *csv.Reader {
	r := csv.NewReader(bytes.NewReader(data))
	r.Comma, r.Comment, r.FieldsPerRecord, r.ReuseRecord = h.separator, '#', -1, true
	return r
}

// parseCSV parses a CSV: an edition of the registry, or rows of somebody else with a service and a port.
func parseCSV(data []byte, h csvHeader) (*List, error) {
	switch {
	case h.port < 0:
		return nil, &ParseError{h.line, 1, "the CSV has no column of ports: an audit needs one named \"port\" or \"Port Number\""}
	case h.name < 0:
		return nil, &ParseError{h.line, 1, "the CSV has no column of services: an audit needs one named \"name\", \"service\" or \"Service Name\""}
	}
	f := &List{Form: CSV}
	r := h.reader(data[h.end:])
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return f.done()
		}
		if broken, ok := errors.AsType[*csv.ParseError](err); ok {
			f.fail(cell{line: h.line + broken.StartLine, column: 1}, "the row cannot be read up to line %d, column %d: %v", h.line+broken.Line, broken.Column, broken.Err)
			f.failed += broken.Line - broken.StartLine // the lines that are lost with it
			continue
		}
		f.addCells(r, cells, h)
	}
}

// addCells adds a row of a CSV.
func (f *List) addCells(r *csv.Reader, cells []string, h csvHeader) {
	at := func(i int) cell {
		if i < 0 {
			return cell{}
		}
		line, column := r.FieldPos(i)
		return cell{cells[i], h.line + line, column}
	}
	if len(cells) <= max(h.name, h.port, h.protocol) {
		f.fail(at(0), "the row has %d of the header's %d columns, and lacks one that an audit needs", len(cells), h.width)
		return
	}
	f.add(&row{at(h.name), at(h.port), at(h.protocol)})
}
