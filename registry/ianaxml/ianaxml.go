// Package ianaxml reads the XML of IANA's registries. It knows the form of these files, and no registry or column.
//
// One file is a group, such as tls-parameters: a root element registry in the namespace [Namespace], in which elements
// registry nest to any depth. Each of them has an id, and records, or registries, or both. [Read] returns them in the
// order of the document:
//
//   - A [Registry] is a table where it has a record, or has no registry below it. So an empty registry is a table of no
//     records, and a mere heading over others is none ([Registry.Heading]).
//   - What a registry says of itself, such as its title and its notes, is its [About].
//   - A [Record] is not decoded yet. [Decoder] returns its cells; [Registry.Table] those of all records.
//
// # Cells
//
// Each child element of a record is a cell by the name of the element, except for xref, which are references to
// documents, people and other registries. Those of people make up the column [KeyContact], all others [KeyReference]. The
// attributes date and updated of the record are [KeyDate] and [KeyUpdated]. Where several sources make up one cell, they
// are joined in the order of the document: by nothing between two xref, else by one space.
//
// # Text
//
// The text of an element is its character data; an xref in it as its label, which is what IANA's pages show between
// brackets, such as "[RFC 9110, Section 3]"; and any other element as a space, its text and a space. Then white space that
// stands alone between two labels is dropped, each run of white space becomes one space, and the ends are trimmed.
// Elements of other namespaces, comments and processing instructions are skipped.
//
// The element people, with names and addresses, wherever it stands, is checked for being well-formed and not read: of a person
// no more is known than the tag in an xref.
//
// # What is rejected
//
// Whatever is not a whole group is an [Error] with its line and column: a document that is not well-formed up to its last
// tag, a page of HTML, a redirect, another root element; a registry without an id, or with that of another one; a record
// within a record. A document type declaration is rejected as well, so that no entity is ever expanded. The work is
// linear in the size of the document, and nesting is bounded.
//
// # Speed
//
// Editions of a group that follow each other differ in a few records. [Group.Next] checks only those records that the
// edition before it does not have as text, and decoding is left to those who know which records they need.
package ianaxml

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// Namespace is that of IANA's elements.
const Namespace = "http://www.iana.org/assignments"

// Error is the error for a document that is not read.
type Error struct {
	Line   int // in the document, from 1; 0 where the whole document is meant
	Column int // in the line, in bytes, from 1
	Reason string
	cause  error
}

// ErrRedirect is the error for a document by which IANA refers from a group that is no more to another one.
var ErrRedirect = errors.New("not a registry, but a redirect")

// Error returns the place and the reason.
func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Reason
	}
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Reason)
}

// Unwrap returns [ErrRedirect] for a redirect.
func (e *Error) Unwrap() error { return e.cause }

// Group is one file.
type Group struct {
	ID         string
	Registries []*Registry // in the order of the document: the root is the first

	pieces []string // of the document: its records and people, which are well-formed
	scope  string   // the scope of all pieces: see scanner.scope
}

// Registry is an element registry.
type Registry struct {
	ID     string
	Parent string // the id of the registry around it; empty for the root
	// Heading reports that the registry is no table: it has no record, and registries below it.
	Heading bool
	About

	Records []Record // in the order of the document
}

// About is what a registry says of itself. All texts are normalised.
type About struct {
	Title       string
	Hidden      bool // it is not in IANA's index
	Category    string
	Created     string
	Updated     string
	Description string
	Rules       []string // registration procedures
	Experts     []string
	Reference   string // labels of the documents that define it
	Notes       []Note
	Ranges      []Range
	Footnotes   []Footnote
}

// Note is a note to a registry.
type Note struct{ Title, Text string }

// Range is a range of values with a registration procedure of its own.
type Range struct{ Value, Hex, EntrySize, Rule, Note, Reference string }

// Footnote is a footnote. Cells refer to its anchor.
type Footnote struct{ Anchor, Text string }

// Read reads a document. The error is an [*Error]. The group shares the memory of data, which must not be altered
// afterwards.
func Read(data []byte) (*Group, error) { return (*Group)(nil).Next(data) }

// Next is [Read] for an edition that differs little from g, as the next one in time does. It takes a tenth of the time.
// The result is the same whatever g is.
func (g *Group) Next(data []byte) (*Group, error) {
	text, err := decode(data)
	if err != nil {
		return nil, place(text, err)
	}
	r := reader{scanner: scanner{text: text, strict: true}, group: new(Group), known: g, seen: make(map[string]bool)}
	if err := r.document(); err != nil {
		return nil, place(text, err)
	}
	return r.group, nil
}

// RootID returns the id of the group of which a document is, or begins to be: what comes after its first tag is not read. It is
// not found in a document that begins otherwise.
func RootID(data []byte) (id string, found bool) {
	text, err := decode(data)
	if err != nil {
		return "", false
	}
	r := reader{scanner: scanner{text: text, strict: true}}
	if _, err := r.next(); err != nil || r.root() != nil {
		return "", false
	}
	id, found = r.tag.get("id")
	return strings.Clone(id), found
}

// Comparable reports whether records of g and h that are equal as text have equal cells. It is so where the same prefixes
// stand for the same namespaces.
func (g *Group) Comparable(h *Group) bool { return g.scope != "" && g.scope == h.scope }

// place returns an error with its line and column.
func place(text string, err error) error {
	e, isSyntax := errors.AsType[*syntaxError](err)
	if !isSyntax || e.at < 0 {
		return &Error{Reason: err.Error(), cause: errors.Unwrap(err)}
	}
	before := text[:min(e.at, len(text))]
	return &Error{Line: 1 + strings.Count(before, "\n"), Column: len(before) - strings.LastIndexByte(before, '\n'), Reason: e.reason}
}

// decode returns the text of a document without its byte order mark. The text may share the memory of data.
func decode(data []byte) (string, error) {
	text := strings.TrimPrefix(unsafe.String(unsafe.SliceData(data), len(data)), "\ufeff") //nolint:gosec // data is the group's from here on
	switch {
	case strings.TrimLeft(text, " \t\r\n") == "":
		return text, fault(whole, "the document is empty")
	case strings.HasPrefix(text, "\xff\xfe"), strings.HasPrefix(text, "\xfe\xff"), strings.IndexByte(text[:min(len(text), 4)], 0) >= 0:
		return text, fault(whole, "it is UTF-16 or UTF-32; only UTF-8 is read")
	}
	encoding, err := declared(text)
	if err != nil {
		return text, err
	}
	switch strings.ToLower(encoding) {
	case "", "utf-8", "utf8", "us-ascii", "ascii":
	case "iso-8859-1", "latin1":
		var b strings.Builder
		b.Grow(len(text) + len(text)/8)
		for i := range len(text) {
			b.WriteRune(rune(text[i]))
		}
		return b.String(), nil
	default:
		return text, fault(whole, "its encoding is %q; only UTF-8 is read", clip(encoding))
	}
	if !utf8.ValidString(text) {
		at := 0
		for i, r := range text {
			if r == utf8.RuneError && !strings.HasPrefix(text[i:], "\ufffd") {
				at = i
				break
			}
		}
		return text, fault(at, "byte %#02x is not UTF-8", text[at])
	}
	for _, banned := range []string{"\ufffe", "\uffff"} {
		if at := strings.Index(text, banned); at >= 0 {
			return text, fault(at, "%U is not a character", []rune(banned)[0])
		}
	}
	return text, nil
}

// declared returns the encoding that the XML declaration names; nothing if it names none.
func declared(text string) (string, error) {
	if !strings.HasPrefix(text, "<?xml") || len(text) < 6 || classes[text[5]]&isSpace == 0 {
		return "", nil
	}
	length := strings.Index(text, "?>")
	if length < 0 {
		return "", fault(0, "the XML declaration has no end: the document is cut off")
	}
	s := scanner{text: text[:length]}
	for at := len("<?xml"); ; {
		gap := s.spaces(at)
		if at += gap; at == length {
			break
		}
		a, end, err := s.attribute(at, gap > 0, "?xml")
		if err != nil {
			return "", err
		}
		s.tag.attrs, at = append(s.tag.attrs, a), end
	}
	var names []string
	for _, a := range s.tag.attrs {
		names = append(names, a.name)
	}
	version, _ := s.tag.get("version")
	encoding, _ := s.tag.get("encoding")
	standalone, found := s.tag.get("standalone")
	switch {
	case !slices.Contains([]string{"version", "version encoding", "version standalone", "version encoding standalone"}, strings.Join(names, " ")),
		!strings.HasPrefix(version, "1."), found && standalone != "yes" && standalone != "no":
		return "", fault(0, "the XML declaration is malformed")
	}
	return encoding, nil
}
