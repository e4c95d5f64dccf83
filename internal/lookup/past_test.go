package lookup

import (
	"fmt"
	"testing"

	"github.com/ianasync/ianasync/registry"
)

// TestUnchanged sees that an update of contacts alone is no event, but that what had one is not unchanged; and that
// ranges cut anew around a port change nothing of it.
func TestUnchanged(t *testing.T) {
	one := func(description, contact string) *registry.Table {
		r := rec("a", "7", "tcp", description)
		r.Contact = contact
		return table(r, rec("else", "9", "tcp", contact))
	}
	free := func(ports ...string) *registry.Table {
		var records []registry.Record
		for _, p := range ports {
			records = append(records, rec("", p, "", "Unassigned"))
		}
		return table(records)
	}
	for name, test := range map[string]struct {
		want   string
		tables []*registry.Table
	}{
		"one version":         {"unchanged: true, contacts: 0, redrawn: 0, changes: []", []*registry.Table{one("A", "[X]")}},
		"another is updated":  {"unchanged: true, contacts: 0, redrawn: 0, changes: []", []*registry.Table{one("A", "[X]"), table(one("A", "[X]").Records[0])}},
		"a contact":           {"unchanged: false, contacts: 1, redrawn: 0, changes: []", []*registry.Table{one("A", "[X]"), one("A", "[Y]")}},
		"two contacts":        {"unchanged: false, contacts: 2, redrawn: 0, changes: []", []*registry.Table{one("A", "[X]"), one("A", "[Y]"), one("A", "[Z]")}},
		"contacts, then news": {"unchanged: false, contacts: 1, redrawn: 0, changes: [1]", []*registry.Table{one("A", "[X]"), one("A", "[Y]"), one("B", "[Y]")}},
		"news":                {"unchanged: false, contacts: 0, redrawn: 0, changes: [1]", []*registry.Table{one("A", "[X]"), one("B", "[X]")}},
		"a range cut anew":    {"unchanged: true, contacts: 0, redrawn: 1, changes: []", []*registry.Table{free("5-9"), free("5-7", "8-9")}},
		"rolled back":         {"unchanged: false, contacts: 0, redrawn: 0, changes: [0 1]", []*registry.Table{one("A", "[X]"), one("B", "[X]"), one("A", "[X]")}},
	} {
		p := withPast(t, 7, test.tables...).Past
		changes := []int{} // of each event
		for _, e := range p.Events {
			changes = append(changes, len(e.Changes))
		}
		if got := fmt.Sprintf("unchanged: %v, contacts: %d, redrawn: %d, changes: %v", p.Unchanged, p.Contacts, p.Redrawn, changes); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}
