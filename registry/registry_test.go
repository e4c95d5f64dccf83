package registry_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ianasync/ianasync/registry"
)

// TestRecordIsItsSetOfCells holds that records are equal exactly where their cells with text are, and that a record gives its
// cells back.
func TestRecordIsItsSetOfCells(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := rapid.MapOf(rapid.SampledFrom([]string{"a", "b", "c", "ab", "é"}), rapid.OneOf(rapid.SampledFrom([]string{"", "x", "\x00", strings.Repeat("y", 127), strings.Repeat("z", 20_000)}), rapid.String()))
		v, w := draw.Draw(t, "v"), draw.Draw(t, "w")
		cells := func(m map[string]string) (list []registry.Cell) {
			for key, text := range m { // in any order
				list = append(list, registry.Cell{Key: key, Text: text})
			}
			return list
		}
		for _, m := range []map[string]string{v, w} {
			for key, text := range m {
				if text == "" {
					delete(m, key)
				}
			}
		}
		a, b := registry.NewRecord(append(cells(v), registry.Cell{Key: "empty"})...), registry.NewRecord(cells(w)...)
		same := cmp.Equal(v, w)
		if (a == b) != same || (registry.Compare(a, b) == 0) != same || registry.Compare(a, b) != -registry.Compare(b, a) {
			t.Fatalf("%q and %q: equal is %v, Compare is %d", v, w, a == b, registry.Compare(a, b))
		}
		got := map[string]string{}
		for key, text := range a.All() {
			got[key] = text
			if a.Get(key) != text {
				t.Fatalf("Get(%q) is %q, not %q", key, a.Get(key), text)
			}
		}
		if d := cmp.Diff(v, got); d != "" || a.Len() != len(v) {
			t.Fatalf("cells (-want +got):\n%s", d)
		}
		data, err := json.Marshal(a)
		var back registry.Record
		if err != nil || json.Unmarshal(data, &back) != nil {
			t.Fatalf("%s: %v", data, err)
		}
		if lossy := strings.Contains(string(data), `\ufffd`); !lossy && back != a {
			t.Fatalf("%s is read as %q", data, back.Cells())
		}
	})
}

func TestRecordJSON(t *testing.T) {
	r := registry.NewRecord(registry.Cell{Key: "b", Text: "<2>"}, registry.Cell{Key: "z", Text: `"`}, registry.Cell{Key: "a", Text: "1"})
	got := string(r.AppendJSON(nil, []registry.Column{{Key: "b"}, {Key: "c"}}))
	if want := `{"b":"<2>","c":"","a":"1","z":"\""}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := string(registry.Record{}.AppendJSON(nil, nil)); got != "{}" {
		t.Errorf("the record without cells is %s", got)
	}
}

func TestCompareText(t *testing.T) {
	inOrder := []string{"0", "1", "01", "9", "9-11", "10", "0x0A", "0xfF", "0x100", "257", "18446744073709551615", "18446744073709551616", "IIH", "TLV 2", "TLV 10", "a", ""}
	for i, a := range inOrder {
		for j, b := range inOrder {
			if got := registry.CompareText(a, b); (got < 0) != (i < j) || (got == 0) != (i == j) {
				t.Errorf("CompareText(%q, %q) is %d", a, b, got)
			}
		}
	}
}

const csvText = "Value,Full Name,Reference,,Full Name\r\n" +
	"1,\"one, or\n  uno\",[RFC1],,\r\n" +
	"10,ten,[RFC1],x,y\r\n" +
	"2,two\r\n" +
	"3,Ã©,[RFC1],,\r\n"

func TestCSV(t *testing.T) {
	e, err := registry.NewGroup("numbers").Decode([]byte(csvText), nil)
	if err != nil {
		t.Fatal(err)
	}
	table := e.Tables[0]
	var keys, values, lines []string
	for _, c := range table.Columns {
		keys = append(keys, c.Key+":"+string(c.Role))
	}
	for i, r := range table.InFile() {
		values = append(values, r.Get("value")+" "+r.Get("full_name"))
		lines = append(lines, strings.Repeat("l", table.Line(i)))
	}
	var problems []string
	for _, p := range table.Problems {
		problems = append(problems, p.String())
	}
	want := []any{
		[]string{"value:", "full_name:", "reference:reference", "column_4:", "full_name_2:"},
		[]string{"1 one, or uno", "10 ten", "2 two", "3 Ã©"},
		[]string{"ll", "llll", "lllll", "llllll"},
		[]string{
			"5:1: the row has 2 fields where the header has 5: the last ones are taken as empty",
			`6:3: UTF-8 encoded twice: "Ã©" stands for "é"`,
		},
	}
	if d := cmp.Diff(want, []any{keys, values, lines, problems}); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if got := table.Records[3].Get("value"); got != "10" {
		t.Errorf("the last record in canonical order is %q, not 10", got)
	}
	again, err := registry.NewGroup("numbers").Decode(table.CSV(), nil)
	if err != nil || !slices.Equal(again.Tables[0].Records, table.Records) || again.Tables[0].Digest() != table.Digest() {
		t.Errorf("the canonical CSV is read as other records: %v\n%s", err, table.CSV())
	}
}

// TestCSVSplitValues holds that fields past the header, as socks-methods-1.csv has them, are kept.
func TestCSVSplitValues(t *testing.T) {
	e, err := registry.NewGroup("numbers").Decode([]byte("Number,Description\r\n0,00,None\r\n1,01,GSSAPI\r\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	got := string(e.Tables[0].CSV())
	if want := "Number,Description,Column 3\n0,00,None\n1,01,GSSAPI\n"; got != want || len(e.Tables[0].Problems) != 2 {
		t.Errorf("got %q and %d problems, want %q", got, len(e.Tables[0].Problems), want)
	}
}

func TestNotCSV(t *testing.T) {
	for text, want := range map[string]string{
		"":                        "empty",
		"Not found\n":             `"Not found"`,
		"Hello, world\nand more.": "no other line",
		"\x1f\x8b":                "gunzip",
		"<html><body>":            "the registry group",
	} {
		if _, err := registry.NewGroup("numbers").Decode([]byte(text), nil); !errors.Is(err, registry.ErrNotGroup) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestXMLBounds holds what a group may have, so that a small file does not cost a store thousands of files or a comparison of as many
// columns.
func TestXMLBounds(t *testing.T) {
	const most = 1000
	repeat := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	group := func(inner string) []byte {
		return []byte(`<registry xmlns="http://www.iana.org/assignments" id="wide">` + inner + `</registry>`)
	}
	for _, c := range []struct {
		inner, want string
	}{
		{repeat(most-1, `<registry id="r%d"/>`), ""},
		{repeat(most, `<registry id="r%d"/>`), "it has 1001 registries; a group has at most 1000"},
		{`<registry id="a"><record>` + repeat(200, "<c%[1]d>x</c%[1]d>") + `</record></registry>`, ""},
		{`<registry id="a"><record>` + repeat(201, "<c%[1]d>x</c%[1]d>") + `</record></registry>`, `the registry "a" has 201 columns; one has at most 200`},
		{`<registry id="a">` + repeat(201, "<record><c%[1]d>x</c%[1]d></record>") + `</registry>`, "has 201 columns"},
	} {
		_, err := registry.NewXMLGroup("wide").Decode(group(c.inner), nil)
		if c.want == "" && err != nil || c.want != "" && (!errors.Is(err, registry.ErrNotGroup) || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}

const xmlText = `<?xml version="1.0"?><registry xmlns="http://www.iana.org/assignments" id="numbers"><title>Numbers</title>
<registry id="numbers-1"><title>Small</title>
<record date="2020-01-01"><value>2</value><description/><xref type="rfc" data="rfc9110"/></record>
<record><value>1</value><note>a</note></record></registry>
<registry id="numbers-2"><title>None</title></registry></registry>`

func TestXML(t *testing.T) {
	e, err := registry.NewGroup("numbers").Decode([]byte(xmlText), nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range e.Stated {
		got = append(got, s.ID+" in "+s.Parent+": "+s.Title)
	}
	for _, table := range e.Tables {
		got = append(got, table.Registry.ID)
		for _, c := range table.Columns {
			got = append(got, c.Key)
		}
		got = append(got, strings.Split(string(table.CSV()), "\n")...)
	}
	want := []string{
		"numbers in : Numbers", "numbers/numbers-1 in numbers/numbers: Small", "numbers/numbers-2 in numbers/numbers: None",
		"numbers/numbers-1", "value", "description", "note", "reference", "registration_date",
		"Value,Description,Note,Reference,Registration date", "1,,a,,", "2,,,[RFC9110],2020-01-01", "",
		"numbers/numbers-2", "", "",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if _, err := registry.NewGroup("others").Decode([]byte(xmlText), nil); !errors.Is(err, registry.ErrNotGroup) || !strings.Contains(err.Error(), `"numbers"`) {
		t.Errorf("another group's file: %v", err)
	}
}

// TestDecodeAfter holds that an edition is the same whatever edition it is decoded after.
func TestDecodeAfter(t *testing.T) {
	g := registry.NewGroup("numbers")
	for _, text := range []string{csvText, xmlText} {
		known, err := g.Decode([]byte(strings.Replace(text, "1", "7", 1)), nil)
		if text == xmlText {
			known, err = g.Decode([]byte(strings.Replace(text, "<note>a", "<other/><note>b", 1)), nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		alone, err := g.Decode([]byte(text), nil)
		if err != nil {
			t.Fatal(err)
		}
		after, err := g.Decode([]byte(text), known)
		if err != nil {
			t.Fatal(err)
		}
		for i, table := range alone.Tables {
			other := after.Tables[i]
			if d := cmp.Diff(table.Columns, other.Columns) + cmp.Diff(table.Problems, other.Problems); d != "" || !slices.Equal(table.Records, other.Records) {
				t.Errorf("%s: decoded after another edition it differs: %s", table.Registry.ID, d)
			}
		}
	}
}

// TestDigest holds that the digest depends on nothing but the records.
func TestDigest(t *testing.T) {
	cell := func(key, text string) registry.Cell { return registry.Cell{Key: key, Text: text} }
	records := []registry.Record{
		registry.NewRecord(cell("a", "1"), cell("b", "x")), registry.NewRecord(cell("a", "2")), registry.NewRecord(cell("a", "2")), registry.NewRecord(cell("b", "y")),
	}
	table := func(columns ...string) *registry.Table {
		list := make([]registry.Column, len(columns))
		for i, key := range columns {
			list[i].Key = key
		}
		rows := slices.Clone(records)
		rand.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		return registry.NewTable(&registry.Registry{ID: "r"}, list, rows, nil)
	}
	want := table("a", "b").Digest()
	if got := table("b", "a", "c").Digest(); got != want {
		t.Errorf("the order of rows and columns alters the digest")
	}
	if records = records[1:]; table("a", "b").Digest() == want {
		t.Errorf("a record less does not alter the digest")
	}
}

// TestSchema holds that a schema makes and reads the records that NewRecord makes.
func TestSchema(t *testing.T) {
	keys := []string{"b", "a", "z", "ab"}
	schema, other := registry.NewSchema(keys...), registry.NewSchema(keys...)
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfN(rapid.SampledFrom([]string{"", "x", "y", strings.Repeat("z", 300)}), len(keys), len(keys)).Draw(t, "texts")
		var cells []registry.Cell
		for i, key := range keys {
			cells = append(cells, registry.Cell{Key: key, Text: texts[i]})
		}
		r, want := schema.Record(texts), registry.NewRecord(cells...)
		if r != want {
			t.Fatalf("the record of %q has the cells %q", texts, r.Cells())
		}
		got := slices.Repeat([]string{"old"}, len(keys))
		for _, s := range []*registry.Schema{schema, other, other} {
			if s.Texts(r, got); !slices.Equal(got, texts) {
				t.Fatalf("read as %q, want %q", got, texts)
			}
			if s.Texts(r.With("another", "cell"), got); !slices.Equal(got, texts) {
				t.Fatalf("with another column, read as %q, want %q", got, texts)
			}
		}
	})
}
