package porthistory

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/history/historytest"
)

// TestIndexAnswersAsAskDoes holds the index against what it is an index of, over random histories with
// renames, ranges and rollbacks.
func TestIndexAnswersAsAskDoes(t *testing.T) {
	names := []string{"a", "b", "C", "c-d", "e/f"}
	events, returns := 0, 0
	for seed := range uint64(15) {
		rng := rand.New(rand.NewPCG(seed, 7))
		s := historytest.Empty(t)
		var editions []string
		for day := 1; day <= 12; day++ {
			if n := len(editions); n > 1 && rng.IntN(4) == 0 {
				historytest.See(t, s, day, editions[rng.IntN(n-1)]) // an older edition again
				continue
			}
			var rows []string
			for port := 1; port <= 4; port++ {
				switch rng.IntN(4) {
				case 0:
					rows = append(rows, fmt.Sprintf("- %d-%d/tcp Unassigned", 10*port, 10*port+rng.IntN(3)))
				case 1:
					rows = append(rows, fmt.Sprintf("- %d/tcp Reserved", 10*port))
				default:
					rows = append(rows, fmt.Sprintf("%s %d/tcp D%d", names[rng.IntN(len(names))], 10*port, rng.IntN(2)))
				}
			}
			editions = append(editions, strings.Join(rows, ";"))
			historytest.See(t, s, day, editions[len(editions)-1])
		}
		p := open(t, s)
		x, err := p.Index()
		if err != nil {
			t.Fatal(err)
		}
		check := func(q Query, got []history.Event) {
			want, err := p.Ask(q)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("seed %d, %s (-asked +indexed):\n%s", seed, q, diff)
			}
			events += len(got)
			for _, e := range got {
				if e.Returned != history.Not {
					returns++
				}
			}
		}
		for port := range uint16(50) {
			check(Query{Port: port}, x.Port(port))
		}
		for _, name := range append(x.Services(), "none", "A") {
			check(Query{Service: name}, x.Service(name))
		}
	}
	if events < 1000 || returns < 20 {
		t.Errorf("only %d events and %d returns were compared", events, returns)
	}
}

// A port around which only ranges were cut anew has no history.
func TestIndexLeavesOutRangesCutAnew(t *testing.T) {
	s := historytest.Of(t, "- 1-9 Unassigned", "- 1-4 Unassigned; - 5-9 Unassigned", "- 1-4 Unassigned; e 5/tcp E; - 6-9 Unassigned")
	x, err := open(t, s).Index()
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(x.Ports()); got != "[5]" {
		t.Errorf("ports %s, want [5]", got)
	}
}

// A return to another branch undoes what came on the one that it leaves, and nothing of the other.
func TestUndoneOfAnotherBranch(t *testing.T) {
	s := historytest.Of(t, first, second, first, "a 1/tcp A; d 4/tcp D; x 9/tcp X; y 8/tcp Y", second)
	p := open(t, s)
	x, err := p.Index()
	if err != nil {
		t.Fatal(err)
	}
	events, err := p.All()
	if err != nil {
		t.Fatal(err)
	}
	same(t, "all", told(t, events), []string{"01", "02 after 01, assigned b", "03 after 01 rolled back", "04 after 03, assigned d", "05 after 02 restored"})
	same(t, "undone", told(t, []history.Event{x.Undone(events[2]), x.Undone(events[4])}), []string{"03 after 02 rolled back, assigned b", "05 after 04 restored, assigned d"})
}
