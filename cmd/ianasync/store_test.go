package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

// newStore syncs two editions, of 2026-01-10 and 2026-01-11, into a new store, and returns its folder and the editions.
func newStore(t *testing.T) (dir string, editions [][]byte) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "data")
	editions = [][]byte{generate(), generate("rename:relay-15:ferry")}
	for i, data := range editions {
		file := filepath.Join(t.TempDir(), "edition.csv")
		if err := os.WriteFile(file, data, 0o666); err != nil {
			t.Fatal(err)
		}
		if out, err := inProcess(time.Date(2026, 1, 10+i, 6, 0, 0, 0, time.UTC), dir, "sync", "--source", file); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	return dir, editions
}

// TestStoreDocs runs the commands of docs/store.md that read a store without ianasync.
func TestStoreDocs(t *testing.T) {
	for _, name := range []string{"bash", "zstd", "sha256sum", "openssl", "base64"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skip(err)
		}
	}
	text, err := os.ReadFile("../../docs/store.md")
	if err != nil {
		t.Fatal(err)
	}
	var commands []string
	for line := range strings.Lines(string(text)) {
		if command, shown := strings.CutPrefix(line, "    "); shown && !strings.HasPrefix(command, "{") {
			commands = append(commands, command)
		}
	}
	if len(commands) != 5 {
		t.Fatalf("%d commands are shown, want 5: %q", len(commands), commands)
	}
	dir, editions := newStore(t)
	cmd := exec.Command("bash", "-euc", strings.Join(commands, ""))
	var stderr bytes.Buffer
	cmd.Dir, cmd.Stderr = dir, &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, &stderr)
	}
	lines, err := os.ReadFile(filepath.Join(dir, "service-names-port-numbers", "versions.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	shown := strings.Fields(string(out))
	if sum := `,"checksum":"` + shown[0] + `"}`; !bytes.HasSuffix(bytes.Split(lines, []byte("\n"))[0], []byte(sum)) {
		t.Errorf("the checksum computed is %s, and the lines are %s", shown[0], lines)
	}
	if sum := `,"sha256":"` + shown[len(shown)-1] + `"`; !bytes.Contains(bytes.Split(lines, []byte("\n"))[1], []byte(sum)) {
		t.Errorf("the SHA-256 computed is %s, and the lines are %s", shown[len(shown)-1], lines)
	}
	for i, name := range []string{"first.csv", "second.csv"} {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Equal(got, editions[i]) {
			t.Errorf("%s is not the edition (%v)", name, err)
		}
	}
}

// TestStoreInGit clones a store with git as it is set up on Windows, which alters line ends where it may.
func TestStoreInGit(t *testing.T) {
	dir, _ := newStore(t)
	top := filepath.Dir(dir)
	runGit(t, "-C", top, "init", "-q")
	runGit(t, "-C", top, "add", "-A")
	runGit(t, "-C", top, "-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-q", "-m", "store")
	if got := runGit(t, "-C", top, "ls-files"); strings.Contains(got, ".lock") || !strings.Contains(got, "data/.gitattributes") {
		t.Errorf("git has %q", got)
	}
	clone := filepath.Join(t.TempDir(), "clone")
	runGit(t, "clone", "-q", "-c", "core.autocrlf=true", top, clone)
	now := time.Date(2026, 1, 12, 6, 0, 0, 0, time.UTC)
	if out, err := inProcess(now, filepath.Join(clone, "data"), "verify"); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	sameFiles(t, filepath.Join(clone, "data"), dir)
}

// TestVerifyFlips flips a bit of each file of a store in turn: verify names the file, and what can be derived again is
// mended by --repair. Reading commands never print what is not in the store.
func TestVerifyFlips(t *testing.T) {
	dir, _ := newStore(t)
	now := time.Date(2026, 1, 12, 6, 0, 0, 0, time.UTC)
	page := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(page, []byte("<html>"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := inProcess(now, dir, "sync", "--source", page); err == nil {
		t.Fatal("a page was believed")
	}
	log, err := inProcess(now, dir, "log", "--format", "jsonl")
	if err != nil {
		t.Fatal(log)
	}
	for name, text := range contents(t, dir) {
		if text == "" || strings.HasPrefix(name, ".git") {
			continue
		}
		flipped := []byte(text)
		flipped[len(flipped)/2] ^= 4
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, flipped, 0o666); err != nil {
			t.Fatal(err)
		}
		if out, err := inProcess(now, dir, "verify"); err == nil || !strings.Contains(out, filepath.ToSlash(name)+": ") {
			t.Errorf("%s is flipped, and verify prints %s", name, out)
		}
		if out, err := inProcess(now, dir, "log", "--format", "jsonl"); err == nil && out != log {
			t.Errorf("%s is flipped, and log prints %s", name, out)
		}
		if out, err := inProcess(now, dir, "verify", "--repair"); err != nil {
			if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		} else if !strings.HasSuffix(out, "whole\n") {
			t.Errorf("%s: repaired, and then: %s", name, out)
		}
	}
	s, err := snapshots.Open(dir, ports.ServiceNames())
	if err != nil || len(s.Versions()) != 2 {
		t.Errorf("%d versions, %v", len(s.Versions()), err)
	}
}
