package snapshots

import (
	"errors"
	"fmt"
)

// Errors of a store that a caller may want to tell from others.
var (
	ErrNoStore     = errors.New("there is no store")
	ErrNewerFormat = errors.New("the store is of a newer format than this program knows")
	ErrLocked      = errors.New("the store is locked by another writer")
	ErrReadOnly    = errors.New("the store was opened for reading only")
	ErrNoVersion   = errors.New("no such version")
	ErrCorrupt     = errors.New("the store is damaged")
)

// Fault is one thing that is wrong with a file of the store. As an error it is an
// [ErrCorrupt].
type Fault struct {
	File    string `json:"file"`           // within the store, with slashes
	Problem string `json:"problem"`        // what is wrong
	Fix     string `json:"fix"`            // what to do
	Note    bool   `json:"note,omitempty"` // nothing is wrong: a run was interrupted, and the next will see to it
}

func (f *Fault) Error() string { return f.File + ": " + f.Problem }

// Hint returns what to do.
func (f *Fault) Hint() string { return f.Fix }

// Is tells whether target is [ErrCorrupt].
func (f *Fault) Is(target error) bool { return target == ErrCorrupt }

const fixRestore = "restore the file from git or from a copy of the store, then verify again"

func damaged(file, format string, args ...any) *Fault {
	return &Fault{File: file, Problem: fmt.Sprintf(format, args...), Fix: fixRestore}
}

// hinted is an error that knows what to do about it.
type hinted struct {
	error
	hint string
}

func (e hinted) Hint() string  { return e.hint }
func (e hinted) Unwrap() error { return e.error }
