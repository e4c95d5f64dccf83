package dataset

import (
	"context"
	"iter"
	"path"
	"strings"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/layout"
	"github.com/ianasync/ianasync/registry"
)

// GroupTar returns the package of one group as a tar archive: the canonical CSV of each registry, the forms of the history, their
// descriptions (datapackage.json) and the digests of all these. See [Tar].
func GroupTar(ctx context.Context, groups Groups) ([]byte, error) {
	for g, err := range groups {
		if err != nil {
			return nil, err
		}
		p := describe(g.ID, g.Title, g.Page, g.Version)
		return archive(g.ID, g.Version, p.withSums(g.files(ctx, p)))
	}
	return nil, nil
}

// files are those of the group's package but for their digests. It adds what describes them.
func (g *Group) files(ctx context.Context, p *dataPackage) iter.Seq2[history.File, error] {
	return func(yield func(history.File, error) bool) {
		for _, t := range g.tables {
			file := PackageFile{dataFolder + tableFile(g.ID, t), "text/csv"}
			var labels []string
			for i := range t.Columns {
				labels = append(labels, t.Columns[i].Heading())
			}
			if !yield(p.addTable(strings.ReplaceAll(strings.TrimSuffix(path.Base(file.Name), ".csv"), "~", "."), file, t.CSV(), labels), nil) {
				return
			}
		}
		for _, h := range groupDatabases {
			data, err := h.Write(ctx, One(g))
			if !yield(p.add(h.Name, h.File, data), err) || err != nil {
				return
			}
		}
		description, err := p.json()
		yield(history.File{Name: "datapackage.json", Data: description}, err)
	}
}

// tableFile returns the name of the file of a table.
func tableFile(group string, t *registry.Table) string {
	return path.Base(layout.Group(group).Table(strings.TrimPrefix(t.Registry.ID, group+"/")))
}
