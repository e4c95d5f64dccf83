package action

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/snapshots"
)

var noon = time.Date(2026, 1, 10, 12, 0, 0, 0, time.UTC)

func TestWorthCommitting(t *testing.T) {
	last := func(outcome snapshots.Outcome, at time.Time) string {
		return fmt.Sprintf(`{"checked":%q,"outcome":%q}`, at.Format(time.RFC3339), outcome)
	}
	check := []string{"checked.json"}
	for _, test := range []struct {
		name      string
		changed   []string
		committed string
		outcome   snapshots.Outcome
		want      bool
	}{
		{"nothing", nil, "", snapshots.Unchanged, false},
		{"a version", []string{"checked.json", "versions.jsonl"}, last(snapshots.Unchanged, noon), snapshots.Changed, true},
		{"the first check", check, "", snapshots.Unchanged, true},
		{"a second one", check, last(snapshots.Changed, noon.Add(-time.Hour)), snapshots.Unchanged, false},
		{"one a day later", check, last(snapshots.Unchanged, noon.Add(-13*time.Hour)), snapshots.Unchanged, true},
		{"one that went wrong", check, last(snapshots.Unchanged, noon), snapshots.Unreachable, true},
		{"one that went wrong again", check, last(snapshots.Unreachable, noon), snapshots.Unreachable, false},
		{"one that went wrong otherwise", check, last(snapshots.Refused, noon), snapshots.Unreachable, true},
		{"one that is well again", check, last(snapshots.Refused, noon), snapshots.Unchanged, true},
	} {
		f := Finding{Outcome: test.outcome, Check: snapshots.Check{Checked: noon}}
		if got := f.WorthCommitting(test.changed, []byte(test.committed)); got != test.want {
			t.Errorf("%s: %t", test.name, got)
		}
	}
}

func TestVerdict(t *testing.T) {
	confirmed := snapshots.Check{Confirmed: noon.Add(-72 * time.Hour)}
	gone := history.Event{Previous: "p", Changes: []diff.Change{{Kind: diff.Deassigned, Service: "a"}}}
	for _, test := range []struct {
		name   string
		f      Finding
		failOn FailOn
		now    time.Time
		want   Level
	}{
		{"unchanged", Finding{Outcome: snapshots.Unchanged}, Removal, noon, Notice},
		{"changed", Finding{Outcome: snapshots.Changed, Event: gone}, Guard, noon, Notice},
		{"gone", Finding{Outcome: snapshots.Changed, Event: gone}, Removal, noon, Error},
		{"refused", Finding{Outcome: snapshots.Refused}, Guard, noon, Error},
		{"refused, removal", Finding{Outcome: snapshots.Refused}, Removal, noon, Error},
		{"refused, never", Finding{Outcome: snapshots.Refused}, Never, noon, Warning},
		{"out of reach", Finding{Outcome: snapshots.Unreachable, Check: confirmed}, Guard, noon, Warning},
		{"out of reach for long", Finding{Outcome: snapshots.Unreachable, Check: confirmed}, Never, noon.Add(time.Second), Error},
		{"never reached", Finding{Outcome: snapshots.Unreachable}, Never, noon, Error},
	} {
		if got := test.f.Verdict(Policy{test.failOn, 72 * time.Hour}, test.now); got.Level != test.want {
			t.Errorf("%s: %v", test.name, got)
		}
	}
}

// Thousands of changes fit into the summary, as many of them as do.
func TestSummaryIsCut(t *testing.T) {
	e := history.Event{Version: snapshots.Version{ID: "20260110T120000Z"}, Previous: "20260109T120000Z"}
	for i := range 20000 {
		e.Changes = append(e.Changes, diff.Change{Kind: diff.Assigned, Service: fmt.Sprintf("service-%d-%s", i, strings.Repeat("x", 40))})
	}
	f := Finding{Outcome: snapshots.Changed, Event: e, Newest: e.Version}
	got := Cut(f.Summary(Verdict{Level: Notice}), SummaryLimit, "There is more.")
	if len(got) > SummaryLimit || len(got) < SummaryLimit-100 || !strings.HasSuffix(got, "` is new\n\nThere is more.\n") {
		t.Errorf("%d bytes, ending in %q", len(got), got[max(0, len(got)-100):])
	}
}
