package snapshots

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/internal/atomicfile"
	"github.com/ianasync/ianasync/internal/layout"
)

// A store starts from another one: its versions and their bytes are those of the other, and it can be continued. What an
// interrupted start left behind is removed; a store that has the group already keeps what it has.
func TestStartFrom(t *testing.T) {
	other := open(t, t.TempDir())
	importAll(t, other, edition(1, 1), edition(2, 2))
	past := os.DirFS(other.Dir())

	held, err := OpenFS(past, "the archive", testRegistry)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(other.Versions(), held.Versions()); d != "" {
		t.Errorf("read from a file system (-want +got):\n%s", d)
	}
	for _, v := range held.Versions() {
		if _, err := held.Bytes(v); err != nil {
			t.Error(err)
		}
	}

	dir := t.TempDir()
	left := "." + testRegistry.ID + ".0000002a.ianasync-tmp"
	if !atomicfile.IsTemp(left) {
		t.Fatal("not a temporary name: ", left)
	}
	if err := os.MkdirAll(filepath.Join(dir, left, "versions"), 0o755); err != nil {
		t.Fatal(err)
	}
	s, err := StartFrom(t.Context(), dir, testRegistry, 0, past)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(other.Versions(), s.Versions()); d != "" || !s.Started() {
		t.Errorf("started: %t (-want +got):\n%s", s.Started(), d)
	}
	if _, err := os.Lstat(filepath.Join(dir, left)); err == nil {
		t.Error("the interrupted start's folder is still there")
	}
	importAll(t, s, edition(3, 3))
	want := s.Versions()
	if len(want) != 3 {
		t.Fatalf("%d versions after one more, want 3", len(want))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	if s, err = StartFrom(t.Context(), dir, testRegistry, 0, past); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if d := cmp.Diff(want, s.Versions()); d != "" || s.Started() {
		t.Errorf("a store that is there started again: %t (-want +got):\n%s", s.Started(), d)
	}
}

// What cannot be read in the other store leaves no group's folder behind, and a later start succeeds.
func TestStartFromBroken(t *testing.T) {
	other := open(t, t.TempDir())
	importAll(t, other, edition(1, 1))
	group := layout.Group(testRegistry.ID)
	broken := brokenFS{os.DirFS(other.Dir()), group.Versions()}
	dir := t.TempDir()
	if _, err := StartFrom(t.Context(), dir, testRegistry, 0, broken); err == nil {
		t.Fatal("a store started from one that cannot be read")
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() {
			t.Errorf("%s was left behind", e.Name())
		}
	}
	s, err := StartFrom(t.Context(), dir, testRegistry, 0, broken.FS)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if !s.Started() || len(s.Versions()) != 1 {
		t.Errorf("started: %t, with %d versions", s.Started(), len(s.Versions()))
	}
}

// brokenFS is a file system of which one file cannot be opened.
type brokenFS struct {
	fs.FS
	file string
}

func (b brokenFS) Open(name string) (fs.File, error) {
	if name == b.file {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return b.FS.Open(name)
}
