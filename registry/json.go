package registry

import (
	"encoding/json"

	"github.com/ianasync/ianasync/internal/plainjson"
)

// tableJSON is a table as JSON has it.
type tableJSON struct {
	Registry string            `json:"registry"`
	Title    string            `json:"title"`
	Version  string            `json:"version"`
	Records  []json.RawMessage `json:"records"`
	Columns  []columnJSON      `json:"columns"`
}

// columnJSON is a column as JSON has it.
type columnJSON struct {
	Key   string `json:"key"`
	Label string `json:"label"`
}

func newTableJSON(e *Edition, version string, t *Table, columns []Column) tableJSON {
	j := tableJSON{Registry: t.Registry.ID, Version: version, Records: []json.RawMessage{}, Columns: []columnJSON{}}
	if s := e.Statement(t.Registry.ID); s != nil {
		j.Title = s.Title
	}
	for _, c := range columns {
		j.Columns = append(j.Columns, columnJSON{c.Key, c.Heading()})
	}
	for _, r := range t.Records {
		j.Records = append(j.Records, r.AppendJSON(nil, t.Columns))
	}
	return j
}

// TablesJSON returns one table of an edition as an object, or several as a list of such objects. Labelled returns the columns of a
// registry with their labels.
func TablesJSON(e *Edition, version string, tables []*Table, labelled func(id string, columns []Column) []Column) ([]byte, error) {
	var list []tableJSON
	for _, t := range tables {
		list = append(list, newTableJSON(e, version, t, labelled(t.Registry.ID, t.Columns)))
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

// TablesJSONL returns all records of some tables, a line each, with the id of the registry.
func TablesJSONL(tables []*Table) ([]byte, error) {
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
