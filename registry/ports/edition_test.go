package ports

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ianasync/ianasync/registry/ianacsv"
)

func TestReadEditionRefuses(t *testing.T) {
	tests := []struct {
		name, text string
		reasons    []string
	}{
		{"nothing", "", []string{"the file is empty"}},
		{"byte order mark alone", "\ufeff", []string{"the file is empty"}},
		{"blank lines alone", "\r\n\n\r\n", []string{"the file is empty"}},
		{"HTML", "<!DOCTYPE html>\n<html lang=\"en\"><body>Service Name,Port Number</body>", []string{"HTML"}},
		{"HTML after blank lines", "\n\n  <html>\n", []string{"HTML"}},
		{"HTML after a byte order mark", "\ufeff<html>", []string{"HTML"}},
		{"XML", "<?xml version='1.0'?>\n<registry/>", []string{"line 2, column 1", "not in the namespace"}},
		{"XML of another group", `<registry xmlns="http://www.iana.org/assignments" id="tls-parameters"/>`, []string{`the registry group "tls-parameters"`}},
		{"XML that is cut off", `<registry xmlns="http://www.iana.org/assignments" id="service-names-port-numbers"><record>`, []string{"the document ends before </record>", "cut off"}},
		{"XML with a document type", "<!DOCTYPE registry>\n<registry/>", []string{"DOCTYPE"}},
		{"text", "Bad Gateway\r\n", []string{`"Bad Gateway"`, "not the registry's header"}},
		{"long text", strings.Repeat("x", 5000), []string{`"` + strings.Repeat("x", 60) + `…"`}},
		{"terminal escapes", "\x1b[31mred\n", []string{`"\x1b[31mred"`}},
		{"rows without a header", line("http", "80", "tcp", ""), []string{`"http"`, "not the registry's header"}},
		{"another registry", "Value,Description,Reference\r\n", []string{`"Service Name", "Port Number"`, `an unknown one named "Value"`}},
		{"another registry with records", "Value,Description,Reference\r\n1,a,[RFC1]\r\n", []string{`it is CSV with the columns "Value", "Description", "Reference": that of one registry`}},
		{"a column less", strings.Replace(header, ",Assignment Notes", "", 1), []string{`it has no column "Assignment Notes"`}},
		{"a column renamed", strings.Replace(header, "Contact", "Contact Person", 1), []string{`no column "Contact"`, `"Contact Person"`}},
		{
			"two columns renamed", strings.NewReplacer("Contact", "Who", "Reference", "\x1b]0;").Replace(header),
			[]string{`no column "Contact", "Reference"`, `"Who", "\x1b]0;"`},
		},
		{"a column twice", strings.Replace(header, "Contact", "Assignee", 1), []string{`"Assignee" stands twice, as columns 5 and 6`}},
		{"a column under both its names", strings.Replace(header, "Contact", "known  unauthorized uses", 1), []string{`"Unauthorized Use Reported" stands twice, as columns 6 and 11`}},
		{"a byte order mark twice", "\ufeff\ufeff" + header, []string{`no column "Service Name"`, `named "\ufeffService Name"`}},
		{"semicolons", strings.ReplaceAll(header, ",", ";"), []string{"not the registry's header"}},
		{"a quote before the header", `"` + header, []string{"not the registry's header"}},
	}
	for _, tt := range tests {
		e, err := ReadEdition([]byte(tt.text))
		if e != nil || !errors.Is(err, ErrNotRegistry) {
			t.Errorf("%s: %v, %v, want ErrNotRegistry", tt.name, e, err)
			continue
		}
		for _, reason := range tt.reasons {
			if !strings.Contains(err.Error(), reason) {
				t.Errorf("%s: error %q lacks %q", tt.name, err, reason)
			}
		}
		if tab, err := Parse([]byte(tt.text)); tab != nil || !errors.Is(err, ErrNotRegistry) {
			t.Errorf("%s: Parse gives %v, %v, want ErrNotRegistry", tt.name, tab, err)
		}
	}
}

func TestReadEditionHeaders(t *testing.T) {
	eol := "\r\n"
	tests := []struct {
		name, header string
		unknown      []string
	}{
		{"IANA's", header, nil},
		{"byte order mark", "\ufeff" + header, nil},
		{"byte order mark and quotes", "\ufeff\"" + strings.ReplaceAll(strings.TrimSpace(header), ",", `","`) + "\"\n", nil},
		{"LF", strings.ReplaceAll(header, eol, "\n"), nil},
		{"no line end", strings.TrimSpace(header), nil},
		{"blank lines before", "\r\n\n" + header, nil},
		{"until 2019", strings.Replace(header, "Unauthorized Use Reported", "Known Unauthorized Uses", 1), nil},
		{"upper case", strings.ToUpper(header), nil},
		{"white space", strings.ReplaceAll(header, ",", " , "), nil},
		{"wrapped", strings.Replace(header, "Port Number", "\"Port\r\nNumber\"", 1), nil},
		{"one more", strings.Replace(header, eol, ",Status"+eol, 1), []string{"Status"}},
		{"one more, first", "Nr," + header, []string{"Nr"}},
		{"a trailing comma", strings.Replace(header, eol, ","+eol, 1), []string{"(column 13)"}},
		{"the same unknown one twice", strings.Replace(header, eol, ",X,X"+eol, 1), []string{"X", "X (column 14)"}},
		{"one like a known one", strings.Replace(header, eol, ",\u200bPort Number"+eol, 1), []string{"\u200bPort Number"}},
		{"two that end up alike", strings.Replace(header, eol, ",X (column 15),X,X"+eol, 1), []string{"X (column 15)", "X", "X (column 15)"}},
	}
	for _, tt := range tests {
		e, err := ReadEdition([]byte(tt.header))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if diff := cmp.Diff(tt.unknown, e.Unknown()); diff != "" {
			t.Errorf("%s: unknown columns (-want +got):\n%s", tt.name, diff)
		}
		tab, err := e.Table()
		if err != nil || e.Len() != 0 || len(tab.Records) != 0 || len(tab.Problems) != 0 {
			t.Errorf("%s: %d rows, table %v, %v, want an empty one", tt.name, e.Len(), tab, err)
		}
	}
}

func TestShort(t *testing.T) {
	for text, want := range map[string][2]int{
		line("a", "1", "tcp", ""): {},
		line("a", "1", "tcp", "") + strings.Repeat(",", 33) + "\n\nb 2/tcp\nc": {5, 1},
	} {
		e, err := ReadEdition([]byte(header + text))
		if err != nil {
			t.Fatal(err)
		}
		if at, fields := e.Short(); at != want[0] || fields != want[1] {
			t.Errorf("%q: line %d has %d fields; want the line and the number %v", text, at, fields, want)
		}
	}
}

func TestCut(t *testing.T) {
	tests := []struct {
		text string
		want []string // the line and key of each row
	}{
		{"", nil},
		{"\n\r\n\r", nil},
		{"a\nb\r\nc", []string{"1 a", "2 b", "3 c"}},
		{"a\r\r\nb\r", []string{"1 a\r", "2 b"}},
		{"a\rb\n", []string{"1 a\rb"}},
		{"\n\na\n\nb", []string{"3 a", "5 b"}},
		{"\"a\nb\",c\r\nd\n", []string{"1 \"a\nb\",c", "3 d"}},
		{"\"a\r\n\r\nb\"\r\nd", []string{"1 \"a\r\n\r\nb\"", "4 d"}},
		{"\"a\"\"\nb\"\nc", []string{"1 \"a\"\"\nb\"", "3 c"}},
		{"a\"b\nc", []string{"1 a\"b", "2 c"}},                   // a stray quote opens nothing
		{"\"a\"b\nc\"\nd", []string{"1 \"a\"b", "2 c\"", "3 d"}}, // after a closing one, the rest is plain
		{"\"a\nb\nc", []string{"1 \"a\nb\nc"}},                   // never closed
		{"\"\"\nb", []string{"1 \"\"", "2 b"}},
		{"x,\"", []string{"1 x,\""}},
		{"\"a\"\r", []string{"1 \"a\""}},
		{"\"a\"\r\r\nb\"\n", []string{"1 \"a\"\r", "2 b\""}},
	}
	for _, tt := range tests {
		var got []string
		for _, r := range ianacsv.Cut(tt.text) {
			got = append(got, fmt.Sprint(r.Line, " ", r.Key()))
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("ianacsv.Cut(%q) (-want +got):\n%s", tt.text, diff)
		}
		checkCut(t, tt.text)
	}
}

// checkCut holds cut and scan to encoding/csv.
func checkCut(t *testing.T, text string) {
	t.Helper()
	want := naiveCSV(text)
	rows := ianacsv.Cut(text)
	if len(rows) != len(want) {
		t.Fatalf("%q: %d rows, want %d", text, len(rows), len(want))
	}
	clean, all := true, ""
	for i, r := range rows {
		if got := r.Cells(); !slices.Equal(trimCR(got), trimCR(want[i])) || r.FieldCount() != len(got) {
			t.Fatalf("row %d, %q, reads as %q (%d fields), want %q", i, r.Text, got, r.FieldCount(), want[i])
		}
		for at, cell := range append(want[i], "") {
			if got := r.Cell(at); strings.TrimSuffix(got, "\r") != strings.TrimSuffix(cell, "\r") {
				t.Fatalf("cell %d of row %d, %q, is %q, want %q", at, i, r.Text, got, cell)
			}
		}
		if again := ianacsv.Cut(r.Text); len(again) != 1 || again[0].Text != r.Text {
			t.Fatalf("row %d, %q, alone is cut into %+v", i, r.Text, again)
		}
		clean = clean && ianacsv.Scan(r.Text).Stray < 0
		all += r.Text
	}
	if !strings.HasSuffix(strings.ReplaceAll(strings.ReplaceAll(text, "\r", ""), "\n", ""), strings.ReplaceAll(strings.ReplaceAll(all, "\r", ""), "\n", "")) {
		t.Fatalf("%q: the rows are only %q", text, all)
	}
	strict := csv.NewReader(strings.NewReader(text))
	strict.FieldsPerRecord = -1
	for i := range rows {
		record, err := strict.Read()
		if (err != nil) != (ianacsv.Scan(rows[i].Text).Stray >= 0) {
			t.Fatalf("row %d, %q: stray quote at %d, where encoding/csv says %v", i, rows[i].Text, ianacsv.Scan(rows[i].Text).Stray, err)
		}
		if err != nil {
			return // it goes on elsewhere
		}
		if line, _ := strict.FieldPos(0); line != rows[i].Line || !slices.Equal(trimCR(record), trimCR(rows[i].Cells())) {
			t.Fatalf("row %d, %q, on line %d is %q: encoding/csv has %q on line %d", i, rows[i].Text, rows[i].Line, rows[i].Cells(), record, line)
		}
	}
	if more, err := strict.Read(); clean && err != io.EOF {
		t.Fatalf("encoding/csv has one more record %q, %v", more, err)
	}
}

// trimCR returns fields without their CRs, which belong to line ends or are white space.
func trimCR(fields []string) []string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = strings.ReplaceAll(f, "\r", "")
	}
	return out
}

// naiveCSV reads a CSV text byte by byte, as Python's csv module does with its default
// dialect, but that a lone CR ends no record. Lines of nothing but one line end are no
// records.
func naiveCSV(text string) (records [][]string) {
	const (
		fieldStart = iota
		inField
		inQuotes
		quoteInQuotes
	)
	var field []byte
	var record []string
	state, blank := fieldStart, true
	endRecord := func() {
		if record = append(record, string(field)); !blank {
			records = append(records, record)
		}
		field, record, state, blank = nil, nil, fieldStart, true
	}
	for i := range len(text) {
		c := text[i]
		lineEnd := c == '\n' || c == '\r' && (i+1 == len(text) || text[i+1] == '\n')
		blank = blank && lineEnd
		switch {
		case state == inQuotes && c == '"':
			state = quoteInQuotes
		case state == inQuotes:
			field = append(field, c)
		case state == quoteInQuotes && c == '"':
			field, state = append(field, c), inQuotes
		case state == fieldStart && c == '"':
			state = inQuotes
		case c == '\n':
			endRecord()
		case c == ',':
			record, field, state = append(record, string(field)), nil, fieldStart
		default:
			field, state = append(field, c), inField
		}
	}
	if !strings.HasSuffix(text, "\n") || state == inQuotes {
		endRecord()
	}
	return records
}

func FuzzCut(f *testing.F) {
	for _, s := range []string{
		header + line("a", "1", "tcp", "x"), "a,b\r\n\"c\n\",d\n", "\"a\"\"b\",\"\"\n", "a\"b\n\"c", "\"a\"b,\"\r\n\"\r", "\r\r\n\n\r",
		"\"a\"\r\r\n", "\r\r,", "\"\"\r,", ",\",\"\"\",\n\"", "\xff\"\x00\n", "\ufeff\"a\"\n",
	} {
		f.Add(s)
	}
	f.Fuzz(checkCut)
}
