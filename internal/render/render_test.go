package render

import (
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ianasync/ianasync/internal/audit"
	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/lookup"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/registry/ports/portstest"
	"github.com/ianasync/ianasync/snapshots"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares text with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

var (
	rec, both, table                           = portstest.Rec, portstest.Both, portstest.Table
	assignee, contact, reference, unauthorized = portstest.Assignee, portstest.Contact, portstest.Reference, portstest.Unauthorized
	registered, modified                       = portstest.Registered, portstest.Modified
)

func document(old, new *ports.Table) *diff.Document {
	d := diff.NewDocument(ports.ServiceNames().ID,
		diff.Version{ID: "20180327T225601Z", Records: len(old.Records)}, diff.Version{ID: "20180328T225601Z", Records: len(new.Records)},
		portrules.Compare(old.Records, new.Records))
	return &d
}

// everything are two tables between which all happens that a sentence can say.
func everything() (old, new *ports.Table) {
	old = table(
		rec("", "24", "tcp", "any private mail system"), rec("", "25", "", "Unassigned"),
		both("ni-ftp", "47", "NI FTP"), rec("got-port", "", "tcp", "x"), rec("elsewhere", "50", "tcp", "x"), rec("spread", "51", "tcp", "x"),
		rec("", "225-241", "", "Reserved"), rec("", "300-310", "", "Reserved"), rec("", "320", "udp", "Unassigned"),
		both("osb-sd", "400", "Oracle", assignee("[Ann]"), contact("[Ann]"), modified("2001-01")),
		both("nut", "401", "Network UPS", assignee("[Ann]"), contact("[Ann]"), reference("[draft-a-01]"), unauthorized("yes")),
		both("sold", "402", "x", assignee("[Ann]")),
		rec("", "1301", "tcp", "Reserved"), both("ci3", "1302", "CI3"), rec("range", "1400-1410", "udp", "x"), rec("taken", "1500", "tcp", "x"),
		both("nvm-express", "4420", "NVM Express over Fabrics"), both("pando-pub", "7680", "Pando Media Public Distribution"),
		rec("", "4754-4783", "", "Unassigned"), both("https", "443", "http protocol over TLS", reference("[RFC2818]"), modified("2010-01")),
		rec("contacts", "5000", "tcp", "x", contact("[Ann]")), rec("dates", "5001", "tcp", "x", modified("2001-01")),
		rec("first", "5002", "tcp", "x"), rec("mazepseudo-game", "", "tcp", "Peer to peer"),
		rec("", "33436-33655", "", "Unassigned"), rec("", "600-610", "", "Unassigned"), both("quic-like", "601", "x", reference("[draft-ietf-quic-like-07]")),
	)
	new = table(
		rec("", "24", "tcp", "Reserved"), rec("", "25", "", "any private mail system"),
		rec("", "47", "tcp", "Reserved"), rec("", "47", "udp", "Reserved"), both("ni-ftp", "", "NI FTP"),
		rec("got-port", "49", "tcp", "x"), rec("elsewhere", "52", "tcp", "x"), rec("spread", "53", "tcp", "x"), rec("spread", "54", "tcp", "x"),
		rec("", "225-240", "", "Reserved"), rec("", "241", "", "Unassigned"), rec("", "300-310", "", "Unassigned"), rec("", "320", "udp", "Reserved"),
		both("osb-sd", "400", "Oracle", assignee("[Bob]"), contact("[Bob]"), modified("2002-02-02")),
		both("nut", "401", "Network UPS", assignee("[Bob]"), contact("[Bob]"), reference("[RFC9000]"), unauthorized("no"), modified("2002-02-02")),
		both("sold", "402", "x", assignee("[Bob]"), modified("2002-02-02")),
		rec("", "1301", "tcp", "Reserved", modified("2019-10-30")), rec("", "1302", "tcp", "Reserved"), rec("", "1302", "udp", "Reserved"),
		rec("", "1400-1410", "udp", "Unassigned"), rec("", "1500", "tcp", "any private mail system"),
		both("nvme", "4420", "NVM Express over Fabrics"), both("ms-do", "7680", "Microsoft Delivery Optimization Peer-to-Peer"),
		rec("", "4754-4773", "", "Unassigned"), rec("grcmp", "4774", "tcp", strings.Repeat("A long description. ", 20)), rec("", "4774", "udp", "Reserved"), rec("", "4775-4783", "", "Unassigned"),
		both("https", "443", "http protocol over TLS/SSL", reference("[RFC9110]"), modified("2023-01")),
		rec("contacts", "5000", "tcp", "x", contact("[Bob]")), rec("dates", "5001", "tcp", "x", modified("2002-02")),
		rec("first", "5002", "tcp", "x", assignee("[Ann]")),
		rec("", "33436-33655", "", "Unassigned", unauthorized("on ports 33436-33534")), rec("alpacadiscovery", "", "udp", ""),
		rec("", "600-604", "", "Unassigned"), rec("", "605-610", "", "Unassigned"), both("quic-like", "601", "x", reference("[RFC9000]")),
	)
	return old, new
}

func TestGoldens(t *testing.T) {
	d := document(everything())
	nothing := document(table(), table())
	boring := document(table(rec("a", "1", "tcp", "x"), rec("", "2-9", "", "Unassigned")), table(rec("a", "1", "tcp", "x", contact("[C]")), rec("", "2-4", "", "Unassigned"), rec("", "5-9", "", "Unassigned")))
	for _, test := range []struct {
		file  string
		write func(*strings.Builder) error
	}{
		{"diff.txt", func(b *strings.Builder) error { return Text(b, d, Options{}) }},
		{"diff-all.txt", func(b *strings.Builder) error { return Text(b, d, Options{All: true}) }},
		{"diff-color.txt", func(b *strings.Builder) error { return Text(b, d, Options{Color: true}) }},
		{"diff.md", func(b *strings.Builder) error { return Markdown(b, d, Options{}) }},
		{"diff-all.md", func(b *strings.Builder) error { return Markdown(b, d, Options{All: true}) }},
		{"nothing.txt", func(b *strings.Builder) error { return Text(b, nothing, Options{}) }},
		{"nothing.md", func(b *strings.Builder) error { return Markdown(b, nothing, Options{}) }},
		{"boring.txt", func(b *strings.Builder) error { return Text(b, boring, Options{}) }},
		{"boring.md", func(b *strings.Builder) error { return Markdown(b, boring, Options{}) }},
	} {
		var b strings.Builder
		if err := test.write(&b); err != nil {
			t.Errorf("%s: %v", test.file, err)
		}
		golden(t, test.file, b.String())
	}
}

// event is what a version of a day of March 2018 brought.
func event(dayOfMonth, records int, previous string, changes []diff.Change) history.Event {
	return history.Event{Version: snapshots.Version{ID: march(dayOfMonth), Records: records}, Previous: previous, Changes: changes}
}

func march(day int) string { return fmt.Sprintf("201803%02dT225601Z", day) }

// events is a history in which nothing happens, then everything, then a re-export,
// then bookkeeping, then a rollback and its end.
func events() []history.Event {
	boring := portrules.Compare([]ports.Record{rec("", "2-9", "", "Unassigned")}, []ports.Record{rec("", "2-4", "", "Unassigned"), rec("", "5-9", "", "Unassigned")})
	back, forth := event(30, 51, march(27), nil), event(31, 52, march(29), nil)
	back.Returned, forth.Returned = history.RolledBack, history.Restored
	return []history.Event{
		event(26, 51, "", nil),
		event(27, 52, march(26), document(everything()).Changes),
		event(28, 52, march(27), nil),
		event(29, 52, march(28), boring),
		back, forth,
	}
}

// changelog returns the CHANGELOG.md of a store with the events of one year.
func changelog(events []history.Event) []byte {
	sections := NewSections("", events)
	return Changelog(ports.ServiceNames(), nil, slices.Sorted(maps.Keys(sections)), sections)
}

func TestChangelog(t *testing.T) {
	golden(t, "CHANGELOG.md", string(changelog(events())))
	golden(t, "CHANGELOG-empty.md", string(changelog(nil)))
}

// Stores have changelogs of earlier years that were made by the present rules: where these give another text, ChangelogRules goes up.
func TestChangelogRules(t *testing.T) {
	const rules, sum = 1, "5317badd"
	digest := sha256.Sum256(changelog(events()))
	if got := hex.EncodeToString(digest[:4]); got != sum || ChangelogRules != rules {
		t.Errorf("the rules %d give a changelog with the sum %s; those of this test are %d, with %s: set ChangelogRules to a higher number where the wording has changed, and then this test", ChangelogRules, got, rules, sum)
	}
}

// CHANGELOG.md has the two newest years in which there are versions, whether or not anything changed in them, and links to the others.
func TestChangelogByYear(t *testing.T) {
	year := func(year int, previous string, changes []diff.Change) history.Event {
		return history.Event{Version: snapshots.Version{ID: fmt.Sprintf("%d0327T225601Z", year), Records: 52}, Previous: previous, Changes: changes}
	}
	some := document(everything()).Changes[:1]
	sections := NewSections("", []history.Event{year(2015, "", nil), year(2017, "x", some), year(2019, "x", some), year(2020, "x", nil)})
	earlier, newest := SplitYears(slices.Sorted(maps.Keys(sections)))
	log := string(Changelog(ports.ServiceNames(), earlier, newest, sections))
	if want := "\n## 2019-03-27 22:56 UTC"; strings.Count(log, "\n## ") != 1 || !strings.Contains(log, want) {
		t.Errorf("%s\nhas not the one section of %s", log, want)
	}
	if want := "\n\nEarlier years: [2017](changelog/2017.md), [2015](changelog/2015.md).\n"; !strings.HasSuffix(log, want) {
		t.Errorf("%s\ndoes not end with %q", log, want)
	}
	read, ok := ReadChangelog(ports.ServiceNames(), earlier, newest, []byte(log))
	if want := (Sections{"2019": sections["2019"], "2020": nil}); !ok || !cmp.Equal(want, read) {
		t.Errorf("reading it gives (-want +got): %s", cmp.Diff(want, read))
	}
	for name, other := range map[string]string{
		"another head":         strings.Replace(log, "Newest", "Oldest", 1),
		"another foot":         strings.Replace(log, "[2015]", "[2014]", 1),
		"more":                 log + "more\n",
		"a section of no year": strings.Replace(log, "Version `2019", "Version `2018", 1),
		"nothing":              "",
	} {
		if _, ok := ReadChangelog(ports.ServiceNames(), earlier, newest, []byte(other)); ok {
			t.Errorf("a changelog with %s can be read", name)
		}
	}
	of := string(ChangelogOf(ports.ServiceNames(), "2017", sections["2017"]))
	if !strings.HasPrefix(of, "# Changes of 2017 in IANA's Service Name") || strings.Count(of, "\n## ") != 1 || !strings.Contains(of, "\n## 2017-03-27 22:56 UTC") {
		t.Errorf("the changelog of 2017 is\n%s", of)
	}
}

// lookups is a table with a port of each sort.
func lookups() *ports.Table {
	whole := []func(*ports.Record){assignee("[Ann]"), contact("[Ann]"), registered("2002-07"), modified("2003-04-05"), reference("[RFC1]")}
	return table(
		rec("", "0", "tcp", "Reserved"), rec("", "0", "udp", "Reserved"),
		rec("", "24", "tcp", "any private mail system"),
		both("http", "80", "World Wide Web HTTP", append(whole, unauthorized("everywhere"))...), both("www", "80", "World Wide Web HTTP"), rec("http", "80", "sctp", "HTTP", whole...),
		rec("", "81", "", "Unassigned"), rec("", "2394-2396", "", "Unassigned"),
		both("ncl", "2397", "NCL", assignee("[Robert_Wiebe]")), rec("fmtp", "2399", "tcp", ""), rec("", "2399", "udp", "Reserved"),
		rec("", "2400-2410", "", "Unassigned"), both("x11", "6000-6063", "X Window System"),
		rec("dns-sd", "", "", "DNS-Based Service Discovery"),
	)
}

func TestLookups(t *testing.T) {
	tab := lookups()
	for file, port := range map[string]uint16{
		"port-0.txt": 0, "port-24.txt": 24, "port-80.txt": 80, "port-2395.txt": 2395, "port-2397.txt": 2397,
		"port-2399.txt": 2399, "port-5000.txt": 5000, "port-6010.txt": 6010, "port-60000.txt": 60000,
	} {
		var b strings.Builder
		if err := Port(&b, lookup.Survey(tab).OfPort(port), Options{}); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		golden(t, file, b.String())
	}
	for file, write := range map[string]func(*strings.Builder) error{
		"port-80-udp.txt":   func(b *strings.Builder) error { return Port(b, lookup.Survey(tab).OfPort(80, ports.UDP), Options{}) },
		"port-80-color.txt": func(b *strings.Builder) error { return Port(b, lookup.Survey(tab).OfPort(80), Options{Color: true}) },
		"service.txt":       func(b *strings.Builder) error { return Service(b, lookup.OfService(tab, "HTTP"), Options{}) },
		"service-color.txt": func(b *strings.Builder) error { return Service(b, lookup.OfService(tab, "ncl"), Options{Color: true}) },
		"service-none.txt":  func(b *strings.Builder) error { return Service(b, lookup.OfService(tab, "dns-sd"), Options{}) },
	} {
		var b strings.Builder
		if err := write(&b); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		golden(t, file, b.String())
	}
}

func TestUnknownColumnsAreShown(t *testing.T) {
	header := strings.TrimSuffix(string(table().CSV()), "\n")
	tab, err := ports.Parse([]byte(header + ",Mo\x1bod\nncl,2397,tcp,NCL,,,,,,,,,g\x1blad\nncl,2397,udp,NCL,,,,,,,,,sad\n"))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := Port(&b, lookup.Survey(tab).OfPort(2397), Options{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`Mo\x1bod`, `g\x1blad`, "sad", "2397/tcp ", "2397/udp "} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing:\n%s", want, b.String())
		}
	}
}

func TestNobodyIsNamed(t *testing.T) {
	tags := []string{"", "[Ann_Onymous]", "[Bob_Ody]", "[Ann_Onymous_2]"}
	people := []string{"Ann", "Bob", "Onymous", "Ody"}
	rapid.Check(t, func(t *rapid.T) {
		some := rapid.Custom(func(t *rapid.T) ports.Record {
			pick := func(values ...string) string { return rapid.SampledFrom(values).Draw(t, "value") }
			return rec(pick("", "a", "b"), pick("", "1", "2", "1-3"), pick("", "tcp", "udp"), pick("", "Unassigned", "Reserved", "one", "two"),
				assignee(pick(tags...)), contact(pick(tags...)))
		})
		old, new := table(rapid.SliceOf(some).Draw(t, "old")), table(rapid.SliceOf(some).Draw(t, "new"))
		changes := portrules.Compare(old.Records, new.Records)
		all := string(changelog([]history.Event{event(1, 1, "", nil), event(2, 1, march(1), changes)}))
		for i := range changes {
			all += markup{code: text.Visible, text: text.Visible}.sentence(&changes[i]) + inMarkdown.sentence(&changes[i])
		}
		for _, person := range people {
			if strings.Contains(all, person) {
				t.Errorf("%s is named in:\n%s", person, all)
			}
		}
	})
}

// TestFindings has what an audit says of an entry whose port, or whose service, has come further since.
func TestFindings(t *testing.T) {
	seen := func(day int, previous string, old, new *ports.Table) history.Event {
		return event(day, 1, previous, portrules.Compare(old.Records, new.Records))
	}
	had, renamed := table(rec("a", "4", "tcp", "D")), table(rec("b", "4", "tcp", "D", modified("2018-03")))
	reserved := table(rec("", "4", "tcp", "Reserved"))
	gone, got := seen(2, march(1), had, reserved), seen(20, march(10), reserved, renamed)
	left, lost := seen(2, march(1), had, table(rec("a", "", "tcp", "D"))), seen(3, march(2), table(rec("a", "", "tcp", "D")), table())
	undone := seen(3, march(2), reserved, had)
	undone.Returned = history.RolledBack
	for _, test := range []struct {
		f    audit.Finding
		want string
	}{
		{audit.Finding{Event: &gone, Status: ports.Reserved}, "a on 4 (tcp) is no longer assigned; the port is now Reserved (2018-03-02)"},
		{audit.Finding{Event: &gone, Status: ports.Unassigned}, "a on 4 (tcp) is no longer assigned; the port was Reserved then, and is now Unassigned (2018-03-02)"},
		{
			audit.Finding{Event: &gone, Later: []history.Event{got}, Now: []string{"b"}, Status: ports.Assigned},
			"a on 4 (tcp) is no longer assigned; the port was Reserved then (2018-03-02); port 4 is now assigned to b (between 2018-03-10 and 2018-03-20; modified 2018-03)",
		},
		{audit.Finding{Event: &gone, Now: []string{"c", "d"}, Status: ports.Assigned}, "a on 4 (tcp) is no longer assigned; the port was Reserved then (2018-03-02); the registry has c and d there"},
		{audit.Finding{Event: &left}, "a on 4 (tcp): its port was given back; the name stays registered without a port (2018-03-02)"},
		{audit.Finding{Event: &left, Later: []history.Event{lost}}, "a on 4 (tcp): its port was given back; the name stays registered without a port (2018-03-02); a (tcp) is no longer assigned; it had no port (2018-03-03)"},
		{audit.Finding{Event: &undone}, "a on 4 (tcp) was new, which was rolled back (2018-03-03)"},
		{audit.Finding{Kind: audit.Lacking, Event: &got, Now: []string{"b"}}, "b on 4 (tcp) is new: D (between 2018-03-10 and 2018-03-20; modified 2018-03)"},
		{audit.Finding{Kind: audit.Conflict, Now: []string{"c"}}, "the registry has c there"},
	} {
		test.f.Name, test.f.Ports, test.f.Transport = "a", ports.PortRange(4, 4), ports.TCP
		if diff := cmp.Diff("a 4/tcp: "+test.want, markup{code: text.Visible, text: text.Visible}.finding(&test.f)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

func TestCounts(t *testing.T) {
	old, new := everything()
	for want, changes := range map[string][]diff.Change{
		"no changes": nil,
		"6 deassigned, 1 reused, 1 renamed, 3 transferred, 2 moved, 4 assigned, 1 published, 2 unreserved, 1 reserved, 6 updated, 1 recut": portrules.Compare(old.Records, new.Records),
	} {
		if got := Counts(changes); got != want {
			t.Errorf("Counts() = %q, want %q", got, want)
		}
	}
}

// A past in which only contacts changed lists that, and is not unchanged.
func TestPastOfContacts(t *testing.T) {
	before, after := table(rec("a", "7", "tcp", "A", contact("[X]"))), table(rec("a", "7", "tcp", "A", contact("[Y]")))
	for _, test := range []struct {
		name      string
		events    []history.Event
		want, not string
	}{
		{"one version", []history.Event{event(26, 1, "", nil)}, "Our history has one version so far, of 2018-03-26.", "alone"},
		{"nothing", []history.Event{event(26, 1, "", nil), event(27, 1, march(26), nil)}, "Unchanged since our history begins, 2018-03-26, in all 2 versions.", "alone"},
		{"a contact", []history.Event{event(26, 1, "", nil), event(27, 1, march(26), document(before, after).Changes)}, "2018-03-27  a on 7 (tcp): contact changed\n", "Unchanged"},
	} {
		p := lookup.Survey(after).OfPort(7)
		p.Past = lookup.NewPast(test.events, march(26), len(test.events))
		var b strings.Builder
		if err := Port(&b, p, Options{}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), test.want) || strings.Contains(b.String(), test.not) {
			t.Errorf("%s: want %q and not %q:\n%s", test.name, test.want, test.not, b.String())
		}
	}
}
