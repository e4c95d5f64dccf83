package registry

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWhereIsPartOfTheTable(t *testing.T) {
	data := "Port Number,Service Name," + strings.Join(columnNames()[2:], ",") + "\r\n" + strings.Join([]string{
		`1,tcpmux,tcp,,,,,,,,,`,
		`"2-
4","two, ""four""",tcp,,,,,,,,,`,
		`x,odd,tcp,,,,,,,,,`,
		`5,,,Unassigned,,,,,,,,`,
		`6`,
		` 7 ,seven,udp,,,,2020-13-01,,,,,`,
		`,portless,,,,,,,,,,`,
	}, "\r\n")
	e, err := ReadEdition([]byte(data))
	if err != nil {
		t.Fatal(err)
	}
	all, err := e.Table()
	if err != nil {
		t.Fatal(err)
	}
	keeps := map[string]func(Ports, string) bool{
		"all":       func(Ports, string) bool { return true },
		"none":      func(Ports, string) bool { return false },
		"portless":  func(p Ports, _ string) bool { return p.String() == "" },
		"seven":     func(_ Ports, s string) bool { return s == "seven" },
		"two":       func(_ Ports, s string) bool { return s == `two, "four"` },
		"odd":       func(p Ports, _ string) bool { return p.String() == "x" },
		"up to six": func(p Ports, _ string) bool { return p.Overlaps(PortRange(3, 6)) },
	}
	for name, keep := range keeps {
		got, err := e.Where(keep)
		if err != nil {
			t.Fatal(err)
		}
		want := slices.DeleteFunc(slices.Clone(all.Records), func(r Record) bool { return !keep(r.Ports, r.ServiceName) })
		if diff := cmp.Diff(want, got.Records, cmp.Comparer(func(a, b Record) bool { return a == b })); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if got, err := e.Within(7, 9); err != nil || len(got.Records) != 1 || len(got.Problems) != 1 {
		t.Errorf("Within(7, 9): %v %v, want the one record and its problem", got, err)
	}
}

func columnNames() (names []string) {
	for i := range Columns {
		names = append(names, Columns[i].Name)
	}
	return names
}
