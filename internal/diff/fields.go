package diff

import (
	"slices"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/registry"
)

// fields returns the columns in which two records differ, in the order of columns.
func fields(old, new registry.Record) []Field {
	var named fieldNames
	cmp.Equal(old, new, cmp.Reporter(&named))
	a, b := old.Values(), new.Values()
	var out []Field
	for i, c := range registry.Columns() {
		if slices.Contains(named.differ, c.Field) {
			out = append(out, Field{Key: c.Key, Old: a[i], New: b[i]})
		}
	}
	return out
}

// fieldNames is a cmp reporter that notes which fields of a struct differ, by
// their Go names.
type fieldNames struct {
	path   cmp.Path
	differ []string
}

// PushStep implements the interface that [cmp.Reporter] takes.
func (f *fieldNames) PushStep(s cmp.PathStep) { f.path = append(f.path, s) }

// PopStep implements the interface that [cmp.Reporter] takes.
func (f *fieldNames) PopStep() { f.path = f.path[:len(f.path)-1] }

// Report implements the interface that [cmp.Reporter] takes.
func (f *fieldNames) Report(r cmp.Result) {
	if s, ok := f.path.Last().(cmp.StructField); ok && !r.Equal() {
		f.differ = append(f.differ, s.Name())
	}
}
