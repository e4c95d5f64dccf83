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

// Git locks a file that it alters with another one beside it, index.lock for example. A git that is killed leaves that
// behind, and every later run fails. A lock that a git of an earlier run of ours left is therefore removed. To know it,
// a run writes a note into the repository's folder while a git that takes locks is running: if the run is killed, the note stays.

// noteFile is the name of the note, in the repository's folder.
const noteFile = "ianasync.json"

// note describes a running git.
type note struct {
	PID     int       `json:"pid"`
	Started time.Time `json:"started"`
}

// longest is the age, from the start of a git, up to which a lock is taken for one of its own.
const longest = 10 * time.Minute

// locking lists the commands of git that take locks.
var locking = []string{"fast-import", "fetch", "push", "reset", "update-ref"}

// begun writes the note of a git that was started, if it takes locks, and returns a function to call when it has ended. A
// note that cannot be written is no error.
func (c *Checkout) begun(verb string, pid int, started time.Time) (ended func()) {
	data, err := json.Marshal(note{pid, started})
	if err != nil || c.repository == "" || !slices.Contains(locking, verb) {
		return func() {}
	}
	name := filepath.Join(c.repository, noteFile)
	_ = os.WriteFile(name, data, 0o666)
	return func() { _ = os.Remove(name) }
}

// readNote reads the note of a run that was killed.
func (c *Checkout) readNote() {
	if data, err := os.ReadFile(filepath.Join(c.repository, noteFile)); err == nil {
		_ = json.Unmarshal(data, &c.killed) // one that cannot be read counts as none
	}
}

// lockIn matches the name of a lock in git's error for one that it could not take.
var lockIn = regexp.MustCompile(`Unable to create '(.*\.lock)': File exists`)

// removeOurs removes the lock that made git fail, if a git of a killed run of ours left it, and reports whether it is gone.
// It waits some seconds for that git if it is still running.
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

// lock returns the name of the lock that git could not take; empty if git failed for another reason.
func (e *failure) lock() string {
	if found := lockIn.FindStringSubmatch(e.said); found != nil {
		return found[1]
	}
	return ""
}

// ended reports whether a process is known to have ended. A zombie has.
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
