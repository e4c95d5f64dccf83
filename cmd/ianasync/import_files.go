package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ianasync/ianasync/internal/sync"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/snapshots"
)

// importFilesFlags are the flags of import files.
type importFilesFlags struct {
	importFlags
	time string
}

func (a *app) importFilesCommand() *cobra.Command {
	var f importFilesFlags
	cmd := &cobra.Command{
		Use:   "files FILE...",
		Short: "Import editions that were kept as files",
		Long: `Import editions that were kept as files, each with the time at which it was seen. That
is, in this order:

  - what --time says;
  - the date, or date and time, in the file's name, UTC: ports-2018-03-28.csv,
    20180328T225601Z.csv, ports.20180328225601.csv;
  - the newest day in the edition itself, on which somebody registered or modified
    something: it cannot be older. Which day that is, is told.

The times that a file system keeps are not asked: copying alters them. Of two editions in
one second the later gets the next free second.

Exit status: 0 done, though some files may have been refused, 2 failure, 3 there was none
that is the registry.`,
		Example: `  ianasync import files editions/*.csv
  ianasync import files old.csv --time 2014-05-06
  ianasync import files found.csv --time 2014-05-06T07:08:09Z`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.importFiles(cmd.Context(), args, &f) },
	}
	f.register(cmd)
	cmd.Flags().StringVar(&f.time, "time", "", "when the one FILE was seen: a day, or RFC 3339")
	return cmd
}

func (a *app) importFiles(ctx context.Context, names []string, f *importFilesFlags) error {
	list, err := a.datedFiles(ctx, names, f.time)
	if err != nil {
		return err
	}
	return a.importAll(ctx, &f.importFlags, func(*snapshots.Store) past {
		return past{editionsIn(list), len(list), "IANA's file is " + a.registry.FileName()}
	})
}

// datedFile is a file, and when its edition was seen.
type datedFile struct {
	name  string
	seen  time.Time
	unfit error // why it has no time
}

// datedFiles finds out when the editions in files were seen, and puts them in that order.
func (a *app) datedFiles(ctx context.Context, names []string, given string) ([]datedFile, error) {
	var seen time.Time
	if given != "" {
		if len(names) > 1 {
			return nil, withHint(errors.New("--time is for one FILE"), "a date in their names dates many: ports-2018-03-28.csv")
		}
		var err error
		if seen, err = parseTime(given); err != nil {
			return nil, err
		}
	}
	var list []datedFile
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if info, err := os.Stat(name); err != nil {
			return nil, err
		} else if info.IsDir() {
			return nil, withHint(fmt.Errorf("%s is a folder", name), "name the files: %s", filepath.Join(name, "*.csv"))
		}
		d := datedFile{name: name, seen: seen}
		if seen.IsZero() {
			if err := a.date(&d); err != nil {
				return nil, err
			}
		}
		list = append(list, d)
	}
	slices.SortFunc(list, func(a, b datedFile) int { return cmp.Or(a.seen.Compare(b.seen), strings.Compare(a.name, b.name)) })
	return list, nil
}

// parseTime reads a day or an instant.
func parseTime(s string) (time.Time, error) {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("--time %q is neither a day (2018-03-28) nor a time of RFC 3339 (2018-03-28T22:56:01Z)", s)
}

// date finds the time of a file in its name, else in its contents. An error is that it cannot be read.
func (a *app) date(d *datedFile) error {
	if t, found := timeIn(filepath.Base(d.name)); found {
		d.seen = t
		return nil
	}
	data, err := readFile(d.name)
	if err != nil {
		return err
	}
	var table *registry.Table
	if table, d.unfit = registry.Parse(data); d.unfit != nil {
		return nil //nolint:nilerr // it is told with the editions that are refused
	}
	newest := newestDay(table, a.now())
	if newest == "" {
		d.unfit = errors.New("there is no date in its name or in it; --time gives it one")
		return nil
	}
	a.say("%s has no date in its name: taken as seen on %s, the newest day in it", d.name, newest)
	d.seen, err = time.Parse(time.DateOnly, newest)
	return err
}

// stamped is a date in a name, maybe with a time, in the forms of ISO 8601 with and without their marks.
var stamped = regexp.MustCompile(`(?:^|[^0-9])([0-9]{4})-?([0-9]{2})-?([0-9]{2})(?:[T_. -]?([0-9]{2})[:.-]?([0-9]{2})[:.-]?([0-9]{2})Z?)?(?:[^0-9]|$)`)

// timeIn returns the first time that a name holds.
func timeIn(name string) (time.Time, bool) {
	for _, m := range stamped.FindAllStringSubmatch(name, -1) {
		text, layout := m[1]+m[2]+m[3], "20060102"
		if m[4] != "" {
			text, layout = text+m[4]+m[5]+m[6], "20060102150405"
		}
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// newestDay returns the newest day in a table that is not after now, or nothing.
func newestDay(t *registry.Table, now time.Time) (newest string) {
	today := now.UTC().Format(time.DateOnly)
	for i := range t.Records {
		for _, d := range []registry.Date{t.Records[i].RegistrationDate, t.Records[i].ModificationDate} {
			if day := d.String(); d.Valid() && len(day) == len(time.DateOnly) && day <= today {
				newest = max(newest, day)
			}
		}
	}
	return newest
}

// editionsIn are the editions in files as an import takes them.
func editionsIn(list []datedFile) iter.Seq2[sync.Sighting, error] {
	return func(yield func(sync.Sighting, error) bool) {
		for _, d := range list {
			s := sync.Sighting{Name: d.name, Source: filepath.ToSlash(filepath.Base(d.name)), Seen: d.seen, Unfit: d.unfit}
			var err error
			if s.Unfit == nil {
				s.Bytes, err = readFile(d.name)
			}
			if !yield(s, err) {
				return
			}
		}
	}
}
