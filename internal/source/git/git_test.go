package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestMain hides the settings of the user and of the system from git.
func TestMain(m *testing.M) {
	if err := errors.Join(os.Setenv("GIT_CONFIG_GLOBAL", os.DevNull), os.Setenv("GIT_CONFIG_NOSYSTEM", "1")); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// repo is a real repository that a test makes.
type repo struct {
	t   *testing.T
	dir string
}

func newRepo(t *testing.T) repo {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git here")
	}
	r := repo{t, filepath.Join(t.TempDir(), "ports")}
	r.mustGit(0, "init", "-q", "-b", "main", r.dir)
	return r
}

// git runs git with the clock at some seconds after start.
func (r repo) git(at int, args ...string) (string, error) {
	cmd := exec.Command("git", append([]string{"-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgSign=false", "-c", "protocol.file.allow=always"}, args...)...)
	if _, err := os.Stat(r.dir); err == nil {
		cmd.Dir = r.dir
	}
	date := fmt.Sprintf("@%d +0200", start.Unix()+int64(at))
	cmd.Env = append(os.Environ(), "GIT_COMMITTER_DATE="+date, "GIT_AUTHOR_DATE=@1000000000 +0000")
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

func (r repo) mustGit(at int, args ...string) string {
	r.t.Helper()
	out, err := r.git(at, args...)
	if err != nil {
		r.t.Fatalf("git %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return out
}

var start = time.Unix(1_500_000_000, 0).UTC()

// commit writes a file and commits it, some seconds after start.
func (r repo) commit(at int, name, text string) {
	r.t.Helper()
	file := filepath.Join(r.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		r.t.Fatal(err)
	}
	r.mustGit(at, "add", "-A")
	r.mustGit(at, "commit", "-q", "--allow-empty", "-m", name)
}

func (r repo) removeF() {
	r.t.Helper()
	if err := os.RemoveAll(filepath.Join(r.dir, "f")); err != nil {
		r.t.Fatal(err)
	}
}

// history reads all editions of a file, each as "SECONDS NAME TEXT".
func history(t *testing.T, repo, ref, file string) []string {
	t.Helper()
	s, err := Open(t.Context(), repo)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	list, err := s.Editions(t.Context(), ref, file)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for e, err := range s.Read(t.Context(), list) {
		if err != nil {
			t.Fatal(err)
		}
		text := string(e.Bytes)
		if e.Unfit != nil {
			text = "unfit: " + e.Unfit.Error()
		}
		got = append(got, fmt.Sprintf("%d %s %s", int(e.Time.Sub(start).Seconds()), e.Path, text))
	}
	return got
}

func TestHistory(t *testing.T) {
	tests := []struct {
		name  string
		build func(r repo)
		file  string // f if empty
		ref   string // HEAD if empty
		want  []string
	}{
		{"in a row, with commits of other files between", func(r repo) {
			r.commit(0, "f", "one")
			r.commit(10, "g", "other")
			r.commit(20, "f", "two")
		}, "", "", []string{"0 f one", "20 f two"}},
		{"two in one second", func(r repo) {
			r.commit(0, "f", "one")
			r.commit(5, "f", "two")
			r.commit(5, "f", "three")
			r.commit(5, "f", "four")
		}, "", "", []string{"0 f one", "5 f two", "5 f three", "5 f four"}},
		{"a clock that goes back", func(r repo) {
			r.commit(50, "f", "one")
			r.commit(20, "f", "two")
			r.commit(60, "f", "three")
		}, "", "", []string{"20 f two", "50 f one", "60 f three"}},
		{"deleted and added again", func(r repo) {
			r.commit(0, "f", "one")
			r.mustGit(10, "rm", "-q", "f")
			r.mustGit(10, "commit", "-q", "-m", "gone")
			r.commit(20, "f", "one")
		}, "", "", []string{"0 f one", "20 f one"}},
		{"gone at the end", func(r repo) {
			r.commit(0, "f", "one")
			r.mustGit(10, "rm", "-q", "f")
			r.mustGit(10, "commit", "-q", "-m", "gone")
		}, "", "", []string{"0 f one"}},
		{"returns to older bytes", func(r repo) {
			r.commit(0, "f", "one")
			r.commit(10, "f", "two")
			r.commit(20, "f", "one")
		}, "", "", []string{"0 f one", "10 f two", "20 f one"}},
		{"renamed twice, once with a change", func(r repo) {
			r.commit(0, "a/old", "one")
			r.mustGit(10, "mv", "a/old", "mid")
			r.mustGit(10, "commit", "-q", "-m", "mv")
			r.commit(20, "mid", strings.Repeat("line\n", 50))
			r.mustGit(30, "mv", "mid", "f")
			r.commit(30, "f", strings.Repeat("line\n", 49)+"end")
		}, "", "", []string{
			"0 a/old one", "10 mid one", "20 mid " + strings.Repeat("line\n", 50), "30 f " + strings.Repeat("line\n", 49) + "end",
		}},
		{"another file under the name from before", func(r repo) {
			r.commit(0, "old", "one")
			r.mustGit(10, "mv", "old", "f")
			r.mustGit(10, "commit", "-q", "-m", "mv")
			r.commit(20, "old", "something else")
			r.commit(30, "f", "two")
		}, "", "", []string{"0 old one", "10 f one", "30 f two"}},
		{"renamed on a branch that was merged", func(r repo) {
			r.commit(0, "old", "one")
			r.mustGit(0, "checkout", "-q", "-b", "side")
			r.mustGit(10, "mv", "old", "f")
			r.mustGit(10, "commit", "-q", "-m", "mv")
			r.mustGit(0, "checkout", "-q", "main")
			r.commit(20, "g", "other")
			r.mustGit(30, "merge", "-q", "-m", "merge", "side")
			r.commit(40, "f", "two")
		}, "", "", []string{"0 old one", "10 f one", "40 f two"}},
		{"a merge that takes the branch", func(r repo) {
			r.commit(0, "f", "one")
			r.mustGit(0, "checkout", "-q", "-b", "side")
			r.commit(10, "f", "two")
			r.mustGit(0, "checkout", "-q", "main")
			r.commit(20, "g", "other")
			r.mustGit(30, "merge", "-q", "-m", "merge", "side")
		}, "", "", []string{"0 f one", "10 f two"}},
		{"a merge that drops what the branch did", func(r repo) {
			r.commit(0, "f", "one")
			r.mustGit(0, "checkout", "-q", "-b", "side")
			r.commit(10, "f", "two")
			r.mustGit(0, "checkout", "-q", "main")
			r.commit(20, "g", "other")
			r.mustGit(30, "merge", "-q", "-s", "ours", "-m", "merge", "side")
		}, "", "", []string{"0 f one", "10 f two", "30 f one"}},
		{"a merge that says something of its own", func(r repo) {
			r.commit(0, "f", "one")
			r.mustGit(0, "checkout", "-q", "-b", "side")
			r.commit(10, "f", "two")
			r.mustGit(0, "checkout", "-q", "main")
			r.commit(20, "f", "three")
			if _, err := r.git(30, "merge", "-q", "-m", "merge", "side"); err == nil {
				r.t.Error("no conflict")
			}
			r.commit(30, "f", "four")
		}, "", "", []string{"0 f one", "10 f two", "20 f three", "30 f four"}},
		{"two beginnings", func(r repo) {
			r.commit(0, "f", "one")
			r.mustGit(0, "checkout", "-q", "--orphan", "side")
			r.commit(10, "f", "two")
			r.mustGit(0, "checkout", "-q", "main")
			r.mustGit(20, "merge", "-q", "--allow-unrelated-histories", "-X", "theirs", "-m", "merge", "side")
		}, "", "", []string{"0 f one", "10 f two"}},
		{"a branch", func(r repo) {
			r.commit(0, "f", "one")
			r.mustGit(0, "checkout", "-q", "-b", "side")
			r.commit(10, "f", "two")
			r.mustGit(0, "checkout", "-q", "main")
			r.commit(20, "f", "three")
		}, "", "side", []string{"0 f one", "10 f two"}},
		{"an annotated tag", func(r repo) {
			r.commit(0, "f", "one")
			r.mustGit(0, "tag", "-m", "tag", "v1")
			r.commit(20, "f", "three")
		}, "", "v1", []string{"0 f one"}},
		{"a name with spaces, no ASCII, and what git takes for a pattern", func(r repo) {
			r.commit(0, "dö cs/:(top)*é [1].csv", "one")
			r.commit(1, "dö cs/x.csv", "other")
		}, "./dö cs/:(top)*é [1].csv", "", []string{"0 dö cs/:(top)*é [1].csv one"}},
		{"a name like an option", func(r repo) {
			r.commit(0, "--output=x", "one")
		}, "--output=x", "", []string{"0 --output=x one"}},
		{"a symbolic link for a while", func(r repo) {
			r.commit(0, "f", "one")
			r.removeF()
			if err := os.Symlink("elsewhere", filepath.Join(r.dir, "f")); err != nil {
				r.t.Skip(err)
			}
			r.commit(10, "g", "other")
			r.removeF()
			r.commit(20, "f", "two")
		}, "", "", []string{"0 f one", "10 f unfit: it is a symbolic link, not a file", "20 f two"}},
		{"a submodule for a while", func(r repo) {
			r.commit(0, "f", "one")
			head := r.mustGit(0, "rev-parse", "HEAD")
			r.mustGit(0, "rm", "-q", "f")
			r.mustGit(0, "update-index", "--add", "--cacheinfo", "160000,"+head+",f")
			r.mustGit(10, "commit", "-q", "-m", "submodule")
			r.mustGit(0, "rm", "-q", "--cached", "f")
			r.commit(20, "f", "two")
		}, "", "", []string{"0 f one", "10 f unfit: it is a submodule, not a file", "20 f two"}},
		{"a folder for a while", func(r repo) {
			r.commit(0, "f", "one")
			r.removeF()
			r.commit(10, "f/g", "other")
			r.removeF()
			r.commit(20, "f", "two")
		}, "", "", []string{"0 f one", "20 f two"}},
		{"an empty file, and bytes of all kinds", func(r repo) {
			r.commit(0, "f", "")
			r.commit(10, "f", "a\r\n\x00\xff\n\n")
		}, "", "", []string{"0 f ", "10 f a\r\n\x00\xff\n\n"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if runtime.GOOS == "windows" && strings.ContainsAny(tt.file, "*:") {
				t.Skip("there are no such names here")
			}
			r := newRepo(t)
			r.mustGit(0, "config", "core.autocrlf", "false")
			tt.build(r)
			file, ref := tt.file, tt.ref
			if file == "" {
				file = "f"
			}
			if ref == "" {
				ref = "HEAD"
			}
			if d := cmp.Diff(tt.want, history(t, r.dir, ref, file)); d != "" {
				t.Errorf("(-want +got):\n%s\n%s", d, r.mustGit(0, "log", "--graph", "--oneline", "--all"))
			}
		})
	}
}

// TestSettings sees that what a user may have set does not alter what is read.
func TestSettings(t *testing.T) {
	r := newRepo(t)
	r.commit(0, "ö", "one")
	r.commit(10, "ö", "two")
	for _, s := range []string{
		"log.follow true", "log.showSignature true", "log.showRoot false", "log.diffMerges off", "core.quotePath true", "color.ui always",
		"diff.renames copies", "core.abbrev 5", "diff.noprefix true", "format.pretty oneline", "log.decorate full", "diff.relative true",
		"core.pager false", "i18n.logOutputEncoding UTF-16",
	} {
		key, value, _ := strings.Cut(s, " ")
		r.mustGit(0, "config", key, value)
	}
	t.Setenv("GIT_DIR", filepath.Join(t.TempDir(), "nowhere"))
	t.Setenv("GIT_LITERAL_PATHSPECS", "1")
	t.Setenv("GIT_WORK_TREE", t.TempDir())
	if d := cmp.Diff([]string{"0 ö one", "10 ö two"}, history(t, r.dir, "HEAD", "ö")); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// TestPlaces opens one history in all the forms in which it may be.
func TestPlaces(t *testing.T) {
	r := newRepo(t)
	r.commit(0, "f", "one")
	r.commit(10, "f", "two")
	beside := func(name string) string { return filepath.Join(filepath.Dir(r.dir), name) }
	r.mustGit(0, "clone", "-q", "--bare", r.dir, beside("bare.git"))
	r.mustGit(0, "bundle", "create", beside("all.bundle"), "--all", "HEAD")
	r.mustGit(0, "worktree", "add", "-q", beside("tree"), "main~0")
	r.mustGit(0, "clone", "-q", "--depth", "1", "file://"+filepath.ToSlash(r.dir), beside("shallow"))
	whole := []string{"0 f one", "10 f two"}
	for place, want := range map[string][]string{
		r.dir:                        whole,
		filepath.Join(r.dir, ".git"): whole,
		beside("bare.git"):           whole,
		beside("all.bundle"):         whole,
		beside("tree"):               whole,
		beside("shallow"):            {"10 f two"},
		"file://" + filepath.ToSlash(beside("bare.git")): whole,
	} {
		temp := t.TempDir()
		t.Setenv("TMPDIR", temp)
		if d := cmp.Diff(want, history(t, place, "HEAD", "f")); d != "" {
			t.Errorf("%s (-want +got):\n%s", place, d)
		}
		if left, _ := os.ReadDir(temp); len(left) > 0 {
			t.Errorf("%s: %s is left over", place, left[0].Name())
		}
	}
	s, err := Open(t.Context(), beside("shallow"))
	if err != nil || !s.Shallow {
		t.Errorf("a shallow repository: %+v, %v", s, err)
	}
}

func TestErrors(t *testing.T) {
	r := newRepo(t)
	r.commit(0, "data/ports.csv", "one")
	r.commit(1, "other.csv", "other")
	r.mustGit(0, "branch", "side")
	empty := newRepo(t).dir
	text := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(text, []byte("no bundle"), 0o666); err != nil {
		t.Fatal(err)
	}
	broken := filepath.Join(t.TempDir(), "broken.bundle")
	if err := os.WriteFile(broken, []byte("# v2 git bundle\nrubbish\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	evil := filepath.Join(t.TempDir(), "evil")
	tests := []struct {
		repo, ref, file string
		is              error  // nil for any
		want, hint      string // parts
	}{
		{r.dir, "HEAD", "ports.csv", ErrNoFile, "no such file in the history of HEAD: ports.csv", "did you mean --path data/ports.csv?"},
		{r.dir, "HEAD", "data", ErrNoFile, "it is a folder", "data/ports.csv"},
		{r.dir, "HEAD", "new.csv", ErrNoFile, "new.csv", "it has data/ports.csv, other.csv: --path names the registry's file"},
		{r.dir, "HEAD", "x", ErrNoFile, ": x", "from the repository's root"},
		{r.dir, "HEAD", "../x", nil, "not the path of a file", "root"},
		{r.dir, "HEAD", "/x", nil, "not the path of a file", "root"},
		{r.dir, "HEAD", "", nil, "not the path of a file", "root"},
		{r.dir, "nope", "other.csv", ErrNoRef, "no such ref: nope", "side"},
		{r.dir, "", "other.csv", ErrNoRef, "no such ref", "main"},
		{r.dir, "--output=" + evil, "other.csv", ErrNoRef, "no such ref: --output", "main"},
		{r.dir, "HEAD --output=" + evil, "other.csv", ErrNoRef, "no such ref", "main"},
		{r.dir, "HEAD..main", "other.csv", ErrNoRef, "no such ref", "main"},
		{r.dir, "HEAD:other.csv", "other.csv", ErrNoRef, "no such ref", "main"},
		{empty, "HEAD", "f", ErrNoRef, "no such ref: HEAD", "has no commits"},
		{filepath.Join(r.dir, "data"), "HEAD", "ports.csv", ErrNoRepo, "not a git repository", "the folder that holds .git"},
		{text, "HEAD", "f", ErrNoRepo, "text: not a git repository", "git bundle create"},
		{broken, "HEAD", "f", nil, "cloning " + broken, "'git clone' of it must work"},
		{text + "er", "HEAD", "f", os.ErrNotExist, "texter", "a URL that git can clone"},
		{"file://" + filepath.ToSlash(text) + "er", "HEAD", "f", nil, "texter", "must work"},
		{"--upload-pack=touch " + evil, "HEAD", "f", os.ErrNotExist, "--upload-pack", "bundle"},
		{"ext::touch " + evil, "HEAD", "f", nil, "transport 'ext' not allowed", "must work"},
		{"https://me:secret@127.0.0.1:1/x.git", "HEAD", "f", nil, "cloning https://127.0.0.1:1/x.git: ", "must work"},
	}
	for _, tt := range tests {
		s, err := Open(t.Context(), tt.repo)
		if err == nil {
			_, err = s.Editions(t.Context(), tt.ref, tt.file)
			s.Close()
		}
		var h interface{ Hint() string }
		switch {
		case err == nil:
			t.Errorf("%s %s %s: no error", tt.repo, tt.ref, tt.file)
		case tt.is != nil && !errors.Is(err, tt.is), !strings.Contains(err.Error(), tt.want), strings.Contains(err.Error(), "secret"):
			t.Errorf("%s %s %s: %v, want %s", tt.repo, tt.ref, tt.file, err, tt.want)
		case !errors.As(err, &h) || !strings.Contains(h.Hint(), tt.hint):
			t.Errorf("%s %s %s: %v: its hint is not %s", tt.repo, tt.ref, tt.file, err, tt.hint)
		}
	}
	if exists(evil) {
		t.Error("an argument became an option")
	}
}

func TestReason(t *testing.T) {
	for _, test := range []struct{ said, want string }{
		{"", "exit status 1"},
		{"a\nb\n", "a; b"},
		{"fatal: not a git repository: x\n", "not a git repository: x"},
		{"git@x: Permission denied (publickey).\r\nfatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights\n", "git@x: Permission denied (publickey).; Could not read from remote repository."},
		{
			"remote: error: GH006: Protected branch update failed.        \nremote: \nTo https://x/y\n ! [remote rejected] a -> main (declined)\nerror: failed to push some refs to 'x'\nhint: Updates were\nhint:\nhint: rejected\n",
			"remote: error: GH006: Protected branch update failed.; ! [remote rejected] a -> main (declined); failed to push some refs to 'x'",
		},
		{strings.Repeat("remote: a\n", 9) + "fatal: b", strings.Repeat("remote: a; ", 5) + "b"},
	} {
		if got := Reason(test.said, errors.New("exit status 1")); got != test.want {
			t.Errorf("Reason(%q) = %q, want %q", test.said, got, test.want)
		}
	}
}

func TestNoGit(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := Open(t.Context(), "."); !errors.Is(err, ErrNoGit) {
		t.Errorf("%v, want %v", err, ErrNoGit)
	}
}

// TestDamage takes away the bytes of an edition, and then those of a commit.
func TestDamage(t *testing.T) {
	r := newRepo(t)
	for i, text := range []string{"one", "two", "three"} {
		r.commit(i, "f", text)
	}
	remove := func(what string) {
		hash := r.mustGit(0, "rev-parse", what)
		if err := os.Remove(filepath.Join(r.dir, ".git", "objects", hash[:2], hash[2:])); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Open(t.Context(), r.dir)
	if err != nil {
		t.Fatal(err)
	}
	parent := r.mustGit(0, "rev-parse", "HEAD~1")
	remove(parent + ":f")
	list, err := s.Editions(t.Context(), "HEAD", "f")
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	for _, err = range s.Read(t.Context(), list) {
		if err == nil {
			read++
		}
	}
	if read != 1 || err == nil || !strings.Contains(err.Error(), "reading f of commit "+parent) || !errors.Is(err, errMissing) {
		t.Errorf("an edition is missing: %d read, %v", read, err)
	}
	remove(parent)
	if _, err = s.Editions(t.Context(), "HEAD", "f"); err == nil || !strings.Contains(err.Error(), parent) {
		t.Errorf("a commit is missing: %v", err)
	}
}

func TestTooLarge(t *testing.T) {
	r := newRepo(t)
	r.mustGit(0, "config", "core.compression", "1")
	r.commit(0, "f", "one")
	r.commit(10, "f", string(bytes.Repeat([]byte("x"), MaxBytes+1)))
	r.commit(20, "f", "two")
	want := []string{"0 f one", fmt.Sprintf("10 f unfit: it has %d bytes; at most 16 MiB are read", MaxBytes+1), "20 f two"}
	if d := cmp.Diff(want, history(t, r.dir, "HEAD", "f")); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestStop(t *testing.T) {
	r := newRepo(t)
	for i := range 20 {
		r.commit(i, "f", strings.Repeat(fmt.Sprint(i), 100_000))
	}
	s, err := Open(t.Context(), r.dir)
	if err != nil {
		t.Fatal(err)
	}
	list, err := s.Editions(t.Context(), "HEAD", "f")
	if err != nil || len(list) != 20 {
		t.Fatalf("%d editions, %v", len(list), err)
	}
	for _, err := range s.Read(t.Context(), list) {
		if err != nil {
			t.Fatal(err)
		}
		break // and git must not hang
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n := 0
	for _, err = range s.Read(ctx, list) {
		if n++; n == 3 {
			cancel()
		}
	}
	if !errors.Is(err, context.Canceled) || n == 20 {
		t.Errorf("after %d editions: %v, want %v", n, err, context.Canceled)
	}
	if _, err := s.Editions(ctx, "HEAD", "f"); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want %v", err, context.Canceled)
	}
}

func TestName(t *testing.T) {
	for repo, want := range map[string]string{
		"https://me:secret@example.org/x/y.git?token=t": "https://example.org/x/y.git",
		"ssh://git@example.org/y":                       "ssh://example.org/y",
		"git@example.org:x/y.git":                       "git@example.org:x/y.git",
		filepath.Join("a", "ports", ".git"):             "ports",
		filepath.Join("a", "ports.bundle"):              "ports.bundle",
	} {
		if got := nameOf(repo); got != want {
			t.Errorf("nameOf(%s) = %s, want %s", repo, got, want)
		}
	}
}
