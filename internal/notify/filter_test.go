package notify

import (
	"testing"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/registry/ports"
)

func TestFilter(t *testing.T) {
	old := ports.NewTable([]ports.Record{rec("ncl", "2397", "x"), rec("x11", "6000-6063", "x"), rec("plain", "", "x")})
	now := ports.NewTable([]ports.Record{rec("", "2397", "Reserved"), rec("x11", "6000-6063", "y")})
	changes := portrules.Compare(old.Records, now.Records)
	for text, want := range map[string][]string{
		"port=2397":                     {"ncl"},
		"port=6001":                     {"x11"},
		"port=6060-7000":                {"x11"},
		"port=2000-6000":                {"ncl", "x11"},
		"port=2398":                     nil,
		"service=NCL":                   {"ncl"},
		"service=ncl port=6001":         nil,
		"kind=deassigned":               {"ncl", "plain"},
		"kind=updated,reused":           {"x11"},
		"kind=deassigned port=2397":     {"ncl"},
		"assignee=[netapp]":             {"ncl", "x11", "plain"},
		"assignee=NetApp service=plain": {"plain"},
		`assignee="[Another One]"`:      nil,
		"  kind=updated   assignee=NetApp  port=6000 ": {"x11"},
	} {
		f, err := ParseFilter(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		var got []string
		for i := range changes {
			if f.Fits(&changes[i]) {
				got = append(got, changes[i].Name)
			}
		}
		t.Run(text, func(t *testing.T) { equal(t, want, got) })
	}
}

// An assignment lists the range that it cuts, and is not news to the other ports of that range.
func TestFilterByPortOfACutRange(t *testing.T) {
	changes := portrules.Compare([]ports.Record{rec("", "10-20", "Unassigned")}, []ports.Record{rec("", "10-14", "Unassigned"), rec("a", "15", "x"), rec("", "16-20", "Unassigned")})
	for text, want := range map[string]int{"port=15": 1, "port=12": 0, "port=17-30": 0, "port=1-30": 1} {
		f, err := ParseFilter(text)
		if err != nil {
			t.Fatal(err)
		}
		got := 0
		for i := range changes {
			if f.Fits(&changes[i]) {
				got++
			}
		}
		if got != want {
			t.Errorf("%s fits %d of %d changes, want %d", text, got, len(changes), want)
		}
	}
}

func TestFilterRefuses(t *testing.T) {
	for _, text := range []string{
		"", " ", "2397", "port=", "port=x", "port=70000", "port=9-1", "kind=gone", "kind=", "kind=updated,", "contact=[A]", "service=a service=b", `service="a`, "=x",
	} {
		if f, err := ParseFilter(text); err == nil {
			t.Errorf("%q is %q", text, f)
		}
	}
}

func FuzzParseFilter(f *testing.F) {
	for _, text := range []string{"port=2397", "kind=deassigned,reused port=6000-6063", `assignee="[A B]" service=x`, `service=""`, "port=0"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		filter, err := ParseFilter(text)
		if err != nil {
			return
		}
		again, err := ParseFilter(filter.String())
		if err != nil || again.String() != filter.String() {
			t.Errorf("%q is %q, which is %q, %v", text, filter, again, err)
		}
		filter.Fits(new(diff.Change))
	})
}
