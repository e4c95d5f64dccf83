package render

import (
	"strings"
	"testing"
	"time"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/lookup"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

// notes sets the assignment notes of a record.
func notes(s string) func(*ports.Record) {
	return func(r *ports.Record) { r.AssignmentNotes = s }
}

// only is the one change from one record to another.
func only(t *testing.T, old, new ports.Record) *diff.Change {
	t.Helper()
	changes := portrules.Compare([]ports.Record{old}, []ports.Record{new})
	if len(changes) != 1 {
		t.Fatalf("%d changes from %v to %v", len(changes), old, new)
	}
	return &changes[0]
}

func TestSentencesHaveValues(t *testing.T) {
	long := strings.Repeat("word ", 60)
	at := func(set ...func(*ports.Record)) ports.Record { return rec("a", "7", "tcp", "A", set...) }
	for name, test := range map[string]struct {
		old, new ports.Record
		want     string
	}{
		"a reference that is replaced": {
			at(reference("[draft-ietf-a-19][RFC1]")), at(reference("[RFC1][RFC9110]")), "a on 7 (tcp): reference published, now RFC9110, was draft-ietf-a-19",
		},
		"references that are added": {at(reference("[RFC1]")), at(reference("[RFC1][RFC2][RFC3]")), "a on 7 (tcp): reference added: RFC2 and RFC3"},
		"a person among references": {at(reference("[Ann_Onymous]")), at(reference("[RFC2]")), "a on 7 (tcp): reference added: RFC2"},
		"people as references":      {at(reference("[Ann_Onymous]")), at(reference("[Bob_Ody_2]")), "a on 7 (tcp): reference changed"},
		"a mail address":            {at(), at(reference("[Bob Ody <bob&example.org> 30 June 2022]")), "a on 7 (tcp): reference changed"},
		"the end of a long text": {
			at(notes(long + "old end")), at(notes(long + "new end")), "a on 7 (tcp): assignment notes now “...word word word new end”, was “...word word word old end”",
		},
		"a note that goes": {at(notes("Gone.")), at(), "a on 7 (tcp): assignment notes removed: “Gone.”"},
		"an assignee without a modification date": {
			at(assignee("[Ann]"), contact("[Ann]")), at(assignee("[Example_Inc]"), contact("[Bob]")), "a on 7 (tcp): assignee and contact changed",
		},
		"an assignee with a modification date": {
			at(assignee("[Ann]"), contact("[Ann]")), at(assignee("[Example_Inc]"), contact("[Bob]"), modified("2018-03-28")), "a on 7 (tcp): assignee changed",
		},
		"another transport": {
			rec("a", "", "tcp", "A"), rec("a", "", "udp", "A"), "a (udp): transport now udp, was tcp",
		},
		"a report on a free port": {
			rec("", "7", "", "Unassigned"), rec("", "7", "", "Unassigned", unauthorized("Known")), "port 7: report of unauthorized use added: “Known”",
		},
		"ports that overlap": {rec("x11", "6000-6063", "tcp", "X"), rec("x11", "6000-6060", "tcp", "X"), "x11 (tcp) now holds 6000-6060, before 6000-6063"},
	} {
		if got := Sentence(only(t, test.old, test.new)); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, test.want)
		}
	}
}

func TestOwnDate(t *testing.T) {
	seen := time.Date(2018, 3, 28, 22, 56, 1, 0, time.UTC)
	old := func(set ...func(*ports.Record)) ports.Record { return rec("a", "7", "tcp", "A", set...) }
	for name, test := range map[string]struct {
		change *diff.Change
		seen   time.Time
		want   string
	}{
		"the day before":       {only(t, old(), old(reference("[RFC1]"), modified("2018-03-27"))), seen, ""},
		"the day after":        {only(t, old(), old(reference("[RFC1]"), modified("2018-03-29"))), seen, ""},
		"two days before":      {only(t, old(), old(reference("[RFC1]"), modified("2018-03-26"))), seen, " (modified 2018-03-26)"},
		"the month":            {only(t, old(), old(reference("[RFC1]"), modified("2018-03"))), seen, ""},
		"another month":        {only(t, old(), old(reference("[RFC1]"), modified("2018-02"))), seen, " (modified 2018-02)"},
		"a file":               {only(t, old(), old(reference("[RFC1]"), modified("2018-03-27"))), time.Time{}, " (modified 2018-03-27)"},
		"no new date":          {only(t, old(modified("2011-01-01")), old(reference("[RFC1]"), modified("2011-01-01"))), seen, ""},
		"the assignee changed": {only(t, old(assignee("[Ann]")), old(assignee("[Example_Inc]"), modified("2018-03-28"))), seen, " (modified 2018-03-28)"},
	} {
		if got := ownDate(test.change, test.seen); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
	assigned := portrules.Compare(nil, []ports.Record{old(registered("2017-01-01"))})
	if got := ownDate(&assigned[0], seen); got != " (registered 2017-01-01)" {
		t.Errorf("an assignment: %q", got)
	}
}

func TestBetween(t *testing.T) {
	for previous, want := range map[string]string{
		"":                 "",
		"20180321T225601Z": "",
		"20180321T225600Z": "between 2018-03-21 and 2018-03-28",
	} {
		e := history.Event{Version: snapshots.Version{ID: "20180328T225601Z"}, Previous: previous}
		if got := Between(&e); got != want {
			t.Errorf("after %q: %q, want %q", previous, got, want)
		}
	}
}

// TestStanding holds that a name whose port was given back is not said to be looked up by its name alone.
func TestStanding(t *testing.T) {
	plain, noted := table(rec("a", "", "tcp", "A")), table(rec("a", "", "tcp", "A", notes("De-Assigned on 2019-10-30")))
	given := lookup.OfService(plain, "a")
	given.Past = lookup.NewPast([]history.Event{
		event(26, 1, "", nil), event(27, 1, march(26), portrules.Compare([]ports.Record{rec("a", "7", "tcp", "A")}, plain.Records)),
	}, march(26), 2)
	for want, s := range map[string]*lookup.Service{
		"is a registered service name without a port: programs look it up by its name alone": lookup.OfService(plain, "a"),
		"is a registered service name without a port: its port was given back":               given,
	} {
		if got := Standing(s); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := Standing(lookup.OfService(noted, "a")); !strings.HasSuffix(got, ": its port was given back") {
		t.Errorf("with IANA's note: %q", got)
	}
}

func TestPortsNoLongerListed(t *testing.T) {
	c := portrules.Compare([]ports.Record{rec("", "9981", "", "Unassigned")}, nil)
	if len(c) != 1 {
		t.Fatalf("%d changes", len(c))
	}
	if got, want := Sentence(&c[0]), "port 9981: no longer listed, was Unassigned"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
