package history

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/internal/checksum"
	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/layout"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/registry/ports/portstest"
	"github.com/ianasync/ianasync/snapshots"
)

// edition is the table of rows: see [portstest.Rows].
func edition(text string) *ports.Table { return portstest.Table(portstest.Rows(text)) }

func at(day int) string { return snapshots.FormatID(time.Date(2020, 1, day, 0, 0, 0, 0, time.UTC)) }

// empty is a store without versions.
func empty(t *testing.T) *snapshots.Store {
	t.Helper()
	s, err := snapshots.OpenForWriting(context.Background(), t.TempDir(), ports.ServiceNames(), 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// see brings an edition seen on a day of January 2020 into a store.
func see(t *testing.T, s *snapshots.Store, day int, text string) {
	t.Helper()
	table := edition(text)
	if _, _, err := s.Import(snapshots.Edition{Bytes: table.CSV(), Seen: time.Date(2020, 1, day, 0, 0, 0, 0, time.UTC), Content: table}); err != nil {
		t.Fatal(err)
	}
}

// filesOf returns the files for steps.
func filesOf(t *testing.T, steps []Step) []File {
	t.Helper()
	files, err := Files(layout.Group(ports.ServiceNames().ID), steps)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// save writes the lists of changes into the store.
func save(t *testing.T, s *snapshots.Store, steps []Step) {
	t.Helper()
	for _, f := range filesOf(t, steps) {
		if _, err := s.WriteDerived(f.Name, f.Data); err != nil {
			t.Fatal(err)
		}
	}
}

func open(t *testing.T, s *snapshots.Store) *Past {
	t.Helper()
	p, err := Open(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// told writes steps as "02 after 01: renamed b", one a line.
func told(t *testing.T, events []Event) (lines []string) {
	t.Helper()
	for _, e := range events {
		line := e.Version.ID[6:8]
		if e.Previous != "" {
			line += " after " + e.Previous[6:8]
		}
		if e.Returned != Not {
			line += " " + string(e.Returned)
		}
		for _, c := range e.Changes {
			line += fmt.Sprintf(", %s %s", c.Kind, c.Name)
		}
		lines = append(lines, line)
	}
	return lines
}

func all(t *testing.T, p *Past) []string {
	t.Helper()
	events, err := p.All()
	if err != nil {
		t.Fatal(err)
	}
	return told(t, events)
}

func ask(t *testing.T, p *Past, text string) []string {
	t.Helper()
	q, err := ParseQuery(text)
	if err != nil {
		t.Fatal(err)
	}
	events, err := p.Ask(q)
	if err != nil {
		t.Fatal(err)
	}
	return told(t, events)
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

const (
	first  = "a 1/tcp A; x 9/tcp X; y 8/tcp Y"
	second = "a 1/tcp A; b 2/tcp B; x 9/tcp X; y 8/tcp Y"
	third  = "a 1/tcp A; b 2/tcp B; c 3/tcp C; x 9/tcp X; y 8/tcp Y"
)

func TestRollbacksBringNoNews(t *testing.T) {
	for _, test := range []struct {
		name     string
		editions []string
		want     []string
	}{
		{"none", []string{first, second, third}, []string{"01", "02 after 01, assigned b", "03 after 02, assigned c"}},
		{"back and forth", []string{first, second, first, second}, []string{"01", "02 after 01, assigned b", "03 after 01 rolled back", "04 after 02 restored"}},
		{"back, and on from the newer", []string{first, second, first, third}, []string{
			"01", "02 after 01, assigned b", "03 after 01 rolled back", "04 after 02, assigned c",
		}},
		{"back, and on from the older", []string{first, second, first, "a 1/tcp A; d 4/tcp D; x 9/tcp X; y 8/tcp Y"}, []string{
			"01", "02 after 01, assigned b", "03 after 01 rolled back", "04 after 03, assigned d",
		}},
		{"two back, one forth", []string{first, second, third, first, second, third}, []string{
			"01", "02 after 01, assigned b", "03 after 02, assigned c", "04 after 01 rolled back", "05 after 02 restored", "06 after 03 restored",
		}},
		{"flapping", []string{first, second, first, second, first, second, third}, []string{
			"01", "02 after 01, assigned b", "03 after 01 rolled back", "04 after 02 restored", "05 after 03 rolled back", "06 after 04 restored", "07 after 06, assigned c",
		}},
	} {
		s := empty(t)
		for i, e := range test.editions {
			see(t, s, i+1, e)
		}
		same(t, test.name, all(t, open(t, s)), test.want)
	}
}

// The bytes differ, the table does not: the version is there, and brings nothing.
func TestExportedAnewIsNoReturn(t *testing.T) {
	s := empty(t)
	see(t, s, 1, first)
	table := edition(first)
	bytes := append(table.CSV(), '\n')
	if _, added, err := s.Import(snapshots.Edition{Bytes: bytes, Seen: time.Date(2020, 1, 2, 0, 0, 0, 0, time.UTC)}); !added || err != nil {
		t.Fatal(added, err)
	}
	see(t, s, 3, second)
	same(t, "all", all(t, open(t, s)), []string{"01", "02 after 01", "03 after 02, assigned b"})
}

func TestAnyOrderOfArrivalGivesTheSameLists(t *testing.T) {
	editions := []string{first, second, first, third, second, third, "a 1/tcp A; b 2/tcp B", "a 1/tcp A", first}
	var want []File
	for seed := range uint64(30) {
		s := empty(t)
		for _, i := range rand.New(rand.NewPCG(seed, 0)).Perm(len(editions)) {
			see(t, s, i+1, editions[i])
			steps, err := Steps(context.Background(), s, nil)
			if err != nil {
				t.Fatal(err)
			}
			save(t, s, steps) // each time, so that later ones find lists that no longer hold
		}
		steps, err := Steps(context.Background(), s, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := filesOf(t, steps)
		if want == nil {
			fresh, err := Remade(context.Background(), s, nil)
			if err != nil {
				t.Fatal(err)
			}
			want = filesOf(t, fresh)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("seed %d (-want +got):\n%s", seed, diff)
		}
	}
}

// Every step's changes lead from the version that it follows to its own.
func TestStepsConserve(t *testing.T) {
	s := empty(t)
	tables := map[string]*ports.Table{}
	for i, e := range []string{first, second, first, third, "a 1/tcp A; z 2/tcp B", second, "- 1-9 Unassigned"} {
		see(t, s, i+1, e)
		tables[at(i+1)] = edition(e)
	}
	events, err := open(t, s).All()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events[1:] {
		records, err := diff.Apply(tables[e.Previous].Records, e.Changes, ports.View)
		if err != nil {
			t.Fatal(err)
		}
		got := ports.NewTable(records).Records
		if want := tables[e.Version.ID].Records; !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", e.Version.ID, got, want)
		}
	}
}

func TestAskFollowsPortsAndNames(t *testing.T) {
	s := empty(t)
	for i, e := range []string{
		"old 7/tcp D; other 70/tcp O",
		"mid 7/tcp D; other 70/tcp O",                // renamed
		"new 7/tcp D; other 70/tcp O",                // renamed
		"new 70/tcp D; - 7/tcp Reserved",             // moved to a port whose service is gone
		"new 70/tcp D; old 7/tcp Another",            // an old name, given to another service
		"new 70/tcp E [Somebody]; old 7/tcp Another", // updated
		"mid 80/udp M; new 70/tcp E [Somebody]; old 7/tcp Another",
		"new 70/tcp E [Somebody]; old 7/tcp Another", // rolled back
	} {
		see(t, s, i+1, e)
	}
	p := open(t, s)
	same(t, "new", ask(t, p, "NEW"), []string{
		"02 after 01, renamed mid", "03 after 02, renamed new", "04 after 03, moved new", "06 after 05, updated new",
	})
	same(t, "old", ask(t, p, "old"), []string{
		"02 after 01, renamed mid", "03 after 02, renamed new", "04 after 03, moved new", "05 after 04, assigned old", "06 after 05, updated new",
	})
	same(t, "mid", ask(t, p, "mid"), []string{
		"02 after 01, renamed mid", "03 after 02, renamed new", "04 after 03, moved new", "06 after 05, updated new", "07 after 06, assigned mid", "08 after 06 rolled back",
	})
	same(t, "7", ask(t, p, "7"), []string{"02 after 01, renamed mid", "03 after 02, renamed new", "04 after 03, moved new", "05 after 04, assigned old"})
	same(t, "7/udp", ask(t, p, "7/udp"), nil)
	same(t, "70", ask(t, p, "70/tcp"), []string{"04 after 03, moved new, deassigned other", "06 after 05, updated new"})
	same(t, "80", ask(t, p, "80"), []string{"07 after 06, assigned mid", "08 after 06 rolled back"})
	same(t, "assignee", ask(t, p, "[somebody_2]"), []string{"06 after 05, updated new"})
	same(t, "as of the third", ask(t, p.UpTo(at(3)), "new"), []string{"02 after 01, renamed mid", "03 after 02, renamed new"})
}

func TestAskFindsRanges(t *testing.T) {
	s := empty(t)
	see(t, s, 1, "x11 6000-6063/tcp X")
	see(t, s, 2, `x11 6000-6063/tcp "quoted\"`)
	p := open(t, s)
	save(t, s, p.Steps())
	same(t, "6010", ask(t, open(t, s), "6010"), []string{"02 after 01, updated x11"})
	same(t, "6064", ask(t, open(t, s), "6064"), nil)
}

func TestBlame(t *testing.T) {
	s := empty(t)
	for i, e := range []string{
		"old 7/tcp D [A]",
		"old 7/tcp D [B]",
		"new 7/tcp D [B]",
		"old 7/tcp D [B]", // rolled back
		"new 7/tcp D [B]", // restored
		"new 8/tcp D [B]; fresh 7/tcp F",
	} {
		see(t, s, i+1, e)
	}
	p := open(t, s)
	blames, err := p.Blame(Query{Port: 8}, portstest.Rows("new 8/tcp D [B];fresh 7/tcp F"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, b := range blames {
		for _, f := range b.Fields {
			if f.Value == "" {
				continue
			}
			since, was := "before", "nothing"
			if f.Since != "" {
				since = f.Since[6:8] + " " + string(f.Kind)
			}
			if f.Was != nil {
				was = *f.Was
			}
			got = append(got, fmt.Sprintf("%s %s since %s, was %s", f.Field, f.Value, since, was))
		}
	}
	same(t, "blame", got, []string{
		"service_name new since 03 renamed, was old",
		"port_number 8 since 06 moved, was 7",
		"transport_protocol tcp since before, was nothing",
		"description D since before, was nothing",
		"assignee [B] since 02 updated, was [A]",
		"service_name fresh since 06 assigned, was nothing",
		"port_number 7 since 06 assigned, was nothing",
		"transport_protocol tcp since 06 assigned, was nothing",
		"description F since 06 assigned, was nothing",
	})
}

// A row without a service name begins where the port had another status or a service. Redrawing its range is no change of
// it.
func TestBlameOfRowsWithoutName(t *testing.T) {
	s := empty(t)
	const newest = "- 1-4 Unassigned; e 5/tcp E; - 6-7 Unassigned; f 8/tcp F; - 9 Unassigned; - 20/tcp Reserved; - 30 Unassigned"
	for i, e := range []string{
		"- 1-9 Unassigned; ncl 20/tcp NCL; - 30 Reserved",
		"- 1-4 Unassigned; e 5/tcp E; - 6-9 Unassigned; - 20/tcp Reserved; - 30 Reserved",
		newest,
	} {
		see(t, s, i+1, e)
	}
	p := open(t, s)
	for port, want := range map[uint16]string{3: "-", 7: "-", 9: "-", 20: "02 deassigned", 30: "03 unreserved", 5: "02 assigned"} {
		q := Query{Port: port}
		blames, err := p.Blame(q, Holds(edition(newest), q))
		if err != nil || len(blames) != 1 {
			t.Fatalf("port %d: %v (%v)", port, blames, err)
		}
		for _, f := range blames[0].Fields {
			got := "-"
			if f.Since != "" {
				got = f.Since[6:8] + " " + string(f.Kind)
			}
			if f.Value != "" && got != want {
				t.Errorf("port %d: %s stands since %s, want %s", port, f.Field, got, want)
			}
		}
	}
}

func TestPresences(t *testing.T) {
	s := empty(t)
	for i, e := range []string{first, second, third, first, third, "a 1/tcp A; c 2-4/tcp B"} {
		see(t, s, i+1, e)
	}
	p := open(t, s)
	for where, want := range map[string][]string{
		"service=B":            {"b 2/tcp 02 to 03 ended", "b 2/tcp 05 to 05 ended"},
		"port=3":               {"c 3/tcp 03 to 03 ended", "c 3/tcp 05 to 05 ended", "c 2-4/tcp 06 to 06 now"},
		"port=2 service=c":     {"c 2-4/tcp 06 to 06 now"},
		"service=a":            {"a 1/tcp 01 or before to 06 now"},
		`description="X"`:      {"x 9/tcp 01 or before to 05 ended"},
		"transport=udp":        nil,
		"port=2-4 service=c":   {"c 2-4/tcp 06 to 06 now"},
		"assignee= service=y ": {"y 8/tcp 01 or before to 05 ended"},
	} {
		c, err := ParseCondition(where)
		if err != nil {
			t.Fatal(err)
		}
		periods, err := p.Presences(edition("a 1/tcp A; c 2-4/tcp B").Records, c)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, q := range periods {
			from, to := q.From[6:8], q.To[6:8]+" now"
			if !q.Begun {
				from += " or before"
			}
			if q.Ended {
				to = q.To[6:8] + " ended"
			}
			got = append(got, fmt.Sprintf("%s %s/%s %s to %s", q.Service, q.Ports, q.Transport, from, to))
		}
		same(t, where, got, want)
	}
	for _, bad := range []string{"", "service", "nosuch=1", "port=1 ports=2", `service="a`} {
		if c, err := ParseCondition(bad); err == nil {
			t.Errorf("%q is taken for %v", bad, c)
		}
	}
}

// A list that was made by other rules is made anew, whatever it says.
func TestListsOfOtherRulesAreMadeAnew(t *testing.T) {
	s := empty(t)
	see(t, s, 1, "a 1/tcp A")
	see(t, s, 2, "b 1/tcp A")
	fresh, err := Remade(context.Background(), s, nil)
	if err != nil {
		t.Fatal(err)
	}
	save(t, s, fresh)
	name := filepath.Join(s.Dir(), s.Registry(), "derived", "changes", "2020.jsonl")
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	now := fmt.Sprintf(`"differ":%d,"changes":1`, DiffVersion)
	alter := func(text, old, new string) string {
		if !strings.Contains(text, old) {
			t.Fatalf("no %s in %s", old, text)
		}
		return strings.Replace(text, old, new, 1)
	}
	reused := alter(string(data), `"kind":"renamed"`, `"kind":"reused"`)
	for _, test := range []struct{ name, list, want string }{
		{"of these rules", reused, "02 after 01, reused b"},
		{"of earlier rules", alter(reused, now, `"differ":1,"changes":1`), "02 after 01, renamed b"},
		{"of later rules", alter(reused, now, `"differ":99,"changes":1`), "02 after 01, renamed b"},
		{"in a form of earlier rules", alter(alter(string(data), now, `"differ":1,"changes":1`), `"was":"a"`, `"now":"7"`), "02 after 01, renamed b"},
		{"cut off", reused[:len(reused)-30], "02 after 01, renamed b"},
	} {
		if err := os.WriteFile(name, []byte(resealed(t, test.list)), 0o600); err != nil {
			t.Fatal(err)
		}
		same(t, test.name, all(t, open(t, s))[1:], []string{test.want})
	}
}

// resealed returns lists that were altered with checksums of what they say now.
func resealed(t *testing.T, lists string) string {
	t.Helper()
	var out strings.Builder
	for text := range strings.SplitAfterSeq(lists, `{"version":`) {
		text = strings.TrimSuffix(text, `{"version":`)
		head, lines, _ := strings.Cut(text, "\n")
		if head == "" {
			continue
		}
		var h header
		if err := json.Unmarshal([]byte(`{"version":`+head), &h); err != nil {
			t.Fatal(err)
		}
		var each [][]byte
		for line := range strings.Lines(lines) {
			each = append(each, []byte(strings.TrimSuffix(line, "\n")))
		}
		h.Sum = sum(each...)
		sealed, err := checksum.Marshal(h)
		if err != nil {
			t.Fatal(err)
		}
		out.WriteString(string(sealed) + "\n" + lines)
	}
	return out.String()
}

// A list of which any bit is another than it was written is made anew.
func TestFlippedLists(t *testing.T) {
	s := empty(t)
	see(t, s, 1, "a 1/tcp A")
	see(t, s, 2, "b 1/tcp A")
	see(t, s, 3, "b 1/tcp A; c 2/tcp C")
	fresh, err := Remade(t.Context(), s, nil)
	if err != nil {
		t.Fatal(err)
	}
	save(t, s, fresh)
	name := filepath.Join(s.Dir(), s.Registry(), "derived", "changes", "2020.jsonl")
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if want := filesOf(t, fresh); !bytes.Equal(want[0].Data, data) {
		t.Fatal("the test reads another file")
	}
	for i := range data {
		flipped := bytes.Clone(data)
		flipped[i] ^= 1 << (i % 8)
		if err := os.WriteFile(name, flipped, 0o600); err != nil {
			t.Fatal(err)
		}
		steps, err := Steps(t.Context(), s, nil)
		if err != nil {
			t.Fatalf("byte %d: %v", i, err)
		}
		if got := filesOf(t, steps); !bytes.Equal(got[0].Data, data) {
			t.Fatalf("byte %d: other lists", i)
		}
	}
}

func FuzzReadLists(f *testing.F) {
	f.Add([]byte(`{"version":"20200102T000000Z","previous":"20200101T000000Z","differ":4,"changes":1}` + "\n" + `{"registry":"r","kind":"assigned"}` + "\n"))
	f.Add([]byte(`{"version":"a","changes":-1}` + "\n" + `{"version":"b","changes":9}` + "\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		known := map[string]list{}
		readLists(data, known)
		for id, l := range known {
			if l.head.Version != id || l.head.Changes != max(0, len(l.lines)) && l.head.Changes > 0 {
				t.Errorf("%q: %+v", id, l)
			}
		}
	})
}

// seeAnew brings an edition again: the same table, other bytes.
func seeAnew(t *testing.T, s *snapshots.Store, day int, text string) {
	t.Helper()
	bytes := append(edition(text).CSV(), '\n')
	if _, added, err := s.Import(snapshots.Edition{Bytes: bytes, Seen: time.Date(2020, 1, day, 0, 0, 0, 0, time.UTC)}); !added || err != nil {
		t.Fatal(added, err)
	}
}

// A rollback that is exported anew is still a rollback: what follows it may go on from the newer edition.
func TestRollbackExportedAnew(t *testing.T) {
	const older, newer = "a 1/tcp A", "a 1/tcp A; b 2/tcp B; c 3/tcp C; d 4/tcp D"
	s := empty(t)
	see(t, s, 1, older)
	see(t, s, 2, newer)
	see(t, s, 3, older)
	seeAnew(t, s, 4, older)
	see(t, s, 5, newer+"; e 5/tcp E")
	same(t, "all", all(t, open(t, s)), []string{
		"01", "02 after 01, assigned b, assigned c, assigned d", "03 after 01 rolled back", "04 after 03", "05 after 02, assigned e",
	})
}

// A service has another name from the rename that gave it to the rename that took it away. Renames of other services do
// not end that.
func TestAskFollowsOneService(t *testing.T) {
	for _, test := range []struct {
		name, service string
		editions      []string
		want          []string
	}{
		{"the new name was another's", "a", []string{
			"a 1/tcp A; b 2/tcp B", "a 1/tcp A; c 2/tcp B", "b 1/tcp A; c 2/tcp B", "b 1/tcp A2; c 2/tcp B",
		}, []string{"03 after 02, renamed b", "04 after 03, updated b"}},
		{"another is renamed after it", "a", []string{
			"a 1/tcp A; x 2/tcp X", "b 1/tcp A; x 2/tcp X", "b 1/tcp A; y 2/tcp X", "b 1/tcp A2; y 2/tcp X",
		}, []string{"02 after 01, renamed b", "04 after 03, updated b"}},
		{"the new name is lost, and another's then", "a", []string{
			"a 1/tcp A", "b 1/tcp A", "c 1/tcp A", "b 9/udp B; c 1/tcp A", "b 9/udp B; c 1/tcp A2",
		}, []string{"02 after 01, renamed b", "03 after 02, renamed c", "05 after 04, updated c"}},
		{"the old name is another's later", "n", []string{
			"m 1/tcp M; x 2/tcp X", "m 1/tcp M2; x 2/tcp X", "n 1/tcp M2; x 2/tcp X", "n 1/tcp M2; m 2/tcp X",
		}, []string{"02 after 01, updated m", "03 after 02, renamed n"}},
		{"another is renamed before it", "n", []string{
			"m 1/tcp M; x 2/tcp X", "m 1/tcp M2; x 2/tcp X", "m 1/tcp M2; y 2/tcp X", "n 1/tcp M2; y 2/tcp X",
		}, []string{"02 after 01, updated m", "04 after 03, renamed n"}},
		{"the old name was another's before", "n", []string{
			"l 1/tcp L; m 2/udp M", "l 1/tcp L; m 2/udp M2", "l 1/tcp L", "m 1/tcp L", "n 1/tcp L",
		}, []string{"04 after 03, renamed m", "05 after 04, renamed n"}},
		{"to and fro", "a", []string{
			"a 1/tcp A", "b 1/tcp A", "a 1/tcp A; x 9/tcp X", "b 1/tcp A; x 9/tcp X", "b 1/tcp A2; x 9/tcp X",
		}, []string{"02 after 01, renamed b", "03 after 02, renamed a", "04 after 03, renamed b", "05 after 04, updated b"}},
	} {
		s := empty(t)
		for i, e := range test.editions {
			see(t, s, i+1, e)
		}
		same(t, test.name, ask(t, open(t, s), test.service), test.want)
	}
}

// The renames of one version happen at once: where one version renames a to b and b to c, the b that became c is another
// service.
func TestRenamesOfOneVersion(t *testing.T) {
	renames := []rename{{1, "x", "b"}, {3, "b", "c"}, {3, "a", "b"}, {3, "c", "d"}, {5, "b", "e"}}
	if got := until(renames, renames[2]); got != 5 {
		t.Errorf("b is lost at %d, want 5", got)
	}
	if got := since(renames, renames[1]); got != 1 {
		t.Errorf("b is had since %d, want 1", got)
	}
}

// An empty value selects records without a port, or without a name, and never port 0. A port or range selects the ranges
// that contain all of it; numbers in other columns are no ports.
func TestPeriodsWithoutPort(t *testing.T) {
	s := empty(t)
	const oldest = "gone /tcp G; r 2-4/tcp R; x 9/tcp X; z 0/tcp Z"
	see(t, s, 1, oldest)
	see(t, s, 2, "gone /tcp G; new /tcp N; - 7/tcp Reserved; r 2-4/tcp R; x 9/tcp X; z 0/tcp Z")
	const newest = "new /tcp N; - 7/tcp Reserved; r 2-4/tcp R; x /tcp X; z 0/tcp Z2"
	see(t, s, 3, newest)
	p := open(t, s)
	for where, want := range map[string][]string{
		"port=":           {"gone on  01 to 02", "new on  02 to 03", "x on  03 to 03"},
		"port= service=x": {"x on  03 to 03"},
		"port=0":          {"z on 0 01 to 03"},
		"service=":        {" on 7 02 to 03"},
		"port=2-3":        {"r on 2-4 01 to 03"},
		"port=3-5":        nil,
		"port=1-3":        nil,
		"description=3":   nil,
	} {
		c, err := ParseCondition(where)
		if err != nil {
			t.Fatal(err)
		}
		periods, err := p.Presences(edition(newest).Records, c)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, q := range periods {
			got = append(got, fmt.Sprintf("%s on %s %s to %s", q.Service, q.Ports, q.From[6:8], q.To[6:8]))
		}
		same(t, where, got, want)
	}
}

// Steps makes a list anew that is damaged or of other versions.
func TestDamagedListsAreMadeAnew(t *testing.T) {
	s := empty(t)
	for i, e := range []string{first, second, first, third} {
		see(t, s, i+1, e)
	}
	fresh, err := Remade(context.Background(), s, nil)
	if err != nil {
		t.Fatal(err)
	}
	files := filesOf(t, fresh)
	want := string(files[0].Data)
	for name, edit := range map[string][2]string{
		"follows none of those it is nearest of": {fmt.Sprintf(`"previous":%q,"nearest_of"`, at(2)), fmt.Sprintf(`"previous":%q,"nearest_of"`, at(1))},
		"nearest of others":                      {fmt.Sprintf(`"nearest_of":[%q,%q]`, at(3), at(2)), fmt.Sprintf(`"nearest_of":[%q,%q]`, at(2), at(1))},
		"has no changes":                         {fmt.Sprintf(`"nearest_of":[%q,%q],"differ":4,"changes":1`, at(3), at(2)), fmt.Sprintf(`"nearest_of":[%q,%q],"differ":4,"changes":0`, at(3), at(2))},
		"has fewer changes than it says":         {fmt.Sprintf(`"nearest_of":[%q,%q],"differ":4,"changes":1`, at(3), at(2)), fmt.Sprintf(`"nearest_of":[%q,%q],"differ":4,"changes":2`, at(3), at(2))},
		"is no JSON":                             {`"kind":"assigned","key":{"service_name":"c"`, `"kind":"assigned","key":{"service_name":c`},
	} {
		damaged := strings.Replace(want, edit[0], edit[1], 1)
		if damaged == want {
			t.Fatalf("%s: nothing is altered in\n%s", name, want)
		}
		if _, err := s.WriteDerived(files[0].Name, []byte(damaged)); err != nil {
			t.Fatal(err)
		}
		steps, err := Steps(context.Background(), s, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := filesOf(t, steps)
		if diff := cmp.Diff(want, string(got[0].Data)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	// Open does not parse the lines: a line that is cut off after a record ends with a brace, too.
	if _, err := s.WriteDerived(files[0].Name, []byte(want[:strings.LastIndex(want, "}]}")+1])); err != nil {
		t.Fatal(err)
	}
	same(t, "cut off", all(t, open(t, s)), all(t, Of(fresh)))
}

// A record without a transport holds for every transport.
func TestAskOnATransport(t *testing.T) {
	s := empty(t)
	for i, e := range []string{"x 9/tcp X", "a 7/ A; x 9/tcp X", "a 7/ A; b 7/udp B; x 9/tcp X"} {
		see(t, s, i+1, e)
	}
	p := open(t, s)
	same(t, "7", ask(t, p, "7"), []string{"02 after 01, assigned a", "03 after 02, assigned b"})
	same(t, "7/udp", ask(t, p, "7/udp"), []string{"02 after 01, assigned a", "03 after 02, assigned b"})
	same(t, "7/tcp", ask(t, p, "7/tcp"), []string{"02 after 01, assigned a"})
}

// Since leaves out the changes of the version itself.
func TestSince(t *testing.T) {
	s := empty(t)
	for i, e := range []string{first, second, third, second, "a 1/tcp A; b 2/tcp B; d 4/tcp D; x 9/tcp X; y 8/tcp Y"} {
		see(t, s, i+1, e)
	}
	p := open(t, s)
	for id, want := range map[string][]string{
		at(1): {"02 after 01, assigned b", "03 after 02, assigned c", "04 after 02 rolled back", "05 after 04, assigned d"},
		at(3): {"04 after 02 rolled back", "05 after 04, assigned d"},
		at(5): nil,
	} {
		events, err := p.Since(id, func(c *diff.Change) bool { return c.Kind == diff.Assigned })
		if err != nil {
			t.Fatal(err)
		}
		same(t, "since "+id, told(t, events), want)
	}
	events, err := p.Since(at(1), func(c *diff.Change) bool { return c.Name == "b" })
	if err != nil {
		t.Fatal(err)
	}
	same(t, "of b", told(t, events), []string{"02 after 01, assigned b"})
}

// Lists of changes that do not lead to the newest table are no history of it.
func TestPeriodsRefuseAnotherTable(t *testing.T) {
	s := empty(t)
	for i, e := range []string{first, second, third} {
		see(t, s, i+1, e)
	}
	p := open(t, s)
	if list, err := p.Periods(edition(third).Records); err != nil || len(list) != 5 {
		t.Errorf("%d periods (%v), want 5", len(list), err)
	}
	if _, err := open(t, s).Periods(edition(second).Records); err == nil {
		t.Error("the periods of another table are accepted")
	}
}
