package sync

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/internal/layout"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/snapshots"
)

// contents returns the files of a folder by their names.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, name))
		files[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// deriveAt stores an edition of a year and derives the files.
func deriveAt(t *testing.T, s *snapshots.Store, year int, body []byte) {
	t.Helper()
	if _, _, err := s.Import(snapshots.Edition{Bytes: body, Seen: time.Date(year, 5, 6, 7, 8, 9, 0, time.UTC), Source: "files"}); err != nil {
		t.Fatal(err)
	}
	if _, err := Derive(t.Context(), s, nil, nil); err != nil {
		t.Fatal(err)
	}
}

// Files of several years are those of the versions, whatever the order in which these came.
func TestYearsInAnyOrder(t *testing.T) {
	bodies := [][]byte{first, second, third, first, second}
	var want map[string]string
	for _, order := range [][]int{{0, 1, 2, 3, 4}, {4, 3, 2, 1, 0}, {2, 0, 4, 1, 3}, {3, 4, 0, 1, 2}} {
		dir := t.TempDir()
		s := open(t, dir)
		for _, i := range order {
			deriveAt(t, s, 2020+i, bodies[i])
			if faults, err := CheckDerived(t.Context(), s); err != nil || len(faults) > 0 {
				t.Fatalf("%v, after %d: %+v, %v", order, i, faults, err)
			}
		}
		got := contents(t, dir)
		maps.DeleteFunc(got, func(name, _ string) bool {
			return layout.IsBytes(name) || layout.IsVersions(name) || name == layout.Lock
		})
		if want == nil {
			want = got
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%v (-in order +not):\n%s", order, d)
		}
	}
	for _, name := range []string{layout.Changelog, "changelog/2020.md", "changelog/2021.md", "changelog/2022.md"} {
		if want[name] == "" {
			t.Errorf("there is no %s", name)
		}
	}
	if want["changelog/2023.md"] != "" {
		t.Error("one of the two newest years has a file of its own")
	}
}

// A new version neither reads nor writes the files of years before the two newest.
func TestEarlierYearsAreLeftAlone(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	for i, body := range [][]byte{first, second, third, second, first} {
		deriveAt(t, s, 2020+i, body)
	}
	of := layout.Group(small.ID)
	early := []string{layout.ChangelogOf("2020"), layout.ChangelogOf("2021"), of.ChangesOf("2020"), of.ChangesOf("2021")}
	whole := contents(t, dir)
	spoil := func() {
		t.Helper()
		for _, name := range early {
			if err := os.WriteFile(filepath.Join(dir, name), []byte("spoilt\n"), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	spoil()
	deriveAt(t, s, 2025, csvOf("a", "b", "c", "d", "e", "x", "y"))
	now := contents(t, dir)
	for _, name := range early {
		if now[name] != "spoilt\n" {
			t.Errorf("%s was made anew", name)
		}
	}
	if now[layout.ChangelogOf("2023")] == "" || now[layout.ChangelogOf("2024")] != "" || strings.Contains(now[layout.Changelog], "\n## 2023") {
		t.Error("2023 is not an earlier year now")
	}

	check := func(why string) {
		t.Helper()
		now := contents(t, dir)
		for _, name := range early {
			if now[name] != whole[name] {
				t.Errorf("%s: %s is not as the versions give it", why, name)
			}
		}
	}
	deriveAt(t, s, 2018, csvOf("p", "q", "r", "s", "t"))
	early = []string{layout.ChangelogOf("2021"), of.ChangesOf("2021")} // 2020 does not begin the history any more
	check("with history before them")

	spoil()
	if err := s.DerivedDone("other rules"); err != nil {
		t.Fatal(err)
	}
	deriveAt(t, s, 2026, third)
	check("by other rules")

	spoil()
	if err := os.WriteFile(filepath.Join(dir, layout.Changelog), []byte(whole[layout.Changelog]+"more\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	deriveAt(t, s, 2028, second)
	check("with more in the newest changelog")

	spoil()
	if err := os.Remove(filepath.Join(dir, of.ChangesOf("2022"))); err != nil {
		t.Fatal(err)
	}
	deriveAt(t, s, 2027, first)
	check("with a file missing")
}

// TestDeriveAfterKill has runs that were killed when they had written some of what is derived from a new version: each file alone, and
// all but the state, which is written last. The next run makes all of it as if none had been killed.
func TestDeriveAfterKill(t *testing.T) {
	openColours := func(dir string) *snapshots.Store {
		t.Helper()
		s, err := snapshots.OpenForWriting(t.Context(), dir, registry.NewXMLGroup("colours"), time.Second)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	openPorts := func(dir string) *snapshots.Store { return open(t, dir) }
	of := func(names ...string) []byte {
		records := "<record><name>" + strings.Join(names, "</name></record><record><name>") + "</name></record>"
		return []byte(`<registry xmlns="http://www.iana.org/assignments" id="colours"><title>Colours</title><registry id="web">` + records + "</registry></registry>")
	}
	put := func(s *snapshots.Store, day int, body []byte) {
		t.Helper()
		if _, _, err := s.Import(snapshots.Edition{Bytes: body, Seen: time.Date(2021, 5, day, 0, 0, 0, 0, time.UTC), Source: "files"}); err != nil {
			t.Fatal(err)
		}
	}
	derive := func(s *snapshots.Store) {
		t.Helper()
		if _, err := Derive(t.Context(), s, nil, nil); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	kill := func(dir string, opens func(dir string) *snapshots.Store, body []byte) {
		t.Helper()
		s := opens(dir)
		put(s, 20, body)
		stored := contents(t, dir)
		derive(s)
		want := contents(t, dir)
		var killed []map[string]string
		all := maps.Clone(stored)
		for name, data := range want {
			if stored[name] != data && path.Base(name) != "state.json" {
				one := maps.Clone(stored)
				one[name], all[name] = data, data
				killed = append(killed, one)
			}
		}
		if len(killed) < 3 {
			t.Errorf("%d files were written, want the table, a list and a changelog at least", len(killed))
		}
		for _, files := range append(killed, all) {
			again := t.TempDir()
			for name, data := range files {
				file := filepath.Join(again, filepath.FromSlash(name))
				if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o777), os.WriteFile(file, []byte(data), 0o666)); err != nil {
					t.Fatal(err)
				}
			}
			derive(opens(again))
			if d := cmp.Diff(want, contents(t, again)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		}
	}

	dir := t.TempDir()
	s := openPorts(dir)
	put(s, 1, first)
	put(s, 2, second)
	derive(s)
	kill(dir, openPorts, third) // alone

	dir = t.TempDir()
	s = openPorts(dir)
	put(s, 1, first)
	put(s, 2, second)
	derive(s)
	s = openColours(dir)
	put(s, 3, of("red"))
	put(s, 4, of("red", "blue"))
	derive(s)
	kill(dir, openPorts, third)
	kill(dir, openColours, of("red", "green"))
}

// The subjects of long lists of changes are derived as the lists are: those of years before the two newest stay as they are, and
// what is altered or missing is named, and made anew.
func TestSubjectsAreDerived(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	names := func(prefix string) (list []string) {
		for i := range 60 {
			list = append(list, fmt.Sprintf("%s%d", prefix, i))
		}
		return list
	}
	bodies := [][]byte{csvOf(names("a")...), csvOf(names("b")...)}
	for i := range 4 {
		deriveAt(t, s, 2020+i, bodies[i%2])
	}
	of := layout.Group(small.ID)
	whole := contents(t, dir)
	if text := whole[of.SubjectsOf("2021")]; !strings.Contains(text, "\tport/") || !strings.Contains(text, "service/b59\n") {
		t.Fatalf("the subjects of 2021 are %q", text)
	}
	if _, has := whole[of.SubjectsOf("2020")]; has {
		t.Error("the list of the first version has a file of subjects")
	}
	check := func(want ...snapshots.Fault) {
		t.Helper()
		faults, err := CheckDerived(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, faults); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	}
	check()
	name := filepath.Join(dir, of.SubjectsOf("2021"))
	if err := os.WriteFile(name, []byte("spoilt\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	deriveAt(t, s, 2024, csvOf(names("c")...))
	if now := contents(t, dir); now[of.SubjectsOf("2021")] != "spoilt\n" || now[of.SubjectsOf("2024")] == "" {
		t.Error("the subjects of 2021 were made anew, or those of 2024 were not made")
	}
	check(snapshots.Fault{File: of.SubjectsOf("2021"), Problem: "it is not what the versions give", Remedy: snapshots.Derive})
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	check(snapshots.Fault{File: of.SubjectsOf("2021"), Problem: "it is missing", Remedy: snapshots.Derive})
	if err := Rederive(t.Context(), s, nil); err != nil {
		t.Fatal(err)
	}
	check()
}
