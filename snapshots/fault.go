package snapshots

import (
	"errors"
	"fmt"
	"time"
)

// Errors that a caller can distinguish with [errors.Is].
var (
	ErrNoStore     = errors.New("there is no store")
	ErrNewerFormat = errors.New("the store is of a newer format than this program knows")
	ErrOlderFormat = errors.New("the store is of an older format than this program writes")
	ErrFolderTaken = errors.New("the folder is not a store")
	ErrLocked      = errors.New("the store is locked by another writer")
	ErrReadOnly    = errors.New("the store was opened for reading only")
	ErrNoVersion   = errors.New("no such version")
	ErrCorrupt     = errors.New("the store is damaged")
)

// Fault is one thing that is wrong with a file of the store. As an error it is an
// [ErrCorrupt].
type Fault struct {
	File    string // within the store, with slashes
	Problem string // what is wrong
	Remedy  Remedy
	Note    bool // nothing is wrong: a run was interrupted, and the next one completes its work
}

// Remedy is the way to mend a [Fault]. No remedy loses anything that is stored.
type Remedy string

// The remedies.
const (
	Restore Remedy = "restore" // put the file back from git or from a copy of the store
	Derive  Remedy = "derive"  // derive the file again from the versions
	Move    Remedy = "move"    // move the file out of the store: it is none of the store's files
	Wait    Remedy = "wait"    // none is needed: the next run that writes mends it
)

func (f *Fault) Error() string { return f.File + ": " + f.Problem }

// Is reports whether target is [ErrCorrupt].
func (f *Fault) Is(target error) bool { return target == ErrCorrupt }

func damaged(file, format string, args ...any) *Fault {
	return &Fault{File: file, Problem: fmt.Sprintf(format, args...), Remedy: Restore}
}

// ClockError is the error of [Store.CheckClock] where the newest sighting is later than the clock's time.
type ClockError struct {
	Now    time.Time // the clock's
	Newest time.Time // of the newest sighting

	File   string   // the file that names the sightings, within the store
	Lines  int      // how many of its last lines are later than Now
	Files  []string // the files that only these sightings need, within the store, with slashes
	Shared bool     // sightings that are not later than Now are stored as deltas against them
}

func (e *ClockError) Error() string {
	return fmt.Sprintf("the clock says %s, but the newest version was seen at %s: is the clock right?",
		e.Now.UTC().Format(time.RFC3339), e.Newest.Format(time.RFC3339))
}
