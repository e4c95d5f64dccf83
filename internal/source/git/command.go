package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// command runs git on one repository.
type command struct {
	dir string // of the repository itself, not of its working tree; none where empty
}

// settings override those of the user and of the repository that would alter what git writes, or make it run
// another program.
var settings = []string{
	"core.askPass=", "core.fsmonitor=false", "core.hooksPath=/dev/null", "core.quotePath=false", "log.showSignature=false", "log.showRoot=true", "log.follow=false", "log.diffMerges=separate",
	"diff.relative=false", "diff.ignoreSubmodules=none", "i18n.logOutputEncoding=UTF-8",
}

// offline are the variables of a git process that reads a repository where it is. The repository's own configuration
// is not trusted: a partial clone names the remote, and the command on it, that git would run to fetch what is missing.
// GIT_NO_LAZY_FETCH is honoured since git 2.45; an older git is stopped by GIT_ALLOW_PROTOCOL, which, unlike the setting
// protocol.allow, overrides what the repository allows.
var offline = []string{"GIT_NO_LAZY_FETCH=1", "GIT_ALLOW_PROTOCOL=none"}

// start prepares a git process, which ends when ctx does. Its error messages go to stderr. Only a clone, which has no
// repository yet, may reach the network.
func (c command) start(ctx context.Context, stderr *stderrBuffer, args ...string) *exec.Cmd {
	all := []string{"--no-pager"}
	for _, s := range settings {
		all = append(all, "-c", s)
	}
	if c.dir != "" {
		all = append(all, "--git-dir="+c.dir)
	}
	cmd := exec.CommandContext(ctx, "git", append(all, args...)...)
	cmd.Dir, cmd.Stderr = filepath.Dir(c.dir), stderr
	cmd.Env = append(Environment(), "GIT_ASKPASS=") // empty: no program asks for a password, SSH_ASKPASS neither
	if c.dir != "" {
		cmd.Env = append(cmd.Env, offline...)
	}
	Interruptible(cmd)
	return cmd
}

// Interruptible makes a git process whose context is done end as Ctrl-C ends it, so that it removes its
// locks; it is killed only where it does not.
func Interruptible(cmd *exec.Cmd) {
	cmd.Cancel = func() error {
		if cmd.Process.Signal(os.Interrupt) != nil { // there are systems without
			return cmd.Process.Kill()
		}
		return nil
	}
	cmd.WaitDelay = 5 * time.Second
}

// output runs git on some input, or none, and returns what it writes.
func (c command) output(ctx context.Context, stdin io.Reader, args ...string) (string, error) {
	var stdout bytes.Buffer
	stderr := new(stderrBuffer)
	cmd := c.start(ctx, stderr, args...)
	cmd.Stdin, cmd.Stdout = stdin, &stdout
	err := c.failure(ctx, args[0], cmd.Run(), stderr)
	return stdout.String(), err
}

// failure returns the error of a git process that ended with err.
func (c command) failure(ctx context.Context, verb string, err error, stderr *stderrBuffer) error {
	if err == nil {
		return nil
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) && !exit.Exited() { // Ctrl-C kills git as well, and perhaps ctx hears of it later
		select {
		case <-ctx.Done():
		case <-time.After(time.Second / 5):
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return &commandError{verb: verb, err: err, stderr: strings.TrimSpace(stderr.String()), dir: c.dir}
}

// commandError is a git process that failed.
type commandError struct {
	verb   string
	err    error
	stderr string
	dir    string
}

func (e *commandError) Error() string { return fmt.Sprintf("git %s: %s", e.verb, e.reason()) }
func (e *commandError) Unwrap() error { return e.err }

func (e *commandError) reason() string { return Reason(e.stderr, e.err) }

// Reason returns on one line why a git process ended with err: its error messages up to the last line that git marks as
// an error. The lines after that, and git's hints, are advice, and are left out.
func Reason(stderr string, err error) string {
	var lines []string
	marked := 0 // the number of lines up to the last marked one
	for line := range strings.Lines(stderr) {
		line = strings.TrimSpace(line)
		mark, text, _ := strings.Cut(line, ":")
		if line == "" || line == "remote:" || mark == "hint" || strings.HasPrefix(line, "To ") {
			continue
		}
		ours := mark == "fatal" || mark == "error"
		if ours {
			line = strings.TrimSpace(text)
		}
		lines = append(lines, line)
		if ours || mark == "remote" || strings.HasPrefix(line, "! [") {
			marked = len(lines)
		}
	}
	if marked > 0 {
		lines = lines[:marked]
	}
	if len(lines) == 0 {
		return err.Error()
	}
	return strings.Join(lines[max(0, len(lines)-6):], "; ")
}

// Hint returns how to find out more.
func (e *commandError) Hint() string {
	if e.dir == "" {
		return ""
	}
	return "the repository may be damaged: check it with 'git fsck'"
}

// Environment returns the environment for a git process: that of this process, without the variables that would
// select another repository or language, or make git prompt on the terminal.
func Environment() []string {
	misleading := []string{
		"GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES",
		"GIT_NAMESPACE", "GIT_PREFIX", "GIT_SHALLOW_FILE", "GIT_GRAFT_FILE", "GIT_REPLACE_REF_BASE", "GIT_INTERNAL_SUPER_PREFIX",
		"GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS", "LC_ALL", "LANGUAGE",
	}
	env := slices.DeleteFunc(os.Environ(), func(s string) bool {
		name, _, _ := strings.Cut(s, "=")
		return slices.Contains(misleading, name)
	})
	return append(env, "LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0")
}

// stderrBuffer keeps the beginning of what is written to it: git's messages can be of any length.
type stderrBuffer struct{ bytes.Buffer }

const maxStderr = 16 << 10 // bytes

func (c *stderrBuffer) Write(p []byte) (int, error) {
	c.Buffer.Write(p[:min(len(p), maxStderr-c.Len())])
	return len(p), nil
}
