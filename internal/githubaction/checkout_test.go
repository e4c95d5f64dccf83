package githubaction

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
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

// repository makes a bare repository and a clone of it with one commit.
func repository(t *testing.T) (bare, clone string) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skipf("no git here: %v", err)
	}
	bare, clone = filepath.Join(t.TempDir(), "bare.git"), filepath.Join(t.TempDir(), "clone")
	runGit(t, "init", "-q", "--bare", "-b", "main", bare)
	runGit(t, "clone", "-q", bare, clone)
	runGit(t, "-C", clone, "symbolic-ref", "HEAD", "refs/heads/main")
	return bare, clone
}

func runGit(t *testing.T, args ...string) string {
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

// folder opens the folder data of a checkout, as a store of a few names.
func checkout(t *testing.T, clone string) *Checkout {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(clone, "data"), 0o777); err != nil {
		t.Fatal(err)
	}
	f, err := OpenCheckout(t.Context(), filepath.Join(clone, "data"), "a", "b.zst", "c [1] ä", "versions")
	if err != nil {
		t.Fatal(err)
	}
	f.BackOff = time.Millisecond
	return f
}

// commit commits and pushes whatever changed.
func commit(t *testing.T, f *Checkout) (id string, err error) {
	t.Helper()
	changes, err := f.Changed(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return f.Commit(t.Context(), changes, "message\n", time.Unix(1e9, 0))
}

// mustCommit returns the id of a commit that was pushed.
func mustCommit(t *testing.T, f *Checkout) string {
	t.Helper()
	id, err := commit(t, f)
	if len(id) != 40 || err != nil {
		t.Fatal(id, err)
	}
	return id
}

// begun returns a repository with a commit of a README.md and of a folder, and a clone of it.
func begun(t *testing.T) (bare, clone string) {
	t.Helper()
	bare, clone = repository(t)
	write(t, filepath.Join(clone, "README.md"), "1\n2\n3\n")
	runGit(t, "-C", clone, "add", "README.md")
	runGit(t, "-C", clone, "commit", "-q", "-m", "begin")
	runGit(t, "-C", clone, "push", "-q", "origin", "main")
	write(t, filepath.Join(clone, "data", "a"), "x")
	write(t, filepath.Join(clone, "data", "versions", "1"), "x")
	mustCommit(t, checkout(t, clone))
	return bare, clone
}

// pushes commits files in another clone, those without text as gone, and pushes that.
func pushes(t *testing.T, bare string, files map[string]string) {
	t.Helper()
	clone := filepath.Join(t.TempDir(), "theirs")
	runGit(t, "clone", "-q", bare, clone)
	for name, text := range files {
		write(t, filepath.Join(clone, name), text)
		if text == "" {
			runGit(t, "-C", clone, "rm", "-q", "-f", name)
		}
	}
	runGit(t, "-C", clone, "add", "--all")
	runGit(t, "-C", clone, "commit", "-q", "-m", "theirs")
	runGit(t, "-C", clone, "push", "-q", "origin", "main")
}

// sees compares what git, or a file, tells with what it should.
func sees(t *testing.T, what, want, got string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Error(err)
	}
	return string(data)
}

// A new repository has no commit to begin with. What the folder's names do not say stays out, be it beside them
// or staged; what they say is committed byte by byte, even if git would ignore or convert it.
func TestCommit(t *testing.T) {
	bare, clone := repository(t)
	f := checkout(t, clone)
	for name, text := range map[string]string{
		".gitignore": "*.zst\n.env\n", ".gitattributes": "* text eol=lf\n", "beside": "x",
		"data/.lock": "", "data/.env": "secret", "data/c 1 ä": "", "data/stray/a": "",
		"data/a": "gone", "data/c [1] ä": "x", "data/b.zst": "\r\n", "data/versions/2020/1": "1", "data/versions/2.zst": "",
	} {
		write(t, filepath.Join(clone, name), text)
	}
	runGit(t, "-C", clone, "add", "beside")
	changes, err := f.Changed(t.Context())
	want := []Change{{Name: "a", Is: []byte("gone")}, {Name: "b.zst", Is: []byte("\r\n")}, {Name: "c [1] ä", Is: []byte("x")}, {Name: "versions/2.zst", Is: []byte{}}, {Name: "versions/2020/1", Is: []byte("1")}}
	if diff := cmp.Diff(want, changes); diff != "" || err != nil {
		t.Error(diff, err)
	}
	first := mustCommit(t, f)
	sees(t, "committed", "data/a\x00data/b.zst\x00data/c [1] ä\x00data/versions/2.zst\x00data/versions/2020/1\x00", runGit(t, "--git-dir", bare, "ls-tree", "-rz", "--name-only", "main"))
	sees(t, "bytes", "\r\n", runGit(t, "--git-dir", bare, "show", "main:data/b.zst"))
	if changed, err := f.Changed(t.Context()); len(changed) != 0 || err != nil {
		t.Errorf("after the commit %v differs, %v", changed, err)
	}
	const rest = "A  beside\n M data/b.zst\n?? .gitattributes\n?? .gitignore\n?? data/.lock\n?? \"data/c 1 \\303\\244\"\n?? data/stray/\n" // b.zst has not the line ends that git is told
	sees(t, "status", rest, runGit(t, "-C", clone, "status", "--short"))

	// A file that is gone, in a run of its own, and one that only git was told to forget.
	runGit(t, "-C", clone, "rm", "-q", "--cached", "data/c [[]1] ä")
	if err := os.Remove(filepath.Join(clone, "data", "a")); err != nil {
		t.Fatal(err)
	}
	f = checkout(t, clone)
	changes, err = f.Changed(t.Context())
	if diff := cmp.Diff([]Change{{Name: "a", Was: []byte("gone")}}, changes); diff != "" || err != nil {
		t.Error(diff, err)
	}
	second := mustCommit(t, f)
	sees(t, "diff", "D\tdata/a\n", runGit(t, "--git-dir", bare, "diff", "--name-status", first, second))
	sees(t, "status", rest, runGit(t, "-C", clone, "status", "--short"))
	sees(t, "objects", "", runGit(t, "-C", clone, "for-each-ref", "refs/ianasync"))

	// The bytes of a version are never taken away, but they may move.
	if err := os.Rename(filepath.Join(clone, "data", "versions", "2020", "1"), filepath.Join(clone, "data", "versions", "1")); err != nil {
		t.Fatal(err)
	}
	mustCommit(t, f)
	if err := os.Remove(filepath.Join(clone, "data", "versions", "1")); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Changed(t.Context()); err != lossError("data/versions/1") {
		t.Errorf("a version that is gone: %v", err)
	}
}

// The folder may be the checkout itself.
func TestCommitAtTheTop(t *testing.T) {
	bare, clone := repository(t)
	for _, name := range []string{"README.md", "gha-creds-1.json", "a", "versions/1"} {
		write(t, filepath.Join(clone, name), "x")
	}
	f, err := OpenCheckout(t.Context(), clone, "a", "versions", "none")
	if err != nil {
		t.Fatal(err)
	}
	mustCommit(t, f)
	sees(t, "committed", "a\nversions/1\n", runGit(t, "--git-dir", bare, "ls-tree", "-r", "--name-only", "main"))
	if changed, err := f.Changed(t.Context()); len(changed) != 0 || err != nil {
		t.Errorf("after the commit %v differs, %v", changed, err)
	}
}

// Neither the environment nor the settings of whoever runs git turn a commit into another one.
func TestCommitOfTheBot(t *testing.T) {
	bare, clone := repository(t)
	for _, who := range []string{"AUTHOR", "COMMITTER"} {
		t.Setenv("GIT_"+who+"_NAME", "Somebody")
		t.Setenv("GIT_"+who+"_EMAIL", "somebody@example.com")
		t.Setenv("GIT_"+who+"_DATE", "2001-01-01T00:00:00Z")
	}
	for name, value := range map[string]string{"author.name": "Somebody", "push.recurseSubmodules": "only", "push.followTags": "true", "status.showUntrackedFiles": "no", "commit.gpgSign": "true", "user.useConfigOnly": "true", "core.autocrlf": "true"} {
		runGit(t, "-C", clone, "config", name, value)
	}
	write(t, filepath.Join(clone, "data", "a"), "x\n")
	mustCommit(t, checkout(t, clone))
	write(t, filepath.Join(clone, "data", "a"), "x\r\n")
	mustCommit(t, checkout(t, clone))
	sees(t, "bytes", "x\r\n", runGit(t, "--git-dir", bare, "show", "main:data/a"))
	const bot = "github-actions[bot] <41898282+github-actions[bot]@users.noreply.github.com> 1000000000 +0000"
	sees(t, "committed by", bot+"\n"+bot+"\nmessage\n\n", runGit(t, "--git-dir", bare, "show", "-s", "--date=raw", "--format=%an <%ae> %ad%n%cn <%ce> %cd%n%B", "main"))
}

func TestPushTriesAgain(t *testing.T) {
	bare, clone := repository(t)
	f := checkout(t, clone)
	write(t, filepath.Join(clone, "data", "a"), "x")
	hook := filepath.Join(bare, "hooks", "pre-receive")
	write(t, hook, "#!/bin/sh\necho >>$GIT_DIR/../tries\n[ $(wc -l <$GIT_DIR/../tries) -gt 2 ]\n")
	if err := os.Chmod(hook, 0o777); err != nil {
		t.Fatal(err)
	}
	first := mustCommit(t, f)
	write(t, hook, "#!/bin/sh\necho you may not; exit 1\n")
	write(t, filepath.Join(clone, "data", "a"), "y")
	id, err := commit(t, f)
	var knows interface{ Hint() string }
	if id != "" || err == nil || !errors.As(err, &knows) || !strings.Contains(knows.Hint(), "contents: write") {
		t.Errorf("a push that is never taken: %q, %v", id, err)
	}
	if want := "git push: remote: you may not; ! [remote rejected] "; err != nil && (!strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "\n")) {
		t.Errorf("it says %q, not %q", err, want)
	}

	// It is not the checkout's either, and the next run pushes it.
	sees(t, "branch", first, strings.TrimSpace(runGit(t, "-C", clone, "rev-parse", "main")))
	if err := os.Remove(hook); err != nil {
		t.Fatal(err)
	}
	second := mustCommit(t, checkout(t, clone))
	sees(t, "remote", second, strings.TrimSpace(runGit(t, "--git-dir", bare, "rev-parse", "main")))
}

// Where a push arrives and its answer does not, there is nothing to do again.
func TestPushAnswerLost(t *testing.T) {
	bare, clone := begun(t)
	f := checkout(t, clone)
	write(t, filepath.Join(clone, "data", "a"), "y")
	changes, err := f.Changed(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	id, err := f.write(t.Context(), changes, "message\n", time.Unix(1e9, 0))
	if err != nil {
		t.Fatal(err)
	}
	runGit(t, "-C", clone, "push", "-q", "origin", id+":refs/heads/main")
	pushes(t, bare, map[string]string{"README.md": "x"})
	theirs, err := f.fetch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if landed, err := f.catchUp(t.Context(), theirs, id); !landed || err != nil {
		t.Error(landed, err)
	}
}

// What cannot be fetched is said, not only that the push failed.
func TestPushToNowhere(t *testing.T) {
	bare, clone := begun(t)
	f := checkout(t, clone)
	f.Tries = 2
	write(t, filepath.Join(clone, "data", "a"), "y")
	if err := os.RemoveAll(bare); err != nil {
		t.Fatal(err)
	}
	_, err := commit(t, f)
	if err == nil || !strings.Contains(err.Error(), "git push: ") || !strings.Contains(err.Error(), "\ngit fetch: '"+bare+"' does not appear to be a git repository") {
		t.Error(err)
	}
}

// Others' commits beside the files stay, and so does what the checkout has beside them, even where that cannot be
// merged.
func TestPushAfterOthers(t *testing.T) {
	bare, clone := begun(t)
	f := checkout(t, clone)
	pushes(t, bare, map[string]string{"README.md": "1\ntheirs\n3\n", "data/stray": "theirs"})
	for name, text := range map[string]string{"README.md": "1\nours\n3\n", "staged": "x", "data/stray": "ours", "data/a": "y", "data/versions/2": "x"} {
		write(t, filepath.Join(clone, name), text)
	}
	runGit(t, "-C", clone, "add", "staged")
	head := runGit(t, "-C", clone, "rev-parse", "main")
	id := mustCommit(t, f)
	sees(t, "remote", id, strings.TrimSpace(runGit(t, "--git-dir", bare, "rev-parse", "main")))
	sees(t, "log", "message\ntheirs\nmessage\nbegin\n", runGit(t, "--git-dir", bare, "log", "--format=%s", "main"))
	sees(t, "their README.md", "1\ntheirs\n3\n", runGit(t, "--git-dir", bare, "show", "main:README.md"))
	sees(t, "README.md", "1\nours\n3\n", read(t, filepath.Join(clone, "README.md")))
	sees(t, "branch", head, runGit(t, "-C", clone, "rev-parse", "main"))
	sees(t, "status", " M README.md\nM  data/a\nA  data/versions/2\nA  staged\n?? data/stray\n", runGit(t, "-C", clone, "status", "--short"))
	if changed, err := f.Changed(t.Context()); len(changed) != 0 || err != nil {
		t.Errorf("after the commit %v differs, %v", changed, err)
	}

	// Git itself brings the checkout up to date, once nothing of ours is in the way.
	runGit(t, "-C", clone, "restore", "README.md")
	if err := os.Remove(filepath.Join(clone, "data", "stray")); err != nil {
		t.Fatal(err)
	}
	runGit(t, "-C", clone, "pull", "-q", "--ff-only", "origin", "main")
	sees(t, "status", "A  staged\n", runGit(t, "-C", clone, "status", "--short"))
}

// follows brings back what the remote has.
func follows(t *testing.T, f *Checkout) error {
	t.Helper()
	if err := f.Follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	theirs, err := f.committed(t.Context(), f.base)
	if err != nil {
		t.Fatal(err)
	}
	return f.BringBack(t.Context(), differing(theirs, nil))
}

// A commit of the files that others pushed is not built on, nor merged with ours; once it is followed, ours is.
func TestOvertaken(t *testing.T) {
	bare, clone := begun(t)
	f := checkout(t, clone)
	pushes(t, bare, map[string]string{"README.md": "theirs", "data/a": "theirs", "data/versions/3": "\r\n"})
	for name, text := range map[string]string{"README.md": "ours", "data/stray": "ours", "data/a": "ours", "data/versions/2": "ours"} {
		write(t, filepath.Join(clone, name), text)
	}
	if id, err := commit(t, f); id != "" || !errors.Is(err, ErrOvertaken) {
		t.Fatal(id, err)
	}
	sees(t, "a", "ours", read(t, filepath.Join(clone, "data", "a")))
	if err := follows(t, f); err != nil {
		t.Fatal(err)
	}
	sees(t, "a", "theirs", read(t, filepath.Join(clone, "data", "a")))
	sees(t, "versions/3", "\r\n", read(t, filepath.Join(clone, "data", "versions", "3")))
	sees(t, "README.md", "ours", read(t, filepath.Join(clone, "README.md")))
	changes, err := f.Changed(t.Context())
	if diff := cmp.Diff([]Change{{Name: "versions/2", Is: []byte("ours")}}, changes); diff != "" || err != nil {
		t.Error(diff, err)
	}
	mustCommit(t, f)
	sees(t, "log", "message\ntheirs\nmessage\nbegin\n", runGit(t, "--git-dir", bare, "log", "--format=%s", "main"))
	sees(t, "status", " M README.md\nM  data/a\nA  data/versions/2\nA  data/versions/3\n?? data/stray\n", runGit(t, "-C", clone, "status", "--short"))
}

// TestOvertakenHalfway has a version of others that cannot be written, since a folder of its name is in the way. The file
// that names the versions, which is written after them, stays as it was.
func TestOvertakenHalfway(t *testing.T) {
	bare, clone := begun(t)
	f := checkout(t, clone)
	pushes(t, bare, map[string]string{"data/a": "theirs, 2 and 3", "data/versions/2": "theirs", "data/versions/3": "theirs"})
	write(t, filepath.Join(clone, "data", "a"), "ours")
	inTheWay := filepath.Join(clone, "data", "versions", "2")
	write(t, filepath.Join(inTheWay, "file"), "x")
	if err := follows(t, f); err == nil {
		t.Fatal("a folder was overwritten")
	}
	sees(t, "a", "ours", read(t, filepath.Join(clone, "data", "a")))
	sees(t, "versions/3", "theirs", read(t, filepath.Join(clone, "data", "versions", "3")))

	// The next run does the rest.
	if err := os.RemoveAll(inTheWay); err != nil {
		t.Fatal(err)
	}
	if err := follows(t, checkout(t, clone)); err != nil {
		t.Fatal(err)
	}
	sees(t, "a", "theirs, 2 and 3", read(t, filepath.Join(clone, "data", "a")))
	sees(t, "versions/2", "theirs", read(t, inTheWay))
}

// Two begin in an empty repository.
func TestOvertakenAtTheBeginning(t *testing.T) {
	bare, one := repository(t)
	two := filepath.Join(t.TempDir(), "two")
	runGit(t, "clone", "-q", bare, two)
	runGit(t, "-C", two, "symbolic-ref", "HEAD", "refs/heads/main")
	f, g := checkout(t, one), checkout(t, two)
	for _, begins := range []*Checkout{f, g} {
		if err := follows(t, begins); err != nil {
			t.Fatal(err)
		}
	}
	write(t, filepath.Join(one, "data", "a"), "one")
	write(t, filepath.Join(two, "data", "a"), "two")
	mustCommit(t, f)
	if id, err := commit(t, g); id != "" || !errors.Is(err, ErrOvertaken) {
		t.Fatal(id, err)
	}
	if err := follows(t, g); err != nil {
		t.Fatal(err)
	}
	sees(t, "a", "one", read(t, filepath.Join(two, "data", "a")))
	if changed, err := g.Changed(t.Context()); len(changed) != 0 || err != nil {
		t.Errorf("%v differs, %v", changed, err)
	}
}

// What an earlier step of the job committed and did not push stays in the checkout, and only there.
func TestOwnCommits(t *testing.T) {
	bare, clone := begun(t)
	write(t, filepath.Join(clone, "README.md"), "own")
	runGit(t, "-C", clone, "commit", "-q", "-m", "own", "README.md")
	pushes(t, bare, map[string]string{"other": "theirs"})
	head := runGit(t, "-C", clone, "rev-parse", "main")
	f := checkout(t, clone)
	if err := follows(t, f); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(clone, "data", "a"), "y")
	mustCommit(t, f)
	sees(t, "log", "message\ntheirs\nmessage\nbegin\n", runGit(t, "--git-dir", bare, "log", "--format=%s", "main"))
	sees(t, "README.md", "1\n2\n3\n", runGit(t, "--git-dir", bare, "show", "main:README.md"))
	sees(t, "branch", head, runGit(t, "-C", clone, "rev-parse", "main"))
	sees(t, "status", "M  data/a\n", runGit(t, "-C", clone, "status", "--short"))
	runGit(t, "-C", clone, "-c", "user.name=x", "-c", "user.email=x@example.com", "pull", "-q", "--rebase", "--autostash", "origin", "main")
	sees(t, "status", "", runGit(t, "-C", clone, "status", "--short"))
}

// A branch that the remote lacks is not made by a commit of the store alone.
func TestNoRemoteBranch(t *testing.T) {
	_, clone := begun(t)
	runGit(t, "-C", clone, "switch", "-q", "-c", "mine")
	var knows interface{ Hint() string }
	if err := checkout(t, clone).Follow(t.Context()); err == nil || !strings.Contains(err.Error(), "origin has no branch mine") || !errors.As(err, &knows) {
		t.Error(err)
	}
}

// A link in the store is neither followed nor committed.
func TestLinks(t *testing.T) {
	_, clone := begun(t)
	if err := os.Remove(filepath.Join(clone, "data", "a")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/etc/hostname", filepath.Join(clone, "data", "a")); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	if _, err := checkout(t, clone).Changed(t.Context()); err != (irregularError{"a", "in the checkout"}) {
		t.Error(err)
	}
}

// A push that is interrupted leaves everything as it was, for the next run to do.
func TestPushInterrupted(t *testing.T) {
	bare, clone := begun(t)
	f := checkout(t, clone)
	write(t, filepath.Join(clone, "data", "a"), "y")
	changes, err := f.Changed(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	hook, begun := filepath.Join(bare, "hooks", "pre-receive"), filepath.Join(t.TempDir(), "begun")
	write(t, hook, "#!/bin/sh\ntouch '"+begun+"'\nwhile [ -e '"+begun+"' ]; do sleep 0.1; done\nexit 1\n")
	if err := os.Chmod(hook, 0o777); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		await(begun)
		cancel()
	}()
	id, err := f.Commit(ctx, changes, "message\n", time.Unix(1e9, 0))
	if err := os.Remove(begun); err != nil { // the hook ends
		t.Error(err)
	}
	if id != "" || !errors.Is(err, context.Canceled) {
		t.Error(id, err)
	}
	sees(t, "status", " M data/a\n", runGit(t, "-C", clone, "status", "--short"))
	write(t, hook, "#!/bin/sh\n")
	mustCommit(t, checkout(t, clone))
	sees(t, "pushed", "y", runGit(t, "--git-dir", bare, "show", "main:data/a"))
}

// await waits until a file is there, for a minute at most.
func await(name string) {
	for range 6000 {
		if _, err := os.Stat(name); err == nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// A git that is stopped removes its locks; one that was killed is said to have left one.
func TestLocks(t *testing.T) {
	_, clone := begun(t)
	f := checkout(t, clone)
	lock := filepath.Join(clone, ".git", "index.lock")
	in, end, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer end.Close()
	defer in.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		_, _ = end.Write(make([]byte, 2<<20)) // more than a pipe holds: git reads once it has the lock and has arranged for its removal
		cancel()
	}()
	if _, err := f.run(ctx, in, "update-index", "--stdin"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := os.Stat(lock); err == nil {
		t.Error("it left its lock behind")
	}
	write(t, lock, "")
	write(t, filepath.Join(clone, "data", "a"), "y")
	id, err := commit(t, f)
	var knows interface{ Hint() string }
	if id == "" || err == nil || !strings.Contains(err.Error(), "index.lock") || !errors.As(err, &knows) || !strings.HasSuffix(knows.Hint(), "if none is at work: rm '"+lock+"'") {
		t.Errorf("with a lock that was left behind: %q, %v", id, err)
	}
	write(t, filepath.Join(clone, "data", "a"), "z") // a run that knows of no push
	f = checkout(t, clone)
	if err := f.Follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err = commit(t, f)
	if err == nil || !strings.HasPrefix(err.Error(), "git reset: Unable to create") || !errors.As(err, &knows) || !strings.HasSuffix(knows.Hint(), "if none is at work: rm '"+lock+"'") {
		t.Errorf("with a lock that was left behind, again: %v", err)
	}
	if err := os.Remove(lock); err != nil {
		t.Fatal(err)
	}
	f = checkout(t, clone)
	if err := f.Follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(clone, "data", "a"), "last")
	mustCommit(t, f)
	sees(t, "status", "M  data/a\n", runGit(t, "-C", clone, "status", "--short"))
}

// A run that is killed leaves a note, from before its git starts; the lock of that git is removed.
func TestLocksOfKilledRuns(t *testing.T) {
	now := time.Now().UTC()
	line := func(n note) string {
		text, err := json.Marshal(n)
		if err != nil {
			t.Fatal(err)
		}
		return string(text) + "\n"
	}
	ended := exec.Command("git", "version")
	if err := ended.Run(); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, note string
		removed    bool
	}{
		{"no note", "", false},
		{"killed before git had a process ID", line(note{Started: now}), true},
		{"killed while git was running", line(note{Started: now}) + line(note{ended.Process.Pid, now}), true},
		{"killed while the note was written", line(note{Started: now}) + `{"pid":`, true},
		{"that git still runs", line(note{Started: now}) + line(note{os.Getpid(), now}), false},
		{"the lock is older", line(note{Started: now.Add(time.Hour)}), false},
		{"the lock is much newer", line(note{Started: now.Add(-time.Hour)}), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, clone := begun(t)
			lock, file := filepath.Join(clone, ".git", "index.lock"), filepath.Join(clone, ".git", noteFile)
			if test.note != "" {
				write(t, file, test.note)
			}
			c := checkout(t, clone)
			write(t, lock, "")
			write(t, filepath.Join(clone, "data", "a"), "y")
			_, err := commit(t, c)
			if removed := err == nil; removed != test.removed {
				t.Errorf("removed: %v, want %v; %v", removed, test.removed, err)
			}
			if _, err := os.Stat(file); err == nil {
				t.Error("the note was left behind")
			}
		})
	}
}

func TestOpenNowhere(t *testing.T) {
	_, clone := repository(t)
	_, err := openHead(t.Context(), filepath.Join(clone, ".git"), "a")
	if hinted, ok := errors.AsType[gitFolderError](err); !ok || !strings.Contains(hinted.Hint(), "such as data") {
		t.Errorf("in git's own folder: %v", err)
	}
	opens := func(dir, wantError, wantHint string) {
		t.Helper()
		_, err := OpenCheckout(t.Context(), dir)
		var knows interface{ Hint() string }
		if err == nil || !strings.Contains(err.Error(), wantError) || !errors.As(err, &knows) || !strings.Contains(knows.Hint(), wantHint) {
			t.Errorf("%v; want %q and a hint %q", err, wantError, wantHint)
		}
	}
	opens(t.TempDir(), "is in no git checkout", "actions/checkout")
	f := checkout(t, clone)
	write(t, filepath.Join(clone, "data", "a"), "x")
	mustCommit(t, f)
	runGit(t, "-C", clone, "checkout", "-q", "--detach")
	opens(filepath.Join(clone, "data"), "is in a checkout of no branch", "check out a branch")
	t.Setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
	opens(filepath.Join(clone, "data"), "dubious ownership", "safe.directory")
	t.Setenv("PATH", t.TempDir())
	opens(clone, "executable file not found", "install git")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Commit(ctx, []Change{{Name: "a"}}, "message\n", time.Now()); !errors.Is(err, context.Canceled) {
		t.Errorf("a commit that was interrupted: %v", err)
	}
}
