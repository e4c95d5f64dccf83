package registry

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Content is what the bytes of an edition decode to.
type Content interface{ Facts() Facts }

// Facts are what a store states about the content of an edition.
type Facts struct {
	Digest   string // of what the edition states
	Records  int
	Problems int
	Unknown  int // columns that have no place in a table
}

// Facts implements [Content].
func (e *Edition) Facts() Facts {
	f := Facts{Digest: e.Digest()}
	for _, t := range e.Tables {
		f.Records += len(t.Records)
		f.Problems += len(t.Problems)
	}
	return f
}

// Digest returns the digest of what the edition states: the SHA-256 of a line for each registry, by id, with the digest of its table,
// and of what it states about itself in JSON. When it was updated, and who its experts are, count for nothing.
func (e *Edition) Digest() string {
	sum := sha256.New()
	stated, tables := slices.Clone(e.Stated), slices.Clone(e.Tables)
	slices.SortFunc(stated, func(a, b Statement) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(tables, func(a, b *Table) int { return strings.Compare(a.Registry.ID, b.Registry.ID) })
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

// GroupID returns the id of the group.
func (g *Group) GroupID() string { return g.ID }

// Alone reports whether the group has one registry, which has the group's id. Of a group that nobody described this is not known.
func (*Group) Alone() bool { return false }

// DecodeContent is [Group.Decode] for those who need no table.
func (g *Group) DecodeContent(data []byte, known Content) (Content, error) {
	last, _ := known.(*Edition)
	e, err := g.Decode(data, last)
	if err != nil {
		return nil, err
	}
	return e, nil
}
