package dataset_test

import (
	"bytes"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"github.com/ianasync/ianasync/internal/publish/dataset"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

func parquetFile(t *testing.T, s *snapshots.Store, last string) []byte {
	t.Helper()
	source, past := historyOf(t, s, last)
	data, err := dataset.Parquet(t.Context(), source, past)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestParquetHoldsEveryVersion(t *testing.T) {
	tables := past()
	s := store(t, tables, 1, 2, 3, 4, 5)
	data := parquetFile(t, s, s.Versions()[4].ID)
	f, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	if licence, found := f.Lookup("licence"); !found || licence != "CC0-1.0" {
		t.Errorf("the licence is %q", licence)
	}
	rows := readParquet(t, f)
	for i, v := range s.Versions() {
		var got []string
		for _, row := range rows {
			if from, to := row["from_version"], row["to_version"]; from > v.ID || to != "" && to < v.ID {
				continue
			}
			var cells []string
			for j := range ports.Columns() {
				cells = append(cells, row[ports.Columns()[j].Key])
			}
			got = append(got, strings.Join(cells, "|"))
		}
		if diff := cmp.Diff(lines(tables[i].Records), got); diff != "" {
			t.Errorf("day %d (-want +got):\n%s", i+1, diff)
		}
	}
}

// readParquet returns the rows of a file, as text by the names of columns. What is null is "".
func readParquet(t *testing.T, f *parquet.File) (out []map[string]string) {
	t.Helper()
	columns := f.Schema().Columns()
	for _, group := range f.RowGroups() {
		rows := make([]parquet.Row, group.NumRows())
		r := group.Rows()
		defer r.Close()
		if n, err := r.ReadRows(rows); n < len(rows) {
			t.Fatalf("%d rows of %d: %v", n, len(rows), err)
		}
		for _, row := range rows {
			cells := map[string]string{}
			for _, v := range row {
				if !v.IsNull() {
					cells[columns[v.Column()][0]] = v.String()
				}
			}
			out = append(out, cells)
		}
	}
	return out
}

func TestParquetDependsOnTheVersionsAlone(t *testing.T) {
	tables := past()
	s, other := store(t, tables, 1, 2, 3, 4, 5), store(t, tables, 4, 2, 5, 1, 3)
	last := s.Versions()[4].ID
	if !bytes.Equal(parquetFile(t, s, last), parquetFile(t, other, last)) {
		t.Error("versions that arrive in another order give other bytes")
	}
	third := s.Versions()[2].ID
	if !bytes.Equal(parquetFile(t, s, third), parquetFile(t, store(t, tables, 1, 2, 3), third)) {
		t.Error("what came later alters what was")
	}
}

func TestParquetOfNothing(t *testing.T) {
	data := parquetFile(t, store(t, nil), "")
	if f, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data))); err != nil || f.NumRows() != 0 {
		t.Errorf("%v", err)
	}
}

// TestParquetOfVersionsAndChanges compares both files with the store: the times, and the values of changes.
func TestParquetOfVersionsAndChanges(t *testing.T) {
	s := store(t, past(), 1, 2, 3, 4, 5)
	last := s.Versions()[4].ID
	rowsOf := func(form string) []map[string]string {
		source, past := historyOf(t, s, last)
		data, err := dataset.FindHistory(form).Write(t.Context(), source, past)
		if err != nil {
			t.Fatal(err)
		}
		f, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		if licence, _ := f.Lookup("licence"); licence != "CC0-1.0" || !strings.Contains(f.Schema().String(), "seen (TIMESTAMP(isAdjustedToUTC=true,unit=MILLIS))") {
			t.Errorf("%s: licence %q, %s", form, licence, f.Schema())
		}
		return readParquet(t, f)
	}
	versions := rowsOf("parquet-versions")
	for i, v := range s.Versions() {
		if row := versions[i]; row["id"] != v.ID || row["seen"] != strconv.FormatInt(v.Seen().UnixMilli(), 10) || row["table_sha256"] != v.TableSHA256 || (row["previous"] == "") != (i == 0) {
			t.Errorf("version %d: %v", i, row)
		}
	}
	var got []string
	for _, row := range rowsOf("parquet-changes") {
		if row["service"] == "nvme" || row["service"] == "x11" {
			got = append(got, strings.Join([]string{row["version"], row["kind"], row["service"], row["was"], row["field"], row["old"], row["new"]}, " "))
		}
	}
	want := []string{
		"20200102T000000Z renamed nvme nvm service_name nvm nvme",
		"20200103T000000Z assigned x11  service_name  x11", "20200103T000000Z assigned x11  port_number  6000-6063", "20200103T000000Z assigned x11  transport_protocol  tcp",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
