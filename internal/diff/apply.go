package diff

import (
	"fmt"
	"slices"

	"github.com/ianasync/ianasync/registry/ports"
)

// Apply returns the table that the changes lead to from t. The error names a record
// that a change removes and that t does not have: then the changes are not of t.
func Apply(t *ports.Table, changes []Change) (*ports.Table, error) {
	return exchange(t, changes, func(c *Change) (gone, came []ports.Record) { return c.Removed, c.Added })
}

// Undo returns the table that the changes led to t from. It is the inverse of
// [Apply].
func Undo(t *ports.Table, changes []Change) (*ports.Table, error) {
	return exchange(t, changes, func(c *Change) (gone, came []ports.Record) { return c.Added, c.Removed })
}

// exchange removes and adds the records of all changes at once. What one change adds
// and another removes cancels out, so the changes of several comparisons in a row can be
// applied together.
func exchange(t *ports.Table, changes []Change, sides func(*Change) (gone, came []ports.Record)) (*ports.Table, error) {
	var gone, came []ports.Record
	for i := range changes {
		g, c := sides(&changes[i])
		gone, came = append(gone, g...), append(came, c...)
	}
	gone, came = ports.Difference(gone, came)
	records, missing := ports.Difference(t.Records, gone)
	if len(missing) == 0 {
		return ports.NewTable(append(records, came...)), nil
	}
	i := slices.IndexFunc(changes, func(c Change) bool {
		gone, _ := sides(&c)
		return slices.Contains(gone, missing[0])
	})
	c, r := &changes[i], &missing[0]
	return nil, fmt.Errorf("the change (%s %q, ports %q) removes a record that the table does not have: service name %q, port number %q, transport %q",
		c.Kind, c.Service, c.Ports, r.ServiceName, r.Ports, r.Transport)
}
