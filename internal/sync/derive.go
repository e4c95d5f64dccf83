package sync

import (
	"bytes"
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

// Derive brings all that is made from a store's versions up to date: the newest
// table (which is decoded unless it is given), the lists of changes, the changelog.
// They depend on the versions alone. It returns what led to each version, oldest first.
func Derive(ctx context.Context, r *ports.Registry, s *snapshots.Store, newest *ports.Table, show func(done, total int64)) ([]history.Step, error) {
	files, steps, err := maker{r, nil, s, newest, false, show}.files(ctx)
	if err != nil {
		return nil, err
	}
	return steps, write(s, files)
}

// DeriveGroup is [Derive] for another group than that of the service names.
func DeriveGroup(ctx context.Context, g *registry.Group, s *snapshots.Store, show func(done, total int64)) ([]history.Step, error) {
	files, steps, err := groupFiles(ctx, g, s, false, show)
	if err != nil {
		return nil, err
	}
	return steps, write(s, files)
}

// Rederive is [Derive] from nothing but the versions' bytes, and what was published of them.
func Rederive(ctx context.Context, r *ports.Registry, s *snapshots.Store, show func(done, total int64)) error {
	m := maker{r, nil, s, nil, true, show}
	files, _, err := m.files(ctx)
	if err != nil {
		return err
	}
	return write(s, files)
}

// surplus returns the names of the derived files that are none of the given ones.
func surplus(s *snapshots.Store, files []history.File) ([]string, error) {
	names, err := s.DerivedFiles()
	return slices.DeleteFunc(names, func(name string) bool {
		return slices.ContainsFunc(files, func(f history.File) bool { return f.Name == name })
	}), err
}

func write(s *snapshots.Store, files []history.File) error {
	for _, f := range files {
		if _, err := s.WriteDerived(f.Name, f.Data); err != nil {
			return err
		}
	}
	surplus, err := surplus(s, files)
	if err != nil {
		return err
	}
	for _, name := range surplus { // a year has no version any more where history has come since
		if err := s.RemoveDerived(name); err != nil {
			return err
		}
	}
	return s.DerivedDone()
}

// CheckDerived makes all derived files anew, writes none, and names those that are not in
// the store as they should be.
func CheckDerived(ctx context.Context, r *ports.Registry, s *snapshots.Store) ([]snapshots.Fault, error) {
	return maker{r, nil, s, nil, true, nil}.check(ctx)
}

// CheckDerivedGroup is [CheckDerived] for another group than that of the service names.
func CheckDerivedGroup(ctx context.Context, g *registry.Group, s *snapshots.Store) ([]snapshots.Fault, error) {
	return maker{nil, g, s, nil, true, nil}.check(ctx)
}

// RederiveGroup is [Rederive] for another group than that of the service names.
func RederiveGroup(ctx context.Context, g *registry.Group, s *snapshots.Store, show func(done, total int64)) error {
	m := maker{nil, g, s, nil, true, show}
	files, _, err := m.files(ctx)
	if err != nil {
		return err
	}
	return write(s, files)
}

// check names the files that are not as they should be.
func (m maker) check(ctx context.Context) ([]snapshots.Fault, error) {
	s := m.store
	files, _, err := m.files(ctx)
	if err != nil {
		return nil, err
	}
	var faults []snapshots.Fault
	surplus, err := surplus(s, files)
	for _, name := range surplus {
		faults = append(faults, snapshots.Fault{File: name, Problem: "the versions do not give it", Remedy: snapshots.Derive, Note: s.DerivedPending()})
	}
	if err != nil && !errors.Is(err, snapshots.ErrCorrupt) { // of another type, which the store reports
		return nil, err
	}
	for _, f := range files {
		found, err := s.ReadDerived(f.Name)
		problem := ""
		switch {
		case errors.Is(err, fs.ErrNotExist):
			problem = "it is missing"
		case errors.Is(err, snapshots.ErrCorrupt):
			continue // of another type, which the store reports
		case err != nil:
			return nil, err
		case !bytes.Equal(found, f.Data):
			problem = "it is not what the versions give"
		}
		if problem != "" {
			waits := s.DerivedPending()
			if f.Name == layout.Changelog { // it is common to all groups
				waits = pending(s)
			}
			faults = append(faults, snapshots.Fault{File: f.Name, Problem: problem, Remedy: snapshots.Derive, Note: waits})
		}
	}
	return faults, nil
}

// maker makes derived files.
type maker struct {
	registry *ports.Registry // nil for another group than that of the service names
	group    *registry.Group // likewise the other way round
	store    *snapshots.Store
	newest   *ports.Table // of the newest version, where it is at hand
	anew     bool         // use nothing that was derived before
	show     func(done, total int64)
}

// files returns the files that are made from the versions, and what led to each
// version.
func (m maker) files(ctx context.Context) ([]history.File, []history.Step, error) {
	if _, found := m.store.Latest(); !found {
		return nil, nil, nil
	}
	if m.group != nil {
		return groupFiles(ctx, m.group, m.store, m.anew, m.show)
	}
	table, err := m.table()
	if err != nil {
		return nil, nil, err
	}
	steps, err := m.steps(ctx)
	if err != nil {
		return nil, nil, err
	}
	events, err := history.Of(steps).All()
	if err != nil {
		return nil, nil, err
	}
	files, err := history.Files(layout.Group(m.registry.ID), steps)
	if err != nil {
		return nil, nil, err
	}
	files = append(files, history.File{Name: m.store.TableFile(), Data: table.CSV()})
	others, err := m.store.Others()
	if err != nil {
		return nil, nil, err
	}
	if len(others) == 0 {
		return append(files, history.File{Name: layout.Changelog, Data: render.Changelog(m.registry, events)}), steps, nil
	}
	changelogs, err := merged(ctx, m.store, m.registry.Title, events)
	return append(files, changelogs...), steps, err
}

func (m maker) table() (*ports.Table, error) {
	if m.newest != nil {
		return m.newest, nil
	}
	newest, _ := m.store.Latest()
	data, err := m.store.Bytes(newest)
	if err != nil {
		return nil, err
	}
	return ports.Parse(data)
}

// steps returns what led to each version.
func (m maker) steps(ctx context.Context) ([]history.Step, error) {
	if m.anew {
		return history.Remade(ctx, m.store, m.show)
	}
	return history.Steps(ctx, m.store, m.show)
}
