package checkout

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// repository makes a bare repository and a clone of it with one commit.
func repository(t *testing.T) (bare, clone string) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skipf("no git here: %v", err)
	}
	bare, clone = filepath.Join(t.TempDir(), "bare.git"), filepath.Join(t.TempDir(), "clone")
	git(t, "init", "-q", "--bare", "-b", "main", bare)
	git(t, "clone", "-q", bare, clone)
	git(t, "-C", clone, "symbolic-ref", "HEAD", "refs/heads/main")
	return bare, clone
}

func git(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command("git", append([]string{"-c", "user.name=x", "-c", "user.email=x@example.com"}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o777), os.WriteFile(name, []byte(text), 0o666)); err != nil {
		t.Fatal(err)
	}
}

func folder(t *testing.T, clone string) *Folder {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(clone, "data"), 0o777); err != nil {
		t.Fatal(err)
	}
	f, err := Open(t.Context(), filepath.Join(clone, "data"), ".lock")
	if err != nil {
		t.Fatal(err)
	}
	f.BackOff = time.Millisecond
	return f
}

func commit(t *testing.T, f *Folder) {
	t.Helper()
	if _, err := f.Changed(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := f.Commit(t.Context(), "message\n", time.Unix(1e9, 0)); err != nil {
		t.Fatal(err)
	}
}

// A new repository has no commit to begin with; what the folder leaves out, ignores or
// is not in it stays out, or does not.
func TestCommitInNewRepository(t *testing.T) {
	bare, clone := repository(t)
	f := folder(t, clone)
	for name, text := range map[string]string{".gitignore": "*.zst\n", "beside": "x", "data/.lock": "", "data/ä b": "x", "data/a.zst": "\r\n"} {
		write(t, filepath.Join(clone, name), text)
	}
	changed, err := f.Changed(t.Context())
	if diff := cmp.Diff([]string{"a.zst", "ä b"}, changed); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if got := f.Committed(t.Context(), "a.zst"); got != nil {
		t.Errorf("committed is %q", got)
	}
	commit(t, f)
	if id, err := f.Push(t.Context()); len(id) != 40 || err != nil {
		t.Error(id, err)
	}
	if got := f.Committed(t.Context(), "a.zst"); string(got) != "\r\n" {
		t.Errorf("committed is %q", got)
	}
	if got := git(t, "--git-dir", bare, "ls-tree", "-rz", "--name-only", "main"); got != "data/a.zst\x00data/ä b\x00" {
		t.Errorf("committed %q", got)
	}
	if changed, err := f.Changed(t.Context()); len(changed) != 0 || err != nil {
		t.Errorf("after the commit %q differs, %v", changed, err)
	}
}

func TestPushTriesAgain(t *testing.T) {
	bare, clone := repository(t)
	f := folder(t, clone)
	write(t, filepath.Join(clone, "data", "a"), "x")
	commit(t, f)
	hook := filepath.Join(bare, "hooks", "pre-receive")
	write(t, hook, "#!/bin/sh\necho >>$GIT_DIR/../tries\n[ $(wc -l <$GIT_DIR/../tries) -gt 2 ]\n")
	if err := os.Chmod(hook, 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Push(t.Context()); err != nil {
		t.Error(err)
	}
	write(t, hook, "#!/bin/sh\necho you may not; exit 1\n")
	write(t, filepath.Join(clone, "data", "a"), "y")
	commit(t, f)
	_, err := f.Push(t.Context())
	var knows interface{ Hint() string }
	if err == nil || !strings.HasPrefix(err.Error(), "git push: ") || !errors.As(err, &knows) || !strings.Contains(knows.Hint(), "contents: write") {
		t.Errorf("a push that is never taken: %v", err)
	}
}

// Where a push arrives and its answer does not, there is nothing to do again.
func TestPushAnswerLost(t *testing.T) {
	_, clone := repository(t)
	f := folder(t, clone)
	write(t, filepath.Join(clone, "data", "a"), "x")
	commit(t, f)
	git(t, "-C", clone, "push", "-q", "origin", "HEAD:refs/heads/main")
	if landed, err := f.catchUp(t.Context()); !landed || err != nil {
		t.Error(landed, err)
	}
}

func TestOpenNowhere(t *testing.T) {
	_, clone := repository(t)
	if _, err := Open(t.Context(), t.TempDir()); err == nil || !strings.Contains(err.Error(), "is in no git checkout") {
		t.Error(err)
	}
	f := folder(t, clone)
	write(t, filepath.Join(clone, "data", "a"), "x")
	commit(t, f)
	git(t, "-C", clone, "checkout", "-q", "--detach")
	if _, err := Open(t.Context(), filepath.Join(clone, "data")); err == nil || !strings.Contains(err.Error(), "is in a checkout of no branch") {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Push(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("a push that was interrupted: %v", err)
	}
}
