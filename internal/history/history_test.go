package history

import (
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

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/registry/registrytest"
	"github.com/ianasync/ianasync/snapshots"
)

// edition is the table of rows: see [registrytest.Rows].
func edition(text string) *registry.Table { return registrytest.Table(registrytest.Rows(text)) }

func at(day int) string { return snapshots.FormatID(time.Date(2020, 1, day, 0, 0, 0, 0, time.UTC)) }

// empty is a store without versions.
func empty(t *testing.T) *snapshots.Store {
	t.Helper()
	s, err := snapshots.OpenForWriting(context.Background(), t.TempDir(), registry.ServiceNames(), 0)
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
	if _, _, err := s.Import(snapshots.Edition{Bytes: table.CSV(), Seen: time.Date(2020, 1, day, 0, 0, 0, 0, time.UTC), Table: table}); err != nil {
		t.Fatal(err)
	}
}

// save writes the lists of changes into the store.
func save(t *testing.T, s *snapshots.Store, steps []Step) {
	t.Helper()
	files, err := Files(steps)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
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
			line += fmt.Sprintf(", %s %s", c.Kind, c.Service)
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
		got, err := Files(steps)
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			fresh, err := Remade(context.Background(), s, nil)
			if err != nil {
				t.Fatal(err)
			}
			if want, err = Files(fresh); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("seed %d (-want +got):\n%s", seed, diff)
		}
	}
}

// Every step's changes lead from the version that it follows to its own.
func TestStepsConserve(t *testing.T) {
	s := empty(t)
	tables := map[string]*registry.Table{}
	for i, e := range []string{first, second, first, third, "a 1/tcp A; z 2/tcp B", second, "- 1-9 Unassigned"} {
		see(t, s, i+1, e)
		tables[at(i+1)] = edition(e)
	}
	events, err := open(t, s).All()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events[1:] {
		got, err := diff.Apply(tables[e.Previous], e.Changes)
		if err != nil {
			t.Fatal(err)
		}
		if want := tables[e.Version.ID].Records; !slices.Equal(got.Records, want) {
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
	blames, err := p.Blame(registrytest.Rows("new 8/tcp D [B];fresh 7/tcp F"))
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
		"assignee [B] since 02 transferred, was [A]",
		"service_name fresh since 06 assigned, was nothing",
		"port_number 7 since 06 assigned, was nothing",
		"transport_protocol tcp since 06 assigned, was nothing",
		"description F since 06 assigned, was nothing",
	})
}

func TestPeriods(t *testing.T) {
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
		periods, err := p.Periods(edition(first).Records, c)
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

// A list that an earlier release made stays as it was published, if it is true.
func TestOldNewsIsKept(t *testing.T) {
	s := empty(t)
	see(t, s, 1, "a 1/tcp A")
	see(t, s, 2, "b 1/tcp A")
	fresh, err := Remade(context.Background(), s, nil)
	if err != nil {
		t.Fatal(err)
	}
	save(t, s, fresh)
	name := filepath.Join(s.Dir(), "derived", "changes", "2020.jsonl")
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	published := strings.Replace(strings.Replace(string(data), `"differ":1,"changes":1`, `"differ":0,"changes":1`, 1), `"kind":"renamed"`, `"kind":"reused"`, 1)
	for _, test := range []struct{ name, list, want string }{
		{"as true", published, "02 after 01, reused b"},
		{"false", strings.Replace(published, `"service_name":"b"`, `"service_name":"c"`, 1), "02 after 01, renamed b"},
		{"of this release", strings.Replace(published, `"differ":0`, `"differ":1`, 1), "02 after 01, renamed b"},
		{"cut off", published[:len(published)-30], "02 after 01, renamed b"},
	} {
		if test.list == string(data) {
			t.Fatal("nothing is altered")
		}
		if err := os.WriteFile(name, []byte(test.list), 0o600); err != nil {
			t.Fatal(err)
		}
		kept, err := Kept(s, fresh)
		if err != nil {
			t.Fatal(err)
		}
		same(t, test.name, all(t, Of(kept))[1:], []string{test.want})
	}
}

func FuzzReadLists(f *testing.F) {
	f.Add([]byte(`{"version":"20200102T000000Z","previous":"20200101T000000Z","differ":1,"changes":1}` + "\n" + `{"kind":"assigned"}` + "\n"))
	f.Add([]byte(`{"version":"a","changes":-1}` + "\n" + `{"version":"b","changes":9}` + "\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		known := map[string]list{}
		readLists(data, json.Valid, known)
		for id, l := range known {
			if l.head.Version != id || l.head.Changes != max(0, len(l.lines)) && l.head.Changes > 0 {
				t.Errorf("%q: %+v", id, l)
			}
		}
	})
}
