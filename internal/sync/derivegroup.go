package sync

import (
	"cmp"
	"context"
	"strings"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/layout"
	"github.com/ianasync/ianasync/internal/search"
)

// deriveGroup makes what is made from the versions of a group other than that of the service names.
func (m maker) deriveGroup(ctx context.Context, d *derived) error {
	g, s := m.group, m.store
	newest, _ := s.Latest()
	data, err := s.Bytes(newest)
	if err != nil {
		return err
	}
	e, err := g.Decode(data, nil)
	if err != nil {
		return err
	}
	if d.title = g.ID; len(e.Stated) > 0 {
		d.title = cmp.Or(e.Stated[0].Title, g.ID)
	}
	if err := m.look(d); err != nil {
		return err
	}
	keys, err := m.steps(ctx, d)
	if err != nil {
		return err
	}
	if len(d.steps) == len(s.Versions()) { // the keys are others
		d.known, d.since = 0, ""
	}
	of := layout.Group(g.ID)
	list := history.NewRegistries(newest.ID, e, keys)
	encoded, err := list.Encode()
	if err != nil {
		return err
	}
	index, err := search.File(search.Index(e, list.Registries))
	if err != nil {
		return err
	}
	d.files = []history.File{{Name: of.Registries(), Data: encoded}, {Name: of.Search(), Data: index}}
	for _, t := range e.Tables {
		d.files = append(d.files, history.File{Name: of.Table(strings.TrimPrefix(t.Registry.ID, g.ID+"/")), Data: t.CSV()})
	}
	return nil
}
