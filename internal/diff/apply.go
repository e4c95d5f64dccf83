package diff

import (
	"fmt"
	"slices"

	"github.com/ianasync/ianasync/registry"
)

// Apply returns the records that the changes lead to from those given, in no order. View returns a record of the changes as
// one of the given kind. The error names a record that a change removes and that is not there: then the changes are not
// of these records.
//
// The records of all changes are removed and added at once. What one change adds and another removes cancels out, so the changes of
// several comparisons in a row can be applied together.
func Apply[R comparable](records []R, changes []Change, view func(registry.Record) R) ([]R, error) {
	var gone, came []registry.Record
	for i := range changes {
		gone, came = append(gone, changes[i].Removed...), append(came, changes[i].Added...)
	}
	gone, came = registry.Difference(gone, came)
	viewed := func(rs []registry.Record) []R {
		list := make([]R, len(rs))
		for i, r := range rs {
			list[i] = view(r)
		}
		return list
	}
	rest, missing := registry.Difference(records, viewed(gone))
	if len(missing) == 0 {
		return append(rest, viewed(came)...), nil
	}
	for i := range changes {
		c := &changes[i]
		at := slices.IndexFunc(c.Removed, func(r registry.Record) bool { return view(r) == missing[0] })
		if at >= 0 {
			return nil, fmt.Errorf("the change (%s) removes a record that the table does not have: %s", c.subject(), c.Removed[at].AppendJSON(nil, nil))
		}
	}
	return nil, fmt.Errorf("the table does not have the record %v", missing[0])
}

// subject returns the kind of a change and what it is about, for messages.
func (c *Change) subject() string {
	var key []string
	for _, cell := range c.Key {
		key = append(key, cell.Text)
	}
	return fmt.Sprintf("%s %q %q of %s", c.Kind, key, c.Name, c.Registry)
}
