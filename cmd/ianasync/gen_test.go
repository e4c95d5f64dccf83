package main

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ianasync/ianasync/registry/ports"
)

// book is a made-up edition of the registry that a test alters and then prints, as a
// table of text. It is as large as the guard wants the real one to be.
//
// It is the same every time, and names tell where they are: relay-15 has port 15, tcp
// and udp, and so has every 14th port after it; the ports between are Unassigned. A
// few hundred services named plain-7 have no port.
type book struct {
	header []string
	rows   [][]string
	bom    bool
	lf     bool // LF between records, not CRLF
	twice  bool // text is encoded in UTF-8 twice
	cut    int  // how many bytes are missing at the end
	gz     bool // compressed with gzip
	xml    bool // XML, not CSV
}

const (
	firstRelay = 1  // the first port with a service
	relayStep  = 14 // from one such port to the next
	plainNames = 500
)

// The places of columns that tests alter.
const (
	colName = iota
	colPort
	colTransport
	colDescription
	colAssignee
	colContact
	colRegistered
	colModified
	colReference
	colNotes = 11
)

func newBook() *book {
	b := &book{}
	for _, c := range ports.Columns() {
		b.header = append(b.header, c.Name)
	}
	b.add("", "0", "tcp", "Reserved", "[IANA]", "[IANA]")
	b.add("", "0", "udp", "Reserved", "[IANA]", "[IANA]")
	for port := firstRelay; port <= ports.LastAssignable; port += relayStep {
		b.addRelay(port)
		if last := min(port+relayStep-1, ports.LastAssignable); last > port {
			b.add("", portsOf(port+1, last), "", "Unassigned")
		}
	}
	for i := range plainNames {
		b.add(fmt.Sprintf("plain-%d", i), "", "tcp", fmt.Sprintf("Service %d without a port", i), "[Plain_Example]", "[Plain_Example]", "2011-04-05")
	}
	b.add("rdp", "", "", "Reliable Data Protocol") // IANA's has it twice, too
	b.add("rdp", "", "", "Remote Desktop Protocol")
	return b
}

// addRelay adds the two records of a service, with all that IANA's records have: dates of
// two precisions or none, commas and line ends inside cells.
func (b *book) addRelay(port int) {
	n := (port - firstRelay) / relayStep
	cells := []string{
		fmt.Sprintf("relay-%d", port), strconv.Itoa(port), "", fmt.Sprintf("Relay number %d, for tests", n),
		fmt.Sprintf("[Holder_%d]", n), fmt.Sprintf("[Contact_%d]", n), fmt.Sprintf("20%02d-%02d-%02d", n%20, 1+n%12, 1+n%28), "", "", "", "", "",
	}
	switch n % 5 {
	case 0:
		cells[colRegistered] = cells[colRegistered][:len("2006-01")]
	case 1:
		cells[colRegistered] = ""
	case 2:
		cells[colReference] = "[RFC6335]"
	}
	if n%40 == 3 {
		cells[colNotes] = fmt.Sprintf("Defined TXT keys: path=<path>\nand number=%d, no others", n)
	}
	for _, transport := range []string{"tcp", "udp"} {
		cells[colTransport] = transport
		b.add(cells...)
	}
}

func portsOf(first, last int) string {
	if first == last {
		return strconv.Itoa(first)
	}
	return fmt.Sprintf("%d-%d", first, last)
}

func (b *book) add(cells ...string) {
	row := make([]string, len(b.header))
	copy(row, cells)
	b.rows = append(b.rows, row)
}

// of returns the rows of a service.
func (b *book) of(name string) [][]string {
	var rows [][]string
	for _, row := range b.rows {
		if row[colName] == name {
			rows = append(rows, row)
		}
	}
	if len(rows) == 0 {
		panic("the book has no service " + name)
	}
	return rows
}

// set gives a column of a service's rows a value.
func (b *book) set(name string, column int, value string) {
	for _, row := range b.of(name) {
		row[column] = value
	}
}

func (b *book) column(name string) int {
	at := slices.Index(b.header, name)
	if at < 0 {
		panic("the book has no column " + name)
	}
	return at
}

// edits are what a script may do to a book, by name. Of each its arguments are those that
// the script gives it, separated by colons.
var edits = map[string]func(b *book, args []string){
	// what happens to the registry
	"rename": func(b *book, a []string) { b.set(a[0], colName, a[1]) },
	"reuse": func(b *book, a []string) { // another service, of another assignee
		b.set(a[0], colDescription, a[2])
		b.set(a[0], colAssignee, "[Another]")
		b.set(a[0], colContact, "[Another]")
		b.set(a[0], colName, a[1])
	},
	"transfer": func(b *book, a []string) {
		b.set(a[0], colAssignee, a[1])
		b.set(a[0], colModified, "2026-01-08")
	},
	"contact":  func(b *book, a []string) { b.set(a[0], colContact, a[1]) },
	"notes":    func(b *book, a []string) { b.set(a[0], colNotes, a[1]) },
	"deassign": func(b *book, a []string) { b.deassign(a[0]) },
	"assign":   func(b *book, a []string) { b.assign(a[0], a[1]) },
	"exodus": func(b *book, a []string) { // so many services go at once
		n, _ := strconv.Atoi(a[0])
		for i := range n {
			b.deassign(fmt.Sprintf("relay-%d", firstRelay+i*relayStep))
		}
	},
	// what happens to a file
	"half":      func(b *book, _ []string) { b.rows = b.rows[:len(b.rows)/2] },
	"rows":      func(b *book, a []string) { n, _ := strconv.Atoi(a[0]); b.rows = b.rows[:n] },
	"hole":      func(b *book, a []string) { b.hole(a[0]) },
	"dropcol":   func(b *book, a []string) { b.dropColumn(b.column(a[0])) },
	"addcol":    func(b *book, a []string) { b.addColumn(a[0], a[1]) },
	"renamecol": func(b *book, a []string) { b.header[b.column(a[0])] = a[1] },
	"swapcols":  func(b *book, a []string) { b.swapColumns(b.column(a[0]), b.column(a[1])) },
	"reverse":   func(b *book, _ []string) { slices.Reverse(b.rows) },
	"lf":        func(b *book, _ []string) { b.lf = true },
	"bom":       func(b *book, _ []string) { b.bom = true },
	"xml":       func(b *book, _ []string) { b.xml = true },
	"gz":        func(b *book, _ []string) { b.gz = true },
	"twice":     func(b *book, _ []string) { b.twice = true },
	"cut":       func(b *book, a []string) { b.cut, _ = strconv.Atoi(a[0]) },
	"tail":      func(b *book, a []string) { n, _ := strconv.Atoi(a[0]); b.rows = b.rows[:len(b.rows)-n] },
	"accents": func(b *book, _ []string) { // in twenty records
		for i := range 10 {
			b.set(fmt.Sprintf("relay-%d", firstRelay+i*relayStep), colAssignee, "[André_Müller]")
		}
	},
	"spreadsheet": func(b *book, _ []string) { // as one writes dates
		for _, row := range b.rows {
			if d, err := time.Parse(time.DateOnly, row[colRegistered]); err == nil {
				row[colRegistered] = d.Format("1/2/2006")
			}
		}
	},
	"wrap":    func(b *book, _ []string) { b.wrap() },
	"wide":    func(b *book, a []string) { b.widen(a[0], 34) },
	"port":    func(b *book, a []string) { b.set(a[0], colPort, a[1]) },
	"date":    func(b *book, a []string) { b.set(a[0], colModified, a[1]) },
	"badutf8": func(b *book, a []string) { b.set(a[0], colDescription, "Caf\xe9") },
	"nul":     func(b *book, a []string) { b.set(a[0], colDescription, "a\x00b") },
	"escape": func(b *book, a []string) {
		b.set(a[0], colDescription, "\x1b[31mred `code` <b>bold</b> [link](javascript:x)")
	},
	"huge": func(b *book, a []string) {
		mb, _ := strconv.Atoi(a[1])
		b.set(a[0], colNotes, strings.Repeat("A very long note. ", mb<<20/18/2)) // of two records
	},
}

func (b *book) deassign(name string) {
	for _, row := range b.of(name) {
		row[colName], row[colDescription], row[colAssignee], row[colContact] = "", "Reserved", "", ""
		row[colModified], row[colNotes] = "2026-01-10", "De-Assigned on 2026-01-10."
	}
}

// assign gives a port to a new service over tcp, as IANA does: the udp twin becomes
// Reserved, and the Unassigned range is cut.
func (b *book) assign(port, name string) {
	n, _ := strconv.Atoi(port)
	at := slices.IndexFunc(b.rows, func(row []string) bool {
		p, err := ports.ParsePorts(row[colPort])
		return err == nil && p.Contains(uint16(n)) && row[colDescription] == "Unassigned"
	})
	p, _ := ports.ParsePorts(b.rows[at][colPort])
	first, last, _ := p.Bounds()
	rest := b.rows[at+1:]
	b.rows = b.rows[:at:at]
	if n > int(first) {
		b.add("", portsOf(int(first), n-1), "", "Unassigned")
	}
	b.add(name, port, "tcp", "The service "+name, "[New_Example]", "[New_Example]", "2026-01-10")
	b.add("", port, "udp", "Reserved", "", "", "2026-01-10")
	if n < int(last) {
		b.add("", portsOf(n+1, int(last)), "", "Unassigned")
	}
	b.rows = append(b.rows, rest...)
}

// hole removes the rows that begin at port or above.
func (b *book) hole(port string) {
	n, _ := strconv.Atoi(port)
	b.rows = slices.DeleteFunc(b.rows, func(row []string) bool {
		p, _ := ports.ParsePorts(row[colPort])
		first, _, ok := p.Bounds()
		return ok && int(first) >= n
	})
}

func (b *book) dropColumn(at int) {
	b.header = slices.Delete(b.header, at, at+1)
	for i := range b.rows {
		b.rows[i] = slices.Delete(b.rows[i], at, at+1)
	}
}

func (b *book) addColumn(name, value string) {
	b.header = append(b.header, name)
	for i := range b.rows {
		b.rows[i] = append(b.rows[i], value)
	}
}

func (b *book) swapColumns(i, j int) {
	b.header[i], b.header[j] = b.header[j], b.header[i]
	for _, row := range b.rows {
		row[i], row[j] = row[j], row[i]
	}
}

// wrap breaks lines inside cells elsewhere, as IANA's exporter does now and then.
func (b *book) wrap() {
	for _, row := range b.rows {
		row[colNotes] = strings.ReplaceAll(strings.ReplaceAll(row[colNotes], "\n", " "), ", ", ",\n")
	}
}

func (b *book) widen(name string, fields int) {
	for i, row := range b.rows {
		for row[colName] == name && len(b.rows[i]) < fields {
			b.rows[i] = append(b.rows[i], "x")
		}
	}
}

// bytes prints the book as IANA prints the registry.
func (b *book) bytes() []byte {
	if b.xml {
		return b.document()
	}
	var out bytes.Buffer
	if b.bom {
		out.WriteString("\ufeff")
	}
	w := csv.NewWriter(&out)
	rows := append([][]string{b.header}, b.rows...)
	if err := w.WriteAll(rows); err != nil {
		panic(err)
	}
	text := out.Bytes()
	if b.twice {
		var twice []rune
		for _, c := range text {
			twice = append(twice, rune(c))
		}
		text = []byte(string(twice))
	}
	if !b.lf {
		text = crlf(text)
	}
	text = text[:len(text)-b.cut]
	if b.gz {
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		if _, err := w.Write(text); err != nil || w.Close() != nil {
			panic(err)
		}
		return packed.Bytes()
	}
	return text
}

// document prints the book as XML.
func (b *book) document() []byte {
	var out bytes.Buffer
	out.WriteString("<?xml version='1.0' encoding='UTF-8'?>\n<registry xmlns=\"http://www.iana.org/assignments\" id=\"service-names-port-numbers\">\n")
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;")
	elements := []struct {
		name   string
		column int
	}{{"name", colName}, {"protocol", colTransport}, {"description", colDescription}, {"assignee", colAssignee}, {"number", colPort}, {"note", colNotes}}
	xref := func(kind, tag string) {
		if tag != "" {
			fmt.Fprintf(&out, "    <xref type=%q data=%q/>\n", kind, strings.Trim(tag, "[]"))
		}
	}
	for _, row := range b.rows {
		fmt.Fprintf(&out, "  <record date=%q updated=%q>\n", row[colRegistered], row[colModified])
		for _, e := range elements {
			if text := row[e.column]; text != "" || e.column == colAssignee {
				fmt.Fprintf(&out, "    <%s>%s</%[1]s>\n", e.name, escape.Replace(text))
			}
		}
		xref("person", row[colContact])
		xref("rfc", strings.ToLower(row[colReference]))
		out.WriteString("  </record>\n")
	}
	out.WriteString("  <people/>\n</registry>\n")
	return out.Bytes()
}

// crlf makes the line ends between records CRLF, and leaves those inside quotes.
func crlf(text []byte) []byte {
	var out bytes.Buffer
	quoted := false
	for _, c := range text {
		switch {
		case c == '"':
			quoted = !quoted
		case c == '\n' && !quoted:
			out.WriteByte('\r')
		}
		out.WriteByte(c)
	}
	return out.Bytes()
}

// generate returns an edition: a new book after the given edits, each a name and its
// arguments with colons between, such as "rename:relay-15:ferry".
func generate(script ...string) []byte {
	b := newBook()
	for _, s := range script {
		words := strings.Split(s, ":")
		edit, ok := edits[words[0]]
		if !ok {
			panic("no such edit: " + s)
		}
		edit(b, words[1:])
	}
	return b.bytes()
}
