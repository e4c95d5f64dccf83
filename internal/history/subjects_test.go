package history

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/internal/checksum"
	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history/historytest"
	"github.com/ianasync/ianasync/internal/layout"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/internal/rules"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

// eventful returns a store whose lists of 2020 are long, and in it.
func eventful(t *testing.T) *snapshots.Store {
	t.Helper()
	s := historytest.Eventful(t)
	steps, _, err := Steps(t.Context(), s, "", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	save(t, s, steps)
	return s
}

// asked is what the tests ask about.
var asked = map[string]func(subject string) bool{
	"100": portrules.AboutPort(100), "107": portrules.AboutPort(107), "108": portrules.AboutPort(108), "205": portrules.AboutPort(205),
	"231": portrules.AboutPort(231), "250": portrules.AboutPort(250), "99": portrules.AboutPort(99),
	"s7": AnyOf("service/s7"), "other-7": AnyOf("service/other-7"), "s8": AnyOf("service/s8"), "s39": AnyOf("service/s39"), "s40": AnyOf("service/s40"),
	"[party]": AnyOf("assignee/party"), "[nobody]": AnyOf("assignee/nobody"), "s7 or s8": AnyOf("service/s7", "service/s8"),
}

// answers returns what the past of a store answers, as text.
func answers(t *testing.T, p *Past) map[string]string {
	t.Helper()
	list := make(map[string]string)
	for what, about := range asked {
		events, err := p.Find(about, func(_ int, c *diff.Change) (bool, bool) { return true, c.Kind != diff.Recut })
		if err != nil {
			t.Fatal(err)
		}
		for i := range events {
			list[what] += string(events[i].Lines(portrules.ServiceNames()))
		}
	}
	return list
}

// fileOf returns the path of a file of a store.
func fileOf(s *snapshots.Store, name string) string {
	return filepath.Join(s.Dir(), filepath.FromSlash(name))
}

func subjectsOf2020(s *snapshots.Store) string {
	return fileOf(s, layout.Group(s.Registry()).SubjectsOf("2020"))
}

func listsOf2020(s *snapshots.Store) string {
	return fileOf(s, layout.Group(s.Registry()).ChangesOf("2020"))
}

// What is asked of a store is answered by the files of subjects as by all its lists.
func TestOpenToAskAnswersAsOpenDoes(t *testing.T) {
	s := eventful(t)
	text, err := os.ReadFile(subjectsOf2020(s))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"\tassignee/party\tport/107\tservice/other-7\tservice/s7\n", "\n20200109T000000Z\n"} {
		if !bytes.Contains(text, []byte(line)) {
			t.Errorf("the file of subjects has no line %q:\n%s", line, text)
		}
	}
	whole := open(t, s)
	toAsk, err := OpenToAsk(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	for i := range toAsk.steps {
		if toAsk.steps[i].lines != nil {
			t.Errorf("the changes of %s were read before anything was asked", toAsk.steps[i].Version.ID)
		}
	}
	want := answers(t, whole)
	if diff := cmp.Diff(want, answers(t, toAsk)); diff != "" {
		t.Errorf("(-all lists +subjects):\n%s", diff)
	}
	if known := slices.Sorted(maps.Keys(want)); len(known) != len(asked)-4 { // 99, s39, s40 and [nobody]
		t.Errorf("only %q have a past", known)
	}
	for _, p := range []*Past{whole.UpTo(historytest.At(10)), toAsk.UpTo(historytest.At(10))} {
		if diff := cmp.Diff(told(t, must(t)(whole.UpTo(historytest.At(10)).All())), told(t, must(t)(p.All()))); diff != "" {
			t.Errorf("(-all lists +subjects):\n%s", diff)
		}
	}
	newest := s.Versions()[15]
	data, err := s.Bytes(newest)
	if err != nil {
		t.Fatal(err)
	}
	table, err := ports.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, port := range []uint16{107, 108, 139, 205, 245} {
		records := ports.Untyped(table.Port(port))
		want, err := whole.BlameAll(portrules.Trail{Port: port}, ports.GenericColumns(), records...)
		if err != nil {
			t.Fatal(err)
		}
		got, err := toAsk.BlameAll(portrules.Trail{Port: port}, ports.GenericColumns(), records...)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("port %d: %v (-all lists +subjects):\n%s", port, err, diff)
		}
	}
}

func must(t *testing.T) func(events []Event, err error) []Event {
	return func(events []Event, err error) []Event {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return events
	}
}

// A question reads of the lists those alone that its subject is in: others may be damaged.
func TestOpenToAskReadsFewLists(t *testing.T) {
	s := eventful(t)
	lists, err := os.ReadFile(listsOf2020(s))
	if err != nil {
		t.Fatal(err)
	}
	begin := bytes.Index(lists, []byte(`{"version":"20200106T000000Z"`)) // Other-7 came with it
	end := begin + bytes.Index(lists[begin:], []byte(`{"version":"20200107T000000Z"`))
	blank := bytes.Repeat([]byte(" "), len(lists))
	copy(blank[begin:end], lists[begin:end])
	if err := os.WriteFile(listsOf2020(s), blank, 0o644); err != nil {
		t.Fatal(err)
	}
	p, err := OpenToAsk(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	p.steps = p.steps[:6]
	p.steps[2].part.whole = func() ([]Step, error) {
		t.Error("all lists were read")
		steps, _, err := Remade(t.Context(), s, nil)
		return steps, err
	}
	for i := range p.steps {
		changes, err := p.Changes(i, AnyOf("service/other-7"))
		if err != nil || len(changes) > 0 != (i == 5) {
			t.Errorf("step %d: %v, %v", i, changes, err)
		}
	}
}

// Whatever is wrong with the files, the answers are those of the versions.
func TestDamagedSubjects(t *testing.T) {
	s := eventful(t)
	want := answers(t, open(t, s))
	subjects, err := os.ReadFile(subjectsOf2020(s))
	if err != nil {
		t.Fatal(err)
	}
	lists, err := os.ReadFile(listsOf2020(s))
	if err != nil {
		t.Fatal(err)
	}
	resealed := func(old, new string) []byte {
		_, text, _ := bytes.Cut(bytes.TrimSuffix(bytes.Replace(subjects, []byte(old), []byte(new), 1), []byte("\n")), []byte("\n"))
		return fmt.Appendf(nil, "%s\n%s\n", head(t, text), text)
	}
	if !bytes.Equal(resealed("", ""), subjects) {
		t.Fatal("the test seals other files than the program")
	}
	tests := map[string]struct{ subjects, lists []byte }{
		"cut off":                     {subjects[:len(subjects)/2], lists},
		"flipped":                     {bytes.Replace(subjects, []byte("port/107"), []byte("port/106"), 1), lists},
		"empty":                       {nil, lists},
		"a version is missing":        {resealed("\n20200109T000000Z", ""), lists},
		"an offset is none":           {resealed("20200102T000000Z\t20200101T000000Z\t", "20200102T000000Z\t20200101T000000Z\tx"), lists},
		"an offset is another":        {resealed("20200103T000000Z\t20200102T000000Z\t", "20200103T000000Z\t20200102T000000Z\t1"), lists},
		"an offset is past the end":   {resealed("20200103T000000Z\t20200102T000000Z\t", "20200103T000000Z\t20200102T000000Z\t999999999999"), lists},
		"a version follows another":   {resealed("20200103T000000Z\t20200102T000000Z\t", "20200103T000000Z\t20200101T000000Z\t"), lists},
		"the lists are damaged":       {subjects, bytes.ReplaceAll(lists, []byte("number"), []byte("digits"))},
		"the lists are missing":       {subjects, nil},
		"the lists are other than it": {subjects, append([]byte("\n"), lists...)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(subjectsOf2020(s), test.subjects, 0o644); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(listsOf2020(s), test.lists, 0o644); err != nil {
				t.Fatal(err)
			}
			p, err := OpenToAsk(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, answers(t, p)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// head returns the first line of a file of subjects with some text.
func head(t *testing.T, text []byte) []byte {
	t.Helper()
	line, err := checksum.Marshal(subjectsHead{DiffVersion: DiffVersion, Sum: sum(text)})
	if err != nil {
		t.Fatal(err)
	}
	return line
}

// TestSubjectsOfOtherRegistries holds the spellings of a value and of a name against their subjects.
func TestSubjectsOfOtherRegistries(t *testing.T) {
	c := diff.Change{
		Registry: "g/r", Kind: diff.Moved, Name: "TLS_A", Was: "TLS_B", Key: []registry.Cell{{Key: "value", Text: "0x13,0x01"}},
		Fields: []diff.Field{{Key: "value", Old: "0x13,0x00-0F", New: "0x13,0x01"}, {Key: "name", Old: "TLS_B", New: "TLS_A"}},
	}
	want := []string{"name/tls_a", "name/tls_b", "registry/g/r", "value/19,0-19,15", "value/4865"}
	if got := subjectsOf(&c); !slices.Equal(got, want) {
		t.Errorf("the subjects are %q, want %q", got, want)
	}
	for _, spelled := range []string{"0x1301", "0X13,0X01", "4865", "0x13, 0x01"} {
		if got := rules.ValueSubject(spelled); got != "value/4865" {
			t.Errorf("the subject of %s is %s", spelled, got)
		}
	}
}
