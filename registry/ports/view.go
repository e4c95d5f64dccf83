package ports

import "github.com/ianasync/ianasync/registry"

// schema is that of [Columns].
var schema = func() *registry.Schema {
	keys := make([]string, NumColumns)
	for i := range columns {
		keys[i] = columns[i].Key
	}
	return registry.NewSchema(keys...)
}()

// View returns a record of the service names registry with its columns as fields. It is the inverse of [Record.Untyped].
// Cells of other columns are left out.
func View(r registry.Record) Record {
	var v [NumColumns]string
	schema.Texts(r, v[:])
	return recordOf(v)
}

// Views returns [View] of each record.
func Views(rs []registry.Record) []Record {
	if rs == nil {
		return nil
	}
	list := make([]Record, len(rs))
	for i, r := range rs {
		list[i] = View(r)
	}
	return list
}

// Untyped returns the record as the set of its cells by the keys of [Columns].
func (r *Record) Untyped() registry.Record {
	v := r.Values()
	return schema.Record(v[:])
}

// Untyped returns [Record.Untyped] of each record.
func Untyped(rs []Record) []registry.Record {
	if rs == nil {
		return nil
	}
	list := make([]registry.Record, len(rs))
	for i := range rs {
		list[i] = rs[i].Untyped()
	}
	return list
}

// GenericColumns returns [Columns] as columns of any registry.
func GenericColumns() []registry.Column { return generic }

var generic = func() []registry.Column {
	roles := [NumColumns]registry.Role{
		registry.Name, registry.Value, registry.Value, registry.Description, registry.Party, registry.People,
		registry.Date, registry.Date, registry.Reference, registry.NoRole, registry.Note, registry.Note,
	}
	list := make([]registry.Column, NumColumns)
	for i, c := range columns {
		list[i] = registry.Column{Key: c.Key, Label: c.Name, Role: roles[i], Aliases: c.aliases}
	}
	return list
}()
