package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/spf13/cobra"

	"github.com/ianasync/ianasync/internal/groups"
	"github.com/ianasync/ianasync/internal/source/web"
	"github.com/ianasync/ianasync/internal/sync"
	"github.com/ianasync/ianasync/snapshots"
)

func (a *app) pullCommand() *cobra.Command {
	var f pullFlags
	cmd := &cobra.Command{
		Use:   "pull URL",
		Short: "Update the store from a published folder, by its lists of changes",
		Long: `Update the store from a folder that somebody publishes with 'ianasync publish': fetch the
lists of changes since the newest version of the store, apply them, and store a version
for each, with the publisher's ids. This takes a few hundred bytes. A store that is new or
too far behind gets the newest table whole.

The SHA-256 of each list, and of the table that it leads to, must be the one in the
publisher's notification. If one differs or a list is missing, the newest table is fetched
whole. Nothing is stored before everything has been fetched and checked. The guard is that
of 'sync'; it also compares the last table with the first, and with the older versions of the
store. What it refuses is kept in the store's quarantine. What is only implausible, such as
a mass change or a rollback, is stored once it has been published for a day; --accept stores
it now.

Every registry group is followed that is published there; -r takes some. A group other than
the service names is fetched as IANA served it, with the versions of the month before the
newest one. One that is refused or cannot be fetched does not stop the others; the exit status
is that of the worst.

URL is the address of the published folder. With http://, a warning is printed: the folder
can be altered on the way. The bytes of pulled versions are canonical CSV, not the bytes
that IANA served. If the publisher no longer checks IANA, the store becomes stale too: see
'ianasync status'.

Exit status: 0 done, 2 failure, 3 refused, 4 the publisher is out of reach (try later).`,
		Example: `  ianasync pull https://example.org/ports/ --store follower
  ianasync pull https://example.org/ports/ -r tls-parameters,cose`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.pullAll(cmd.Context(), args[0], &f)
		},
	}
	formatFlag(cmd, &f.format, "text", "json")
	cmd.Flags().StringSliceVarP(&f.registries, "registry", "r", nil, "only these registry groups, with commas or repeated (default: all that are published there)")
	_ = cmd.RegisterFlagCompletionFunc("registry", a.completeGroups)
	cmd.Flags().BoolVar(&f.accept, "accept", false, "also store implausible tables: a mass change, many problems")
	cmd.Flags().DurationVar(&f.wait, "wait", 10*time.Second, "time to wait for another writer of the store")
	cmd.Flags().DurationVar(&f.timeout, "timeout", 10*time.Minute, "time limit for all fetches")
	return cmd
}

// pullFlags are the flags of pull.
type pullFlags struct {
	accept        bool
	wait, timeout time.Duration
	format        string
	registries    []string
}

// bounded is a client. If its context times out, it returns the error of an unreachable publisher.
type bounded struct{ *web.Client }

func (b bounded) Get(ctx context.Context, url string, cond web.Conditions) (*web.Response, error) {
	r, err := b.Client.Get(ctx, url, cond)
	return r, inTime(ctx, url, err)
}

// pull follows one group. All but the service names are in the index of what is published.
func (a *app) pull(ctx context.Context, source, id string, published *sync.Published, f *pullFlags, checks *snapshots.Checks) (done *sync.Pulled, err error) {
	s, err := a.openGroupForWriting(ctx, id, f.wait)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	s.HoldCheck(checks)
	client, clear := a.client()
	defer clear()
	ctx, cancel := context.WithTimeoutCause(ctx, f.timeout, fmt.Errorf("not done within %s", f.timeout))
	defer cancel()
	job := sync.Job{Store: s, Accept: f.accept, Now: a.now}
	if id != groups.ServiceNames {
		return job.PullGroup(ctx, bounded{client}, published)
	}
	done, err = job.Pull(ctx, bounded{client}, source)
	if newest, found := s.Latest(); err == nil && found {
		a.warnStalled(newest)
	}
	if refused, ok := errors.AsType[*sync.Rejection](err); ok {
		return nil, a.refusal(err, refused)
	}
	if errors.Is(err, web.ErrUnreachable) {
		return nil, noAnswer(err)
	}
	return done, err
}

// isLoopback reports whether a host is this machine.
func isLoopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

func (a *app) writePulled(done *sync.Pulled, format string) error {
	if format == "json" {
		return a.writeJSON(done)
	}
	text := fmt.Sprintf("unchanged: the newest version is %s\n", done.Version)
	if done.Outcome == snapshots.Changed {
		how := "by its changes"
		if done.Whole {
			how = "whole"
		}
		text = fmt.Sprintf("%s %s: the newest is %s, %d records\n", count(done.Added, "version"), how, done.Version, done.Records)
	}
	return a.write([]byte(text))
}
