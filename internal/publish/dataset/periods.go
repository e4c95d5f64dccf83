package dataset

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/snapshots"
)

// History is a form that the history of a store can be written in: what records say in
// all twelve columns, and from when to when.
type History struct {
	Name    string
	Summary string // one line for people, lower case

	// Write returns the history up to and with the store's version of the given id.
	Write func(ctx context.Context, r *registry.Registry, s *snapshots.Store, last string) ([]byte, error)
}

// databases are the forms of a history that a package has.
var databases = []History{
	{"sqlite", "the store's history up to the version, as an SQLite database", SQLite},
	{"parquet", "the same, as a Parquet file: a row a record a period", Parquet},
}

// Histories are all forms of a history.
var Histories = append(slices.Clone(databases), History{"tar", "all of these in a tar archive, with digests and what each leaves out", Tar})

// FindHistory returns the form of that name, or nil.
func FindHistory(name string) *History {
	i := slices.IndexFunc(Histories, func(h History) bool { return h.Name == name })
	if i < 0 {
		return nil
	}
	return &Histories[i]
}

// period is a time through which a record stood unaltered.
type period struct {
	record   registry.Record
	from, to string // ids of the first and the last version that have it; to is empty where the last of all has it
}

// periods returns the periods of all records, in the table's order and then in time. A
// record that went and came back, as in a rollback, has two; of equal records each has its own.
func periods(ctx context.Context, s *snapshots.Store, versions []snapshots.Version) ([]period, error) {
	var all []period
	open := map[registry.Record][]int{} // by record, where in all its open periods are
	var before *registry.Edition
	for i, v := range versions {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		rows, err := s.Rows(v)
		if err != nil {
			return nil, err
		}
		gone, came, err := distinct(before, rows)
		if err != nil {
			return nil, err
		}
		for _, r := range gone {
			at := open[r]
			all[at[0]].to = versions[i-1].ID
			open[r] = at[1:]
		}
		for _, r := range came {
			open[r] = append(open[r], len(all))
			all = append(all, period{record: r, from: v.ID})
		}
		before = rows
	}
	slices.SortStableFunc(all, func(a, b period) int {
		return cmp.Or(registry.Compare(a.record, b.record), strings.Compare(a.from, b.from))
	})
	return all, nil
}

// distinct returns the records that only the one or only the other edition has. Before
// the first there is none.
func distinct(old, new *registry.Edition) (gone, came []registry.Record, err error) {
	if old == nil {
		table, err := new.Table()
		if err != nil {
			return nil, nil, err
		}
		return nil, table.Records, nil
	}
	g, c, err := registry.Distinct(old, new)
	if err != nil {
		return nil, nil, err
	}
	return g.Records, c.Records, nil
}

// upTo returns the versions of a store up to and with that of the given id.
func upTo(s *snapshots.Store, last string) []snapshots.Version {
	versions := s.Versions()
	end := slices.IndexFunc(versions, func(v snapshots.Version) bool { return v.ID == last })
	return versions[:end+1]
}

// facts say where a history is from.
func facts(r *registry.Registry, last string) [][2]string {
	return [][2]string{{"registry", r.ID}, {"title", r.Title}, {"source", r.Page}, {"licence", Licence}, {"version", last}}
}
