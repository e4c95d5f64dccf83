package ports

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTableCSV(t *testing.T) {
	tab := table(
		rec("b", "", "", `say "b"`),
		rec("", "2-3", "", "Unassigned"),
		rec("a", "2", "udp", "one, two"),
		rec("a", "2", "udp", "one, two"), // a duplicate stays
	)
	want := strings.ReplaceAll(header, "\r", "") + `a,2,udp,"one, two",,,,,,,,
a,2,udp,"one, two",,,,,,,,
,2-3,,Unassigned,,,,,,,,
b,,,"say ""b""",,,,,,,,
`
	if diff := cmp.Diff(want, string(tab.CSV())); diff != "" {
		t.Errorf("canonical CSV (-want +got):\n%s", diff)
	}
	sum := sha256.Sum256([]byte(want))
	if got := tab.Digest(); got != hex.EncodeToString(sum[:]) {
		t.Errorf("Digest() = %s, want the SHA-256 of the canonical CSV", got)
	}
	if got := string(table().CSV()); got != strings.ReplaceAll(header, "\r", "") {
		t.Errorf("the CSV of no records is %q", got)
	}
	checkTable(t, tab)
}

// The canonical CSV is what encoding/csv writes.
func TestCSVIsThatOfEncodingCSV(t *testing.T) {
	cells := []string{"", "a", " a", "a b", "a,b", "\"", "a\"b", "\\.", "\\", "a\\b", "\n", "a\r\nb", "\t", "é", "\u00a0a", "\u2028", "a\u00a0", "\xff", "\x00", "#a"}
	for i, cell := range cells {
		for _, other := range cells {
			r := rec(cell, "1", "tcp", other)
			r.AssignmentNotes = cells[len(cells)-1-i]
			v := r.Values()
			var want strings.Builder
			w := csv.NewWriter(&want)
			if err := errors.Join(w.Write(strings.Split(strings.TrimSpace(header), ",")), w.Write(v[:])); err != nil {
				t.Fatal(err)
			}
			w.Flush()
			if got := string(table(r).CSV()); got != want.String() {
				t.Fatalf("%q is written as\n%q, want\n%q", v, got, want.String())
			}
		}
	}
}

// Equal records are equal bytes, however the file that they came from was written.
func TestEqualContentGivesEqualBytes(t *testing.T) {
	const canonical = header +
		"a,1,tcp,one two,[A],[A],2006-01,2006-01-02,[RFC1],,no,x\r\n" +
		"b,2,udp,\"three, four\",,,,,,,,\r\n"
	want := mustParse(t, canonical)
	rewritten := map[string]string{
		"LF":              strings.ReplaceAll(canonical, "\r", ""),
		"byte order mark": "\ufeff" + canonical,
		"row order":       header + "b,2,udp,\"three, four\",,,,,,,,\r\na,1,tcp,one two,[A],[A],2006-01,2006-01-02,[RFC1],,no,x\r\n",
		"wrapping":        strings.ReplaceAll(canonical, "one two", "\"one\n      two\""),
		"CRLF wrapping":   strings.ReplaceAll(canonical, "three, four", " three,\r\n four "),
		"all quoted":      strings.ReplaceAll(canonical, "a,1,tcp,one two", `"a","1","tcp","one two"`),
		"transport":       strings.ReplaceAll(canonical, "tcp", " TCP "),
		"no last newline": strings.TrimSuffix(canonical, "\r\n"),
		"blank lines":     strings.ReplaceAll(canonical, "\r\n", "\r\n\r\n\n"),
		"former header":   strings.ReplaceAll(canonical, "Unauthorized Use Reported", "Known Unauthorized Uses"),
	}
	for name, text := range rewritten {
		if text == canonical {
			t.Errorf("%s: the test does not alter the file", name)
		}
		got := mustParse(t, text)
		if got.Digest() != want.Digest() || !slices.Equal(got.Records, want.Records) {
			t.Errorf("%s alters the table (-want +got):\n%s", name, cmp.Diff(want.Records, got.Records))
		}
		if len(got.Problems) > 0 {
			t.Errorf("%s: problems %v", name, got.Problems)
		}
	}
	for from, to := range map[string]string{"a,1,": "A,1,", ",1,tcp": ",1-1,tcp", "1,tcp": "01,tcp", "one": "One", "2006-01-02": "2006-01"} {
		text := strings.Replace(canonical, from, to, 1)
		if got := mustParse(t, text); text == canonical || got.Digest() == want.Digest() {
			t.Errorf("%q in the place of %q does not alter the digest", to, from)
		}
	}
}

// A table that is made from the one before is that of its records, to any number of steps.
func TestReplaced(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	some := func() *Table {
		var records []Record
		for range random.IntN(9) {
			pick := func(values ...string) string { return values[random.IntN(len(values))] }
			r := rec(pick("", "a", "b", "a,b"), pick("", "1", "2", "2-3", "x"), pick("", "tcp", "udp"), pick("", "one", `say "two"`))
			r.ModificationDate, _ = ParseDate(pick("", "", "2001", "2001-02", "2001-02-03", "2002-03"))
			records = append(records, r)
		}
		return table(records...)
	}
	now := some()
	for range 2000 {
		want := some()
		next, whole := now.replaced(now.Difference(want))
		if !whole || !slices.Equal(next.Records, want.Records) || string(next.CSV()) != string(want.CSV()) {
			t.Fatalf("from\n%sthe table is not\n%sbut\n%s", now.CSV(), want.CSV(), next.CSV())
		}
		longest := 0
		for _, line := range strings.SplitAfter(string(next.CSV()), "\n")[1:] {
			longest = max(longest, len(line))
		}
		if n := next.LongestRow(); n != longest {
			t.Fatalf("the longest row of\n%shas %d bytes, not %d", next.CSV(), longest, n)
		}
		if date := next.NewestDate(); date != want.NewestDate() {
			t.Fatalf("the newest date of\n%sis %s, not %s", next.CSV(), want.NewestDate(), date)
		}
		now = next
	}
	if _, whole := now.replaced([]Record{rec("z", "1", "tcp", "")}, nil); whole {
		t.Error("a record that is not in the table can be taken from it")
	}
}

func TestTablePort(t *testing.T) {
	tab := table(
		rec("", "0", "tcp", "Reserved"),
		rec("all", "7", "", "every transport"),
		rec("echo", "7", "tcp", ""),
		rec("echo", "7", "udp", ""),
		rec("x11", "6000-6063", "tcp", ""),
		rec("inside", "6010", "udp", ""),
		rec("", "7748-7776", "", "Unassigned"),
		rec("inetfs", "7775", "tcp", ""),
		rec("after", "7777", "tcp", ""),
		rec("last", "65535", "tcp", ""),
		rec("none", "", "tcp", ""),
		rec("bad", "x", "tcp", ""),
	)
	tests := []struct {
		port       uint16
		transports []Transport
		want       string // names, in order; those of unnamed records are empty
	}{
		{0, nil, ""},
		{7, nil, "all echo echo"},
		{7, []Transport{TCP}, "all echo"},
		{7, []Transport{SCTP}, "all"},
		{7, []Transport{UDP, TCP}, "all echo echo"},
		{5999, nil, "-"},
		{6000, nil, "x11"},
		{6009, nil, "x11"},
		{6010, nil, "x11 inside"},
		{6011, nil, "x11"},
		{6063, nil, "x11"},
		{6064, nil, "-"},
		{7748, nil, ""},
		{7775, nil, " inetfs"},
		{7775, []Transport{UDP}, ""},
		{7776, nil, ""},
		{7777, nil, "after"},
		{65535, nil, "last"},
		{65534, nil, "-"},
	}
	for _, tt := range tests {
		found := tab.Port(tt.port, tt.transports...)
		if tt.want == "-" {
			if len(found) > 0 {
				t.Errorf("Port(%d, %v) = %v, want none", tt.port, tt.transports, found)
			}
			continue
		}
		if len(found) == 0 || names(found) != tt.want {
			t.Errorf("Port(%d, %v) names %q, want %q", tt.port, tt.transports, names(found), tt.want)
		}
	}
	if got := table().Port(80); got != nil {
		t.Errorf("an empty table has %v on port 80", got)
	}
	if got := (&Table{}).Port(80); got != nil {
		t.Errorf("the zero table has %v on port 80", got)
	}
}

// Any overlaps are found, as by looking at every record.
func TestTablePortFindsAll(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		tab := &Table{}
		for range rng.IntN(12) {
			first := uint16(rng.IntN(30))
			tab.Records = append(tab.Records, Record{Ports: PortRange(first, first+uint16(rng.IntN(10)*rng.IntN(2)))})
		}
		tab = table(append(tab.Records, Record{})...)
		for port := range uint16(45) {
			var want []Record
			for _, r := range tab.Records {
				if r.Ports.Contains(port) {
					want = append(want, r)
				}
			}
			if got := tab.Port(port); !slices.Equal(got, want) {
				t.Fatalf("Port(%d) of %v (-want +got):\n%s", port, tab.Records, cmp.Diff(want, got))
			}
		}
	}
}

func TestTableService(t *testing.T) {
	tab := table(rec("HTTP", "8080", "tcp", "c"), rec("http", "80", "udp", "b"), rec("http", "80", "tcp", "a"), rec("http-alt", "591", "tcp", ""), rec("", "1", "", "x"))
	for _, name := range []string{"http", "HTTP", "Http"} {
		var got string
		for _, r := range tab.Service(name) {
			got += r.Description
		}
		if got != "abc" {
			t.Errorf("Service(%q) found %q, want abc", name, got)
		}
	}
	for _, name := range []string{"", "htt", "x"} {
		if got := tab.Service(name); len(got) > 0 {
			t.Errorf("Service(%q) = %v, want none", name, got)
		}
	}
}

func TestExtraStaysWithItsRecord(t *testing.T) {
	text := strings.TrimSuffix(header, "\r\n") + ",Status,Since\r\n"
	for _, name := range []string{"d", "b", "c", "a", "e"} {
		text += name + ",,,,,,,,,,,,is  " + name + "," + strings.ToUpper(name) + "\r\n"
	}
	tab := mustParse(t, text)
	if diff := cmp.Diff([]string{"Status", "Since"}, tab.Unknown); diff != "" {
		t.Errorf("unknown columns (-want +got):\n%s", diff)
	}
	if got := names(tab.Records); got != "a b c d e" {
		t.Errorf("records are %q", got)
	}
	for i, r := range tab.Records {
		if diff := cmp.Diff([]string{"is " + r.ServiceName, strings.ToUpper(r.ServiceName)}, tab.Extra(i)); diff != "" {
			t.Errorf("what %s has beyond the known columns (-want +got):\n%s", r.ServiceName, diff)
		}
	}
	for i, want := range []int{5, 3, 4, 2, 6} {
		if tab.Line(i) != want {
			t.Errorf("%s is of line %d, want %d", tab.Records[i].ServiceName, tab.Line(i), want)
		}
	}
	if got := NewTable([]Record{{}}).Line(0); got != 0 {
		t.Errorf("a record of no file is of line %d", got)
	}
	if got := mustParse(t, header+line("a", "", "", "")).Extra(0); got != nil {
		t.Errorf("Extra of a file without unknown columns is %q", got)
	}
}
