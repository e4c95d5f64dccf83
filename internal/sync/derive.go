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
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/internal/render"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

// Derive brings all that is made from a store's versions up to date: the lists of changes, the changelog, and the newest
// table, which is decoded unless it is given. They depend on the versions alone. It returns what led to the versions of the newest
// years, oldest first.
func Derive(ctx context.Context, s *snapshots.Store, newest *ports.Table, show func(done, total int64)) ([]history.Step, error) {
	return newMaker(s, newest, false, show).write(ctx)
}

// Rederive is [Derive] from nothing but the versions' bytes, and what was published of them.
func Rederive(ctx context.Context, s *snapshots.Store, show func(done, total int64)) error {
	_, err := newMaker(s, nil, true, show).write(ctx)
	return err
}

// surplus returns the names of the derived files that are none of the given ones: those that are common to all groups, or those of
// the group, or both.
func (m maker) surplus(files []history.File) ([]string, error) {
	alone, err := m.alone()
	if err != nil {
		return nil, err
	}
	_, found := m.store.Latest()
	ofGroup, ofAll := !m.commonAlone, alone || found && m.apart == nil
	names, err := m.store.DerivedFiles()
	return slices.DeleteFunc(names, func(name string) bool {
		if layout.IsChangelog(name) && !ofAll || !layout.IsChangelog(name) && !ofGroup {
			return true
		}
		return slices.ContainsFunc(files, func(f history.File) bool { return f.Name == name })
	}), err
}

// write writes what is made from the versions.
func (m maker) write(ctx context.Context) ([]history.Step, error) {
	d, err := m.make(ctx)
	if err == nil {
		err = m.writeFiles(d.files)
	}
	if err != nil {
		return nil, err
	}
	return d.steps, m.store.DerivedDone(d.rules())
}

// writeFiles writes derived files, and removes those that are none of them.
func (m maker) writeFiles(files []history.File) error {
	for _, f := range files {
		if f.Same {
			continue
		}
		if _, err := m.store.WriteDerived(f.Name, f.Data); err != nil {
			return err
		}
	}
	surplus, err := m.surplus(files)
	if err != nil {
		return err
	}
	for _, name := range surplus { // a year has no version any more where history has come since
		if err := m.store.RemoveDerived(name); err != nil {
			return err
		}
	}
	return nil
}

// CheckDerived makes all derived files anew, writes none, and names those that are not in
// the store as they should be.
func CheckDerived(ctx context.Context, s *snapshots.Store) ([]snapshots.Fault, error) {
	return newMaker(s, nil, true, nil).check(ctx)
}

// check names the files that are not as they should be.
func (m maker) check(ctx context.Context) ([]snapshots.Fault, error) {
	d, err := m.make(ctx)
	if err != nil {
		return nil, err
	}
	return m.checkFiles(d.files)
}

// checkFiles names those of derived files that are not as they should be, and those that should not be there.
func (m maker) checkFiles(files []history.File) ([]snapshots.Fault, error) {
	s := m.store
	var faults []snapshots.Fault
	surplus, err := m.surplus(files)
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
	newest   *ports.Table   // of the newest version, where it is at hand
	found    *history.Found // what is at hand of the changes; may be nil
	anew     bool           // use nothing that was derived before
	show     func(done, total int64)

	apart       map[string]*part // where the group's part of the changelog goes, if what is common to all groups is not made
	commonAlone bool             // only that is made
}

func newMaker(s *snapshots.Store, newest *ports.Table, anew bool, show func(done, total int64)) maker {
	r, _ := s.Group().(portrules.Group)
	g, _ := s.Group().(*registry.Group)
	return maker{registry: r.Registry, group: g, store: s, newest: newest, anew: anew, show: show}
}

// derived is what is made from the versions.
type derived struct {
	files []history.File // those that the store has already, from the same versions, are the [history.File.Same]
	title string         // of the group
	steps []history.Step // what led to each version of the years that are made

	known    int             // the number of the oldest versions from which the store has all files
	since    string          // the year of the version after those: the files of the years before it are as they should be
	sections render.Sections // of the CHANGELOG.md of those versions, where the service names are alone
}

// rules is what the derived files depend on but for the versions: the rules by which they are made, and the title that headings
// have.
func (d *derived) rules() string {
	return fmt.Sprintf("%d.%d %s", history.DiffVersion, render.ChangelogRules, d.title)
}

// make makes the files that are made from the versions, but for those of years of which the store has them.
func (m maker) make(ctx context.Context) (*derived, error) {
	d := new(derived)
	if _, found := m.store.Latest(); !found {
		return d, nil
	}
	var err error
	if m.group != nil {
		err = m.deriveGroup(ctx, d)
	} else {
		err = m.derive(ctx, d)
	}
	if err != nil {
		return nil, err
	}
	of := layout.Group(m.store.Registry())
	lists, err := history.Files(of, d.steps)
	if err != nil {
		return nil, err
	}
	for _, year := range yearsOf(m.store.Versions()) {
		if year < d.since {
			d.files = append(d.files, history.File{Name: of.ChangesOf(year), Same: true}, history.File{Name: of.SubjectsOf(year), Same: true})
		}
	}
	changelog, err := m.changelog(ctx, d)
	d.files = slices.Concat(d.files, lists, changelog)
	return d, err
}

// look finds out what the store has of the files already.
func (m maker) look(d *derived) error {
	n := m.store.DerivedUpTo(d.rules())
	if m.anew || n == 0 {
		return nil
	}
	versions := m.store.Versions()
	since := versions[min(n, len(versions)-1)].ID[:4]
	has, err := m.store.DerivedFiles()
	if errors.Is(err, snapshots.ErrCorrupt) {
		return nil
	}
	if err != nil {
		return err
	}
	alone, err := m.alone()
	if err != nil {
		return err
	}
	of := layout.Group(m.store.Registry())
	lacks := func(name string) bool { return !slices.Contains(has, name) }
	years := yearsOf(versions[:n])
	earlier, newest := render.SplitYears(years)
	switch {
	case slices.ContainsFunc(years, func(year string) bool { return year < since && lacks(of.ChangesOf(year)) }),
		!alone && slices.ContainsFunc(years, func(year string) bool { return lacks(of.ChangelogOf(year)) }),
		alone && slices.ContainsFunc(earlier, func(year string) bool { return lacks(layout.ChangelogOf(year)) }),
		alone && slices.ContainsFunc(years, func(year string) bool { return !lacks(of.ChangelogOf(year)) }): // there were other groups
		return nil
	}
	if alone {
		text, err := m.store.ReadDerived(layout.Changelog)
		if err != nil {
			return nil //nolint:nilerr // all is made anew
		}
		sections, ok := render.ReadChangelog(m.registry, earlier, newest, text)
		if !ok {
			return nil
		}
		d.sections = sections
	}
	d.known, d.since = n, since
	return nil
}

// derive makes what is made from the versions of the service names.
func (m maker) derive(ctx context.Context, d *derived) error {
	table, err := m.table()
	if err != nil {
		return err
	}
	d.title = m.registry.Title
	d.files = []history.File{{Name: m.store.TableFile(), Data: table.CSV()}}
	if err := m.look(d); err != nil {
		return err
	}
	_, err = m.steps(ctx, d)
	return err
}

// steps sets the steps, and returns the keys of a group other than that of the service names.
func (m maker) steps(ctx context.Context, d *derived) (keys *history.Keys, err error) {
	if m.anew {
		d.steps, keys, err = history.Remade(ctx, m.store, m.show)
	} else {
		d.steps, keys, err = history.Steps(ctx, m.store, d.since, m.found, m.show)
	}
	return keys, err
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
