package history

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/ianasync/ianasync/internal/checksum"
	"github.com/ianasync/ianasync/internal/layout"
	"github.com/ianasync/ianasync/internal/rules"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/snapshots"
)

// Registries is the derived file that lists the registries of a group, as its newest version has them.
type Registries struct {
	Version    string         `json:"version"` // id of the newest version
	Title      string         `json:"title"`   // of the group
	Registries []RegistryFact `json:"registries"`
	Keys       *Keys          `json:"learned"`
}

// RegistryFact is what is known of one registry.
type RegistryFact struct {
	ID      string   `json:"id"`
	Title   string   `json:"title"`
	Hidden  bool     `json:"hidden,omitempty"` // it is not in IANA's index
	Records int      `json:"records"`
	Columns []string `json:"columns"`
	Key     []string `json:"key"`             // the columns that identify a record; empty where there is none
	Whole   bool     `json:"whole,omitempty"` // no columns do: Key has all of them
	Name    string   `json:"name,omitempty"`  // the column of the name
	Found   string   `json:"found"`           // id of the version up to which the key was learned
}

// NewRegistries returns the list for a group's newest edition. The keys are those that [Steps] returned.
func NewRegistries(version string, e *registry.Edition, keys *Keys) *Registries {
	l := &Registries{Version: version, Registries: []RegistryFact{}, Keys: keys}
	if len(e.Stated) > 0 {
		l.Title = e.Stated[0].Title
	}
	for _, t := range e.Tables {
		f := RegistryFact{ID: t.Registry.ID, Records: len(t.Records), Columns: []string{}, Key: []string{}}
		if s := e.Statement(f.ID); s != nil {
			f.Title, f.Hidden = s.Title, s.Hidden
		}
		for _, c := range t.Columns {
			f.Columns = append(f.Columns, c.Key)
		}
		if len(t.Records) > 0 {
			k, known := keys.key(f.ID)
			if !known || slices.ContainsFunc(k.Key, func(key string) bool { return !slices.Contains(f.Columns, key) }) {
				k = keyOf(rules.For(f.ID, t), version)
			}
			f.Key, f.Whole, f.Name, f.Found = k.Key, k.Whole, k.Name, k.Found
		}
		l.Registries = append(l.Registries, f)
	}
	return l
}

// RegistriesOf returns the list for a group's newest version: the derived one, or one that is made anew where that is missing
// or of another version. The edition is that of the version; where it is nil, it is decoded when it is needed.
func RegistriesOf(s *snapshots.Store, g *registry.Group, newest snapshots.Version, e *registry.Edition) (*Registries, error) {
	l, err := ReadRegistries(s)
	if err != nil || l != nil && l.Version == newest.ID {
		return l, err
	}
	if e == nil {
		data, err := s.Bytes(newest)
		if err != nil {
			return nil, err
		}
		if e, err = g.Decode(data, nil); err != nil {
			return nil, fmt.Errorf("%s: %w", newest.ID, err)
		}
	}
	keys := new(Keys)
	if l != nil {
		keys = l.Keys
	}
	return NewRegistries(newest.ID, e, keys), nil
}

// Encode returns the content of the file.
func (l *Registries) Encode() ([]byte, error) {
	line, err := checksum.Marshal(l)
	return append(line, '\n'), err
}

// ReadRegistries reads the file. It returns nil where there is none, or where it is damaged: it is derived.
func ReadRegistries(s *snapshots.Store) (*Registries, error) {
	data, err := s.ReadDerived(layout.Group(s.Registry()).Registries())
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, snapshots.ErrCorrupt) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the list of registries: %w", err)
	}
	l := new(Registries)
	if checksum.Unmarshal(data, l) != nil {
		l = nil
	}
	return l, nil
}

// storedKeys returns the keys that the store has; none of a group with [Rules] of its own.
func storedKeys(s *snapshots.Store) (*Keys, error) {
	if _, is := s.Group().(Rules); is {
		return nil, nil
	}
	l, err := ReadRegistries(s)
	if l == nil {
		return nil, err
	}
	return l.Keys, nil
}
