package main

import (
	"context"
	"errors"
	"time"

	"github.com/ianasync/ianasync/internal/builtin"
	"github.com/ianasync/ianasync/internal/sync"
	"github.com/ianasync/ianasync/snapshots"
)

// builtInName is what messages call the store that the program carries.
const builtInName = "the built-in history"

// openToAsk opens the store to answer a question: where there is none, or none of the service names, and --store does not name
// one, the built-in history.
func (a *app) openToAsk() (*snapshots.Store, error) {
	s, err := a.openStore()
	lacks := "there is no store in " + a.store
	switch {
	case a.noHistory || a.storeGiven || !a.isPorts():
		return s, err
	case err == nil:
		if _, found := s.Latest(); found {
			return s, nil
		}
		lacks = "the store in " + a.store + " has no version of the service names"
	case !errors.Is(err, snapshots.ErrNoStore):
		return nil, err
	}
	files, broken := builtin.Open()
	if broken != nil {
		return nil, errors.Join(err, broken)
	}
	s, broken = snapshots.OpenFS(files, builtInName, a.anyGroup(a.registry.ID))
	if broken != nil {
		return nil, errors.Join(err, broken)
	}
	if newest, found := s.Latest(); found && !a.announced {
		a.announced = true
		a.say("%s: this is the built-in history, which ends on %s; 'ianasync sync' starts a store from it", lacks, newest.Seen().Format(time.DateOnly))
	}
	return s, nil
}

// openOrStart opens the store for writing. Where there is none it starts one from the built-in history, unless --no-history is
// given. It waits for another writer, at most for the given time.
func (a *app) openOrStart(ctx context.Context, wait time.Duration) (*snapshots.Store, error) {
	if a.noHistory {
		return a.openForWriting(ctx, wait)
	}
	files, err := builtin.Open()
	if err != nil {
		return nil, err
	}
	s, err := snapshots.StartFrom(ctx, a.store, a.anyGroup(a.registry.ID), wait, files)
	if err != nil || !s.Started() {
		return s, err
	}
	if _, err := sync.Derive(ctx, s, nil, nil); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	all := s.Versions()
	a.say("the store %s starts from the built-in history: %s from %s to %s",
		a.store, count(len(all), "version"), all[0].Seen().Format(time.DateOnly), all[len(all)-1].Seen().Format(time.DateOnly))
	return s, nil
}
