package ports

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
	keeps := map[string]func(p Ports, name string, s Status) bool{
		"all":        func(Ports, string, Status) bool { return true },
		"none":       func(Ports, string, Status) bool { return false },
		"portless":   func(p Ports, _ string, _ Status) bool { return p.String() == "" },
		"seven":      func(_ Ports, name string, _ Status) bool { return name == "seven" },
		"two":        func(_ Ports, name string, _ Status) bool { return name == `two, "four"` },
		"odd":        func(p Ports, _ string, _ Status) bool { return p.String() == "x" },
		"unassigned": func(_ Ports, _ string, s Status) bool { return s == Unassigned },
		"up to six":  func(p Ports, _ string, _ Status) bool { return p.Overlaps(PortRange(3, 6)) },
	}
	for name, keep := range keeps {
		got, err := e.Where(func(o *Outline) bool { return keep(o.Ports, o.ServiceName, o.Status()) })
		if err != nil {
			t.Fatal(err)
		}
		want := slices.DeleteFunc(slices.Clone(all.Records), func(r Record) bool {
			return !keep(r.Ports, r.ServiceName, r.Status())
		})
		if diff := cmp.Diff(want, got.Records, cmp.Comparer(func(a, b Record) bool { return a == b })); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if got, err := e.Holding(7, 9); err != nil || len(got.Records) != 1 || len(got.Problems) != 1 {
		t.Errorf("Holding(7, 9): %v %v, want the one record and its problem", got, err)
	}
}

func columnNames() (names []string) {
	for i := range columns {
		names = append(names, columns[i].Name)
	}
	return names
}
