// Package checkout commits a folder's files of a git checkout and pushes the commit, with git
// itself: the store, in a job that runs on a schedule.
//
// The checkout may be shallow; what is asked of it is its newest commit alone. Only the names that
// a [Folder] was opened with are committed or altered, nothing beside them: not even where it is changed
// or staged.
//
// A commit is made beside the checkout (by fast-import: without an index, and from the files' bytes, so that no
// filter or line end of git's gets at them), and pushed. The checkout's branch follows only when
// the remote has it. A run that ends before that leaves the files as they are, changed, and the next one
// commits them.
//
// Somebody else may push at the same time. A commit that they made beside the files does
// not matter: ours is put on top of it. One that touches them does: two runs have
// found the same edition, or two, and lines of theirs and ours are no store, however well
// they merge. Then our commit is dropped, the files become theirs, and the caller is told to
// do its work again ([ErrOvertaken]). In both cases the checkout's branch stays where it is, for to
// move it to what others did would take back, as git sees it, what they did beside the files: the files
// are staged, and git pull does the rest.
package githubaction

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/ianasync/ianasync/internal/atomicfile"
	"github.com/ianasync/ianasync/internal/source/git"
)

// ErrOvertaken says that somebody else pushed a commit of the files. They are as that
// commit has them.
var ErrOvertaken = errors.New("another run has committed the store")

// Folder is a folder in a checkout.
type Folder struct {
	dir    string   // absolute
	names  []string // what of it is committed: files, and folders with all that is in them
	prefix string   // of the folder, from the top of the checkout: empty, or with a slash at the end
	branch string   // refs/heads/…
	head   string   // the checkout's newest commit; empty in a new repository
	base   string   // what our commit follows: head, or what others have pushed since

	// BackOff is how long to wait before the second try to push; each further one waits
	// twice as long.
	BackOff time.Duration
	// Tries is how often to try to push.
	Tries int
}

// remote is what a checkout of GitHub's calls the repository.
const remote = "origin"

// Open returns the folder dir, which must be in a checkout of a branch. Of it, the files and folders of
// the given names are committed; not all need be there.
func Open(ctx context.Context, dir string, names ...string) (*Folder, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	f := &Folder{dir: dir, names: names, BackOff: time.Second / 4, Tries: 6}
	text, err := f.git(ctx, "rev-parse", "--show-prefix", "HEAD", "--symbolic-full-name", "HEAD")
	said := strings.Split(text, "\n")
	switch {
	case err == nil && len(said) == 4:
		f.prefix, f.head, f.branch = said[0], said[1], said[2]
	case len(said) == 3: // there is no commit
		f.prefix = said[0]
		f.branch, err = f.line(ctx, "symbolic-ref", "--quiet", "HEAD")
	}
	switch failed, isGit := errors.AsType[*failure](err); {
	case isGit && strings.Contains(failed.said, "not a git repository"):
		return nil, fmt.Errorf("%s is in no git checkout: %w", dir, err)
	case err != nil:
		return nil, err
	case !strings.HasPrefix(f.branch, "refs/heads/"):
		return nil, noBranchError(dir)
	}
	f.base = f.head
	return f, nil
}

// noBranchError says that the folder of that name is in a checkout of a tag or a commit.
type noBranchError string

func (e noBranchError) Error() string { return string(e) + " is in a checkout of no branch" }

// Hint says what to do.
func (noBranchError) Hint() string {
	return "check out a branch, not a tag or a commit; or set commit to none"
}

// Change is a file that differs from the one last committed.
type Change struct {
	Name    string // with slashes, relative to the folder
	Was, Is []byte // nil where there was, or is, no such file
}

// Changed returns the files that differ from those last committed, by name.
func (f *Folder) Changed(ctx context.Context) ([]Change, error) {
	args := []string{"status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--ignored", "--"}
	text, err := f.git(ctx, append(args, f.names...)...)
	if err != nil {
		return nil, err
	}
	var names []string
	for entry := range strings.SplitSeq(text, "\x00") { // "XY path", from the top
		if len(entry) > 3 && !strings.HasSuffix(entry, "/") && !strings.Contains(entry, "\n") { // else it is another repository, or nobody's
			names = append(names, strings.TrimPrefix(entry[3:], f.prefix))
		}
	}
	slices.Sort(names)
	return f.compare(ctx, slices.Compact(names)) // what is in the checkout and not in the index is listed twice
}

// compare returns those of the files that differ: git's word means the bytes that its filters make of them, and
// the commit that is checked out.
func (f *Folder) compare(ctx context.Context, names []string) ([]Change, error) {
	committed, err := f.read(ctx, f.base, names)
	if err != nil {
		return nil, err
	}
	var changes []Change
	for i, name := range names {
		c := Change{Name: name, Was: committed[i]}
		c.Is, err = os.ReadFile(f.path(name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if (c.Was == nil) != (c.Is == nil) || !bytes.Equal(c.Was, c.Is) {
			changes = append(changes, c)
		}
	}
	return changes, nil
}

func (f *Folder) path(name string) string { return filepath.Join(f.dir, filepath.FromSlash(name)) }

// Commit commits the changes, and nothing else, and pushes the commit, on top of what the remote has by then. It
// returns the commit's id once the remote has it, even if something went wrong after that. The error is
// [ErrOvertaken] where the commit had to be dropped.
func (f *Folder) Commit(ctx context.Context, changes []Change, message string, at time.Time) (id string, err error) {
	wait := f.BackOff
	var away error // from the last fetch
	for try := 1; ; try++ {
		if id, err = f.write(ctx, changes, message, at); err != nil {
			return "", err
		}
		if _, err = f.git(ctx, "push", "--quiet", "--no-recurse-submodules", "--no-follow-tags", remote, id+":"+f.branch); err == nil {
			return id, f.land(ctx, id)
		}
		if try == f.Tries || ctx.Err() != nil {
			return "", errors.Join(err, away)
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(wait):
		}
		wait *= 2
		var theirs string
		if theirs, away = f.fetch(ctx); away != nil {
			continue
		}
		landed, err := f.catchUp(ctx, theirs, id, changes)
		switch {
		case ctx.Err() != nil:
			return "", ctx.Err()
		case err != nil:
			return "", err
		case landed:
			return id, f.land(ctx, id)
		}
	}
}

// fetch returns the newest commit that the remote has by now.
func (f *Folder) fetch(ctx context.Context) (id string, err error) {
	if _, err := f.git(ctx, "fetch", "--quiet", "--no-tags", "--no-recurse-submodules", remote, f.branch); err != nil {
		return "", err
	}
	return f.line(ctx, "rev-parse", "FETCH_HEAD")
}

// divergedError says that the checkout's commits and the remote's do not follow each other.
type divergedError struct{}

func (divergedError) Error() string {
	return "the checkout has commits that " + remote + " has not, and " + remote + " has others: nothing was pushed"
}

// Hint says what to do.
func (divergedError) Hint() string { return "push what was committed, or drop it, before this runs" }

// catchUp follows the remote, which has a commit of theirs. Where ours is not among what led to it, the next one goes
// on top of it; or there is none, for others have committed the files.
func (f *Folder) catchUp(ctx context.Context, theirs, id string, changes []Change) (landed bool, err error) {
	switch {
	case f.within(ctx, theirs, f.base): // nobody pushed
		return false, nil
	case f.within(ctx, id, theirs): // it arrived, and only the answer was lost
		return true, nil
	case f.head != "" && !f.within(ctx, f.head, theirs):
		return false, divergedError{}
	}
	before, err := f.list(ctx, f.base)
	if err != nil {
		return false, err
	}
	after, err := f.list(ctx, theirs)
	switch {
	case err != nil:
		return false, err
	case slices.Equal(before, after):
		f.base = theirs
		return false, nil
	}
	if err := f.become(ctx, theirs, names(after), append(names(before), changed(changes)...)); err != nil {
		return false, err
	}
	return false, ErrOvertaken
}

// within tells whether a commit is another one or came before it.
func (f *Folder) within(ctx context.Context, id, newer string) bool {
	_, err := f.git(ctx, "merge-base", "--is-ancestor", id, newer)
	return err == nil
}

// list returns what a commit has of the folder's files: "mode blob id TAB name" of each.
func (f *Folder) list(ctx context.Context, commit string) ([]string, error) {
	if commit == "" {
		return nil, nil
	}
	text, err := f.git(ctx, append([]string{"ls-tree", "-r", "-z", commit, "--"}, f.names...)...)
	return strings.FieldsFunc(text, func(r rune) bool { return r == 0 }), err
}

func names(listed []string) (names []string) {
	for _, l := range listed {
		_, name, _ := strings.Cut(l, "\t")
		names = append(names, name)
	}
	return names
}

func changed(changes []Change) (names []string) {
	for _, c := range changes {
		names = append(names, c.Name)
	}
	return names
}

// become makes the files those of a commit that others pushed: these, and none of those that were there.
func (f *Folder) become(ctx context.Context, theirs string, these, were []string) error {
	texts, err := f.read(ctx, theirs, these)
	if err != nil {
		return err
	}
	for i, name := range slices.Backward(these) { // first the versions, then what names them
		if _, err := atomicfile.Update(f.path(name), texts[i]); err != nil {
			return err
		}
	}
	for _, name := range were {
		if slices.Contains(these, name) {
			continue
		}
		if err := os.Remove(f.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	f.base = theirs
	return f.stage(ctx, theirs)
}

// land stages the files of our commit, which the remote has, and makes it the checkout's, unless it follows others'
// commits.
func (f *Folder) land(ctx context.Context, id string) error {
	before := f.base
	f.base = id
	if err := f.stage(ctx, id); err != nil || before != f.head {
		return err
	}
	_, err := f.git(ctx, "update-ref", "-m", "ianasync", "HEAD", id, f.head)
	f.head = id
	return err
}

// stage lets the index have the files as a commit has them.
func (f *Folder) stage(ctx context.Context, commit string) error {
	_, err := f.git(ctx, append([]string{"reset", "--quiet", commit, "--"}, f.names...)...)
	return err
}

// line runs git and returns the line that it writes.
func (f *Folder) line(ctx context.Context, args ...string) (string, error) {
	text, err := f.git(ctx, args...)
	return strings.TrimSpace(text), err
}

func (f *Folder) git(ctx context.Context, args ...string) (string, error) {
	return f.run(ctx, nil, args...)
}

// settings let bytes be compared as they are, and nothing else run or ask.
var settings = []string{
	"core.autocrlf=false", "core.hooksPath=/dev/null", "core.fsmonitor=false",
	"gc.auto=0", "maintenance.auto=false", "push.gpgSign=false",
}

// run runs git on some input, or none, and returns what it writes, also where it fails.
func (f *Folder) run(ctx context.Context, stdin io.Reader, args ...string) (string, error) {
	all := []string{"--no-pager", "--literal-pathspecs"}
	for _, s := range settings {
		all = append(all, "-c", s)
	}
	cmd := exec.CommandContext(ctx, "git", append(all, args...)...)
	cmd.Dir, cmd.Env = f.dir, git.Environment()
	git.Interruptible(cmd)
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, &stdout, &stderr
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		return stdout.String(), &failure{verb: args[0], err: err, said: stderr.String()}
	}
	return stdout.String(), nil
}

// failure is a git process that failed.
type failure struct {
	verb string
	err  error
	said string
}

func (e *failure) Error() string {
	return fmt.Sprintf("git %s: %s", e.verb, git.Reason(e.said, e.err))
}

func (e *failure) Unwrap() error { return e.err }

// Hint says what most often is the matter.
func (e *failure) Hint() string {
	switch {
	case errors.Is(e.err, exec.ErrNotFound):
		return "install git; or set commit to none"
	case strings.Contains(e.said, "dubious ownership"):
		return "the checkout belongs to another user; 'git config --global --add safe.directory FOLDER' makes git trust it"
	case strings.Contains(e.said, ".lock': File exists"):
		return "is git at work in the checkout? if not, one that was killed left the file behind: remove it"
	case strings.Contains(e.said, "not a git repository"):
		return "check the repository out first (actions/checkout); or set commit to none"
	case e.verb == "push" && !strings.Contains(e.said, "unable to access"):
		return "may the job write? it needs 'permissions: contents: write', and a branch that takes pushes"
	}
	return ""
}
