package registry

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestUncovered(t *testing.T) {
	ranges := func(texts ...string) *Table {
		var records []Record
		for _, s := range texts {
			records = append(records, rec("", s, "", "Unassigned"))
		}
		return table(records...)
	}
	tests := []struct {
		ports []string
		want  int
	}{
		{nil, 49152},
		{[]string{"", "x"}, 49152},
		{[]string{"0-49151"}, 0},
		{[]string{"0-65535"}, 0},
		{[]string{"49152-65535"}, 49152},
		{[]string{"0"}, 49151},
		{[]string{"49151"}, 49151},
		{[]string{"0-9", "11-49151"}, 1},
		{[]string{"1-49150"}, 2},
		{[]string{"0-100", "50-60", "70", "102-40000", "40001-49151"}, 1},
		{[]string{"0-49000", "49100-50000", "60000"}, 99},
		{[]string{"0-49149", "49152"}, 2},
	}
	for _, tt := range tests {
		if got := ranges(tt.ports...).uncovered(); got != tt.want {
			t.Errorf("%q leave %d uncovered, want %d", tt.ports, got, tt.want)
		}
	}
}

var small = Registry{MinRecords: 3, MaxUncovered: 2, MaxGone: 0.02}

func TestCheck(t *testing.T) {
	tests := []struct {
		name   string
		table  *Table
		reason string
	}{
		{"whole", table(rec("a", "0-9", "", ""), rec("b", "10-49151", "", ""), rec("c", "", "", "")), ""},
		{"as many uncovered as may be", table(rec("a", "0-9", "", ""), rec("b", "12-49151", "", ""), rec("c", "", "", "")), ""},
		{"one more", table(rec("a", "0-9", "", ""), rec("b", "13-49151", "", ""), rec("c", "", "", "")), "3 of the ports from 0 to 49151"},
		{"short", table(rec("a", "0-9", "", ""), rec("b", "10-49151", "", "")), "2 records; the registry has at least 3"},
		{"empty", table(), "0 records"},
	}
	for _, tt := range tests {
		wantRefusal(t, tt.name, small.Check(tt.table), tt.reason)
	}
}

func wantRefusal(t *testing.T, name string, err error, reason string) {
	t.Helper()
	if reason == "" {
		if err != nil {
			t.Errorf("%s: refused: %v", name, err)
		}
		return
	}
	var refusal *Refusal
	if !errors.As(err, &refusal) || !strings.Contains(err.Error(), reason) {
		t.Errorf("%s: error %v, want a refusal: %q", name, err, reason)
	}
}

func TestCheckNext(t *testing.T) {
	records := func(n int) (out []Record) {
		for i := range n {
			out = append(out, rec(fmt.Sprint("s", i), fmt.Sprint(i), "tcp", ""))
		}
		return out
	}
	with := func(records []Record, more ...Record) *Table { return table(append(records, more...)...) }
	unassigned := rec("", "40000", "", "Unassigned")
	edited := records(100)
	for i := range edited {
		edited[i].Description = "edited"
	}
	tests := []struct {
		name      string
		old, next *Table
		reason    string
	}{
		{"equal", with(records(100)), with(records(100)), ""},
		{"two in a hundred gone", with(records(100)), with(records(98)), ""},
		{"three in a hundred gone", with(records(100)), with(records(97)), "3 of 100 assigned records are gone (3.0 %); at most 2.0 %"},
		{"gone, though others came", with(records(100)), with(records(97), rec("x", "1000", "", ""), rec("y", "1001", "", ""), rec("z", "1002", "", "")), "3 of 100"},
		{"every description edited", with(records(100)), table(edited...), ""},
		{"unassigned ones do not count", with(records(1), unassigned, unassigned, unassigned), with(records(1)), ""},
		{"one of two equal ones gone", with(records(1), records(1)...), with(records(1)), "1 of 2"},
		{"became unnamed", with(records(1)), table(rec("", "0", "tcp", "Reserved")), "1 of 1"},
		{"nothing before", table(), with(records(3)), ""},
		{"nothing after", with(records(3)), table(), "3 of 3"},
	}
	for _, tt := range tests {
		wantRefusal(t, tt.name, small.CheckNext(tt.next, tt.old.Records, tt.next.Records), tt.reason)
	}
}
