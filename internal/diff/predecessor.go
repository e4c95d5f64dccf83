package diff

import "github.com/ianasync/ianasync/registry"

// Predecessor is what a record was before a change, or what stood in its place.
type Predecessor struct {
	Record    registry.Record
	Continues bool   // the later record is this one, altered; else it begins, in place of this one
	Redrawn   string // where both are of what is free or reserved, the column of their ranges, which IANA redraws with every assignment nearby
}
