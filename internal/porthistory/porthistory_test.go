package porthistory

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/history/historytest"
	"github.com/ianasync/ianasync/internal/layout"
	"github.com/ianasync/ianasync/registry/ports/portstest"
	"github.com/ianasync/ianasync/snapshots"
)

// told writes steps as "02 after 01: renamed b", one a line.
func told(t *testing.T, events []history.Event) (lines []string) {
	t.Helper()
	for _, e := range events {
		line := e.Version.ID[6:8]
		if e.Previous != "" {
			line += " after " + e.Previous[6:8]
		}
		if e.Returned != history.Not {
			line += " " + string(e.Returned)
		}
		for _, c := range e.Changes {
			line += fmt.Sprintf(", %s %s", c.Kind, c.Name)
		}
		lines = append(lines, line)
	}
	return lines
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

const (
	first  = "a 1/tcp A; x 9/tcp X; y 8/tcp Y"
	second = "a 1/tcp A; b 2/tcp B; x 9/tcp X; y 8/tcp Y"
	third  = "a 1/tcp A; b 2/tcp B; c 3/tcp C; x 9/tcp X; y 8/tcp Y"
)

func open(t *testing.T, s *snapshots.Store) *Past {
	t.Helper()
	p, err := Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// save writes the lists of changes into the store.
func save(t *testing.T, s *snapshots.Store) {
	t.Helper()
	steps, _, err := history.Steps(t.Context(), s, "", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	files, err := history.Files(layout.Group(s.Registry()), steps)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if _, err := s.WriteDerived(f.Name, f.Data); err != nil {
			t.Fatal(err)
		}
	}
}

func ask(t *testing.T, p *Past, text string) []string {
	t.Helper()
	q, err := ParseQuery(text)
	if err != nil {
		t.Fatal(err)
	}
	events, err := p.Ask(q)
	if err != nil {
		t.Fatal(err)
	}
	return told(t, events)
}

func TestAskFollowsPortsAndNames(t *testing.T) {
	s := historytest.Of(t,
		"old 7/tcp D; other 70/tcp O",
		"mid 7/tcp D; other 70/tcp O",                // renamed
		"new 7/tcp D; other 70/tcp O",                // renamed
		"new 70/tcp D; - 7/tcp Reserved",             // moved to a port whose service is gone
		"new 70/tcp D; old 7/tcp Another",            // an old name, given to another service
		"new 70/tcp E [Somebody]; old 7/tcp Another", // updated
		"mid 80/udp M; new 70/tcp E [Somebody]; old 7/tcp Another",
		"new 70/tcp E [Somebody]; old 7/tcp Another", // rolled back
	)
	p := open(t, s)
	same(t, "new", ask(t, p, "NEW"), []string{
		"02 after 01, renamed mid", "03 after 02, renamed new", "04 after 03, moved new", "06 after 05, updated new",
	})
	same(t, "old", ask(t, p, "old"), []string{
		"02 after 01, renamed mid", "03 after 02, renamed new", "04 after 03, moved new", "05 after 04, assigned old", "06 after 05, updated new",
	})
	same(t, "mid", ask(t, p, "mid"), []string{
		"02 after 01, renamed mid", "03 after 02, renamed new", "04 after 03, moved new", "06 after 05, updated new", "07 after 06, assigned mid", "08 after 06 rolled back",
	})
	same(t, "7", ask(t, p, "7"), []string{"02 after 01, renamed mid", "03 after 02, renamed new", "04 after 03, moved new", "05 after 04, assigned old"})
	same(t, "7/udp", ask(t, p, "7/udp"), nil)
	same(t, "70", ask(t, p, "70/tcp"), []string{"04 after 03, moved new, deassigned other", "06 after 05, updated new"})
	same(t, "80", ask(t, p, "80"), []string{"07 after 06, assigned mid", "08 after 06 rolled back"})
	same(t, "assignee", ask(t, p, "[somebody_2]"), []string{"06 after 05, updated new"})
	same(t, "as of the third", ask(t, p.UpTo(historytest.At(3)), "new"), []string{"02 after 01, renamed mid", "03 after 02, renamed new"})
}

func TestAskFindsRanges(t *testing.T) {
	s := historytest.Empty(t)
	historytest.See(t, s, 1, "x11 6000-6063/tcp X")
	historytest.See(t, s, 2, `x11 6000-6063/tcp "quoted\"`)
	save(t, s)
	same(t, "6010", ask(t, open(t, s), "6010"), []string{"02 after 01, updated x11"})
	same(t, "6064", ask(t, open(t, s), "6064"), nil)
}

func TestBlame(t *testing.T) {
	s := historytest.Of(t,
		"old 7/tcp D [A]",
		"old 7/tcp D [B]",
		"new 7/tcp D [B]",
		"old 7/tcp D [B]", // rolled back
		"new 7/tcp D [B]", // restored
		"new 8/tcp D [B]; fresh 7/tcp F",
	)
	p := open(t, s)
	blames, err := p.Blame(8, portstest.Rows("new 8/tcp D [B];fresh 7/tcp F"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, b := range blames {
		for _, f := range b.Fields {
			if f.Value == "" {
				continue
			}
			since, was := "before", "nothing"
			if f.Since != "" {
				since = f.Since[6:8] + " " + string(f.Kind)
			}
			if f.Was != nil {
				was = *f.Was
			}
			got = append(got, fmt.Sprintf("%s %s since %s, was %s", f.Field, f.Value, since, was))
		}
	}
	same(t, "blame", got, []string{
		"service_name new since 03 renamed, was old",
		"port_number 8 since 06 moved, was 7",
		"transport_protocol tcp since before, was nothing",
		"description D since before, was nothing",
		"assignee [B] since 02 updated, was [A]",
		"service_name fresh since 06 assigned, was nothing",
		"port_number 7 since 06 assigned, was nothing",
		"transport_protocol tcp since 06 assigned, was nothing",
		"description F since 06 assigned, was nothing",
	})
}

// A row without a service name begins where the port had another status or a service. Redrawing its range is no change of
// it.
func TestBlameOfRowsWithoutName(t *testing.T) {
	s := historytest.Empty(t)
	const newest = "- 1-4 Unassigned; e 5/tcp E; - 6-7 Unassigned; f 8/tcp F; - 9 Unassigned; - 20/tcp Reserved; - 30 Unassigned"
	for i, e := range []string{
		"- 1-9 Unassigned; ncl 20/tcp NCL; - 30 Reserved",
		"- 1-4 Unassigned; e 5/tcp E; - 6-9 Unassigned; - 20/tcp Reserved; - 30 Reserved",
		newest,
	} {
		historytest.See(t, s, i+1, e)
	}
	p := open(t, s)
	for port, want := range map[uint16]string{3: "-", 7: "-", 9: "-", 20: "02 deassigned", 30: "03 unreserved", 5: "02 assigned"} {
		q := Query{Port: port}
		blames, err := p.Blame(port, Holds(historytest.Edition(newest), q))
		if err != nil || len(blames) != 1 {
			t.Fatalf("port %d: %v (%v)", port, blames, err)
		}
		for _, f := range blames[0].Fields {
			got := "-"
			if f.Since != "" {
				got = f.Since[6:8] + " " + string(f.Kind)
			}
			if f.Value != "" && got != want {
				t.Errorf("port %d: %s stands since %s, want %s", port, f.Field, got, want)
			}
		}
	}
}

func TestPresences(t *testing.T) {
	s := historytest.Of(t, first, second, third, first, third, "a 1/tcp A; c 2-4/tcp B")
	p := open(t, s)
	for where, want := range map[string][]string{
		"service=B":            {"b 2/tcp 02 to 03 ended", "b 2/tcp 05 to 05 ended"},
		"port=3":               {"c 3/tcp 03 to 03 ended", "c 3/tcp 05 to 05 ended", "c 2-4/tcp 06 to 06 now"},
		"port=2 service=c":     {"c 2-4/tcp 06 to 06 now"},
		"service=a":            {"a 1/tcp 01 or before to 06 now"},
		`description="X"`:      {"x 9/tcp 01 or before to 05 ended"},
		"transport=udp":        nil,
		"port=2-4 service=c":   {"c 2-4/tcp 06 to 06 now"},
		"assignee= service=y ": {"y 8/tcp 01 or before to 05 ended"},
	} {
		c, err := ParseCondition(where)
		if err != nil {
			t.Fatal(err)
		}
		periods, err := p.Presences(historytest.Edition("a 1/tcp A; c 2-4/tcp B").Records, c)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, q := range periods {
			from, to := q.From[6:8], q.To[6:8]+" now"
			if !q.Begun {
				from += " or before"
			}
			if q.Ended {
				to = q.To[6:8] + " ended"
			}
			got = append(got, fmt.Sprintf("%s %s/%s %s to %s", q.Service, q.Ports, q.Transport, from, to))
		}
		same(t, where, got, want)
	}
	for _, bad := range []string{"", "service", "nosuch=1", "port=1 ports=2", `service="a`} {
		if c, err := ParseCondition(bad); err == nil {
			t.Errorf("%q is taken for %v", bad, c)
		}
	}
}

// A service has another name from the rename that gave it to the rename that took it away. Renames of other services do
// not end that.
func TestAskFollowsOneService(t *testing.T) {
	for _, test := range []struct {
		name, service string
		editions      []string
		want          []string
	}{
		{"the new name was another's", "a", []string{
			"a 1/tcp A; b 2/tcp B", "a 1/tcp A; c 2/tcp B", "b 1/tcp A; c 2/tcp B", "b 1/tcp A2; c 2/tcp B",
		}, []string{"03 after 02, renamed b", "04 after 03, updated b"}},
		{"another is renamed after it", "a", []string{
			"a 1/tcp A; x 2/tcp X", "b 1/tcp A; x 2/tcp X", "b 1/tcp A; y 2/tcp X", "b 1/tcp A2; y 2/tcp X",
		}, []string{"02 after 01, renamed b", "04 after 03, updated b"}},
		{"the new name is lost, and another's then", "a", []string{
			"a 1/tcp A", "b 1/tcp A", "c 1/tcp A", "b 9/udp B; c 1/tcp A", "b 9/udp B; c 1/tcp A2",
		}, []string{"02 after 01, renamed b", "03 after 02, renamed c", "05 after 04, updated c"}},
		{"the old name is another's later", "n", []string{
			"m 1/tcp M; x 2/tcp X", "m 1/tcp M2; x 2/tcp X", "n 1/tcp M2; x 2/tcp X", "n 1/tcp M2; m 2/tcp X",
		}, []string{"02 after 01, updated m", "03 after 02, renamed n"}},
		{"another is renamed before it", "n", []string{
			"m 1/tcp M; x 2/tcp X", "m 1/tcp M2; x 2/tcp X", "m 1/tcp M2; y 2/tcp X", "n 1/tcp M2; y 2/tcp X",
		}, []string{"02 after 01, updated m", "04 after 03, renamed n"}},
		{"the old name was another's before", "n", []string{
			"l 1/tcp L; m 2/udp M", "l 1/tcp L; m 2/udp M2", "l 1/tcp L", "m 1/tcp L", "n 1/tcp L",
		}, []string{"04 after 03, renamed m", "05 after 04, renamed n"}},
		{"to and fro", "a", []string{
			"a 1/tcp A", "b 1/tcp A", "a 1/tcp A; x 9/tcp X", "b 1/tcp A; x 9/tcp X", "b 1/tcp A2; x 9/tcp X",
		}, []string{"02 after 01, renamed b", "03 after 02, renamed a", "04 after 03, renamed b", "05 after 04, updated b"}},
	} {
		s := historytest.Of(t, test.editions...)
		same(t, test.name, ask(t, open(t, s), test.service), test.want)
	}
}

// The renames of one version happen at once: where one version renames a to b and b to c, the b that became c is another
// service.
func TestRenamesOfOneVersion(t *testing.T) {
	renames := []rename{{1, "x", "b"}, {3, "b", "c"}, {3, "a", "b"}, {3, "c", "d"}, {5, "b", "e"}}
	if got := until(renames, renames[2]); got != 5 {
		t.Errorf("b is lost at %d, want 5", got)
	}
	if got := since(renames, renames[1]); got != 1 {
		t.Errorf("b is had since %d, want 1", got)
	}
}

// An empty value selects records without a port, or without a name, and never port 0. A port or range selects the ranges
// that contain all of it; numbers in other columns are no ports.
func TestPeriodsWithoutPort(t *testing.T) {
	s := historytest.Empty(t)
	const oldest = "gone /tcp G; r 2-4/tcp R; x 9/tcp X; z 0/tcp Z"
	historytest.See(t, s, 1, oldest)
	historytest.See(t, s, 2, "gone /tcp G; new /tcp N; - 7/tcp Reserved; r 2-4/tcp R; x 9/tcp X; z 0/tcp Z")
	const newest = "new /tcp N; - 7/tcp Reserved; r 2-4/tcp R; x /tcp X; z 0/tcp Z2"
	historytest.See(t, s, 3, newest)
	p := open(t, s)
	for where, want := range map[string][]string{
		"port=":           {"gone on  01 to 02", "new on  02 to 03", "x on  03 to 03"},
		"port= service=x": {"x on  03 to 03"},
		"port=0":          {"z on 0 01 to 03"},
		"service=":        {" on 7 02 to 03"},
		"port=2-3":        {"r on 2-4 01 to 03"},
		"port=3-5":        nil,
		"port=1-3":        nil,
		"description=3":   nil,
	} {
		c, err := ParseCondition(where)
		if err != nil {
			t.Fatal(err)
		}
		periods, err := p.Presences(historytest.Edition(newest).Records, c)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, q := range periods {
			got = append(got, fmt.Sprintf("%s on %s %s to %s", q.Service, q.Ports, q.From[6:8], q.To[6:8]))
		}
		same(t, where, got, want)
	}
}

// A record without a transport holds for every transport.
func TestAskOnATransport(t *testing.T) {
	s := historytest.Of(t, "x 9/tcp X", "a 7/ A; x 9/tcp X", "a 7/ A; b 7/udp B; x 9/tcp X")
	p := open(t, s)
	same(t, "7", ask(t, p, "7"), []string{"02 after 01, assigned a", "03 after 02, assigned b"})
	same(t, "7/udp", ask(t, p, "7/udp"), []string{"02 after 01, assigned a", "03 after 02, assigned b"})
	same(t, "7/tcp", ask(t, p, "7/tcp"), []string{"02 after 01, assigned a"})
}

// Lists of changes that do not lead to the newest table are no history of it.
func TestPeriodsRefuseAnotherTable(t *testing.T) {
	s := historytest.Of(t, first, second, third)
	p := open(t, s)
	if list, err := p.Periods(historytest.Edition(third).Records); err != nil || len(list) != 5 {
		t.Errorf("%d periods (%v), want 5", len(list), err)
	}
	if _, err := open(t, s).Periods(historytest.Edition(second).Records); err == nil {
		t.Error("the periods of another table are accepted")
	}
}
