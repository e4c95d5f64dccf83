package render

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/lookup"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

func TestLinks(t *testing.T) {
	l := Links{
		Service: func(name string) string {
			if name == "plain" {
				return ""
			}
			return "service/" + name
		},
		Ports: func(numbers string) string { return "port/" + numbers },
	}
	old := table(rec("a<b", "1", "tcp", "One"), rec("x", "2", "tcp", "<i>"), rec("move", "3", "tcp", ""))
	now := table(rec("y", "1", "tcp", "One"), rec("plain", "2", "tcp", "</i>"), rec("move", "4", "tcp", ""))
	e := history.Event{Version: snapshots.Version{ID: "20200102T000000Z"}, Previous: "20200101T000000Z", Changes: portrules.Compare(old.Records, now.Records)}
	want := []string{
		`<code>plain</code> stands on <a href="port/2">2</a> (tcp) in place of <a href="service/x">x</a> (“&lt;i&gt;”): &lt;/i&gt;`,
		`<a href="service/a&lt;b">a&lt;b</a> on <a href="port/1">1</a> (tcp) is now named <a href="service/y">y</a>`,
		`<a href="service/move">move</a> moved from <a href="port/3">3</a> (tcp) to <a href="port/4">4</a>`,
	}
	if diff := cmp.Diff(want, HTMLSentences(&e, l)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, sentence := range want {
		if got := HTMLLinked(&e, l); !strings.Contains(got, "<li>"+sentence+"</li>") {
			t.Errorf("the list has no %s:\n%s", sentence, got)
		}
	}
	if got := HTML(&e); strings.Contains(got, "<a ") {
		t.Errorf("there are links:\n%s", got)
	}
	e.Changes, e.Returned = nil, history.RolledBack
	if diff := cmp.Diff([]string{"rolled back to the content of <code>20200101T000000Z</code>; the changes since then are undone"}, HTMLSentences(&e, l)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRows(t *testing.T) {
	tab := table(rec("ncl", "2397", "tcp", "\u202eNCL", assignee("[A]")), rec("ncl", "2397", "udp", "\u202eNCL", assignee("[A]")), rec("", "2397", "sctp", "Reserved"))
	rows := Rows(lookup.Survey(tab).OfPort(2397).Records)
	for i := range rows {
		rows[i].Record = ports.Record{}
	}
	want := []Row{
		{
			Name: "ncl", At: "2397/tcp,udp", Description: `\u202eNCL`, Lines: []Line{{"assignee", "[A]"}},
			NotRecorded: "Not recorded: contact, registration date, modification date, reference",
		},
		{Name: "Reserved", At: "2397/sctp"},
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestAlike holds that what happened alike to several records of a registry is one sentence, and that no two registries share one.
func TestAlike(t *testing.T) {
	published := func(id, key, name, now string) diff.Change {
		return diff.Change{
			Kind: diff.Published, Registry: id, Key: []registry.Cell{{Key: "value", Text: key}}, Name: name,
			Fields: []diff.Field{{Key: "reference", Old: "[draft-a]", New: now}},
		}
	}
	e := history.Event{Previous: "20200101T000000Z", Changes: []diff.Change{
		published("g/suites", "1", "a<", "[RFC9999]"), published("g/suites", "2", "b", "[RFC9998]"), published("g/alerts", "3", "c", "[RFC9999]"),
		published("g/suites", "4", "d", "[RFC9999]"), published("g/suites", "5", "e", "[RFC9999]"),
		{Kind: diff.Assigned, Registry: "g/suites", Key: []registry.Cell{{Key: "value", Text: "6"}}, Name: "f"},
		{Kind: diff.Assigned, Registry: "g/suites", Key: []registry.Cell{{Key: "value", Text: "7"}}, Name: "g"},
	}}
	l := Links{Registry: func(id string) (string, string) { return id, "" }}
	want := []Highlight{
		{"g/suites: <code>f</code> (6) is new", 1},
		{"g/suites: <code>g</code> (7) is new", 1},
		{"g/suites: reference published, now RFC9999, was draft-a, in 3 records: <code>a&lt;</code> (1), <code>d</code> (4) and 1 more", 3},
		{"g/suites: <code>b</code> (2): reference published, now RFC9998, was draft-a", 1},
		{"g/alerts: <code>c</code> (3): reference published, now RFC9999, was draft-a", 1},
	}
	if diff := cmp.Diff(want, HTMLHighlights(&e, l, 2)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if all := HTMLSentences(&e, l); len(all) != len(want) || !strings.HasSuffix(all[2], "<code>a&lt;</code> (1), <code>d</code> (4), <code>e</code> (5)") {
		t.Errorf("without a limit: %q", all)
	}
}
