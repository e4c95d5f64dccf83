package main

import (
	"context"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ianasync/ianasync/internal/source/wayback"
	"github.com/ianasync/ianasync/internal/sync"
	"github.com/ianasync/ianasync/snapshots"
)

// importWaybackFlags are the flags of import wayback.
type importWaybackFlags struct {
	importFlags
	endpoint string
	url      string
	pause    time.Duration
}

// indexPage is how many captures a page of the archive's index has.
const indexPage = 1000

func (a *app) importWaybackCommand() *cobra.Command {
	var f importWaybackFlags
	cmd := &cobra.Command{
		Use:   "wayback",
		Short: "Import the editions that the Internet Archive has captured",
		Long: `Import the editions of the registry that the Internet Archive's Wayback Machine has
captured: each with the time of its capture, and the capture's address as its source.

There is one request at a time, with a pause before each, and Retry-After is honoured; a
first import takes many minutes. If it is interrupted, or the archive becomes unreachable,
the next run continues with the next capture. Captures of other pages under the
registry's address are refused.

Exit status: 0 done, although some captures may have been refused, 2 failure, 3 none of
them is the registry, 4 the archive is unreachable: the editions fetched so far are stored.`,
		Example: `  ianasync import wayback
  ianasync import wayback --pause 5s --store ports`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.importWayback(cmd.Context(), &f) },
	}
	f.register(cmd)
	cmd.Flags().StringVar(&f.endpoint, "endpoint", "https://web.archive.org", "URL of the Wayback Machine")
	cmd.Flags().StringVar(&f.url, "url", a.registry.URL, "URL whose captures are imported")
	cmd.Flags().DurationVar(&f.pause, "pause", 1500*time.Millisecond, "pause before each request but the first")
	return cmd
}

func (a *app) importWayback(ctx context.Context, f *importWaybackFlags) error {
	if u, err := url.Parse(f.endpoint); err != nil || !isURL(f.endpoint) || u.RawQuery != "" {
		return withHint(fmt.Errorf("--endpoint %q is not the address of a Wayback Machine", f.endpoint), "it is one like https://web.archive.org")
	}
	if f.pause < 0 {
		return fmt.Errorf("--pause is negative: %s", f.pause)
	}
	client, done := a.client()
	defer done()
	client.OnProgress, client.MaxTries = nil, 2*defaultTries // the import has a bar of its own
	archive := &wayback.Archive{Endpoint: strings.TrimRight(f.endpoint, "/"), Pause: f.pause, PageSize: indexPage, Client: client}
	list, err := archive.Captures(ctx, f.url)
	if err != nil {
		return unreachable(err)
	}
	if len(list) == 0 {
		return withHint(fmt.Errorf("the archive has no capture of %s", f.url), "is it the right --url?")
	}
	var others int
	err = a.importAll(ctx, &f.importFlags, func(s *snapshots.Store) past {
		missing := notSeen(archive, list, s)
		if n := len(list) - len(missing); n > 0 {
			a.say("%d of %s are in the store already", n, count(len(list), "capture"))
		}
		return past{editions: captures(ctx, archive, missing, &others), total: len(missing), fix: "is it the right --url?"}
	})
	if others > 0 {
		a.say("the archive's index has another digest of %s: it kept them compressed, or they are not what was captured", count(others, "capture"))
	}
	return err
}

// notSeen returns those captures that are not in a store yet.
func notSeen(archive *wayback.Archive, list []wayback.Capture, s *snapshots.Store) []wayback.Capture {
	seen := make(map[string]bool)
	for v := range s.Sightings() {
		seen[v.Source] = true
	}
	return slices.DeleteFunc(slices.Clone(list), func(c wayback.Capture) bool { return seen[archive.URL(c)] })
}

// captures are those of an archive as an import takes them. It counts those whose bytes are others than
// the index says.
func captures(ctx context.Context, archive *wayback.Archive, list []wayback.Capture, others *int) iter.Seq2[sync.Sighting, error] {
	return func(yield func(sync.Sighting, error) bool) {
		for _, c := range list {
			b, err := archive.Fetch(ctx, c)
			if b.Other {
				*others++
			}
			address := archive.URL(c)
			if !yield(sync.Sighting{Name: address, Source: address, Seen: c.Time, Bytes: b.Bytes, Unfit: b.Unfit}, err) {
				return
			}
		}
	}
}
