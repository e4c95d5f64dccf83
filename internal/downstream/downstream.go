// Package downstream reads what others made of the registry: the files in which systems and programs keep which
// service is on which port.
//
// Which form a file has is seen from its contents:
//
//	services       services(5): "name port/protocol aliases… # comment"
//	nmap-services  nmap's: "name<TAB>port/protocol<TAB>frequency"
//	wireshark      Wireshark's: as services(5), with "64/tcp/udp" and ranges of ports
//	csv            IANA's registry itself, of any age
//	json           a map of "6379/tcp" to a name, or to a list that begins with it
//
// A file that mixes forms, or that has a line of none, is an error with its line and column: an audit of half a file
// would be taken for one of the whole.
package downstream

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/ianasync/ianasync/registry"
)

// Kind is the form of a file.
type Kind string

// The forms.
const (
	Services  Kind = "services"
	Nmap      Kind = "nmap-services"
	Wireshark Kind = "wireshark"
	CSV       Kind = "csv"
	JSON      Kind = "json"
)

// Entry is that a file gives a name to ports.
type Entry struct {
	Name      string
	Aliases   []string           // in files of the form services(5)
	Ports     registry.Ports     // a port or a range
	Transport registry.Transport // lower case; not always one that the registry knows
	Line      int                // where the entry is, from 1; 0 in JSON
}

// Place is the entry's ports and transport: "4420/tcp".
func (e *Entry) Place() string { return e.Ports.String() + "/" + string(e.Transport) }

// File is what a file says.
type File struct {
	Kind    Kind
	Entries []Entry // in the file's order
}

// Error says where a file cannot be read.
type Error struct {
	Line, Column int // from 1; the column in bytes; both 0 where the whole file is meant
	Problem      string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Problem
	}
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Problem)
}

// Hint says which forms can be read.
func (e *Error) Hint() string {
	return "an audit reads services(5), nmap-services, Wireshark's services, IANA's CSV, and JSON maps such as {\"6379/tcp\": [\"redis\"]}"
}

// Parse reads a file. The error is an [*Error].
func Parse(data []byte) (*File, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	switch text := bytes.TrimLeft(data, " \t\r\n"); {
	case len(text) == 0:
		return nil, &Error{Problem: "the file is empty"}
	case bytes.IndexByte(data, 0) >= 0:
		line := 1 + bytes.Count(data[:bytes.IndexByte(data, 0)], []byte("\n"))
		return nil, &Error{line, 1, "the file is binary"}
	case text[0] == '{':
		return parseJSON(data)
	}
	table, err := registry.Parse(data)
	if err == nil {
		return fromTable(table), nil
	}
	if !errors.Is(err, registry.ErrNotRegistry) {
		return nil, &Error{Problem: err.Error()}
	}
	return parseLines(data)
}

// fromTable takes the named records with ports and transports of an edition of the registry.
func fromTable(t *registry.Table) *File {
	f := &File{Kind: CSV}
	for i := range t.Records {
		r := &t.Records[i]
		if _, _, ok := r.Ports.Bounds(); ok && r.ServiceName != "" && r.Transport != "" {
			f.Entries = append(f.Entries, Entry{Name: r.ServiceName, Ports: r.Ports, Transport: r.Transport})
		}
	}
	return f
}

// parsePlace reads "64/tcp/udp" or "6000-6063/tcp" from where it is in a line.
func parsePlace(text string, line, column int) (registry.Ports, []registry.Transport, error) {
	port, rest, found := strings.Cut(text, "/")
	ports, err := registry.ParsePorts(port)
	_, _, ok := ports.Bounds()
	if !found || err != nil || !ok {
		return ports, nil, &Error{line, column, fmt.Sprintf("%.40q is no port with a protocol, such as 53/udp", text)}
	}
	var transports []registry.Transport
	for name := range strings.SplitSeq(rest, "/") {
		if name == "" {
			return ports, nil, &Error{line, column, fmt.Sprintf("%.40q lacks a protocol", text)}
		}
		transports = append(transports, registry.Transport(strings.ToLower(name)))
	}
	return ports, transports, nil
}
