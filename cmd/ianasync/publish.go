package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

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
for every port and service, Atom and JSON feeds of everything and of each port and service
that anything happened to, changelogs, datasets, all changes as JSON lines, and what
'ianasync pull' follows. Opened as files, index.html first, the pages work, too.

The same store gives the same bytes. Only files that differ are written, each in one go,
and those that are no longer published are removed; whatever else is in the folder stays.
A folder that is not empty and that nothing was published in before is refused, and so is
one among the store's own files, or around them.`,
		Example: `  ianasync publish --base-url https://example.org/ports/
  ianasync publish --output site --notes games.csv`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.publish(cmd, &f) },
	}
	formatFlag(cmd, &f.format, "text", "json")
	cmd.Flags().StringVarP(&f.output, "output", "o", "public", "the folder to publish in")
	f.add(cmd.Flags())
	return cmd
}

// add adds the flags that say how to publish, but for where.
func (f *publishFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.base, "base-url", "", "where the folder will be served; feeds then have whole addresses")
	flags.StringSliceVar(&f.notes, "notes", nil, "files of what others say of ports, shown apart: CSV with the columns ports, note, source")
}

func (a *app) publish(cmd *cobra.Command, f *publishFlags) error {
	to, err := a.destination(f)
	if err != nil {
		return err
	}
	if to == nil {
		return errors.New("--output names no folder")
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

// publishGC is the garbage collector's pace for publishing, in per cent: some 20,000 pages pass by, and at
// main's pace they would pile up to 600 MiB.
const publishGC = 100

// destination is where the store is published, and with what.
type destination struct {
	folder publish.Folder
	base   string // where it will be served, with a slash at its end; empty if that is not known
	notes  []pages.Note
}

// destination makes sense of the flags before anything is done; nil where no folder is named.
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
	defer debug.SetGCPercent(debug.SetGCPercent(publishGC))
	p := publish.Publisher{Registry: a.registry, Store: s, Base: to.base, Notes: to.notes}
	written, err := p.Publish(ctx, to.folder)
	if _, ok := errors.AsType[*publish.NoVersionError](err); ok {
		err = withHint(err, "is it the right store? 'ianasync sync' fetches the first version")
	}
	return written, err
}

// checkApart refuses to publish among the store's own files, which the Action commits, or in a folder that they are in.
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
		return withHint(fmt.Errorf("%s is no folder to publish in: the store is in it", folder), hint)
	}
	within, err := filepath.Rel(store, at)
	if first, _, _ := strings.Cut(filepath.ToSlash(within), "/"); err == nil && slices.Contains(layout.Names(a.registry), first) {
		return withHint(fmt.Errorf("%s is no folder to publish in: %s is the store's", folder, first), hint)
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
			return nil, withHint(fmt.Errorf("%s: %w", name, err), "a file of notes begins with: ports,note,source")
		}
		all = append(all, notes...)
	}
	return all, nil
}

// baseURL checks --base-url, and gives it a slash at its end.
func baseURL(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return "", withHint(fmt.Errorf("--base-url %q is not the address of a folder", text), "it is one like https://example.org/ports/")
	}
	return strings.TrimRight(u.String(), "/") + "/", nil
}
