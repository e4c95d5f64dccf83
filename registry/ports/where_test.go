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
	keeps := map[string]func(*Outline) bool{
		"all":        func(*Outline) bool { return true },
		"none":       func(*Outline) bool { return false },
		"portless":   func(o *Outline) bool { return o.Ports.String() == "" },
		"seven":      func(o *Outline) bool { return o.ServiceName == "seven" },
		"two":        func(o *Outline) bool { return o.ServiceName == `two, "four"` },
		"odd":        func(o *Outline) bool { return o.Ports.String() == "x" },
		"unassigned": func(o *Outline) bool { return o.Status() == Unassigned },
		"up to six":  func(o *Outline) bool { return o.Ports.Overlaps(PortRange(3, 6)) },
	}
	for name, keep := range keeps {
		got, err := e.Where(keep)
		if err != nil {
			t.Fatal(err)
		}
		want := slices.DeleteFunc(slices.Clone(all.Records), func(r Record) bool {
			return !keep(&Outline{Ports: r.Ports, ServiceName: r.ServiceName, Description: r.Description})
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
