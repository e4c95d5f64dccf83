package rules_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/rules"
	"github.com/ianasync/ianasync/registry"
)

func TestPredecessor(t *testing.T) {
	const header = "value|name|date"
	var old, reworked []string // over 400 records
	for i := range 500 {
		old = append(old, fmt.Sprintf("%d|n%d|old", i, i))
		reworked = append(reworked, fmt.Sprintf("%d|n%d|new", i+10, i))
	}
	for _, c := range []struct {
		what                 string
		old, new             []string
		of, value            string
		want                 string // nothing where there is none
		continues, isRedrawn bool
		withoutKey           bool
	}{
		{what: "updated", old: []string{"1|a|x"}, new: []string{"1|a|y"}, of: "1|a|y", want: "1|a|x", continues: true},
		{what: "moved", old: []string{"1|alpha|x", "2-9|Unassigned|"}, new: []string{"1|Unassigned|", "2|alpha|x", "3-9|Unassigned|"}, of: "2|alpha|x", want: "1|alpha|x", continues: true},
		{what: "free after a move", old: []string{"1|alpha|x", "2-9|Unassigned|"}, new: []string{"1|Unassigned|", "2|alpha|x", "3-9|Unassigned|"}, of: "1|Unassigned|", want: "1|alpha|x"},
		{what: "redrawn", old: []string{"1|alpha|x", "2-9|Unassigned|"}, new: []string{"1|Unassigned|", "2|alpha|x", "3-9|Unassigned|"}, of: "3-9|Unassigned|", want: "2-9|Unassigned|", continues: true, isRedrawn: true},
		{what: "reused", old: []string{"1|alpha|x"}, new: []string{"1|omega|y"}, of: "1|omega|y", want: "1|alpha|x"},
		{what: "assigned", old: []string{"1-9|Unassigned|"}, new: []string{"1-4|Unassigned|", "5|five|", "6|six|", "7-9|Unassigned|"}, of: "6|six|", want: "1-9|Unassigned|"},
		{what: "assigned out of nothing", old: []string{"1|a|"}, new: []string{"1|a|", "2|b|"}, of: "2|b|"},
		{what: "a range that was two, by its first value", old: []string{"1-4|Reserved|", "5-9|Unassigned|"}, new: []string{"1-9|Unassigned|"}, of: "1-9|Unassigned|", want: "1-4|Reserved|", isRedrawn: true},
		{what: "a range that was two, by a value", old: []string{"1-4|Reserved|", "5-9|Unassigned|"}, new: []string{"1-9|Unassigned|"}, of: "1-9|Unassigned|", value: "0x7", want: "5-9|Unassigned|", continues: true, isRedrawn: true},
		{what: "reworked, by the name", old: old, new: reworked, of: "505|n495|new", want: "495|n495|old", continues: true},
		{what: "reworked, by the value", old: old, new: reworked, of: "50|n40|new", want: "50|n50|old", continues: true},
		{what: "without a key", old: []string{"1|Reserved|x"}, new: []string{"1|Reserved|y"}, of: "1|Reserved|y", want: "1|Reserved|x", continues: true, withoutKey: true},
	} {
		before, now := table(append([]string{header}, c.old...)...), table(append([]string{header}, c.new...)...)
		s := rules.Keyed(now.Columns, []string{"value"}, "name", false, true)
		if c.withoutKey {
			s = rules.Keyed(now.Columns, []string{"value", "name", "date"}, "", true, false)
		}
		changes := rules.Tables(before, now, s)
		record := table(header, c.of).Records[0]
		at := slices.IndexFunc(changes, func(d diff.Change) bool { return slices.Contains(d.Added, record) })
		if at < 0 {
			t.Errorf("%s: no change adds %s", c.what, c.of)
			continue
		}
		trail := rules.Trail{Registry: now.Registry.ID, Scheme: s, Value: c.value}
		got := trail.Predecessor(record, &changes[at], changes)
		switch {
		case got == nil && c.want != "":
			t.Errorf("%s: nothing, want %s", c.what, c.want)
		case got != nil && (line(got.Record) != c.want || got.Continues != c.continues || (got.Redrawn == "value") != c.isRedrawn):
			t.Errorf("%s: %s, continues: %t, redrawn: %q", c.what, line(got.Record), got.Continues, got.Redrawn)
		}
	}
}

func line(r registry.Record) string {
	return strings.Join([]string{r.Get("value"), r.Get("name"), r.Get("date")}, "|")
}
