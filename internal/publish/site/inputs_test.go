package site

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/plainjson"
	"github.com/ianasync/ianasync/internal/publish/urls"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/registry/ports/portstest"
)

// TestInputs makes sites of a past at random, version after version, with rollbacks, ranges that are redrawn, and ports that lose and
// get a page. Files whose inputs have the same digest at two versions are the same bytes; most others are not.
func TestInputs(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	pick := func(list ...string) string { return list[random.IntN(len(list))] }
	same, other, remade := 0, 0, 0
	for range 4 {
		was := make(map[string]string) // by name and digest
		before := make(map[string]string)
		var tables []*ports.Table
		for len(tables) < 6 {
			tables = append(tables, another(tables, pick, random))
			in := inputSeen(t, func(i int) time.Time { return time.Date(2019, 12, 30, 6+17*i, 0, 0, 0, time.UTC) }, tables...) // some on one day
			in.Has = func(string, string) bool { return false }
			s, err := newSite(in)
			if err != nil {
				t.Fatal(err)
			}
			for f, err := range filesWithInputs(s) {
				switch data, known := was[f.Name+" "+f.Of]; {
				case err != nil || f.Of == "":
					t.Fatalf("%s has the digest %q: %v", f.Name, f.Of, err)
				case known && data != string(f.Data):
					t.Errorf("%s has the same inputs at version %d as before, and is now:\n%s\nwas:\n%s", f.Name, len(tables), f.Data, data)
				case known:
					same++
				case before[f.Name] == string(f.Data):
					remade++
				default:
					other++
				}
				was[f.Name+" "+f.Of], before[f.Name] = string(f.Data), string(f.Data)
			}
			if t.Failed() {
				return
			}
		}
	}
	if same < 300 || other < 200 || remade > other {
		t.Errorf("%d files were as before, %d others, and %d were made anew in vain", same, other, remade)
	}
}

// another returns a first table, one that differs from the last in some records, or an older one.
func another(tables []*ports.Table, pick func(...string) string, random *rand.Rand) *ports.Table {
	if len(tables) > 1 && random.IntN(5) == 0 {
		return ports.NewTable(slices.Clone(tables[random.IntN(len(tables)-1)].Records))
	}
	var records []ports.Record
	for _, place := range []string{"2", "3", "5", "6", "8", "1030", "1031", "1033"} {
		if pick("yes", "yes", "no") == "yes" {
			records = append(records, portstest.Rec(pick("", "a", "b", "c/d", "e"), place, "tcp", pick("", "Reserved", "What it is"), portstest.Contact(pick("", "[A]", "[B]"))))
		}
	}
	records = append(records, portstest.Rec(pick("f", "g"), "", "udp", pick("", "No port")))
	unassigned := func(place string) {
		records = append(records, portstest.Rec("", place, "", "Unassigned", portstest.Unauthorized(pick("", "others use it", "many use it"))))
	}
	switch pick("whole", "whole", "first", "within") {
	case "whole":
		unassigned("240-270")
	case "first":
		records = append(records, portstest.Rec("h", "240", "tcp", "H"))
		unassigned("241-270")
	case "within":
		unassigned("240-244")
		records = append(records, portstest.Rec("h", "245", "tcp", "H"))
		unassigned("246-270")
	}
	if len(tables) == 0 {
		return ports.NewTable(records)
	}
	altered := ports.PortRange(0, 239)
	switch random.IntN(3) {
	case 0:
		altered = ports.PortRange(240, 270)
	case 1:
		altered = ports.PortRange(1000, 1100)
	}
	mixed := slices.DeleteFunc(slices.Clone(tables[len(tables)-1].Records), func(r ports.Record) bool { return altered.Overlaps(r.Ports) })
	for _, r := range records {
		if altered.Overlaps(r.Ports) {
			mixed = append(mixed, r)
		}
	}
	return ports.NewTable(mixed)
}

// filesWithInputs yields the files of ports, services, versions and years, their lists by letter, the pictures, and the first blocks. In
// place of a feed it yields what that is made from.
func filesWithInputs(s *site) iter.Seq2[history.File, error] {
	return func(yield func(history.File, error) bool) {
		for _, pages := range []iter.Seq[*page]{s.portPages(), s.servicePages(), s.blockPages(), s.letterPages(), s.versionPages(), s.yearPages()} {
			for p := range pages {
				if p.kind == "block" && p.Address > urls.Block(1024) && p.Address != urls.Block(256) || slices.Contains([]string{"blocks", "services", "versions", "years"}, p.kind) {
					continue
				}
				if f, err := s.render(p); !yield(f, err) {
					return
				}
			}
		}
		for _, files := range []iter.Seq2[history.File, error]{s.portData(), s.changesByYear(), s.pictures()} {
			for f, err := range files {
				if !yield(f, err) {
					return
				}
			}
		}
		s.Feed = func(*Subject) iter.Seq2[history.File, error] { return nil }
		for subject := range s.subjects() {
			past := subject.Past()
			data, err := plainjson.Marshal([]any{past.Begins, past.News()})
			if !yield(history.File{Name: fmt.Sprintf("the feed of %d %s", subject.Port, subject.Service), Of: subject.Of, Data: data}, err) {
				return
			}
		}
	}
}
