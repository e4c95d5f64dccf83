package render

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

func TestHeadline(t *testing.T) {
	change := func(kind diff.Kind, service, was, numbers string, now ...string) diff.Change {
		var at portrules.Place
		at.Ports, _ = ports.ParsePorts(numbers)
		for _, text := range now {
			p, _ := ports.ParsePorts(text)
			at.Now = append(at.Now, p)
		}
		return diff.Change{Kind: kind, Name: service, Was: was, Extension: &at}
	}
	assigned := func(names ...string) (list []diff.Change) {
		for _, name := range names {
			list = append(list, change(diff.Assigned, name, "", "8009"))
		}
		return list
	}
	nvme := change(diff.Renamed, "nvme", "nvm-express", "4420")
	updated := change(diff.Updated, "a", "", "1")
	updated.Fields = []diff.Field{{Key: "description", Old: "x", New: "y"}}
	reported := change(diff.Updated, "", "", "5647-5668")
	reported.Fields = []diff.Field{{Key: "unauthorized_use_reported", New: "y"}}
	tests := []struct {
		changes []diff.Change
		want    string
	}{
		{append(assigned("a", "b", "c"), nvme), "nvme 4420 renamed from nvm-express; a 8009, b 8009 and 1 more assigned"},
		{append(assigned("a", "b"), nvme), "nvme 4420 renamed from nvm-express; a 8009 and b 8009 assigned"},
		{append(assigned("a", "b", "c", "d", "e"), updated), "a 8009, b 8009, c 8009 and 2 more assigned; 1 updated"},
		{append(assigned("nvme-disc"), nvme), "nvme 4420 renamed from nvm-express; nvme-disc 8009 assigned"},
		{assigned(strings.Repeat("x", 80)), "1 assigned"},
		{[]diff.Change{change(diff.Reused, "ms-do", "pando-pub", "7680")}, "ms-do 7680 in place of pando-pub"},
		{[]diff.Change{change(diff.Moved, "x11", "", "6000-6063", "47", "48")}, "x11 6000-6063 moved to 47, 48"},
		{[]diff.Change{change(diff.Moved, "ni-ftp", "", "47", "")}, "ni-ftp 47 has no port now"},
		{[]diff.Change{change(diff.Transferred, "ncl", "", "2397")}, "ncl 2397: assignee changed"},
		{[]diff.Change{change(diff.Deassigned, "ncl", "", "2397"), updated}, "ncl 2397 deassigned; a 1 updated (description)"},
		{[]diff.Change{change(diff.Reserved, "", "", "47")}, "port 47 reserved"},
		{[]diff.Change{reported}, "ports 5647-5668 updated (report of unauthorized use)"},
		{[]diff.Change{change(diff.Recut, "", "", "47-50"), change(diff.Recut, "", "", "52")}, "2 ranges divided anew"},
		{nil, "exported anew, nothing changed"},
	}
	for _, name := range []string{"#1", "@all", "[skip ci]", "GH-1", "a b", "x\ny", "`a`", "-amend", "a:b:c", "www.x.org", "<b>"} {
		tests = append(tests, struct {
			changes []diff.Change
			want    string
		}{append(assigned(name), change(diff.Renamed, "a", name, "1")), "1 renamed; 1 assigned"})
	}
	for _, test := range tests {
		got := Headline(&history.Event{Previous: "p", Changes: test.changes})
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	begin := history.Event{Version: snapshots.Version{ID: "20180321T225602Z", Records: 14067}}
	if got := Headline(&begin); got != "our history begins with 14067 records" {
		t.Error(got)
	}
	back := history.Event{Version: begin.Version, Previous: "20180320T225602Z", Returned: history.RolledBack}
	if got := Headline(&back); got != "rolled back to the content of 20180320T225602Z; the changes since then are undone" {
		t.Error(got)
	}
	if got := Title(ports.ServiceNames().ID, &begin); got != "service-names-port-numbers: our history begins with 14067 records" {
		t.Error(got)
	}
	anew := history.Event{Version: begin.Version, Previous: "20180320T225602Z"}
	if got, want := Section("", &anew), "## 2018-03-21 22:56 UTC: exported anew, nothing changed\n\nVersion `20180321T225602Z`: 14067 records.\n"; got != want {
		t.Error(got)
	}
}
