package portrules

import (
	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/registry/ports"
)

// Group is the group of the service names registry, with the rules by which its editions are compared.
type Group struct{ *ports.Registry }

// ServiceNames returns the group of [ports.ServiceNames].
func ServiceNames() Group { return Group{ports.ServiceNames()} }

// rows are those of an edition. Only the rows in which two editions differ are decoded.
type rows struct {
	*ports.Edition
	decoded map[ports.Form]*ports.Decoded // of each form the edition that was decoded last, whole: common to editions read after each other
}

// Read cuts an edition into rows. Last is one that differs little from it, or nil.
func (Group) Read(data []byte, last any) (any, error) {
	before, _ := last.(rows)
	cut, err := before.Next(data)
	if before.decoded == nil {
		before.decoded = make(map[ports.Form]*ports.Decoded)
	}
	return rows{cut, before.decoded}, err
}

// Distance returns in how many records two editions differ.
func (Group) Distance(old, new any) (int, error) {
	gone, came, err := distinct(old.(rows), new.(rows))
	return len(gone) + len(came), err
}

// Compare returns the changes from one edition to another.
func (Group) Compare(old, new any) ([]diff.Change, error) {
	gone, came, err := distinct(old.(rows), new.(rows))
	if err != nil {
		return nil, err
	}
	return Compare(gone, came), nil
}

// distinct returns the records in which two editions may differ. Editions of two forms have no text in common: each is decoded whole,
// from the last one of its form.
func distinct(old, new rows) (gone, came []ports.Record, err error) {
	if old.Form() == new.Form() {
		restOld, restNew, err := ports.Distinct(old.Edition, new.Edition)
		if err != nil {
			return nil, nil, err
		}
		return restOld.Records, restNew.Records, nil
	}
	before, err := old.table()
	if err != nil {
		return nil, nil, err
	}
	after, err := new.table()
	if err != nil {
		return nil, nil, err
	}
	gone, came = before.Difference(after)
	return gone, came, nil
}

func (r rows) table() (*ports.Table, error) {
	d, err := r.decoded[r.Form()].NextEdition(r.Edition)
	if err != nil {
		return nil, err
	}
	r.decoded[r.Form()] = d
	return d.Table, nil
}

// Extend begins a change of the group: see [diff.Decoder].
func (Group) Extend(c *diff.Change) { c.Extension, c.Columns = new(Place), ports.GenericColumns() }
