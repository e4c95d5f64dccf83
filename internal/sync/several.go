package sync

import (
	"context"
	"fmt"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/snapshots"
)

// Several derives or checks the derived files of several groups of a store, one after another. The changelog, which all have in
// common, is made once, of the parts that were made: last comes [Several.WriteCommon] or [Several.CheckCommon].
type Several struct {
	parts map[string]*part // of the groups so far; none where the service names are alone, which have no part
}

// NewSeveral returns a Several of no group yet.
func NewSeveral() *Several { return &Several{make(map[string]*part)} }

// Rederive is [Rederive] of one group.
func (g *Several) Rederive(ctx context.Context, s *snapshots.Store, show func(done, total int64)) error {
	_, err := g.maker(s, show).write(ctx)
	return err
}

// Check is [CheckDerived] of one group.
func (g *Several) Check(ctx context.Context, s *snapshots.Store) ([]snapshots.Fault, error) {
	return g.maker(s, nil).check(ctx)
}

// WriteCommon writes what the groups of the store that s is of have in common.
func (g *Several) WriteCommon(ctx context.Context, s *snapshots.Store) error {
	m, files, err := g.common(ctx, s)
	if err != nil || len(files) == 0 {
		return err
	}
	return m.writeFiles(files)
}

// CheckCommon names the files that they have in common and that are not as they should be.
func (g *Several) CheckCommon(ctx context.Context, s *snapshots.Store) ([]snapshots.Fault, error) {
	m, files, err := g.common(ctx, s)
	if err != nil || len(files) == 0 {
		return nil, err
	}
	return m.checkFiles(files)
}

func (g *Several) maker(s *snapshots.Store, show func(done, total int64)) maker {
	m := newMaker(s, nil, true, show)
	m.apart = g.parts
	return m
}

// common returns the files that all groups have in common, and what writes and checks them. A part that was not made, or of which the
// group has other versions since, is that of the store.
func (g *Several) common(ctx context.Context, s *snapshots.Store) (m maker, files []history.File, err error) {
	m = newMaker(s, nil, true, nil)
	m.commonAlone = true
	if len(g.parts) == 0 {
		return m, nil, nil
	}
	ids, err := s.Others()
	if err != nil {
		return m, nil, err
	}
	if _, found := s.Latest(); found {
		ids = append(ids, s.Registry())
	}
	var parts []*part
	for _, id := range ids {
		p, err := g.part(ctx, m, id)
		if err != nil {
			return m, nil, err
		}
		parts = append(parts, p)
	}
	files, err = m.common(ctx, nil, parts, "")
	return m, files, err
}

// part returns the part of a group.
func (g *Several) part(ctx context.Context, m maker, id string) (*part, error) {
	if p, made := g.parts[id]; made {
		s, err := openGroup(m.store.Dir(), id)
		if err != nil {
			return nil, err
		}
		if versionsOf(s) == p.versions {
			return p, nil
		}
	}
	return m.other(ctx, id)
}

// versionsOf differs between two states of a group's versions.
func versionsOf(s *snapshots.Store) string {
	newest, _ := s.Latest()
	return fmt.Sprint(len(s.Versions()), " ", newest.ID)
}
