package audit

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/history/historytest"
	"github.com/ianasync/ianasync/internal/porthistory"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/registry/ports/portstest"
	"github.com/ianasync/ianasync/snapshots"
)

// table is the table of rows: see [portstest.Rows].
func table(text string) *ports.Table { return portstest.Table(portstest.Rows(text)) }

// audited holds a file against tables seen on days of January 2020, and returns what came of it.
func audited(t *testing.T, file string, lacking bool, tables ...string) *Result {
	t.Helper()
	past, err := porthistory.Open(t.Context(), historytest.Of(t, tables...))
	if err != nil {
		t.Fatal(err)
	}
	f, err := Parse([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Compare(f, table(tables[len(tables)-1]), past, lacking)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// told writes findings as "kind name place [now] day: change, day: change", one a line.
func told(r *Result) (lines []string) {
	for i := range r.Findings {
		f := &r.Findings[i]
		s := fmt.Sprintf("%s %s %s %v", f.Kind, f.Name, f.Place(), f.Now)
		if f.Event != nil {
			s += " " + f.Event.Version.ID[6:8]
		}
		for _, e := range f.Later {
			s += ", " + e.Version.ID[6:8] + " " + string(e.Changes[0].Kind)
		}
		lines = append(lines, s)
	}
	return lines
}

func TestFindings(t *testing.T) {
	r := audited(t, `kept   1/tcp
KEPT     1/udp
old      2/tcp
first    3/tcp
gone     4/tcp
gave     5/tcp
left     6/tcp
wrong    7/tcp
unknown  7/udp
mine     8/tcp
mine     9/sctp
Two      10/tcp
apple-REMOTE-de 11/tcp
apple-remote-d 11/udp
Two-words 10/udp
Two-Wor  10/sctp
nick     1/tcp kept
`, false,
		"kept 1/tcp;kept 1/udp;old 2/tcp D;first 3/tcp D;gone 4/tcp;gave 5/tcp A;left 6/tcp L;right 7/tcp;right 7/udp;- 8/tcp Unassigned;two_words 10;apple_remote_desktop 11",
		"kept 1/tcp;kept 1/udp;new 2/tcp D;second 3/tcp D;- 4/tcp Reserved;got 5/tcp B;left 60/tcp L;right 7/tcp;right 7/udp;- 8/tcp Unassigned;two_words 10;apple_remote_desktop 11",
		"kept 1/tcp;kept 1/udp;new 2/tcp D;third 3/tcp D;- 4/tcp Reserved;got 5/tcp B;left 60/tcp L;right 7/tcp;right 7/udp;- 8/tcp Unassigned;two_words 10;apple_remote_desktop 11")
	want := []string{
		"reused gave 5/tcp [got] 02",
		"deassigned gone 4/tcp [] 02",
		"renamed old 2/tcp [new] 02",
		"renamed first 3/tcp [third] 02, 03 renamed",
		"moved left 6/tcp [] 02",
		"conflict wrong 7/tcp [right]",
		"conflict apple-remote-d 11/udp [apple remote desktop]",
		"conflict Two-Wor 10/sctp [two words]",
	}
	if diff := cmp.Diff(want, told(r)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if r.Agree != 6 || r.Own != 3 || r.Lacking != 1 {
		t.Errorf("%d agree, %d are own, %d lack; want 6, 3, 1", r.Agree, r.Own, r.Lacking)
	}
}

func TestLacking(t *testing.T) {
	day := "a 1/tcp;b 2/tcp;b 2/udp;x 5-7/tcp;- 8/tcp Reserved;c 10;d 12;e 15/tcp"
	r := audited(t, "a 1/tcp\nx 6/tcp\nd 12/tcp\nmine 14-16/tcp\n", true, strings.ReplaceAll(day, "c 10", "- 10"), day)
	if diff := cmp.Diff([]string{"lacking b 2/tcp [b]", "lacking c 10/tcp [c] 02"}, told(r)); diff != "" || r.Lacking != 2 {
		t.Errorf("a file that knows no udp lacks none (-want +got):\n%s", diff)
	}
	if r = audited(t, "a 1/tcp\na 1/udp\nd 12/tcp\n", true, "a 1;c 10;d 12"); r.Lacking != 3 {
		t.Errorf("a record without a transport is one of tcp and of udp: %q", told(r))
	}
	r = audited(t, "a 1/tcp\n", true, "a 1/tcp", "a 1/tcp;b 2/tcp")
	if r.Since(time.Date(2020, 1, 2, 0, 0, 0, 0, time.UTC)); len(r.Findings) != 1 {
		t.Errorf("what came since is lacking: %q", told(r))
	}
}

// TestStories follows services whose next name or port is gone, too.
func TestStories(t *testing.T) {
	for name, test := range map[string]struct {
		file, want string
		tables     []string
	}{
		"renamed, and gone":          {"a 4/tcp", "deassigned a 4/tcp [] 02, 03 deassigned", []string{"a 4/tcp D", "b 4/tcp D", "- 4/tcp Reserved"}},
		"renamed, and replaced":      {"a 4/tcp", "reused a 4/tcp [c] 02, 03 reused", []string{"a 4/tcp D", "b 4/tcp D", "c 4/tcp E"}},
		"replaced, and that is gone": {"a 4/tcp", "deassigned a 4/tcp [] 02, 03 deassigned", []string{"a 4/tcp D", "b 4/tcp E", "- 4/tcp Reserved"}},
		"moved, and gone":            {"a 4/tcp", "deassigned a 4/tcp [] 02, 03 deassigned", []string{"a 4/tcp D", "a 5/tcp D", "- 5/tcp Reserved"}},
		"moved, and renamed":         {"a 4/tcp", "moved a 4/tcp [] 02, 03 renamed", []string{"a 4/tcp D", "a 5/tcp D", "b 5/tcp D"}},
		"moved, and followed":        {"a 4/tcp", "moved a 4/tcp [c] 02, 03 assigned", []string{"a 4/tcp D", "a 5/tcp D", "a 5/tcp D;c 4/tcp C"}},
		"gone, and followed":         {"a 4/tcp", "reused a 4/tcp [c] 02, 03 assigned", []string{"a 4/tcp D", "- 4/tcp Reserved", "c 4/tcp C"}},
		"gone beside another":        {"a 4/tcp", "reused a 4/tcp [c] 02", []string{"a 4/tcp D;c 4/tcp C", "c 4/tcp C"}},
		"gone, and its row, too":     {"a 4/tcp", "deassigned a 4/tcp [] 02", []string{"a 4/tcp D", "- 4/tcp Reserved", "z 9/tcp"}},
		"renamed, gone and back":     {"a 4/tcp", "renamed a 4/tcp [b] 02", []string{"a 4/tcp D", "b 4/tcp D", "- 4/tcp Reserved", "b 4/tcp D;z 9/tcp"}},
		"replaced, gone and back":    {"a 4/tcp", "reused a 4/tcp [c] 02", []string{"a 4/tcp D", "c 4/tcp E", "- 4/tcp Reserved", "c 4/tcp E;z 9/tcp"}},
		"gone after another came":    {"a 4/tcp", "reused a 4/tcp [c] 03", []string{"a 4/tcp D", "a 4/tcp D;c 4/tcp C", "c 4/tcp C"}},
		"moved back, and gone":       {"a 5/tcp", "deassigned a 5/tcp [] 03, 04 deassigned", []string{"a 4/tcp D", "a 5/tcp D", "a 4/tcp D", "- 4/tcp Reserved"}},
		"without a port":             {"a 4/tcp", "deassigned a 4/tcp [] 02", []string{"a 4/tcp D", "a /tcp D"}},
		"without a port, and gone":   {"a 4/tcp", "deassigned a 4/tcp [] 02, 03 deassigned", []string{"a 4/tcp D", "a /tcp D", "z 9/tcp"}},
		"without, and back again":    {"a 4/tcp", "moved a 4/tcp [] 02, 03 assigned", []string{"a 4/tcp D", "a /tcp D", "a 6/tcp D"}},
		"rolled back":                {"b 4/tcp", "renamed b 4/tcp [a] 03", []string{"a 4/tcp D", "b 4/tcp D", "a 4/tcp D"}},
		"taken back":                 {"b 4/tcp", "reused b 4/tcp [a] 03", []string{"a 4/tcp D", "b 4/tcp E", "a 4/tcp D"}},
		"assigned and taken back":    {"b 4/tcp", "deassigned b 4/tcp [] 03", []string{"- 4/tcp Reserved", "b 4/tcp E", "- 4/tcp Reserved"}},
		"back where it was":          {"a 5/tcp", "moved a 5/tcp [] 03", []string{"a 4/tcp D", "a 5/tcp D", "a 4/tcp D"}},
		"gone before that":           {"b 4/tcp", "renamed b 4/tcp [a] 03, 04 renamed", []string{"a 4/tcp D", "b 4/tcp D", "c 4/tcp D", "a 4/tcp D"}},
		"rolled back, and gone":      {"b 4/tcp", "deassigned b 4/tcp [] 03, 04 deassigned", []string{"a 4/tcp D", "b 4/tcp D", "a 4/tcp D", "- 4/tcp Reserved"}},
		"there and back, and gone":   {"a 4/tcp", "deassigned a 4/tcp [] 04", []string{"a 4/tcp D", "b 4/tcp D", "a 4/tcp D", "- 4/tcp Reserved"}},
	} {
		r := audited(t, test.file, false, test.tables...)
		if diff := cmp.Diff([]string{test.want}, told(r)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestNumbered has names that are numbered in a range of ports. The number is that of the port in the range.
func TestNumbered(t *testing.T) {
	r := audited(t, `x11    6000/tcp
x11-1  6001/tcp
X11:2  6002/tcp
x11_63 6063/tcp
x115   6004/tcp
x11-6005 6005/tcp
x11-7  6003/tcp
x11-x  6003/tcp
x11-   6003/tcp
x12-1  6001/tcp
one-0  9/tcp
`, false, "x11 6000-6063/tcp;one 9/tcp")
	want := []string{
		"conflict x11-7 6003/tcp [x11]", "conflict x11-x 6003/tcp [x11]", "conflict x11- 6003/tcp [x11]", "conflict x12-1 6001/tcp [x11]", "conflict one-0 9/tcp [one]",
	}
	if diff := cmp.Diff(want, told(r)); diff != "" || r.Agree != 6 {
		t.Errorf("%d agree (-want +got):\n%s", r.Agree, diff)
	}
}

// TestServiceTypes has names without a port: what matters is whether the registry has the name at all.
func TestServiceTypes(t *testing.T) {
	r := audited(t, "_a._tcp\n_A._udp\n_old._tcp\n_gone._udp\n_portless._tcp\n_both._udp\n_moved._tcp\n_tcponly._udp\n_mine._tcp\n_left._tcp\n_s._udp\n", true,
		"a 1/tcp;a /udp;old 2/tcp D;gone /udp D;portless /tcp;both 5;moved 6/tcp D;tcponly 7/tcp;left 8/tcp D;s 9/sctp",
		"a 1/tcp;a /udp;new 2/tcp D;portless /tcp;both 5;moved 66/tcp D;tcponly 7/tcp;left /tcp D;s 9/sctp")
	want := []string{"deassigned gone  [] 02", "renamed old  [] 02"}
	if diff := cmp.Diff(want, told(r)); diff != "" || r.Agree != 7 || r.Own != 2 || r.Lacking != 0 {
		t.Errorf("%d agree, %d are own, %d lack (-want +got):\n%s", r.Agree, r.Own, r.Lacking, diff)
	}
	list, err := ParseAllowances([]byte("_gone._udp we still announce it\nold 0/tcp a port is another thing\n"))
	if err != nil {
		t.Fatal(err)
	}
	allowed, unused := r.Allow(list)
	if diff := cmp.Diff(want[1:], told(r)); diff != "" || allowed != 1 || len(unused) != 1 {
		t.Errorf("%d allowed, %v unused (-want +got):\n%s", allowed, unused, diff)
	}
}

// TestNoTransport has a file that states no transport: an entry agrees where tcp or udp does, and is one finding.
func TestNoTransport(t *testing.T) {
	days := []string{
		"a 1/tcp;- 1/udp Reserved;- 2/tcp Reserved;b 2/udp;old 3/tcp D;old 3/udp D;c 4/tcp;u 6/udp E",
		"a 1/tcp;- 1/udp Reserved;- 2/tcp Reserved;b 2/udp;new 3/tcp D;new 3/udp D;c 4/tcp;- 6/udp Reserved",
	}
	r := audited(t, "port,service\n1,a\n2,b\n3,old\n4,x\n5,mine\n6,u\n", false, days...)
	want := []string{"deassigned u 6 [] 02", "renamed old 3 [new] 02", "conflict x 4 [c]"}
	if diff := cmp.Diff(want, told(r)); diff != "" || r.Agree != 2 || r.Own != 1 || r.Lacking != 0 {
		t.Errorf("%d agree, %d are own, %d lack (-want +got):\n%s", r.Agree, r.Own, r.Lacking, diff)
	}
	if r.Best.Agree != 3 || r.Best.To != r.Best.From {
		t.Errorf("best %+v: a, b and old agree with the first day", r.Best)
	}
	list, err := ParseAllowances([]byte("old 3/udp one of the two will do\nu 6/sctp another transport\n"))
	if err != nil {
		t.Fatal(err)
	}
	if allowed, unused := r.Allow(list); allowed != 1 || len(unused) != 1 {
		t.Errorf("%d allowed, %v unused", allowed, unused)
	}
}

// TestUnreadableFindings has lines that cannot be read among the findings: before all others, whatever the time asked for.
func TestUnreadableFindings(t *testing.T) {
	r := audited(t, "a 1/tcp\nb 70000/tcp\nold 2/tcp\n", false, "a 1/tcp;old 2/tcp D", "a 1/tcp;new 2/tcp D")
	r.Since(time.Date(2020, 1, 3, 0, 0, 0, 0, time.UTC))
	want := []Finding{{Kind: Unreadable, Line: 2, Column: 3, Problem: "70000 is over 65535, the highest port number"}}
	if diff := cmp.Diff(want, r.Findings); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestRolledBack has a rename that was undone: what the file says is right again.
func TestRolledBack(t *testing.T) {
	r := audited(t, "a 1/tcp\n", false, "a 1/tcp D", "b 1/tcp D", "a 1/tcp D")
	if len(r.Findings) > 0 || r.Agree != 1 {
		t.Errorf("findings %v, %d agree", told(r), r.Agree)
	}
}

// TestBest asks of which days a file is.
func TestBest(t *testing.T) {
	days := []string{
		"a 1/tcp D;b 2/tcp D",
		"a 1/tcp D;b 2/tcp D;c 3/tcp D",
		"a 1/tcp D;b 2/tcp D;c 3/tcp D;- 9/tcp Reserved",
		"z 1/tcp D;b 2/tcp D;c 3/tcp D;d 4/tcp D",
		"z 1/tcp D;b 2/tcp D;c 3/tcp D;d 4/tcp D;e 5/tcp D",
	}
	for name, test := range map[string]struct {
		file     string
		from, to int
		agree    int
	}{
		"a whole copy of the second day":       {"a 1/tcp\nb 2/tcp\nc 3/tcp\n", 2, 3, 3},
		"a whole copy of the last":             {"z 1/tcp\nb 2/tcp\nc 3/tcp\nd 4/tcp\ne 5/tcp\n", 5, 5, 5},
		"a choice that has a name of long ago": {"a 1/tcp\n", 1, 3, 1},
		"a choice that stands since":           {"z 1/tcp\n", 4, 5, 1},
		"a copy in ranges":                     {"z 1/tcp\nb 2/tcp\nmine 3-4/tcp\ne 5/tcp\n", 5, 5, 3},
	} {
		got := audited(t, test.file, false, days...).Best
		at := func(day int) string { return snapshots.FormatID(time.Date(2020, 1, day, 0, 0, 0, 0, time.UTC)) }
		if want := (Match{at(test.from), at(test.to), test.agree}); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	if got := audited(t, "own 77/tcp\n", false, days...).Best; got != (Match{}) {
		t.Errorf("a file with nothing of the registry's: %v", got)
	}
	if got := audited(t, "p 1/tcp\np 1/udp\n", false, "o 1 D", "p 1 D").Best; got.Agree != 2 || got.From != got.To {
		t.Errorf("a record without a transport: %v", got)
	}
}

func TestAllow(t *testing.T) {
	list, err := ParseAllowances([]byte("\ufeff# why\n\nold 2/TCP for old scripts\nnone 3/tcp never\nTwo Words 04/tcp/udp 1/1 is no name\n"))
	if err != nil {
		t.Fatal(err)
	}
	r := audited(t, `{"02/tcp": "OLD", "2/udp": "old", "4/udp": "two words"}`, false, "old 2/tcp D;old 2/udp D;two_words 4/udp D", "new 2/tcp D;new 2/udp D;new 4/udp D")
	allowed, unused := r.Allow(list)
	if diff := cmp.Diff([]string{"renamed old 2/udp [new] 02"}, told(r)); diff != "" || allowed != 2 || len(unused) != 1 || unused[0].Line != 4 {
		t.Errorf("%d allowed, %v unused, left %v", allowed, unused, told(r))
	}
	for text, want := range map[string]string{
		"old 2/tcp\n":          "line 1: old on 2/tcp lacks a reason",
		"old man\n1/tcp why\n": `line 1: a line has a name, a port with a protocol, and a reason: "old man"`,
		"1/tcp why\n":          `line 1: a line has a name, a port with a protocol, and a reason: "1/tcp why"`,
		"\nold because\n":      `line 2: a line has a name, a port with a protocol, and a reason: "old because"`,
	} {
		if _, err := ParseAllowances([]byte(text)); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestSince(t *testing.T) {
	r := audited(t, "a 1/tcp\nb 2/tcp\nwrong 3/tcp\n", false, "a 1/tcp D;b 2/tcp D;c 3/tcp", "x 1/tcp D;b 2/tcp D;c 3/tcp", "x 1/tcp D;y 2/tcp D;c 3/tcp")
	r.Since(time.Date(2020, 1, 3, 0, 0, 0, 0, time.UTC))
	if diff := cmp.Diff([]string{"renamed b 2/tcp [y] 03"}, told(r)); diff != "" {
		t.Error(diff)
	}
}

// BenchmarkCompare audits nmap's file, where it is, against one version.
func BenchmarkCompare(b *testing.B) {
	data, err := os.ReadFile("/usr/share/nmap/nmap-services")
	if err != nil {
		b.Skipf("no file to audit: %v", err)
	}
	for b.Loop() {
		f, err := Parse(data)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := Compare(f, table("a 1/tcp"), porthistory.Of(history.Of(nil)), false); err != nil {
			b.Fatal(err)
		}
	}
}

// TestEveryNameThatWent holds what is told of random histories, with rollbacks in them, against their tables: of each name
// that a port had and has no more, a version in which it is gone, and one before in which it was there.
func TestEveryNameThatWent(t *testing.T) {
	names := []string{"a", "b", "c", "d"}
	told, undone := 0, 0
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 5))
		var days []string
		for range 9 {
			if n := len(days); n > 1 && rng.IntN(4) == 0 {
				days = append(days, days[rng.IntN(n-1)]) // an older edition again
				continue
			}
			rows := []string{"kept 9/tcp"}
			for port, n := range rng.Perm(len(names)) {
				if rng.IntN(4) > 0 {
					rows = append(rows, fmt.Sprintf("%s %d/tcp D%d", names[n], 1+port, rng.IntN(2)))
				}
			}
			days = append(days, strings.Join(rows, ";"))
		}
		has := func(day int, entry string) bool { return strings.Contains(days[day-1], ";"+entry+" ") }
		file, gone := "kept 9/tcp\n", 0
		for _, name := range names {
			for port := range 1 + len(names) {
				entry := fmt.Sprintf("%s %d/tcp", name, port)
				if !has(len(days), entry) && strings.Contains(strings.Join(days, ";"), ";"+entry+" ") {
					file, gone = file+entry+"\n", gone+1
				}
			}
		}
		r := audited(t, file, false, days...)
		if len(r.Findings) != gone {
			t.Errorf("seed %d: %d findings, want %d", seed, len(r.Findings), gone)
		}
		for _, f := range r.Findings {
			entry := f.Name + " " + f.Place()
			if f.Event == nil {
				t.Errorf("seed %d: %s is %s: %q", seed, entry, f.Kind, days)
				continue
			}
			told++
			if f.Event.Returned != history.Not {
				undone++
			}
			before, _ := snapshots.ParseID(f.Event.Previous)
			if !has(before.Day(), entry) || has(f.Event.Version.Seen().Day(), entry) {
				t.Errorf("seed %d: %s is %s between days %d and %d: %q", seed, entry, f.Kind, before.Day(), f.Event.Version.Seen().Day(), days)
			}
			if f.Kind == Reused && len(f.Now) == 0 || f.Kind == Deassigned && len(f.Now) > 0 {
				t.Errorf("seed %d: %s is %s, and the port has %v", seed, entry, f.Kind, f.Now)
			}
		}
	}
	if told < 200 || undone < 20 {
		t.Errorf("only %d findings were looked at, %d with a return", told, undone)
	}
}
