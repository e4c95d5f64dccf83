package githubaction

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"

	"github.com/ianasync/ianasync/internal/source/git"
)

// line runs git and returns the line that it writes.
func (c *Checkout) line(ctx context.Context, args ...string) (string, error) {
	text, err := c.git(ctx, args...)
	return strings.TrimSpace(text), err
}

func (c *Checkout) git(ctx context.Context, args ...string) (string, error) {
	return c.run(ctx, nil, args...)
}

// settings turn off conversions of files, and all that runs other programs or asks.
var settings = []string{
	"core.autocrlf=false", "core.hooksPath=/dev/null", "core.fsmonitor=false",
	"gc.auto=0", "maintenance.auto=false", "push.gpgSign=false",
}

// run runs git with an input, nil for none, and returns its output, also if it fails. If an earlier run of ours left a
// lock that makes git fail, it removes the lock and runs git again.
func (c *Checkout) run(ctx context.Context, stdin io.ReadSeeker, args ...string) (string, error) {
	text, err := c.runOnce(ctx, stdin, args...)
	for n := 0; n < mostLocks && c.removeOurs(ctx, err); n++ {
		if stdin != nil {
			if _, err := stdin.Seek(0, io.SeekStart); err != nil {
				return "", err
			}
		}
		text, err = c.runOnce(ctx, stdin, args...)
	}
	return text, err
}

// mostLocks bounds the locks that a killed git may have left: of the index, a branch and HEAD, for example.
const mostLocks = 5

func (c *Checkout) runOnce(ctx context.Context, stdin io.Reader, args ...string) (string, error) {
	all := []string{"--no-pager", "--literal-pathspecs"}
	for _, s := range settings {
		all = append(all, "-c", s)
	}
	cmd := exec.CommandContext(ctx, "git", append(all, args...)...)
	cmd.Dir, cmd.Env = c.dir, git.Environment()
	git.Interruptible(cmd)
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, &stdout, &stderr
	started, ended := c.announce(args[0])
	err := cmd.Start()
	if err == nil {
		started(cmd.Process.Pid)
		err = cmd.Wait()
	}
	ended()
	if err != nil {
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

// Hint returns the most frequent remedy.
func (e *failure) Hint() string {
	switch {
	case errors.Is(e.err, exec.ErrNotFound):
		return "install git; or set commit to none"
	case strings.Contains(e.said, "dubious ownership"):
		return "the checkout belongs to another user; 'git config --global --add safe.directory FOLDER' makes git trust it"
	case e.lock() != "":
		return "a git at work in the checkout holds that file, or one that was killed left it; if none is at work: rm '" + e.lock() + "'"
	case strings.Contains(e.said, "not a git repository"):
		return "check the repository out first (actions/checkout); or set commit to none"
	case e.verb == "push" && !strings.Contains(e.said, "unable to access"):
		return "may the job write? it needs 'permissions: contents: write', and a branch that takes pushes"
	}
	return ""
}
