package lookup

import (
	"fmt"
	"testing"

	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/registry/ports/portstest"
)

// TestUnchanged holds that an update of contacts alone is an event and no news, and that ranges divided anew around a port
// change nothing of it.
func TestUnchanged(t *testing.T) {
	one := func(description, contact string) *ports.Table {
		r := rec("a", "7", "tcp", description)
		r.Contact = contact
		return table(r, rec("else", "9", "tcp", contact))
	}
	free := func(numbers ...string) *ports.Table {
		var records []ports.Record
		for _, p := range numbers {
			records = append(records, rec("", p, "", "Unassigned"))
		}
		return table(records)
	}
	for name, test := range map[string]struct {
		want   string
		tables []*ports.Table
	}{
		"one version":         {"unchanged: true, redrawn: 0, changes: [], news: 0", []*ports.Table{one("A", "[X]")}},
		"another is updated":  {"unchanged: true, redrawn: 0, changes: [], news: 0", []*ports.Table{one("A", "[X]"), table(one("A", "[X]").Records[0])}},
		"a contact":           {"unchanged: false, redrawn: 0, changes: [1], news: 0", []*ports.Table{one("A", "[X]"), one("A", "[Y]")}},
		"two contacts":        {"unchanged: false, redrawn: 0, changes: [1 1], news: 0", []*ports.Table{one("A", "[X]"), one("A", "[Y]"), one("A", "[Z]")}},
		"contacts, then news": {"unchanged: false, redrawn: 0, changes: [1 1], news: 1", []*ports.Table{one("A", "[X]"), one("A", "[Y]"), one("B", "[Y]")}},
		"news":                {"unchanged: false, redrawn: 0, changes: [1], news: 1", []*ports.Table{one("A", "[X]"), one("B", "[X]")}},
		"a range cut anew":    {"unchanged: true, redrawn: 1, changes: [], news: 0", []*ports.Table{free("5-9"), free("5-7", "8-9")}},
		"an assignment beside it": {
			"unchanged: true, redrawn: 1, changes: [], news: 0",
			[]*ports.Table{free("5-9"), table(rec("", "5-8", "", "Unassigned"), rec("a", "9", "tcp", "A"))},
		},
		"a note": {
			"unchanged: false, redrawn: 0, changes: [1], news: 1",
			[]*ports.Table{free("5-9"), table(rec("", "5-6", "", "Unassigned"), rec("", "7", "", "Unassigned", portstest.Notes("n")), rec("", "8-9", "", "Unassigned"))},
		},
		"a note beside it": {
			"unchanged: true, redrawn: 1, changes: [], news: 0",
			[]*ports.Table{free("5-9"), table(rec("", "5", "", "Unassigned", portstest.Notes("n")), rec("", "6-9", "", "Unassigned"))},
		},
		"rolled back": {"unchanged: false, redrawn: 0, changes: [0 1], news: 2", []*ports.Table{one("A", "[X]"), one("B", "[X]"), one("A", "[X]")}},
	} {
		p := withPast(t, 7, test.tables...).Past
		changes := []int{} // of each event
		for _, e := range p.Events {
			changes = append(changes, len(e.Changes))
		}
		if got := fmt.Sprintf("unchanged: %v, redrawn: %d, changes: %v, news: %d", p.Unchanged, p.Redrawn, changes, len(p.News())); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}
