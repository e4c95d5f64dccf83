package diff

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/plainjson"
	"github.com/ianasync/ianasync/registry"
)

// Document is the comparison of two versions as JSON has it. Its form is a contract:
// the schema is docs/diff.schema.json.
type Document struct {
	Registry string       `json:"registry"` // [registry.Registry] ID
	From     Version      `json:"from"`
	To       Version      `json:"to"`
	Summary  map[Kind]int `json:"summary"` // how many changes of each kind there are; none are left out
	Changes  []Change     `json:"changes"`
}

// Version names one side of a comparison.
type Version struct {
	ID      string `json:"id"`      // of the version, or the file's name
	SHA256  string `json:"sha256"`  // of the bytes, in lower-case hexadecimal
	Records int    `json:"records"` // in its table
}

// NewDocument returns the document of the given changes.
func NewDocument(r *registry.Registry, from, to Version, changes []Change) Document {
	return Document{Registry: r.ID, From: from, To: to, Summary: Summary(changes), Changes: notNil(changes)}
}

// Summary counts changes by kind.
func Summary(changes []Change) map[Kind]int {
	n := make(map[Kind]int)
	for i := range changes {
		n[changes[i].Kind]++
	}
	return n
}

// changeJSON is a change as JSON has it.
type changeJSON struct {
	Kind       Kind                 `json:"kind"`
	Service    string               `json:"service"`
	Was        string               `json:"was,omitempty"`
	Ports      string               `json:"ports"`
	Now        *string              `json:"now,omitempty"`
	Transports []registry.Transport `json:"transports"`
	Fields     []fieldJSON          `json:"fields"`
	Removed    []registry.Record    `json:"removed"`
	Added      []registry.Record    `json:"added"`
}

type fieldJSON struct {
	Field string `json:"field"`
	Old   string `json:"old"`
	New   string `json:"new"`
}

// portsSeparator stands between the ports that a moved service has now.
const portsSeparator = ", "

// MarshalJSON writes the change by the contract: lists are never null, and "now"
// stands in a moved change alone.
func (c Change) MarshalJSON() ([]byte, error) {
	j := changeJSON{
		Kind: c.Kind, Service: c.Service, Was: c.Was, Ports: c.Ports.String(),
		Transports: notNil(c.Transports), Fields: []fieldJSON{}, Removed: notNil(c.Removed), Added: notNil(c.Added),
	}
	if c.Kind == Moved {
		now := c.NowText()
		j.Now = &now
	}
	for _, f := range c.Fields {
		j.Fields = append(j.Fields, fieldJSON{f.Key, f.Old, f.New})
	}
	return plainjson.Marshal(j)
}

// UnmarshalJSON reads what [Change.MarshalJSON] writes, and refuses a kind that is
// not known. A malformed port number is kept as text.
func (c *Change) UnmarshalJSON(data []byte) error {
	var j changeJSON
	if err := json.Unmarshal(data, &j); err != nil {
		return err
	}
	if j.Kind.Rank() < 0 {
		return fmt.Errorf("%q is no kind of change", j.Kind)
	}
	if (j.Kind == Moved) != (j.Now != nil) {
		return errors.New(`"now" belongs to a moved change, and to no other`)
	}
	*c = Change{Kind: j.Kind, Service: j.Service, Was: j.Was, Transports: j.Transports, Removed: j.Removed, Added: j.Added}
	c.Ports, _ = registry.ParsePorts(j.Ports)
	if j.Now != nil {
		for text := range strings.SplitSeq(*j.Now, portsSeparator) {
			now, _ := registry.ParsePorts(text)
			c.Now = append(c.Now, now)
		}
	}
	for _, f := range j.Fields {
		c.Fields = append(c.Fields, Field{f.Field, f.Old, f.New})
	}
	return nil
}

// NowText returns the ports that a moved service has now, as text; empty for none.
func (c *Change) NowText() string {
	var now []string
	for _, p := range c.Now {
		now = append(now, p.String())
	}
	return strings.Join(now, portsSeparator)
}

func notNil[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return slices.Clip(s)
}
