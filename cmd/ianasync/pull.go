package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/ianasync/ianasync/internal/source/web"
	"github.com/ianasync/ianasync/internal/sync"
	"github.com/ianasync/ianasync/snapshots"
)

func (a *app) pullCommand() *cobra.Command {
	var wait time.Duration
	var accept bool
	var format string
	cmd := &cobra.Command{
		Use:   "pull URL",
		Short: "Bring the store up to what somebody publishes, by its changes alone",
		Long: `Bring the store up to what somebody publishes with 'ianasync publish': fetch the lists of
changes since the newest version of the store, apply them, and store a version for each,
with the publisher's ids. A store that is new, or too far behind, gets the newest table
whole. What 'sync' asks of IANA, 'pull' asks of a publisher, in a few hundred bytes.

Each list has to have the digest that the publisher says, and to lead to the table of the
digest that the publisher says; else nothing of it is stored. In the end the newest table
has the publisher's digest. What 'sync' would not believe of IANA, 'pull' does not believe of
a publisher: a mass change is refused and kept in the store's quarantine, unless --accept is
given.

URL is the address of the published folder. The bytes of versions that were pulled are
canonical CSV, not those that IANA served.

Exit status: 0 done, 2 failure, 3 refused, 4 the publisher is out of reach (try later).`,
		Example: `  ianasync pull https://example.org/ports/ --store follower`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			done, err := a.pull(cmd.Context(), args[0], accept, wait)
			if err != nil {
				return err
			}
			return a.writePulled(done, format)
		},
	}
	formatFlag(cmd, &format, "text", "json")
	cmd.Flags().BoolVar(&accept, "accept", false, "believe a mass change")
	cmd.Flags().DurationVar(&wait, "wait", 10*time.Second, "how long to wait for another writer of the store")
	return cmd
}

func (a *app) pull(ctx context.Context, source string, accept bool, wait time.Duration) (done *sync.Pulled, err error) {
	if err := sync.CheckPublisher(source); err != nil {
		return nil, err
	}
	s, err := a.openForWriting(ctx, wait)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	client, clear := a.client()
	defer clear()
	job := sync.Job{Registry: a.registry, Store: s, Accept: accept, Now: a.now}
	done, err = job.Pull(ctx, client, source)
	if refused, ok := errors.AsType[*sync.Rejection](err); ok {
		return nil, a.refusal(err, refused)
	}
	if errors.Is(err, web.ErrUnreachable) {
		return nil, unreachable(err)
	}
	return done, err
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
