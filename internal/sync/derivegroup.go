package sync

import (
	"cmp"
	"context"
	"strings"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/layout"
	"github.com/ianasync/ianasync/internal/search"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/snapshots"
)

// groupFiles returns the files that are made from the versions of a group other than that of the service names, and what led to each
// version.
func groupFiles(ctx context.Context, g *registry.Group, s *snapshots.Store, anew bool, show func(done, total int64)) ([]history.File, []history.Step, error) {
	newest, found := s.Latest()
	if !found {
		return nil, nil, nil
	}
	var keys *history.Keys
	if !anew {
		known, err := history.ReadRegistries(s)
		if err != nil {
			return nil, nil, err
		}
		if known != nil {
			keys = known.Keys
		}
	}
	steps, keys, err := history.GroupSteps(ctx, s, g, keys, show)
	if err != nil {
		return nil, nil, err
	}
	data, err := s.Bytes(newest)
	if err != nil {
		return nil, nil, err
	}
	e, err := g.Decode(data, nil)
	if err != nil {
		return nil, nil, err
	}
	of := layout.Group(g.ID)
	files, err := history.Files(of, steps)
	if err != nil {
		return nil, nil, err
	}
	list := history.NewRegistries(newest.ID, e, keys)
	encoded, err := list.Encode()
	if err != nil {
		return nil, nil, err
	}
	files = append(files,
		history.File{Name: of.Registries(), Data: encoded},
		history.File{Name: of.Search(), Data: search.Index(e, list.Registries)})
	for _, t := range e.Tables {
		files = append(files, history.File{Name: of.Table(strings.TrimPrefix(t.Registry.ID, g.ID+"/")), Data: t.CSV()})
	}
	events, err := history.Of(steps).All()
	if err != nil {
		return nil, nil, err
	}
	changelogs, err := merged(ctx, s, cmp.Or(list.Title, g.ID), events)
	return append(files, changelogs...), steps, err
}
