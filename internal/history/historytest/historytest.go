// Package historytest makes stores of small editions of the service names, for tests.
package historytest

import (
	"fmt"
	"testing"
	"time"

	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/registry/ports/portstest"
	"github.com/ianasync/ianasync/snapshots"
)

// Edition returns the table of rows: see [portstest.Rows].
func Edition(text string) *ports.Table { return portstest.Table(portstest.Rows(text)) }

// At returns the id of a version that was seen on a day of January 2020.
func At(day int) string { return snapshots.FormatID(seen(day)) }

func seen(day int) time.Time { return time.Date(2020, 1, day, 0, 0, 0, 0, time.UTC) }

// Empty returns a store of the service names without versions.
func Empty(t testing.TB) *snapshots.Store {
	t.Helper()
	return EmptyOf(t, portrules.ServiceNames())
}

// EmptyOf returns a store of a group without versions, open for writing until the test ends.
func EmptyOf(t testing.TB, g snapshots.Group) *snapshots.Store {
	t.Helper()
	s, err := snapshots.OpenForWriting(t.Context(), t.TempDir(), g, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// See brings an edition that was seen on a day of January 2020 into a store.
func See(t *testing.T, s *snapshots.Store, day int, text string) {
	t.Helper()
	SeeTable(t, s, day, Edition(text))
}

// SeeTable is [See] for a table.
func SeeTable(t *testing.T, s *snapshots.Store, day int, table *ports.Table) {
	t.Helper()
	if _, _, err := s.Import(snapshots.Edition{Bytes: table.CSV(), Seen: seen(day), Content: table}); err != nil {
		t.Fatal(err)
	}
}

// Of returns a store of editions that were seen from the first of January 2020 on, one a day.
func Of(t *testing.T, editions ...string) *snapshots.Store {
	t.Helper()
	s := Empty(t)
	for i, e := range editions {
		See(t, s, i+1, e)
	}
	return s
}

// Eventful returns a store whose lists of 2020 are long: on each of 16 days other records change. On the 9th and the 13th the edition
// of the day before the last is served again.
func Eventful(t *testing.T) *snapshots.Store {
	t.Helper()
	s := Empty(t)
	tables := make(map[int]*ports.Table)
	for day := 1; day <= 16; day++ {
		var list []ports.Record
		for i := range 40 {
			name, port := fmt.Sprintf("s%d", i), fmt.Sprint(100+i)
			switch {
			case i == 7 && day > 5:
				name = "Other-7"
			case i == 8 && day > 6 && day%2 == 0:
				continue
			}
			list = append(list, portstest.Rec(name, port, "tcp", fmt.Sprintf("number %d since %d", i, day-day%(i+2)), portstest.Assignee(fmt.Sprintf("[Party_%d]", i%5))))
		}
		list = append(list, portstest.Rec("", fmt.Sprintf("200-%d", 240-day), "", "Unassigned"), portstest.Rec("", fmt.Sprintf("%d-250", 241-day), "", "Reserved"))
		if tables[day] = portstest.Table(list); day == 9 || day == 13 {
			tables[day] = tables[day-2]
		}
		SeeTable(t, s, day, tables[day])
	}
	return s
}
