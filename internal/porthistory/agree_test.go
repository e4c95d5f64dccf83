package porthistory

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history/historytest"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/registry/ports/portstest"
	"github.com/ianasync/ianasync/snapshots"
)

// TestBlameAgrees holds what is said of a port since when it is as it is against the changes of its records: a column
// of a record changed last in a version in which something happened to the port, or to the service if it has a name. The
// ports of a row without a name are left out: they change when it is redrawn.
func TestBlameAgrees(tt *testing.T) {
	record := rapid.Custom(func(t *rapid.T) ports.Record {
		pick := func(of ...string) string { return rapid.SampledFrom(of).Draw(t, "cell") }
		return portstest.Rec(pick("", "", "", "a", "b"), pick("1", "2", "3", "4", "1-4", "2-3", "3-4", "1-2"), pick("", "", "tcp", "udp"),
			pick("Unassigned", "Unassigned", "Reserved", "one", "two"), portstest.Unauthorized(pick("", "", "used")), portstest.Notes(pick("", "", "note")))
	})
	dir := tt.TempDir()
	rapid.Check(tt, func(t *rapid.T) {
		tables := make([]*ports.Table, rapid.IntRange(1, 5).Draw(t, "versions"))
		for i := range tables {
			var kept []ports.Record
			if i > 0 {
				for _, r := range tables[i-1].Records {
					if rapid.Bool().Draw(t, "kept") {
						kept = append(kept, r)
					}
				}
			}
			records := append(kept, rapid.SliceOfN(record, 0, 4).Draw(t, "records")...)
			slices.SortFunc(records, ports.Compare)
			tables[i] = ports.NewTable(slices.Compact(records)) // blame follows one of several equal records
		}
		store, err := snapshots.OpenForWriting(tt.Context(), dir, portrules.ServiceNames(), 0)
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		store.BeginBatch() // never written: the next round finds the folder without versions
		for i, table := range tables {
			historytest.SeeTable(tt, store, i+1, table)
		}
		p := open(tt, store)
		x, err := p.Index()
		if err != nil {
			t.Fatal(err)
		}
		for port := range uint16(6) {
			events, err := p.Ask(Query{Port: port})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(events, x.Port(port)); diff != "" {
				t.Errorf("port %d: the index says other than the past (-past +index):\n%s", port, diff)
			}
			altered := make(map[string]bool)
			for _, e := range events {
				if slices.ContainsFunc(e.Changes, func(c diff.Change) bool { return c.Kind != diff.Recut }) {
					altered[e.Version.ID] = true
				}
			}
			blames, err := p.Blame(port, tables[len(tables)-1].Port(port))
			if err != nil {
				t.Fatal(err)
			}
			for _, b := range blames {
				if b.Record.ServiceName != "" { // followed through its moves, to other ports
					moves, err := p.Ask(Query{Service: b.Record.ServiceName})
					if err != nil {
						t.Fatal(err)
					}
					for _, e := range moves {
						altered[e.Version.ID] = true
					}
				}
				for _, f := range b.Fields {
					if f.Since != "" && f.Field != "port_number" && !altered[f.Since] {
						t.Errorf("port %d: %s of %q is so since %s, in which nothing happened to the port", port, f.Field, b.Record.Values(), f.Since)
					}
				}
			}
		}
	})
}
