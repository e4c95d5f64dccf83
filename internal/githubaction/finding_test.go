package githubaction

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/internal/checksum"
	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/layout"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/snapshots"
)

var noon = time.Date(2026, 1, 10, 12, 0, 0, 0, time.UTC)

// one is what a run for one group found.
func one(f *Finding) *Findings { return &Findings{Groups: []*Finding{f}, Wanted: 1} }

func TestWorthCommitting(t *testing.T) {
	last := func(outcome snapshots.Outcome, at time.Time) string {
		return string(checksum.Append(fmt.Appendf(nil, `{"group":"service-names-port-numbers","checked":%q,"outcome":%q}`, at.Format(time.RFC3339), outcome))) + "\n"
	}
	check, version := []Change{{Name: layout.Checks}}, []Change{{Name: layout.Checks}, {Name: "service-names-port-numbers/versions.jsonl"}}
	for _, test := range []struct {
		name      string
		changed   []Change
		committed string
		outcome   snapshots.Outcome
		want      bool
	}{
		{"nothing", nil, "", snapshots.Unchanged, false},
		{"a version", version, last(snapshots.Unchanged, noon), snapshots.Changed, true},
		{"the first check", check, "", snapshots.Unchanged, true},
		{"a second one", check, last(snapshots.Changed, noon.Add(-time.Hour)), snapshots.Unchanged, false},
		{"one a day later", check, last(snapshots.Unchanged, noon.Add(-13*time.Hour)), snapshots.Unchanged, true},
		{"one that went wrong", check, last(snapshots.Unchanged, noon), snapshots.Unreachable, true},
		{"one that went wrong again", check, last(snapshots.Unreachable, noon), snapshots.Unreachable, false},
		{"one that went wrong otherwise", check, last(snapshots.Refused, noon), snapshots.Unreachable, true},
		{"one that is well again", check, last(snapshots.Refused, noon), snapshots.Unchanged, true},
	} {
		f := Findings{Groups: []*Finding{{Group: "service-names-port-numbers", Outcome: test.outcome, Check: snapshots.Check{Checked: noon}}}}
		for i := range test.changed {
			test.changed[i].Was = []byte(test.committed)
		}
		if got := f.WorthCommitting(test.changed); got != test.want {
			t.Errorf("%s: %t", test.name, got)
		}
	}
}

func TestConclude(t *testing.T) {
	confirmed := snapshots.Check{Confirmed: noon.Add(-72 * time.Hour)}
	gone := []history.Event{{Previous: "p", Changes: []diff.Change{{Kind: diff.Deassigned, Name: "a"}}}}
	for _, test := range []struct {
		name   string
		f      Finding
		failOn FailOn
		now    time.Time
		want   Level
	}{
		{"unchanged", Finding{Outcome: snapshots.Unchanged}, Removal, noon, Notice},
		{"changed", Finding{Outcome: snapshots.Changed, Events: gone}, Guard, noon, Notice},
		{"gone", Finding{Outcome: snapshots.Changed, Events: gone}, Removal, noon, Error},
		{"gone before", Finding{Outcome: snapshots.Changed, Events: append(gone, history.Event{Previous: "q"})}, Removal, noon, Error},
		{"gone before it was out of reach", Finding{Outcome: snapshots.Unreachable, Events: gone, Check: confirmed}, Removal, noon, Error},
		{"refused", Finding{Outcome: snapshots.Refused}, Guard, noon, Error},
		{"refused, removal", Finding{Outcome: snapshots.Refused}, Removal, noon, Error},
		{"refused, never", Finding{Outcome: snapshots.Refused}, Never, noon, Warning},
		{"out of reach", Finding{Outcome: snapshots.Unreachable, Check: confirmed}, Guard, noon, Warning},
		{"out of reach for long", Finding{Outcome: snapshots.Unreachable, Check: confirmed}, Never, noon.Add(time.Second), Error},
		{"never reached", Finding{Outcome: snapshots.Unreachable}, Never, noon, Error},
	} {
		if got := test.f.Conclude(Policy{test.failOn, 72 * time.Hour}, test.now); got.Level != test.want {
			t.Errorf("%s: %v", test.name, got)
		}
	}
}

// Thousands of changes fit into the summary, as many of them as do.
func TestSummaryIsCut(t *testing.T) {
	e := history.Event{Version: snapshots.Version{ID: "20260110T120000Z"}, Previous: "20260109T120000Z"}
	for i := range 20000 {
		e.Changes = append(e.Changes, diff.Change{Kind: diff.Assigned, Extension: &portrules.Place{}, Name: fmt.Sprintf("service-%d-%s", i, strings.Repeat("x", 40))})
	}
	f := one(&Finding{Outcome: snapshots.Changed, Events: []history.Event{e}, Newest: e.Version})
	got := Cut(f.Summary([]Conclusion{{Level: Notice}}), SummaryLimit, "There is more.")
	if len(got) > SummaryLimit || len(got) < SummaryLimit-100 || !strings.HasSuffix(got, "` is new\n\nThere is more.\n") {
		t.Errorf("%d bytes, ending in %q", len(got), got[max(0, len(got)-100):])
	}
}

// What an earlier run found and could not push is told with the rest.
func TestSeveralVersions(t *testing.T) {
	version := func(id, previous string, c diff.Change) history.Event {
		return history.Event{Version: snapshots.Version{ID: id, Records: 5}, Previous: previous, Changes: []diff.Change{c}}
	}
	found := Finding{Group: "service-names-port-numbers", Outcome: snapshots.Unreachable, Why: "no answer", Check: snapshots.Check{Confirmed: noon}, Events: []history.Event{
		version("20260109T120000Z", "20260108T120000Z", diff.Change{Kind: diff.Deassigned, Name: "old", Extension: &portrules.Place{}}),
		version("20260110T120000Z", "20260109T120000Z", diff.Change{Kind: diff.Assigned, Name: "new", Extension: &portrules.Place{}}),
	}}
	found.Newest = found.Events[1].Version
	f := one(&found)
	v := f.Conclude(Policy{Guard, time.Hour}, noon)
	if got, want := f.Message(), "service-names-port-numbers: new assigned; versions before it: 1\n"; got != want {
		t.Errorf("the message is %q, want %q", got, want)
	}
	outputs := make(map[string]string)
	list, err := f.Outputs("")
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range list {
		outputs[o.Name] = o.Value
	}
	for name, want := range map[string]string{"changed": "true", "outcome": "unreachable", "version": "20260110T120000Z", "previous": "20260108T120000Z", "deassigned": "1", "assigned": "1"} {
		if outputs[name] != want {
			t.Errorf("output %s is %q, want %q", name, outputs[name], want)
		}
	}
	summary := f.Summary(v)
	for _, want := range []string{"## the source is unreachable; the newest version is 20260110T120000Z\n\nno answer: ", "\n\n## 2026-01-10 12:00 UTC: ", "\n\n## 2026-01-09 12:00 UTC: "} {
		before, after, found := strings.Cut(summary, want)
		if !found {
			t.Errorf("%q is not where it should be in %q", want, f.Summary(v))
		}
		summary = before[len(before):] + after
	}
	annotations := f.Annotations(v)
	if got := fmt.Sprint(len(annotations[Warning]), len(annotations[Notice]), v[0].Level == Warning); got != "2 1 true" {
		t.Errorf("%s: %q", got, annotations)
	}
}

// Of several groups the worst is the outcome, and what each has is told under its name.
func TestSeveralGroups(t *testing.T) {
	event := func(previous string, c ...diff.Change) []history.Event {
		return []history.Event{{Version: snapshots.Version{ID: "20260110T120000Z", Records: 5}, Previous: previous, Changes: c}}
	}
	newest := snapshots.Version{ID: "20260110T120000Z", Records: 5}
	cose := &Finding{Group: "cose", Title: "CBOR Object *Signing*", Outcome: snapshots.Changed, Newest: newest, Events: event("20260109T120000Z",
		diff.Change{
			Kind: diff.Deprecated, Registry: "cose/algorithms", Title: "Algorithms", Name: "a", Key: []registry.Cell{{Key: "value", Text: "1"}},
			Removed: make([]registry.Record, 1), Added: make([]registry.Record, 1),
		})}
	jwt := &Finding{Group: "jwt", Outcome: snapshots.Refused, Why: "refused it", Fix: "look at it", Newest: newest}
	tls := &Finding{Group: "tls-parameters", Title: "TLS", Outcome: snapshots.Changed, Newest: newest, Events: event("20260109T120000Z",
		diff.Change{Kind: diff.Deassigned, Registry: "tls-parameters/x", Title: "Ciphers", Name: "b"})}
	well := &Finding{Group: "uri-schemes", Outcome: snapshots.Unchanged, Newest: newest}
	away := &Finding{Group: "ipfix", Outcome: snapshots.Unreachable, Why: "no answer", Check: snapshots.Check{Confirmed: noon}}
	for _, test := range []struct {
		name     string
		groups   []*Finding
		failOn   FailOn
		about    snapshots.Outcome
		headline string
		message  string
	}{
		{"nothing new", []*Finding{well}, Guard, "", "9 registry groups: 1 unchanged, 8 not due", ""},
		{"one changed", []*Finding{well, cose}, Guard, "", "cose: a deprecated", "cose: a deprecated\n"},
		{
			"two changed",
			[]*Finding{cose, tls},
			Guard, "", "changes in 2 registry groups: cose, tls-parameters",
			"changes in 2 registry groups: cose, tls-parameters\n\ncose: a deprecated\ntls-parameters: b deassigned\n",
		},
		{"one removed", []*Finding{cose, tls}, Removal, snapshots.Changed, "changes in 2 registry groups: cose, tls-parameters", ""},
		{"one refused", []*Finding{tls, away, jwt}, Removal, snapshots.Refused, "tls-parameters: b deassigned", ""},
		{"one refused, never", []*Finding{well, away, jwt}, Never, "", "9 registry groups: 1 unchanged, 1 unreachable, 1 refused, 6 not due", ""},
	} {
		f := Findings{Groups: test.groups, Wanted: 9}
		c := worst(f.Conclude(Policy{test.failOn, time.Hour}, noon))
		if fails := test.about != ""; (c.Level == Error) != fails || fails && c.About != test.about {
			t.Errorf("%s: %+v", test.name, c)
		}
		if got := f.Headline(); got != test.headline {
			t.Errorf("%s: %q", test.name, got)
		}
		if got := f.Message(); test.message != "" && got != test.message {
			t.Errorf("%s: %q", test.name, got)
		}
	}
	f := Findings{Groups: []*Finding{cose, jwt, tls, well}, Wanted: 4}
	const summary = "## 4 registry groups: 1 unchanged, 2 changed, 1 refused\n\n" +
		"## jwt: what the source serves was refused; the newest version is 20260110T120000Z\n\njwt: refused it: look at it.\n\n" +
		"## 2026-01-10 12:00 UTC, CBOR Object \\*Signing\\*: 1 deprecated\n\nVersion `20260110T120000Z`, after `20260109T120000Z`: 5 records.\n\n### Deprecated\n\n- Algorithms: `a` (1) is now listed otherwise\n\n" +
		"## 2026-01-10 12:00 UTC, TLS: 1 deassigned\n\nVersion `20260110T120000Z`, after `20260109T120000Z`: 5 records.\n\n### No longer assigned\n\n- Ciphers: `b` is no longer assigned\n"
	if d := cmp.Diff(summary, f.Summary(f.Conclude(Policy{Guard, time.Hour}, noon))); d != "" {
		t.Errorf("summary (-want +got):\n%s", d)
	}
	list, err := f.Outputs("")
	if err != nil {
		t.Fatal(err)
	}
	outputs := make(map[string]string)
	for _, o := range list {
		outputs[o.Name] = o.Value
	}
	for name, want := range map[string]string{
		"changed": "true", "outcome": "refused", "version": "20260110T120000Z", "previous": "", "records": "20", "deprecated": "1", "deassigned": "1", "withdrawn": "0",
		"registries": `[{"group":"cose","outcome":"changed","version":"20260110T120000Z","previous":"20260109T120000Z","records":5,"summary":{"deprecated":1}},` +
			`{"group":"jwt","outcome":"refused","version":"20260110T120000Z","records":5,"summary":{}},` +
			`{"group":"tls-parameters","outcome":"changed","version":"20260110T120000Z","previous":"20260109T120000Z","records":5,"summary":{"deassigned":1}}]`,
	} {
		if outputs[name] != want {
			t.Errorf("output %s is %q, want %q", name, outputs[name], want)
		}
	}
}
