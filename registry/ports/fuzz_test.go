package ports

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// rowSeeds are rows to go behind a header, with each peculiarity that rows may have. They are short, and the header is
// not among them: the fuzzer minimizes whatever input covers new code, in a time quadratic in its length, and with
// whole editions it would do nothing else.
var rowSeeds = []string{
	"",
	"a,1,TCP,x\r\nb,2-3,udp\r\n",         // short rows, a range
	"a,1,tcp,\"x\n4\"\" disk\"\r\nb,y\n", // LF and quotes within quotes; not a port
	"a,,\nb,3-1,xtp\nc,70000,",           // no port, bad ports, a bad transport, no last line end
	"a,1,,,,,2006-13,2006-02-30,\n",      // bad dates
	"a,1,,,,,2006-01,2006-02-03,[RFC1],1,x,y\n",
	",,,,,,,,,,,\n\"\"\n\n\r\n",       // neither a name nor a port, empty lines
	",,,,,,,,,,,,,,y\n",               // too many fields
	"a,1,tcp,\"never closed\nb,2\n",   // a quote that nothing closes
	"a,1,tcp,4\" disk\n",              // a stray quote
	"a\r,1\r,tcp\r,\"\r\",\r\r\n",     // CRs of no line end
	"a,1,K,\xff\xe2\x82\x00\u0080\n",  // not UTF-8, control characters
	"h\u00c3\u00a9,1,\u0130,\ufffd\n", // UTF-8 encoded twice
	"\u00a0,\u2028,\u0085\n\\.,\\.\n", // white space, PostgreSQL's end of data
	"#a,1\n=b,2\n",
}

// reordered is IANA's header from its last column to its first.
func reordered() string {
	columns := strings.Split(strings.TrimSpace(header), ",")
	slices.Reverse(columns)
	return strings.Join(columns, ",") + "\n"
}

// FuzzParse checks whatever is read as the registry against all that the package promises of tables. The file is one of
// a few headers and the rows; without a header, it need not be the registry.
func FuzzParse(f *testing.F) {
	headers := []string{
		"", header, byteOrderMark + header, reordered(),
		strings.TrimSpace(header) + ",X,X,\r\n", // unknown columns, of one name and of none
	}
	for head := range headers {
		for _, rows := range rowSeeds {
			f.Add(byte(head), []byte(rows))
		}
	}
	f.Add(byte(0), []byte("<html>"))
	f.Add(byte(0), []byte(byteOrderMark))
	f.Add(byte(0), []byte("Service Name,Port Number\n"))
	f.Fuzz(func(t *testing.T, head byte, rows []byte) {
		head %= byte(len(headers))
		data := append([]byte(headers[head]), rows...)
		e, err := ReadEdition(data)
		if err != nil {
			if head > 0 || !errors.Is(err, ErrNotRegistry) {
				t.Fatalf("ReadEdition: %v", err)
			}
			return
		}
		tab, err := e.Table()
		if err != nil {
			t.Fatal(err)
		}
		if len(tab.Records) != e.Len() {
			t.Errorf("%d records of %d rows", len(tab.Records), e.Len())
		}
		checkTable(t, tab)
		checkProblems(t, tab, data)
		checkJSON(t, tab)
		checkOrder(t, tab)
		for i := range tab.Records {
			if len(tab.Extra(i)) != len(tab.Unknown) {
				t.Errorf("record %d has %d values for %d unknown columns", i, len(tab.Extra(i)), len(tab.Unknown))
			}
		}
	})
}

// checkProblems holds problems to places that the file has, in its order.
func checkProblems(t *testing.T, tab *Table, data []byte) {
	t.Helper()
	lines := bytes.Split(bytes.TrimPrefix(data, []byte(byteOrderMark)), []byte("\n"))
	at := [2]int{}
	for _, p := range tab.Problems {
		if p.Line < 1 || p.Line > len(lines) || p.Column < 1 || p.Column > len(lines[p.Line-1])+1 {
			t.Errorf("problem %q is nowhere in the file", p)
		}
		if slices.Compare(at[:], []int{p.Line, p.Column}) > 0 {
			t.Errorf("problem %q is out of order", p)
		}
		at = [2]int{p.Line, p.Column}
	}
}

func checkJSON(t *testing.T, tab *Table) {
	t.Helper()
	data, err := json.Marshal(tab.Records)
	if err != nil {
		t.Fatal(err)
	}
	var back []Record
	if err := json.Unmarshal(data, &back); err != nil || !slices.Equal(back, tab.Records) {
		t.Errorf("JSON round trip: %v (-want +got):\n%s", err, cmp.Diff(tab.Records, back))
	}
}

// checkOrder holds the canonical CSV to be the same from records in any order.
func checkOrder(t *testing.T, tab *Table) {
	t.Helper()
	shuffled := slices.Clone(tab.Records)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	if !bytes.Equal(table(shuffled...).CSV(), tab.CSV()) {
		t.Error("the order of the records alters the canonical CSV")
	}
}

// FuzzDistinct holds Distinct to its law: what the old edition holds less what is gone
// is what the new one holds less what came, as multisets.
func FuzzDistinct(f *testing.F) {
	a, b, c := line("a", "1", "tcp", ""), line("b", "2", "tcp", "\"x\ny\""), line("c", "x", "tcp", "\xff")
	for _, pair := range [][2]string{
		{"", ""},
		{a + b + c, a + c},
		{a + b, b + a},
		{a + a, a},
		{a + b + c, strings.ReplaceAll(c+b+a, "\r", "")},
		{a + "\"b", a + "\"b\n"},
		{a + "\"b\r", c + "\"b"},
		{"a\r\r\n", "a\r"},
		{a, "\""},
	} {
		f.Add(pair[0], pair[1], false)
		f.Add(pair[0], pair[1], true)
	}
	for _, rows := range rowSeeds {
		f.Add(rows, a+rows+b, false)
		f.Add(a+rows, rows, true)
	}
	f.Fuzz(func(t *testing.T, old, next string, extended bool) {
		head := header
		if extended {
			head = "X," + strings.TrimSpace(header) + ",Y\n"
		}
		checkDistinct(t, mustRead(t, head+old), mustRead(t, head+next))
	})
}

// checkDistinct returns the table of the new edition, and how many rows were decoded of
// the old one.
func checkDistinct(t *testing.T, old, next *Edition) (newTable *Table, decoded int) {
	t.Helper()
	oldTable, oldErr := old.Table()
	newTable, newErr := next.Table()
	gone, came, err := Distinct(old, next)
	if err := errors.Join(err, oldErr, newErr); err != nil {
		t.Fatal(err)
	}
	left := tally(oldTable)
	for row, n := range tally(gone) {
		left[row] -= n
	}
	for row, n := range tally(newTable) {
		left[row] -= n
	}
	for row, n := range tally(came) {
		left[row] += n
	}
	for row, n := range left {
		if n != 0 {
			t.Errorf("%v: %+d", row, n)
		}
	}
	for _, of := range []struct{ part, whole *Table }{{gone, oldTable}, {came, newTable}} {
		for _, p := range of.part.Problems {
			if !slices.Contains(of.whole.Problems, p) {
				t.Errorf("problem %q of the residue is none of the whole", p)
			}
		}
		if !slices.IsSortedFunc(of.part.Records, Compare) {
			t.Error("the residue is not in canonical order")
		}
	}
	return newTable, len(gone.Records)
}

// entry is a record with its values of unknown columns.
type entry struct {
	record Record
	extra  string
}

// tally counts the entries of a table.
func tally(tab *Table) map[entry]int {
	count := make(map[entry]int, len(tab.Records))
	for i := range tab.Records {
		count[entry{tab.Records[i], fmt.Sprintf("%q", tab.Extra(i))}]++
	}
	return count
}

// FuzzCancel is FuzzDistinct's law for cancel alone: every byte is a row.
func FuzzCancel(f *testing.F) {
	long := strings.Repeat("abcdefghijklmnopqrstuvwxyz", 6)
	for _, pair := range [][2]string{
		{"", ""},
		{"a", ""},
		{"abc", "abd"},
		{"aab", "abb"},
		{"abcd", "dcba"},
		{long, "x" + long},
		{long, long[70:] + long[:70]},
		{strings.Repeat("x", 70) + long, strings.Repeat("y", 70) + long},
	} {
		f.Add(pair[0], pair[1])
	}
	f.Fuzz(func(t *testing.T, old, next string) {
		gone, came := cancel(rowsOf(old), rowsOf(next))
		left := map[string]int{}
		for _, r := range gone {
			left[r.Key()]++
		}
		for _, r := range came {
			if left[r.Key()] > 0 {
				t.Errorf("%q is both gone and come", r.Key())
			}
			left[r.Key()]--
		}
		for _, r := range rowsOf(old) {
			left[r.Key()]--
		}
		for _, r := range rowsOf(next) {
			left[r.Key()]++
		}
		for key, n := range left {
			if n != 0 {
				t.Errorf("%q: %+d", key, n)
			}
		}
		for _, rest := range [][]row{gone, came} {
			if !slices.IsSortedFunc(rest, func(a, b row) int { return a.Line - b.Line }) {
				t.Error("what is left is not in the order of the file")
			}
		}
	})
}

func rowsOf(s string) []row {
	var rows []row
	for i := range len(s) {
		rows = append(rows, row{Text: fmt.Sprintf("%02x%s", s[i], "\n"[i%2:]), Line: i + 1})
	}
	return rows
}

func TestMeet(t *testing.T) {
	far := strings.Repeat("-", 2*lookahead)
	tests := []struct {
		old, next string
		i, j      int
		ok        bool
	}{
		{"ab", "xb", 1, 1, true},
		{"ab", "b", 1, 0, true},
		{"b", "ab", 0, 1, true},
		{"abcX", "X", 3, 0, true},
		{"aXb", "cbX", 1, 2, true}, // both X and b agree after three rows: the first in old
		{"a", "b", 0, 0, false},
		{far[:lookahead] + "a", "a", lookahead, 0, true},
		{far + "a", "a", 0, 0, false},
	}
	for _, tt := range tests {
		i, j, ok := meet(rowsOf(tt.old), rowsOf(tt.next))
		if i != tt.i || j != tt.j || ok != tt.ok {
			t.Errorf("meet(%q, %q) = %d, %d, %v, want %d, %d, %v", tt.old, tt.next, i, j, ok, tt.i, tt.j, tt.ok)
		}
	}
}
