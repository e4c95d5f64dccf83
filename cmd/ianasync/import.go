package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"github.com/ianasync/ianasync/internal/gitsource"
	"github.com/ianasync/ianasync/internal/mirror"
	"github.com/ianasync/ianasync/snapshots"
)

func (a *app) importCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import",
		Short: "Bring editions of the past into the store",
		Long: `Bring editions of the past into the store, with the times at which they were seen:
before, between and after those that it has.

What is not the registry is refused, listed and skipped. What is in the store already
stays as it is: an import that was interrupted goes on where it stopped, and one that
has nothing new writes nothing.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return withHint(fmt.Errorf("there is no import from %q", args[0]), "'%s --help' lists what there is", cmd.CommandPath())
			}
			return cmd.Help()
		},
	}
	cmd.AddCommand(a.importGitCommand())
	for _, sub := range cmd.Commands() {
		hintUsage(sub)
	}
	return cmd
}

// importGitFlags are the flags of import git.
type importGitFlags struct {
	path   string
	ref    string
	wait   time.Duration
	format string
}

func (a *app) importGitCommand() *cobra.Command {
	var f importGitFlags
	cmd := &cobra.Command{
		Use:   "git REPO",
		Short: "Import every edition of a file that was ever committed to a git repository",
		Long: `Import every edition of a file that was ever committed to a git repository: each
with the time of its commit, and the commit as its source.

REPO is the path of a repository, which is read in place and not altered, that of a
bundle, or a URL that git can clone. All commits that led to --ref count, those of side
branches as well, and the file is followed through renames. Of two commits in one second
the later gets the next free second. The command git must be installed.

Exit status: 0 done, though some editions may have been refused, 2 failure, 3 there was
none that is the registry.`,
		Example: `  ianasync import git https://github.com/someone/port-numbers.git
  ianasync import git ~/src/mirror --path data/ports.csv --ref origin/main
  ianasync import git history.bundle --store ports`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.importGit(cmd.Context(), args[0], &f) },
	}
	formatFlag(cmd, &f.format, "text", "json")
	cmd.Flags().StringVar(&f.path, "path", a.registry.FileName(), "the file, from the repository's root")
	cmd.Flags().StringVar(&f.ref, "ref", "HEAD", "the branch, tag or commit whose history is read")
	cmd.Flags().DurationVar(&f.wait, "wait", 10*time.Second, "how long to wait for another writer of the store")
	return cmd
}

func (a *app) importGit(ctx context.Context, repo string, f *importGitFlags) (err error) {
	source, err := gitsource.Open(ctx, repo)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	if source.Shallow {
		a.say("%s was cloned without its whole history: what came before is missing", source.Name)
		a.say("hint: 'git fetch --unshallow' in it gets the rest; what is imported now stays")
	}
	list, err := source.Editions(ctx, f.ref, f.path)
	if err != nil {
		return err
	}
	return a.importAll(ctx, sightings(ctx, source, list), len(list), f)
}

// sightings are the editions of a repository as an import takes them.
func sightings(ctx context.Context, source *gitsource.Source, list []gitsource.Edition) iter.Seq2[mirror.Sighting, error] {
	return func(yield func(mirror.Sighting, error) bool) {
		for e, err := range source.Read(ctx, list) {
			s := mirror.Sighting{
				Name:   fmt.Sprintf("%.12s:%s", e.Commit, e.Path),
				Source: fmt.Sprintf("%s@%s:%s", source.Name, e.Commit, e.Path),
				Seen:   e.Time, Bytes: e.Bytes, Unfit: e.Unfit,
			}
			if !yield(s, err) {
				return
			}
		}
	}
}

// importGC is the garbage collector's pace for an import, in per cent. Each edition leaves some
// 70 MiB of an encoder's tables behind; at main's pace they would pile up to half a GiB.
const importGC = 50

// importAll imports editions into the store, brings its products up to date, and
// says what came of it.
func (a *app) importAll(ctx context.Context, editions iter.Seq2[mirror.Sighting, error], total int, f *importGitFlags) (err error) {
	defer debug.SetGCPercent(debug.SetGCPercent(importGC))
	store, err := a.openForWriting(ctx, f.wait)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	show, clear := a.progress("importing")
	defer clear()
	job := mirror.Import{
		Registry: a.registry, Store: store, Now: a.now,
		Progress: func(done int64) { show(done, int64(total)) },
		Refused: func(s mirror.Sighting, reason string) {
			clear()
			a.say("refused %s of %s: %s", s.Name, s.Seen.UTC().Format(time.RFC3339), reason)
		},
	}
	done, err := job.Run(ctx, editions)
	if err != nil {
		return err
	}
	clear()
	if err := a.importProducts(ctx, store); err != nil {
		return err
	}
	return a.writeImported(done, f.format)
}

func (a *app) importProducts(ctx context.Context, store *snapshots.Store) error {
	if _, found := store.Latest(); !found || !store.ProductsStale() {
		return nil
	}
	compared, clear := a.progress("comparing versions")
	defer clear()
	_, err := mirror.Products(ctx, a.registry, store, nil, compared)
	return err
}

func (a *app) writeImported(n mirror.Imported, format string) error {
	var err error
	if format == "json" {
		err = a.writeJSON(n)
	} else {
		_, err = fmt.Fprintf(a.stdout, "%s: %d added, %d known, %d refused\n", count(n.Editions, "edition"), n.Added, n.Known, n.Refused)
	}
	if err == nil && n.Refused == n.Editions {
		err = &failure{err: fmt.Errorf("none of the editions is the registry"), status: exitRefused, hint: "is it the right --path?"}
	}
	return err
}
