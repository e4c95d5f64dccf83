package diff

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/ianasync/ianasync/internal/plainjson"
	"github.com/ianasync/ianasync/registry"
)

// Decoder decodes changes, and reuses its memory. The zero value is ready for use where no registry's changes have an
// [Extension]. It serves one goroutine at a time.
type Decoder struct {
	// Extend begins a change of which only the Registry is known: it sets the Extension, and the Columns that records may have,
	// if it knows them. Nil is a no-op.
	Extend func(*Change)

	json    plainjson.Reader
	records registry.RecordBuilder
	cells   []registry.Cell
	columns []registry.Column // those of the last change
	misfit  error             // of this change: it does not begin with its registry, or a record has another column than the change
}

// Change reads what [Change.MarshalJSON] writes, and rejects an unknown kind.
func (d *Decoder) Change(data []byte) (c Change, err error) {
	d.json.Reset(data)
	d.misfit = nil
	for key := range d.json.Members() {
		if c.Registry == "" && key != "registry" {
			d.misfit = errors.New("a change does not begin with its registry")
		}
		switch key {
		case "registry":
			c.Registry = d.json.Text()
			if d.Extend != nil {
				d.Extend(&c)
			}
		case "title":
			c.Title = d.json.Text()
		case "kind":
			c.Kind = Kind(d.json.Text())
		case "minor":
			c.Minor = d.json.Bool()
		case "key":
			c.Key = slices.Clone(d.object())
		case "name":
			c.Name = d.json.Text()
		case "was":
			c.Was = d.json.Text()
		case "fields":
			for range d.json.Elements() {
				c.Fields = append(c.Fields, d.field())
			}
		case "removed":
			c.Removed = d.list(&c.Columns)
		case "added":
			c.Added = d.list(&c.Columns)
		default:
			if c.Extension == nil || !c.Extension.ReadMember(key, &d.json) {
				d.json.Skip()
			}
		}
	}
	if err := d.json.End(); err != nil {
		return Change{}, err
	}
	return c, cmp.Or(d.misfit, c.check())
}

// check returns an error for a change that cannot be.
func (c *Change) check() error {
	switch {
	case c.Kind.Rank() < 0:
		return fmt.Errorf("unknown kind of change %q", c.Kind)
	case c.Minor && c.Kind != Updated && c.Kind != Described:
		return fmt.Errorf(`"minor" in a change of kind %s`, c.Kind)
	case c.Extension != nil:
		return c.Extension.Check(c)
	}
	return nil
}

// object reads an object of texts. The next call overwrites what it returns.
func (d *Decoder) object() []registry.Cell {
	d.cells = d.cells[:0]
	for key := range d.json.Members() {
		d.cells = append(d.cells, registry.Cell{Key: key, Text: d.json.Text()})
	}
	return d.cells
}

func (d *Decoder) field() (f Field) {
	for key := range d.json.Members() {
		switch key {
		case "field":
			f.Key = d.json.Text()
		case "old":
			f.Old = d.json.Text()
		case "new":
			f.New = d.json.Text()
		default:
			d.json.Skip()
		}
	}
	return f
}

// list reads the records of a change, and sets columns, where they are not known, to those of the first.
func (d *Decoder) list(columns *[]registry.Column) []registry.Record {
	records := []registry.Record{}
	for range d.json.Elements() {
		cells := d.object()
		records = append(records, d.records.Record(cells))
		if *columns == nil {
			*columns = d.columnsOf(cells)
		}
		d.fit(*columns, cells)
	}
	return records
}

// fit looks for a cell that none of the columns has: it would be lost. Nearly always both are in one order.
func (d *Decoder) fit(columns []registry.Column, cells []registry.Cell) {
	for i, cell := range cells {
		if (i >= len(columns) || columns[i].Key != cell.Key) && !slices.ContainsFunc(columns, func(c registry.Column) bool { return c.Key == cell.Key }) {
			d.misfit = fmt.Errorf("a record has a column %q, which the change has not", cell.Key)
		}
	}
}

// columnsOf returns the columns of a record, which are nearly always those of the change before.
func (d *Decoder) columnsOf(cells []registry.Cell) []registry.Column {
	if !slices.EqualFunc(cells, d.columns, func(cell registry.Cell, c registry.Column) bool { return cell.Key == c.Key }) {
		d.columns = nil
		for _, cell := range cells {
			d.columns = append(d.columns, registry.Column{Key: cell.Key, Role: registry.RoleOf(cell.Key)})
		}
	}
	return d.columns
}
