package registry

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"
)

//go:embed described.json
var describedJSON []byte

// described returns the registries that were described by hand, in order of their ids. The file described.json holds them, a
// list of objects. A column that IANA renamed is described by its present key; everything that a description leaves out is
// found in the file that is read.
var described = sync.OnceValue(func() []Registry {
	var list []struct {
		ID, Title, URL string
		Columns        []struct {
			Key, Label string
			Role       Role
			Aliases    []string
		}
	}
	if err := json.Unmarshal(describedJSON, &list); err != nil {
		panic(fmt.Sprintf("registry: described.json: %v", err)) // a test reads it
	}
	registries := make([]Registry, len(list))
	for i, d := range list {
		registries[i] = Registry{ID: d.ID, Title: d.Title, URL: d.URL, Limits: DefaultLimits()}
		for _, c := range d.Columns {
			registries[i].Columns = append(registries[i].Columns, Column(c))
		}
	}
	return registries
})

// Described returns the description by hand of the registry with the given id, and whether there is one. A name that begins
// with that of its group, as most CSV files have, is enough: "protocol-numbers-1" is "protocol-numbers/protocol-numbers-1".
func Described(id string) (*Registry, bool) {
	list := described()
	i := slices.IndexFunc(list, func(r Registry) bool {
		return r.ID == id || path.Base(r.ID) == id && strings.HasPrefix(id, r.GroupID())
	})
	if i < 0 {
		return nil, false
	}
	return &list[i], true
}

// Read returns the edition that a file is which is not known to be of any group. XML names its group. CSV does not: it is of
// the registry that the file is named after ("protocol-numbers-1.csv"), which need not be known. The error is an
// [ErrNotGroup] where the file is neither.
func Read(name string, data []byte) (*Edition, error) {
	if FormOf(data) == XML {
		return XMLDecoder{}.Decode(&Group{Limits: DefaultLimits(), Decoder: XMLDecoder{}}, data, nil)
	}
	stem := strings.TrimSuffix(path.Base(strings.ReplaceAll(name, `\`, "/")), ".csv")
	r, found := Described(stem)
	if !found {
		r = &Registry{ID: stem, Limits: DefaultLimits()}
	}
	g := NewGroup(r.GroupID())
	g.Decoder = CSVDecoder{Registry: r}
	return g.Decode(data, nil)
}
