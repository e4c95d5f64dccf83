package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/ianasync/ianasync/internal/groups"
	"github.com/ianasync/ianasync/internal/source/files"
	"github.com/ianasync/ianasync/internal/sync"
	"github.com/ianasync/ianasync/snapshots"
)

// importFilesFlags are the flags of import files.
type importFilesFlags struct {
	importFlags
	time     string
	registry string
}

func (a *app) importFilesCommand() *cobra.Command {
	var f importFilesFlags
	cmd := &cobra.Command{
		Use:   "files FILE...",
		Short: "Import editions that were kept as files",
		Long: `Import editions that were kept as files: IANA's XML of any registry group, which names its
group, or its CSV of the service names. Each is stored with the time at which it was seen.
This time is, in this order:

  - the value of --time;
  - the date, or date and time, in the file's name, UTC: ports-2018-03-28.csv,
    20180328T225601Z.csv, ports.20180328225601.csv;
  - the newest registration or modification date in the edition itself, or, of other groups
    than the service names, the day on which it says that it was updated: the edition cannot
    be older. It is printed.

With -r, all files are of that group, and those of others are refused. The CSV of a registry
in another group is refused: a version is a whole group, and CSV lacks the group's other
registries, the dates of records and what a registry states about itself. 'ianasync diff'
compares two such files, and 'ianasync audit -r' holds one against the history of its group.

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
  ianasync import files found.csv --time 2014-05-06T07:08:09Z
  ianasync import files tls-parameters-*.xml cose-2019-01-01.xml
  ianasync import files *.xml -r tls-parameters`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.importFiles(cmd.Context(), args, &f) },
	}
	f.register(cmd)
	cmd.Flags().StringVar(&f.time, "time", "", "time at which the one FILE was seen: a day, or RFC 3339")
	cmd.Flags().StringVarP(&f.registry, "registry", "r", "", "the registry group of all files (default: that which each names; of CSV the service names)")
	_ = cmd.RegisterFlagCompletionFunc("registry", a.completeGroup)
	return cmd
}

func (a *app) importFiles(ctx context.Context, names []string, f *importFilesFlags) error {
	if f.registry != "" {
		if err := checkGroups([]string{f.registry}); err != nil {
			return err
		}
	}
	list, err := a.datedFiles(ctx, names, f)
	if err != nil {
		return err
	}
	of := make(map[string][]files.File)
	for _, file := range list {
		id := groups.ServiceNames
		if groups.Valid(file.Group) {
			id = file.Group
		}
		of[id] = append(of[id], file)
	}
	if ports := of[groups.ServiceNames]; len(of) == 1 && len(ports) > 0 {
		return a.importAll(ctx, &f.importFlags, func(*snapshots.Store) past {
			return past{editions: editionsIn(ports), total: len(ports), fix: "IANA's file is " + a.registry.FileName()}
		})
	}
	var all []groupPast
	for _, id := range slices.Sorted(maps.Keys(of)) {
		all = append(all, groupPast{id, past{editions: editionsIn(of[id]), total: len(of[id])}})
	}
	return a.importEach(ctx, &f.importFlags, all, "IANA's files are GROUP.xml, and "+a.registry.FileName())
}

// datedFiles returns files with the times at which their editions were seen, in that order.
func (a *app) datedFiles(ctx context.Context, names []string, f *importFilesFlags) ([]files.File, error) {
	d := files.Dater{Group: f.registry, Now: a.now(), Read: readFile}
	if f.time != "" {
		if len(names) > 1 {
			return nil, withHint(errors.New("--time is for one FILE"), "a date in their names dates many: ports-2018-03-28.csv")
		}
		var err error
		if d.Given, err = files.ParseTime(f.time); err != nil {
			return nil, fmt.Errorf("--time %w", err)
		}
	}
	list, err := d.Date(ctx, names)
	if folder, ok := errors.AsType[*files.FolderError](err); ok {
		return nil, withHint(err, "name the files: %s or %s", filepath.Join(folder.Name, "*.csv"), filepath.Join(folder.Name, "*.xml"))
	}
	for _, file := range list {
		if file.Inner {
			a.say("%s has no date in its name: taken as seen on %s, the newest day in it", file.Name, file.Seen.Format(time.DateOnly))
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
