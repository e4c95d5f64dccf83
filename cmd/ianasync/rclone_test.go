package main

import (
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestShownRclone runs what docs/publish.md shows for rclone, with a folder as the remote: in which order files arrive, that a second
// run copies what differs alone, whatever the times, and removes what is gone.
func TestShownRclone(t *testing.T) {
	if _, err := exec.LookPath("rclone"); err != nil {
		t.Skipf("not checked: there is no rclone here: %v", err)
	}
	found := regexp.MustCompile("(?s)```sh\n(ianasync publish.*?)```").FindStringSubmatch(read("../../docs/publish.md"))
	if found == nil {
		t.Fatal("docs/publish.md shows no rclone")
	}
	commands := strings.Split(strings.TrimSpace(found[1]), "\n")
	dir, remote := t.TempDir(), filepath.Join(t.TempDir(), "remote")
	if err := os.MkdirAll(remote, 0o777); err != nil {
		t.Fatal(err)
	}
	shell := func(command string) string {
		t.Helper()
		cmd := exec.Command("sh", "-ec", command)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "RCLONE_CONFIG="+filepath.Join(dir, "none.conf"), "RCLONE_CONFIG_PORTS_TYPE=alias", "RCLONE_CONFIG_PORTS_REMOTE="+remote, "RCLONE_VERBOSE=1")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v: %s", command, err, out)
		}
		return string(out)
	}
	files := func(folder string) map[string]string {
		t.Helper()
		list := map[string]string{}
		err := fs.WalkDir(os.DirFS(folder), ".", func(name string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() && !strings.HasPrefix(name, ".ianasync/") {
				list[name] = read(filepath.Join(folder, name))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	old := time.Date(2026, 1, 10, 6, 0, 0, 0, time.UTC)
	save := func(name, text string) {
		t.Helper()
		path := filepath.Join(dir, "public", filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		saveFile(t, path, []byte(text))
		if err := os.Chtimes(path, old, old); err != nil { // so that times show nothing
			t.Fatal(err)
		}
	}
	wantFlags(t, strings.Fields(strings.TrimPrefix(commands[0], "ianasync ")))
	for _, name := range []string{
		".ianasync/files", ".ianasync/lock", "404.html", "changes.jsonl", "data/history.sqlite", "feed.atom", "index.html", "notification.json",
		"port/1/index.html", "port/2/index.html", "port/3/index.html", "service/index.html", "delta/notification.json",
	} {
		save(name, "old "+name)
	}
	published := files(filepath.Join(dir, "public"))
	late := []string{"index.html", "notification.json"}
	for i, command := range commands[1:] {
		shell(command)
		arrived := files(remote)
		for _, name := range late[min(i, 2):] {
			if _, found := arrived[name]; found {
				t.Errorf("%s has arrived after %s", name, command)
			}
		}
		if want := len(published) - len(late[min(i, 2):]); len(arrived) != want {
			t.Errorf("%d files have arrived after %s, want %d", len(arrived), command, want)
		}
	}
	if !maps.Equal(published, files(remote)) {
		t.Errorf("the remote has other files than the %d published ones", len(published))
	}

	want := []string{"index.html", "notification.json", "port/2/index.html"}
	for _, name := range want {
		save(name, "new "+name) // of the same size
	}
	if err := os.Remove(filepath.Join(dir, "public", "port", "3", "index.html")); err != nil {
		t.Fatal(err)
	}
	published = files(filepath.Join(dir, "public"))
	var copied []string
	for _, command := range commands[1:] {
		for line := range strings.Lines(shell(command)) {
			if m := regexp.MustCompile(`INFO  : (.*): (Copied|Multi-thread Copied)`).FindStringSubmatch(line); m != nil {
				copied = append(copied, m[1])
			}
		}
	}
	slices.Sort(copied)
	if diff := cmp.Diff(want, copied); diff != "" {
		t.Errorf("copied (-want +got):\n%s", diff)
	}
	if !maps.Equal(published, files(remote)) {
		t.Error("the remote has not what is published now")
	}
}
