package portrules

import (
	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/registry/ports"
)

// Editions compares editions of the service names registry. It decodes only the rows in which two differ. The zero value is ready for
// use.
type Editions struct {
	last map[ports.Form]*ports.Decoded // of each form the edition that was decoded last, whole
}

// Read cuts an edition into rows. Last is one that differs little from it, or nil.
func (*Editions) Read(data []byte, last *ports.Edition) (*ports.Edition, error) {
	return last.Next(data)
}

// Distance returns in how many records two editions differ.
func (e *Editions) Distance(old, new *ports.Edition) (int, error) {
	gone, came, err := e.distinct(old, new)
	return len(gone) + len(came), err
}

// Compare returns the changes from one edition to another.
func (e *Editions) Compare(old, new *ports.Edition) ([]diff.Change, error) {
	gone, came, err := e.distinct(old, new)
	if err != nil {
		return nil, err
	}
	return Compare(gone, came), nil
}

// distinct returns the records in which two editions may differ. Editions of two forms have no text in common: each is decoded whole,
// from the last one of its form.
func (e *Editions) distinct(old, new *ports.Edition) (gone, came []ports.Record, err error) {
	if old.Form() == new.Form() {
		restOld, restNew, err := ports.Distinct(old, new)
		if err != nil {
			return nil, nil, err
		}
		return restOld.Records, restNew.Records, nil
	}
	before, err := e.table(old)
	if err != nil {
		return nil, nil, err
	}
	after, err := e.table(new)
	if err != nil {
		return nil, nil, err
	}
	gone, came = before.Difference(after)
	return gone, came, nil
}

func (e *Editions) table(of *ports.Edition) (*ports.Table, error) {
	d, err := e.last[of.Form()].NextEdition(of)
	if err != nil {
		return nil, err
	}
	if e.last == nil {
		e.last = make(map[ports.Form]*ports.Decoded)
	}
	e.last[of.Form()] = d
	return d.Table, nil
}
