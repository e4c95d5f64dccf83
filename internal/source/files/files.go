// Package files dates editions that were kept as files, and finds the registry group that each is of.
//
// The time of a file is the given one, else the date or time in its name, else the newest day in the edition, which cannot be
// older: of the service names the newest registration or modification date, of another group the day on which it says that
// it was updated. Modification times of files are not used: copying alters them.
package files

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ianasync/ianasync/internal/source/web"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/registry/ianaxml"
	"github.com/ianasync/ianasync/registry/ports"
)

// File is a file, the group that its edition is of, and when that was seen.
type File struct {
	Name  string
	Group string // the given one, or that which the file names; empty where it names none, as CSV does
	Seen  time.Time
	Inner bool  // Seen is the newest date in the edition: neither the caller nor the name has one
	Unfit error // why it cannot be imported
}

// FolderError is the error for a folder where a file is expected.
type FolderError struct{ Name string }

func (e *FolderError) Error() string { return e.Name + " is a folder" }

// Dater dates files.
type Dater struct {
	Given time.Time                         // of all files; the zero time if it is not known
	Group string                            // of all files; empty if it is not known
	Now   time.Time                         // no edition is newer
	Read  func(name string) ([]byte, error) // reads a file; one that is too large is a [web.ErrTooLarge]
}

// Date returns files with their times, in the order of these, then of their names.
func (d *Dater) Date(ctx context.Context, names []string) ([]File, error) {
	var list []File
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		f, err := d.date(name)
		if err != nil {
			return nil, err
		}
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b File) int { return cmp.Or(a.Seen.Compare(b.Seen), strings.Compare(a.Name, b.Name)) })
	return list, nil
}

// date returns a file with its time. It fails only if the file cannot be read.
func (d *Dater) date(name string) (File, error) {
	f := File{Name: name, Group: d.Group, Seen: d.Given}
	switch info, err := os.Stat(name); {
	case err != nil:
		return f, err
	case info.IsDir():
		return f, &FolderError{name}
	case !info.Mode().IsRegular(): // a pipe may have no end, nor anything to read until somebody writes
		f.Unfit = errors.New("it is not a regular file")
		return f, nil
	}
	if f.Seen.IsZero() {
		f.Seen = timeIn(filepath.Base(name))
	}
	if !f.Seen.IsZero() && f.Group != "" {
		return f, nil
	}
	data, err := d.Read(name)
	if errors.Is(err, web.ErrTooLarge) {
		f.Unfit = err
		return f, nil
	}
	if err != nil {
		return f, err
	}
	if f.Group == "" {
		f.Group, _ = ianaxml.RootID(data)
	}
	if !f.Seen.IsZero() {
		return f, nil
	}
	newest, err := f.newestDay(data, d.Now)
	if err != nil {
		f.Unfit = err
		return f, nil //nolint:nilerr // it is reported with the editions that are rejected
	}
	if newest == "" {
		f.Unfit = errors.New("no date in its name or contents; give it one with --time")
		return f, nil
	}
	f.Inner = true
	f.Seen, err = time.Parse(time.DateOnly, newest)
	return f, err
}

// ParseTime parses a day or an instant.
func ParseTime(s string) (time.Time, error) {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is neither a day (2018-03-28) nor a time of RFC 3339 (2018-03-28T22:56:01Z)", s)
}

// stamped matches a date in a name, maybe with a time, in the forms of ISO 8601 with and without their marks.
var stamped = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?:^|[^0-9])([0-9]{4})-?([0-9]{2})-?([0-9]{2})(?:[T_. -]?([0-9]{2})[:.-]?([0-9]{2})[:.-]?([0-9]{2})Z?)?(?:[^0-9]|$)`)
})

// timeIn returns the first time in a name; the zero time if there is none.
func timeIn(name string) time.Time {
	for _, m := range stamped().FindAllStringSubmatch(name, -1) {
		text, layout := m[1]+m[2]+m[3], "20060102"
		if m[4] != "" {
			text, layout = text+m[4]+m[5]+m[6], "20060102150405"
		}
		if t, err := time.Parse(layout, text); err == nil {
			return t
		}
	}
	return time.Time{}
}

// newestDay returns the newest day in an edition that is not after now, or nothing. It returns an error where data is no edition of
// the group.
func (f *File) newestDay(data []byte, now time.Time) (newest string, err error) {
	today := now.UTC().Format(time.DateOnly)
	if f.Group != "" && f.Group != ports.ServiceNames().ID {
		e, err := registry.NewXMLGroup(f.Group).Decode(data, nil)
		if err != nil {
			return "", err
		}
		for _, r := range e.Stated {
			if _, err := time.Parse(time.DateOnly, r.Updated); err == nil && r.Updated <= today {
				newest = max(newest, r.Updated)
			}
		}
		return newest, nil
	}
	t, err := ports.Parse(data)
	if err != nil {
		return "", err
	}
	for i := range t.Records {
		for _, d := range []ports.Date{t.Records[i].RegistrationDate, t.Records[i].ModificationDate} {
			if day := d.String(); d.Valid() && len(day) == len(time.DateOnly) && day <= today {
				newest = max(newest, day)
			}
		}
	}
	return newest, nil
}
