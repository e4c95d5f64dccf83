package sync

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ianasync/ianasync/registry"
)

// rec is a record without any cell but these.
func rec(name, ports, description string) registry.Record {
	r := registry.Record{ServiceName: name, Transport: registry.TCP, Description: description}
	if name == "" {
		r.Transport = ""
	}
	r.Ports, _ = registry.ParsePorts(ports)
	return r
}

func TestUncovered(t *testing.T) {
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
		var records []registry.Record
		for _, s := range tt.ports {
			records = append(records, rec("", s, "Unassigned"))
		}
		if got := registry.NewTable(records).Survey().Uncovered(); got != tt.want {
			t.Errorf("%q leave %d uncovered, want %d", tt.ports, got, tt.want)
		}
	}
}

// strict is a registry with floors that a test can reach.
var strict = Job{Registry: &registry.Registry{MinRecords: 3, MaxUncovered: 2, MaxGone: 0.02}}

func TestWhole(t *testing.T) {
	tests := []struct {
		name    string
		records []registry.Record
		reason  string
	}{
		{"whole", []registry.Record{rec("a", "0-9", ""), rec("b", "10-49151", ""), rec("c", "", "")}, ""},
		{"as many uncovered as may be", []registry.Record{rec("a", "0-9", ""), rec("b", "12-49151", ""), rec("c", "", "")}, ""},
		{"one more", []registry.Record{rec("a", "0-9", ""), rec("b", "13-49151", ""), rec("c", "", "")}, "3 of the ports from 0 to 49151"},
		{"short", []registry.Record{rec("a", "0-9", ""), rec("b", "10-49151", "")}, "2 records; the registry has at least 3"},
		{"empty", nil, "0 records"},
	}
	for _, tt := range tests {
		wantRejection(t, tt.name, strict.whole(registry.NewTable(tt.records)), tt.reason)
	}
}

func wantRejection(t *testing.T, name string, r *Rejection, reason string) {
	t.Helper()
	switch {
	case r == nil && reason != "":
		t.Errorf("%s: believed, want a rejection: %q", name, reason)
	case r != nil && (reason == "" || !strings.Contains(r.Reason, reason)):
		t.Errorf("%s: rejected: %s, want %q", name, r.Reason, reason)
	}
}

func TestFollows(t *testing.T) {
	records := func(n int, more ...registry.Record) (out []registry.Record) {
		for i := range n {
			out = append(out, rec(fmt.Sprint("s", i), fmt.Sprint(i), ""))
		}
		return append(out, more...)
	}
	unassigned := rec("", "40000", "Unassigned")
	edited := records(100)
	for i := range edited {
		edited[i].Description = "edited"
	}
	tests := []struct {
		name      string
		old, next []registry.Record
		reason    string
	}{
		{"equal", records(100), records(100), ""},
		{"two in a hundred gone", records(100), records(98), ""},
		{"three in a hundred gone", records(100), records(97), "3 of 100 assigned records are gone (3.0 %); at most 2.0 %"},
		{"gone, though others came", records(100), records(97, rec("x", "1000", ""), rec("y", "1001", ""), rec("z", "1002", "")), "3 of 100"},
		{"every description edited", records(100), edited, ""},
		{"unassigned ones do not count", records(1, unassigned, unassigned, unassigned), records(1), ""},
		{"one of two equal ones gone", records(1, records(1)...), records(1), "1 of 2"},
		{"became unnamed", records(1), []registry.Record{rec("", "0", "Reserved")}, "1 of 1"},
		{"nothing before", nil, records(3), ""},
		{"nothing after", records(3), nil, "3 of 3"},
	}
	for _, tt := range tests {
		before := &registry.Decoded{Table: registry.NewTable(slices.Clone(tt.old))}
		wantRejection(t, tt.name, strict.follows(before, registry.NewTable(tt.next)), tt.reason)
	}
	if r := strict.follows(nil, registry.NewTable(nil)); r != nil {
		t.Errorf("without a version before: %v", r)
	}
}

// Records without a service name may be assigned ("any private mail system"): they count among the records before, and
// among the losses. Records are the same by name, ports and transport, however the ports are written.
func TestFollowsCounts(t *testing.T) {
	records := func(n int, name, ports string, transport registry.Transport) (out []registry.Record) {
		for i := range n {
			r := rec("", fmt.Sprintf(ports, i), "any private use")
			if r.Transport = transport; name != "" {
				r.ServiceName = fmt.Sprintf(name, i)
			}
			out = append(out, r)
		}
		return out
	}
	unnamed := func(n int) []registry.Record { return records(n, "", "1%02d", "tcp") }
	named := func(n int) []registry.Record { return records(n, "s%d", "2%02d", "tcp") }
	tests := []struct {
		name      string
		old, next []registry.Record
		reason    string
	}{
		{"as many unnamed ones gone as may be", unnamed(100), unnamed(98), ""},
		{"one more", unnamed(100), unnamed(97), "3 of 100 assigned records are gone"},
		{"named ones gone, among unnamed ones", append(unnamed(50), named(50)...), append(unnamed(50), named(48)...), ""},
		{"one of each gone, and one more", append(unnamed(50), named(50)...), append(unnamed(49), named(48)...), "3 of 100"},
		{"ports written as ranges", named(100), records(100, "s%d", "2%02[1]d-2%02[1]d", "tcp"), ""},
		{"other names", named(100), records(100, "t%d", "2%02d", "tcp"), "100 of 100"},
		{"other ports", named(100), records(100, "s%d", "3%02d", "tcp"), "100 of 100"},
		{"other transports", named(100), records(100, "s%d", "2%02d", "udp"), "100 of 100"},
	}
	for _, tt := range tests {
		before := &registry.Decoded{Table: registry.NewTable(tt.old)}
		wantRejection(t, tt.name, strict.follows(before, registry.NewTable(tt.next)), tt.reason)
	}
}
