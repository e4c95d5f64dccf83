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
	"github.com/ianasync/ianasync/internal/history/historytest"
	"github.com/ianasync/ianasync/internal/layout"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

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
		s := historytest.Of(t, test.editions...)
		same(t, test.name, all(t, open(t, s)), test.want)
	}
}

// The bytes differ, the table does not: the version is there, and brings nothing.
func TestExportedAnewIsNoReturn(t *testing.T) {
	s := historytest.Empty(t)
	historytest.See(t, s, 1, first)
	table := historytest.Edition(first)
	bytes := append(table.CSV(), '\n')
	if _, added, err := s.Import(snapshots.Edition{Bytes: bytes, Seen: time.Date(2020, 1, 2, 0, 0, 0, 0, time.UTC)}); !added || err != nil {
		t.Fatal(added, err)
	}
	historytest.See(t, s, 3, second)
	same(t, "all", all(t, open(t, s)), []string{"01", "02 after 01", "03 after 02, assigned b"})
}

func TestAnyOrderOfArrivalGivesTheSameLists(t *testing.T) {
	editions := []string{first, second, first, third, second, third, "a 1/tcp A; b 2/tcp B", "a 1/tcp A", first}
	var want []File
	for seed := range uint64(30) {
		s := historytest.Empty(t)
		for _, i := range rand.New(rand.NewPCG(seed, 0)).Perm(len(editions)) {
			historytest.See(t, s, i+1, editions[i])
			steps, _, err := Steps(context.Background(), s, "", nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			save(t, s, steps) // each time, so that later ones find lists that no longer hold
		}
		steps, _, err := Steps(context.Background(), s, "", nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := filesOf(t, steps)
		if want == nil {
			fresh, _, err := Remade(context.Background(), s, nil)
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
	s := historytest.Empty(t)
	tables := map[string]*ports.Table{}
	for i, e := range []string{first, second, first, third, "a 1/tcp A; z 2/tcp B", second, "- 1-9 Unassigned"} {
		historytest.See(t, s, i+1, e)
		tables[historytest.At(i+1)] = historytest.Edition(e)
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

// A list that was made by other rules is made anew, whatever it says.
func TestListsOfOtherRulesAreMadeAnew(t *testing.T) {
	s := historytest.Of(t, "a 1/tcp A", "b 1/tcp A")
	fresh, _, err := Remade(context.Background(), s, nil)
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
	s := historytest.Of(t, "a 1/tcp A", "b 1/tcp A", "b 1/tcp A; c 2/tcp C")
	fresh, _, err := Remade(t.Context(), s, nil)
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
		steps, _, err := Steps(t.Context(), s, "", nil, nil)
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
	bytes := append(historytest.Edition(text).CSV(), '\n')
	if _, added, err := s.Import(snapshots.Edition{Bytes: bytes, Seen: time.Date(2020, 1, day, 0, 0, 0, 0, time.UTC)}); !added || err != nil {
		t.Fatal(added, err)
	}
}

// A rollback that is exported anew is still a rollback: what follows it may go on from the newer edition.
func TestRollbackExportedAnew(t *testing.T) {
	const older, newer = "a 1/tcp A", "a 1/tcp A; b 2/tcp B; c 3/tcp C; d 4/tcp D"
	s := historytest.Empty(t)
	historytest.See(t, s, 1, older)
	historytest.See(t, s, 2, newer)
	historytest.See(t, s, 3, older)
	seeAnew(t, s, 4, older)
	historytest.See(t, s, 5, newer+"; e 5/tcp E")
	same(t, "all", all(t, open(t, s)), []string{
		"01", "02 after 01, assigned b, assigned c, assigned d", "03 after 01 rolled back", "04 after 03", "05 after 02, assigned e",
	})
}

// Steps makes a list anew that is damaged or of other versions.
func TestDamagedListsAreMadeAnew(t *testing.T) {
	s := historytest.Of(t, first, second, first, third)
	fresh, _, err := Remade(context.Background(), s, nil)
	if err != nil {
		t.Fatal(err)
	}
	files := filesOf(t, fresh)
	want := string(files[0].Data)
	for name, edit := range map[string][2]string{
		"follows none of those it is nearest of": {fmt.Sprintf(`"previous":%q,"nearest_of"`, historytest.At(2)), fmt.Sprintf(`"previous":%q,"nearest_of"`, historytest.At(1))},
		"nearest of others":                      {fmt.Sprintf(`"nearest_of":[%q,%q]`, historytest.At(3), historytest.At(2)), fmt.Sprintf(`"nearest_of":[%q,%q]`, historytest.At(2), historytest.At(1))},
		"has no changes":                         {fmt.Sprintf(`"nearest_of":[%q,%q],"differ":4,"changes":1`, historytest.At(3), historytest.At(2)), fmt.Sprintf(`"nearest_of":[%q,%q],"differ":4,"changes":0`, historytest.At(3), historytest.At(2))},
		"has fewer changes than it says":         {fmt.Sprintf(`"nearest_of":[%q,%q],"differ":4,"changes":1`, historytest.At(3), historytest.At(2)), fmt.Sprintf(`"nearest_of":[%q,%q],"differ":4,"changes":2`, historytest.At(3), historytest.At(2))},
		"is no JSON":                             {`"kind":"assigned","key":{"service_name":"c"`, `"kind":"assigned","key":{"service_name":c`},
	} {
		damaged := strings.Replace(want, edit[0], edit[1], 1)
		if damaged == want {
			t.Fatalf("%s: nothing is altered in\n%s", name, want)
		}
		if _, err := s.WriteDerived(files[0].Name, []byte(damaged)); err != nil {
			t.Fatal(err)
		}
		steps, _, err := Steps(context.Background(), s, "", nil, nil)
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

// Since leaves out the changes of the version itself.
func TestSince(t *testing.T) {
	s := historytest.Of(t, first, second, third, second, "a 1/tcp A; b 2/tcp B; d 4/tcp D; x 9/tcp X; y 8/tcp Y")
	p := open(t, s)
	for id, want := range map[string][]string{
		historytest.At(1): {"02 after 01, assigned b", "03 after 02, assigned c", "04 after 02 rolled back", "05 after 04, assigned d"},
		historytest.At(3): {"04 after 02 rolled back", "05 after 04, assigned d"},
		historytest.At(5): nil,
	} {
		events, err := p.Since(id, func(c *diff.Change) bool { return c.Kind == diff.Assigned })
		if err != nil {
			t.Fatal(err)
		}
		same(t, "since "+id, told(t, events), want)
	}
	events, err := p.Since(historytest.At(1), func(c *diff.Change) bool { return c.Name == "b" })
	if err != nil {
		t.Fatal(err)
	}
	same(t, "of b", told(t, events), []string{"02 after 01, assigned b"})
}

// TestFound holds that changes which were found before are taken where a version can follow but one.
func TestFound(t *testing.T) {
	s := historytest.Of(t, first, second, first, third)
	marked := func(before, after string) *Found {
		var found Found
		found.Add(historytest.Edition(before).Digest(), historytest.Edition(after).Digest(), []diff.Change{{Kind: diff.Assigned, Name: "found"}})
		return &found
	}
	for _, test := range []struct {
		found *Found
		at    int // the step that has the mark; 0 for none
	}{{marked(first, second), 1}, {marked(second, first), 0}, {marked(first, third), 0}, {new(Found), 0}} {
		steps, _, err := Steps(t.Context(), s, "", test.found, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, step := range steps {
			if marked := bytes.Contains(bytes.Join(step.lines, nil), []byte(`"found"`)); marked != (i == test.at && i > 0) {
				t.Errorf("of %v step %d is %q", test.found, i, step.lines)
			}
		}
	}
}
