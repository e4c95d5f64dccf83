package snapshots

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/registry/ports"
)

// codec decodes the editions of a group.
type codec interface {
	// next decodes an edition. Known is an edition that differs little from it, which next returned, or nil: it never
	// alters the result.
	next(known decoded, data []byte) (decoded, error)
}

// decoded is a decoded edition.
type decoded interface{ facts() facts }

// facts are what a line of versions.jsonl states of an edition's content.
type facts struct {
	form                       ports.Form
	table                      string // digest
	records, problems, unknown int
}

// state sets the facts of an edition's content.
func (f *entry) state(of facts) {
	f.TableSHA256, f.Records, f.Problems, f.Unknown = of.table, of.records, of.problems, of.unknown
}

// facts returns the facts of what the edition was decoded to, if it was.
func (e *Edition) facts() (of facts, known bool) {
	switch {
	case e.Table != nil:
		return tableFacts(ports.FormOf(e.Bytes), e.Table), true
	case e.Group != nil:
		return (&groupContent{Edition: e.Group}).facts(), true
	}
	return facts{}, false
}

// portsCodec decodes the service names.
type portsCodec struct{}

func (portsCodec) next(known decoded, data []byte) (decoded, error) {
	last, _ := known.(portsContent)
	d, err := last.Next(data)
	return portsContent{d}, err
}

type portsContent struct{ *ports.Decoded }

func (c portsContent) facts() facts { return tableFacts(c.Form(), c.Table) }

func tableFacts(form ports.Form, t *ports.Table) facts {
	return facts{form, t.Digest(), len(t.Records), len(t.Problems), len(t.Unknown)}
}

// groupCodec decodes the editions of any other group.
type groupCodec struct{ *registry.Group }

func (c groupCodec) next(known decoded, data []byte) (decoded, error) {
	var last *registry.Edition
	if k, ok := known.(*groupContent); ok {
		last = k.Edition
	}
	e, err := c.Decode(data, last)
	return &groupContent{Edition: e}, err
}

type groupContent struct{ *registry.Edition }

func (c *groupContent) facts() facts {
	of := facts{form: ports.Form(c.Form), table: Digest(c.Edition)}
	for _, t := range c.Tables {
		of.records += len(t.Records)
		of.problems += len(t.Problems)
	}
	return of
}

// Digest returns the digest of what an edition of a group states, as [Version.TableSHA256] has it: the SHA-256 of a line
// for each registry, by id, with the digest of its table, and of what it states about itself in JSON.
// When it was updated, and who its experts are, count for nothing.
func Digest(e *registry.Edition) string {
	sum := sha256.New()
	stated, tables := slices.Clone(e.Stated), slices.Clone(e.Tables)
	slices.SortFunc(stated, func(a, b registry.Statement) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(tables, func(a, b *registry.Table) int { return strings.Compare(a.Registry.ID, b.Registry.ID) })
	for _, about := range stated {
		about.Updated, about.Experts = "", make([]string, len(about.Experts))
		text, err := json.Marshal(about)
		if err != nil {
			panic(err) // it consists of strings
		}
		_, _ = fmt.Fprintf(sum, "%s\n", text)
	}
	for _, t := range tables {
		_, _ = fmt.Fprintf(sum, "%s %s\n", t.Registry.ID, t.Digest())
	}
	return hex.EncodeToString(sum.Sum(nil))
}
