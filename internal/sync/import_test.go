package sync

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/snapshots"
)

// past are editions of which one is a day older than the next.
func past(editions ...[]byte) []Sighting {
	var list []Sighting
	for i, data := range editions {
		list = append(list, Sighting{Name: fmt.Sprint(i), Source: fmt.Sprint("git ", i), Seen: start.Add(time.Duration(i) * day), Bytes: data})
	}
	return list
}

func each(list []Sighting) iter.Seq2[Sighting, error] {
	return func(yield func(Sighting, error) bool) {
		for _, s := range list {
			if !yield(s, nil) {
				return
			}
		}
	}
}

func importJob(s *snapshots.Store) *Job {
	return &Job{Store: s, Now: func() time.Time { return start.Add(100 * day) }}
}

// importInto imports, and derives what comes of it.
func importInto(t *testing.T, s *snapshots.Store, list []Sighting) (Imported, map[string]string) {
	t.Helper()
	refused := map[string]string{}
	n, err := importJob(s).Import(t.Context(), Past{each(list), func(s Sighting, rejected *Rejection) {
		if rejected != nil {
			refused[s.Name] = rejected.Reason
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	checkWhole(t, s)
	return n, refused
}

func TestImport(t *testing.T) {
	extra := bytes.ReplaceAll(bytes.ReplaceAll(first, []byte("\r\n"), []byte(",x\r\n")), []byte("Assignment Notes,x"), []byte("Assignment Notes,New"))
	broken := bytes.Replace(second, []byte("a,1,tcp"), []byte("a,99999,tcp"), 1)
	list := past(
		first, second, page, first, csvOf("a"), // a rollback is history, a stub is not
		extra, extra, third, broken, bytes.ReplaceAll(broken, []byte(",B,"), []byte(",Bee,")),
		second, bytes.ReplaceAll(second, []byte("\r\n"), []byte("\n")), csvOf("w", "x", "y", "z"),
	)
	list = append(list,
		Sighting{Name: "unfit", Seen: start, Unfit: errors.New("it is a link")},
		Sighting{Name: "future", Seen: start.Add(101 * day), Bytes: first},
	)
	dir := t.TempDir()
	s := open(t, dir)
	n, refused := importInto(t, s, list)
	if d := cmp.Diff(Imported{Editions: 15, Added: 8, Refused: 7}, n); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	wantRefused := map[string]string{
		"2":      "not the service names registry: it is a page of HTML",
		"4":      "it has 2 records; the registry has at least 4",
		"5":      `unknown column "New"`,
		"6":      `unknown column "New"`,
		"12":     "4 of 5 assigned records are gone (80.0 %); at most 50.0 % go at once",
		"unfit":  "it is a link",
		"future": "its time lies in the future",
	}
	if d := cmp.Diff(wantRefused, refused); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}

	before := files(t, dir)
	n, _ = importInto(t, s, list)
	if d := cmp.Diff(Imported{Editions: 15, Known: 8, Refused: 7}, n); d != "" {
		t.Errorf("again (-want +got):\n%s", d)
	}
	if d := cmp.Diff(before, files(t, dir)); d != "" {
		t.Errorf("again (-before +after):\n%s", d)
	}

	random := rand.New(rand.NewPCG(1, 2))
	random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	other := open(t, t.TempDir())
	importInto(t, other, list)
	if d := cmp.Diff(s.Versions(), other.Versions()); d != "" {
		t.Errorf("(-in order +shuffled):\n%s", d)
	}
}

// TestImportAfterAWrongClock sees that a check in the future is no sighting of what the newest version was then.
func TestImportAfterAWrongClock(t *testing.T) {
	s := open(t, t.TempDir())
	for _, a := range []answer{{body: first, want: "changed"}, {at: 1000 * day, body: first, want: "unchanged"}} {
		if got := outcome(run(t, s, a)); got != a.want {
			t.Fatalf("%s, want %s", got, a.want)
		}
	}
	importInto(t, s, []Sighting{{Name: "late", Seen: start.Add(day), Bytes: second}})
	if newest, _ := s.Latest(); newest.ID != snapshots.FormatID(start.Add(day)) {
		t.Errorf("the newest version is %s", newest.ID)
	}
}

// TestImportStops sees that an import that is interrupted leaves a whole store, and that
// the next one goes on.
func TestImportStops(t *testing.T) {
	list := past(first, second, third, first, second, third)
	dir := t.TempDir()
	s := open(t, dir)
	ctx, cancel := context.WithCancel(t.Context())
	taken := 0
	n, err := importJob(s).Import(ctx, Past{each(list), func(Sighting, *Rejection) {
		if taken++; taken == 2 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) || n.Added != 2 || len(s.Versions()) != 2 {
		t.Fatalf("%+v, %v, %d versions; want 2 and %v", n, err, len(s.Versions()), context.Canceled)
	}
	if !s.DerivedStale() {
		t.Error("the derived files are not known to be behind")
	}
	faults, err := s.Verify(t.Context(), snapshots.Options{})
	if err != nil {
		t.Fatal(err)
	}
	derived, err := CheckDerived(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range append(faults, derived...) {
		if !f.Note {
			t.Errorf("the store is called broken: %s: %s", f.File, f.Problem)
		}
	}
	if n, _ := importInto(t, s, list); n != (Imported{Editions: 6, Added: 4, Known: 2}) {
		t.Errorf("the next import: %+v", n)
	}

	failed := errors.New("the disk is gone")
	_, err = importJob(s).Import(t.Context(), Past{Sightings: func(yield func(Sighting, error) bool) { yield(Sighting{}, failed) }})
	if !errors.Is(err, failed) {
		t.Errorf("%v, want %v", err, failed)
	}
}
