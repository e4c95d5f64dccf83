package main

import (
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/ianasync/ianasync/snapshots"
)

// hintOf returns the remedy of an error, if one is known: the next command to run, or what to change.
func hintOf(err error) string {
	var f *failure
	if errors.As(err, &f) && f.hint != "" {
		return f.hint
	}
	var hinted interface{ Hint() string }
	if errors.As(err, &hinted) {
		return hinted.Hint()
	}
	return storeHint(err)
}

// storeHint returns the remedy of an error of a store, or of a registry's file.
func storeHint(err error) string {
	if fault, ok := errors.AsType[*snapshots.Fault](err); ok {
		return fix(*fault)
	}
	if clock, ok := errors.AsType[*snapshots.ClockError](err); ok {
		return clockHint(clock)
	}
	for _, h := range []struct {
		of   error
		hint string
	}{
		{snapshots.ErrNoStore, "'ianasync sync' starts one; --store names another folder"},
		{snapshots.ErrLocked, "wait until the other run is done, or give a longer --wait"},
		{snapshots.ErrNewerFormat, "use a newer release; nothing was changed"},
		{snapshots.ErrOlderFormat, "begin a new store in another folder (--store); the older one stays as it is"},
		{snapshots.ErrFolderTaken, "use an empty folder"},
		{syscall.ENOSPC, "make room on the disk, then run it again: nothing that was stored is lost"},
	} {
		if errors.Is(err, h.of) {
			return h.hint
		}
	}
	return ""
}

// fix returns what to do about a fault of a store.
func fix(f snapshots.Fault) string {
	switch f.Remedy {
	case snapshots.Derive:
		return "'ianasync verify --repair' makes it anew"
	case snapshots.Move:
		return "move it out of the store"
	case snapshots.Wait:
		return "nothing: the next run that writes sees to it"
	case snapshots.Restore:
	}
	return "restore the file from git or from a copy of the store, then verify again"
}

// clockHint returns how to remove versions that a wrong clock put into the future.
func clockHint(e *snapshots.ClockError) string {
	if e.Shared {
		return "if the clock is right now, it was wrong then. Versions that came since are stored as differences from that one: " +
			"go back to a copy of the store from before, or start a new one: 'ianasync export --format raw --at ID' returns each of the other versions, and 'ianasync import files' stores it"
	}
	last, files := "line", e.Files
	if e.Lines > 1 {
		last = fmt.Sprintf("%d lines", e.Lines)
	}
	if len(files) > 4 {
		files = []string{files[0], fmt.Sprintf("%s to %s", files[1], files[len(files)-1])}
	}
	return fmt.Sprintf("if the clock is right now, it was wrong then: move the last %s of %s and the files %s out of the store, then run 'ianasync verify --repair'",
		last, e.File, strings.Join(files, ", "))
}
