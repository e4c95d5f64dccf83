package atomicfile

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "b", "file.txt")
	for _, want := range []string{"first", "", strings.Repeat("long ", 1<<16)} {
		if err := Write(path, []byte(want)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Fatalf("read %d bytes, %v; want %d", len(got), err, len(want))
		}
	}
	onlyFile(t, path)
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&^0o644 != 0 || info.Mode().Perm()&0o400 == 0 {
		t.Errorf("mode %v, %v; want 0644 less the umask", info.Mode(), err)
	}
}

func TestUpdateWritesNothingTwice(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	for i, want := range []bool{true, false} {
		if changed, err := Update(path, []byte("same")); changed != want || err != nil {
			t.Errorf("update %d: %v, %v", i, changed, err)
		}
	}
	if changed, err := Update(path, nil); !changed || err != nil {
		t.Errorf("update to nothing: %v, %v", changed, err)
	}
}

func TestWriteFailing(t *testing.T) {
	dir := t.TempDir()
	target := filepath.Join(dir, "target")
	if err := os.Mkdir(target, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := Write(filepath.Join(target, "keep"), []byte("old")); err != nil {
		t.Fatal(err)
	}
	err := Write(target, []byte("new"))
	if err == nil {
		t.Fatal("a folder was replaced by a file")
	}
	if want := "write " + target + ": "; !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), tempSuffix) {
		t.Errorf("%v, want %q and not the temporary file's name", err, want)
	}
	onlyFile(t, target)
	if err := Write(filepath.Join(target, "keep", "below"), nil); err == nil {
		t.Error("a file was taken for a folder")
	}
}

// An error names the file that was to be written, not the temporary one.
func TestErrorsNameTheFile(t *testing.T) {
	dir := t.TempDir()
	target := filepath.Join(dir, "target")
	if err := os.MkdirAll(filepath.Join(target, "in the way"), 0o755); err != nil {
		t.Fatal(err)
	}
	err := Write(target, nil)
	var of *fs.PathError
	if !errors.As(err, &of) || of.Path != target || strings.Contains(err.Error(), tempSuffix) {
		t.Errorf("%v", err)
	}
}

func TestWriteIn(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	if err := WriteIn(root, "a/b/file.txt", []byte("text")); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "a", "b", "file.txt")); err != nil || string(got) != "text" {
		t.Errorf("%q, %v", got, err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "link")); err != nil {
		t.Skip(err)
	}
	for _, name := range []string{"link/file.txt", "link/new/file.txt", "../file.txt"} {
		if err := WriteIn(root, name, []byte("text")); err == nil {
			t.Errorf("%s: written outside the folder", name)
		}
	}
	if entries, err := os.ReadDir(outside); err != nil || len(entries) > 0 {
		t.Errorf("outside: %v, %v", entries, err)
	}
}

func TestWriteAllIn(t *testing.T) {
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	var files []File
	for i := range 3 * atOnce {
		files = append(files, File{fmt.Sprintf("a/%d/%d", i%3, i), fmt.Append(nil, "text ", i)})
	}
	if err := WriteAllIn(root, files); err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if got, err := os.ReadFile(filepath.Join(dir, f.Name)); err != nil || !bytes.Equal(got, f.Data) {
			t.Errorf("%s: %q, %v", f.Name, got, err)
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "b", "2"), 0o755); err != nil {
		t.Fatal(err)
	}
	err = WriteAllIn(root, []File{{"b/1", []byte("one")}, {"b/2", []byte("two")}, {"b/3", []byte("three")}})
	var of *fs.PathError
	if !errors.As(err, &of) || of.Path != filepath.Join(dir, "b", "2") {
		t.Errorf("in the place of a folder: %v", err)
	}
	entries, err := os.ReadDir(filepath.Join(dir, "b"))
	if err != nil || len(entries) != 2 || entries[0].Name() != "1" || entries[1].Name() != "2" {
		t.Errorf("after a failure there are %v, %v; want the file before it and the folder", entries, err)
	}
	long := strings.Repeat("x", 300)
	if err := WriteAllIn(root, []File{{"c/" + long, nil}, {"c/y" + long, nil}}); err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("two failures: %v; want the first", err)
	}
	if err := WriteAllIn(root, []File{{"c/1", nil}, {"../c", nil}}); err == nil {
		t.Error("written outside the folder")
	}
}

func TestAppendIn(t *testing.T) {
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	if err := AppendIn(root, "a/file", nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("to no file: %v", err)
	}
	if err := WriteIn(root, "a/file", []byte("one\n")); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"two\n", "three\n"} {
		if err := AppendIn(root, "a/file", []byte(line)); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(filepath.Join(dir, "a", "file")); err != nil || string(got) != "one\ntwo\nthree\n" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestReadOnlyFolder(t *testing.T) {
	if runtime.GOOS == "windows" || os.Geteuid() == 0 {
		t.Skip("permissions do not bind this user")
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	if err := Write(filepath.Join(dir, "file"), nil); err == nil {
		t.Error("written to a read-only folder")
	}
}

func TestIsTemp(t *testing.T) {
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	f, name, err := createTemp(root, "versions.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if matched, err := filepath.Match(TempPattern, name); !IsTemp(name) || !matched || err != nil {
		t.Errorf("%s is not recognised as a temporary file", name)
	}
	for _, name := range []string{"versions.jsonl", ".lock", "x.ianasync-tmp", ".git"} {
		if IsTemp(name) {
			t.Errorf("%s is taken for a temporary file", name)
		}
	}
}

// onlyFile checks that path is alone in its folder.
func onlyFile(t *testing.T, path string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 || entries[0].Name() != filepath.Base(path) {
		t.Errorf("beside %s: %v, %v", path, entries, err)
	}
}
