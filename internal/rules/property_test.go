package rules_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/rules"
	"github.com/ianasync/ianasync/registry"
)

// drawTable draws a table of few values, so that keys, names and spans meet.
func drawTable(t *rapid.T, label string) []registry.Record {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) registry.Record {
		value := rapid.SampledFrom([]string{"0", "1", "0x1", "2", "2-5", "3-9", "6-9", "0x02,0x01", "1,1-9", "10", "a", ""}).Draw(t, "value")
		name := rapid.SampledFrom([]string{"Unassigned", "Reserved", "Reserved for Private Use", "Unassigned (a)", "alpha", "beta", "alpha (OBSOLETE)", "gamma (TEMPORARY - registered 2020-01-01, expires 2021-01-01)", ""}).Draw(t, "name")
		return registry.NewRecord(
			registry.Cell{Key: "value", Text: value},
			registry.Cell{Key: "name", Text: name},
			registry.Cell{Key: "status", Text: rapid.SampledFrom([]string{"", "Y", "N", "deprecated"}).Draw(t, "status")},
			registry.Cell{Key: "assignee", Text: rapid.SampledFrom([]string{"", "[Ann_Other]", "[IESG]", "[Bob_Example]"}).Draw(t, "assignee")},
			registry.Cell{Key: "reference", Text: rapid.SampledFrom([]string{"", "[RFC1]", "[draft-a]", "[RFC2][draft-b]"}).Draw(t, "reference")},
			registry.Cell{Key: "contact", Text: rapid.SampledFrom([]string{"", "[Ann_Other]"}).Draw(t, "contact")},
			registry.Cell{Key: "modification_date", Text: rapid.SampledFrom([]string{"", "2020-01-01"}).Draw(t, "date")},
		)
	}), 0, 12).Draw(t, label)
}

// columns are those of drawTable.
func columns() (list []registry.Column) {
	for _, key := range []string{"value", "name", "status", "assignee", "reference", "contact", "modification_date"} {
		list = append(list, registry.Column{Key: key, Role: registry.RoleOf(key)})
	}
	return list
}

// TestConservation holds the laws of changes for any two tables: they are conserved, each record is on one side of one change,
// and the order of rows does not matter.
func TestConservation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		old, new := drawTable(t, "old"), drawTable(t, "new")
		described := &registry.Registry{ID: "group/registry"}
		before, now := registry.NewTable(described, columns(), slices.Clone(old), nil), registry.NewTable(described, columns(), slices.Clone(new), nil)
		changes := rules.Tables(before, now, nil)
		var gone, came []registry.Record
		for _, c := range changes {
			gone, came = append(gone, c.Removed...), append(came, c.Added...)
			if c.Kind.Rank() < 0 || c.Minor && c.Kind != diff.Updated || len(c.Removed)+len(c.Added) == 0 {
				t.Fatalf("%+v", c)
			}
		}
		wantGone, wantCame := registry.Difference(old, new)
		if !slices.Equal(sorted(gone), sorted(wantGone)) || !slices.Equal(sorted(came), sorted(wantCame)) {
			t.Fatalf("not conserved: %+v", changes)
		}
		r := rand.New(rand.NewPCG(1, 2))
		r.Shuffle(len(old), func(i, j int) { old[i], old[j] = old[j], old[i] })
		r.Shuffle(len(new), func(i, j int) { new[i], new[j] = new[j], new[i] })
		again := rules.Tables(registry.NewTable(described, columns(), old, nil), registry.NewTable(described, columns(), new, nil), nil)
		if d := cmp.Diff(show(changes), show(again)); d != "" {
			t.Fatalf("another order of rows, other changes:\n%s", d)
		}
	})
}

func show(changes []diff.Change) (list []string) {
	for i := range changes {
		list = append(list, fmt.Sprintf("%+v", changes[i]))
	}
	return list
}

// TestMany compares tables of 10,000 records that share a key, a name, or a span: the time is near linear in their number.
func TestMany(t *testing.T) {
	for _, name := range []string{"one key", "one name", "one span", "nested spans"} {
		t.Run(name, func(t *testing.T) {
			made := func(n int, suffix string) []registry.Record {
				list := make([]registry.Record, n)
				for i := range list {
					cells := []registry.Cell{{Key: "value", Text: fmt.Sprint(i)}, {Key: "name", Text: fmt.Sprintf("name %d", i)}, {Key: "note", Text: fmt.Sprint(i, suffix)}}
					switch name {
					case "one key":
						cells[0].Text = "7"
					case "one name":
						cells[1].Text = "name"
						cells[0].Text += suffix
					case "one span":
						cells[0].Text, cells[1].Text = "0-65535", "Reserved"
					case "nested spans":
						cells[0].Text, cells[1].Text = fmt.Sprintf("%d-%d", i, 1_000_000-i), "Reserved for "+fmt.Sprint(i, suffix)
					}
					list[i] = registry.NewRecord(cells...)
				}
				return list
			}
			s := rules.LearnTables(table("value|name|note", "1|a|", "2|b|"))
			began := time.Now()
			changes := s.Match(made(10_000, "a"), made(10_000, "b"))
			t.Logf("%d changes in %v", len(changes), time.Since(began))
			n := 0
			for _, c := range changes {
				n += len(c.Removed)
			}
			if n != 10_000 {
				t.Errorf("%d records removed", n)
			}
		})
	}
}
