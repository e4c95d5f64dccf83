package sync

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"slices"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/layout"
	"github.com/ianasync/ianasync/internal/render"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

// A store has one changelog over all its groups. Each group keeps its part of it, and whoever derives one group's part merges it
// with those of the others as they are: their changes are not read. A store of the service names alone has no parts.

// merged returns the files of the changelog, where the store has other groups than that of the service names: the group's part,
// and that of all. The events are those of the group's versions, oldest first.
func merged(ctx context.Context, s *snapshots.Store, title string, events []history.Event) ([]history.File, error) {
	others, err := s.Others()
	if err != nil {
		return nil, err
	}
	own := render.ChangelogPart(title, events)
	files := []history.File{{Name: layout.Group(s.Registry()).Changelog(), Data: own}}
	parts := map[string][]byte{s.Registry(): own}
	for _, id := range others {
		part, err := s.ReadDerived(layout.Group(id).Changelog())
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, snapshots.ErrCorrupt) { // the service names were alone until now
			if part, err = partOf(ctx, s.Dir(), id); err == nil {
				files = append(files, history.File{Name: layout.Group(id).Changelog(), Data: part})
			}
		}
		if err != nil {
			return nil, err
		}
		parts[id] = part
	}
	return append(files, history.File{Name: layout.Changelog, Data: render.MergeChangelogs(parts)}), nil
}

// partOf returns a group's part of the changelog, made of its lists of changes.
func partOf(ctx context.Context, dir, id string) ([]byte, error) {
	s, err := openGroup(dir, id)
	if err != nil {
		return nil, err
	}
	title := ports.ServiceNames().Title
	var past *history.Past
	if s.Registry() == ports.ServiceNames().ID {
		past, err = history.Open(ctx, s)
	} else {
		past, err = history.OpenGroup(ctx, s, registry.NewXMLGroup(id))
		title = titleOf(s)
	}
	if err != nil {
		return nil, err
	}
	events, err := past.All()
	return render.ChangelogPart(title, events), err
}

// titleOf returns the title of a group, as far as its derived files state it.
func titleOf(s *snapshots.Store) string {
	list, err := history.ReadRegistries(s)
	if err != nil || list == nil {
		return s.Registry()
	}
	return cmp.Or(list.Title, s.Registry())
}

// openGroup opens a group of the store in a folder for reading.
func openGroup(dir, id string) (*snapshots.Store, error) {
	if r := ports.ServiceNames(); id == r.ID {
		return snapshots.Open(dir, r)
	}
	return snapshots.OpenGroup(dir, registry.NewXMLGroup(id))
}

// pending reports whether the derived files of any group are known to wait for the next run.
func pending(s *snapshots.Store) bool {
	others, err := s.Others()
	return s.DerivedPending() || err == nil && slices.ContainsFunc(others, func(id string) bool {
		other, err := openGroup(s.Dir(), id)
		return err == nil && other.DerivedPending()
	})
}
