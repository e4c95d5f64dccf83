package githubaction

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"syscall"
	"time"
)

// Git locks what it alters with a file beside it, index.lock for example, and a git that is killed leaves that behind.
// Then every later run would fail, so a file that a git of an earlier run of ours left is removed. Which run that was is
// noted in the repository's folder while a git that locks something is at work: the note of a run that was killed stays.

// noteFile is the name of the note, in the repository's folder.
const noteFile = "ianasync.json"

// note is what a run notes of the git that it started.
type note struct {
	PID     int       `json:"pid"`
	Started time.Time `json:"started"`
}

// longest is how long after the start of a git its locks are taken for its own.
const longest = 10 * time.Minute

// locking are the commands of git that lock something.
var locking = []string{"fast-import", "fetch", "push", "reset", "update-ref"}

// begun notes that a git was started, if it may lock something, and returns a function to call when it has ended. A
// repository in which nothing can be noted is used all the same.
func (c *Checkout) begun(verb string, pid int, started time.Time) (ended func()) {
	data, err := json.Marshal(note{pid, started})
	if err != nil || c.repository == "" || !slices.Contains(locking, verb) {
		return func() {}
	}
	name := filepath.Join(c.repository, noteFile)
	_ = os.WriteFile(name, data, 0o666)
	return func() { _ = os.Remove(name) }
}

// readNote reads what a run that was killed has left.
func (c *Checkout) readNote() {
	if data, err := os.ReadFile(filepath.Join(c.repository, noteFile)); err == nil {
		_ = json.Unmarshal(data, &c.killed) // one that cannot be read says nothing
	}
}

// lockIn finds the name of a lock in what git says of one that it could not take.
var lockIn = regexp.MustCompile(`Unable to create '(.*\.lock)': File exists`)

// removeOurs removes the lock that made git fail, if a git of a killed run of ours left it, and reports whether it is gone.
// If that git is still at work, it has some seconds to end.
func (c *Checkout) removeOurs(ctx context.Context, err error) bool {
	failed, isGit := errors.AsType[*failure](err)
	if !isGit || failed.lock() == "" || c.killed.PID == 0 {
		return false
	}
	for range 100 {
		if ended(c.killed.PID) || ctx.Err() != nil {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	info, err := os.Lstat(failed.lock())
	if err != nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	age := info.ModTime().Sub(c.killed.Started)
	return ended(c.killed.PID) && age > -time.Second && age < longest && os.Remove(failed.lock()) == nil // some file systems know only seconds
}

// lock returns the lock that git could not take; empty if that was not the matter.
func (e *failure) lock() string {
	if found := lockIn.FindStringSubmatch(e.said); found != nil {
		return found[1]
	}
	return ""
}

// ended reports whether a process is known to have ended. One that nobody has waited for yet has.
func ended(pid int) bool {
	if stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); err == nil && bytes.Contains(stat, []byte(") Z ")) {
		return true
	}
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	defer func() { _ = p.Release() }()
	return errors.Is(p.Signal(syscall.Signal(0)), os.ErrProcessDone)
}
