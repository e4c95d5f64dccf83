package diff

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ianasync/ianasync/registry"
)

func recordOf(t interface{ Fatal(...any) }, v [registry.NumColumns]string) registry.Record {
	var b strings.Builder
	for i, c := range registry.Columns() {
		fmt.Fprintf(&b, "%s%q:%q", []string{"{", ","}[min(i, 1)], c.Key, v[i])
	}
	var r registry.Record
	if err := r.UnmarshalJSON([]byte(b.String() + "}")); err != nil {
		t.Fatal(err)
	}
	return r
}

// The columns' values are few, so that records meet often.
var few = [registry.NumColumns][]string{
	{"", "", "a", "b", "c", "A"},
	{"", "1", "2", "3", "2-2", "1-3", "2-5", "4-5", "x"},
	{"", "tcp", "udp", "sctp", "quic"},
	{"", "Unassigned", "Reserved", "one", "ONE", "two"},
	{"", "[X]", "[X_2]", "[x]", "[Y]"},
	{"", "[X]", "[Y]"},
	{"", "2006-01"},
	{"", "2006-01", "2006-01-02"},
}

func someRecord(t *rapid.T) registry.Record {
	var v [registry.NumColumns]string
	for i, values := range few {
		if values != nil {
			v[i] = rapid.SampledFrom(values).Draw(t, registry.Columns()[i].Key)
		}
	}
	return recordOf(t, v)
}

func someTable(t *rapid.T, label string) *registry.Table {
	return registry.NewTable(rapid.SliceOfN(rapid.Custom(someRecord), 0, 12).Draw(t, label))
}

// edited is a table some of whose records were taken away, added, or altered in a column.
func edited(t *rapid.T, tab *registry.Table, label string) *registry.Table {
	var out []registry.Record
	for _, r := range tab.Records {
		switch rapid.IntRange(0, 3).Draw(t, label) {
		case 0:
		case 1:
			v := r.Values()
			i := rapid.IntRange(0, len(few)-1).Draw(t, "column")
			if few[i] != nil {
				v[i] = rapid.SampledFrom(few[i]).Draw(t, "value")
			}
			out = append(out, recordOf(t, v))
		default:
			out = append(out, r)
		}
	}
	return registry.NewTable(append(out, rapid.SliceOfN(rapid.Custom(someRecord), 0, 4).Draw(t, label+" more")...))
}

func shuffled(records []registry.Record, seed uint64) []registry.Record {
	out := slices.Clone(records)
	rand.New(rand.NewPCG(seed, 0)).Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// theLaws are what holds between any three tables.
func theLaws(t *rapid.T) {
	a := someTable(t, "a")
	b := edited(t, a, "b")
	c := edited(t, b, "c")
	changes := Compare(a.Records, b.Records)
	checkLaws(t, a, b, changes)

	seed := rapid.Uint64().Draw(t, "seed")
	if again := Compare(shuffled(a.Records, seed), shuffled(b.Records, seed+1)); !reflect.DeepEqual(again, changes) {
		t.Errorf("rows in another order give other changes (-want +got):\n%s", cmp.Diff(lines(changes), lines(again)))
	}
	if changes := Compare(a.Records, shuffled(a.Records, seed)); len(changes) > 0 {
		t.Errorf("a table differs from itself: %q", lines(changes))
	}

	next := Compare(b.Records, c.Records)
	if got, err := Apply(a, slices.Concat(changes, next)); err != nil || !slices.Equal(got.Records, c.Records) {
		t.Errorf("two lists in a row do not compose: %v", err)
	}
	if got, err := Undo(c, slices.Concat(changes, next)); err != nil || !slices.Equal(got.Records, a.Records) {
		t.Errorf("two lists in a row are not undone: %v", err)
	}

	gone, came, err := registry.Distinct(edition(t, a.CSV()), edition(t, []byte(strings.ReplaceAll(string(b.CSV()), ",one,", ",\" one\r\n \","))))
	if err != nil {
		t.Fatal(err)
	}
	if distinct := Compare(gone.Records, came.Records); !reflect.DeepEqual(distinct, changes) {
		t.Errorf("the rows that differ give other changes than all (-all +distinct):\n%s", cmp.Diff(lines(changes), lines(distinct)))
	}

	if diff := cmp.Diff(naive(a.Records, b.Records), labels(changes)); diff != "" {
		t.Errorf("the named records are not what the table of kinds says (-naive +got):\n%s", diff)
	}
	checkUnnamed(t, changes)
}

func edition(t *rapid.T, csv []byte) *registry.Edition {
	e, err := registry.ReadEdition(csv)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestLaws(t *testing.T) { rapid.Check(t, theLaws) }

func FuzzLaws(f *testing.F) { f.Fuzz(rapid.MakeFuzz(theLaws)) }

// labels says of each named record that changes take away or add what became of it.
func labels(changes []Change) []string {
	var out []string
	for i := range changes {
		c := &changes[i]
		for _, r := range c.Removed {
			if r.ServiceName != "" {
				out = append(out, label("-", &r, c.Kind, c.Service, c.Was))
			}
		}
		for _, r := range c.Added {
			if r.ServiceName != "" {
				out = append(out, label("+", &r, c.Kind, c.Service, c.Was))
			}
		}
	}
	slices.Sort(out)
	return out
}

func label(sign string, r *registry.Record, kind Kind, service, was string) string {
	return fmt.Sprintf("%s %q %s %q was %q", sign, r.Values(), kind, service, was)
}

// naive says of each named record in which two tables differ what became of it, by
// trying every pair for every kind in turn.
func naive(old, new []registry.Record) []string {
	var gone, came []registry.Record
	came = slices.Clone(new)
	for _, r := range old {
		if i := slices.Index(came, r); i >= 0 {
			came = slices.Delete(came, i, i+1)
		} else {
			gone = append(gone, r)
		}
	}
	unnamed := func(r registry.Record) bool { return r.ServiceName == "" }
	gone, came = slices.DeleteFunc(gone, unnamed), slices.DeleteFunc(came, unnamed)
	slices.SortFunc(gone, registry.Compare)
	slices.SortFunc(came, registry.Compare)

	var out []string
	pairs := func(fits func(a, b *registry.Record) bool, kind func(a, b *registry.Record) Kind, renames bool) {
		for i := 0; i < len(gone); i++ {
			for j := range came {
				a, b := gone[i], came[j]
				if !fits(&a, &b) {
					continue
				}
				was := ""
				if renames {
					was = a.ServiceName
				}
				k := kind(&a, &b)
				out = append(out, label("-", &a, k, b.ServiceName, was), label("+", &b, k, b.ServiceName, was))
				gone, came = slices.Delete(gone, i, i+1), slices.Delete(came, j, j+1)
				i--
				break
			}
		}
	}
	cell := func(a, b *registry.Record) bool {
		return a.Ports.String() == b.Ports.String() && a.Transport == b.Transport
	}
	holder := func(s string) string {
		s = strings.ToLower(s)
		for _, n := range "0123456789" {
			s = strings.ReplaceAll(s, "_"+string(n)+"]", "]")
		}
		return s
	}
	pairs(func(a, b *registry.Record) bool { return cell(a, b) && a.ServiceName == b.ServiceName }, func(a, b *registry.Record) Kind {
		if a.Assignee != "" && b.Assignee != "" && holder(a.Assignee) != holder(b.Assignee) {
			return Transferred
		}
		return Updated
	}, false)

	moved := make(map[string]bool)
	for _, a := range gone {
		for _, b := range came {
			moved[a.ServiceName] = moved[a.ServiceName] || a.ServiceName == b.ServiceName
		}
	}
	for _, a := range gone {
		for _, b := range came {
			if a.ServiceName == b.ServiceName && a.Ports.String() == b.Ports.String() {
				moved[a.ServiceName] = false
			}
		}
	}
	leave := func(sign string, rs []registry.Record, kind Kind, which func(registry.Record) bool) []registry.Record {
		return slices.DeleteFunc(rs, func(r registry.Record) bool {
			if which(r) {
				out = append(out, label(sign, &r, kind, r.ServiceName, ""))
			}
			return which(r)
		})
	}
	did := func(r registry.Record) bool { return moved[r.ServiceName] }
	gone, came = leave("-", gone, Moved, did), leave("+", came, Moved, did)

	constant := func(k Kind) func(a, b *registry.Record) Kind {
		return func(a, b *registry.Record) Kind { return k }
	}
	pairs(func(a, b *registry.Record) bool {
		return a.Ports.String() != "" && cell(a, b) && strings.EqualFold(a.Description, b.Description)
	}, constant(Renamed), true)
	pairs(func(a, b *registry.Record) bool { return a.Ports.String() != "" && cell(a, b) }, constant(Reused), true)
	all := func(registry.Record) bool { return true }
	leave("-", gone, Deassigned, all)
	leave("+", came, Assigned, all)
	slices.Sort(out)
	return out
}

// checkUnnamed holds changes of unnamed cells to what their kinds mean.
func checkUnnamed(t *rapid.T, changes []Change) {
	for i := range changes {
		c := &changes[i]
		if c.Service != "" {
			continue
		}
		for _, r := range slices.Concat(c.Removed, c.Added) {
			if r.ServiceName != "" {
				t.Errorf("%s has a named record", line(c))
			}
			if c.Kind == Recut && r.Status() == registry.Assigned {
				t.Errorf("%s redraws a port in use", line(c))
			}
		}
		reserved := func(r registry.Record) bool { return r.Status() == registry.Reserved }
		switch c.Kind {
		case Updated, Transferred:
			if c.Removed[0].Status() != c.Added[0].Status() {
				t.Errorf("%s changes a status", line(c))
			}
		case Reserved:
			if !slices.ContainsFunc(c.Added, reserved) || slices.ContainsFunc(c.Removed, reserved) {
				t.Errorf("%s reserves nothing", line(c))
			}
		case Unreserved:
			if !slices.ContainsFunc(c.Removed, reserved) || slices.ContainsFunc(c.Added, reserved) {
				t.Errorf("%s frees nothing", line(c))
			}
		}
		if c.Kind != Reserved && c.Kind != Unreserved {
			continue
		}
		for _, other := range changes {
			if k := other.Kind; (k == Assigned || k == Deassigned || k == Reused) && other.Ports.Overlaps(c.Ports) {
				t.Errorf("%s is explained by %s", line(c), line(&other))
			}
		}
	}
}
