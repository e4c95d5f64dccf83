package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ianasync/ianasync/internal/groups"
	"github.com/ianasync/ianasync/internal/source/git"
	"github.com/ianasync/ianasync/internal/sync"
	"github.com/ianasync/ianasync/registry/ianaxsl"
	"github.com/ianasync/ianasync/snapshots"
)

// importGitFlags are the flags of import git.
type importGitFlags struct {
	importFlags
	path string
	ref  string
	all  bool

	registries []string
}

func (a *app) importGitCommand() *cobra.Command {
	f := importGitFlags{importFlags: importFlags{starts: true}}
	cmd := &cobra.Command{
		Use:   "git REPO",
		Short: "Import every edition of the registries that was ever committed to a git repository",
		Long: `Import every edition of the registries that was ever committed to a git repository: each
with the time of its commit, and the commit as its source. Every registry group is taken
that the repository has as GROUP/GROUP.xml; -r takes some of them. The stylesheet of a group,
GROUP/GROUP.xsl, is taken from --ref, for the labels of columns.

REPO is the path of a repository, which is read in place and not altered, the path of a
bundle, or a URL that git can clone. All ancestors of --ref are read, those on side
branches as well; with --all, those of every branch and tag. The files of the service names
are their CSV and their XML, each in the root or in a folder of the registry's name, or what
--path names; they are followed through renames. The CSV of a registry in another group is not
taken: a group is stored as a whole. Of two commits in one second, the later one gets the
next free second. An edition whose commit is dated before the records in it is refused.
A new store holds what the repository has, without the built-in history.
The command git must be installed.

Exit status: 0 done, although some editions may have been refused, 2 failure, 3 none of
them is the registry.`,
		Example: `  ianasync import git https://github.com/larseggert/iana-assignments -r tls-parameters
  ianasync import git https://github.com/someone/port-numbers.git
  ianasync import git ~/src/mirror --path data/ports.csv --ref origin/main
  ianasync import git history.bundle --store ports`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.importGit(cmd.Context(), args[0], &f) },
	}
	f.register(cmd)
	cmd.Flags().StringVar(&f.path, "path", "", "the file of the service names, from the repository's root (default: their CSV and XML)")
	cmd.Flags().StringVar(&f.ref, "ref", "HEAD", "the branch, tag or commit whose history is read")
	cmd.Flags().BoolVar(&f.all, "all", false, "read the history of every branch and tag")
	cmd.Flags().StringSliceVarP(&f.registries, "registry", "r", nil, "only these registry groups, with commas or repeated (default: all that the repository has)")
	_ = cmd.RegisterFlagCompletionFunc("registry", a.completeGroups)
	cmd.MarkFlagsMutuallyExclusive("ref", "all")
	return cmd
}

func (a *app) importGit(ctx context.Context, repo string, f *importGitFlags) (err error) {
	if err := checkGroups(f.registries); err != nil {
		return err
	}
	source, err := git.Open(ctx, repo)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	if source.Shallow {
		a.say("%s was cloned without its whole history: what came before is missing", source.Name)
		a.say("hint: 'git fetch --unshallow' in it gets the rest; what is imported now stays")
	}
	found, err := f.groups(ctx, source)
	if err != nil {
		return err
	}
	if len(found) > 0 {
		return a.importGroups(ctx, source, found, f)
	}
	list, err := a.listEditions(ctx, source, f)
	if hint := hintOf(err); errors.Is(err, git.ErrNoFile) && f.path == "" && !strings.HasSuffix(hint, "?") { // it does not name the file that is meant
		return withHint(err, "%s; of any other group the XML is imported, GROUP/GROUP.xml, and not the CSV of a registry in it", hint)
	}
	if err != nil {
		return err
	}
	return a.importAll(ctx, &f.importFlags, func(*snapshots.Store) past {
		return past{editions: commits(ctx, source, list), total: len(list), fix: "is it the right --path?"}
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

// groups returns the groups that the flags ask for. There is none where that is the service names alone.
func (f *importGitFlags) groups(ctx context.Context, source *git.Source) ([]git.Group, error) {
	onlyPorts := len(f.registries) == 1 && f.registries[0] == groups.ServiceNames
	if f.path != "" && (len(f.registries) == 0 || onlyPorts) || onlyPorts {
		return nil, nil
	}
	if f.path != "" {
		return nil, errors.New("--path is the file of the service names; the files of other groups are GROUP/GROUP.xml")
	}
	found, err := source.Groups(ctx, f.ref, f.all, func(id string) bool {
		return groups.Valid(id) && (len(f.registries) == 0 || slices.Contains(f.registries, id))
	})
	if err != nil {
		return nil, err
	}
	has := func(id string) bool { return slices.ContainsFunc(found, func(g git.Group) bool { return g.ID == id }) }
	for _, id := range f.registries {
		if !has(id) && id != groups.ServiceNames {
			return nil, withHint(fmt.Errorf("%w: no commit has a file %s/%s.xml", git.ErrNoFile, id, id), "without -r, all groups are imported whose XML the repository has")
		}
	}
	if len(found) == 1 && found[0].ID == groups.ServiceNames && len(f.registries) == 0 {
		return nil, nil
	}
	if slices.Contains(f.registries, groups.ServiceNames) && !has(groups.ServiceNames) { // it may be there as CSV
		found = append(found, git.Group{ID: groups.ServiceNames})
	}
	return found, nil
}

// importGroups imports several groups, one after another.
func (a *app) importGroups(ctx context.Context, source *git.Source, found []git.Group, f *importGitFlags) error {
	var all []groupPast
	for _, g := range found {
		list := g.Editions
		if g.ID == groups.ServiceNames {
			var err error
			if list, err = a.listEditions(ctx, source, f); err != nil {
				return err
			}
		}
		all = append(all, groupPast{g.ID, past{
			editions: commits(ctx, source, list), total: len(list),
			stylesheet: func(newest snapshots.Version) ([]byte, error) {
				if g.ID == groups.ServiceNames || !strings.HasPrefix(newest.Source, source.Name+"@") {
					return nil, nil
				}
				return source.File(ctx, f.ref, g.ID+"/"+g.ID+".xsl", ianaxsl.MaxBytes)
			},
		}})
	}
	return a.importEach(ctx, &f.importFlags, all, "none of the files GROUP/GROUP.xml is that group's XML")
}

// commits are the editions of a repository as an import takes them.
func commits(ctx context.Context, source *git.Source, list []git.Edition) iter.Seq2[sync.Sighting, error] {
	return func(yield func(sync.Sighting, error) bool) {
		next := 0 // the edition after that which is read
		for e, err := range source.Read(ctx, list) {
			next++
			s := sync.Sighting{
				Name:   fmt.Sprintf("%.12s:%s", e.Commit, e.Path),
				Source: fmt.Sprintf("%s@%s:%s", source.Name, e.Commit, e.Path),
				Seen:   e.Time, Bytes: e.Bytes, Unfit: e.Unfit, Commit: true,
			}
			if next < len(list) {
				s.Until = list[next].Time
			}
			if !yield(s, err) {
				return
			}
		}
	}
}
