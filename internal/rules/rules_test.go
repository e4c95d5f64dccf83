package rules_test

import (
	"slices"
	"testing"

	"github.com/ianasync/ianasync/internal/rules"
)

func TestReduce(t *testing.T) {
	for _, c := range []struct{ cell, want string }{
		{"", ""},
		{"0xb", "11"},
		{"0x0B", "11"},
		{"0x00000007", "7"},
		{"007", "7"},
		{"0", "0"},
		{"0x00,0x2F", "0,47"},
		{"0x00,0xC6-FE", "0,198-0,254"},
		{"0x56,0x01-0xC0,0x00", "86,1-192,0"},
		{"0x75EC FFEE", "1978466286"},
		{"26-34", "26-34"},
		{"34-26", "34-26"},
		{"0A", "0a"},
		{"1.3.6", "1.3.6"},
		{"192.0.0.0/24[2]", "192.0.0.0/24"},
		{"192.0.0.0/24 [2]", "192.0.0.0/24"},
		{"2001:0DB8::/32 [3]", "2001:db8::/32"},
		{"2630:0000::/12", "2630::/12"},
		{"std::vector", "std::vector"},
		{"[RFC8446]", "[rfc8446]"},
		{"May_Act (TEMPORARY - registered 2018-03-29, expires 2019-03-29)", "may_act"},
		{"ARGUS (deprecated)", "argus"},
		{"DLSw (OBSOLETE, see [RFC1795])", "dlsw"},
		{"a (historic) b", "a b"},
		{"extended_master_secret (renamed from x)", "extended_master_secret"},
		{"NULL - DEPRECATED by RFC 1", "null"},
		{"Deprecated (historic)", "deprecated"},
		{"(historic)", "(historic)"},
		{"99999999999999999999", "99999999999999999999"},
	} {
		if got := rules.Reduce(c.cell); got != c.want {
			t.Errorf("%q is %q, want %q", c.cell, got, c.want)
		}
	}
}

func TestStateOf(t *testing.T) {
	for cell, want := range map[string]rules.State{
		"Unassigned": rules.Free, "unassigned": rules.Free, "Unassigned (Removed 2007-04-11)": rules.Free, "UNALLOCATED": rules.Free,
		"Available for assignment": rules.Free,
		"Reserved":                 rules.Reserved, "RESERVED": rules.Reserved, "Reserved, do not use": rules.Reserved, "(Unused)": rules.Reserved,
		"Reserved for Private Use": rules.Reserved, "Private use": rules.Reserved, "Experimental Use": rules.Reserved,
		"": rules.Assigned, "0-7: Unassigned": rules.Assigned, "unassigned short address": rules.Assigned, "Reservedness": rules.Assigned,
		"reserved bits of the header": rules.Assigned, "TCP": rules.Assigned, "Unused_Field": rules.Assigned,
	} {
		if got := rules.StateOf(cell); got != want {
			t.Errorf("%q: %v, want %v", cell, got, want)
		}
	}
}

func TestSpan(t *testing.T) {
	for _, c := range []struct {
		cell        string
		first, last uint64
		ok          bool
	}{
		{"26-34", 26, 34, true},
		{"0x00,0xC6-FE", 0xc6, 0xfe, true},
		{"0x13,0x06", 0x1306, 0x1306, true},
		{"0xFFFF", 0xffff, 0xffff, true},
		{"224.0.1.0-224.0.1.255", 0xe0000100, 0xe00001ff, true},
		{"239.000.000.001", 0xef000001, 0xef000001, true},
		{"192.0.0.0/29 [2]", 0xc0000000, 0xc0000007, true},
		{"010/8", 0x0a000000, 0x0affffff, true},
		{"0.0.0.0/0", 0, 0xffffffff, true},
		{"224.0.0/24", 0xe0000000, 0xe00000ff, true},
		{"192.0.0.1/24", 0, 0, false},
		{"10.0.0.0/33", 0, 0, false},
		{"10/8/2", 0, 0, false},
		{"1.2.3", 0, 0, false},
		{"1.2.3.256", 0, 0, false},
		{"10.0.0.9-10.0.0.1", 0, 0, false},
		{"1/2", 0, 0, false},
		{"300,1", 0, 0, false},
		{"1,2,3,4,5,6,7,8,9,10", 0, 0, false},
		{"a", 0, 0, false},
		{"", 0, 0, false},
	} {
		v, _ := rules.ParseValue(c.cell)
		first, last, ok := v.Span()
		if ok != c.ok || ok && (first != c.first || last != c.last) {
			t.Errorf("%q: %d to %d, %v", c.cell, first, last, ok)
		}
	}
}

func TestDocuments(t *testing.T) {
	if got := rules.Documents("[RFC9110, Section 15][draft-a-b] and [IESG]"); !slices.Equal(got, []string{"rfc9110, section 15", "draft-a-b", "iesg"}) {
		t.Errorf("%q", got)
	}
	for _, c := range []struct {
		old, new string
		want     bool
	}{
		{"[draft-ietf-tls-x-01]", "[RFC9000]", true},
		{"[RFC-ietf-tls-x-09]", "[RFC9000, Section 3]", true},
		{"[RFC1][draft-a]", "[RFC1][RFC2]", true},
		{"[RFC1][draft-a]", "[RFC2]", false},
		{"[draft-a]", "[RFC-ietf-a-01]", false},
		{"[RFC1]", "[RFC2]", false},
		{"[draft-a]", "[draft-a]", false},
		{"[draft-a]", "[draft-a][RFC2]", false},
		{"[draft-a]", "", false},
	} {
		if got := rules.BecameRFC(c.old, c.new); got != c.want {
			t.Errorf("%s to %s: %v", c.old, c.new, got)
		}
	}
}

// TestMarks holds the spellings of marks that IANA used from 2015 to 2021, and the same left open: what stands beside a mark is
// found by, and whether it should no longer be used.
func TestMarks(t *testing.T) {
	for _, c := range []struct {
		cell, reduced string
		marked        bool
	}{
		{"may_act (TEMPORARY - registered 2018-03-29, expires 2019-03-29)", "may_act", false},
		{"may_act (TEMPORARY - registered 2018-03-29, expires 2019-03-29", "may_act", false},
		{"CMC-Request ((TEMPORARY - registered 2018-08-09, expires 2020-08-09)", "cmc-request", false},
		{"Segment-ID (SID) Depth. (TEMPORARY - registered 2018-09-05, extended 2019-08-01, expires 2019-09-05)", "segment-id (sid) depth.", false},
		{"yang:ietf-syslog (TEMPORARY - registered 2018-04-12, exprires 2019-04-12)", "yang:ietf-syslog", false},
		{"0: Reserved (TEMPORARY - registered 2018-03-29, expires 2019-03-29)", "0: reserved", false},
		{"HTTP 307 Temporary Redirect", "http 307 temporary redirect", false},
		{"SUN ND PROTOCOL-Temporary", "sun nd protocol-temporary", false},
		{"mud (deprecated)", "mud", true},
		{"mud (deprecated", "mud", true},
		{"mud [Deprecated]", "mud", true},
		{"[Deprecated]", "[deprecated]", true},
		{"Deprecated", "deprecated", true},
		{"Deprecated (6to4 Relay Anycast)", "deprecated (6to4 relay anycast)", true},
		{"ADVERTISER (historic) (deprecated)", "advertiser", true},
		{"RCID_PATH / CLUSTER_ID (Historic) (deprecated)", "rcid_path / cluster_id", true},
		{"Nimrod (DEPRECATED 2015-04-01)", "nimrod", true},
		{"Identity-Info (deprecated by [RFC8224])", "identity-info", true},
		{"Network Address (IPv4 or IPv6 or MAC Address) (DEPRECATED in favor of 52 and 54 for IP addresses)", "network address (ipv4 or ipv6 or mac address)", true},
		{"HAck - Deprecated (Unavailable for Assignment)", "hack", true},
		{"directory - DEPRECATED by RFC6350", "directory", true},
		{"vnd.ibm.modcap - OBSOLETED in favor of application/vnd.afpc.modca", "vnd.ibm.modcap", true},
		{"vnd.geo+json (OBSOLETED by [RFC7946] in favor of application/geo+json)", "vnd.geo+json", true},
		{"vnd.nokia.n-gage.symbian.install - OBSOLETE; no replacement given", "vnd.nokia.n-gage.symbian.install", true},
		{"a mail destination (OBSOLETE - use MX)", "a mail destination", true},
		{"IQuery (Inverse Query, OBSOLETE)", "iquery (inverse query)", true},
		{"Echo (obsoleted by option 8)", "echo", true},
		{"key (OBSOLETED)", "key", true},
		{"Obsoletes", "obsoletes", false},
		{"Hold Timer Expired", "hold timer expired", false},
		{"session_ticket (renamed from \"SessionTicket TLS\")", "session_ticket", false},
		{"new_session_ticket (renamed from \"NewSessionTicket\"", "new_session_ticket", false},
		{"hello_request_RESERVED", "hello_request_reserved", false},
		{"historic/pack", "historic/pack", false},
		{"[status-change-tls-des-idea-ciphers-to-historic]", "[status-change-tls-des-idea-ciphers-to-historic]", false},
	} {
		if got := rules.Reduce(c.cell); got != c.reduced {
			t.Errorf("%q is found by %q, want %q", c.cell, got, c.reduced)
		}
		if got := rules.MarkedIn(c.cell); got != c.marked {
			t.Errorf("%q is marked: %v", c.cell, got)
		}
	}
}

func TestTemporary(t *testing.T) {
	m, found := rules.TemporaryIn("x (TEMPORARY - registered 2018-05-31, extension registered 2019-05-20, expires 2020-05-31)")
	if !found || m.Registered.Format("2006-01-02") != "2019-05-20" || m.Expires.Format("2006-01-02") != "2020-05-31" {
		t.Errorf("%v %v", m, found)
	}
	m, found = rules.TemporaryIn("x (TEMPORARY - expires 2020-02-31)") // no such day
	if !found || !m.Expires.IsZero() {
		t.Errorf("%v %v", m, found)
	}
	for _, cell := range []string{
		"x (TEMPORARY - registered 2018-04-12, exprires 2019-04-12)", // IANA's own slip
		"x (TEMPORARY - registered 2018-04-12, expires 2019-04-12",
		"x (TEMPORARY - registered 2018-04-12, extended 2018-05-01, expires 2019-04-12) y",
	} {
		m, found = rules.TemporaryIn(cell)
		if !found || m.Registered.Format("2006-01-02") != "2018-04-12" || m.Expires.Format("2006-01-02") != "2019-04-12" {
			t.Errorf("%s: %v %v", cell, m, found)
		}
	}
	if _, found := rules.TemporaryIn("a temporary thing"); found {
		t.Error("prose is a mark")
	}
}
