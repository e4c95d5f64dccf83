package site

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/publish/urls"
	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/registry/ports"
)

// Note is a remark about ports that is not from IANA, for example that a game uses a range. It is the publisher's to
// answer for, and is shown with its source, apart from what the registry says.
type Note struct {
	Ports  ports.Ports
	Text   string
	Source string // who says so; a link where it is an http(s) URL
}

// noteColumns is the header of a file of notes.
var noteColumns = []string{"ports", "note", "source"}

// ParseNotes reads a file of notes: CSV (RFC 4180) with the columns ports (a port or a range), note and source, none of
// which may be empty. An error has its line and column.
func ParseNotes(data []byte) (notes []Note, err error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	r.FieldsPerRecord = len(noteColumns)
	head, err := r.Read()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if !slices.Equal(head, noteColumns) {
		return nil, fmt.Errorf("line 1: the columns are to be %s", strings.Join(noteColumns, ","))
	}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return notes, nil
		}
		if err != nil {
			return nil, err
		}
		note := Note{Text: strings.TrimSpace(row[1]), Source: strings.TrimSpace(row[2])}
		line, column := r.FieldPos(0)
		note.Ports, err = ports.ParsePorts(strings.TrimSpace(row[0]))
		if _, _, ok := note.Ports.Bounds(); err != nil || !ok {
			return nil, fmt.Errorf("line %d, column %d: %q is neither a port nor a range of ports", line, column, row[0])
		}
		for i, text := range []string{note.Text, note.Source} {
			if text == "" {
				line, column = r.FieldPos(i + 1)
				return nil, fmt.Errorf("line %d, column %d: the %s is empty", line, column, noteColumns[i+1])
			}
		}
		notes = append(notes, note)
	}
}

// shownNote is a note as a page shows it.
type shownNote struct {
	Text, Source, Ports string // "Ports 27015-27030"
	URL                 string // of the source, where it is one
}

// notesOn returns the notes on a port, or on any of several, those on the fewest ports first.
func (s *site) notesOn(numbers ports.Ports) (list []shownNote) {
	var on []Note
	for _, n := range s.Notes {
		if n.Ports.Overlaps(numbers) {
			on = append(on, n)
		}
	}
	slices.SortStableFunc(on, func(a, b Note) int { return cmp.Compare(span(a), span(b)) })
	for _, n := range on {
		shown := shownNote{text.Visible(n.Text), text.Visible(n.Source), "Port " + n.Ports.String(), ""}
		if span(n) > 0 {
			shown.Ports = "Ports " + n.Ports.String()
		}
		if strings.HasPrefix(n.Source, "https://") || strings.HasPrefix(n.Source, "http://") {
			shown.URL = n.Source
		}
		list = append(list, shown)
	}
	return list
}

// span is how many ports a note is about, less one.
func span(n Note) int {
	first, last, _ := n.Ports.Bounds()
	return int(last) - int(first)
}

// noteSpan is how many ports a note may be about at most to give each of them a page. A note on more stands on the pages
// that there are, and on those of blocks.
const noteSpan = urls.BlockSize
