package sync

import (
	"bytes"
	"context"
	"errors"
	"fmt"
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
	files, steps, err := maker{nil, g, s, nil, false, show}.files(ctx)
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
		if f.Same {
			continue
		}
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
	return s.DerivedDone(derivedBy)
}

// derivedBy is the versions of the rules by which files are derived.
var derivedBy = fmt.Sprintf("%d.%d", history.DiffVersion, render.ChangelogRules)

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
			if layout.IsChangelog(f.Name) { // it is common to all groups
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

// derived is what is made from the versions.
type derived struct {
	files  []history.File // but for those of the changelog
	title  string         // of the group
	since  string         // the year from which on files are made: the store has those of the years before it
	steps  []history.Step // what led to each version since then
	events []history.Event
}

// files returns the files that are made from the versions, and what led to each version; to those of years whose files the store has
// already, it does not. These files are the [history.File.Same].
func (m maker) files(ctx context.Context) ([]history.File, []history.Step, error) {
	if _, found := m.store.Latest(); !found {
		return nil, nil, nil
	}
	since, err := m.since()
	if err != nil {
		return nil, nil, err
	}
	d := &derived{since: since}
	if m.group != nil {
		err = m.deriveGroup(ctx, d)
	} else {
		err = m.derive(ctx, d)
	}
	if err != nil {
		return nil, nil, err
	}
	of := layout.Group(m.store.Registry())
	for _, year := range yearsOf(m.store.Versions()) {
		if year < d.since {
			d.files = append(d.files, history.File{Name: of.ChangesOf(year), Same: true}, history.File{Name: of.SubjectsOf(year), Same: true})
		}
	}
	for i := range d.steps {
		e, err := d.steps[i].Event()
		if err != nil {
			return nil, nil, err
		}
		d.events = append(d.events, e)
	}
	lists, err := history.Files(of, d.steps, d.events)
	if err != nil {
		return nil, nil, err
	}
	changelog, err := m.changelog(ctx, d)
	return slices.Concat(d.files, lists, changelog), d.steps, err
}

// since returns the year from which on files are to be made: that of the oldest version that came since the files of all versions
// before it were made, or an earlier one of which CHANGELOG.md has the changes until now. It is empty where all files are to be made.
func (m maker) since() (string, error) {
	versions := m.store.Versions()
	n := m.store.DerivedUpTo(derivedBy)
	if m.anew || n == 0 {
		return "", nil
	}
	_, newest := render.SplitYears(yearsOf(versions[:n]))
	since := min(newest[0], versions[min(n, len(versions)-1)].ID[:4])
	has, err := m.store.DerivedFiles()
	if errors.Is(err, snapshots.ErrCorrupt) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	alone, err := m.alone()
	if err != nil {
		return "", err
	}
	of := layout.Group(m.store.Registry())
	for _, year := range yearsOf(versions) {
		changelog := of.ChangelogOf(year)
		if alone && slices.Contains(has, changelog) { // there were other groups
			return "", nil
		} else if alone {
			changelog = layout.ChangelogOf(year)
		}
		if year < since && (!slices.Contains(has, of.ChangesOf(year)) || !slices.Contains(has, changelog)) {
			return "", nil
		}
	}
	return since, nil
}

// derive makes what is made from the versions of the service names.
func (m maker) derive(ctx context.Context, d *derived) error {
	table, err := m.table()
	if err != nil {
		return err
	}
	d.title = m.registry.Title
	d.files = []history.File{{Name: m.store.TableFile(), Data: table.CSV()}}
	if m.anew {
		d.steps, err = history.Remade(ctx, m.store, m.show)
	} else {
		d.steps, err = history.StepsFrom(ctx, m.store, d.since, m.show)
	}
	return err
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
