package git

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestPartialClone reads a partial clone whose configuration names a command to fetch what is missing. The command must
// not run, nothing may be written to the repository, and no program may be asked for a password.
func TestPartialClone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the command is a shell script")
	}
	r := newRepo(t)
	r.commit(0, "f", "one")
	r.commit(1, "f", "two")
	blob := r.mustGit(0, "rev-parse", "HEAD~1:f")
	script, ran := filepath.Join(t.TempDir(), "command"), filepath.Join(t.TempDir(), "ran")
	text := "#!/bin/sh\ntouch '" + ran + "'\nexec git-upload-pack \"$@\"\n"
	if err := os.WriteFile(script, []byte(text), 0o777); err != nil {
		t.Fatal(err)
	}
	clone := filepath.Join(t.TempDir(), "clone")
	r.mustGit(0, "clone", "-q", "--bare", r.dir, clone)
	config := func(name, value string) {
		r.mustGit(0, "--git-dir="+clone, "config", name, value)
	}
	config("core.repositoryFormatVersion", "1")
	config("extensions.partialClone", "origin")
	config("remote.origin.promisor", "true")
	config("remote.origin.url", "file://"+r.dir)
	config("remote.origin.uploadpack", script)
	config("protocol.allow", "always")
	config("protocol.file.allow", "always")
	config("core.askPass", script)
	t.Setenv("GIT_ASKPASS", script)
	// The clone's pack is unpacked, so that one blob can be removed from it.
	packs, err := filepath.Glob(filepath.Join(clone, "objects", "pack", "*.pack"))
	if err != nil {
		t.Fatal(err)
	}
	for _, pack := range packs {
		moved := filepath.Join(t.TempDir(), "pack")
		if err := os.Rename(pack, moved); err != nil {
			t.Fatal(err)
		}
		unpack := exec.Command("git", "--git-dir="+clone, "unpack-objects", "-q")
		if unpack.Stdin, err = os.Open(moved); err != nil {
			t.Fatal(err)
		}
		if out, err := unpack.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	if err := os.Remove(filepath.Join(clone, "objects", blob[:2], blob[2:])); err != nil {
		t.Fatal(err)
	}
	before := r.mustGit(0, "--git-dir="+clone, "count-objects", "-v")

	s, err := Open(t.Context(), clone)
	if err != nil {
		t.Fatal(err)
	}
	list, err := s.Editions(t.Context(), "HEAD", "f")
	if err != nil {
		t.Fatal(err)
	}
	for _, err = range s.Read(t.Context(), list) {
	}
	hint := ""
	if h := (hinted{}); errors.As(err, &h) {
		hint = h.hint
	}
	if !errors.Is(err, errMissing) || !strings.Contains(hint, "partial clone") {
		t.Errorf("reading the missing edition: %v, hint %q", err, hint)
	}
	if _, err := os.Stat(ran); err == nil {
		t.Error("the repository's command ran")
	}
	if after := r.mustGit(0, "--git-dir="+clone, "count-objects", "-v"); after != before {
		t.Errorf("objects were written:\n%s\nbefore:\n%s", after, before)
	}
}

// TestImpossibleDates has commits whose dates git cannot read, between others.
func TestImpossibleDates(t *testing.T) {
	for _, date := range []string{"99999999999999999999 +0000", "yesterday", "9223372036854775807 +0000", "-1 +0000"} {
		r := newRepo(t)
		r.commit(0, "f", "one")
		parent := r.mustGit(0, "rev-parse", "HEAD")
		r.commit(1, "f", "two")
		tree := r.mustGit(0, "rev-parse", "HEAD^{tree}")
		object := filepath.Join(t.TempDir(), "commit")
		text := "tree " + tree + "\nparent " + parent + "\nauthor A <a@example.org> " + date + "\ncommitter A <a@example.org> " + date + "\n\nx\n"
		if err := os.WriteFile(object, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		bad := r.mustGit(0, "hash-object", "-t", "commit", "-w", "--literally", object)
		r.mustGit(0, "reset", "-q", "--hard", bad)
		r.commit(9, "f", "three")
		if got := history(t, r.dir, "HEAD", "f"); len(got) != 3 || !slices.Contains(got, "0 f one") || !slices.Contains(got, "9 f three") {
			t.Errorf("date %s: %q", date, got)
		}
	}
}

func TestParseCommit(t *testing.T) {
	for line, want := range map[string]Edition{
		"commit abc 1500000000":           {Commit: "abc", Time: start},
		"commit abc":                      {Commit: "abc"},
		"commit abc 18446744073709551615": {Commit: "abc"},
		"commit abc 9223372036854775807":  {Commit: "abc"},
		"commit abc -62135596801":         {Commit: "abc"},
		"commit abc 253402300799":         {Commit: "abc", Time: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)},
	} {
		got, err := parseCommit(line)
		if err != nil || got.Commit != want.Commit || !got.Time.Equal(want.Time) {
			t.Errorf("parseCommit(%q) = %+v, %v, want %+v", line, got, err, want)
		}
	}
	if _, err := parseCommit("commit"); err == nil {
		t.Error("a line without a hash was accepted")
	}
}

// TestGone asks for a file that the newest commit has no more, and under another folder.
func TestGone(t *testing.T) {
	r := newRepo(t)
	r.commit(0, "mirror/Ports.csv", "one")
	r.mustGit(1, "rm", "-q", "mirror/Ports.csv")
	r.commit(2, "other.csv", "x")
	s, err := Open(t.Context(), r.dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Editions(t.Context(), "HEAD", "ports.csv")
	hint := hinted{}
	if !errors.Is(err, ErrNoFile) || !errors.As(err, &hint) || hint.hint != "did you mean --path mirror/Ports.csv?" {
		t.Errorf("%v, hint %q", err, hint.hint)
	}
}

// TestAllBranches has editions on two branches and a tag; one commit is on both branches.
func TestAllBranches(t *testing.T) {
	r := newRepo(t)
	r.commit(0, "f", "one")
	r.mustGit(0, "branch", "second")
	r.commit(10, "f", "two")
	r.mustGit(0, "checkout", "-q", "second")
	r.commit(5, "f", "between")
	r.mustGit(0, "checkout", "-q", "--detach")
	r.commit(20, "f", "tagged")
	r.mustGit(0, "tag", "v1")
	r.mustGit(0, "tag", "of-a-file", "v1:f")
	r.mustGit(0, "checkout", "-q", "main")
	s, err := Open(t.Context(), r.dir)
	if err != nil {
		t.Fatal(err)
	}
	list, err := s.AllEditions(t.Context(), "f")
	if err != nil {
		t.Fatal(err)
	}
	var got []int
	for _, e := range list {
		got = append(got, int(e.Time.Sub(start).Seconds()))
	}
	if d := cmp.Diff([]int{0, 5, 10, 20}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	for ref, want := range map[string]int{"main": 2, "second": 2, "v1": 1} {
		if n, err := s.Elsewhere(t.Context(), ref, "f"); err != nil || n != want {
			t.Errorf("Elsewhere(%s) = %d, %v, want %d", ref, n, err, want)
		}
	}
}
