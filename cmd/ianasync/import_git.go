package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"path"
	"slices"

	"github.com/spf13/cobra"

	"github.com/ianasync/ianasync/internal/source/git"
	"github.com/ianasync/ianasync/internal/sync"
	"github.com/ianasync/ianasync/snapshots"
)

// importGitFlags are the flags of import git.
type importGitFlags struct {
	importFlags
	path string
	ref  string
	all  bool
}

func (a *app) importGitCommand() *cobra.Command {
	var f importGitFlags
	cmd := &cobra.Command{
		Use:   "git REPO",
		Short: "Import every edition of a file that was ever committed to a git repository",
		Long: `Import every edition of a file that was ever committed to a git repository: each
with the time of its commit, and the commit as its source.

REPO is the path of a repository, which is read in place and not altered, the path of a
bundle, or a URL that git can clone. All ancestors of --ref are read, those on side
branches as well; with --all, those of every branch and tag. The file is followed through
renames. Without --path, the files are the registry's CSV and its XML, each in the root or
in a folder of the registry's name. Of two commits in one second, the later one gets the
next free second. An edition whose commit is dated before the records in it is refused.
The command git must be installed.

Exit status: 0 done, although some editions may have been refused, 2 failure, 3 none of
them is the registry.`,
		Example: `  ianasync import git https://github.com/someone/port-numbers.git
  ianasync import git ~/src/mirror --path data/ports.csv --ref origin/main
  ianasync import git history.bundle --store ports`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.importGit(cmd.Context(), args[0], &f) },
	}
	f.register(cmd)
	cmd.Flags().StringVar(&f.path, "path", "", "the file, from the repository's root (default: the registry's CSV and XML)")
	cmd.Flags().StringVar(&f.ref, "ref", "HEAD", "the branch, tag or commit whose history is read")
	cmd.Flags().BoolVar(&f.all, "all", false, "read the history of every branch and tag")
	cmd.MarkFlagsMutuallyExclusive("ref", "all")
	return cmd
}

func (a *app) importGit(ctx context.Context, repo string, f *importGitFlags) (err error) {
	source, err := git.Open(ctx, repo)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	if source.Shallow {
		a.say("%s was cloned without its whole history: what came before is missing", source.Name)
		a.say("hint: 'git fetch --unshallow' in it gets the rest; what is imported now stays")
	}
	list, err := a.listEditions(ctx, source, f)
	if err != nil {
		return err
	}
	return a.importAll(ctx, &f.importFlags, func(*snapshots.Store) past {
		return past{commits(ctx, source, list), len(list), "is it the right --path?"}
	})
}

// listEditions returns the editions that the flags ask for, by time.
func (a *app) listEditions(ctx context.Context, source *git.Source, f *importGitFlags) ([]git.Edition, error) {
	if f.path != "" {
		return a.listEditionsOf(ctx, source, f, f.path)
	}
	id := a.registry.ID
	var list []git.Edition
	var missing error // of the first name
	for _, name := range []string{id + ".csv", path.Join(id, id+".csv"), path.Join(id, id+".xml"), id + ".xml"} {
		more, err := a.listEditionsOf(ctx, source, f, name)
		if errors.Is(err, git.ErrNoFile) {
			missing = cmp.Or(missing, err)
			continue
		}
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	if len(list) == 0 {
		return nil, missing
	}
	slices.SortStableFunc(list, func(a, b git.Edition) int { return a.Time.Compare(b.Time) })
	type where struct{ commit, path string }
	seen := make(map[where]bool) // a file that was moved from one of these names to another
	return slices.DeleteFunc(list, func(e git.Edition) bool {
		at := where{e.Commit, e.Path}
		defer func() { seen[at] = true }()
		return seen[at]
	}), nil
}

// listEditionsOf returns the editions of a file. It says where other branches hold more.
func (a *app) listEditionsOf(ctx context.Context, source *git.Source, f *importGitFlags, name string) ([]git.Edition, error) {
	if f.all {
		return source.AllEditions(ctx, name)
	}
	list, err := source.Editions(ctx, f.ref, name)
	if err != nil {
		return nil, err
	}
	switch more, err := source.Elsewhere(ctx, f.ref, name); {
	case err != nil:
		return nil, err
	case more > 0:
		a.say("other branches have %s of %s that did not lead to %s", count(more, "commit"), name, f.ref)
		a.say("hint: --all imports these as well")
	}
	return list, nil
}

// commits are the editions of a repository as an import takes them.
func commits(ctx context.Context, source *git.Source, list []git.Edition) iter.Seq2[sync.Sighting, error] {
	return func(yield func(sync.Sighting, error) bool) {
		for e, err := range source.Read(ctx, list) {
			s := sync.Sighting{
				Name:   fmt.Sprintf("%.12s:%s", e.Commit, e.Path),
				Source: fmt.Sprintf("%s@%s:%s", source.Name, e.Commit, e.Path),
				Seen:   e.Time, Bytes: e.Bytes, Unfit: e.Unfit, Commit: true,
			}
			if !yield(s, err) {
				return
			}
		}
	}
}
