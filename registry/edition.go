package registry

import (
	"bytes"
	"fmt"

	"github.com/ianasync/ianasync/registry/ianaxml"
)

// Form is a form of file in which registries are published.
type Form string

// The forms.
const (
	CSV Form = "csv"
	XML Form = "xml"
)

// FormOf returns the form of a file's bytes: XML where they begin with a <, else CSV.
func FormOf(data []byte) Form {
	data = bytes.TrimLeft(bytes.TrimPrefix(data, []byte("\ufeff")), " \t\r\n")
	if len(data) > 0 && data[0] == '<' {
		return XML
	}
	return CSV
}

// Edition is one file as served, decoded.
type Edition struct {
	Group  *Group
	Form   Form
	Tables []*Table    // in the order of the file; CSV has one
	Stated []Statement // of each registry in the order of the file, headings included; CSV has none

	source any // what the decoder keeps for the next edition
}

// Statement is what a registry states about itself, apart from its records.
type Statement struct {
	ID      string // of the registry: "tls-parameters/tls-parameters-4"; that of the group under its own id alone
	Parent  string // the id of the registry around it; empty for the group
	Heading bool   // it is no table: it has registries below it, and no record
	ianaxml.About
}

// Table returns the table of the registry with the given id; nil where the edition has none.
func (e *Edition) Table(id string) *Table {
	for _, t := range e.Tables {
		if t.Registry.ID == id {
			return t
		}
	}
	return nil
}

// Statement returns what the registry with the given id states about itself; nil where the edition has no such registry.
func (e *Edition) Statement(id string) *Statement {
	for i := range e.Stated {
		if e.Stated[i].ID == id {
			return &e.Stated[i]
		}
	}
	return nil
}

// Decoder reads files of one form.
type Decoder interface {
	// Decode returns the edition that data is of a group. The error is an [ErrNotGroup] where data is none; whatever
	// else is wrong is in the tables' Problems. Known is an edition that differs little from it, as the one before does, or
	// nil: it saves time, and never alters the result. The edition keeps data, which must not be altered afterwards.
	Decode(g *Group, data []byte, known *Edition) (*Edition, error)
}

// AnyForm decodes files in every form: see [FormOf].
type AnyForm struct{}

// Decode implements [Decoder].
func (AnyForm) Decode(g *Group, data []byte, known *Edition) (*Edition, error) {
	if FormOf(data) == XML {
		return XMLDecoder{}.Decode(g, data, known)
	}
	return CSVDecoder{}.Decode(g, data, known)
}

// Decode returns the edition that data is of the group: see [Decoder].
func (g *Group) Decode(data []byte, known *Edition) (*Edition, error) {
	if g.MaxBytes > 0 && len(data) > g.MaxBytes {
		return nil, fmt.Errorf("%w: it has %d bytes, more than %d", ErrNotGroup, len(data), g.MaxBytes)
	}
	return g.Decoder.Decode(g, data, known)
}
