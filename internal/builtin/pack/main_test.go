package main

import (
	"archive/zip"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/internal/builtin"
)

// A store that was unpacked and packed again gives the archive with the same files.
func TestRoundTrip(t *testing.T) {
	dir := t.TempDir()
	store, archive := filepath.Join(dir, "store"), filepath.Join(dir, "history.zip")
	if err := run([]string{"-unpack", store}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(store, "CHANGELOG.md"), []byte("# Of all groups\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := run([]string{store, archive}); err != nil {
		t.Fatal(err)
	}
	got, err := zip.OpenReader(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Close()
	want, err := builtin.Open()
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(contents(t, want), contents(t, got)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func contents(t *testing.T, files fs.FS) map[string]string {
	t.Helper()
	all := make(map[string]string)
	err := fs.WalkDir(files, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := fs.ReadFile(files, name)
		all[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// What is about a store itself stays out of the archive.
func TestWanted(t *testing.T) {
	store := fstest.MapFS{}
	for _, name := range []string{
		"store.json", "checks.jsonl", "CHANGELOG.md", ".lock", "tls-parameters/versions.jsonl",
		"service-names-port-numbers/versions.jsonl", "service-names-port-numbers/versions/2026/20260110T060000Z.zst",
		"service-names-port-numbers/service-names-port-numbers.csv", "service-names-port-numbers/derived/state.json",
		"service-names-port-numbers/derived/changes/2026.jsonl", "service-names-port-numbers/quarantine/20260111T060000Z.body",
	} {
		store[name] = &fstest.MapFile{Data: []byte("x")}
	}
	got, err := wanted(store)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"service-names-port-numbers/derived/changes/2026.jsonl", "service-names-port-numbers/service-names-port-numbers.csv",
		"service-names-port-numbers/versions.jsonl", "service-names-port-numbers/versions/2026/20260110T060000Z.zst", "store.json",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
