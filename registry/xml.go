package registry

import (
	"fmt"

	"github.com/ianasync/ianasync/registry/ianacsv"
	"github.com/ianasync/ianasync/registry/ianaxml"
)

// XMLDecoder reads IANA's XML of any group: see [ianaxml].
type XMLDecoder struct{}

// xmlSource is what an edition of XML keeps for the next one.
type xmlSource struct {
	group   *ianaxml.Group
	records map[string]xmlRecord // by the text of the element; of records without problems
}

// xmlRecord is a decoded record with the keys of its cells, empty ones included, in order of appearance.
type xmlRecord struct {
	record Record
	keys   []string
}

// Bounds of what a group may have. Each registry has a file in a store, and columns are compared with each other.
const (
	maxRegistries = 1000 // the largest seen has 80
	maxXMLColumns = 200  // of a registry; the most seen are 17
)

// ErrRedirect is the [ErrNotGroup] for a file by which IANA refers from a group that is no more to another one.
var ErrRedirect = ianaxml.ErrRedirect

// Decode implements [Decoder]. The error is an [ErrNotGroup] for a file that is not well-formed to its end or is of another
// group, and a [OneTableError] for the CSV of a registry.
func (XMLDecoder) Decode(g *Group, data []byte, known *Edition) (*Edition, error) {
	var before xmlSource
	if known != nil {
		before, _ = known.source.(xmlSource)
	}
	read, err := before.group.Next(data)
	if err != nil {
		if FormOf(data) != XML {
			err = otherForm(data, err)
		}
		return nil, fmt.Errorf("%w: %w", ErrNotGroup, err)
	}
	if g.ID != "" && read.ID != g.ID {
		return nil, fmt.Errorf("%w %q: it is the group %q", ErrNotGroup, g.ID, read.ID)
	}
	if g.ID == "" { // any group
		limits, decoder := g.Limits, g.Decoder
		g = NewGroup(read.ID)
		g.Limits, g.Decoder = limits, decoder
	}
	if before.group == nil || !read.Comparable(before.group) {
		before.records = nil
	}
	if n := len(read.Registries); n > maxRegistries {
		return nil, fmt.Errorf("%w: it has %d registries; a group has at most %d", ErrNotGroup, n, maxRegistries)
	}
	d := xmlDecoding{known: before.records, source: xmlSource{read, make(map[string]xmlRecord)}}
	e := &Edition{Group: g, Form: XML}
	for i, r := range read.Registries {
		id := read.ID + "/" + r.ID
		s := Statement{ID: id, Heading: r.Heading, About: r.About}
		if r.Parent != "" {
			s.Parent = read.ID + "/" + r.Parent
		}
		if i == 0 && r.Heading {
			s.ID = read.ID
		}
		e.Stated = append(e.Stated, s)
		if r.Heading {
			continue
		}
		t := d.table(g.Registry(id), r)
		if n := len(t.Columns); n > maxXMLColumns {
			return nil, fmt.Errorf("%w: the registry %q has %d columns; one has at most %d", ErrNotGroup, clip(r.ID), n, maxXMLColumns)
		}
		e.Tables = append(e.Tables, t)
	}
	e.source = d.source
	return e, nil
}

// otherForm returns what a file is that does not begin as XML does, or else the error of reading it.
func otherForm(data []byte, err error) error {
	if one, isOne := OneTable(data); isOne {
		return one
	}
	if what := ianacsv.Recognise(string(data[:min(len(data), 64)])); what != "" {
		return fmt.Errorf("it is %s", what)
	}
	return err
}

// xmlDecoding decodes the registries of one file.
type xmlDecoding struct {
	known   map[string]xmlRecord
	source  xmlSource
	decoder ianaxml.Decoder
	builder RecordBuilder
	read    []ianaxml.Cell
	cells   []Cell
	keys    map[string][]string // lists of keys, by the keys joined
	joined  []byte
}

// table returns the table of one registry.
func (d *xmlDecoding) table(described *Registry, r *ianaxml.Registry) *Table {
	records, lines := make([]Record, len(r.Records)), make([]int, len(r.Records))
	var problems []Problem
	var keys ianaxml.Keys
	for i := range r.Records {
		from := &r.Records[i]
		decoded, found := d.known[from.Text]
		if !found {
			var more []Problem
			decoded, more = d.record(from)
			problems, found = append(problems, more...), more == nil
		}
		if found {
			d.source.records[from.Text] = decoded
		}
		records[i], lines[i] = decoded.record, from.Line
		keys.Add(decoded.keys)
	}
	var columns []Column
	for _, key := range keys.All() {
		columns = append(columns, described.column(key))
	}
	t := NewTable(described, columns, records, lines)
	t.Problems = problems[:min(len(problems), maxProblems)]
	return t
}

// record decodes one record.
func (d *xmlDecoding) record(from *ianaxml.Record) (decoded xmlRecord, problems []Problem) {
	d.read, d.cells, d.joined = d.decoder.Append(d.read[:0], from), d.cells[:0], d.joined[:0]
	for _, c := range d.read {
		d.cells = append(d.cells, Cell{c.Key, c.Text})
		d.joined = append(append(d.joined, c.Key...), 0)
		if twice := ianacsv.FirstTwice(c.Text); twice != "" {
			p := Problem{Field: c.Key, Reason: fmt.Sprintf("UTF-8 encoded twice: %q stands for %q", twice, ianacsv.Once(twice))}
			p.Line, p.Column = from.Position(c.Offset)
			problems = append(problems, p)
		}
	}
	keys, found := d.keys[string(d.joined)]
	if !found {
		for _, c := range d.cells {
			keys = append(keys, c.Key)
		}
		if d.keys == nil {
			d.keys = make(map[string][]string)
		}
		d.keys[string(d.joined)] = keys
	}
	return xmlRecord{d.builder.Record(d.cells), keys}, problems
}
