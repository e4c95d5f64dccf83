package publish

import (
	"context"
	"errors"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ianasync/ianasync/internal/history"
)

var errStop = errors.New("stopped")

// some are files by name; with "!" as the name of one, an error in its place.
func some(files map[string]string) iter.Seq2[history.File, error] {
	return func(yield func(history.File, error) bool) {
		for _, name := range slices.Sorted(maps.Keys(files)) {
			if name == "~" {
				yield(history.File{}, errStop)
				return
			}
			if !yield(history.File{Name: name, Data: []byte(files[name])}, nil) {
				return
			}
		}
	}
}

// contents are the files of a folder but its own.
func contents(t interface{ Fatal(...any) }, dir string) map[string]string {
	out := make(map[string]string)
	err := filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if err == nil && d.Name() == ownFolder {
				return filepath.SkipDir
			}
			return err
		}
		data, err := os.ReadFile(name)
		rel, _ := filepath.Rel(dir, name)
		out[filepath.ToSlash(rel)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestFolder publishes any files after any others: what is there is always what was published last, and only what
// differs is written.
func TestFolder(t *testing.T) {
	all, n := t.TempDir(), 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		dir := filepath.Join(all, strconv.Itoa(n))
		if err := os.Mkdir(dir, 0o777); err != nil {
			rt.Fatal(err)
		}
		one := rapid.SampledFrom([]string{"a", "b/index.html", "b/c/d", "e~2f/x", "f/g", "h"})
		files := rapid.MapOf(one, rapid.SampledFrom([]string{"", "1", "2", "33"}))
		before := map[string]string{}
		for range rapid.IntRange(1, 4).Draw(rt, "times") {
			want := files.Draw(rt, "files")
			w, err := Folder(dir).Publish(context.Background(), some(want))
			if err != nil {
				rt.Fatal(err)
			}
			if diff := cmp.Diff(want, contents(rt, dir)); diff != "" {
				rt.Fatalf("(-want +got):\n%s", diff)
			}
			changed, removed := 0, 0
			for name, text := range want {
				if was, found := before[name]; !found || was != text {
					changed++
				}
			}
			for name := range before {
				if _, found := want[name]; !found {
					removed++
				}
			}
			if w.Changed != changed || w.Removed != removed || w.Files != len(want) {
				rt.Fatalf("%+v, want %d changed and %d removed of %d", w, changed, removed, len(want))
			}
			before = want
		}
	})
}

func TestUnchangedFilesKeepTheirTime(t *testing.T) {
	dir := t.TempDir()
	files := map[string]string{"a": "1", "b": "2"}
	if _, err := Folder(dir).Publish(t.Context(), some(files)); err != nil {
		t.Fatal(err)
	}
	old := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	for name := range files {
		if err := os.Chtimes(filepath.Join(dir, name), old, old); err != nil {
			t.Fatal(err)
		}
	}
	files["b"] = "3"
	if _, err := Folder(dir).Publish(t.Context(), some(files)); err != nil {
		t.Fatal(err)
	}
	for name, kept := range map[string]bool{"a": true, "b": false} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.ModTime().Equal(old) != kept {
			t.Errorf("%s is of %s", name, info.ModTime())
		}
	}
}

// TestStoppedHalfway fails in the middle of the files, and while they take their places: the old ones stand in the
// first case; in the second each is whole, and the next run makes it right.
func TestStoppedHalfway(t *testing.T) {
	dir := t.TempDir()
	first := map[string]string{"a": "1", "c/d": "1", "z": "1"}
	if _, err := Folder(dir).Publish(t.Context(), some(first)); err != nil {
		t.Fatal(err)
	}
	if _, err := Folder(dir).Publish(t.Context(), some(map[string]string{"a": "2", "b": "2", "~": ""})); !errors.Is(err, errStop) {
		t.Fatalf("got %v", err)
	}
	if diff := cmp.Diff(first, contents(t, dir)); diff != "" {
		t.Errorf("stopped while making files (-want +got):\n%s", diff)
	}
	// A folder of somebody's comes where a file is to go, too late to be seen before: what came before it is there, what
	// was to come is not.
	second := map[string]string{"a": "2", "k": "2", "y": "2"}
	late := func(yield func(history.File, error) bool) {
		some(second)(yield)
		if err := os.MkdirAll(filepath.Join(dir, "k", "theirs"), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Folder(dir).Publish(t.Context(), late); err == nil {
		t.Fatal("a file took the place of a folder")
	}
	if got := contents(t, dir); got["a"] != "2" || got["z"] != "1" {
		t.Errorf("stopped while files took their places: %v", got)
	}
	if err := os.RemoveAll(filepath.Join(dir, "k")); err != nil {
		t.Fatal(err)
	}
	if _, err := Folder(dir).Publish(t.Context(), some(second)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(second, contents(t, dir)); diff != "" {
		t.Errorf("the run after it (-want +got):\n%s", diff)
	}
}

// TestInTheWay has what is somebody else's where files are to go. It is found before anything takes its place.
func TestInTheWay(t *testing.T) {
	for name, test := range map[string]struct {
		put  func(dir string) error
		want string
	}{
		"a folder":        {func(dir string) error { return os.MkdirAll(filepath.Join(dir, "k", "theirs"), 0o777) }, "k is in the way: a file is to be there"},
		"a file":          {func(dir string) error { return os.WriteFile(filepath.Join(dir, "m"), nil, 0o666) }, "m is in the way: a folder is to be there"},
		"a symbolic link": {func(dir string) error { return os.Symlink(t.TempDir(), filepath.Join(dir, "m")) }, "m is in the way: a folder is to be there"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if _, err := Folder(dir).Publish(t.Context(), some(map[string]string{"a": "1"})); err != nil {
				t.Fatal(err)
			}
			if err := test.put(dir); err != nil {
				t.Skip(err) // no symbolic links here
			}
			if _, err := Folder(dir).Publish(t.Context(), some(map[string]string{"a": "2", "k": "2", "m/n": "2"})); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v", err)
			}
			if got, err := os.ReadFile(filepath.Join(dir, "a")); err != nil || string(got) != "1" {
				t.Errorf("a is %q, %v", got, err)
			}
		})
	}
}

func TestWhatLeadsToOthersComesLast(t *testing.T) {
	names := []string{"notification.json", "index.html", "delta/groups.json", "feed.atom", "z.csv", "z/page"}
	slices.SortStableFunc(names, byVisibility)
	if diff := cmp.Diff([]string{"z/page", "feed.atom", "z.csv", "notification.json", "index.html", "delta/groups.json"}, names); diff != "" {
		t.Error(diff)
	}
}

// TestLockIsGivenBack has what an earlier run left, and what cannot be removed at first.
func TestLockIsGivenBack(t *testing.T) {
	dir := t.TempDir()
	if _, err := Folder(dir).Publish(t.Context(), some(map[string]string{"a": "1"})); err != nil {
		t.Fatal(err)
	}
	left := filepath.Join(dir, filepath.FromSlash(staging))
	if err := errors.Join(os.MkdirAll(left, 0o777), os.WriteFile(filepath.Join(left, "x"), nil, 0o666), os.Chmod(left, 0o555)); err != nil {
		t.Fatal(err)
	}
	if _, err := Folder(dir).Publish(t.Context(), some(nil)); err == nil {
		t.Skip("permissions do not bind this user")
	}
	if err := os.Chmod(left, 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := Folder(dir).Publish(t.Context(), some(nil)); err != nil {
		t.Error(err)
	}
}

func TestNotOurs(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "theirs"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Folder(dir).Publish(t.Context(), some(map[string]string{"a": "1"})); !errors.Is(err, ErrNotOurs) {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff(map[string]string{"theirs": ""}, contents(t, dir)); diff != "" {
		t.Error(diff)
	}
}

func TestNamesThatLeadOut(t *testing.T) {
	for _, name := range []string{"../x", "/x", "a/../../x", "", ".", ownFolder + "/files"} {
		dir := t.TempDir()
		if _, err := Folder(dir).Publish(t.Context(), some(map[string]string{name: "1"})); err == nil {
			t.Errorf("%q was published", name)
		}
	}
	dir := t.TempDir()
	if _, err := Folder(dir).Publish(t.Context(), some(map[string]string{"a": "1"})); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(listFile)), []byte("../precious\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Folder(dir).Publish(t.Context(), some(nil)); err == nil || !strings.Contains(err.Error(), "precious") {
		t.Errorf("a list that leads out: %v", err)
	}
}

func TestTwoAtOnce(t *testing.T) {
	dir := t.TempDir()
	inner := errors.New("not tried")
	outer := func(yield func(history.File, error) bool) {
		_, inner = Folder(dir).Publish(t.Context(), some(nil))
		yield(history.File{Name: "a"}, nil)
	}
	if _, err := Folder(dir).Publish(t.Context(), outer); err != nil {
		t.Fatal(err)
	}
	if inner == nil || !strings.Contains(inner.Error(), "another run is publishing") {
		t.Errorf("the second run: %v", inner)
	}
}

// TestWholeFolders publishes into folders that are not there, that are there, and that hold files of somebody's:
// a folder may only be moved whole where nothing stands.
func TestWholeFolders(t *testing.T) {
	dir := t.TempDir()
	if _, err := Folder(dir).Publish(t.Context(), some(map[string]string{"old/a": "1"})); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"old/theirs", "mixed/deep/theirs"} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte("!"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	next := map[string]string{
		"new/a": "1", "new/b/c": "2", "new/b/d": "3", "old/a": "1", "old/new/x": "4", "mixed/y": "5", "mixed/deep/z": "6", "mixed/deep/er/z": "7", "zero": "8",
	}
	w, err := Folder(dir).Publish(t.Context(), some(next))
	if err != nil {
		t.Fatal(err)
	}
	if w.Changed != len(next)-1 || w.Removed != 0 {
		t.Errorf("%+v, want %d changed", w, len(next)-1)
	}
	next["old/theirs"], next["mixed/deep/theirs"] = "!", "!"
	if diff := cmp.Diff(next, contents(t, dir)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(staging))); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what was staged is still there: %v", err)
	}
}
