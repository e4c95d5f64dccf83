package render

import (
	"strings"
	"testing"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/lookup"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

// after is what a table says of a port, whose past is that the other table came before it.
func after(port uint16, before, now *ports.Table) *lookup.Port {
	p := lookup.Survey(now).OfPort(port)
	changes := portrules.Compare(before.Records, now.Records)
	p.Past = lookup.NewPast([]history.Event{{Version: snapshots.Version{ID: "20180328T225601Z"}, Previous: "20160101T214352Z", Changes: changes}}, "20160101T214352Z", 2)
	return p
}

func TestAnswers(t *testing.T) {
	small := table(
		both("", "0", "Reserved"), rec("", "24", "tcp", "any private mail system"), rec("", "25", "", "Unassigned"), both("", "47", "Reserved"),
		both("ncl", "2397", "NCL", registered("1996-02")), rec("", "2400", "", "Unassigned"), both("", "3000", "Reserved"),
	)
	for port, want := range map[uint16][2]string{
		0:     {"No. Reserved on tcp and udp; no entry on sctp or dccp. No program can listen on port 0", "No program can listen on port 0: a system"},
		24:    {"No. In use without a service name on tcp;", "Nothing prevents it, but it is in use, without a service name, and two programs cannot listen on one port of a machine. Many systems let only an administrator listen on a port below 1024. The nearest free port is 25."},
		25:    {"Yes: Unassigned on every transport, and nothing is said against it.", "Nothing in the registry speaks against it"},
		47:    {"No. Reserved on tcp and udp;", "Nothing prevents it, but it is Reserved: IANA keeps it from regular"},
		2397:  {"No. Assigned to ncl on tcp and udp;", "Nothing prevents it, but others expect the service that the registry names here, and two programs cannot listen on one port of a machine. The nearest free port is 2400."},
		3000:  {"No. Reserved on tcp and udp;", "Nothing prevents it, but it is Reserved"},
		4000:  {"No. No entry on tcp, udp, sctp or dccp.", "Nothing prevents it, but the registry has no entry for it. The nearest free port is 2400."},
		60000: {"Nobody can hold it: IANA never assigns these", "Yes, temporarily"},
	} {
		p := lookup.Survey(small).OfPort(port)
		for i, got := range []string{Free(p), MayUse(p)} {
			if !strings.HasPrefix(got, want[i]) {
				t.Errorf("port %d: %q, want it to begin with %q", port, got, want[i])
			}
		}
	}
	if got, want := Since(lookup.Survey(small).OfPort(2397)), "ncl on tcp and udp is registered since 1996-02."; got != want {
		t.Errorf("since when: %q, want %q", got, want)
	}
}

func TestHeld(t *testing.T) {
	for name, test := range map[string]struct {
		before, now    *ports.Table
		since, earlier string
		told           string // by a look-up
	}{
		"on one transport another": {
			table(both("owamp-control", "861", "Control")), table(rec("owamp-control", "861", "tcp", "Control"), rec("owamp-test", "861", "udp", "Test")),
			"owamp-control on tcp has no registration date, and stood here when our history begins, 2016-01-01; owamp-test on udp has no registration date, and stands here since some day between 2016-01-01 and 2018-03-28.",
			"Yes: owamp-control on udp, until some day between 2016-01-01 and 2018-03-28.",
			"Held before: owamp-control on udp, until some day between 2016-01-01 and 2018-03-28.\n",
		},
		"on one more transport": {
			table(both("dnp-sec", "19999", "DNP", registered("2008-08-04"))),
			table(both("dnp-sec", "19999", "DNP", registered("2008-08-04")), rec("dnp-sec", "19999", "sctp", "DNP", registered("2022-12-20"))),
			"dnp-sec on tcp and udp is registered since 2008-08-04, and stood here when our history begins, 2016-01-01; dnp-sec on sctp is registered since 2022-12-20, and stands here since some day between 2016-01-01 and 2018-03-28.",
			"Not since our history begins, 2016-01-01.",
			"Holders: dnp-sec on tcp and udp",
		},
		"renamed": {
			table(both("nvm-express", "4420", "NVMe")), table(both("nvme", "4420", "NVMe")),
			"nvme on tcp and udp has this name since some day between 2016-01-01 and 2018-03-28 (nvm-express before), and stood here when our history begins, 2016-01-01.",
			"Not since our history begins, 2016-01-01; it was called nvm-express until some day between 2016-01-01 and 2018-03-28.",
			"(nvm-express before)",
		},
		"renamed beside another": {
			table(both("hp-rda", "2371", "RDA"), rec("other", "2371", "tcp", "")), table(both("rda", "2371", "RDA"), rec("other", "2371", "tcp", "")),
			"other on tcp has no registration date, and stood here when our history begins, 2016-01-01; rda on tcp and udp",
			"Not since our history begins, 2016-01-01; rda on tcp and udp was called hp-rda until some day between 2016-01-01 and 2018-03-28.",
			"",
		},
		"in place of another, whose date it keeps": {
			table(both("pando-pub", "7680", "Pando", registered("2008-02-27"))), table(both("ms-do", "7680", "Delivery Optimization", registered("2008-02-27"))),
			"ms-do on tcp and udp has the registration date 2008-02-27, and stands here since some day between 2016-01-01 and 2018-03-28.",
			"Yes: pando-pub on tcp and udp, until some day between 2016-01-01 and 2018-03-28.",
			"Holders: ms-do on tcp and udp has the registration date 2008-02-27, and",
		},
		"in place of another, with a date of its own": {
			table(both("pando-pub", "7680", "Pando", registered("2008-02-27"))), table(both("ms-do", "7680", "Delivery Optimization", registered("2018-03-20"))),
			"ms-do on tcp and udp is registered since 2018-03-20, and stands here since some day between 2016-01-01 and 2018-03-28.",
			"Yes: pando-pub on tcp and udp, until some day between 2016-01-01 and 2018-03-28.",
			"Held before: pando-pub",
		},
		"gone": {
			table(both("ni-ftp", "47", "FTP")), table(both("", "47", "Reserved")),
			"", "Yes: ni-ftp on tcp and udp, until some day between 2016-01-01 and 2018-03-28.", "Held before: ni-ftp on tcp and udp, until some day between 2016-01-01 and 2018-03-28.\n",
		},
	} {
		port, _, _ := test.now.Records[0].Ports.Bounds()
		p := after(port, test.before, test.now)
		var told strings.Builder
		if err := Port(&told, p, Options{}); err != nil {
			t.Fatal(err)
		}
		if got := Since(p); !strings.HasPrefix(got, test.since) || test.since == "" && got != "" {
			t.Errorf("%s: %q, want %q", name, got, test.since)
		}
		if got := Earlier(p); got != test.earlier {
			t.Errorf("%s: %q, want %q", name, got, test.earlier)
		}
		if !strings.Contains(told.String(), test.told) {
			t.Errorf("%s: a look-up does not tell %q:\n%s", name, test.told, &told)
		}
	}
	soon := after(47, table(both("ni-ftp", "47", "FTP")), table(both("", "47", "Reserved")))
	soon.Past.Events[0].Previous = "20180327T225601Z"
	if got, want := Earlier(soon), "Yes: ni-ftp on tcp and udp, until 2018-03-28."; got != want {
		t.Errorf("a day after the version before: %q, want %q", got, want)
	}
	unchanged := after(2397, table(both("ncl", "2397", "NCL")), table(both("ncl", "2397", "NCL")))
	var told strings.Builder
	_ = Port(&told, unchanged, Options{}) // a Builder takes everything
	if strings.Contains(told.String(), "Holders") || strings.Contains(told.String(), "Held before") {
		t.Errorf("what never changed is told twice:\n%s", &told)
	}
	var many []any
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		many = append(many, rec(name, "7", "tcp", ""))
	}
	if got, want := Since(lookup.Survey(table(many...)).OfPort(7)), "e on tcp has no registration date; and 2 more."; !strings.HasSuffix(got, want) {
		t.Errorf("of seven holders: %q", got)
	}
}

func TestPastAfterGap(t *testing.T) {
	p := after(47, table(both("ni-ftp", "47", "FTP")), table(both("", "47", "Reserved")))
	var told strings.Builder
	_ = Port(&told, p, Options{}) // a Builder takes everything
	if want := "\n  between 2016-01-01 and 2018-03-28  ni-ftp on 47 (tcp, udp) is no longer assigned; the port is now Reserved\n"; !strings.Contains(told.String(), want) {
		t.Errorf("%q is missing:\n%s", want, &told)
	}
}
