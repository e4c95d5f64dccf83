package lookup

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/registry/ports/portstest"
)

var rec, table = portstest.Rec, portstest.Table

// small is a registry with a port of each sort.
func small() *ports.Table {
	return table(
		rec("", "0", "tcp", "Reserved"), rec("", "0", "udp", "Reserved"),
		rec("", "24", "tcp", "any private mail system"), rec("", "25", "", "Unassigned"), rec("", "26", "", "Reserved"),
		rec("http", "80", "tcp", "HTTP"), rec("http", "80", "udp", "HTTP"), rec("www", "80", "tcp", "HTTP"), rec("www-http", "80", "tcp", "HTTP"),
		rec("", "1023", "", "Unassigned"), rec("", "1024-1030", "", "Unassigned"),
		rec("ncl", "2397", "tcp", "NCL"), rec("ncl", "2397", "udp", "NCL"), rec("", "2398", "udp", "Reserved"), rec("fmtp", "2398", "tcp", ""),
		rec("x11", "6000-6063", "tcp", "X"), rec("", "7748-7776", "", "Unassigned"), rec("inetfs", "7775", "tcp", ""), rec("", "7775", "udp", "Reserved"),
		rec("", "8000", "udp", "Unassigned"),
		rec("any", "9000", "", ""), rec("", "49151", "", "Unassigned"), rec("portless", "", "tcp", ""),
	)
}

func status(p *Port) string {
	var out []string
	for _, t := range p.Transports {
		s := string(t.Transport) + ":" + string(t.Status)
		if len(t.Services) > 0 {
			s += "(" + strings.Join(t.Services, ",") + ")"
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

func TestStatusOfEachTransport(t *testing.T) {
	tab := small()
	for _, test := range []struct {
		port uint16
		want string
		free bool
	}{
		{0, "tcp:Reserved udp:Reserved sctp: dccp:", false},
		{24, "tcp:Assigned udp: sctp: dccp:", false},
		{25, "tcp:Unassigned udp:Unassigned sctp:Unassigned dccp:Unassigned", true},
		{26, "tcp:Reserved udp:Reserved sctp:Reserved dccp:Reserved", false},
		{80, "tcp:Assigned(http,www,www-http) udp:Assigned(http) sctp: dccp:", false},
		{1027, "tcp:Unassigned udp:Unassigned sctp:Unassigned dccp:Unassigned", true},
		{2398, "tcp:Assigned(fmtp) udp:Reserved sctp: dccp:", false},
		{3000, "tcp: udp: sctp: dccp:", false},
		{6063, "tcp:Assigned(x11) udp: sctp: dccp:", false},
		{7775, "tcp:Assigned(inetfs) udp:Reserved sctp:Unassigned dccp:Unassigned", false},
		{7776, "tcp:Unassigned udp:Unassigned sctp:Unassigned dccp:Unassigned", true},
		{8000, "tcp: udp:Unassigned sctp: dccp:", true},
		{9000, "tcp:Assigned(any) udp:Assigned(any) sctp:Assigned(any) dccp:Assigned(any)", false},
		{60000, "tcp: udp: sctp: dccp:", false},
	} {
		p := Survey(tab).OfPort(test.port)
		if got := status(p); got != test.want || p.Free != test.free {
			t.Errorf("port %d: %s, free %v; want %s, free %v", test.port, got, p.Free, test.want, test.free)
		}
	}
	if got, want := status(Survey(tab).OfPort(2398, ports.UDP)), "udp:Reserved"; got != want {
		t.Errorf("2398/udp: %s, want %s", got, want)
	}
	if got := Survey(tab).OfPort(2398, ports.UDP).Records; len(got) != 1 || got[0].Record.Transport != ports.UDP {
		t.Errorf("2398/udp has records %v", got)
	}
}

func TestRange(t *testing.T) {
	for port, want := range map[uint16]string{0: "System 0-1023", 1023: "System 0-1023", 1024: "User 1024-49151", 49151: "User 1024-49151", 49152: "Dynamic 49152-65535", 65535: "Dynamic 49152-65535"} {
		p := Survey(table()).OfPort(port)
		if got := string(p.Range) + " " + p.RangePorts; got != want || p.Meaning == "" {
			t.Errorf("port %d: %s (%q), want %s", port, got, p.Meaning, want)
		}
	}
}

func TestNeighbours(t *testing.T) {
	at := func(p uint16, services ...string) *Neighbour { return &Neighbour{p, services} }
	for _, test := range []struct {
		port         uint16
		below, above *Neighbour
	}{
		{0, nil, at(80, "http", "www", "www-http")},
		{80, nil, at(2397, "ncl")},
		{81, at(80, "http", "www", "www-http"), at(2397, "ncl")},
		{2398, at(2397, "ncl"), at(6000, "x11")},
		{6000, at(2398, "fmtp"), at(6001, "x11")},
		{7000, at(6063, "x11"), at(7775, "inetfs")},
		{65535, at(9000, "any"), nil},
	} {
		p := Survey(small()).OfPort(test.port)
		if diff := cmp.Diff([]*Neighbour{test.below, test.above}, []*Neighbour{p.Below, p.Above}); diff != "" {
			t.Errorf("port %d (-want +got):\n%s", test.port, diff)
		}
	}
}

func TestAlone(t *testing.T) {
	g := Survey(small())
	for _, port := range []uint16{0, 25, 80, 2398, 7775, 60000} {
		want := g.OfPort(port)
		want.Below, want.Above, want.FreeBelow, want.FreeAbove = nil, nil, nil, nil
		if diff := cmp.Diff(want, g.Alone(port)); diff != "" {
			t.Errorf("port %d (-want +got):\n%s", port, diff)
		}
	}
}

func TestNeighbourAtTheEdge(t *testing.T) {
	p := Survey(table(rec("zero", "0", "tcp", ""), rec("last", "65535", "tcp", ""))).OfPort(7)
	if p.Below == nil || p.Below.Port != 0 || p.Above == nil || p.Above.Port != 65535 {
		t.Errorf("the neighbours of 7 are %v and %v", p.Below, p.Above)
	}
}

func TestNearestFree(t *testing.T) {
	for port, want := range map[uint16][2]int{ // -1 for none
		0: {-1, 25}, 25: {-1, 1023}, 80: {25, 1023}, 1023: {25, -1}, 1024: {-1, 1025}, 2397: {1030, 7748},
		7775: {7774, 7776}, 9000: {8000, 49151}, 49151: {8000, -1}, 49152: {-1, -1}, 65535: {-1, -1},
	} {
		p := Survey(small()).OfPort(port)
		got := [2]int{-1, -1}
		for i, free := range []*uint16{p.FreeBelow, p.FreeAbove} {
			if free != nil {
				got[i] = int(*free)
			}
		}
		if got != want {
			t.Errorf("port %d: free ports %v, want %v", port, got, want)
		}
	}
}

// remarked is a record of Unassigned ports with a report of unauthorized use and a note.
func remarked(numbers, unauthorized, notes string) ports.Record {
	r := rec("", numbers, "", "Unassigned")
	r.UnauthorizedUse, r.AssignmentNotes = unauthorized, notes
	return r
}

func TestStanding(t *testing.T) {
	tab := table(
		rec("", "1000", "", "Unassigned"), rec("a", "1024", "tcp", ""), remarked("1025-1030", "Known Unauthorized Use on port 1026", ""), rec("", "1031", "", "Unassigned"),
		rec("b", "1032", "tcp", ""), rec("", "1032", "udp", "Reserved"), remarked("1033", "", "Removed"), remarked("1033", "Known", "Removed"),
		rec("", "1034", "", "Unassigned [was netstat]"), rec("", "49151", "", "Unassigned"),
	)
	for port, want := range map[uint16]Port{
		1000: {Standing: Free, Free: true}, 1024: {Standing: Held}, 1031: {Standing: Free, Free: true}, 1032: {Standing: Held}, 2000: {Standing: NoRecord}, 50000: {Standing: NoRecord},
		1026: {Standing: Remarked, Remarks: []Remark{{"1025-1030", "Known Unauthorized Use on port 1026"}}},
		1033: {Standing: Remarked, Remarks: []Remark{{"1033", "Removed"}, {"1033", "Known"}}},
		1034: {Standing: Remarked, Remarks: []Remark{{"1034", "Unassigned [was netstat]"}}},
	} {
		p := Survey(tab).OfPort(port)
		if got := (Port{Standing: p.Standing, Free: p.Free, Remarks: append([]Remark(nil), p.Remarks...)}); !cmp.Equal(got, want) {
			t.Errorf("port %d (-want +got):\n%s", port, cmp.Diff(want, got))
		}
	}
	for port, want := range map[uint16][2]uint16{1024: {0, 1031}, 1028: {0, 1031}, 1032: {1031, 49151}, 1034: {1031, 49151}} {
		p := Survey(tab).OfPort(port)
		got := [2]uint16{}
		for i, free := range []*uint16{p.FreeBelow, p.FreeAbove} {
			if free != nil {
				got[i] = *free
			}
		}
		if got != want {
			t.Errorf("port %d: free ports %v, want %v", port, got, want)
		}
	}
}

func TestSilent(t *testing.T) {
	dated, referring := rec("a", "1", "tcp", "a"), rec("a", "1", "tcp", "a")
	dated.RegistrationDate, _ = ports.ParseDate("2006-01")
	referring.Reference = "[RFC1]"
	for want, records := range map[bool][]ports.Record{
		true:  {rec("ncl", "2397", "tcp", "NCL"), rec("cl-1", "2", "tcp", "CL 1"), rec("x", "3", "udp", "")},
		false: {rec("ncl", "2397", "tcp", "NCL Server"), rec("", "4", "", "Unassigned"), dated, referring},
	} {
		for _, r := range records {
			if Silent(&r) != want {
				t.Errorf("%v: silent is %v", r, !want)
			}
		}
	}
}

func TestMissing(t *testing.T) {
	r := rec("ncl", "2397", "tcp", "NCL")
	r.Assignee = "[Robert_Wiebe]"
	got := Survey(table(r)).OfPort(2397).Records[0].Missing
	if diff := cmp.Diff([]string{"Contact", "Registration Date", "Modification Date", "Reference"}, got); diff != "" {
		t.Errorf("ncl does not say (-want +got):\n%s", diff)
	}
	r.Description, r.Contact, r.Reference = "x", "y", "z"
	r.RegistrationDate, _ = ports.ParseDate("2006-01")
	r.ModificationDate, _ = ports.ParseDate("2006-01")
	if got := OfService(table(r), "ncl").Records[0].Missing; got == nil || len(got) > 0 {
		t.Errorf("a whole record lacks %q", got)
	}
}

func TestUnknownColumns(t *testing.T) {
	head := strings.TrimSuffix(string(table().CSV()), "\n")
	tab, err := ports.Parse([]byte(head + ",Mood,Age\nncl,2397,tcp,NCL,,,,,,,,,glad,\nncl,2397,udp,NCL,,,,,,,,,,\n"))
	if err != nil {
		t.Fatal(err)
	}
	entries := OfService(tab, "ncl").Records
	if diff := cmp.Diff([]Extra{{"Mood", "glad"}}, entries[0].Extra); diff != "" {
		t.Errorf("ncl (-want +got):\n%s", diff)
	}
	if entries[1].Extra != nil {
		t.Errorf("its twin has %v", entries[1].Extra)
	}
}

func TestOfService(t *testing.T) {
	s := OfService(small(), "HTTP")
	if s == nil || s.Name != "http" || len(s.Records) != 2 {
		t.Errorf("HTTP is %+v", s)
	}
	if s := OfService(small(), "htt"); s != nil {
		t.Errorf("htt is %+v", s)
	}
	if s := OfService(small(), ""); s != nil {
		t.Errorf("no name is %+v", s)
	}
}

func TestSimilar(t *testing.T) {
	var records []ports.Record
	for _, n := range []string{"ncl", "ncp", "nlogin", "postgresql", "posix", "http", "https", "http-alt", "httpx", "HTTP-mgmt", "ssh", "x11", "a", "b"} {
		records = append(records, rec(n, "1", "tcp", ""), rec(n, "1", "udp", ""))
	}
	tab := table(records)
	for name, want := range map[string][]string{
		"nlc":        {"ncl"},
		"NLC":        {"ncl"},
		"posgresql":  {"postgresql"},
		"postgersql": {"postgresql"},
		"htpt":       {"http"},
		"http":       {"http", "https", "httpx", "http-alt", "HTTP-mgmt"},
		"hhtp":       {"http"},
		"ss":         {"ssh"},
		"qqqqqqqq":   nil,
		"":           {"a", "b"},
	} {
		got := Similar(name, tab.Names())
		if len(want) > 0 && len(got) > len(want) && name != "http" {
			got = got[:len(want)] // further guesses do no harm
		}
		if !slices.Equal(got, want) {
			t.Errorf("Similar(%q) = %q, want %q", name, got, want)
		}
	}
	for range 20 {
		records = append(records, rec("service", "1", "tcp", ""), rec("service"+strings.Repeat("x", len(records)%9), "1", "tcp", ""))
	}
	if got := Similar("service", table(records).Names()); len(got) != 5 || got[0] != "service" {
		t.Errorf("Similar(service) = %q, want five names", got)
	}
	if got := Similar("no-such-service-at-all", tab.Names()); len(got) > 0 {
		t.Errorf("Similar of something else = %q", got)
	}
}

func TestDistance(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"ab", "ab", 0}, {"ab", "ba", 1}, {"abcd", "acbd", 1}, {"abcd", "cbad", 2}, {"abc", "ab", 1}, {"abcd", "badc", 3}, {"ab", "cd", 2}, {"é", "e", 1}} {
		if got := distance(test.a, test.b); got != test.want {
			t.Errorf("distance(%q, %q) = %d, want %d", test.a, test.b, got, test.want)
		}
		if got := distance(test.b, test.a); got != test.want {
			t.Errorf("distance(%q, %q) = %d, want %d", test.b, test.a, got, test.want)
		}
	}
}

func TestJSONHasNoNullLists(t *testing.T) {
	for _, port := range []uint16{0, 80, 60000} {
		text, err := json.Marshal(Survey(small()).OfPort(port))
		if err != nil {
			t.Fatal(err)
		}
		for _, list := range []string{"transports", "records", "services", "not_recorded"} {
			if strings.Contains(string(text), `"`+list+`":null`) {
				t.Errorf("port %d: %s is null in %s", port, list, text)
			}
		}
	}
}

// BenchmarkOfPort asks for ports far from anything: a site asks for each of them.
func BenchmarkOfPort(b *testing.B) {
	tab := small()
	for b.Loop() {
		Survey(tab).OfPort(30000)
		Survey(tab).OfPort(65535)
	}
}
