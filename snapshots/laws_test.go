package snapshots

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ianasync/ianasync/internal/layout"
	"github.com/ianasync/ianasync/registry"
)

// Any order of arrival gives the versions of time order.
func TestAnyOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		days := rapid.SliceOfNDistinct(rapid.IntRange(0, 40), 1, 10, rapid.ID).Draw(rt, "days")
		var editions []Edition
		for _, day := range days {
			editions = append(editions, edition(day, rapid.IntRange(0, 3).Draw(rt, "content")))
		}
		shuffled := rapid.Permutation(editions).Draw(rt, "order")
		slices.SortFunc(editions, func(a, b Edition) int { return a.Seen.Compare(b.Seen) })
		want := make(map[string][]byte)
		var ids []string
		for i, e := range editions {
			if i == 0 || string(editions[i-1].Bytes) != string(e.Bytes) {
				want[FormatID(e.Seen)] = e.Bytes
				ids = append(ids, FormatID(e.Seen))
			}
		}
		inOrder, mixed := t.TempDir(), t.TempDir()
		a, b := open(t, inOrder), open(t, mixed)
		importAll(t, a, editions...)
		for _, e := range shuffled {
			if rapid.Bool().Draw(rt, "reopen") {
				b.Close()
				b = open(t, mixed)
			}
			importAll(t, b, e)
		}
		var got []string
		for _, v := range b.Versions() {
			got = append(got, v.ID)
		}
		if diff := cmp.Diff(ids, got); diff != "" {
			rt.Fatalf("ids (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(a.Versions(), b.Versions()); diff != "" {
			rt.Fatalf("versions (-in order +mixed):\n%s", diff)
		}
		wantBytes(t, mixed, want)
		wantSound(t, b)
		if t.Failed() {
			rt.FailNow()
		}
	})
}

var errKilled = errors.New("killed")

// frailDisk fails from the n-th change on, in one of the ways in which a process can
// die or a disk be full.
type frailDisk struct {
	left   int    // changes that still succeed
	how    string // what the failing one leaves behind
	broken bool
}

var deaths = []string{"nothing", "a temporary file", "all of it"}

func (d *frailDisk) Write(path string, data []byte) error {
	if d.left--; d.left >= 0 {
		return plainDisk{}.Write(path, data)
	}
	if !d.broken {
		d.broken = true
		switch d.how {
		case "a temporary file":
			plainDisk{}.Write(filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".00000000.ianasync-tmp"), data[:len(data)/2])
		case "all of it":
			plainDisk{}.Write(path, data)
		}
	}
	return errKilled
}

func (d *frailDisk) Remove(path string) error {
	if d.left--; d.left >= 0 {
		return plainDisk{}.Remove(path)
	}
	if !d.broken && d.how == "all of it" {
		_ = plainDisk{}.Remove(path)
	}
	d.broken = true
	return errKilled
}

// machine is a store under test, and what must be in it.
type machine struct {
	t    *testing.T
	dir  string
	disk *frailDisk
	s    *Store
	had  map[string]string // the immutable files and the lines that were there
}

// step does one thing to the store, which may fail by the frail disk only.
func (m *machine) step(rt *rapid.T) error {
	day, k := rapid.IntRange(0, 20).Draw(rt, "day"), rapid.IntRange(0, 5).Draw(rt, "content")
	switch rapid.SampledFrom([]string{"import", "import", "import", "put", "quarantine", "derived", "done", "check"}).Draw(rt, "what") {
	case "import":
		_, _, err := m.s.Import(edition(day, k))
		return err
	case "put":
		_, _, err := m.s.Put(edition(day, k))
		return err
	case "quarantine":
		_, err := m.s.Quarantine(content(k)[:100+k], Rejection{Seen: at(day)})
		return err
	case "derived":
		_, err := m.s.WriteDerived("CHANGELOG.md", content(k))
		return err
	case "check":
		return m.s.SetCheck(Check{Checked: at(day), Outcome: Unchanged})
	}
	return m.makeDerived()
}

// makeDerived does what a run does after it has stored something.
func (m *machine) makeDerived() error {
	if v, ok := m.s.Latest(); ok {
		data, err := m.s.Bytes(v)
		if err != nil {
			return err
		}
		t, err := registry.Parse(data)
		if err != nil {
			return err
		}
		if _, err := m.s.WriteDerived(m.s.TableFile(), t.CSV()); err != nil {
			return err
		}
	}
	return m.s.DerivedDone()
}

// die ends the process, as the store sees it, and starts another.
func (m *machine) die(rt *rapid.T) {
	if m.s != nil {
		_ = m.s.lock.flock.Unlock()
	}
	reader, err := Open(m.dir)
	if err != nil && !errors.Is(err, ErrNoStore) {
		rt.Fatalf("after a kill, for reading: %v", err)
	}
	if err == nil {
		m.sound(rt, reader)
	}
	*m.disk = frailDisk{left: rapid.IntRange(0, 30).Draw(rt, "kill after"), how: rapid.SampledFrom(deaths).Draw(rt, "leaves")}
	m.s, err = openForWriting(context.Background(), m.dir, testRegistry, 0, m.disk)
	for errors.Is(err, errKilled) { // in the midst of clearing up
		*m.disk = frailDisk{left: 100}
		m.s, err = openForWriting(context.Background(), m.dir, testRegistry, 0, m.disk)
	}
	if err != nil {
		rt.Fatalf("after a kill, for writing: %v", err)
	}
	m.sound(rt, m.s)
	if temps, _ := m.s.temps(); len(temps) > 0 {
		rt.Fatalf("left over: %v", temps)
	}
}

// sound checks the laws that hold at all times.
func (m *machine) sound(rt *rapid.T, s *Store) {
	faults, err := s.Verify(context.Background(), nil)
	if err != nil {
		rt.Fatal(err)
	}
	for _, f := range faults {
		if !f.Note {
			rt.Fatalf("fault: %+v", f)
		}
	}
	have := make(map[string]string)
	for i := range s.history.lines {
		have["line "+s.history.lines[i].ID] = string(s.history.lines[i].text)
	}
	for _, b := range s.history.blobs {
		data, _ := os.ReadFile(s.path(b.file()))
		have[b.file()] = string(data)
	}
	for name, was := range m.had {
		if have[name] != was {
			rt.Fatalf("%s was %.20q, is %.20q", name, was, have[name])
		}
	}
	m.had = have
}

// A kill or a full disk at any change of a file loses nothing that was stored, and leaves
// nothing half.
func TestFaults(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := &machine{t: t, dir: filepath.Join(t.TempDir(), "data"), disk: &frailDisk{}}
		m.die(rt)
		for range rapid.IntRange(5, 15).Draw(rt, "steps") {
			err := m.step(rt)
			switch {
			case err != nil && !errors.Is(err, errKilled):
				rt.Fatal(err)
			case err != nil && rapid.Bool().Draw(rt, "live on"): // the disk was full, and has room again
				*m.disk = frailDisk{left: rapid.IntRange(0, 30).Draw(rt, "fail after"), how: rapid.SampledFrom(deaths).Draw(rt, "leaves")}
			case err != nil:
				m.die(rt)
			}
		}
		*m.disk = frailDisk{left: 1000}
		if err := m.s.writable(); err != nil {
			rt.Fatal(err)
		}
		if err := m.makeDerived(); err != nil {
			rt.Fatal(err)
		}
		if m.s.DerivedStale() {
			rt.Fatal("the derived files were made, and are stale")
		}
		m.sound(rt, m.s)
		m.s.Close()
	})
}

// A store of one version, a run killed after the commit, and the next run.
func TestDerivedAreRepaired(t *testing.T) {
	disk := &frailDisk{left: 100}
	dir := t.TempDir()
	s, err := openForWriting(context.Background(), dir, testRegistry, 0, disk)
	if err != nil {
		t.Fatal(err)
	}
	m := &machine{t: t, dir: dir, disk: disk, s: s}
	importAll(t, s, edition(0, 0))
	_ = m.makeDerived()
	importAll(t, s, edition(1, 1))
	disk.left = 0
	if err := m.makeDerived(); err == nil {
		t.Fatal("the disk did not fail")
	}
	s.Close()
	s = open(t, dir)
	wantSound(t, s)
	if !s.DerivedStale() {
		t.Error("the next run does not see that derived files are behind")
	}
}

// Nothing is removed that an interrupted run cannot have left.
func TestOldVersionsFilePutBack(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	importAll(t, s, edition(0, 0))
	old, _ := os.ReadFile(filepath.Join(dir, layout.Versions))
	importAll(t, s, edition(1, 1), edition(2, 2))
	s.Close()
	for name, put := range map[string]func() error{
		"an old one": func() error { return os.WriteFile(filepath.Join(dir, layout.Versions), old, 0o644) },
		"none":       func() error { return os.Remove(filepath.Join(dir, layout.Versions)) },
	} {
		if err := put(); err != nil {
			t.Fatal(err)
		}
		before := snapshot(t, dir)
		if _, err := OpenForWriting(context.Background(), dir, testRegistry, 0); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: %v; want ErrCorrupt", name, err)
		}
		if diff := cmp.Diff(before, snapshot(t, dir)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestReadOnlyFolder(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("permissions do not bind this user")
	}
	dir := t.TempDir()
	s := open(t, dir)
	importAll(t, s, edition(0, 0))
	s.Close()
	_ = os.Chmod(dir, 0o555)
	defer func() { _ = os.Chmod(dir, 0o755) }()
	if s, err := OpenForWriting(context.Background(), dir, testRegistry, 0); err == nil {
		if _, _, err := s.Put(edition(1, 1)); err == nil || !errors.Is(err, fs.ErrPermission) {
			t.Errorf("put: %v", err)
		}
		s.Close()
	}
	wantBytes(t, dir, map[string][]byte{FormatID(at(0)): content(0)})
}

// Verify finds any byte that is not what it was.
func TestFlippedBytes(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	importAll(t, s, edition(0, 0), edition(1, 1), edition(2, 2), edition(-1, 7), edition(3, 0))
	s.Close()
	files, err := s.blobFiles()
	if err != nil || len(files) != 4 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		path := filepath.Join(dir, filepath.FromSlash(file))
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(data); i += 1 + len(data)/60 {
			flipped := slices.Clone(data)
			flipped[i] ^= 1 << (i % 8)
			if err := os.WriteFile(path, flipped, 0o644); err != nil {
				t.Fatal(err)
			}
			s, err := Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			faults, err := s.Verify(context.Background(), nil)
			if err != nil || len(faults) == 0 || faults[0].File != file {
				t.Errorf("byte %d of %s: faults %v, %v", i, file, faults, err)
			}
			for _, v := range s.Versions() { // never other bytes than those stored
				if got, err := s.Bytes(v); err == nil && digest(got) != v.SHA256 || err != nil && !errors.Is(err, ErrCorrupt) {
					t.Errorf("byte %d of %s: Bytes of %s: %v", i, file, v.ID, err)
				}
			}
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	wantSound(t, s)
}

func TestVerifyNamesFaults(t *testing.T) {
	for _, test := range []struct {
		name string
		do   func(dir string) error
		file string // of the fault
		note bool
	}{
		{"a missing blob", func(dir string) error { return os.Remove(filepath.Join(dir, "versions/2020/20200101T060000Z.zst")) }, "versions/2020/20200101T060000Z.zst", false},
		{"a stray file", write("versions/2020/notes.txt"), "versions/2020/notes.txt", false},
		{"a stray refused file", write("quarantine/notes.txt"), "quarantine/notes.txt", false},
		{"an orphan", write("versions/2020/20200601T060000Z.zst"), "versions/2020/20200601T060000Z.zst", true},
		{"a body without facts", write("quarantine/20200601T060000Z.body"), "quarantine/20200601T060000Z.body", true},
		{"facts that are none", write("quarantine/20200601T060000Z.json"), "quarantine/20200601T060000Z.json", false},
		{"a temporary file", write(".checked.json.01234567.ianasync-tmp"), ".checked.json.01234567.ianasync-tmp", true},
		{"a check that is none", write("checked.json"), "checked.json", false},
		{"other facts", replaceIn("versions.jsonl", `"records":12`, `"records":13`), "versions.jsonl", false},
		{"another table", replaceIn("versions.jsonl", `"table_sha256":"`, `"table_sha256":"0000`), "versions.jsonl", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir)
			importAll(t, s, edition(0, 0), edition(1, 1))
			s.Close()
			if err := test.do(dir); err != nil {
				t.Fatal(err)
			}
			s, err := Open(dir)
			if errors.Is(err, ErrCorrupt) && strings.Contains(err.Error(), test.file) {
				return // found even earlier
			}
			if err != nil {
				t.Fatal(err)
			}
			faults, err := s.Verify(context.Background(), nil)
			found := slices.ContainsFunc(faults, func(f Fault) bool { return f.File == test.file && f.Note == test.note && f.Remedy != "" })
			if err != nil || !found {
				t.Errorf("faults %+v, %v; want one of %s", faults, err, test.file)
			}
		})
	}
}

func write(file string) func(string) error {
	return func(dir string) error { return plainDisk{}.Write(filepath.Join(dir, file), []byte("x")) }
}

func replaceIn(file, old, new string) func(string) error {
	return func(dir string) error {
		path := filepath.Join(dir, file)
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(path, []byte(strings.Replace(string(data), old, new, 1)), 0o644)
	}
}

func TestVerifyStops(t *testing.T) {
	s := open(t, t.TempDir())
	importAll(t, s, edition(0, 0), edition(1, 1))
	seen := 0
	if _, err := s.Verify(context.Background(), func(done, total int) { seen = done*10 + total }); err != nil || seen != 22 {
		t.Errorf("progress ended at %d, %v", seen, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Verify(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("%v; want context.Canceled", err)
	}
}

// TestImportReportsItsOwnError fails the disk at one import: that call returns the error, and the next one is not affected.
func TestImportReportsItsOwnError(t *testing.T) {
	disk := &frailDisk{left: 100}
	s, err := openForWriting(t.Context(), filepath.Join(t.TempDir(), "data"), testRegistry, 0, disk)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	importAll(t, s, edition(0, 0))
	*disk = frailDisk{how: "nothing"}
	if _, _, err := s.Import(edition(1, 1)); !errors.Is(err, errKilled) || !strings.Contains(err.Error(), "2020-01-02T") {
		t.Errorf("the import that failed: %v, want %v", err, errKilled)
	}
	*disk = frailDisk{left: 100}
	importAll(t, s, edition(2, 2))
	wantDays(t, s, 0, 2)
}
