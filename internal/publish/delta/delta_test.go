package delta

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

const (
	one = "1111111111111111111111111111111111111111111111111111111111111111"
	two = "2222222222222222222222222222222222222222222222222222222222222222"
)

// whole is a notification that nothing is wrong with.
func whole() Notification {
	step := func(serial int, version, previous, from, to string) Step {
		return Step{Serial: serial, Version: version, Previous: previous, From: from, To: to, Name: "delta/" + version + ".jsonl", SHA256: one}
	}
	return Notification{
		Format: 1, Registry: ports.ServiceNames().ID, Serial: 4, Version: "20200104T000000Z", Table: Table{Name: "ports.csv", SHA256: two},
		Deltas: []Step{
			step(2, "20200102T000000Z", "20200101T000000Z", one, two),
			step(3, "20200103T000000Z", "20200102T000000Z", two, one),
			step(4, "20200104T000000Z", "20200103T000000Z", one, two),
		},
	}
}

func TestParse(t *testing.T) {
	for name, test := range map[string]struct {
		spoil func(*Notification)
		want  string // in the error; nothing for none
	}{
		"whole":                 {func(*Notification) {}, ""},
		"no deltas":             {func(n *Notification) { n.Deltas = nil }, ""},
		"another format":        {func(n *Notification) { n.Format = 2 }, "unsupported notification: its format is not 1"},
		"another registry":      {func(n *Notification) { n.Registry = "media-types" }, `it is of the registry "media-types", not of service-names-port-numbers`},
		"a name that leads out": {func(n *Notification) { n.Table.Name = "../../etc/passwd" }, `table: "../../etc/passwd" is not the name of a file below it`},
		"a URL":                 {func(n *Notification) { n.Deltas[1].Name = "https://example.org/" }, `delta 2: "https://example.org/" is not the name of a file below it`},
		"no digest":             {func(n *Notification) { n.Deltas[0].SHA256 = "12" }, `delta 1: "12" is no SHA-256`},
		"a gap":                 {func(n *Notification) { n.Deltas = append(n.Deltas[:1], n.Deltas[2:]...); n.Deltas[1].From = one }, "delta 2 does not follow the one before it"},
		"out of order":          {func(n *Notification) { n.Deltas[2].Version = "20200102T000000Z" }, "delta 3 does not follow the one before it"},
		"leads elsewhere":       {func(n *Notification) { n.Table.SHA256 = one }, "the last delta does not lead to the table"},
	} {
		n := whole()
		test.spoil(&n)
		data, err := json.Marshal(n)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if _, err := Parse(data, ports.ServiceNames()); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

// TestExtend adds an archive that leads to the deltas, and others that do not.
func TestExtend(t *testing.T) {
	n := whole()
	archive := archived{n.Deltas[:2]}
	n.Deltas = n.Deltas[2:]
	data, err := json.Marshal(archive)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"[", `{"deltas":[{"version":"20200103T000000Z","from":"` + two + `","to":"` + two + `","url":"x","sha256":"` + one + `"}]}`, `{"deltas":[{"url":"../x"}]}`} {
		if err := n.Extend([]byte(bad)); err == nil || len(n.Deltas) != 1 {
			t.Errorf("%s: %v, %d deltas; want an error and one", bad, err, len(n.Deltas))
		}
	}
	if err := n.Extend(data); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(whole(), n); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestSince starts a follower from each version it may have.
func TestSince(t *testing.T) {
	n := whole()
	for name, test := range map[string]struct {
		id, table string
		want      []int // serials
	}{
		"the first":                     {"20200101T000000Z", one, []int{2, 3, 4}},
		"the one with the same table":   {"20200103T000000Z", one, []int{4}},
		"a table seen at another time":  {"20191231T000000Z", one, []int{4}},
		"a table that is not there":     {"20200102T000000Z", "33", nil},
		"later than what leads from it": {"20200109T000000Z", one, nil},
	} {
		var got []int
		for _, s := range n.Since(snapshots.Version{ID: test.id, TableSHA256: test.table}) {
			got = append(got, s.Serial)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func FuzzParse(f *testing.F) {
	good, err := json.Marshal(whole())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"format":1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		n, err := Parse(data, ports.ServiceNames())
		if err != nil {
			return
		}
		again, err := json.Marshal(n)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Parse(again, ports.ServiceNames()); err != nil {
			t.Errorf("read once, it is %s; read twice: %v", again, err)
		}
	})
}

// FuzzList holds that whatever is read as a list of changes is written so that it reads the same.
func FuzzList(f *testing.F) {
	p, _ := ports.ParsePorts("7")
	list, err := formatList(portrules.Compare(nil, []ports.Record{{ServiceName: "relay", Ports: p, Transport: ports.TCP}}))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(list)
	f.Add([]byte("{}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		changes, err := parseList(data)
		if err != nil {
			return
		}
		text, err := formatList(changes)
		if err != nil {
			return // a value that only a hostile list has
		}
		again, err := parseList(text)
		if err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		if len(again) != len(changes) {
			t.Errorf("%d changes became %d", len(changes), len(again))
		}
	})
}
