package audit

// This file parses the files that an audit compares with the registry. parse.go recognises the form of a file by its
// contents and holds what the forms have in common. Each form has a parser in a file of its own: lines.go, csv.go,
// json.go, golang.go. The last two decode into the values of values.go.
//
// A line that cannot be read is kept as a problem, and the rest is audited. A file most of whose lines cannot be read is
// refused: it is not a list of services.

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/registry/ports"
)

// Form is the form of a file.
type Form string

// The forms.
const (
	Services  Form = "services"
	Nmap      Form = "nmap-services"
	Wireshark Form = "wireshark"
	CSV       Form = "csv"
	JSON      Form = "json"
	JSONLines Form = "jsonl"
	Go        Form = "go"
	DNSSD     Form = "dns-sd"
)

// FormInfo describes a form for people.
type FormInfo struct {
	Form    Form
	Summary string // one line, lower case
}

// Forms describes all forms.
var Forms = [...]FormInfo{
	{Services, "services(5): name port/protocol aliases # comment"},
	{Nmap, "nmap's: name port/protocol frequency # comment"},
	{Wireshark, "Wireshark's services file, or what 'tshark -G services' prints"},
	{CSV, "IANA's CSV of any age, or a CSV whose header names a service and a port"},
	{JSON, "a map of ports to names or of names to ports, or a list of objects"},
	{JSONLines, "an object with a service and a port on each line"},
	{Go, "Go source with maps of ports to names or of names to ports"},
	{DNSSD, "service types, which have no port: _http._tcp"},
}

// Entry is one name that a file gives to ports.
type Entry struct {
	Name      string
	Aliases   []string        // in files of the form services(5)
	Ports     ports.Ports     // a port or a range; none where the file names a service type of DNS-SD
	Transport ports.Transport // lower case; not always one that the registry knows; empty where the file states none
	Line      int             // from 1
}

// Place returns the entry's ports and transport: "4420/tcp", "4420" where the file states no transport, "" where there is
// no port.
func (e *Entry) Place() string { return placeOf(e.Ports, e.Transport) }

func placeOf(numbers ports.Ports, t ports.Transport) string {
	switch {
	case numbers.String() == "":
		return ""
	case t == "":
		return numbers.String()
	}
	return numbers.String() + "/" + string(t)
}

// List is the contents of a file.
type List struct {
	Form       Form
	Entries    []Entry      // in the file's order
	Unplaced   int          // names without a port
	Unnamed    int          // ports without a name, such as IANA's rows of unassigned ports; a range counts once
	Unreadable []ParseError // lines that cannot be read, in the file's order

	read   int // lines, rows or members that could be read
	failed int // lines that could not
}

// ParseError is what cannot be read, and where.
type ParseError struct {
	Line, Column int // from 1; the column in bytes; both 0 where the whole file is meant
	Problem      string
}

func (e *ParseError) Error() string {
	if e.Line == 0 {
		return e.Problem
	}
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Problem)
}

// Hint names what an audit needs.
func (e *ParseError) Hint() string {
	return "an audit needs names and ports, as in /etc/services, a CSV with the columns \"name\" and \"port\", or a JSON map such as " +
		"{\"6379/tcp\": [\"redis\"]}; 'ianasync audit --help' lists the forms"
}

// Parse parses a file. The error is a [*ParseError].
func Parse(data []byte) (*List, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if err := refuse(data); err != nil {
		return nil, err
	}
	if !bytes.Contains(data, []byte("\n")) { // a CR alone ends the lines of old files
		data = bytes.ReplaceAll(data, []byte("\r"), []byte("\n"))
	}
	switch text := bytes.TrimLeft(data, " \t\r\n"); {
	case text[0] == '{' && isJSONLines(text):
		return parseJSONLines(data)
	case text[0] == '{', text[0] == '[':
		return parseJSON(data)
	case goSource().Match(data[:min(len(data), 1<<16)]):
		return parseGo(data)
	}
	if header, found := findHeader(data); found {
		return parseCSV(data, header)
	}
	f, err := parseLines(data)
	if err != nil && seemsCSV(data) {
		err = errorAt(data, 0, "the first line of the CSV names no column that an audit needs: \"name\" and \"port\", and \"protocol\" if there is one")
	}
	return f, err
}

// otherFiles are the first bytes of files that are not text, or not plain text.
var otherFiles = []struct{ begin, problem string }{
	{"\x1f\x8b", "the file is compressed: gzip"},
	{"\xfd7zXZ\x00", "the file is compressed: xz"},
	{"\x28\xb5\x2f\xfd", "the file is compressed: zstd"},
	{"PK\x03\x04", "the file is a zip archive, or a spreadsheet"},
	{"\xff\xfe", "the file is UTF-16; an audit reads UTF-8"},
	{"\xfe\xff", "the file is UTF-16; an audit reads UTF-8"},
	{"version https://git-lfs.github.com/", "the file is a Git LFS pointer, not the file itself"},
}

// refuse returns an error for a file that is not text of any form.
func refuse(data []byte) error {
	for _, other := range otherFiles {
		if bytes.HasPrefix(data, []byte(other.begin)) {
			return &ParseError{Problem: other.problem}
		}
	}
	text := bytes.TrimLeft(data, " \t\r\n")
	switch at := bytes.IndexByte(data, 0); {
	case len(text) == 0:
		return &ParseError{Problem: "the file is empty"}
	case at >= 0:
		return errorAt(data, at, "the file is binary")
	case text[0] == '<':
		return errorAt(data, len(data)-len(text), "this is a page of HTML or XML, not a list of services")
	}
	return nil
}

// errorAt returns an error at an offset of a file.
func errorAt(data []byte, offset int, problem string) *ParseError {
	before := data[:min(offset, len(data))]
	return &ParseError{1 + bytes.Count(before, []byte("\n")), len(before) - bytes.LastIndexByte(before, '\n'), problem}
}

// cell is text in a file.
type cell struct {
	text         string
	line, column int
}

// row is the text that a file has of a service. A cell that it lacks is empty.
type row struct{ name, port, protocol cell }

// fail keeps a problem at a cell.
func (f *List) fail(at cell, format string, args ...any) {
	f.failed++
	f.Unreadable = append(f.Unreadable, ParseError{at.line, at.column, fmt.Sprintf(format, args...)})
}

// add adds the entries of a row: one for each port and transport.
func (f *List) add(r *row) {
	name := strings.Join(strings.Fields(r.name.text), " ")
	port := strings.TrimSpace(r.port.text)
	if name == "" {
		f.Unnamed++
		f.read++
		return
	}
	if port == "" {
		f.addUnplaced(name, r.name.line)
		return
	}
	var entries []Entry
	for _, item := range strings.FieldsFunc(port, func(c rune) bool { return c == ',' || c == ';' || c == ' ' }) {
		numbers, transports, err := parsePort(item, r.protocol.text)
		if err != nil {
			f.fail(r.port, "%v", err)
			return
		}
		for _, t := range transports {
			entries = append(entries, Entry{Name: name, Ports: numbers, Transport: t, Line: r.name.line})
		}
	}
	f.read++
	f.Entries = append(f.Entries, entries...)
}

// addUnplaced adds a name without a port. It becomes an entry only if it is written as a service type of DNS-SD.
func (f *List) addUnplaced(name string, line int) {
	f.read++
	if service, transport, ok := parseServiceType(name); ok {
		f.Entries = append(f.Entries, Entry{Name: service, Transport: transport, Line: line})
	} else {
		f.Unplaced++
	}
}

// done returns the list, or an error if it is none: most of it could not be read, or it has no entry.
func (f *List) done() (*List, error) {
	if f.failed > f.read {
		first := f.Unreadable[0]
		first.Problem += fmt.Sprintf("; this is not a list of services: %d of %d lines cannot be read", f.failed, f.failed+f.read)
		return nil, &first
	}
	if len(f.Entries) == 0 && f.failed > 0 {
		return nil, &f.Unreadable[0]
	}
	if len(f.Entries) == 0 {
		return nil, &ParseError{Problem: "the file has no entry: no name with a port"}
	}
	return f, nil
}

// Transports returns the transports that a record with a port is about. A record without one is from when a port was
// assigned on tcp and udp at once.
func Transports(r *ports.Record) []ports.Transport {
	if r.Transport == "" {
		return []ports.Transport{ports.TCP, ports.UDP}
	}
	return []ports.Transport{r.Transport}
}

// ParsePlace parses "64/tcp/udp" or "6000-6063/tcp".
func ParsePlace(text string) (ports.Ports, []ports.Transport, error) {
	port, rest, found := strings.Cut(text, "/")
	if port == "" || port[0] < '0' || port[0] > '9' {
		return ports.Ports{}, nil, fmt.Errorf("%.40q is not a port with a protocol, such as 53/udp", text)
	}
	numbers, err := parseNumbers(port)
	switch {
	case err != nil:
		return numbers, nil, err
	case !found:
		return numbers, nil, fmt.Errorf("%.40q lacks a protocol, such as 53/udp", text)
	}
	var transports []ports.Transport
	for name := range strings.SplitSeq(rest, "/") {
		if name == "" {
			return numbers, nil, fmt.Errorf("%.40q lacks a protocol, such as 53/udp", text)
		}
		transports = append(transports, ports.Transport(strings.ToLower(name)))
	}
	return numbers, transports, nil
}

// parseNumbers parses a port or a range.
func parseNumbers(text string) (ports.Ports, error) {
	if len(text) > len("65535-65535") || strings.Trim(text, "0123456789-") != "" {
		return ports.Ports{}, fmt.Errorf("%.40q is not a port", text)
	}
	return ports.ParsePorts(text)
}

// parsePort parses a port, which may have its protocol with it, and the protocols of a cell: "tcp", "TCP/UDP", "". There
// is one transport at least: the empty one where no protocol is stated.
func parsePort(port, protocols string) (ports.Ports, []ports.Transport, error) {
	if strings.Contains(port, "/") {
		return ParsePlace(port)
	}
	numbers, err := parseNumbers(port)
	if err != nil {
		return numbers, nil, err
	}
	var transports []ports.Transport
	for _, name := range strings.FieldsFunc(strings.ToLower(protocols), func(c rune) bool { return (c < 'a' || c > 'z') && (c < '0' || c > '9') }) {
		if t := ports.Transport(name); name != "and" && name != "or" && !slices.Contains(transports, t) {
			transports = append(transports, t)
		}
	}
	if transports == nil {
		transports = []ports.Transport{""}
	}
	return numbers, transports, nil
}
