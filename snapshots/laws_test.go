package snapshots

import (
	"bytes"
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

	"github.com/ianasync/ianasync/internal/atomicfile"
	"github.com/ianasync/ianasync/internal/layout"
	"github.com/ianasync/ianasync/registry/ports"
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

var deaths = []string{"nothing", "a temporary file", "a part of it", "all but its end", "all of it"}

func (d *frailDisk) Write(root *os.Root, name string, data []byte) error {
	path := filepath.Join(root.Name(), name)
	if d.left--; d.left >= 0 {
		return writePlain(path, data)
	}
	if !d.broken {
		d.broken = true
		switch d.how {
		case "a temporary file":
			path = filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".00000000.ianasync-tmp")
			data = data[:len(data)/2]
			fallthrough
		case "all of it":
			if err := writePlain(path, data); err != nil {
				return err
			}
		}
	}
	return errKilled
}

func (d *frailDisk) WriteAll(root *os.Root, files []atomicfile.File) error {
	return writeEach(d, root, files)
}

func (d *frailDisk) Append(root *os.Root, name string, data []byte) error {
	if d.left--; d.left >= 0 {
		return appendPlain(root, name, data)
	}
	if !d.broken {
		d.broken = true
		part := map[string]int{"a part of it": len(data) / 2, "all but its end": len(data) - 1, "all of it": len(data)}[d.how]
		if err := appendPlain(root, name, data[:part]); err != nil {
			return err
		}
	}
	return errKilled
}

func (d *frailDisk) Remove(root *os.Root, name string) error {
	if d.left--; d.left >= 0 {
		return root.Remove(name)
	}
	if !d.broken && d.how == "all of it" {
		_ = root.Remove(name)
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
	switch rapid.SampledFrom([]string{"import", "import", "import", "batch", "put", "quarantine", "derived", "done", "check"}).Draw(rt, "what") {
	case "import":
		_, _, err := m.s.Import(edition(day, k))
		return err
	case "batch":
		m.s.BeginBatch()
		var err error
		for i := 0; i < 3 && err == nil; i++ {
			_, _, err = m.s.Import(edition(day+i, k+i))
		}
		return errors.Join(err, m.s.EndBatch())
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
		t, err := ports.Parse(data)
		if err != nil {
			return err
		}
		if _, err := m.s.WriteDerived(m.s.TableFile(), t.CSV()); err != nil {
			return err
		}
	}
	return m.s.DerivedDone("rules")
}

// die ends the process, as the store sees it, and starts another.
func (m *machine) die(rt *rapid.T) {
	if m.s != nil {
		_ = m.s.lock.flock.Unlock()
	}
	reader, err := Open(m.dir, testRegistry)
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
	faults, err := s.Verify(context.Background(), Options{})
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
	for _, b := range s.blobs() {
		data, _ := os.ReadFile(s.path(s.file(b)))
		have[s.file(b)] = string(data)
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
		for range 2 { // the first time the store may have found a version that a failed write had stored after all
			if err := m.makeDerived(); err != nil {
				rt.Fatal(err)
			}
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

// An older versions.jsonl that is put back, by a cache say, loses no version: the files of bytes say what they are.
func TestOldVersionsFilePutBack(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	importAll(t, s, edition(0, 0))
	old, _ := os.ReadFile(filepath.Join(dir, group.Versions()))
	importAll(t, s, edition(1, 1), edition(2, 2), edition(3, 3))
	s.Close()
	want, _ := os.ReadFile(filepath.Join(dir, group.Versions()))
	if err := os.WriteFile(filepath.Join(dir, group.Versions()), old, 0o644); err != nil {
		t.Fatal(err)
	}
	reader, err := Open(dir, testRegistry)
	if err != nil {
		t.Fatal(err)
	}
	faults, err := reader.Verify(t.Context(), Options{})
	if err != nil || len(faults) != 4 || !faults[0].Note {
		t.Errorf("faults %v, %v; want notes of three files and of the derived ones", faults, err)
	}
	s = open(t, dir)
	wantDays(t, s, 0, 1, 2, 3)
	wantSound(t, s)
	if got, _ := os.ReadFile(filepath.Join(dir, group.Versions())); !bytes.Equal(got, want) {
		t.Errorf("versions.jsonl is another:\n%s\nwant\n%s", got, want)
	}
}

// What is stored once more since, under a later id, is not stored twice, and was first seen when it was.
func TestOldVersionsFileWrittenTo(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	importAll(t, s, edition(0, 0))
	old, _ := os.ReadFile(filepath.Join(dir, group.Versions()))
	importAll(t, s, edition(1, 1))
	s.Close()
	away := filepath.Join(t.TempDir(), "file")
	file := filepath.Join(dir, group.Blob(FormatID(at(1))))
	if err := errors.Join(os.Rename(file, away), os.WriteFile(filepath.Join(dir, group.Versions()), old, 0o644)); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir)
	importAll(t, s, edition(5, 1))
	s.Close()
	if err := os.Rename(away, file); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir)
	wantDays(t, s, 0, 1)
	wantSound(t, s)
}

// A file of bytes that nothing names and that cannot be read is neither removed nor overwritten.
func TestUnknownFilesStay(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	importAll(t, s, edition(0, 0), edition(1, 1))
	s.Close()
	file := filepath.Join(dir, group.Blob(FormatID(at(2))))
	if err := os.WriteFile(file, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir)
	importAll(t, s, edition(2, 2), edition(3, 3))
	s.Close()
	open(t, dir).Close()
	if data, err := os.ReadFile(file); err != nil || string(data) != "x" {
		t.Errorf("%q, %v", data, err)
	}
	s, err := Open(dir, testRegistry)
	if err != nil {
		t.Fatal(err)
	}
	faults, err := s.Verify(t.Context(), Options{})
	if err != nil || len(faults) != 2 || faults[0].File != group.Blob(FormatID(at(2))) || faults[0].Note || !faults[1].Note || faults[0].Remedy != Restore {
		t.Errorf("%+v, %v", faults, err)
	}
}

// Without versions.jsonl nobody knows what was seen again, so the store does not open, and stays as it is.
func TestVersionsFileMissing(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	importAll(t, s, edition(0, 0), edition(1, 1))
	s.Close()
	if err := os.Remove(filepath.Join(dir, group.Versions())); err != nil {
		t.Fatal(err)
	}
	before := snapshot(t, dir)
	if _, err := OpenForWriting(t.Context(), dir, testRegistry, 0); !errors.Is(err, ErrCorrupt) {
		t.Errorf("%v; want ErrCorrupt", err)
	}
	if diff := cmp.Diff(before, snapshot(t, dir)); diff != "" {
		t.Error(diff)
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
	permit := func(mode fs.FileMode) {
		t.Helper()
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() {
				err = os.Chmod(path, mode)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
	permit(0o555)
	defer permit(0o755)
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
			s, err := Open(dir, testRegistry)
			if err != nil {
				t.Fatal(err)
			}
			faults, err := s.Verify(context.Background(), Options{})
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
		{"a missing blob", remove(group.Blob("20200101T060000Z")), group.Blob("20200101T060000Z"), false},
		{"a stray file", write(group.Bytes() + "/2020/notes.txt"), group.Bytes() + "/2020/notes.txt", false},
		{"a stray folder", write(group.Bytes() + "/notes/x"), group.Bytes() + "/notes", false},
		{"a stray refused file", write(group.Quarantine() + "/notes.txt"), group.Quarantine() + "/notes.txt", false},
		{"a stray derived file", write(group.Derived() + "/notes.txt"), group.Derived() + "/notes.txt", false},
		{"a file that is no version", write(group.Blob("20200601T060000Z")), group.Blob("20200601T060000Z"), false},
		{"a body without a description", write(group.Quarantine() + "/20200601T060000Z.body"), group.Quarantine() + "/20200601T060000Z.body", true},
		{"a description that is none", write(group.Quarantine() + "/20200601T060000Z.json"), group.Quarantine() + "/20200601T060000Z.json", false},
		{"a temporary file", write(".checks.jsonl.01234567.ianasync-tmp"), ".checks.jsonl.01234567.ianasync-tmp", true},
		{"a check that is none", write("checks.jsonl"), "checks.jsonl", false},
		{"another number of records", replaceIn(group.Versions(), `"records":12`, `"records":13`), group.Versions(), false},
		{"another source", replaceIn(group.Versions(), `"test:1"`, `"test:2"`), group.Versions(), false},
		{"another table", replaceIn(group.Versions(), `"table_sha256":"`, `"table_sha256":"0000`), group.Versions(), false},
		{"another format", replaceIn(layout.Store, `2`, `3`), layout.Store, false},
		{"no state of the derived files", remove(group.State()), group.State(), false},
		{"a flipped state of the derived files", replaceIn(group.State(), `"versions":2`, `"versions":3`), group.State(), false},
		{"a folder for a state", inPlace(group.State()), group.State(), false},
		{"a file for the derived files", replaceBy(group.Derived(), "x"), group.Derived(), false},
		{"a file for the webhooks' folder", write(layout.Notify), layout.Notify, false},
		{"a link for the webhooks' folder", func(dir string) error { return os.Symlink(dir, filepath.Join(dir, layout.Notify)) }, layout.Notify, false},
		{"no git attributes", remove(layout.GitAttributes), layout.GitAttributes, false},
		{"another table than the newest", write(group.Table(string(group))), group.Table(string(group)), false},
		{"a folder for a table", inPlace(group.Table(string(group))), group.Table(string(group)), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir)
			importAll(t, s, edition(0, 0), edition(1, 1))
			if err := (&machine{s: s}).makeDerived(); err != nil {
				t.Fatal(err)
			}
			s.Close()
			if err := test.do(dir); err != nil {
				t.Fatal(err)
			}
			s, err := Open(dir, testRegistry)
			if errors.Is(err, ErrCorrupt) && strings.Contains(err.Error(), test.file) {
				return // found even earlier
			}
			if err != nil {
				t.Fatal(err)
			}
			faults, err := s.Verify(context.Background(), Options{})
			found := slices.ContainsFunc(faults, func(f Fault) bool { return f.File == test.file && f.Note == test.note && f.Remedy != "" })
			if err != nil || !found {
				t.Errorf("faults %+v, %v; want one of %s", faults, err, test.file)
			}
		})
	}
}

func write(file string) func(string) error {
	return func(dir string) error { return writePlain(filepath.Join(dir, file), []byte("x")) }
}

func remove(file string) func(string) error {
	return func(dir string) error { return os.Remove(filepath.Join(dir, file)) }
}

// replaceBy puts a file in the place of whatever is there.
func replaceBy(file, text string) func(string) error {
	return func(dir string) error {
		path := filepath.Join(dir, file)
		return errors.Join(os.RemoveAll(path), os.WriteFile(path, []byte(text), 0o644))
	}
}

// inPlace puts a folder with a file in it in the place of a file.
func inPlace(file string) func(string) error {
	return func(dir string) error {
		return errors.Join(os.RemoveAll(filepath.Join(dir, file)), writePlain(filepath.Join(dir, file, "x"), []byte("x")))
	}
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
	if _, err := s.Verify(context.Background(), Options{Progress: func(done, total int) { seen = done*10 + total }}); err != nil || seen != 22 {
		t.Errorf("progress ended at %d, %v", seen, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Verify(ctx, Options{}); !errors.Is(err, context.Canceled) {
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
