package portrules

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/registry/ports/portstest"
)

var unauthorized = portstest.Unauthorized

// TestTransferred holds the rule of parties. Most cases are IANA's, with the day on which they were seen.
func TestTransferred(t *testing.T) {
	moved := func(a string) []func(*ports.Record) { // with a new modification date
		return []func(*ports.Record){assignee(a), modified("2020-01-02")}
	}
	for _, test := range []struct {
		name     string
		old, new []func(*ports.Record)
		want     string // the kind, and whether it is minor
	}{
		{"smtp, 2017-06-05", []func(*ports.Record){assignee("[Jon_Postel]"), contact("[Jon_Postel]")}, append(moved("[IESG]"), contact("[IETF_Chair]")), "transferred"},
		{"acnet, 2017-07-14", []func(*ports.Record){assignee("[Rich_Neswold]")}, moved("[Fermilab]"), "transferred"},
		{
			"strexec-d, 2016-03-23, has no date, but another contact than the assignee",
			[]func(*ports.Record){assignee("[Anthony_Johnson]"), contact("[Anthony_Johnson]")},
			[]func(*ports.Record){assignee("[Storix_Inc]"), contact("[David_Huffman]")},
			"transferred",
		},
		{
			"http-wmap, 2016-06-28, has no date, and its contact follows the assignee",
			[]func(*ports.Record){assignee("[Fred_Batty]"), contact("[Fred_Batty]")},
			[]func(*ports.Record){assignee("[Chris_Newman]"), contact("[Chris_Newman]")},
			"updated minor",
		},
		{"cnap, 2016-04-14, has neither", []func(*ports.Record){assignee("[Scott_Halberg]")}, []func(*ports.Record){assignee("[Frontrow_Calypso_LLC]")}, "updated minor"},
		{
			"puppet, 2016-04-12: the longer goes on at a word border",
			[]func(*ports.Record){assignee("[Puppet_Labs]"), contact("[Zach_Leslie]")},
			append(moved("[Puppet]"), contact("[Charles_Dunbar]")), "updated minor",
		},
		{"at a word border after four letters", []func(*ports.Record){assignee("[Bell]")}, moved("[Bell_Labs]"), "transferred"},
		{"it goes on by three letters", []func(*ports.Record){assignee("[Albre]")}, moved("[Albrecht]"), "updated minor"},
		{"by four", []func(*ports.Record){assignee("[Albre]")}, moved("[Albrechts]"), "transferred"},
		{"one letter of eight", []func(*ports.Record){assignee("[Maeckalx]")}, moved("[Maeckelx]"), "updated minor"},
		{"one letter of seven", []func(*ports.Record){assignee("[Maeckal]")}, moved("[Maeckel]"), "transferred"},
		{"two letters of fourteen", []func(*ports.Record){assignee("[Honwywell_Group]")}, moved("[Honeywell_Group]"), "updated minor"},
		{"two letters of thirteen", []func(*ports.Record){assignee("[Vladimir_Bicko]")}, moved("[Vladimyr_Bycko]"), "transferred"},
		{"three letters of sixteen", []func(*ports.Record){assignee("[Vladimir_Bickovsk]")}, moved("[Vladymyr_Byckovsk]"), "transferred"},
		{"a party stays among others", []func(*ports.Record){assignee("[Wayne_Morrow][Michael_Melio]")}, moved("[wayne-morrow_2] [Ann]"), "updated minor"},
		{"a tag with another suffix", []func(*ports.Record){assignee("[NetApp]")}, moved("[NetApp_3]"), "updated minor"},
		{"text without brackets", []func(*ports.Record){assignee("Ann Example")}, moved("[Ann_Example_2]"), "updated minor"},
		{"nobody before", nil, moved("[Ann]"), "updated minor"},
		{"[None] is nobody", []func(*ports.Record){assignee("[None]")}, moved("[Tobias_Sturm]"), "updated minor"},
		{"nobody after", []func(*ports.Record){assignee("[Ann]")}, moved("[None]"), "updated minor"},
		{
			"and what it is about changed",
			[]func(*ports.Record){assignee("[Fred_Batty]"), notes("a")},
			[]func(*ports.Record){assignee("[Chris_Newman]"), notes("something else")},
			"updated",
		},
	} {
		got := kindsOf(table(rec("a", "1", "tcp", "x", test.old...)), table(rec("a", "1", "tcp", "x", test.new...)))
		if got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
	// the date may be that of another transport
	old := table(both("a", "1", "x", assignee("[Ann]")))
	new := table(rec("a", "1", "tcp", "x", assignee("[Bob]")), rec("a", "1", "udp", "x", assignee("[Bob]"), modified("2020-01-02")))
	if got := kindsOf(old, new); got != "transferred" {
		t.Errorf("dated on udp alone: %s", got)
	}
}

// kindsOf returns the kinds of the changes between two tables.
func kindsOf(old, new *ports.Table) string {
	var kinds []string
	for _, c := range Compare(old.Records, new.Records) {
		kind := string(c.Kind)
		if c.Minor {
			kind += " minor"
		}
		kinds = append(kinds, kind)
	}
	return strings.Join(kinds, ", ")
}

func TestPublished(t *testing.T) {
	for _, test := range []struct{ name, old, new, assignees, want string }{
		{"an RFC to be, 2016-02-02", "[RFC-ietf-mpls-self-ping-06]", "[RFC7746]", "", "published"},
		{"a draft", "[draft-ietf-quic-transport]", "[RFC9000]", "", "published"},
		{"in any case, with a section", "[Draft-a]", "[rfc9000, Section 2]", "", "published"},
		{"one of two, 2017-03-03", "[RFC7858][RFC-ietf-dprive-dnsodtls-15]", "[RFC7858][RFC8094]", "", "published"},
		{"approval, 2016-03-30", "[draft-ietf-dprive-dns-over-tls]", "[RFC-ietf-dprive-dns-over-tls-09]", "", "updated"},
		{"superseded, 2021", "[RFC7230]", "[RFC9110]", "", "updated"},
		{"a first reference", "", "[RFC9110]", "", "updated"},
		{"the draft stays", "[draft-a]", "[draft-a][RFC1]", "", "updated"},
		{"no number", "[draft-a]", "[RFC]", "", "updated"},
		{"a word that begins so", "[draft-a]", "[RFC1a]", "", "updated"},
		{"to an institution", "[draft-a]", "[RFC1]", "[Ann] [IESG]", "published"},
		{"to an institution and another", "[draft-a]", "[RFC1]", "[Ann] [IETF_Chair][Bob]", "transferred"},
		{"to somebody else", "[draft-a]", "[RFC1]", "[Ann] [Bob]", "transferred"},
	} {
		before, after, _ := strings.Cut(test.assignees, " ")
		old := table(rec("a", "1", "tcp", "x", reference(test.old), assignee(before)))
		new := table(rec("a", "1", "tcp", "x", reference(test.new), assignee(after), modified("2020-01-02")))
		if got := kindsOf(old, new); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

// TestAkin holds when two names of a cell are one service.
func TestAkin(t *testing.T) {
	type set = []func(*ports.Record)
	for _, test := range []struct {
		name     string
		old, new ports.Record
		want     diff.Kind
	}{
		{"nvme, 2018-03-28", rec("nvm-express", "4420", "tcp", "NVM Express over Fabrics"), rec("nvme", "4420", "tcp", "NVM Express over Fabrics"), diff.Renamed},
		{
			"trueconf, 2017-05-13: most words of the description, and no date; the names begin otherwise",
			rec("visicron-vs", "4307", "tcp", "Visicron Videoconference Service"), rec("trueconf", "4307", "tcp", "TrueConf Videoconference Service"), diff.Reused,
		},
		{
			"with a date in both",
			rec("visicron-vs", "4307", "tcp", "Visicron Videoconference Service", registered("2003-11")),
			rec("trueconf", "4307", "tcp", "TrueConf Videoconference Service", registered("2003-11")), diff.Renamed,
		},
		{
			"with another date",
			rec("visicron-vs", "4307", "tcp", "Visicron Videoconference Service", registered("2003-11")),
			rec("trueconf", "4307", "tcp", "TrueConf Videoconference Service", registered("2017-05")), diff.Reused,
		},
		{
			"dataprotector, 2019-09-30",
			rec("hp-dataprotect", "3612", "tcp", "HP Data Protector", registered("2003-01")),
			rec("dataprotector", "3612", "tcp", "Micro Focus Data Protector", registered("2003-01")), diff.Renamed,
		},
		{"names that begin alike", rec("geognosisman", "4325", "tcp", "GeognoSIS Manager Service"), rec("geognosisadmin", "4325", "tcp", "GeognoSIS Manager"), diff.Renamed},
		{"half of the words", rec("abcde1", "1", "tcp", "one two"), rec("abcde2", "1", "tcp", "one three"), diff.Reused},
		{"no words", rec("abcde1", "1", "tcp", ""), rec("abcde2", "1", "tcp", ""), diff.Reused},
		{
			"xplat-replicate, 2017-08-25: the assignee stayed",
			rec("csd-mgmt-port", "3071", "tcp", "ContinuStor Manager Port", set{assignee("[NetApp]")}...),
			rec("xplat-replicate", "3071", "tcp", "Crossplatform replication protocol", set{assignee("[NetApp_3]")}...), diff.Renamed,
		},
		{"the contact stayed", rec("a", "1", "tcp", "x", contact("[A][B]")), rec("b", "1", "tcp", "y", contact("[B_2]")), diff.Renamed},
		{"the contact became the assignee", rec("a", "1", "tcp", "x", contact("[B]")), rec("b", "1", "tcp", "y", assignee("[B]")), diff.Reused},
		{
			"owamp-test, 2018-12-20: institutions are nobody's kin",
			rec("owamp-control", "861", "udp", "OWAMP-Control", assignee("[IESG]"), contact("[IETF_Chair]")),
			rec("owamp-test", "861", "udp", "Test of OWAMP", assignee("[IESG]"), contact("[IETF_Chair]"), registered("2018-12-20")), diff.Reused,
		},
		{
			"ms-do, 2022",
			rec("pando-pub", "7680", "tcp", "Pando Media Public Distribution", assignee("[Laird_Popkin]"), registered("2008-02-27")),
			rec("ms-do", "7680", "tcp", "Microsoft Delivery Optimization Peer-to-Peer", assignee("[Microsoft_Corporation_6]"), registered("2008-02-27")), diff.Reused,
		},
	} {
		if got := kindsOf(table(test.old), table(test.new)); got != string(test.want) {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

func TestMinor(t *testing.T) {
	base := []func(*ports.Record){
		assignee("[A]"), contact("[C]"), modified("2006-01"), registered("2005"), reference("[RFC1][RFC2_3]"), notes("Defined TXT keys: none"), unauthorized("yes"),
	}
	for _, test := range []struct {
		name string
		set  func(*ports.Record)
		want string
	}{
		{"contact", contact("[B]"), "updated minor"},
		{"modification date", modified("2007-01"), "updated minor"},
		{"registration date", registered("2001"), "updated minor"},
		{"assignee without a sign", assignee("[B]"), "updated minor"},
		{"order of tags and suffixes", reference("[RFC2] [rfc1]"), "updated minor"},
		{"another RFC", reference("[RFC1][RFC3]"), "updated"},
		{"an RFC more", reference("[RFC1][RFC2_3][RFC3]"), "updated"},
		{"letter case, est", notes("Defined TXT keys: None"), "updated minor"},
		{"two letters, array-manager, 2018-12-19", portstest.Description("Xyartex Array Manager over tcp"), "updated minor"},
		{"two letters of a word of three", portstest.Description("Xyratex Array Manager over udp"), "updated"},
		{"two words", portstest.Description("Xyartex Array Manages over tcp"), "updated"},
		{"a digit", notes("Defined TXT keys: n0ne"), "updated"},
		{"a word more", portstest.Description("The Xyratex Array Manager over tcp"), "updated"},
		{"three letters", portstest.Description("Xabctex Array Manager over tcp"), "updated"},
		{"a note gone", notes(""), "updated"},
		{"a report gone", unauthorized(""), "updated"},
		{"a service code", func(r *ports.Record) { r.ServiceCode = "1" }, "updated"},
		{"another transport", func(r *ports.Record) { r.Transport = ports.UDP }, "updated"},
		{"another port", func(r *ports.Record) { r.Ports = ports.PortRange(2, 2) }, "moved"},
	} {
		const description = "Xyratex Array Manager over tcp"
		old := rec("a", "1", "tcp", description, base...)
		new := rec("a", "1", "tcp", description, append(base, test.set)...)
		if got := kindsOf(table(old), table(new)); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

// TestUnnamed holds what becomes of rows without a name, port by port.
func TestUnnamed(t *testing.T) {
	free := func(numbers string, set ...func(*ports.Record)) ports.Record {
		return rec("", numbers, "", "Unassigned", set...)
	}
	use := func(numbers string) ports.Record { return free(numbers, unauthorized("Unauthorized Use Known")) }
	for _, test := range []struct {
		name     string
		old, new *ports.Table
		want     []string
	}{
		{
			"a report went from 22 ports around nrpe", // 2017-09-08
			table(use("5647-5669")), table(free("5647-5665"), rec("nrpe", "5666", "tcp", "x"), reserved("5666", "udp"), free("5667-5669")),
			[]string{
				"updated 5647-5665: unauthorized_use_reported - Unassigned 5647-5669 + Unassigned 5647-5665",
				"assigned nrpe 5666 [tcp] + nrpe 5666/tcp + Reserved 5666/udp",
				"updated 5667-5669: unauthorized_use_reported + Unassigned 5667-5669",
			},
		},
		{
			"a report came to a port of a range", // 24727 in 2023
			table(free("24681-24753")), table(free("24681-24726"), use("24727"), free("24728-24753")),
			[]string{"updated 24727: unauthorized_use_reported - Unassigned 24681-24753 + Unassigned 24681-24726 + Unassigned 24727 + Unassigned 24728-24753"},
		},
		{
			"a note came to ports that stay Reserved", // 2019-11-01
			table(reserved("1301", "tcp"), reserved("1302", "tcp")),
			table(rec("", "1301", "tcp", "Reserved", notes("De-Assigned on 2019-10-30")), rec("", "1302", "tcp", "Reserved", notes("De-Assigned on 2019-10-30"))),
			[]string{"updated 1301-1302 [tcp]: assignment_notes - Reserved 1301/tcp - Reserved 1302/tcp + Reserved 1301/tcp + Reserved 1302/tcp"},
		},
		{
			"letter case says nothing else",
			table(free("5", notes("Removed"))), table(rec("", "5", "", "unassigned", notes("removed"))),
			[]string{"recut 5 - Unassigned 5 + unassigned 5"},
		},
		{
			"one range cut by two assignments: the first removes it, a piece goes to the one before it",
			table(free("1-30")), table(free("1-9"), rec("a", "10", "tcp", ""), free("11-19"), rec("b", "20", "tcp", ""), free("21-30")),
			[]string{
				"assigned a 10 [tcp] - Unassigned 1-30 + Unassigned 1-9 + a 10/tcp + Unassigned 11-19",
				"assigned b 20 [tcp] + b 20/tcp + Unassigned 21-30",
			},
		},
		{
			"ranges that a service left become one",
			table(free("1-9"), rec("a", "10", "tcp", ""), free("11-19")), table(free("1-19")),
			[]string{"deassigned a 10 [tcp] - Unassigned 1-9 - a 10/tcp - Unassigned 11-19 + Unassigned 1-19"},
		},
		{
			"an update of a service explains no row beside it",
			table(rec("a", "7", "tcp", "", reference("[A]")), reserved("7", "udp")), table(rec("a", "7", "tcp", "", reference("[B]")), free("7")),
			[]string{
				"unreserved 7 [udp] - Reserved 7/udp + Unassigned 7",
				"updated a 7 [tcp]: reference - a 7/tcp + a 7/tcp",
			},
		},
		{
			"another transport explains its Reserved twin",
			table(rec("a", "7", "tcp", ""), reserved("7", "udp")), table(rec("a", "7", "udp", ""), reserved("7", "tcp")),
			[]string{"updated a 7 [udp]: transport_protocol - a 7/tcp - Reserved 7/udp + Reserved 7/tcp + a 7/udp"},
		},
		{
			"a reference of a port without a name became an RFC",
			table(rec("", "24", "tcp", "any private mail system", reference("[draft-a]"))), table(rec("", "24", "tcp", "any private mail system", reference("[RFC1]"))),
			[]string{"published 24 [tcp]: reference - any private mail system 24/tcp + any private mail system 24/tcp"},
		},
		{
			"runs that share one row: the first lists it",
			table(free("1-2"), use("3-4")), table(free("1-4", notes("n"))),
			[]string{
				"updated 1-2: assignment_notes - Unassigned 1-2 + Unassigned 1-4",
				"updated 3-4: unauthorized_use_reported, assignment_notes - Unassigned 3-4",
			},
		},
	} {
		got := Compare(test.old.Records, test.new.Records)
		if d := cmp.Diff(test.want, lines(got)); d != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, d)
		}
		checkLaws(t, test.old, test.new, got)
	}
}

// TestOneEvent holds that the transports of one event are one change.
func TestOneEvent(t *testing.T) {
	for _, test := range []struct {
		name     string
		old, new *ports.Table
		want     []string
	}{
		{
			"transferred with other dates and contacts", // opcua-tls, 2017-05-23
			table(rec("a", "1", "tcp", "", assignee("[Ann]")), rec("a", "1", "udp", "", assignee("[Ann]"), modified("2001"))),
			table(rec("a", "1", "tcp", "", assignee("[Bob]"), contact("[Bob]"), modified("2017-05-23")), rec("a", "1", "udp", "", assignee("[Bob]"), modified("2017-05-23"))),
			[]string{"transferred a 1 [tcp udp]: assignee, contact, modification_date - a 1/tcp - a 1/udp + a 1/tcp + a 1/udp"},
		},
		{
			"updated with other dates",
			table(rec("a", "1", "tcp", "", reference("[A]")), rec("a", "1", "udp", "", reference("[A]"), modified("2001"))),
			table(both("a", "1", "", reference("[B]"), modified("2017-05-23"))),
			[]string{"updated a 1 [tcp udp]: modification_date, reference - a 1/tcp - a 1/udp + a 1/tcp + a 1/udp"},
		},
		{
			"one name of two services without a port",
			table(rec("rdp", "", "tcp", "one"), rec("rdp", "", "tcp", "two")), table(),
			[]string{"deassigned rdp [tcp] - rdp none/tcp", "deassigned rdp [tcp] - rdp none/tcp"},
		},
	} {
		got := Compare(test.old.Records, test.new.Records)
		if d := cmp.Diff(test.want, lines(got)); d != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, d)
		}
	}
	old := table(rec("a", "1", "sctp", "", reference("[A]"), modified("1999")), rec("a", "1", "tcp", "", reference("[A]"), modified("2001")))
	new := table(rec("a", "1", "sctp", "", reference("[B]"), modified("2020")), rec("a", "1", "tcp", "", reference("[B]"), modified("2020")))
	want := []diff.Field{{Key: "modification_date", Old: "2001", New: "2020"}, {Key: "reference", Old: "[A]", New: "[B]"}}
	if d := cmp.Diff(want, Compare(old.Records, new.Records)[0].Fields); d != "" {
		t.Errorf("values are not those of tcp, the first transport (-want +got):\n%s", d)
	}
}

// TestMostEqualCells holds that of several candidates the most alike are matched.
func TestMostEqualCells(t *testing.T) {
	old := table(rec("a", "1", "tcp", "x", assignee("[A]")), rec("b", "1", "tcp", "x", assignee("[B]")))
	new := table(rec("c", "1", "tcp", "x", assignee("[B]")), rec("d", "1", "tcp", "x", assignee("[A]")))
	want := []string{
		"renamed c was b 1 [tcp]: service_name - b 1/tcp + c 1/tcp",
		"renamed d was a 1 [tcp]: service_name - a 1/tcp + d 1/tcp",
	}
	if d := cmp.Diff(want, lines(Compare(old.Records, new.Records))); d != "" {
		t.Errorf("the changes (-want +got):\n%s", d)
	}
}

// TestChangeIsAboutItsPorts holds which ports a change alters, and what it redraws around them.
func TestChangeIsAboutItsPorts(t *testing.T) {
	free := func(numbers string) ports.Record { return rec("", numbers, "", "Unassigned") }
	cut := Compare(table(free("1-9")).Records, table(free("1-4"), rec("a", "5", "tcp", "x"), reserved("5", "udp"), free("6-9")).Records)[0]
	moved := Compare(table(rec("a", "5", "tcp", "x")).Records, table(rec("a", "7", "tcp", "x")).Records)[0]
	recut := Compare(table(free("1-9")).Records, table(free("1-5"), free("6-9")).Records)[0]
	for _, test := range []struct {
		name    string
		c       Change
		alters  []uint16
		redrawn string
	}{
		{"assigned", View(&cut), []uint16{5}, "recut 1-9 - Unassigned 1-9 + Unassigned 1-4 + Unassigned 6-9"},
		{"moved", View(&moved), []uint16{5, 7}, ""},
		{"recut", View(&recut), nil, "recut 1-9 - Unassigned 1-9 + Unassigned 1-5 + Unassigned 6-9"},
	} {
		var alters []uint16
		for port := range uint16(12) {
			if test.c.Alters(port) {
				alters = append(alters, port)
			}
		}
		got := ""
		if redrawn, any := test.c.Redrawn(); any {
			got = line(&redrawn)
		}
		if d := cmp.Diff(test.alters, alters); d != "" || got != test.redrawn {
			t.Errorf("%s alters (-want +got):\n%s\nand redraws %q, want %q", test.name, d, got, test.redrawn)
		}
	}
	if own := View(&cut).Own(cut.Added); len(own) != 1 || own[0].ServiceName != "a" {
		t.Errorf("its own records are %v", own)
	}
	if on := View(&cut).On(cut.Added); len(on) != 2 {
		t.Errorf("the records on its ports are %v", on)
	}
}
