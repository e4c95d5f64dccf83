package diff_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/registry"
)

func rec(value, name string) registry.Record {
	return registry.NewRecord(registry.Cell{Key: "value", Text: value}, registry.Cell{Key: "name", Text: name})
}

// TestApply holds that changes of any registry can be applied, undone and composed.
func TestApply(t *testing.T) {
	a, b, c := []registry.Record{rec("1", "a"), rec("1", "a"), rec("2", "b")}, []registry.Record{rec("1", "a"), rec("3", "c")}, []registry.Record{rec("3", "d")}
	changes := []diff.Change{
		{Kind: diff.Deassigned, Registry: "g/r", Removed: a[:1]},
		{Kind: diff.Moved, Registry: "g/r", Removed: a[2:], Added: b[1:]},
		{Kind: diff.Deassigned, Registry: "g/r", Removed: a[:1]},
		{Kind: diff.Renamed, Registry: "g/r", Removed: b[1:], Added: c},
	}
	same := func(r registry.Record) registry.Record { return r }
	for _, test := range []struct {
		from, to []registry.Record
		changes  []diff.Change
	}{{a, b, changes[:2]}, {b, c, changes[2:]}, {a, c, changes}} {
		got, err := diff.Apply(test.from, test.changes, same)
		if err != nil || !slices.Equal(sorted(got), sorted(test.to)) {
			t.Errorf("applied: %v, %v", got, err)
		}
		got, err = diff.Apply(test.to, exchanged(test.changes), same)
		if err != nil || !slices.Equal(sorted(got), sorted(test.from)) {
			t.Errorf("undone: %v, %v", got, err)
		}
	}
	if _, err := diff.Apply(c, changes[:1], same); err == nil || !strings.Contains(err.Error(), `{"name":"a","value":"1"}`) {
		t.Errorf("a record that is not there: %v", err)
	}
}

// exchanged returns changes that undo others.
func exchanged(changes []diff.Change) []diff.Change {
	changes = slices.Clone(changes)
	for i := range changes {
		changes[i].Removed, changes[i].Added = changes[i].Added, changes[i].Removed
	}
	return changes
}

func sorted(rs []registry.Record) []registry.Record {
	rs = slices.Clone(rs)
	slices.SortFunc(rs, registry.Compare)
	return rs
}

// TestChangeJSON holds the form of a change of any registry: each record has all columns, in order.
func TestChangeJSON(t *testing.T) {
	c := diff.Change{
		Kind: diff.Deprecated, Registry: "g/r", Key: []registry.Cell{{Key: "value", Text: "1"}, {Key: "class", Text: "IN"}}, Name: "a",
		Columns: []registry.Column{{Key: "value"}, {Key: "name"}, {Key: "status", Role: registry.Status}},
		Fields:  []diff.Field{{Key: "status", New: "obsolete"}},
		Removed: []registry.Record{rec("1", "a")}, Added: []registry.Record{rec("1", "a").With("status", "obsolete")},
	}
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"registry":"g/r","kind":"deprecated","key":{"value":"1","class":"IN"},"name":"a",` +
		`"fields":[{"field":"status","old":"","new":"obsolete"}],` +
		`"removed":[{"value":"1","name":"a","status":""}],"added":[{"value":"1","name":"a","status":"obsolete"}]}`
	if d := cmp.Diff(want, string(data)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	var d diff.Decoder
	back, err := d.Change(data)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(c, back); d != "" {
		t.Errorf("read back (-want +got):\n%s", d)
	}
}
