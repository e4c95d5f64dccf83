package publish

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

// growing are the tables of versions of which each brings something else: a service, a name, a return to an older table.
func growing() []*ports.Table {
	a, b, c := rec("a", "1", "A"), rec("b", "2", "B"), rec("c", "300", "C")
	renamed := rec("aa", "1", "A")
	return []*ports.Table{
		ports.NewTable([]ports.Record{a, b}),
		ports.NewTable([]ports.Record{a, b, c}),
		ports.NewTable([]ports.Record{renamed, b, c}),
		ports.NewTable([]ports.Record{a, b, c}),
		ports.NewTable([]ports.Record{a, c}),
	}
}

// TestUpdateIsPublish publishes version after version in one folder: it always holds what is published anew in another
// one, and once a version is published, there is nothing to do.
func TestUpdateIsPublish(t *testing.T) {
	s, folder := store(t), Folder(t.TempDir())
	p := Publisher{Registry: ports.ServiceNames(), Store: s, Base: "https://example.org/", Program: "1"}
	for i, table := range growing() {
		put(t, s, i, table)
		wantPublished(t, &p, folder, published(t, s, p.Base))
		was := modified(t, folder)
		w, err := p.Publish(t.Context(), folder)
		if err != nil || w.Changed != 0 || w.Removed != 0 || w.Files != len(contents(t, string(folder))) {
			t.Errorf("publishing again: %+v, %v", w, err)
		}
		if d := cmp.Diff(was, modified(t, folder)); d != "" {
			t.Errorf("publishing again wrote files (-before +after):\n%s", d)
		}
	}
	p.Base = "https://example.com/"
	wantPublished(t, &p, folder, published(t, s, p.Base))
}

// TestUpdateMends damages a published folder in several ways: the next run mends it.
func TestUpdateMends(t *testing.T) {
	tables := growing()
	s, folder := store(t, tables...), Folder(t.TempDir())
	p := Publisher{Registry: ports.ServiceNames(), Store: s, Program: "1"}
	anew := published(t, s, "")
	page := folder.path("port/2/index.html")
	for name, damage := range map[string]func() error{
		"removed": func() error { return os.Remove(page) },
		"longer":  func() error { return os.WriteFile(page, []byte("longer"), 0o666) },
		"as long": func() error { return edit(page, func(text string) string { return strings.ToUpper(text) }) },
		"a link":  func() error { return os.Remove(page) },
		"no list": func() error { return os.Remove(folder.path(madeFile)) },
		"a line cut off": func() error {
			return edit(folder.path(madeFile), func(text string) string { return text[:len(text)-9] })
		},
		"an empty list":   func() error { return os.WriteFile(folder.path(madeFile), nil, 0o666) },
		"another version": func() error { return edit(folder.path(madeFile), func(text string) string { return "x " + text[25:] }) },
	} {
		wantPublished(t, &p, folder, anew)
		if err := damage(); err != nil {
			t.Fatal(err)
		}
		if name == "a link" {
			if err := os.Symlink("feed.atom", page); err != nil {
				t.Skip(err)
			}
		}
		t.Log(name)
		wantPublished(t, &p, folder, anew)
	}
	elsewhere := filepath.Join(t.TempDir(), "2")
	if err := errors.Join(os.Rename(filepath.Dir(page), elsewhere), os.Symlink(elsewhere, filepath.Dir(page))); err != nil {
		t.Skip(err)
	}
	if w, err := p.Publish(t.Context(), folder); err == nil || !strings.Contains(err.Error(), "is in the way") {
		t.Errorf("a link in place of a folder: %+v, %v", w, err)
	}
}

// put adds a version that was seen some days after the first.
func put(t *testing.T, s *snapshots.Store, day int, table *ports.Table) {
	t.Helper()
	_, _, err := s.Put(snapshots.Edition{Bytes: table.CSV(), Seen: time.Date(2020, 12, 30+day, 6, 0, 0, 0, time.UTC), Content: table})
	if err != nil {
		t.Fatal(err)
	}
}

// wantPublished publishes in a folder, and compares it with what is made for the first time.
func wantPublished(t *testing.T, p *Publisher, folder Folder, anew map[string][]byte) {
	t.Helper()
	w, err := p.Publish(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	got, size := contents(t, string(folder)), int64(0)
	for name, data := range anew {
		size += int64(len(data))
		if got[name] != string(data) {
			t.Errorf("%s is not as it is when it is made for the first time", name)
		}
	}
	if w.Files != len(anew) || w.Bytes != size || len(got) != len(anew) {
		t.Errorf("%d files of %d bytes and %d in all, want %d of %d", w.Files, w.Bytes, len(got), len(anew), size)
	}
}

// edit alters the text of a file.
func edit(name string, alter func(string) string) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	return os.WriteFile(name, []byte(alter(string(data))), 0o666)
}

// modified returns when each file of a folder was written, its own included, but for the lock.
func modified(t *testing.T, folder Folder) map[string]time.Time {
	t.Helper()
	times := make(map[string]time.Time)
	err := filepath.WalkDir(string(folder), func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || name == folder.path(folderLock) {
			return err
		}
		info, err := d.Info()
		if err == nil {
			times[name] = info.ModTime()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return times
}
