package ports

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// header is IANA's, with its line end.
const header = "Service Name,Port Number,Transport Protocol,Description,Assignee,Contact," +
	"Registration Date,Modification Date,Reference,Service Code,Unauthorized Use Reported,Assignment Notes\r\n"

// rec is a record by its first four columns.
func rec(name, ports, transport, description string) Record {
	return recordOf([NumColumns]string{name, ports, transport, description})
}

// table is a table of the given records.
func table(records ...Record) *Table { return NewTable(records) }

// line is a row in IANA's form by its first four columns.
func line(name, ports, transport, description string) string {
	return name + "," + ports + "," + transport + "," + description + ",,,,,,,,\r\n"
}

func mustParse(t testing.TB, text string) *Table {
	t.Helper()
	parsed, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func mustRead(t testing.TB, text string) *Edition {
	t.Helper()
	e, err := ReadEdition([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// names are the service names of records, in their order.
func names(records []Record) string {
	var out []string
	for _, r := range records {
		out = append(out, r.ServiceName)
	}
	return strings.Join(out, " ")
}

// checkTable holds a table to all that is promised of one: its order, the normal form
// of its records, and that its canonical CSV reads back as itself.
func checkTable(t *testing.T, tab *Table) {
	t.Helper()
	if !slices.IsSortedFunc(tab.Records, Compare) {
		t.Error("the records are not in canonical order")
	}
	for i := range tab.Records {
		r := &tab.Records[i]
		for c, v := range r.Values() {
			if v != naiveNormal(v) || !utf8.ValidString(v) {
				t.Errorf("record %d, %s: %q is not in normal form", i, columns[c].Name, v)
			}
		}
		if lower := strings.ToLower(string(r.Transport)); lower != string(r.Transport) {
			t.Errorf("record %d: transport %q is not in lower case", i, r.Transport)
		}
	}
	text := tab.CSV()
	back, err := Parse(text)
	if err != nil {
		t.Fatalf("reading the canonical CSV: %v", err)
	}
	if !slices.Equal(back.Records, tab.Records) {
		t.Errorf("the canonical CSV reads back as other records (-want +got):\n%s", cmp.Diff(tab.Records, back.Records))
	}
	if again := string(back.CSV()); again != string(text) {
		t.Errorf("the canonical CSV is no fixed point (-first +second):\n%s", cmp.Diff(string(text), again))
	}
	if back.Unknown != nil {
		t.Errorf("the canonical CSV has unknown columns %q", back.Unknown)
	}
	if strings.Contains(string(text), "\r") {
		t.Error("the canonical CSV holds a CR")
	}
}

// naiveNormal is the normal form as one would explain it.
func naiveNormal(s string) string {
	return strings.Join(strings.Fields(string([]rune(s))), " ")
}

func TestColumns(t *testing.T) {
	var r Record
	fields := slices.Sorted(slices.Values(recordFields(r)))
	var have, names, keys []string
	for _, c := range columns {
		have, names, keys = append(have, c.Field), append(names, c.Name), append(keys, c.Key)
		if want := strings.ReplaceAll(strings.ToLower(c.Name), " ", "_"); c.Key != want {
			t.Errorf("the key of %q is %q, want %q", c.Name, c.Key, want)
		}
	}
	if diff := cmp.Diff(fields, slices.Sorted(slices.Values(have))); diff != "" {
		t.Errorf("the fields of Record and of Columns (-want +got):\n%s", diff)
	}
	if got := strings.Join(names, ",") + "\r\n"; got != header {
		t.Errorf("the columns are %q, want IANA's %q", got, header)
	}
	if len(slices.Compact(slices.Sorted(slices.Values(keys)))) != NumColumns {
		t.Errorf("two columns have one key: %q", keys)
	}
}

func TestValuesAreInTheOrderOfColumns(t *testing.T) {
	r := fullRecord()
	v := r.Values()
	for i, c := range columns {
		if got := fieldText(r, c.Field); v[i] != got {
			t.Errorf("Values()[%d] = %q, but %s is %q", i, v[i], c.Field, got)
		}
	}
	if got := recordOf(v); got != r {
		t.Errorf("recordOf(Values()) (-want +got):\n%s", cmp.Diff(r, got))
	}
}

func TestFileName(t *testing.T) {
	if got := ServiceNames().FileName(); !strings.HasSuffix(ServiceNames().URL, "/"+got) {
		t.Errorf("FileName() = %q, which is not what the URL %q ends in", got, ServiceNames().URL)
	}
}
