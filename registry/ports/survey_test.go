package ports

import (
	"slices"
	"testing"

	"github.com/ianasync/ianasync/registry"
)

func TestSurvey(t *testing.T) {
	note := func(r Record, unauthorized, notes string) Record {
		r.UnauthorizedUse, r.AssignmentNotes = unauthorized, notes
		return r
	}
	tab := table(
		rec("", "0-9", "", "Unassigned"), rec("", "3", "tcp", "Reserved"), rec("", "4", "udp", "any private mail system"), rec("five", "5", "tcp", "Unassigned"),
		note(rec("", "10-12", "", "Unassigned"), "Known Unauthorized Use on port 11", ""), note(rec("", "13", "tcp", "unassigned"), "", "Removed 2004"), rec("", "13", "udp", "Unassigned"),
		rec("", "14", "", "Unassigned [was netstat]"), rec("", "15", "", ""), note(rec("", "16", "", "Reserved"), "", "Removed"), note(rec("n", "17", "", ""), "Known", ""),
		rec("", "65530-65535", "", "Unassigned"), rec("portless", "", "tcp", ""),
	)
	e, err := ReadEdition(tab.CSV())
	if err != nil {
		t.Fatal(err)
	}
	want := map[int]Marks{
		0: MarkUnassigned, 3: MarkUnassigned | MarkReserved, 4: MarkUnassigned | MarkUnnamed, 5: MarkUnassigned | MarkNamed, 9: MarkUnassigned,
		10: MarkRemarked, 12: MarkRemarked, 13: MarkRemarked | MarkUnassigned, 14: MarkRemarked, 15: MarkUnassigned, 16: MarkReserved, 17: MarkNamed,
		18: 0, 65529: 0, 65535: MarkUnassigned,
	}
	for _, s := range []*Survey{tab.Survey(), e.Survey()} {
		for port, marks := range want {
			if s[port] != marks {
				t.Errorf("port %d has the marks %b, want %b", port, s[port], marks)
			}
		}
		var free []int
		for port, marks := range s {
			if marks.Free() {
				free = append(free, port)
			}
		}
		if want := []int{0, 1, 2, 6, 7, 8, 9, 15, 65530, 65531, 65532, 65533, 65534, 65535}; !slices.Equal(free, want) {
			t.Errorf("free are %v, want %v", free, want)
		}
	}
}

func TestUncovered(t *testing.T) {
	for want, tab := range map[int]*Table{
		LastAssignable + 1:      table(rec("", "49152-65535", "", ""), rec("portless", "", "tcp", "")),
		LastAssignable + 1 - 18: table(rec("", "0-9", "", ""), rec("", "3", "tcp", ""), rec("", "5-6", "udp", ""), rec("", "12-19", "", ""), rec("", "14", "", "")),
		1:                       table(rec("", "0-6", "", ""), rec("", "8-50000", "", ""), rec("", "60000", "", "")),
		0:                       table(rec("", "0-65535", "", "")),
	} {
		if n := tab.Uncovered(); n != want {
			t.Errorf("%d ports are uncovered, want %d", n, want)
		}
	}
}

func TestDifference(t *testing.T) {
	old, new := []string{"a", "b", "a", "c"}, []string{"d", "a", "c", "c"}
	gone, came := registry.Difference(old, new)
	if !slices.Equal(gone, []string{"a", "b"}) || !slices.Equal(came, []string{"d", "c"}) {
		t.Errorf("%q less %q is %q, and the other way %q", old, new, gone, came)
	}
	if gone, _ = registry.Difference(old, nil); !slices.Equal(gone, old) {
		t.Errorf("%q less nothing is %q", old, gone)
	}
	gone[0] = "x"
	if old[0] != "a" {
		t.Error("the argument was altered through the result")
	}
}
