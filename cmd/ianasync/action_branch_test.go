package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ianasync/ianasync/internal/layout"
)

// TestActionKeepsTheBranch runs the action in checkouts whose store is missing, old or altered. Whatever the state, the
// branch afterwards has all versions that it had, and those that only the checkout had.
func TestActionKeepsTheBranch(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it runs the action twenty times; the package githubaction has its own tests")
	}
	f := newForge(t)
	at := func(day int) time.Time { return time.Date(2026, 1, day, 5, 17, 0, 0, time.UTC) }
	f.serve("plain", generate())
	f.wants(f.run(f.checkout(), at(10), nil, false), 0, "changed", "our history begins with 11037 records")
	old := f.checkout()
	f.serve("plain", generate("rename:relay-15:ferry"))
	f.run(f.checkout(), at(11), nil, false)
	first, second, third := "20260110T051700Z", "20260111T051700Z", "20260112T051700Z"
	runGit(t, "--git-dir", f.remote, "config", "uploadpack.allowFilter", "true")
	runGit(t, "--git-dir", f.remote, "config", "uploadpack.allowAnySHA1InWant", "true")

	begun := f.remote
	data := func(clone string) string { return filepath.Join(clone, "data") }
	removed := func(clone string) {
		if err := os.RemoveAll(data(clone)); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		name  string
		clone []string // arguments of git clone
		spoil func(clone string)
		want  []string // versions afterwards
	}{
		{"intact", nil, func(string) {}, nil},
		{"removed", nil, removed, nil},
		{"sparse", nil, func(clone string) {
			runGit(t, "-C", clone, "sparse-checkout", "set", "--cone", "docs")
		}, nil},
		{"sparse and without blobs", []string{"--filter=blob:none", "--sparse"}, func(string) {}, nil},
		{"skipped", nil, func(clone string) {
			for name := range strings.FieldsSeq(runGit(t, "-C", clone, "ls-files", "data")) {
				runGit(t, "-C", clone, "update-index", "--skip-worktree", name)
			}
			removed(clone)
		}, nil},
		{"restored by a cache", nil, func(clone string) {
			removed(clone)
			copyTree(t, data(clone), data(old))
		}, nil},
		{"only the versions' lines are old", nil, func(clone string) {
			for _, name := range versionFiles(t, old) {
				saveFile(t, filepath.Join(data(clone), name), []byte(read(filepath.Join(data(old), name))))
			}
		}, nil},
		{"only the versions' lines are missing", nil, func(clone string) {
			for _, name := range versionFiles(t, clone) {
				if err := os.Remove(filepath.Join(data(clone), name)); err != nil {
					t.Fatal(err)
				}
			}
		}, nil},
		{"other line ends", []string{"-c", "core.autocrlf=true"}, func(string) {}, nil},
		{"other line ends, by hand", nil, func(clone string) {
			walkFiles(t, data(clone), func(name string, text []byte) {
				if !strings.HasSuffix(name, ".zst") {
					saveFile(t, name, []byte(strings.ReplaceAll(string(text), "\n", "\r\n")))
				}
			})
		}, nil},
		{"old, with a version of its own", nil, func(clone string) {
			removed(clone)
			copyTree(t, data(clone), data(old))
			f.serve("plain", generate("rename:relay-15:canal"))
			inPlace(t, at(11).Add(time.Hour), data(clone), f.site.URL())
		}, []string{first, second, "20260111T061700Z", third}},
		{"new, with a version of its own", nil, func(clone string) {
			f.serve("plain", generate("rename:relay-15:canal"))
			inPlace(t, at(11).Add(time.Hour), data(clone), f.site.URL())
		}, []string{first, second, "20260111T061700Z", third}},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := f
			g.remote = filepath.Join(t.TempDir(), "remote.git")
			defer func() { g.remote = begun }()
			copyTree(t, g.remote, begun)
			clone := filepath.Join(t.TempDir(), "clone")
			runGit(t, slices.Concat([]string{"clone", "-q", "--depth", "1"}, test.clone, []string{"file://" + g.remote, clone})...)
			test.spoil(clone)
			f.serve("plain", generate("rename:relay-15:ferry", "deassign:relay-29"))
			with := make(map[string]string)
			publishes := test.clone != nil && test.clone[0] == "--filter=blob:none" // one is enough: it writes 23,000 files
			if publishes {
				with["publish"] = "_site"
			}
			r := g.run(clone, at(12), with, false)
			if r.status != exitDone || r.outputs["outcome"] != "changed" {
				t.Fatalf("exit status %d, outcome %q\n%s%s", r.status, r.outputs["outcome"], r.stdout, r.stderr)
			}
			want := test.want
			if want == nil {
				want = []string{first, second, third}
			}
			hasVersions(t, g.checkout(), want)
			if gone := runGit(t, "--git-dir", g.remote, "diff", "--diff-filter=D", "--name-only", "main~1", "main"); gone != "" {
				t.Errorf("the commit removes %s", gone)
			}
			if changed := runGit(t, "--git-dir", g.remote, "diff", "--diff-filter=M", "--name-only", "main~1", "main"); strings.Contains(changed, ".zst") {
				t.Errorf("the commit alters %s", changed)
			}
			for _, id := range want {
				if _, err := os.Stat(filepath.Join(clone, "_site", "version", id, "index.html")); publishes && err != nil {
					t.Errorf("what is published lacks a version: %v", err)
				}
			}
			walkFiles(t, data(g.checkout()), func(name string, text []byte) {
				if !strings.HasSuffix(name, ".zst") && strings.Contains(string(text), "\r") {
					t.Errorf("line ends were altered in %s", name)
				}
			})
		})
	}

	t.Run("other line ends, in a store without .gitattributes", func(t *testing.T) {
		f.remote = filepath.Join(t.TempDir(), "remote.git")
		defer func() { f.remote = begun }()
		copyTree(t, f.remote, begun)
		clone := f.checkout()
		runGit(t, "-C", clone, "rm", "-q", "data/.gitattributes")
		runGit(t, "-C", clone, "-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-q", "-m", "an older store")
		runGit(t, "-C", clone, "push", "-q", "origin", "main")
		clone = filepath.Join(t.TempDir(), "clone")
		runGit(t, "clone", "-q", "-c", "core.autocrlf=true", "--depth", "1", "file://"+f.remote, clone)
		if lines := read(filepath.Join(data(clone), versionFiles(t, clone)[0])); !strings.Contains(lines, "\r\n") {
			t.Fatal("git altered no line ends")
		}
		f.serve("plain", generate("rename:relay-15:ferry", "deassign:relay-29"))
		if r := f.run(clone, at(12), nil, false); r.status != exitDone || r.outputs["outcome"] != "changed" {
			t.Fatalf("exit status %d, outcome %q\n%s%s", r.status, r.outputs["outcome"], r.stdout, r.stderr)
		}
		hasVersions(t, f.checkout(), []string{first, second, third})
		for name := range strings.FieldsSeq(runGit(t, "--git-dir", f.remote, "ls-tree", "-r", "--name-only", "main", "data")) {
			if text := runGit(t, "--git-dir", f.remote, "show", "main:"+name); !strings.HasSuffix(name, ".zst") && strings.Contains(text, "\r") {
				t.Errorf("line ends were altered in %s", name)
			}
		}
	})
	t.Run("unreadable, with a version of its own", func(t *testing.T) {
		clone := f.checkout()
		for _, name := range versionFiles(t, clone) {
			file := filepath.Join(data(clone), name)
			saveFile(t, file, []byte(read(file)+`{"id":"20260111T071700Z"`+"\n"))
		}
		head := runGit(t, "--git-dir", f.remote, "rev-parse", "main")
		r := f.run(clone, at(12), nil, false)
		if r.status != exitFailure || !strings.Contains(r.stdout, "the checkout has versions in data that the branch has not, and they cannot be read") || !strings.Contains(r.stdout, "hint: move data away and keep it") {
			t.Errorf("exit status %d\n%s%s", r.status, r.stdout, r.stderr)
		}
		if now := runGit(t, "--git-dir", f.remote, "rev-parse", "main"); now != head {
			t.Error("something was pushed")
		}
	})
	t.Run("removed, and nothing is committed", func(t *testing.T) {
		clone := f.checkout()
		removed(clone)
		r := f.run(clone, at(12), map[string]string{"commit": "none"}, false)
		if r.status != exitDone || r.outputs["previous"] != second {
			t.Errorf("exit status %d, outputs %q\n%s%s", r.status, r.outputs, r.stdout, r.stderr)
		}
	})
	t.Run("commits of another step", func(t *testing.T) {
		clone := f.checkout()
		saveFile(t, filepath.Join(clone, "mine"), []byte("mine\n"))
		runGit(t, "-C", clone, "add", "mine")
		runGit(t, "-C", clone, "-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-q", "-m", "mine")
		r := f.run(clone, at(12), nil, false)
		if r.status != exitDone || len(r.outputs["commit"]) != 40 {
			t.Fatalf("exit status %d, outputs %q\n%s%s", r.status, r.outputs, r.stdout, r.stderr)
		}
		if got := runGit(t, "--git-dir", f.remote, "ls-tree", "--name-only", "main"); got != "README.md\ndata\n" {
			t.Errorf("the branch has %q", got)
		}
	})
}

// TestActionKilledInGit kills a run while its git holds a lock, with that git. The next run in the same checkout removes the lock.
func TestActionKilledInGit(t *testing.T) {
	t.Parallel()
	f := newForge(t)
	git, err := exec.LookPath("git")
	if err != nil {
		t.Fatal(err)
	}
	f.serve("plain", generate())
	clone, bin := f.checkout(), t.TempDir()
	armed := filepath.Join(bin, "armed")
	saveFile(t, armed, nil)
	script := `#!/bin/sh
for word in "$@"; do
	if [ "$word" = reset ] && [ -e '` + armed + `' ]; then
		rm '` + armed + `'
		: >'` + clone + `/.git/index.lock'
		kill -9 $PPID $$
	fi
done
exec '` + git + `' "$@"
`
	if err := os.WriteFile(filepath.Join(bin, "git"), []byte(script), 0o777); err != nil {
		t.Fatal(err)
	}
	f.env = append(f.env, "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	at := time.Date(2026, 1, 10, 5, 17, 0, 0, time.UTC)
	if r := f.run(clone, at, nil, false); r.status == exitDone {
		t.Fatal("it was not killed")
	}
	if _, err := os.Stat(filepath.Join(clone, ".git", "index.lock")); err != nil {
		t.Fatal(err)
	}
	f.serve("plain", generate("deassign:relay-29"))
	f.wants(f.run(clone, at.Add(time.Hour), nil, false), 0, "changed", "our history begins with 11037 records", "relay-29 29 deassigned")
	for _, name := range []string{"index.lock", "ianasync.json"} {
		if _, err := os.Stat(filepath.Join(clone, ".git", name)); err == nil {
			t.Errorf("%s was left behind", name)
		}
	}
}

// hasVersions checks that the store of a checkout is whole and has just these versions.
func hasVersions(t *testing.T, clone string, want []string) {
	t.Helper()
	store := filepath.Join(clone, "data")
	now := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	if out, err := inProcess(now, store, "verify"); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	out, err := inProcess(now, store, "versions")
	if err != nil {
		t.Error(err)
	}
	var got []string
	for line := range strings.Lines(out) {
		if fields := strings.Fields(line); len(fields) > 0 && strings.HasSuffix(fields[0], "Z") {
			got = append(got, fields[0])
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the branch has the versions %q, want %q", got, want)
	}
}

// inPlace stores what is served as a run does that cannot push.
func inPlace(t *testing.T, now time.Time, store, source string) {
	t.Helper()
	if out, err := inProcess(now, store, "sync", "--source", source); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// versionFiles returns the names of the files that list versions, in the store of a checkout.
func versionFiles(t *testing.T, clone string) (names []string) {
	t.Helper()
	store := filepath.Join(clone, "data")
	walkFiles(t, store, func(name string, _ []byte) {
		within, err := filepath.Rel(store, name)
		if err != nil {
			t.Fatal(err)
		}
		if layout.IsVersions(filepath.ToSlash(within)) {
			names = append(names, within)
		}
	})
	if len(names) == 0 {
		t.Fatal("there is none")
	}
	return names
}

func walkFiles(t *testing.T, folder string, visit func(name string, data []byte)) {
	t.Helper()
	err := filepath.WalkDir(folder, func(name string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			visit(name, []byte(read(name)))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func copyTree(t *testing.T, to, from string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}
