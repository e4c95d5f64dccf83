// Package checkout commits a folder of a git checkout and pushes the commit, with git
// itself: the store, in a job that runs on a schedule.
//
// The checkout may be shallow; what is asked of it is its newest commit alone. Nothing
// outside the folder is committed or altered, not even where it is changed.
//
// Somebody else may push at the same time. A commit that they made beside the folder does
// not matter: ours is put on top of it. One that touches the folder does: two runs have
// found the same edition, or two, and lines of theirs and ours are no store, however well
// they merge. Then the commit is dropped, the folder becomes theirs, and the caller is told to
// do its work again ([ErrOvertaken]).
package checkout

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/ianasync/ianasync/internal/gitsource"
)

// ErrOvertaken says that somebody else pushed a commit of the folder. The folder is as that
// commit has it.
var ErrOvertaken = errors.New("another run has committed the store")

// Folder is a folder in a checkout.
type Folder struct {
	dir     string   // absolute
	exclude []string // what is not committed, relative to it
	branch  string
	base    string // the newest commit before ours; empty in a new repository

	// BackOff is how long to wait before the second try to push; each further one waits
	// twice as long.
	BackOff time.Duration
	// Tries is how often to try to push.
	Tries int
}

// remote is what a checkout of GitHub's calls the repository.
const remote = "origin"

// Open returns the folder dir, which must be in a checkout of a branch. The names in exclude
// are those of files in it that are not to be committed.
func Open(ctx context.Context, dir string, exclude ...string) (*Folder, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	f := &Folder{dir: dir, BackOff: time.Second / 4, Tries: 6}
	for _, name := range exclude {
		f.exclude = append(f.exclude, ":(exclude)"+name)
	}
	if _, err := f.git(ctx, "rev-parse", "--git-dir"); err != nil {
		return nil, fmt.Errorf("%s is in no git checkout: %w", dir, err)
	}
	if f.branch, err = f.line(ctx, "symbolic-ref", "--quiet", "HEAD"); err != nil {
		return nil, fmt.Errorf("%s is in a checkout of no branch: %w", dir, err)
	}
	return f, nil
}

// Committed returns a file of the folder as it was last committed; nothing where it was not.
func (f *Folder) Committed(ctx context.Context, name string) []byte {
	text, err := f.git(ctx, "cat-file", "blob", "HEAD:./"+name)
	if err != nil { // there is no commit, or no such file in it
		return nil
	}
	return []byte(text)
}

// Changed returns the names of the files that differ from those last committed, with
// slashes, relative to the folder.
func (f *Folder) Changed(ctx context.Context) ([]string, error) {
	if _, err := f.git(ctx, append([]string{"add", "--all", "--force", "--", "."}, f.exclude...)...); err != nil {
		return nil, err
	}
	args := []string{"diff", "--cached", "--name-only", "--no-renames", "--relative", "-z", "--", "."}
	list, err := f.git(ctx, append(args, f.exclude...)...)
	return strings.FieldsFunc(list, func(r rune) bool { return r == 0 }), err
}

// Commit commits the folder, and nothing else.
func (f *Folder) Commit(ctx context.Context, message string, at time.Time) (err error) {
	if f.base, err = f.line(ctx, "rev-parse", "--quiet", "--verify", "HEAD"); err != nil {
		f.base = "" // a new repository
	}
	stamp := at.UTC().Format("2006-01-02T15:04:05Z")
	args := append([]string{"commit", "--quiet", "--no-verify", "--cleanup=verbatim", "--date=" + stamp, "--file=-", "--only", "--", "."}, f.exclude...)
	_, err = f.run(ctx, message, []string{"GIT_COMMITTER_DATE=" + stamp}, args...)
	return err
}

// Push pushes the commit, on top of what the remote has by now, and returns its id, which may
// be another by then. The error is [ErrOvertaken] where the commit had to be dropped.
func (f *Folder) Push(ctx context.Context) (id string, err error) {
	wait := f.BackOff
	for try := 1; ; try++ {
		if _, err = f.git(ctx, "push", "--quiet", remote, "HEAD:"+f.branch); err == nil {
			return f.line(ctx, "rev-parse", "HEAD")
		}
		if try == f.Tries || ctx.Err() != nil {
			return "", err
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(wait):
		}
		wait *= 2
		switch landed, lost := f.catchUp(ctx); {
		case landed:
			return f.line(ctx, "rev-parse", "HEAD")
		case errors.Is(lost, ErrOvertaken):
			return "", lost
		}
	}
}

// catchUp puts our commit on top of what the remote has, or drops it; or finds that it landed
// and only the answer was lost. What else goes wrong with the remote goes wrong with the next
// push as well, and is said there.
func (f *Folder) catchUp(ctx context.Context) (landed bool, err error) {
	if _, err := f.git(ctx, "fetch", "--quiet", "--no-tags", remote, f.branch); err != nil {
		return false, err
	}
	theirs, err := f.line(ctx, "rev-parse", "FETCH_HEAD")
	if err != nil || theirs == f.base {
		return false, err
	}
	if _, err := f.git(ctx, "merge-base", "--is-ancestor", "HEAD", theirs); err == nil {
		return true, nil
	}
	if f.base != "" {
		if _, err := f.git(ctx, "diff", "--quiet", f.base, theirs, "--", "."); err == nil {
			return false, f.rebase(ctx, theirs)
		}
	}
	if _, err := f.git(ctx, "reset", "--quiet", "--keep", theirs); err != nil {
		return false, err
	}
	return false, ErrOvertaken
}

// rebase puts our commit on top of a commit that left the folder alone.
func (f *Folder) rebase(ctx context.Context, theirs string) error {
	if _, err := f.git(ctx, "rebase", "--quiet", "--autostash", "--committer-date-is-author-date", "--onto", theirs, f.base); err != nil {
		_, abort := f.git(ctx, "rebase", "--abort")
		return errors.Join(err, abort)
	}
	f.base = theirs
	return nil
}

// line runs git and returns the line that it writes.
func (f *Folder) line(ctx context.Context, args ...string) (string, error) {
	text, err := f.git(ctx, args...)
	return strings.TrimSpace(text), err
}

func (f *Folder) git(ctx context.Context, args ...string) (string, error) {
	return f.run(ctx, "", nil, args...)
}

// settings make the bot the author, keep the store's bytes as they are, and let nothing else
// run or ask.
var settings = []string{
	"user.name=github-actions[bot]", "user.email=41898282+github-actions[bot]@users.noreply.github.com",
	"core.quotePath=false", "core.autocrlf=false", "core.safecrlf=false", "core.hooksPath=/dev/null", "commit.gpgSign=false",
	"gc.auto=0", "maintenance.auto=false", "diff.relative=false", "push.gpgSign=false", "advice.detachedHead=false",
}

func (f *Folder) run(ctx context.Context, stdin string, env []string, args ...string) (string, error) {
	all := []string{"--no-pager"}
	for _, s := range settings {
		all = append(all, "-c", s)
	}
	cmd := exec.CommandContext(ctx, "git", append(all, args...)...)
	cmd.Dir, cmd.Env, cmd.WaitDelay = f.dir, append(gitsource.Environment(), env...), 5*time.Second
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &stdout, &stderr
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		return "", &failure{verb: args[0], err: err, said: strings.TrimSpace(stderr.String())}
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
	if e.said == "" {
		return fmt.Sprintf("git %s: %v", e.verb, e.err)
	}
	lines := strings.Split(e.said, "\n")
	return fmt.Sprintf("git %s: %s", e.verb, strings.Join(lines[max(0, len(lines)-3):], "; "))
}

func (e *failure) Unwrap() error { return e.err }

// Hint says what most often is the matter.
func (e *failure) Hint() string {
	switch e.verb {
	case "push":
		return "may the job write? it needs 'permissions: contents: write', and a branch that takes pushes"
	case "symbolic-ref":
		return "check out a branch, not a tag or a commit; or set commit to none"
	case "rev-parse":
		return "check the repository out first (actions/checkout); or set commit to none"
	}
	return ""
}
