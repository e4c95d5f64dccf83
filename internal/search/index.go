// Package search finds words in the values, names and descriptions of all registries of a store, best first, with typing errors.
//
// What is searched is a text for each group, its index: a line for each registry, with its id and its title, and after it one for
// each of its records that stands for something. A record's line begins with a tab; its value, its name and its description are
// apart by tabs, which no cell has. The index is derived from the newest version, so that a search decodes no edition.
//
//	tls-parameters/tls-parameters-4	TLS Cipher Suites
//		0x13,0x01	TLS_AES_128_GCM_SHA256
//
// The file of an index has a line before it, with a checksum of the index.
package search

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"iter"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/checksum"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/rules"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/registry/ports"
)

// Index returns the index of an edition of a group. The facts are what is known of its registries.
func Index(e *registry.Edition, facts []history.RegistryFact) []byte {
	var b bytes.Buffer
	for _, t := range e.Tables {
		var fact history.RegistryFact
		if at := slices.IndexFunc(facts, func(f history.RegistryFact) bool { return f.ID == t.Registry.ID }); at >= 0 {
			fact = facts[at]
		}
		writeHead(&b, t.Registry.ID, fact.Title)
		for _, e := range Entries(t, &fact) {
			e.write(&b)
		}
	}
	return b.Bytes()
}

// head is the first line of the file of an index.
type head struct {
	Sum string `json:"sum"` // the first 64 bits of the SHA-256 of the index
}

func headOf(index []byte) head {
	sum := sha256.Sum256(index)
	return head{hex.EncodeToString(sum[:8])}
}

// File returns the file of an index.
func File(index []byte) ([]byte, error) {
	line, err := checksum.Marshal(headOf(index))
	return slices.Concat(line, []byte("\n"), index), err
}

// ReadFile returns the index in a file, and whether it is whole.
func ReadFile(file []byte) (index []byte, whole bool) {
	line, index, found := bytes.Cut(file, []byte("\n"))
	var h head
	if !found || checksum.Unmarshal(line, &h) != nil || h != headOf(index) {
		return nil, false
	}
	return index, true
}

// Entry is what a search shows of a record: texts of one line, without tabs. The value is empty where it is the name.
type Entry struct{ Value, Name, Description string }

// Entries yields the entries of those records of a table that stand for something, each with its place in the table.
func Entries(t *registry.Table, fact *history.RegistryFact) iter.Seq2[int, Entry] {
	return func(yield func(int, Entry) bool) {
		c := columnsOf(t, fact)
		for i, r := range t.Records {
			e := entry(c.of(r))
			if rules.StateOf(e.Name) == rules.Assigned && rules.StateOf(e.Description) == rules.Assigned && e != (Entry{}) && !yield(i, e) {
				return
			}
		}
	}
}

func entry(value, name, description string) Entry {
	if value == name {
		value = ""
	}
	return Entry{cell(value), cell(name), cell(description)}
}

// Registries returns the ids of the registries of an index.
func Registries(index []byte) (ids []string) {
	for text := range bytes.Lines(index) {
		if id, _, isHead := bytes.Cut(text, []byte("\t")); isHead && len(id) > 0 {
			ids = append(ids, string(id))
		}
	}
	return ids
}

// IndexPorts returns the index of an edition of the service names.
func IndexPorts(r *ports.Registry, rows *ports.Edition) ([]byte, error) {
	var b bytes.Buffer
	writeHead(&b, r.ID+"/"+r.ID, r.Title)
	_, err := rows.Where(func(o *ports.Outline) bool {
		if o.ServiceName != "" {
			e := entry(o.Ports.String(), o.ServiceName, o.Description())
			e.write(&b)
		}
		return false
	})
	return b.Bytes(), err
}

func writeHead(b *bytes.Buffer, id, title string) { b.WriteString(id + "\t" + cell(title) + "\n") }

func (e *Entry) write(b *bytes.Buffer) {
	b.WriteString("\t" + e.Value + "\t" + e.Name + "\t" + e.Description + "\n")
}

// cell returns a cell of the index.
func cell(text string) string {
	if strings.ContainsAny(text, "\t\r\n") {
		return strings.Join(strings.Fields(text), " ")
	}
	return text
}

// columns are the columns of a table by what a search shows.
type columns struct {
	value       []string
	name        string
	description []string
}

// columnsOf returns the columns of a table: the key is the value, unless it is the name. Without a known name it is the first
// column that may have one.
func columnsOf(t *registry.Table, fact *history.RegistryFact) (c columns) {
	c.name = fact.Name
	if !fact.Whole {
		c.value = slices.DeleteFunc(slices.Clone(fact.Key), func(key string) bool { return key == c.name })
	}
	for _, column := range t.Columns {
		role := rules.RoleOf(column)
		isText := role == registry.NoRole || role == registry.Name || role == registry.Description
		switch {
		case !isText || column.Key == c.name || slices.Contains(c.value, column.Key):
		case c.name == "":
			c.name = column.Key
		default:
			c.description = append(c.description, column.Key)
		}
	}
	return c
}

// of returns what a search shows of a record.
func (c *columns) of(r registry.Record) (value, name, description string) {
	name = r.Get(c.name)
	var values, texts []string
	for _, key := range c.value {
		if text := r.Get(key); text != "" {
			values = append(values, text)
		}
	}
	for _, key := range c.description {
		if text := r.Get(key); text != name && isProse(text) {
			texts = append(texts, text)
		}
	}
	return strings.Join(values, " / "), name, strings.Join(texts, "; ")
}

// isProse reports whether a cell describes something: it is neither a letter or two, "Y" or "-" for example, nor the tag of a
// document.
func isProse(cell string) bool { return len(cell) > 2 && cell[0] != '[' }
