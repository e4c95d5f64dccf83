package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/plainjson"
	"github.com/ianasync/ianasync/internal/render"
	"github.com/ianasync/ianasync/internal/rules"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/registry/ports"
)

// This file is about files of registries other than the service names registry: any CSV or XML of IANA's, read by its own
// header.

// isOther reports whether the edition is not of the service names registry. Whether it is of any other is not known yet.
func (e *edition) isOther() bool {
	_, err := ports.ReadEdition(e.data)
	return errors.Is(err, ports.ErrNotRegistry)
}

// other reads the edition of a registry other than the service names: XML of a group, which names it, or CSV of one registry,
// which goes by the given name.
func (e *edition) other(name string) (*registry.Edition, error) {
	decoded, err := registry.Read(name, e.data)
	if err != nil {
		return nil, withHint(fmt.Errorf("%s: %w", e.id, err), "a registry is read from its XML or its CSV as IANA publishes it: https://www.iana.org/protocols links to both")
	}
	return decoded, nil
}

// stem returns what the registry of a CSV file is called: the file's name without its ending.
func (e *edition) stem() string {
	if e.id == "-" {
		return "registry"
	}
	base := filepath.Base(e.id)
	return strings.TrimSuffix(base, filepath.Ext(base))
}

// asOther returns the edition as one of registries other than the service names registry, and whether it is one. A file that
// has a column of that registry is none, however damaged; nor is a file that cannot be read.
func (e *edition) asOther() (*registry.Edition, bool) {
	read, err := e.other(e.stem())
	if err != nil || read.Group.ID == ports.ServiceNames().ID {
		return nil, false
	}
	return read, read.Form != registry.CSV || !ports.HasColumn(read.Tables[0].Columns)
}

// compareOther compares two files of a registry other than the service names.
func (a *app) compareOther(old, new *edition) (*diff.Document, error) {
	before, err := old.other(new.stem())
	if err != nil {
		return nil, err
	}
	now, err := new.other(new.stem())
	if err != nil {
		return nil, err
	}
	return a.compareRead(old, new, before, now)
}

// compareRead compares two files of a registry other than the service names, as they were read.
func (a *app) compareRead(old, new *edition, before, now *registry.Edition) (*diff.Document, error) {
	switch {
	case before.Form != now.Form:
		return nil, withHint(fmt.Errorf("%s is %s and %s is %s", old.id, before.Form, new.id, now.Form), "XML and CSV name columns differently: give two files of the same form")
	case before.Form == registry.XML && groupOf(before) != groupOf(now):
		return nil, fmt.Errorf("%s is of the group %s and %s of %s", old.id, groupOf(before), new.id, groupOf(now))
	case before.Form == registry.CSV && !shareColumn(before.Tables[0], now.Tables[0]):
		return nil, fmt.Errorf("%s and %s have no column in common: they are of different registries", old.id, new.id)
	}
	a.warnOther(old.id, before)
	a.warnOther(new.id, now)
	id := now.Tables[0].Registry.ID
	if now.Form == registry.XML {
		id = groupOf(now)
	}
	d := diff.NewDocument(id, old.sideOther(before), new.sideOther(now), rules.Editions(before, now, nil))
	return &d, nil
}

// groupOf returns the id of the group of an edition in XML.
func groupOf(e *registry.Edition) string { return registry.GroupOf(e.Stated[0].ID) }

func shareColumn(t, u *registry.Table) bool {
	return slices.ContainsFunc(t.Columns, func(c registry.Column) bool { _, found := u.Column(c.Key); return found })
}

// sideOther names the edition in a comparison.
func (e *edition) sideOther(decoded *registry.Edition) diff.Version {
	v := diff.Version{ID: e.id, SHA256: e.sha256}
	for _, t := range decoded.Tables {
		v.Records += len(t.Records)
	}
	return v
}

// warnOther prints the problems of an edition.
func (a *app) warnOther(name string, e *registry.Edition) {
	n := 0
	for _, t := range e.Tables {
		for _, p := range t.Problems {
			if n++; n <= mostProblems {
				a.say("%s:%v", name, p)
			}
		}
	}
	if n > mostProblems {
		a.say("%s: and %d more problems", name, n-mostProblems)
	}
}

// otherFormats are the formats in which a file of other registries is exported.
var otherFormats = []string{"csv", "json", "jsonl"}

// exportOther writes the tables of a file of other registries.
func (a *app) exportOther(x *export, e *edition, read *registry.Edition) error {
	if !slices.Contains(otherFormats, x.format) {
		return withHint(fmt.Errorf("--format %s is for the service names registry, and %s is not", x.format, e.id), "%s can be exported as %s and raw", e.id, strings.Join(otherFormats, ", "))
	}
	a.warnOther(e.id, read)
	var b []byte
	switch {
	case x.format == "csv" && len(read.Tables) != 1:
		return withHint(fmt.Errorf("%s has %d registries, and CSV holds one", e.id, len(read.Tables)), "--format json and jsonl hold all")
	case x.format == "csv":
		b = read.Tables[0].CSV()
	default:
		b = appendOther(b, read, x.format == "jsonl")
	}
	return a.put(x.output, b)
}

// appendOther appends the records of all tables as a list of JSON objects, or as one a line. Where the file has several
// registries, each record is in an object with the id of its registry.
func appendOther(b []byte, e *registry.Edition, isLines bool) []byte {
	first := true
	for _, t := range e.Tables {
		for _, r := range t.Records {
			switch {
			case isLines:
			case first:
				b = append(b, "[\n"...)
			default:
				b = append(b, ",\n"...)
			}
			first = false
			if len(e.Tables) > 1 {
				b = plainjson.AppendString(append(b, `{"registry":`...), t.Registry.ID)
				b = append(r.AppendJSON(append(b, `,"record":`...), t.Columns), '}')
			} else {
				b = r.AppendJSON(b, t.Columns)
			}
			if isLines {
				b = append(b, '\n')
			}
		}
	}
	switch {
	case isLines:
	case first:
		b = append(b, "[]\n"...)
	default:
		b = append(b, "\n]\n"...)
	}
	return b
}

// foundJSON is the answer of lookup in a file of other registries, for one registry.
type foundJSON struct {
	Registry string            `json:"registry"`
	Version  string            `json:"version"`
	SHA256   string            `json:"sha256"`
	Records  []json.RawMessage `json:"records"`
}

// lookupOther prints the records of other registries that a subject identifies: those with it as value or name, and those whose
// range of values it is in.
func (a *app) lookupOther(e *edition, read *registry.Edition, subject, format, before string) error {
	found := 0
	out := []byte(before)
	for _, t := range read.Tables {
		answer := foundJSON{Registry: t.Registry.ID, Version: e.id, SHA256: e.sha256}
		s := rules.For(t.Registry.ID, t)
		for _, r := range t.Records {
			if !s.Identifies(subject, r) {
				continue
			}
			found++
			answer.Records = append(answer.Records, r.AppendJSON(nil, t.Columns))
			if format == "text" {
				if found > 1 {
					out = append(out, '\n')
				}
				out = append(out, render.Record(t, r)...)
			}
		}
		if format == "json" && len(answer.Records) > 0 {
			line, err := plainjson.Marshal(answer)
			if err != nil {
				return err
			}
			out = append(append(out, line...), '\n')
		}
	}
	if found == 0 {
		return unknown(&failure{err: fmt.Errorf("%s has no record %q", e.id, subject), hint: "a record is identified by its value or its name"})
	}
	return a.write(out)
}

// openOther returns the edition that at names, if that is a file or a URL of other registries.
func (a *app) openOther(ctx context.Context, at string) (*edition, *registry.Edition, error) {
	if isVersion(at) {
		return nil, nil, nil
	}
	e, err := a.open(ctx, at)
	if err != nil {
		return nil, nil, err
	}
	read, isOther := e.asOther()
	if !isOther {
		return nil, nil, nil
	}
	return e, read, nil
}

// errLocalOther is the error for --local with a file of other registries.
var errLocalOther = errors.New("--local is for ports, and the file is of another registry")
