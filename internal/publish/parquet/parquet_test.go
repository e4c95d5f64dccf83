package parquet_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	reader "github.com/parquet-go/parquet-go"

	"github.com/ianasync/ianasync/internal/publish/parquet"
)

type row struct {
	Text  string     `parquet:"text"`
	Maybe *string    `parquet:"maybe"`
	JSON  string     `parquet:"json,json"`
	N     int32      `parquet:"n"`
	Port  *int32     `parquet:"port"`
	Minor bool       `parquet:"minor"`
	Seen  time.Time  `parquet:"seen"`
	Ended *time.Time `parquet:"ended"`
	embedded
}

type embedded struct {
	Source string `parquet:"source"`
}

// String returns the row as [read] does.
func (r *row) String() string {
	return fmt.Sprint(r.Text, "|", orNull(r.Maybe), "|", r.JSON, "|", r.N, "|", orNull(r.Port), "|", r.Minor, "|", r.Seen.UnixMilli(), "|", r.ended(), "|", r.Source)
}

func (r *row) ended() string {
	if r.Ended == nil {
		return orNull[string](nil)
	}
	return fmt.Sprint(r.Ended.UnixMilli())
}

func orNull[T any](v *T) string {
	if v == nil {
		return "<null>"
	}
	return fmt.Sprint(*v)
}

// read returns the rows of a file, as parquet-go reads them.
func read(t *testing.T, data []byte) (f *reader.File, out []string) {
	t.Helper()
	f, err := reader.OpenFile(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	for _, group := range f.RowGroups() {
		rows := make([]reader.Row, group.NumRows())
		r := group.Rows()
		defer r.Close()
		if n, err := r.ReadRows(rows); n < len(rows) {
			t.Fatalf("%d rows of %d: %v", n, len(rows), err)
		}
		for _, row := range rows {
			var cells []string
			for _, v := range row {
				cells = append(cells, v.String())
			}
			out = append(out, strings.Join(cells, "|"))
		}
	}
	return f, out
}

// random returns rows whose texts are of so many kinds, in runs of lengths around 8: where one of equal numbers begins.
func random(r *rand.Rand, n, kinds int) []row {
	rows := make([]row, n)
	for i := range rows {
		if i > 0 && r.IntN(9) > 0 {
			rows[i] = rows[i-1]
			continue
		}
		k := r.IntN(kinds)
		rows[i] = row{
			Text: fmt.Sprint("text ", k), JSON: fmt.Sprintf("{%q: %d}", "k", k), N: r.Int32() - 1<<30, Minor: r.IntN(2) == 0,
			Seen: time.UnixMilli(r.Int64N(1 << 42)).UTC(), embedded: embedded{strings.Repeat("é\x00", k%3)},
		}
		if r.IntN(3) == 0 {
			rows[i].Maybe, rows[i].Port, rows[i].Ended = &rows[i].Text, &rows[i].N, &rows[i].Seen
		}
	}
	return rows
}

// TestReadBack has files read by another implementation: lengths around the eights in which numbers are written, and numbers of kinds
// around those where these take one bit or one byte more.
func TestReadBack(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 7, 8, 9, 16, 17, 1000, 5000} {
		for _, kinds := range []int{1, 2, 3, 255, 256, 257, 100_000} {
			rows := random(r, n, kinds)
			data, err := parquet.File([][2]string{{"licence", "CC0-1.0"}, {"version", "1"}}, rows)
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			for i := range rows {
				want = append(want, rows[i].String())
			}
			f, got := read(t, data)
			if d := cmp.Diff(want, got); d != "" {
				t.Fatalf("%d rows of %d kinds (-want +got):\n%s", n, kinds, d)
			}
			if licence, _ := f.Lookup("licence"); licence != "CC0-1.0" {
				t.Errorf("the licence is %q", licence)
			}
		}
	}
}

// TestTextsThatAllDiffer has numbers of 17 bits, none of which is in a run.
func TestTextsThatAllDiffer(t *testing.T) {
	type name struct {
		Name string `parquet:"name"`
	}
	rows, want := make([]name, 70_000), make([]string, 70_000)
	for i := range rows {
		want[i] = fmt.Sprint(i)
		rows[i].Name = want[i]
	}
	data, err := parquet.File(nil, rows)
	if err != nil {
		t.Fatal(err)
	}
	if _, got := read(t, data); !cmp.Equal(want, got) {
		t.Error("the texts are not those that were written")
	}
}

func TestSchema(t *testing.T) {
	data, err := parquet.File[row](nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	f, _ := read(t, data)
	want := `message schema {
	required binary text (STRING);
	optional binary maybe (STRING);
	required binary json (JSON);
	required int32 n (INT(32,true));
	optional int32 port (INT(32,true));
	required boolean minor;
	required int64 seen (TIMESTAMP(isAdjustedToUTC=true,unit=MILLIS));
	optional int64 ended (TIMESTAMP(isAdjustedToUTC=true,unit=MILLIS));
	required binary source (STRING);
}`
	if d := cmp.Diff(want, f.Schema().String()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestUnknownType(t *testing.T) {
	type bad struct {
		N []int `parquet:"n"`
	}
	if _, err := parquet.File(nil, []bad{{}}); err == nil || !strings.Contains(err.Error(), "field N of parquet_test.bad is a []int") {
		t.Errorf("the error is %v", err)
	}
}
