package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ianasync/ianasync/internal/groups"
	"github.com/ianasync/ianasync/internal/health"
	"github.com/ianasync/ianasync/internal/layout"
	"github.com/ianasync/ianasync/internal/publish"
	pages "github.com/ianasync/ianasync/internal/publish/site"
	"github.com/ianasync/ianasync/snapshots"
)

// publishFlags are the flags of publish.
type publishFlags struct {
	output, base, format string
	notes                []string
}

func (a *app) publishCommand() *cobra.Command {
	var f publishFlags
	cmd := &cobra.Command{
		Use:   "publish",
		Short: "Turn the store into a folder of static files: a site, feeds, changelogs, datasets",
		Long: `Turn the store into a folder of static files that any host can serve: a site with a page
for every service and for every port with an entry, and a search; feeds of all changes and of
those of each port and service, changelogs, datasets, all changes as JSON lines, and the files
that 'ianasync pull' reads. The pages also work opened as files, from index.html on.

Where the store has other groups of registries, these are published, too: a page with a table,
history and feed for each group and registry, what changed week by week and by RFC, and which
temporary registrations expire.

The same store gives the same bytes. Only files that differ are written, each atomically,
and files that are no longer published are removed; other files in the folder are left alone.
The command refuses a folder that is not empty and in which nothing was published before, and
a folder that is among the store's own files or contains them.`,
		Example: `  ianasync publish --base-url https://example.org/ports/
  ianasync publish --output site --notes games.csv`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.publish(cmd, &f) },
	}
	formatFlag(cmd, &f.format, "text", "json")
	cmd.Flags().StringVarP(&f.output, "output", "o", "public", "folder to publish in")
	f.add(cmd.Flags())
	return cmd
}

// add adds the flags of publishing except the folder.
func (f *publishFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.base, "base-url", "", "URL of the published folder, for absolute links in feeds and pages")
	flags.StringSliceVar(&f.notes, "notes", nil, "files of notes on ports from other sources than IANA: CSV with the columns ports, note, source")
}

func (a *app) publish(cmd *cobra.Command, f *publishFlags) error {
	to, err := a.destination(f)
	if err != nil {
		return err
	}
	if to == nil {
		return errors.New("--output must name a folder")
	}
	written, err := a.publishNow(cmd.Context(), to)
	if err != nil {
		return err
	}
	if f.format == "json" {
		return a.writeJSON(written)
	}
	return a.write(fmt.Appendf(nil, "%s in %s: %d written, %d removed\n", count(written.Files, "file"), f.output, written.Changed, written.Removed))
}

// destination is where a store is published, with the settings of publishing.
type destination struct {
	folder publish.Folder
	base   string // URL of the folder, with a slash at its end; empty if not known
	notes  []pages.Note
}

// destination checks the flags; it returns nil if they name no folder.
func (a *app) destination(f *publishFlags) (*destination, error) {
	base, err := baseURL(f.base)
	if err != nil || f.output == "" {
		return nil, err
	}
	if err := a.checkApart(f.output); err != nil {
		return nil, err
	}
	notes, err := readNotes(f.notes)
	return &destination{publish.Folder(f.output), base, notes}, err
}

// publishNow publishes what the store has now.
func (a *app) publishNow(ctx context.Context, to *destination) (publish.Written, error) {
	s, err := a.openStore()
	if err != nil {
		return publish.Written{}, err
	}
	return a.publishTo(ctx, s, to)
}

// publishTo publishes a store.
func (a *app) publishTo(ctx context.Context, s *snapshots.Store, to *destination) (publish.Written, error) {
	others, err := a.otherGroups()
	if err != nil {
		return publish.Written{}, err
	}
	p := publish.Publisher{Registry: a.registry, Store: s, Base: to.base, Notes: to.notes, Program: program(), Groups: others}
	written, err := p.Publish(ctx, to.folder)
	if _, ok := errors.AsType[*publish.NoVersionError](err); ok {
		err = withHint(err, "check --store, or fetch the first version with 'ianasync sync'")
	}
	return written, err
}

// otherGroups opens the groups of the store other than the service names.
func (a *app) otherGroups() (list []publish.Group, err error) {
	ids, err := snapshots.Groups(a.store)
	if errors.Is(err, snapshots.ErrNoStore) {
		return nil, nil
	}
	checks, err := snapshots.LastChecks(a.store)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if id == a.registry.ID || !groups.Valid(id) {
			continue
		}
		g := publish.Group{Group: group(id), Withdrawn: health.IsWithdrawn(id, checks)}
		if g.Store, err = snapshots.Open(a.store, g.Group); err != nil {
			return nil, err
		}
		list = append(list, g)
	}
	return list, err
}

// checkApart returns an error if a folder is among the store's own files, which the Action commits, or contains them.
func (a *app) checkApart(folder string) error {
	store, err := filepath.Abs(a.store)
	if err != nil {
		return err
	}
	at, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	const hint = "publish in a folder of its own, beside the store"
	if within, err := filepath.Rel(at, store); err == nil && filepath.IsLocal(within) {
		return withHint(fmt.Errorf("cannot publish in %s: it contains the store", folder), hint)
	}
	within, err := filepath.Rel(store, at)
	others, _ := snapshots.Groups(a.store) // none where there is no store yet
	if first, _, _ := strings.Cut(filepath.ToSlash(within), "/"); err == nil && slices.Contains(append(layout.Committed(a.registry.ID), others...), first) {
		return withHint(fmt.Errorf("cannot publish in %s: %s belongs to the store", folder, first), hint)
	}
	return nil
}

// readNotes reads files of notes.
func readNotes(names []string) (all []pages.Note, err error) {
	for _, name := range names {
		data, err := readFile(name)
		if err != nil {
			return nil, err
		}
		notes, err := pages.ParseNotes(data)
		if err != nil {
			return nil, withHint(fmt.Errorf("%s: %w", name, err), "the first line of a file of notes is: ports,note,source")
		}
		all = append(all, notes...)
	}
	return all, nil
}

// baseURL checks --base-url and adds a slash at its end.
func baseURL(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return "", withHint(fmt.Errorf("--base-url %q is not the URL of a folder", text), "give a URL like https://example.org/ports/")
	}
	return strings.TrimRight(u.String(), "/") + "/", nil
}
