package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/plainjson"
	"github.com/ianasync/ianasync/registry"
)

// groupFormats are the formats in which the registries of any group are exported.
var groupFormats = []string{"csv", "json", "jsonl", raw}

// exportGroup writes a version of a group other than the service names, or one of its registries.
func (a *app) exportGroup(x *export) error {
	if !slices.Contains(groupFormats, x.format) {
		return withHint(fmt.Errorf("--format %s is for the service names", x.format), "for %s there are %s", a.groupID(), strings.Join(groupFormats, ", "))
	}
	s, v, err := a.find(x.at)
	if err != nil {
		return err
	}
	data, err := s.Bytes(v)
	if err != nil {
		return err
	}
	if x.format == raw {
		return a.put(x.output, data)
	}
	e, err := group(s.Registry()).Decode(data, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", v.ID, err)
	}
	tables, err := a.tables(e)
	if err != nil {
		return err
	}
	switch {
	case x.format == "jsonl":
		data, err = tablesJSONL(tables)
	case x.format == "json":
		data, err = tablesJSON(e, v.ID, tables)
	case len(tables) == 1:
		data = tables[0].CSV()
	default:
		var ids []string
		for id := range registryIDs(e) {
			ids = append(ids, id)
		}
		return withHint(fmt.Errorf("%s has %s, and CSV holds one", a.wanted, fmt.Sprintf("%d registries", len(tables))), "give one of them as --registry: %s", strings.Join(ids, ", "))
	}
	if err != nil {
		return err
	}
	return a.put(x.output, data)
}

// tableJSON is a registry's table as JSON has it.
type tableJSON struct {
	Registry string       `json:"registry"`
	Title    string       `json:"title"`
	Version  string       `json:"version"`
	Records  []rawJSON    `json:"records"`
	Columns  []columnJSON `json:"columns"`
}

// columnJSON is a column as JSON has it.
type columnJSON struct {
	Key   string `json:"key"`
	Label string `json:"label"`
}

// rawJSON is text that is JSON.
type rawJSON []byte

// MarshalJSON returns the text.
func (r rawJSON) MarshalJSON() ([]byte, error) { return r, nil }

func newTableJSON(e *registry.Edition, version string, t *registry.Table) tableJSON {
	j := tableJSON{Registry: t.Registry.ID, Version: version, Records: []rawJSON{}, Columns: []columnJSON{}}
	if s := e.Statement(t.Registry.ID); s != nil {
		j.Title = s.Title
	}
	for i := range t.Columns {
		j.Columns = append(j.Columns, columnJSON{t.Columns[i].Key, t.Columns[i].Heading()})
	}
	for _, r := range t.Records {
		j.Records = append(j.Records, r.AppendJSON(nil, t.Columns))
	}
	return j
}

// tablesJSON returns one table as an object, or several as a list of such objects.
func tablesJSON(e *registry.Edition, version string, tables []*registry.Table) ([]byte, error) {
	var list []tableJSON
	for _, t := range tables {
		list = append(list, newTableJSON(e, version, t))
	}
	var data []byte
	var err error
	if len(list) == 1 {
		data, err = plainjson.Marshal(list[0])
	} else {
		data, err = plainjson.Marshal(struct {
			Version    string      `json:"version"`
			Registries []tableJSON `json:"registries"`
		}{version, list})
	}
	return append(data, '\n'), err
}

// tablesJSONL returns all records, a line each, with the id of the registry.
func tablesJSONL(tables []*registry.Table) ([]byte, error) {
	var b []byte
	for _, t := range tables {
		id, err := plainjson.Marshal(t.Registry.ID)
		if err != nil {
			return nil, err
		}
		for _, r := range t.Records {
			b = append(append(append(b, `{"registry":`...), id...), `,"record":`...)
			b = append(r.AppendJSON(b, t.Columns), '}', '\n')
		}
	}
	return b, nil
}
