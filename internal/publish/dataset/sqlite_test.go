package dataset_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ncruces/go-sqlite3/driver"
	"github.com/ncruces/go-sqlite3/ext/fts5"

	"github.com/ianasync/ianasync/internal/history/historytest"
	"github.com/ianasync/ianasync/internal/porthistory"
	"github.com/ianasync/ianasync/internal/publish/dataset"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

// past are tables of January 2020, one a day: a record comes twice, one is renamed, and
// on the fourth day all that is undone for a day.
func past() []*ports.Table {
	first := []ports.Record{rec("http", "80", "tcp", "Web"), rec("rdp", "", "", ""), rec("rdp", "", "", ""), rec("nvm", "4420", "tcp", "x")}
	second := []ports.Record{first[0], first[1], rec("nvme", "4420", "tcp", "x")}
	third := append(slices.Clone(second), rec("nasty", "x", "quic", "a\x00b' \u202e\x1b"), rec("x11", "6000-6063", "tcp", ""))
	var tables []*ports.Table
	for _, records := range [][]ports.Record{first, second, third, second, third} {
		tables = append(tables, ports.NewTable(slices.Clone(records)))
	}
	return tables
}

// store holds the tables, seen in the order given by their days.
func store(t *testing.T, tables []*ports.Table, days ...int) *snapshots.Store {
	t.Helper()
	s := historytest.Empty(t)
	for _, day := range days {
		historytest.SeeTable(t, s, day, tables[day-1])
	}
	return s
}

// historyOf returns what a store holds up to its version of an id.
func historyOf(t *testing.T, s *snapshots.Store, last string) (*dataset.Source, *porthistory.Past) {
	t.Helper()
	past, err := porthistory.Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	source := &dataset.Source{Registry: ports.ServiceNames(), Version: last, Table: ports.NewTable(nil)}
	if last == "" {
		return source, past
	}
	v, err := s.Resolve(last)
	if err != nil {
		t.Fatal(err)
	}
	if source.Table, err = porthistory.Table(s, v); err != nil {
		t.Fatal(err)
	}
	return source, past
}

func database(t *testing.T, s *snapshots.Store, last string) []byte {
	t.Helper()
	source, past := historyOf(t, s, last)
	data, err := dataset.SQLite(t.Context(), source, past)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// openDatabase opens a database by its bytes.
func openDatabase(t *testing.T, data []byte) *sql.DB {
	t.Helper()
	db, err := driver.Open(file(t, "history.db", string(data)), fts5.Register)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// TestSQLiteHasNoFreePages holds more words than SQLite keeps in memory by default: a file with parts that were merged would have
// pages that are free.
func TestSQLiteHasNoFreePages(t *testing.T) {
	var records []ports.Record
	for i := range 6000 {
		records = append(records, rec(fmt.Sprintf("s%d", i), strconv.Itoa(i+1), "tcp", fmt.Sprintf("a%d b%d c%d", i, i, i)))
	}
	s := store(t, []*ports.Table{ports.NewTable(records)}, 1)
	var free, kept, found int
	err := openDatabase(t, database(t, s, s.Versions()[0].ID)).QueryRow(`SELECT (SELECT freelist_count FROM pragma_freelist_count),
		(SELECT count(*) FROM search_config WHERE k != 'version'), (SELECT count(*) FROM search WHERE search MATCH 'b4000')`).Scan(&free, &kept, &found)
	if err != nil || free != 0 || kept != 0 || found != 1 {
		t.Errorf("%d free pages, %d settings of the full text, %d records found, %v", free, kept, found, err)
	}
}

func TestSQLiteHoldsEveryVersion(t *testing.T) {
	tables := past()
	s := store(t, tables, 1, 2, 3, 4, 5)
	db := openDatabase(t, database(t, s, s.Versions()[4].ID))
	for i, v := range s.Versions() {
		if diff := cmp.Diff(lines(tables[i].Records), asOf(t, db, v.ID)); diff != "" {
			t.Errorf("day %d (-want +got):\n%s", i+1, diff)
		}
	}
	var got string
	for _, test := range []struct{ query, want string }{
		{"SELECT group_concat(kind || ' ' || service || ' ' || was, ', ') FROM (SELECT * FROM changes WHERE kind = 'renamed')", "renamed nvme nvm"},
		{"SELECT group_concat(r.service_name) FROM search JOIN records r ON r.id = search.rowid WHERE search MATCH 'web'", "http"},
		{"SELECT count(*) FROM records WHERE to_version IS NULL", "5"},
		{
			"SELECT group_concat(substr(id, 8, 1) || coalesce(substr(previous, 8, 1), '') || returned, ', ') FROM (SELECT * FROM versions ORDER BY id)",
			"1, 21, 32, 42rolled back, 53restored",
		},
		{"SELECT count(*) FROM changes c JOIN versions v ON v.id = c.version WHERE c.previous IS NOT v.previous", "0"},
		{"SELECT service_name FROM records WHERE first_port <= 6010 AND last_port >= 6010 LIMIT 1", "x11"},
		{"SELECT value FROM about WHERE key = 'licence'", "CC0-1.0"},
		{
			"SELECT group_concat(field || ' ' || old || ' ' || new, ', ') FROM change_log WHERE seen = '2020-01-02T00:00:00Z' AND kind = 'renamed'",
			"service_name nvm nvme",
		},
		{
			"SELECT group_concat(field || ' ' || coalesce(old, 'none') || ' ' || new, ', ') FROM change_log WHERE service = 'x11' AND version LIKE '20200103%'",
			"port_number none 6000-6063, service_name none x11, transport_protocol none tcp",
		},
		{"SELECT count(*) FROM change_log d WHERE d.field IS NULL", "0"},
		{"SELECT group_concat(date(from_seen) || ' ' || coalesce(date(to_seen), 'on'), ', ') FROM periods WHERE service_name = 'x11'", "2020-01-03 2020-01-03, 2020-01-05 on"},
		{"SELECT count(*) FROM current", "5"},
		{"PRAGMA integrity_check", "ok"},
	} {
		if err := db.QueryRow(test.query).Scan(&got); err != nil || got != test.want {
			t.Errorf("%s: %q (%v), want %q", test.query, got, err, test.want)
		}
	}
}

// asOf reads the records of a version.
func asOf(t *testing.T, db *sql.DB, version string) []string {
	t.Helper()
	var keys []string
	for i := range ports.Columns() {
		keys = append(keys, ports.Columns()[i].Key)
	}
	rows, err := db.Query("SELECT json_array("+strings.Join(keys, ", ")+") FROM as_of WHERE version = ? ORDER BY id", version)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		var cells []string
		if err := json.Unmarshal([]byte(text), &cells); err != nil {
			t.Fatal(err)
		}
		out = append(out, strings.Join(cells, "|"))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func lines(records []ports.Record) (out []string) {
	for i := range records {
		v := records[i].Values()
		out = append(out, strings.Join(v[:], "|"))
	}
	return out
}

func TestSQLiteDependsOnTheVersionsAlone(t *testing.T) {
	tables := past()
	s, other := store(t, tables, 1, 2, 3, 4, 5), store(t, tables, 4, 2, 5, 1, 3)
	last := s.Versions()[4].ID
	if !bytes.Equal(database(t, s, last), database(t, other, last)) {
		t.Error("versions that arrive in another order give other bytes")
	}
	third := s.Versions()[2].ID
	if !bytes.Equal(database(t, s, third), database(t, store(t, tables, 1, 2, 3), third)) {
		t.Error("what came later alters what was")
	}
}

func TestSQLiteOfNothing(t *testing.T) {
	if data := database(t, store(t, nil), ""); !bytes.HasPrefix(data, []byte("SQLite format 3\x00")) {
		t.Errorf("it begins with %q", data[:min(16, len(data))])
	}
}

func TestSQLiteCanBeStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	s := store(t, past(), 1, 2)
	source, past := historyOf(t, s, s.Versions()[1].ID)
	if _, err := dataset.SQLite(ctx, source, past); err == nil {
		t.Error("it was not stopped")
	}
}

func TestSqlite3ReadsTheDatabase(t *testing.T) {
	need(t, "sqlite3")
	s := store(t, past(), 1, 2, 3)
	path := file(t, "history.db", string(database(t, s, s.Versions()[2].ID)))
	got := output(t, exec.Command("sqlite3", path, "PRAGMA integrity_check; SELECT v.records = count(*) FROM versions v JOIN as_of a ON a.version = v.id GROUP BY v.id"))
	if want := "ok\n1\n1\n1\n"; got != want {
		t.Errorf("sqlite3 says %q, want %q", got, want)
	}
}

// TestPeriodsAreOfRecordsNotOfText: IANA's exporter wraps the text of a row otherwise from one edition to the next. The
// record stands unaltered.
func TestPeriodsAreOfRecordsNotOfText(t *testing.T) {
	tables := past()[:2]
	s := store(t, tables, 1)
	wrapped := bytes.Replace(tables[1].CSV(), []byte(",Web,"), []byte(",\" Web\n\","), 1)
	if bytes.Equal(wrapped, tables[1].CSV()) {
		t.Fatal("no row is wrapped")
	}
	if _, _, err := s.Import(snapshots.Edition{Bytes: wrapped, Seen: time.Date(2020, 1, 2, 0, 0, 0, 0, time.UTC), Content: tables[1]}); err != nil {
		t.Fatal(err)
	}
	db := openDatabase(t, database(t, s, s.Versions()[1].ID))
	var got string
	if err := db.QueryRow("SELECT group_concat(substr(from_version, 7, 2) || coalesce(to_version, ' on')) FROM records WHERE service_name = 'http'").Scan(&got); err != nil || got != "01 on" {
		t.Errorf("http has the periods %q (%v), want %q", got, err, "01 on")
	}
}
