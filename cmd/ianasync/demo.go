package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/ianasync/ianasync/internal/demo"
	"github.com/ianasync/ianasync/internal/sync"
)

func (a *app) demoCommand() *cobra.Command {
	var folder string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Demonstrate sync, guard and publish on a small registry, without a network",
		Long: `Serve two small editions of a made-up registry on a loopback address, sync each into a
new store with the code that syncs the real one, and show what changed; then serve a
maintenance page, and show that the guard refuses it; finally publish a site.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if folder == "" {
				if folder, err = os.MkdirTemp("", "ianasync-demo-"); err != nil {
					return err
				}
			}
			if entries, err := os.ReadDir(folder); err == nil && len(entries) > 0 {
				return withHint(fmt.Errorf("the folder %s is not empty", folder), "name a new folder with --dir")
			}
			d := *a
			d.registry, d.store, d.noHistory = &demo.Registry, folder, true
			return d.demo(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&folder, "dir", "", "folder for the demo's store; default: a new temporary one")
	return cmd
}

func (a *app) demo(ctx context.Context) error {
	server, err := demo.Start(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = server.Close() }() // errors of closing have no effect
	f := &syncFlags{source: server.URL(), wait: time.Second, timeout: time.Minute, tries: 1, format: "text"}
	step := func(what string) {
		fmt.Fprintf(a.stdout, "\n# %s\n$ ianasync sync --source %s\n", what, f.source)
	}
	step("The first sync starts a store with one version.")
	if err := a.sync(ctx, f); err != nil {
		return err
	}
	step("Nothing changed: the server answers 304.")
	if err := a.sync(ctx, f); err != nil {
		return err
	}
	server.Publish()
	step("A new edition, without NCL.")
	if err := a.sync(ctx, f); err != nil {
		return err
	}
	server.Break()
	step("A maintenance page in place of the registry, with status 200.")
	err = a.sync(ctx, f)
	var refused *sync.Rejection
	if !errors.As(err, &refused) {
		return fmt.Errorf("the guard did not refuse the maintenance page: %w", err)
	}
	fmt.Fprintf(a.stdout, "refused (exit status %d): %s\nThe last good version stays the newest.\n", exitRefused, refused.Reason)
	return a.demoSite(ctx)
}

// demoSite publishes the demo's store and prints commands to try on it.
func (a *app) demoSite(ctx context.Context) error {
	site := filepath.Join(a.store, "public")
	fmt.Fprintf(a.stdout, "\n# Publish the store: a site, feeds, datasets.\n$ ianasync publish --store %s --output %s\n", a.store, site)
	store, err := a.openStore()
	if err != nil {
		return err
	}
	to, err := a.destination(&publishFlags{output: site})
	if err != nil {
		return err
	}
	written, err := a.publishTo(ctx, store, to)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.stdout, `%s; open %s in a browser

# The store is a folder of plain files: %s
See its CHANGELOG.md, or try:
$ ianasync lookup ncl --at latest~1 --store %[3]s
$ ianasync lookup 2397 --store %[3]s
$ ianasync diff latest~1 latest --all --store %[3]s
`, count(written.Files, "file"), filepath.Join(site, "index.html"), a.store)
	return err
}
