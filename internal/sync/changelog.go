package sync

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/layout"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/internal/render"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

// A store has one changelog over all its groups: a file for the newest years, and one for each year before them. Each group keeps
// its part, a file a year, and whoever derives one group's part merges it with those of the others as they are: their changes are
// not read. A store of the service names alone has no parts.

// part is a group's part of the changelog.
type part struct {
	group    string
	versions string          // of which it was made: see [versionsOf]; empty where that is not known
	years    []string        // in order
	sections render.Sections // of those years that were made now
}

// files returns the files of the part. Those that the store has are the [history.File.Same].
func (p *part) files() (files []history.File) {
	for _, year := range p.years {
		text, made := p.sections[year]
		files = append(files, history.File{Name: layout.Group(p.group).ChangelogOf(year), Data: text, Same: !made})
	}
	return files
}

// of returns the sections of a year.
func (p *part) of(ctx context.Context, s *snapshots.Store, year string) ([]byte, error) {
	if text, made := p.sections[year]; made || !slices.Contains(p.years, year) {
		return text, nil
	}
	text, err := s.ReadDerived(layout.Group(p.group).ChangelogOf(year))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, snapshots.ErrCorrupt) {
		made, err := madePart(ctx, s.Dir(), p.group)
		if err != nil {
			return nil, err
		}
		p.sections = made.sections
		return p.sections[year], nil
	}
	return text, err
}

// changelog returns the files of the changelog: the group's part of it, where it has one, and what is common to all groups.
func (m maker) changelog(ctx context.Context, d *derived) ([]history.File, error) {
	alone, err := m.alone()
	if err != nil {
		return nil, err
	}
	if alone {
		own, err := m.part(d, "")
		if err != nil {
			return nil, err
		}
		return m.common(ctx, m.registry, []*part{own}, d.since)
	}
	own, err := m.part(d, d.title)
	if err != nil {
		return nil, err
	}
	if m.apart != nil {
		m.apart[own.group] = own
		return own.files(), nil
	}
	others, err := m.store.Others()
	if err != nil {
		return nil, err
	}
	parts, files := []*part{own}, own.files()
	for _, id := range others {
		other, err := m.other(ctx, id)
		if err != nil {
			return nil, err
		}
		if other.sections != nil { // it had none until now
			files, d.since = append(files, other.files()...), ""
		}
		parts = append(parts, other)
	}
	common, err := m.common(ctx, nil, parts, d.since)
	return append(files, common...), err
}

// part returns the group's part. Its sections have the title, unless that is empty. Those of the known versions are as the store has
// them. It may have some of later ones, too: of a run that was killed before it recorded what it had derived.
func (m maker) part(d *derived, title string) (*part, error) {
	versions := m.store.Versions()
	known := "" // the newest
	if d.known > 0 {
		known = versions[d.known-1].ID
	}
	var events []history.Event
	for i := range d.steps {
		if d.steps[i].Version.ID <= known {
			continue
		}
		e, err := d.steps[i].Event()
		if err != nil {
			return nil, err
		}
		events = append(events, e)
	}
	p := &part{m.store.Registry(), versionsOf(m.store), yearsOf(versions), render.NewSections(title, events)}
	if title == "" {
		for year, text := range d.sections {
			p.sections[year] = append(p.sections[year], render.SectionsUpTo(known, text)...)
		}
		return p, nil
	}
	if slices.Contains(yearsOf(versions[:d.known]), d.since) {
		text, err := m.store.ReadDerived(layout.Group(p.group).ChangelogOf(d.since))
		if err != nil {
			return nil, err
		}
		p.sections[d.since] = append(p.sections[d.since], render.SectionsUpTo(known, text)...)
	}
	return p, nil
}

// alone reports whether the store has the service names alone.
func (m maker) alone() (bool, error) {
	if m.registry == nil {
		return false, nil
	}
	others, err := m.store.Others()
	return len(others) == 0, err
}

// other returns the part of another group, as the store has it; made now where the store has none.
func (m maker) other(ctx context.Context, id string) (*part, error) {
	names, err := m.store.Changelogs(id)
	if err != nil && !errors.Is(err, snapshots.ErrCorrupt) {
		return nil, err
	}
	if len(names) == 0 {
		return madePart(ctx, m.store.Dir(), id)
	}
	p := &part{group: id}
	for _, name := range names {
		p.years = append(p.years, strings.TrimSuffix(path.Base(name), ".md"))
	}
	return p, nil
}

// madePart returns a group's part of the changelog, made of its lists of changes.
func madePart(ctx context.Context, dir, id string) (*part, error) {
	s, err := openGroup(dir, id)
	if err != nil {
		return nil, err
	}
	title := ports.ServiceNames().Title
	if id != ports.ServiceNames().ID {
		title = titleOf(s)
	}
	past, err := history.Open(ctx, s)
	if err != nil {
		return nil, err
	}
	events, err := past.All()
	return &part{id, versionsOf(s), yearsOf(s.Versions()), render.NewSections(title, events)}, err
}

// common returns the files that all groups have in common. Those of years before one are as they should be, where the store has
// them.
func (m maker) common(ctx context.Context, r *ports.Registry, parts []*part, since string) ([]history.File, error) {
	var years []string
	for _, p := range parts {
		years = append(years, p.years...)
	}
	slices.Sort(years)
	earlier, newest := render.SplitYears(slices.Compact(years))
	merged := func(year string) ([]byte, error) {
		of := make(map[string][]byte)
		for _, p := range parts {
			var err error
			if of[p.group], err = p.of(ctx, m.store, year); err != nil {
				return nil, err
			}
		}
		return render.MergeSections(of), nil
	}
	has, err := m.store.DerivedFiles()
	if err != nil && !errors.Is(err, snapshots.ErrCorrupt) {
		return nil, err
	}
	var files []history.File
	for _, year := range earlier {
		f := history.File{Name: layout.ChangelogOf(year)}
		if f.Same = year < since && slices.Contains(has, f.Name); !f.Same {
			sections, err := merged(year)
			if err != nil {
				return nil, err
			}
			f.Data = render.ChangelogOf(r, year, sections)
		}
		files = append(files, f)
	}
	sections := make(render.Sections)
	for _, year := range newest {
		if sections[year], err = merged(year); err != nil {
			return nil, err
		}
	}
	return append(files, history.File{Name: layout.Changelog, Data: render.Changelog(r, earlier, newest, sections)}), nil
}

// yearsOf returns the years of versions, each once, in order.
func yearsOf(versions []snapshots.Version) (years []string) {
	for _, v := range versions {
		if year := v.ID[:4]; len(years) == 0 || years[len(years)-1] != year {
			years = append(years, year)
		}
	}
	return years
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
	if r := portrules.ServiceNames(); id == r.ID {
		return snapshots.Open(dir, r)
	}
	return snapshots.Open(dir, registry.NewXMLGroup(id))
}

// pending reports whether the derived files of any group are known to wait for the next run.
func pending(s *snapshots.Store) bool {
	others, err := s.Others()
	return s.DerivedPending() || err == nil && slices.ContainsFunc(others, func(id string) bool {
		other, err := openGroup(s.Dir(), id)
		return err == nil && other.DerivedPending()
	})
}
