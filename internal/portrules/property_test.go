package portrules

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/registry/ports"
)

func recordOf(t interface{ Fatal(...any) }, v [ports.NumColumns]string) ports.Record {
	var b strings.Builder
	for i, c := range ports.Columns() {
		fmt.Fprintf(&b, "%s%q:%q", []string{"{", ","}[min(i, 1)], c.Key, v[i])
	}
	var r ports.Record
	if err := r.UnmarshalJSON([]byte(b.String() + "}")); err != nil {
		t.Fatal(err)
	}
	return r
}

// The columns' values are few, so that records meet often.
var few = [ports.NumColumns][]string{
	{"", "", "a", "b", "c", "A"},
	{"", "1", "2", "3", "2-2", "1-3", "2-5", "4-5", "x"},
	{"", "tcp", "udp", "sctp", "quic"},
	{"", "Unassigned", "Reserved", "one", "ONE", "one two"},
	{"", "[X]", "[X_2]", "[x]", "[Y]", "[IESG]"},
	{"", "[X]", "[Y]", "[IESG]"},
	{"", "2006-01"},
	{"", "2006-01", "2006-01-02"},
	{"", "", "[draft-x]", "[RFC1]"},
	nil,
	{"", "", "", "used"},
	{"", "", "", "note", "NOTE"},
}

func someRecord(t *rapid.T) ports.Record {
	var v [ports.NumColumns]string
	for i, values := range few {
		if values != nil {
			v[i] = rapid.SampledFrom(values).Draw(t, ports.Columns()[i].Key)
		}
	}
	return recordOf(t, v)
}

func someTable(t *rapid.T, label string) *ports.Table {
	return ports.NewTable(rapid.SliceOfN(rapid.Custom(someRecord), 0, 12).Draw(t, label))
}

// edited is a table some of whose records were taken away, added, or altered in a column.
func edited(t *rapid.T, tab *ports.Table, label string) *ports.Table {
	var out []ports.Record
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
	return ports.NewTable(append(out, rapid.SliceOfN(rapid.Custom(someRecord), 0, 4).Draw(t, label+" more")...))
}

func shuffled(records []ports.Record, seed uint64) []ports.Record {
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
	if got, err := apply(a, slices.Concat(changes, next)); err != nil || !slices.Equal(got.Records, c.Records) {
		t.Errorf("two lists in a row do not compose: %v", err)
	}
	if got, err := undo(c, slices.Concat(changes, next)); err != nil || !slices.Equal(got.Records, a.Records) {
		t.Errorf("two lists in a row are not undone: %v", err)
	}

	gone, came, err := ports.Distinct(edition(t, a.CSV()), edition(t, []byte(strings.ReplaceAll(string(b.CSV()), ",one,", ",\" one\r\n \","))))
	if err != nil {
		t.Fatal(err)
	}
	if distinct := Compare(gone.Records, came.Records); !reflect.DeepEqual(distinct, changes) {
		t.Errorf("the rows that differ give other changes than all (-all +distinct):\n%s", cmp.Diff(lines(changes), lines(distinct)))
	}

	if d := cmp.Diff(naive(a.Records, b.Records), labels(changes)); d != "" {
		t.Errorf("the named records are not what the table of kinds says (-naive +got):\n%s", d)
	}
	checkUnnamed(t, a, b, changes)
	checkEvents(t, changes)
}

func edition(t *rapid.T, csv []byte) *ports.Edition {
	e, err := ports.ReadEdition(csv)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestLaws(t *testing.T) { rapid.Check(t, theLaws) }

func FuzzLaws(f *testing.F) { f.Fuzz(rapid.MakeFuzz(theLaws)) }

// labels says of each named record that changes take away or add what became of it.
func labels(changes []diff.Change) []string {
	var out []string
	for i := range changes {
		c := &changes[i]
		for _, r := range ports.Views(c.Removed) {
			if r.ServiceName != "" {
				out = append(out, label("-", &r, c.Kind, c.Name, c.Was))
			}
		}
		for _, r := range ports.Views(c.Added) {
			if r.ServiceName != "" {
				out = append(out, label("+", &r, c.Kind, c.Name, c.Was))
			}
		}
	}
	slices.Sort(out)
	return out
}

func label(sign string, r *ports.Record, kind diff.Kind, service, was string) string {
	return fmt.Sprintf("%s %q %s %q was %q", sign, r.Values(), kind, service, was)
}

// naive says of each named record in which two tables differ what became of it, by
// trying every pair for every rule in turn.
func naive(old, new []ports.Record) (out []string) {
	var gone, came []ports.Record
	came = slices.Clone(new)
	for _, r := range old {
		if i := slices.Index(came, r); i >= 0 {
			came = slices.Delete(came, i, i+1)
		} else {
			gone = append(gone, r)
		}
	}
	unnamed := func(r ports.Record) bool { return r.ServiceName == "" }
	gone, came = slices.DeleteFunc(gone, unnamed), slices.DeleteFunc(came, unnamed)
	slices.SortFunc(gone, ports.Compare)
	slices.SortFunc(came, ports.Compare)

	type two struct{ a, b ports.Record }
	pairs := func(fits func(a, b *ports.Record) bool) (list []two) {
		for {
			most, at := -1, [2]int{}
			for i := range gone {
				for j := range came {
					equal := 0
					v, w := gone[i].Values(), came[j].Values()
					for k := range v {
						if v[k] == w[k] {
							equal++
						}
					}
					if equal > most && fits(&gone[i], &came[j]) {
						most, at = equal, [2]int{i, j}
					}
				}
			}
			if most < 0 {
				return list
			}
			list = append(list, two{gone[at[0]], came[at[1]]})
			gone, came = slices.Delete(gone, at[0], at[0]+1), slices.Delete(came, at[1], at[1]+1)
		}
	}
	add := func(kind diff.Kind, list []two, renames bool) {
		for _, p := range list {
			was := ""
			if renames {
				was = p.a.ServiceName
			}
			out = append(out, label("-", &p.a, kind, p.b.ServiceName, was), label("+", &p.b, kind, p.b.ServiceName, was))
		}
	}
	numbers := func(r *ports.Record) string { return r.Ports.String() }
	cell := func(a, b *ports.Record) bool { return numbers(a) == numbers(b) && a.Transport == b.Transport }
	who := func(tag string) string { return strings.ToLower(strings.Trim(tag, "[]_2")) }

	same := pairs(func(a, b *ports.Record) bool { return cell(a, b) && a.ServiceName == b.ServiceName })
	for _, p := range same {
		dated := slices.ContainsFunc(same, func(q two) bool {
			return q.a.ServiceName == p.a.ServiceName && q.a.Ports == p.a.Ports && q.a.ModificationDate != q.b.ModificationDate
		})
		x, y := who(p.a.Assignee), who(p.b.Assignee)
		c, d := who(p.a.Contact), who(p.b.Contact)
		over := x != "" && y != "" && x != y && (dated || c != d && (c != x || d != y))
		rfc := p.a.Reference == "[draft-x]" && p.b.Reference == "[RFC1]"
		switch {
		case rfc && (y == "" || y == "iesg"), rfc && !over:
			add(diff.Published, []two{p}, false)
		case over:
			add(diff.Transferred, []two{p}, false)
		default:
			add(diff.Updated, []two{p}, false)
		}
	}
	add(diff.Updated, pairs(func(a, b *ports.Record) bool { return numbers(a) == numbers(b) && a.ServiceName == b.ServiceName }), false)

	had, has := make(map[string]bool), make(map[string]bool) // by name, whether with a port
	for i := range gone {
		had[gone[i].ServiceName] = had[gone[i].ServiceName] || numbers(&gone[i]) != ""
	}
	for i := range came {
		has[came[i].ServiceName] = has[came[i].ServiceName] || numbers(&came[i]) != ""
	}
	leave := func(sign string, rs []ports.Record, kind func(ports.Record) diff.Kind) []ports.Record {
		return slices.DeleteFunc(rs, func(r ports.Record) bool {
			k := kind(r)
			if k != "" {
				out = append(out, label(sign, &r, k, r.ServiceName, ""))
			}
			return k != ""
		})
	}
	kind := func(r ports.Record) diff.Kind {
		before, wasThere := had[r.ServiceName]
		after, isThere := has[r.ServiceName]
		switch {
		case !wasThere || !isThere:
			return ""
		case before && after:
			return diff.Moved
		case before:
			return diff.Deassigned
		}
		return diff.Assigned
	}
	gone, came = leave("-", gone, kind), leave("+", came, kind)

	overlap := func(a, b string) bool {
		return a != "" && b != "" && (strings.Contains(a, b) || strings.Contains(b, a))
	}
	add(diff.Renamed, pairs(func(a, b *ports.Record) bool {
		x, y := strings.ToLower(a.Description), strings.ToLower(b.Description)
		named := func(s, o string) bool { return who(s) != "" && who(s) != "iesg" && who(s) == who(o) }
		since := a.RegistrationDate == b.RegistrationDate && (a.RegistrationDate.String() != "" || strings.EqualFold(a.ServiceName, b.ServiceName))
		return numbers(a) != "" && cell(a, b) &&
			(x != "" && x == y || named(a.Assignee, b.Assignee) || named(a.Contact, b.Contact) || since && overlap(x, y))
	}), true)
	add(diff.Reused, pairs(func(a, b *ports.Record) bool { return numbers(a) != "" && cell(a, b) }), true)
	add(diff.Renamed, pairs(func(a, b *ports.Record) bool {
		return numbers(a) == "" && cell(a, b) && a.Description != "" && strings.EqualFold(a.Description, b.Description) && a.RegistrationDate == b.RegistrationDate
	}), true)
	leave("-", gone, func(ports.Record) diff.Kind { return diff.Deassigned })
	leave("+", came, func(ports.Record) diff.Kind { return diff.Assigned })
	slices.Sort(out)
	return out
}

// said returns what the unnamed records of a table say of a port, letter case aside.
func said(t *ports.Table, port uint16) (list []string) {
	for _, r := range t.Records {
		if r.ServiceName == "" && r.Ports.Contains(port) && r != (ports.Record{Ports: r.Ports}) { // which says nothing
			v := r.Values()
			list = append(list, strings.ToLower(fmt.Sprintf("%q", v[2:])))
		}
	}
	slices.Sort(list)
	return list
}

// checkUnnamed holds changes of unnamed records to what their kinds mean, port by port.
func checkUnnamed(t *rapid.T, old, new *ports.Table, changes []diff.Change) {
	for port := range uint16(7) {
		differs := !slices.Equal(said(old, port), said(new, port))
		altered := false
		for i := range changes {
			c := View(&changes[i])
			altered = altered || c.Alters(port)
			switch {
			case c.Name == "" && c.Alters(port) && !differs:
				t.Errorf("%s, but the same is said of port %d", line(c.Change), port)
			case c.Kind == diff.Recut && c.Ports.Contains(port) && differs:
				t.Errorf("%s, but something else is said of port %d", line(c.Change), port)
			}
		}
		if differs && !altered {
			t.Errorf("no change tells what is said otherwise of port %d: %q", port, lines(changes))
		}
	}
	for i := range changes {
		c := &changes[i]
		if c.Name != "" {
			continue
		}
		has := func(rs []registry.Record, s ports.Status) bool {
			return slices.ContainsFunc(View(c).Own(rs), func(r ports.Record) bool { return r.Status() == s })
		}
		if _, _, ok := View(c).Ports.Bounds(); !ok {
			continue
		}
		for _, r := range ports.Views(slices.Concat(c.Removed, c.Added)) {
			if r.ServiceName != "" {
				t.Errorf("%s has a named record", line(c))
			}
		}
		switch c.Kind {
		case diff.Updated, diff.Published, diff.Transferred:
			if len(c.Fields) == 0 {
				t.Errorf("%s: nothing differs", line(c))
			}
		case diff.Moved, diff.Renamed, diff.Reused:
			t.Errorf("%s has no service", line(c))
		}
		if one := len(changes) == 1; one && (c.Kind == diff.Reserved && !has(c.Added, ports.Reserved) || c.Kind == diff.Unreserved && !has(c.Removed, ports.Reserved)) {
			t.Errorf("%s: nothing is or was Reserved", line(c))
		}
	}
}

// checkEvents holds changes to the promise that one event is one change.
func checkEvents(t *rapid.T, changes []diff.Change) {
	type event struct {
		kind         diff.Kind
		service, was string
		ports        ports.Ports
		noTransport  bool
	}
	seen := make(map[event]bool)
	for i := range changes {
		c := View(&changes[i])
		if c.Name == "" || c.Ports.String() == "" || c.Kind == diff.Updated {
			continue
		}
		e := event{c.Kind, c.Name, c.Was, c.Ports, len(c.Transports) == 0}
		if seen[e] {
			t.Errorf("two changes for one event: %q", lines(changes))
		}
		seen[e] = true
	}
}
