package dataset

import (
	"context"
	"database/sql"
	"strings"

	"github.com/ianasync/ianasync/internal/plainjson"
)

// The tables of a database of groups. The full text has rows of its own beside records, with the same ids, for it leaves out the
// cells that name parties and people.
const (
	groupTablesSQL = `
CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE registry_groups (id TEXT PRIMARY KEY, title TEXT NOT NULL, source TEXT NOT NULL, version TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE registries (id TEXT PRIMARY KEY, registry_group TEXT NOT NULL REFERENCES registry_groups, title TEXT NOT NULL, records INTEGER NOT NULL, columns TEXT NOT NULL, value TEXT NOT NULL, name TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE versions (registry_group TEXT NOT NULL REFERENCES registry_groups, id TEXT NOT NULL, seen DATETIME NOT NULL, source TEXT NOT NULL, sha256 TEXT NOT NULL, table_sha256 TEXT NOT NULL, records INTEGER NOT NULL, previous TEXT, returned TEXT NOT NULL, PRIMARY KEY (registry_group, id), FOREIGN KEY (registry_group, previous) REFERENCES versions) WITHOUT ROWID;
CREATE TABLE records (id INTEGER PRIMARY KEY, registry_group TEXT NOT NULL REFERENCES registry_groups, registry TEXT NOT NULL, from_version TEXT NOT NULL, to_version TEXT, from_seen DATETIME NOT NULL, to_seen DATETIME, value TEXT NOT NULL, name TEXT NOT NULL, record TEXT NOT NULL);
CREATE TABLE changes (id INTEGER PRIMARY KEY, registry_group TEXT NOT NULL REFERENCES registry_groups, registry TEXT NOT NULL, version TEXT NOT NULL, previous TEXT NOT NULL, seen DATETIME NOT NULL, kind TEXT NOT NULL, minor INTEGER NOT NULL, value TEXT NOT NULL, name TEXT NOT NULL, was TEXT NOT NULL);
CREATE TABLE changed (change INTEGER NOT NULL REFERENCES changes, field TEXT NOT NULL, old TEXT, new TEXT);
CREATE VIEW current AS SELECT * FROM records WHERE to_version IS NULL;
CREATE VIEW change_log AS SELECT c.*, d.field, d.old, d.new FROM changes c LEFT JOIN changed d ON d.change = c.id;
CREATE VIEW as_of AS SELECT v.id AS version, r.* FROM versions v JOIN records r ON r.registry_group = v.registry_group AND r.from_version <= v.id AND (r.to_version IS NULL OR r.to_version >= v.id);
CREATE VIRTUAL TABLE search USING fts5(value, name, text, content='');
`
	groupIndexesSQL = `
CREATE INDEX records_by_registry ON records (registry, value);
CREATE INDEX records_by_name ON records (name);
CREATE INDEX changes_by_registry ON changes (registry, seen);
CREATE INDEX changes_by_name ON changes (name);
CREATE INDEX changed_by_change ON changed (change);
INSERT INTO search (search) VALUES ('optimize');
`
)

// GroupSQLite returns the history of groups as an SQLite database, of which docs/datasets.md describes the tables. The bytes are a
// function of the versions.
func GroupSQLite(ctx context.Context, groups Groups) ([]byte, error) {
	return database(ctx, func(conn *sql.Conn) error {
		err := transact(ctx, conn, func(tx *sql.Tx) error {
			if _, err := tx.ExecContext(ctx, groupTablesSQL); err != nil {
				return err
			}
			if err := insertAbout(ctx, tx, groupProvenance()); err != nil {
				return err
			}
			f := groupFiller{tx: tx}
			for g, err := range groups {
				if err != nil {
					return err
				}
				if err := f.fill(ctx, g); err != nil {
					return err
				}
			}
			_, err := tx.ExecContext(ctx, groupIndexesSQL)
			return err
		})
		if err != nil {
			return err
		}
		_, err = conn.ExecContext(ctx, "VACUUM") // the full text is of one group after the other, and its parts were merged
		return err
	})
}

// groupFiller adds groups to a database.
type groupFiller struct {
	tx              *sql.Tx
	records, change int // the last ids
}

func (f *groupFiller) fill(ctx context.Context, g *Group) error {
	if err := f.insert(ctx, "registry_groups", 4, func(add func(...any) error) error { return add(g.ID, g.Title, g.Page, g.Version) }); err != nil {
		return err
	}
	for _, into := range []func(context.Context, *Group) error{f.registries, f.versions, f.periods, f.changes} {
		if err := into(ctx, g); err != nil {
			return err
		}
	}
	return nil
}

func (f *groupFiller) insert(ctx context.Context, table string, columns int, rows func(add func(...any) error) error) error {
	return insert(ctx, f.tx, table, columns, rows)
}

func (f *groupFiller) registries(ctx context.Context, g *Group) error {
	return f.insert(ctx, "registries", 7, func(add func(...any) error) error {
		for i := range g.Registries {
			r := &g.Registries[i]
			columns, err := plainjson.Marshal(r.Columns)
			if err != nil {
				return err
			}
			value := strings.Join(r.Key, " / ")
			if r.Whole {
				value = ""
			}
			if err := add(r.ID, g.ID, r.Title, r.Records, string(columns), value, r.Name); err != nil {
				return err
			}
		}
		return nil
	})
}

func (f *groupFiller) versions(ctx context.Context, g *Group) error {
	return f.insert(ctx, "versions", 9, func(add func(...any) error) error {
		steps := g.past.Steps()
		for i := range steps {
			v, previous := &steps[i].Version, sql.NullString{String: steps[i].Previous, Valid: i > 0}
			if err := add(g.ID, v.ID, timeSQL(v.Seen()), v.Source, v.SHA256, v.TableSHA256, v.Records, previous, string(steps[i].Returned)); err != nil {
				return err
			}
		}
		return nil
	})
}

func (f *groupFiller) periods(ctx context.Context, g *Group) error {
	all, err := g.periods()
	if err != nil {
		return err
	}
	first := f.records
	err = f.insert(ctx, "records", 10, func(add func(...any) error) error {
		for i := range all {
			p := &all[i]
			f.records++
			values := []any{f.records, g.ID, p.registry, p.from.Version.ID, nil, timeSQL(p.from.Version.Seen()), nil, p.value, p.name, cellsJSON(p.record)}
			if p.to != nil {
				values[4], values[6] = p.to.Version.ID, timeSQL(p.to.Version.Seen())
			}
			if err := add(values...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return f.insert(ctx, "search (rowid, value, name, text)", 4, func(add func(...any) error) error {
		for i := range all {
			p := &all[i]
			if err := add(first+i+1, p.value, p.name, searched(p.record)); err != nil {
				return err
			}
		}
		return nil
	})
}

func (f *groupFiller) changes(ctx context.Context, g *Group) error {
	return f.insert(ctx, "changes", 11, func(add func(...any) error) error {
		return f.insert(ctx, "changed", 4, func(addValue func(...any) error) error {
			return g.changes(func(c *groupChange) error {
				f.change++
				err := add(f.change, g.ID, c.registry, c.Version.ID, c.Previous, timeSQL(c.Version.Seen()), string(c.kind), c.minor, c.value, c.name, c.was)
				if err != nil {
					return err
				}
				for _, v := range c.values {
					if err := addValue(f.change, v.field, v.old, v.new); err != nil {
						return err
					}
				}
				return nil
			})
		})
	})
}
