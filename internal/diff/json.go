package diff

import (
	"slices"
	"strconv"

	"github.com/ianasync/ianasync/internal/plainjson"
	"github.com/ianasync/ianasync/registry"
)

// Document is the comparison of two versions as JSON has it. Its form is a contract:
// the schema is docs/diff.schema.json.
type Document struct {
	Registry string       `json:"registry"` // its id
	From     Version      `json:"from"`
	To       Version      `json:"to"`
	Summary  map[Kind]int `json:"summary"` // the number of changes by kind; kinds without any are left out
	Changes  []Change     `json:"changes"`
}

// Version is one side of a comparison.
type Version struct {
	ID      string `json:"id"`      // of the version, or the file's name
	SHA256  string `json:"sha256"`  // of the bytes, in lower-case hexadecimal
	Records int    `json:"records"` // in its table
}

// NewDocument returns the document of the given changes of a registry.
func NewDocument(id string, from, to Version, changes []Change) Document {
	return Document{Registry: id, From: from, To: to, Summary: Summary(changes), Changes: notNil(changes)}
}

// Summary counts changes by kind.
func Summary(changes []Change) map[Kind]int {
	n := make(map[Kind]int)
	for i := range changes {
		n[changes[i].Kind]++
	}
	return n
}

// MarshalJSON writes the change by the contract.
func (c Change) MarshalJSON() ([]byte, error) { return c.AppendJSON(nil), nil }

// AppendJSON appends the change to b as an object of JSON. Lists are never null; "minor" is there only if it is true, "title" and
// "was" only if they are not empty.
func (c *Change) AppendJSON(b []byte) []byte {
	b = plainjson.AppendString(append(b, `{"registry":`...), c.Registry)
	if c.Title != "" {
		b = plainjson.AppendString(append(b, `,"title":`...), c.Title)
	}
	b = plainjson.AppendString(append(b, `,"kind":`...), string(c.Kind))
	if c.Minor {
		b = append(b, `,"minor":true`...)
	}
	b = append(b, `,"key":{`...)
	for i, k := range c.Key {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(plainjson.AppendString(b, k.Key), ':')
		b = plainjson.AppendString(b, k.Text)
	}
	b = plainjson.AppendString(append(b, `},"name":`...), c.Name)
	if c.Extension != nil {
		b = c.Extension.AppendMembers(b, c)
	} else {
		b = c.AppendWas(b)
	}
	b = plainjson.AppendList(append(b, `,"fields":`...), c.Fields, func(b []byte, f *Field) []byte {
		b = plainjson.AppendString(append(b, `{"field":`...), f.Key)
		b = plainjson.AppendString(append(b, `,"old":`...), f.Old)
		return append(plainjson.AppendString(append(b, `,"new":`...), f.New), '}')
	})
	record := func(b []byte, r *registry.Record) []byte { return r.AppendJSON(b, c.Columns) }
	b = plainjson.AppendList(append(b, `,"removed":`...), c.Removed, record)
	b = plainjson.AppendList(append(b, `,"added":`...), c.Added, record)
	return append(b, '}')
}

// AppendWas appends the member "was" to b, after a comma, if there is one.
func (c *Change) AppendWas(b []byte) []byte {
	if c.Was == "" {
		return b
	}
	return plainjson.AppendString(append(b, `,"was":`...), c.Was)
}

// AppendJSON appends the document to b as an object of JSON.
func (d *Document) AppendJSON(b []byte) []byte {
	version := func(key string, v *Version) {
		b = plainjson.AppendString(append(b, `,"`+key+`":{"id":`...), v.ID)
		b = plainjson.AppendString(append(b, `,"sha256":`...), v.SHA256)
		b = strconv.AppendInt(append(b, `,"records":`...), int64(v.Records), 10)
		b = append(b, '}')
	}
	b = plainjson.AppendString(append(b, `{"registry":`...), d.Registry)
	version("from", &d.From)
	version("to", &d.To)
	b = append(b, `,"summary":{`...)
	kinds := make([]Kind, 0, len(d.Summary))
	for k := range d.Summary {
		kinds = append(kinds, k)
	}
	slices.Sort(kinds)
	for i, k := range kinds {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(append(plainjson.AppendString(b, string(k)), ':'), int64(d.Summary[k]), 10)
	}
	b = plainjson.AppendList(append(b, `},"changes":`...), d.Changes, func(b []byte, c *Change) []byte { return c.AppendJSON(b) })
	return append(b, '}')
}

// MarshalJSON writes the document by the contract.
func (d Document) MarshalJSON() ([]byte, error) { return d.AppendJSON(nil), nil }

func notNil[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return slices.Clip(s)
}
