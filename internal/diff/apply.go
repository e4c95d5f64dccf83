package diff

import (
	"fmt"

	"github.com/ianasync/ianasync/registry"
)

// Apply returns the table that the changes lead to from t. The error says which
// record a change takes away that is not there: then the changes are not of t.
func Apply(t *registry.Table, changes []Change) (*registry.Table, error) {
	return exchange(t, changes, func(c *Change) (gone, came []registry.Record) { return c.Removed, c.Added })
}

// Undo returns the table that the changes led to t from. It is the inverse of
// [Apply].
func Undo(t *registry.Table, changes []Change) (*registry.Table, error) {
	return exchange(t, changes, func(c *Change) (gone, came []registry.Record) { return c.Added, c.Removed })
}

// exchange counts what all of the changes together add and take away. So the
// changes of several comparisons in a row can be applied at once.
func exchange(t *registry.Table, changes []Change, sides func(*Change) (gone, came []registry.Record)) (*registry.Table, error) {
	net := make(map[registry.Record]int) // how many more there are to be
	for i := range changes {
		gone, came := sides(&changes[i])
		for _, r := range gone {
			net[r]--
		}
		for _, r := range came {
			net[r]++
		}
	}
	var records []registry.Record
	for _, r := range t.Records {
		if net[r] < 0 {
			net[r]++
		} else {
			records = append(records, r)
		}
	}
	for i := range changes {
		gone, came := sides(&changes[i])
		for _, r := range gone {
			if net[r] < 0 {
				return nil, fmt.Errorf("the change (%s %q, ports %q) takes away a record that the table does not have: service name %q, port number %q, transport %q",
					changes[i].Kind, changes[i].Service, changes[i].Ports, r.ServiceName, r.Ports, r.Transport)
			}
		}
		for _, r := range came {
			if net[r] > 0 {
				net[r]--
				records = append(records, r)
			}
		}
	}
	return registry.NewTable(records), nil
}
