package dataset

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/ncruces/go-sqlite3/driver"
	"github.com/ncruces/go-sqlite3/ext/fts5"
	"github.com/ncruces/go-sqlite3/ext/serdes"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/porthistory"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/registry/ports"
)

// The database's tables, but for the columns of records. The rows of the full text are those of records. SQLite has no type of
// times: DATETIME is for readers that go by the name, and the values are text that its functions take. All words of the full text fit
// into hashsize bytes of memory, so that they are written once, and no page of the file is left free.
const (
	tablesSQL = `
CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE versions (id TEXT PRIMARY KEY, seen DATETIME NOT NULL, source TEXT NOT NULL, sha256 TEXT NOT NULL, table_sha256 TEXT NOT NULL, records INTEGER NOT NULL, previous TEXT REFERENCES versions, returned TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE records (id INTEGER PRIMARY KEY, from_version TEXT NOT NULL REFERENCES versions, to_version TEXT REFERENCES versions, first_port INTEGER, last_port INTEGER%s);
CREATE TABLE changes (id INTEGER PRIMARY KEY, version TEXT NOT NULL REFERENCES versions, previous TEXT NOT NULL REFERENCES versions, kind TEXT NOT NULL, service TEXT NOT NULL, was TEXT NOT NULL, ports TEXT NOT NULL, transports TEXT NOT NULL);
CREATE TABLE changed (change INTEGER NOT NULL REFERENCES changes, field TEXT NOT NULL, old TEXT, new TEXT, PRIMARY KEY (change, field)) WITHOUT ROWID;
CREATE VIEW current AS SELECT * FROM records WHERE to_version IS NULL;
CREATE VIEW periods AS SELECT f.seen AS from_seen, t.seen AS to_seen, r.* FROM records r JOIN versions f ON f.id = r.from_version LEFT JOIN versions t ON t.id = r.to_version;
CREATE VIEW change_log AS SELECT v.seen, c.*, d.field, d.old, d.new FROM changes c JOIN versions v ON v.id = c.version LEFT JOIN changed d ON d.change = c.id;
CREATE VIEW as_of AS SELECT v.id AS version, r.* FROM versions v JOIN records r ON r.from_version <= v.id AND (r.to_version IS NULL OR r.to_version >= v.id);
CREATE VIRTUAL TABLE search USING fts5(service_name, description, assignment_notes, content='records', content_rowid='id');
`
	indexesSQL = `
CREATE INDEX records_by_service ON records (service_name);
CREATE INDEX records_by_port ON records (first_port, last_port);
CREATE INDEX changes_by_service ON changes (service);
INSERT INTO search (search, rank) VALUES ('hashsize', 67108864);
INSERT INTO search (search) VALUES ('rebuild');
INSERT INTO search (search) VALUES ('optimize');
DELETE FROM search_config WHERE k = 'hashsize';
`
)

// SQLite returns the past, up to and with the source's version, as an SQLite database. It holds what records say in all twelve columns; docs/datasets.md
// describes its tables. The bytes are a function of the versions.
func SQLite(ctx context.Context, s *Source, past *porthistory.Past) ([]byte, error) {
	return database(ctx, func(conn *sql.Conn) error { return fill(ctx, conn, s, past.UpTo(s.Version)) })
}

// database returns the bytes of a database that fill fills.
func database(ctx context.Context, fill func(*sql.Conn) error) (data []byte, err error) {
	// Foreign keys hold at the end only: rows are inserted in batches, those of changed values before their changes.
	db, err := driver.Open("file::memory:?_pragma=foreign_keys(off)", fts5.Register)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	conn, err := db.Conn(ctx) // a database in memory is its connection's
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if err := fill(conn); err != nil {
		return nil, err
	}
	err = conn.Raw(func(c any) error {
		data, err = serdes.Serialize(c.(driver.Conn).Raw(), "main")
		return err
	})
	return data, err
}

// fill makes the database of the service names.
func fill(ctx context.Context, conn *sql.Conn, s *Source, past *porthistory.Past) error {
	return transact(ctx, conn, func(tx *sql.Tx) error {
		var columns strings.Builder
		for _, key := range allColumns() {
			columns.WriteString(", " + key + " TEXT NOT NULL")
		}
		if _, err := tx.ExecContext(ctx, fmt.Sprintf(tablesSQL, &columns)); err != nil {
			return err
		}
		for _, into := range []func() error{
			func() error { return insertAbout(ctx, tx, provenance(s)) },
			func() error { return insertVersions(ctx, tx, past.Steps()) },
			func() error { return insertRecords(ctx, tx, s, past) },
			func() error { return insertChanges(ctx, tx, past) },
		} {
			if err := into(); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, indexesSQL)
		return err
	})
}

// transact fills a database in one transaction.
func transact(ctx context.Context, conn *sql.Conn, fill func(*sql.Tx) error) error {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after Commit it does nothing
	if err := fill(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// batch is how many rows one statement inserts: executing a statement costs more than binding the values of a row.
const batch = 100

// insert adds rows to a table, given by a function that calls add with the values of each.
func insert(ctx context.Context, tx *sql.Tx, table string, columns int, rows func(add func(values ...any) error) error) error {
	row := "(?" + strings.Repeat(", ?", columns-1) + ")"
	query := func(n int) string {
		return "INSERT INTO " + table + " VALUES " + row + strings.Repeat(", "+row, n-1)
	}
	//nolint:sqlclosecheck // it is closed below
	full, err := tx.PrepareContext(ctx, query(batch))
	if err != nil {
		return err
	}
	defer full.Close()
	waiting := make([]any, 0, batch*columns)
	err = rows(func(values ...any) error {
		if waiting = append(waiting, values...); len(waiting) < cap(waiting) {
			return nil
		}
		_, err := full.ExecContext(ctx, waiting...)
		waiting = waiting[:0]
		return err
	})
	if err != nil || len(waiting) == 0 {
		return err
	}
	_, err = tx.ExecContext(ctx, query(len(waiting)/columns), waiting...)
	return err
}

func insertAbout(ctx context.Context, tx *sql.Tx, facts [][2]string) error {
	return insert(ctx, tx, "about", 2, func(add func(...any) error) error {
		for _, fact := range facts {
			if err := add(fact[0], fact[1]); err != nil {
				return err
			}
		}
		return nil
	})
}

// timeSQL returns a time as the database has it.
func timeSQL(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

func insertVersions(ctx context.Context, tx *sql.Tx, steps []history.Step) error {
	return insert(ctx, tx, "versions", 8, func(add func(...any) error) error {
		for i := range steps {
			v, previous := &steps[i].Version, sql.NullString{String: steps[i].Previous, Valid: i > 0}
			if err := add(v.ID, timeSQL(v.Seen()), v.Source, v.SHA256, v.TableSHA256, v.Records, previous, string(steps[i].Returned)); err != nil {
				return err
			}
		}
		return nil
	})
}

func insertRecords(ctx context.Context, tx *sql.Tx, s *Source, past *porthistory.Past) error {
	all, err := past.Periods(s.Table.Records)
	if err != nil {
		return err
	}
	return insert(ctx, tx, "records", 5+ports.NumColumns, func(add func(...any) error) error {
		values := make([]any, 0, 5+ports.NumColumns)
		for i := range all {
			p := &all[i]
			from, to, ended := p.Versions(past.Past)
			values = append(values[:0], i+1, from, sql.NullString{String: to, Valid: ended}, nil, nil)
			if first, last, ok := p.Record.Ports.Bounds(); ok {
				values[3], values[4] = int(first), int(last)
			}
			for _, v := range p.Record.Values() {
				values = append(values, v)
			}
			if err := add(values...); err != nil {
				return err
			}
		}
		return nil
	})
}

func insertChanges(ctx context.Context, tx *sql.Tx, past *porthistory.Past) error {
	events, err := past.All()
	if err != nil {
		return err
	}
	err = insert(ctx, tx, "changes", 8, func(add func(...any) error) error {
		return eachChange(events, func(id int, e *history.Event, c *diff.Change) error {
			return add(id, e.Version.ID, e.Previous, string(c.Kind), c.Name, c.Was, portrules.View(c).Ports.String(), transportsOf(c))
		})
	})
	if err != nil {
		return err
	}
	return insert(ctx, tx, "changed", 4, func(add func(...any) error) error {
		return eachChange(events, func(id int, _ *history.Event, c *diff.Change) error {
			for _, v := range changedValues(c) {
				if err := add(id, v.field, v.old, v.new); err != nil {
					return err
				}
			}
			return nil
		})
	})
}
