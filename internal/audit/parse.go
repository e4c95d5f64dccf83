package audit

// This file and lines.go and json.go parse the files that an audit compares with the registry: the lists in which
// systems and programs keep which service is on which port. Parse recognises the form of a file by its contents:
//
//	services       services(5): "name port/protocol aliases… # comment"
//	nmap-services  nmap's: "name<TAB>port/protocol<TAB>frequency"
//	wireshark      Wireshark's: as services(5), with "64/tcp/udp" and ranges of ports
//	csv            IANA's registry itself, of any age
//	json           a map of "6379/tcp" to a name, or to a list that begins with it
//
// A file that mixes forms, or that has a line of none, is an error with its line and column: an audit of half a file
// would be taken for one of the whole. Names of the registry that stand on no port are counted: see [List.Unplaced].

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/registry"
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
)

// Entry is that a file gives a name to ports.
type Entry struct {
	Name      string
	Aliases   []string           // in files of the form services(5)
	Ports     registry.Ports     // a port or a range
	Transport registry.Transport // lower case; not always one that the registry knows
	Line      int                // where the entry is, from 1
}

// Place is the entry's ports and transport: "4420/tcp".
func (e *Entry) Place() string { return e.Ports.String() + "/" + string(e.Transport) }

// List is what a file says.
type List struct {
	Form     Form
	Entries  []Entry         // in the file's order
	Unplaced int             // how many names have no port, or none that can be read: only editions of the registry have such
	Table    *registry.Table // of an edition of the registry, with its problems
}

// ParseError says where a file cannot be read.
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

// Hint says which forms can be read.
func (e *ParseError) Hint() string {
	return "an audit reads services(5), nmap-services, Wireshark's services, IANA's CSV, and JSON maps such as {\"6379/tcp\": [\"redis\"]}"
}

// Parse reads a file. The error is an [*ParseError].
func Parse(data []byte) (*List, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	switch text := bytes.TrimLeft(data, " \t\r\n"); {
	case len(text) == 0:
		return nil, &ParseError{Problem: "the file is empty"}
	case bytes.IndexByte(data, 0) >= 0:
		line := 1 + bytes.Count(data[:bytes.IndexByte(data, 0)], []byte("\n"))
		return nil, &ParseError{line, 1, "the file is binary"}
	case text[0] == '{':
		return parseJSON(data)
	}
	e, err := registry.ReadEdition(data)
	if errors.Is(err, registry.ErrNotRegistry) {
		return parseLines(data)
	} else if err != nil {
		return nil, &ParseError{Problem: err.Error()}
	}
	return parseEdition(e)
}

// parseEdition takes the named records with ports of an edition of the registry. A row that is too long keeps what
// it begins with, as everywhere: there are such editions. One that is too short is of another file.
func parseEdition(e *registry.Edition) (*List, error) {
	if line, fields := e.Short(); line > 0 {
		return nil, &ParseError{line, 1, fmt.Sprintf("the row has fewer fields than the header: %d; this is no line of the registry", fields)}
	}
	t, err := e.Table()
	if err != nil {
		return nil, &ParseError{Problem: err.Error()}
	}
	f := &List{Form: CSV, Table: t}
	for i := range t.Records {
		r := &t.Records[i]
		if r.ServiceName == "" {
			continue
		}
		if _, _, ok := r.Ports.Bounds(); !ok {
			f.Unplaced++
			continue
		}
		for _, transport := range Transports(r) {
			f.Entries = append(f.Entries, Entry{Name: r.ServiceName, Ports: r.Ports, Transport: transport, Line: t.Line(i)})
		}
	}
	slices.SortStableFunc(f.Entries, func(a, b Entry) int { return a.Line - b.Line })
	return f, nil
}

// Transports are those that a record with a port is about. One without any is from when a port was assigned on tcp
// and udp at once.
func Transports(r *registry.Record) []registry.Transport {
	if r.Transport == "" {
		return []registry.Transport{registry.TCP, registry.UDP}
	}
	return []registry.Transport{r.Transport}
}

// ParsePlace reads "64/tcp/udp" or "6000-6063/tcp".
func ParsePlace(text string) (registry.Ports, []registry.Transport, error) {
	port, rest, found := strings.Cut(text, "/")
	ports, err := registry.ParsePorts(port)
	_, _, ok := ports.Bounds()
	if !found || err != nil || !ok {
		return ports, nil, fmt.Errorf("%.40q is no port with a protocol, such as 53/udp", text)
	}
	var transports []registry.Transport
	for name := range strings.SplitSeq(rest, "/") {
		if name == "" {
			return ports, nil, fmt.Errorf("%.40q lacks a protocol", text)
		}
		transports = append(transports, registry.Transport(strings.ToLower(name)))
	}
	return ports, transports, nil
}
