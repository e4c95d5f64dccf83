package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ianasync/ianasync/internal/groups"
	"github.com/ianasync/ianasync/internal/source/web"
	"github.com/ianasync/ianasync/internal/sync"
	"github.com/ianasync/ianasync/snapshots"
)

func (a *app) importCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import",
		Short: "Bring editions of the past into the store",
		Long: `Bring editions of the past into the store, with the times at which they were seen:
before, between and after those that it has.

Editions that are not the registry, or are implausible, are refused, listed and skipped.
The guard is that of 'sync': it compares each edition with the one before it in time.
Rollbacks are accepted. --accept also stores implausible editions. The versions in the store
are not altered. The next run continues an import that was interrupted, and an import
without new editions writes nothing.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return withHint(fmt.Errorf("cannot import from %q", args[0]), "'%s --help' lists what there is", cmd.CommandPath())
			}
			return cmd.Help()
		},
	}
	cmd.AddCommand(a.importGitCommand(), a.importWaybackCommand(), a.importFilesCommand())
	for _, sub := range cmd.Commands() {
		hintUsage(sub)
	}
	return cmd
}

// importGC is the garbage collector's pace for an import, in per cent. Some 20 MiB are in use, and 70 MiB more while the tables of
// an encoder are: at main's pace these would let the heap grow to half a GiB, at this one it stays below 200 MiB.
const importGC = 150

// importFlags are the flags of every import.
type importFlags struct {
	wait   time.Duration
	format string
	accept bool
	starts bool // whether the source is a whole history: a new store then starts with it alone, not with the built-in one
}

func (f *importFlags) register(cmd *cobra.Command) {
	formatFlag(cmd, &f.format, "text", "json")
	cmd.Flags().BoolVar(&f.accept, "accept", false, "also store implausible editions: mass changes, files that may be cut off, many problems")
	cmd.Flags().DurationVar(&f.wait, "wait", 10*time.Second, "time to wait for another writer of the store")
}

// past is what an import reads.
type past struct {
	editions iter.Seq2[sync.Sighting, error]
	total    int
	fix      string // the hint if none is the registry

	stylesheet func(newest snapshots.Version) ([]byte, error) // of the group, if the newest version is of this source; nil if there is none
}

// imported is what became of an import into one group.
type imported struct {
	Group string `json:"group"`
	sync.Imported
}

// groupPast is what an import reads of one group.
type groupPast struct {
	id string
	past
}

// importEach imports several groups, one after another, and reports the result. Fix is the hint if nothing is an edition of its
// group.
func (a *app) importEach(ctx context.Context, f *importFlags, list []groupPast, fix string) error {
	defer debug.SetGCPercent(debug.SetGCPercent(importGC))
	var all []imported
	var total sync.Imported
	var fixes []string
	for _, g := range list {
		done, _, err := a.importGroup(ctx, f, g.id, func(*snapshots.Store) past { return g.past }, &fixes)
		if err != nil {
			return fmt.Errorf("%s: %w", g.id, err)
		}
		all = append(all, imported{g.id, done})
		total.Editions, total.Added = total.Editions+done.Editions, total.Added+done.Added
		total.Known, total.Refused = total.Known+done.Known, total.Refused+done.Refused
	}
	if err := a.writeImportedGroups(all, total, f.format); err != nil {
		return err
	}
	return a.concludeImport(total, fixes, fix)
}

// writeImportedGroups writes the counts of each group, and those of all together.
func (a *app) writeImportedGroups(all []imported, total sync.Imported, format string) error {
	if format == "json" {
		return a.writeJSON(struct {
			sync.Imported
			Groups []imported `json:"groups"`
		}{total, all})
	}
	w := bufio.NewWriter(a.stdout)
	for _, i := range all {
		fmt.Fprintf(w, "%s: %s: %d added, %d known, %d refused\n", i.Group, count(i.Editions, "edition"), i.Added, i.Known, i.Refused)
	}
	if len(all) > 1 {
		fmt.Fprintf(w, "%s of %s: %d added, %d known, %d refused\n", count(total.Editions, "edition"), count(len(all), "group"), total.Added, total.Known, total.Refused)
	}
	return w.Flush()
}

// importAll imports what open finds into the store and reports the result. If a source becomes unreachable, it reports
// what was imported until then.
func (a *app) importAll(ctx context.Context, f *importFlags, open func(*snapshots.Store) past) error {
	defer debug.SetGCPercent(debug.SetGCPercent(importGC))
	var fixes []string
	done, fix, broken := a.importGroup(ctx, f, groups.ServiceNames, open, &fixes)
	if broken != nil && !errors.Is(broken, web.ErrUnreachable) {
		return broken
	}
	if err := a.writeImported(done, f.format); err != nil || broken != nil {
		return errors.Join(err, stoppedHalfway(broken))
	}
	return a.concludeImport(done, fixes, fix)
}

// importGroup imports what open finds into one group of the store. What to do about rejections is added to fixes.
func (a *app) importGroup(ctx context.Context, f *importFlags, id string, open func(*snapshots.Store) past, fixes *[]string) (done sync.Imported, fix string, err error) {
	var store *snapshots.Store
	if id == groups.ServiceNames && !f.starts {
		store, err = a.openOrStart(ctx, f.wait)
	} else {
		store, err = a.openGroupForWriting(ctx, id, f.wait)
	}
	if err != nil {
		return done, "", err
	}
	defer func() {
		if err == nil {
			err = dropEmpty(store)
		}
		err = errors.Join(err, store.Close())
	}()
	from := open(store)
	show, clear := a.progress("importing")
	defer clear()
	job, clearJob := a.job(store, f.accept)
	defer clearJob()
	taken := int64(0)
	done, err = job.Import(ctx, sync.Past{Sightings: from.editions, Taken: func(s sync.Sighting, rejected *sync.Rejection) {
		if rejected != nil {
			clear()
			a.say("refused %s: %s", s, rejected.Reason)
			if rejected.Fix != "" && !slices.Contains(*fixes, rejected.Fix) {
				*fixes = append(*fixes, rejected.Fix)
			}
		}
		taken++
		show(taken, int64(from.total))
	}})
	if newest, found := store.Latest(); err == nil && found && from.stylesheet != nil {
		var data []byte
		if data, err = from.stylesheet(newest); err == nil {
			err = job.KeepStylesheet(data)
		}
	}
	return done, from.fix, err
}

// dropEmpty removes a group that has neither a version nor a check after an import: what was imported was not that group, and its folder
// would keep one whose name differs in letter case alone out of the store.
func dropEmpty(store *snapshots.Store) error {
	_, found := store.Latest()
	_, checked, err := store.Check()
	if err != nil || found || checked {
		return err
	}
	return store.Drop()
}

// concludeImport returns the error of an import that accepted nothing, and says what to do about rejections.
func (a *app) concludeImport(done sync.Imported, fixes []string, fix string) error {
	if none := done.Refused == done.Editions && done.Editions > 0; none && len(fixes) == 0 {
		return &failure{err: errors.New("none of the editions is the registry"), status: exitRefused, hint: fix}
	} else if none {
		return &failure{err: errors.New("none of the editions was accepted"), status: exitRefused, hint: strings.Join(fixes, "; ")}
	}
	for _, fix := range fixes {
		a.say("hint: %s", fix)
	}
	return nil
}

// stoppedHalfway gives the error of a source that went out of reach its exit status.
func stoppedHalfway(err error) error {
	if err == nil {
		return nil
	}
	return &failure{err: err, status: exitUnreachable, hint: "what came is stored; the same command goes on where this one stopped"}
}

func (a *app) writeImported(n sync.Imported, format string) error {
	if format == "json" {
		return a.writeJSON(n)
	}
	_, err := fmt.Fprintf(a.stdout, "%s: %d added, %d known, %d refused\n", count(n.Editions, "edition"), n.Added, n.Known, n.Refused)
	return err
}
