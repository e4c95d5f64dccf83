package lookup

import (
	"errors"
	"io/fs"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/registry/ianaxsl"
	"github.com/ianasync/ianasync/snapshots"
)

// Labels are the labels of columns that a group's stylesheet has. The zero value has none.
type Labels struct{ sheet *ianaxsl.Stylesheet }

// ReadLabels returns the labels of the columns of a group. There are none where the store has no stylesheet of it, or one that
// cannot be read.
func ReadLabels(s *snapshots.Store) (Labels, error) {
	data, err := s.Stylesheet()
	if errors.Is(err, fs.ErrNotExist) {
		return Labels{}, nil
	}
	if err != nil {
		return Labels{}, err
	}
	var l Labels
	if sheet, err := ianaxsl.Parse(data); err == nil { // labels are no reason to fail
		l.sheet = sheet
	}
	return l, nil
}

// Of returns columns of a registry with their labels. A column that the stylesheet does not show keeps its own.
func (l Labels) Of(id string, columns []registry.Column) []registry.Column {
	if l.sheet == nil {
		return columns
	}
	labels := l.sheet.Labels(strings.TrimPrefix(id, registry.GroupOf(id)+"/"))
	columns = slices.Clone(columns)
	for i := range columns {
		if label := labels[columns[i].Key]; label != "" {
			columns[i].Label = label
		}
	}
	return columns
}
