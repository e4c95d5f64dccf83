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
	"sync"
	"syscall"
	"time"
)

// Git locks a file that it alters with another one beside it, index.lock for example. A git that is killed leaves that
// behind, and every later run fails. A lock that a git of an earlier run of ours left is therefore removed. To know it,
// a run writes a note into the repository's folder while a git that takes locks is running: if the run is killed, the note stays.
// Its first line is written before git starts, so that no git runs without a note; its second line adds the process ID.

// noteFile is the name of the note, in the repository's folder.
const noteFile = "ianasync.json"

// note describes a running git.
type note struct {
	PID     int       `json:"pid,omitempty"` // 0 until git has started
	Started time.Time `json:"started"`
}

// longest is the age, from the start of a git, up to which a lock is taken for one of its own.
const longest = 10 * time.Minute

// locking lists the commands of git that take locks.
var locking = []string{"fast-import", "fetch", "push", "reset", "update-ref"}

// announce writes the note of a git that is about to start, if it takes locks. Call started when it has a process ID, and
// ended when it has ended or could not start. A note that cannot be written is no error.
func (c *Checkout) announce(verb string) (started func(pid int), ended func()) {
	if c.repository == "" || !slices.Contains(locking, verb) {
		return func(int) {}, func() {}
	}
	name, at := filepath.Join(c.repository, noteFile), time.Now()
	_ = os.Remove(name) // of a killed run; readNote has read it
	appendNote(name, note{Started: at})
	return func(pid int) { appendNote(name, note{pid, at}) }, func() { _ = os.Remove(name) }
}

// appendNote adds a line to a note, in one write: a kill leaves the line whole or absent.
func appendNote(name string, n note) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o666)
	if err != nil {
		return
	}
	_ = json.NewEncoder(f).Encode(n)
	_ = f.Close()
}

// readNote reads the note of a run that was killed. One that cannot be read counts as none.
func (c *Checkout) readNote() {
	data, _ := os.ReadFile(filepath.Join(c.repository, noteFile))
	for lines := json.NewDecoder(bytes.NewReader(data)); lines.Decode(&c.killed) == nil; {
	}
}

// lockIn matches the name of a lock in git's error for one that it could not take.
var lockIn = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`Unable to create '(.*\.lock)': File exists`) })

// removeOurs removes the lock that made git fail, if a git of a killed run of ours left it, and reports whether it is gone.
// It waits up to 40 times BackOff for that git if it is still running, or if the run was killed before it knew the process ID.
func (c *Checkout) removeOurs(ctx context.Context, err error) bool {
	failed, isGit := errors.AsType[*failure](err)
	if !isGit || failed.lock() == "" || c.killed.Started.IsZero() {
		return false
	}
	unknown := c.killed.PID == 0
	for range 40 {
		if !unknown && ended(c.killed.PID) || ctx.Err() != nil {
			break
		}
		time.Sleep(c.BackOff)
	}
	info, err := os.Lstat(failed.lock())
	if err != nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	age := info.ModTime().Sub(c.killed.Started)
	return (unknown && ctx.Err() == nil || !unknown && ended(c.killed.PID)) && age > -time.Second && age < longest && os.Remove(failed.lock()) == nil // some file systems know only seconds
}

// lock returns the name of the lock that git could not take; empty if git failed for another reason.
func (e *failure) lock() string {
	if found := lockIn().FindStringSubmatch(e.said); found != nil {
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
