package dataset

import (
	"context"
	"time"
)

// groupRow is a row of the Parquet file of groups: a record and the time through which it stood.
type groupRow struct {
	Group    string     `parquet:"registry_group,dict"`
	Registry string     `parquet:"registry,dict"`
	From     string     `parquet:"from_version,dict"`
	To       *string    `parquet:"to_version,dict,optional"` // none where the newest version has it
	FromSeen time.Time  `parquet:"from_seen,timestamp(millisecond)"`
	ToSeen   *time.Time `parquet:"to_seen,timestamp(millisecond),optional"`
	Value    string     `parquet:"value,dict"`
	Name     string     `parquet:"name,dict"`
	Record   string     `parquet:"record,dict,json"`
}

// GroupParquet returns the history of groups as a Parquet file: a row a record a period. The bytes are a function of the versions, and
// of the library that compresses them.
func GroupParquet(_ context.Context, groups Groups) ([]byte, error) {
	var rows []groupRow
	for g, err := range groups {
		if err != nil {
			return nil, err
		}
		all, err := g.periods()
		if err != nil {
			return nil, err
		}
		for i := range all {
			p := &all[i]
			row := groupRow{
				Group: g.ID, Registry: p.registry, From: p.from.Version.ID, FromSeen: p.from.Version.Seen().UTC(),
				Value: p.value, Name: p.name, Record: cellsJSON(p.record),
			}
			if p.to != nil {
				row.To, row.ToSeen = &p.to.Version.ID, new(p.to.Version.Seen().UTC())
			}
			rows = append(rows, row)
		}
	}
	return parquetFile(groupProvenance(), rows)
}

// groupVersion is a row of the file of versions of groups.
type groupVersion struct {
	Group string `parquet:"registry_group,dict"`
	parquetVersion
}

// GroupParquetVersions returns the versions of groups as a Parquet file, each group's oldest first.
func GroupParquetVersions(_ context.Context, groups Groups) ([]byte, error) {
	var rows []groupVersion
	for g, err := range groups {
		if err != nil {
			return nil, err
		}
		for _, v := range parquetVersions(g.past.Steps()) {
			rows = append(rows, groupVersion{g.ID, v})
		}
	}
	return parquetFile(groupProvenance(), rows)
}

// groupChangeRow is a row of the file of changes of groups: a cell that a change is about. A change that is about none has one row.
type groupChangeRow struct {
	ID       int32     `parquet:"id"`
	Group    string    `parquet:"registry_group,dict"`
	Registry string    `parquet:"registry,dict"`
	Version  string    `parquet:"version,dict"`
	Previous string    `parquet:"previous,dict"`
	Seen     time.Time `parquet:"seen,timestamp(millisecond)"`
	Kind     string    `parquet:"kind,dict"`
	Minor    bool      `parquet:"minor"`
	Value    string    `parquet:"value,dict"`
	Name     string    `parquet:"name,dict"`
	Was      string    `parquet:"was,dict"`
	Field    *string   `parquet:"field,dict,optional"`
	Old      *string   `parquet:"old,dict,optional"`
	New      *string   `parquet:"new,dict,optional"`
}

// GroupParquetChanges returns the changes of groups as a Parquet file, each group's oldest first.
func GroupParquetChanges(_ context.Context, groups Groups) ([]byte, error) {
	var rows []groupChangeRow
	id := int32(0)
	for g, err := range groups {
		if err != nil {
			return nil, err
		}
		err := g.changes(func(c *groupChange) error {
			id++
			row := groupChangeRow{
				ID: id, Group: g.ID, Registry: c.registry, Version: c.Version.ID, Previous: c.Previous, Seen: c.Version.Seen().UTC(),
				Kind: string(c.kind), Minor: c.minor, Value: c.value, Name: c.name, Was: c.was,
			}
			for _, v := range c.values {
				row.Field, row.Old, row.New = &v.field, v.old, v.new
				rows = append(rows, row)
			}
			if len(c.values) == 0 {
				rows = append(rows, row)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return parquetFile(groupProvenance(), rows)
}
