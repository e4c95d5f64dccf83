package dataset

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/internal/rules"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/registry/ports"
)

// Group is a registry group, any one, with its history up to a version. Its records are sets of cells, for each registry has
// columns of its own.
type Group struct {
	ID, Title, Page string
	Version         string // id of the newest version
	Registries      []history.RegistryFact

	past   *history.Past
	tables []*registry.Table // of the newest version; none of the service names
	newest []history.RegistryRecord
	only   string // the id of the one registry that is wanted; empty for all
}

// NewGroup returns a group with its past up to a version, of which e is the edition. Where only is the id of a registry, it has
// that registry alone.
func NewGroup(g *registry.Group, version string, e *registry.Edition, past *history.Past, only string) *Group {
	past = past.UpTo(version)
	known := past.Registries(version, e)
	wanted := &Group{ID: g.ID, Title: known.Title, Page: g.Page, Version: version, past: past, only: only}
	for i, t := range e.Tables {
		if only != "" && t.Registry.ID != only {
			continue
		}
		wanted.Registries, wanted.tables = append(wanted.Registries, known.Registries[i]), append(wanted.tables, t)
		for _, r := range t.Records {
			wanted.newest = append(wanted.newest, history.RegistryRecord{Registry: t.Registry.ID, Record: r})
		}
	}
	return wanted
}

// OfServiceNames returns the group of the service names.
func OfServiceNames(s *Source, past *history.Past) *Group {
	r := s.Registry
	g := &Group{ID: r.ID, Title: r.Title, Page: r.Page, Version: s.Version, past: past.UpTo(s.Version)}
	g.Registries = []history.RegistryFact{{
		ID: r.ID, Title: r.Title, Records: len(s.Table.Records), Columns: allColumns(), Key: []string{"port_number", "transport_protocol"}, Name: "service_name",
	}}
	for _, record := range ports.Untyped(s.Table.Records) {
		g.newest = append(g.newest, history.RegistryRecord{Registry: portrules.Registry, Record: record})
	}
	return g
}

// Groups are several groups, in the order of their ids. Each is no longer needed when the next is asked for.
type Groups = iter.Seq2[*Group, error]

// One returns a single group as [Groups].
func One(g *Group) Groups {
	return func(yield func(*Group, error) bool) { yield(g, nil) }
}

// GroupHistory is a format for the history of groups.
type GroupHistory struct {
	Name  string
	File  PackageFile // its place in the package of a group; none for the archive of one, which is of one group
	Write func(ctx context.Context, groups Groups) ([]byte, error)
}

// groupDatabases are the forms of a history that the package of a group has.
var groupDatabases = []GroupHistory{
	{"sqlite", PackageFile{dataFolder + "history.sqlite", "application/vnd.sqlite3"}, GroupSQLite},
	{"parquet", PackageFile{dataFolder + "history.parquet", "application/vnd.apache.parquet"}, GroupParquet},
	{"parquet-versions", PackageFile{dataFolder + "versions.parquet", "application/vnd.apache.parquet"}, GroupParquetVersions},
	{"parquet-changes", PackageFile{dataFolder + "changes.parquet", "application/vnd.apache.parquet"}, GroupParquetChanges},
}

// GroupHistories are all forms of the history of any group. They go by the names of [Histories].
var GroupHistories = append(slices.Clone(groupDatabases), GroupHistory{"tar", PackageFile{}, GroupTar})

// FindGroupHistory returns the form of that name, or nil.
func FindGroupHistory(name string) *GroupHistory {
	i := slices.IndexFunc(GroupHistories, func(h GroupHistory) bool { return h.Name == name })
	if i < 0 {
		return nil
	}
	return &GroupHistories[i]
}

// groupProvenance returns the origin of a database of groups, as keys and values.
func groupProvenance() [][2]string {
	return [][2]string{{"title", "IANA's registries"}, {"source", "https://www.iana.org/protocols"}, {"licence", Licence}}
}

// registryOf returns the id of the registry of a change or a record. That of the service names has the id of its group.
func (g *Group) registryOf(id string) string {
	if id == portrules.Registry {
		return g.ID
	}
	return id
}

// key returns how the records of a registry are told apart.
func (g *Group) key(id string) history.Key {
	for _, f := range g.Registries {
		if f.ID == id {
			return history.Key{Key: f.Key, Whole: f.Whole, Name: f.Name}
		}
	}
	key, _ := g.past.Key(id) // it is gone
	return key
}

// groupPeriod is a record with the time through which it stood.
type groupPeriod struct {
	registry    string
	value, name string
	record      registry.Record
	from        *history.Step
	to          *history.Step // nil where the newest version has it
}

// periods returns the periods of all records, by registry.
func (g *Group) periods() ([]groupPeriod, error) {
	all, err := g.past.Periods(g.newest, g.only)
	if err != nil {
		return nil, err
	}
	steps := g.past.Steps()
	list := make([]groupPeriod, len(all))
	for i := range all {
		p, r := &all[i], all[i].Record.Record
		id := g.registryOf(all[i].Record.Registry)
		key := g.key(id)
		list[i] = groupPeriod{id, valueOf(r, key), r.Get(key.Name), r, &steps[p.First], nil}
		if p.Last < len(steps)-1 {
			list[i].to = &steps[p.Last]
		}
	}
	return list, nil
}

// valueOf returns the cells of a record by which it is told apart, with " / " between; nothing where all cells would be needed.
func valueOf(r registry.Record, key history.Key) string {
	var texts []string
	for _, k := range key.Key {
		if text := r.Get(k); text != "" && !key.Whole {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, " / ")
}

// searched returns the text by which a record is found: all cells but those that name parties and people.
func searched(r registry.Record) string {
	var texts []string
	for key, text := range r.All() {
		switch rules.RoleOf(registry.Column{Key: key}) {
		case registry.People, registry.Party:
		default:
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, "\n")
}

// groupChange is a change of a registry.
type groupChange struct {
	*history.Event
	kind                       diff.Kind
	minor                      bool
	registry, value, name, was string
	values                     []changedValue
}

// changes calls each with all changes of a group, oldest first.
func (g *Group) changes(each func(*groupChange) error) error {
	steps := g.past.Steps()
	for i := range steps {
		event, err := steps[i].Event()
		if err != nil {
			return err
		}
		for j := range event.Changes {
			c := &event.Changes[j]
			if g.only != "" && c.Registry != g.only {
				continue
			}
			change := groupChange{&event, c.Kind, c.Minor, g.registryOf(c.Registry), "", c.Name, c.Was, cellsChanged(c)}
			if portrules.Is(c) {
				change.value = portrules.View(c).Ports.String()
				if t := transportsOf(c); change.value != "" && t != "" {
					change.value += " / " + t
				}
			} else if key := g.key(c.Registry); !key.Whole {
				change.value = valueOf(registry.NewRecord(c.Key...), key)
			}
			if err := each(&change); err != nil {
				return err
			}
		}
	}
	return nil
}

// cellsChanged returns the cells that differ. Where records only came, or only went, these are the cells of the first of them; where
// the whole registry did, there are none.
func cellsChanged(c *diff.Change) (out []changedValue) {
	for i := range c.Fields {
		out = append(out, changedValue{c.Fields[i].Key, &c.Fields[i].Old, &c.Fields[i].New})
	}
	if len(out) > 0 || c.Kind == diff.Introduced || c.Kind == diff.Withdrawn {
		return out
	}
	switch {
	case len(c.Removed) == 0 && len(c.Added) > 0:
		for key, text := range c.Added[0].All() {
			out = append(out, changedValue{key, nil, &text})
		}
	case len(c.Added) == 0 && len(c.Removed) > 0:
		for key, text := range c.Removed[0].All() {
			out = append(out, changedValue{key, &text, nil})
		}
	}
	return out
}

// cellsJSON returns the cells of a record as a JSON object.
func cellsJSON(r registry.Record) string { return string(r.AppendJSON(nil, nil)) }
