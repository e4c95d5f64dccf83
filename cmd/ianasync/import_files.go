package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/ianasync/ianasync/internal/source/files"
	"github.com/ianasync/ianasync/internal/sync"
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
		Long: `Import editions that were kept as files, IANA's CSV or its XML, each with the time at which
it was seen. This time is, in this order:

  - the value of --time;
  - the date, or date and time, in the file's name, UTC: ports-2018-03-28.csv,
    20180328T225601Z.csv, ports.20180328225601.csv;
  - the newest registration or modification date in the edition itself: the edition
    cannot be older. It is printed.

The modification times of files are not used: copying alters them. If two editions have
the same time, the second one gets the next free second.

An edition without a time is already known if the store has a version with the same
records. Two of them with the same newest date are stored in the order that gives fewer
changes; if neither does, both are refused.

A missing line end at the end of a file is accepted, unless the file ends inside the last
cell of the version before: editors leave it out.

Exit status: 0 done, though some files may have been refused, 2 failure, 3 there was none
that is the registry.`,
		Example: `  ianasync import files editions/*.csv
  ianasync import files old.csv --time 2014-05-06
  ianasync import files found.csv --time 2014-05-06T07:08:09Z`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.importFiles(cmd.Context(), args, &f) },
	}
	f.register(cmd)
	cmd.Flags().StringVar(&f.time, "time", "", "time at which the one FILE was seen: a day, or RFC 3339")
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

// datedFiles returns files with the times at which their editions were seen, in that order.
func (a *app) datedFiles(ctx context.Context, names []string, given string) ([]files.File, error) {
	d := files.Dater{Now: a.now(), Read: readFile}
	if given != "" {
		if len(names) > 1 {
			return nil, withHint(errors.New("--time is for one FILE"), "a date in their names dates many: ports-2018-03-28.csv")
		}
		var err error
		if d.Given, err = files.ParseTime(given); err != nil {
			return nil, fmt.Errorf("--time %w", err)
		}
	}
	list, err := d.Date(ctx, names)
	if folder, ok := errors.AsType[*files.FolderError](err); ok {
		return nil, withHint(err, "name the files: %s", filepath.Join(folder.Name, "*.csv"))
	}
	for _, f := range list {
		if f.Inner {
			a.say("%s has no date in its name: taken as seen on %s, the newest day in it", f.Name, f.Seen.Format(time.DateOnly))
		}
	}
	return list, err
}

// editionsIn returns the editions in files as an import takes them.
func editionsIn(list []files.File) iter.Seq2[sync.Sighting, error] {
	return func(yield func(sync.Sighting, error) bool) {
		for _, f := range list {
			s := sync.Sighting{Name: f.Name, Source: filepath.ToSlash(filepath.Base(f.Name)), Seen: f.Seen, Unfit: f.Unfit, Undated: f.Inner, Unended: true}
			var err error
			if s.Unfit == nil {
				s.Bytes, err = readFile(f.Name)
			}
			if large := (largeError{}); errors.As(err, &large) {
				s.Unfit, err = large, nil
			}
			if !yield(s, err) {
				return
			}
		}
	}
}
