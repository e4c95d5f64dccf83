package dataset_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/history/historytest"
	"github.com/ianasync/ianasync/internal/publish/dataset"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/snapshots"
)

// colours describes the group of the tests here.
func colours() *registry.Group { return registry.NewXMLGroup("colours") }

// editions are editions of the group, one a day: a record is there twice, one gets another name, a registry goes, and on the fourth
// day all that is undone for a day.
func editions() []string {
	const begin = `<registry xmlns="http://www.iana.org/assignments" id="colours"><title>Colours</title><registry id="web"><title>Colours of the Web</title>`
	record := func(value, name, contact string) string {
		return fmt.Sprintf(`<record><value>%s</value><name>%s</name><xref type="rfc" data="rfc1"/><xref type="person" data="%s"/></record>`, value, name, contact)
	}
	const old = `</registry><registry id="old"><title>Older Colours</title><record><name>ochre</name><value>7</value></record></registry></registry>`
	first := begin + record("0x01", "red", "Ann") + record("0x02", "blue", "Ben") + record("0x02", "blue", "Ben") + record("0x03-FF", "Unassigned", "") + old
	second := begin + record("0x01", "red", "Ann") + record("0x02", "azure blue", "Ben") + record("0x03", "a'b &quot;&#x202e;", "Eve") + record("0x04-FF", "Unassigned", "") + "</registry></registry>"
	third := strings.Replace(second, "0x01", "0x05", 1)
	return []string{first, second, third, second, third}
}

// groupStore holds the editions, seen in the order given by their days.
func groupStore(t *testing.T, days ...int) *snapshots.Store {
	t.Helper()
	s := historytest.EmptyOf(t, colours())
	for _, day := range days {
		seen := time.Date(2020, 1, day, 0, 0, 0, 0, time.UTC)
		if _, _, err := s.Import(snapshots.Edition{Bytes: []byte(editions()[day-1]), Seen: seen}); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// groupOf returns the group up to a version, or one registry of it.
func groupOf(t *testing.T, s *snapshots.Store, v snapshots.Version, only string) *dataset.Group {
	t.Helper()
	past, err := history.Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return dataset.NewGroup(colours(), v.ID, decoded(t, s, v), past, only)
}

func decoded(t *testing.T, s *snapshots.Store, v snapshots.Version) *registry.Edition {
	t.Helper()
	data, err := s.Bytes(v)
	if err != nil {
		t.Fatal(err)
	}
	e, err := colours().Decode(data, nil)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// writeGroups returns a form of the history of groups.
func writeGroups(t *testing.T, format string, groups ...*dataset.Group) []byte {
	t.Helper()
	data, err := dataset.FindGroupHistory(format).Write(t.Context(), func(yield func(*dataset.Group, error) bool) {
		for _, g := range groups {
			if !yield(g, nil) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// recordsAsOf reads the records of a version of a group, as JSON.
func recordsAsOf(t *testing.T, db *sql.DB, group, version string) []string {
	t.Helper()
	rows, err := db.Query("SELECT registry || ' ' || record FROM as_of WHERE registry_group = ? AND version = ? ORDER BY registry, id", group, version)
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
		out = append(out, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestGroupSQLiteHoldsEveryVersion(t *testing.T) {
	s, tables := groupStore(t, 1, 2, 3, 4, 5), past()
	services := store(t, tables, 1, 2, 3, 4, 5)
	source, servicesPast := historyOf(t, services, services.Versions()[4].ID)
	data := writeGroups(t, "sqlite", groupOf(t, s, s.Versions()[4], ""), dataset.OfServiceNames(source, servicesPast.Past))
	db := openDatabase(t, data)
	for i, v := range s.Versions() {
		var want []string
		for _, id := range []string{"colours/old", "colours/web"} {
			if table := decoded(t, s, v).Table(id); table != nil {
				for _, r := range table.Records {
					want = append(want, id+" "+string(r.AppendJSON(nil, nil)))
				}
			}
		}
		if diff := cmp.Diff(want, recordsAsOf(t, db, "colours", v.ID)); diff != "" {
			t.Errorf("day %d (-want +got):\n%s", i+1, diff)
		}
	}
	for i, v := range services.Versions() {
		if got := recordsAsOf(t, db, "service-names-port-numbers", v.ID); len(got) != len(tables[i].Records) {
			t.Errorf("day %d: %d service names, want %d", i+1, len(got), len(tables[i].Records))
		}
	}
	for query, want := range map[string]string{
		"SELECT group_concat(id || ' ' || title || ' ' || version, ', ') FROM registry_groups WHERE id = 'colours'":                                                      "colours Colours 20200105T000000Z",
		"SELECT id || ' ' || title || ' ' || records || ' ' || value || ' ' || name FROM registries WHERE registry_group = 'colours'":                                    "colours/web Colours of the Web 4 value name",
		"SELECT group_concat(value || ' ' || date(from_seen) || ' ' || coalesce(date(to_seen), 'on'), ', ') FROM records WHERE name = 'red'":                             "0x01 2020-01-01 2020-01-02, 0x01 2020-01-04 2020-01-04, 0x05 2020-01-03 2020-01-03, 0x05 2020-01-05 on",
		"SELECT group_concat(kind || ' ' || value || ' ' || name || ' ' || old || ' ' || new, ', ') FROM change_log WHERE kind = 'moved' AND registry_group = 'colours'": "moved 0x05 red 0x01 0x05",
		"SELECT group_concat(date(seen) || ' ' || kind || ' ' || registry, ', ') FROM changes WHERE registry = 'colours/old'":                                            "2020-01-02 withdrawn colours/old",
		"SELECT group_concat(substr(id, 8, 1) || coalesce(substr(previous, 8, 1), '') || returned, ', ') FROM versions WHERE registry_group = 'colours'":                 "1, 21, 32, 42rolled back, 53restored",
		"SELECT group_concat(r.name) FROM search JOIN records r ON r.id = search.rowid WHERE search MATCH 'azure' AND to_version IS NULL":                                "azure blue",
		"SELECT count(*) FROM search WHERE search MATCH 'Ben'":                                                                                                           "0", // people are not searched for
		"SELECT group_concat(value) FROM current WHERE name = 'x11'":                                                                                                     "6000-6063 / tcp",
		"SELECT group_concat(was || ' ' || name || ' ' || value) FROM changes WHERE kind = 'renamed' AND registry = 'service-names-port-numbers'":                        "nvm nvme 4420 / tcp",
		"SELECT record ->> '$.reference' FROM current WHERE value = '0x05'":                                                                                              "[RFC1]",
		"SELECT value FROM about WHERE key = 'licence'":                                                                                                                  "CC0-1.0",
		"PRAGMA integrity_check":                        "ok",
		"SELECT count(*) FROM pragma_foreign_key_check": "0",
	} {
		var got string
		if err := db.QueryRow(query).Scan(&got); err != nil || got != want {
			t.Errorf("%s: %q (%v), want %q", query, got, err, want)
		}
	}
	if _, err := exec.LookPath("sqlite3"); err == nil {
		if got := output(t, exec.Command("sqlite3", file(t, "history.db", string(data)), "PRAGMA integrity_check")); got != "ok\n" {
			t.Errorf("sqlite3 says %q", got)
		}
	}
}

func TestGroupHistoriesDependOnTheVersionsAlone(t *testing.T) {
	s, other := groupStore(t, 1, 2, 3, 4, 5), groupStore(t, 4, 2, 5, 1, 3)
	for _, h := range dataset.GroupHistories {
		if !bytes.Equal(writeGroups(t, h.Name, groupOf(t, s, s.Versions()[4], "")), writeGroups(t, h.Name, groupOf(t, other, other.Versions()[4], ""))) {
			t.Errorf("%s: versions that arrive in another order give other bytes", h.Name)
		}
	}
}

// One registry of a group has its own records and changes alone; at an older version, what came later is not there.
func TestOneRegistry(t *testing.T) {
	s := groupStore(t, 1, 2, 3)
	for _, test := range []struct {
		version int
		only    string
		want    string
	}{
		{2, "", "records 9, registries 1, versions 3, changes 5"},
		{2, "colours/web", "records 8, registries 1, versions 3, changes 4"},
		{1, "colours/web", "records 7, registries 1, versions 2, changes 3"},
		{0, "colours/old", "records 1, registries 1, versions 1, changes 0"},
	} {
		db := openDatabase(t, writeGroups(t, "sqlite", groupOf(t, s, s.Versions()[test.version], test.only)))
		var counts []string
		for _, table := range []string{"records", "registries", "versions", "changes"} {
			n := 0
			if err := db.QueryRow("SELECT count(*) FROM " + table).Scan(&n); err != nil {
				t.Fatal(err)
			}
			counts = append(counts, fmt.Sprintf("%s %d", table, n))
		}
		if got := strings.Join(counts, ", "); got != test.want {
			t.Errorf("version %d of %q: %s, want %s", test.version, test.only, got, test.want)
		}
	}
}

// The Parquet files have the rows of the database.
func TestGroupParquet(t *testing.T) {
	s := groupStore(t, 1, 2, 3, 4, 5)
	g := groupOf(t, s, s.Versions()[4], "")
	type row struct {
		Registry string     `parquet:"registry"`
		Value    string     `parquet:"value"`
		Name     string     `parquet:"name"`
		Record   string     `parquet:"record"`
		ToSeen   *time.Time `parquet:"to_seen,timestamp(millisecond),optional"`
	}
	data := writeGroups(t, "parquet", g)
	rows, err := parquet.Read[row](bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var current []string
	for _, r := range rows {
		if !json.Valid([]byte(r.Record)) {
			t.Errorf("%q is not JSON", r.Record)
		}
		if r.ToSeen == nil {
			current = append(current, r.Registry+" "+r.Value+" "+r.Name)
		}
	}
	want := []string{"colours/web 0x02 azure blue", "colours/web 0x03 a'b \"\u202e", "colours/web 0x04-FF Unassigned", "colours/web 0x05 red"}
	if diff := cmp.Diff(want, current); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for format, n := range map[string]int64{"parquet-versions": 5, "parquet-changes": 8} {
		data := writeGroups(t, format, g)
		f, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		if f.NumRows() != n {
			t.Errorf("%s has %d rows, want %d", format, f.NumRows(), n)
		}
		if licence, _ := f.Lookup("licence"); licence != "CC0-1.0" {
			t.Errorf("%s: licence %q", format, licence)
		}
	}
}
