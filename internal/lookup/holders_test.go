package lookup

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ianasync/ianasync/internal/history/historytest"
	"github.com/ianasync/ianasync/internal/porthistory"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

// withPast is what the last of tables says of a port, with its past. They were seen a day after each other, from
// 2019-12-01.
func withPast(t *testing.T, port uint16, tables ...*ports.Table) *Port {
	t.Helper()
	s := historytest.Empty(t)
	for i, tab := range tables {
		if _, _, err := s.Put(snapshots.Edition{Bytes: tab.CSV(), Seen: time.Date(2019, 12, 1+i, 6, 0, 0, 0, time.UTC), Source: "https://example.org/"}); err != nil {
			t.Fatal(err)
		}
	}
	past, err := porthistory.Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	p := Survey(tables[len(tables)-1]).OfPort(port)
	if p.Past, err = OfPast(past, porthistory.Query{Port: port}); err != nil {
		t.Fatal(err)
	}
	return p
}

// told writes holders and former holders: days of December 2019 stand for versions.
func told(p *Port) string {
	on := func(ts []ports.Transport) string { return strings.Trim(fmt.Sprint(ts), "[]") }
	day := func(id string) string {
		if len(id) > 8 {
			return strings.TrimLeft(id[6:8], "0")
		}
		return "begin"
	}
	var list []string
	for _, h := range p.Holders() {
		s := fmt.Sprintf("%s(%s) since %s", h.Service, on(h.Transports), day(h.Since))
		for _, c := range h.Called {
			s += " as " + c.Service + " until " + day(c.Until)
		}
		list = append(list, s)
	}
	for _, f := range p.Former() {
		list = append(list, fmt.Sprintf("was %s(%s) until %s", f.Service, on(f.Transports), day(f.Until)))
	}
	return strings.Join(list, "; ")
}

func TestHolders(t *testing.T) {
	one := func(name, description string) *ports.Table { return table(rec(name, "7", "tcp", description)) }
	both := func(tcp, udp string) *ports.Table {
		return table(rec(tcp, "7", "tcp", tcp), rec(udp, "7", "udp", udp), rec("else", "9", "tcp", ""))
	}
	for name, test := range map[string]struct {
		want   string
		tables []*ports.Table
	}{
		"unchanged":            {"a(tcp udp) since begin", []*ports.Table{both("a", "a")}},
		"added on a transport": {"a(tcp) since begin; a(udp) since 2", []*ports.Table{one("a", "a"), both("a", "a")}},
		"another on a transport": {
			"a(tcp) since begin; b(udp) since 2; was a(udp) until 2", []*ports.Table{both("a", "a"), both("a", "b")},
		},
		"gone":           {"was a(tcp udp) until 2", []*ports.Table{both("a", "a"), table(rec("", "7", "", "Reserved"))}},
		"gone by halves": {"b(tcp) since 3; was a(tcp) until 3; was a(udp) until 2", []*ports.Table{both("a", "a"), one("a", "a"), one("b", "b")}},
		"renamed":        {"b(tcp) since begin as a until 2", []*ports.Table{one("a", "same"), one("b", "same")}},
		"renamed twice, after another": {
			"c(tcp) since 2 as b until 4 as a until 3; was x(tcp) until 2", []*ports.Table{one("x", ""), one("a", "same"), one("b", "same"), one("c", "same")},
		},
		"came back":                        {"a(tcp) since 3; was b(tcp) until 3; was a(tcp) until 2", []*ports.Table{one("a", "a"), one("b", "b"), one("a", "a2")}},
		"updated":                          {"a(tcp) since begin", []*ports.Table{one("a", "a"), one("a", "b")}},
		"rolled back":                      {"a(tcp) since begin; was b(tcp) until 3", []*ports.Table{one("a", "a"), one("b", "b"), one("a", "a")}},
		"restored":                         {"b(tcp) since 2; was a(tcp) until 2", []*ports.Table{one("a", "a"), one("b", "b"), one("a", "a"), one("b", "b")}},
		"came, was undone, came otherwise": {"b(tcp) since 4; was a(tcp) until 4; was b(tcp) until 3", []*ports.Table{one("a", "a"), one("b", "b"), one("a", "a"), one("b", "c")}},
		"two undone": {
			"a(tcp) since begin; was c(tcp) until 4; was b(tcp) until 3", []*ports.Table{one("a", "a"), one("b", "b"), one("c", "c"), one("a", "a")},
		},
		"held while undone": {"a(tcp) since begin", []*ports.Table{one("a", "a"), table(rec("", "7", "tcp", "Reserved")), one("a", "a")}},
		"moved here":        {"a(tcp) since 2", []*ports.Table{table(rec("a", "8", "tcp", "")), one("a", "")}},
		"range cut":         {"a(tcp) since begin", []*ports.Table{table(rec("a", "6-9", "tcp", "")), one("a", "")}},
		"no transport":      {"a() since 2; was b(tcp udp sctp dccp) until 2", []*ports.Table{table(rec("b", "7", "", "")), table(rec("a", "7", "", "x"))}},
		"beside others":     {"a(tcp) since begin; b(tcp) since 2", []*ports.Table{one("a", ""), table(rec("a", "7", "tcp", ""), rec("b", "7", "tcp", ""))}},
		"nobody ever":       {"", []*ports.Table{table(rec("", "7", "", "Unassigned")), table(rec("", "7", "", "Reserved"))}},
	} {
		if got := told(withPast(t, 7, test.tables...)); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
	p := Survey(both("a", "a")).OfPort(7)
	if got := told(p); got != "a(tcp udp) since begin" {
		t.Errorf("without versions: %q", got)
	}
}
