package diff

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/ianasync/ianasync/internal/plainjson"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/registry/ports"
)

// Decoder decodes changes, and reuses its memory. The zero value is ready for use. It serves one goroutine at a time.
type Decoder struct {
	json    plainjson.Reader
	records registry.RecordBuilder
	cells   []registry.Cell
	columns []registry.Column // those of the last change
	misfit  error             // of this change: a record has a column that its first record has not
}

// UnmarshalJSON reads what [Change.MarshalJSON] writes, and rejects an unknown kind. A
// malformed port number is kept as text.
func (c *Change) UnmarshalJSON(data []byte) (err error) {
	*c, err = new(Decoder).Change(data)
	return err
}

// Change is [Change.UnmarshalJSON].
func (d *Decoder) Change(data []byte) (c Change, err error) {
	d.json.Reset(data)
	d.misfit = nil
	var now []string
	for key := range d.json.Members() {
		switch key {
		case "registry":
			c.Registry = d.json.Text()
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
		case "ports":
			c.Ports, _ = ports.ParsePorts(d.json.Text())
		case "now":
			for range d.json.Elements() {
				now = append(now, d.json.Text())
			}
		case "transports":
			c.Transports = []ports.Transport{}
			for range d.json.Elements() {
				c.Transports = append(c.Transports, ports.Transport(d.json.Text()))
			}
		case "fields":
			for range d.json.Elements() {
				c.Fields = append(c.Fields, d.field())
			}
		case "removed":
			c.Removed = d.list(&c.Columns)
		case "added":
			c.Added = d.list(&c.Columns)
		default:
			d.json.Skip()
		}
	}
	if err := d.json.End(); err != nil {
		return Change{}, err
	}
	if c.Registry == "" || c.Registry == portsRegistry {
		d.fit(ports.GenericColumns(), len(c.Columns), func(i int) string { return c.Columns[i].Key })
		c.Registry, c.Key, c.Columns = "", nil, nil
	} else { // of the service names registry alone
		c.Ports, c.Transports, now = ports.Ports{}, nil, nil
	}
	for _, text := range now {
		p, _ := ports.ParsePorts(text)
		c.Now = append(c.Now, p)
	}
	return c, cmp.Or(d.misfit, c.check(now))
}

// check returns an error for a change that cannot be.
func (c *Change) check(now []string) error {
	switch {
	case c.Kind.Rank() < 0:
		return fmt.Errorf("unknown kind of change %q", c.Kind)
	case c.OfPorts() && c.Kind == Moved && len(now) == 0:
		return errors.New(`a moved change lacks "now"`)
	case len(now) > 0 && c.Kind != Moved && (c.Kind != Deassigned || !slices.Equal(now, []string{""})):
		return fmt.Errorf(`"now" in a change of kind %s`, c.Kind)
	case c.Minor && c.Kind != Updated && c.Kind != Described:
		return fmt.Errorf(`"minor" in a change of kind %s`, c.Kind)
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
		d.fit(*columns, len(cells), func(i int) string { return cells[i].Key })
	}
	return records
}

// fit looks for a key that none of the columns has: what stands there would be lost. Nearly always both are in one order.
func (d *Decoder) fit(columns []registry.Column, n int, key func(int) string) {
	for i := range n {
		k := key(i)
		if (i >= len(columns) || columns[i].Key != k) && !slices.ContainsFunc(columns, func(c registry.Column) bool { return c.Key == k }) {
			d.misfit = fmt.Errorf("a record has a column %q, which the change has not", k)
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
