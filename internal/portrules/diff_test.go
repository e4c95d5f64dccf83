package portrules

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/registry/ports/portstest"
)

var (
	rec, both, table                    = portstest.Rec, portstest.Both, portstest.Table
	assignee, contact, reference, notes = portstest.Assignee, portstest.Contact, portstest.Reference, portstest.Notes
	registered, modified                = portstest.Registered, portstest.Modified
)

func unassigned(numbers string) ports.Record { return rec("", numbers, "", "Unassigned") }
func reserved(numbers, transport string) ports.Record {
	return rec("", numbers, transport, "Reserved")
}

// line is a change as a test writes it, with the names of what differs and the
// records: "renamed nvme was nvm-express 4420 (tcp): service_name - nvm-express 4420/tcp + nvme 4420/tcp".
func line(change *diff.Change) string {
	c := View(change)
	var b strings.Builder
	b.WriteString(string(c.Kind))
	if c.Name != "" {
		b.WriteString(" " + c.Name)
	}
	if c.Was != "" {
		b.WriteString(" was " + c.Was)
	}
	if p := c.Ports.String(); p != "" {
		b.WriteString(" " + p)
	}
	if len(c.Transports) > 0 {
		fmt.Fprintf(&b, " %v", c.Transports)
	}
	if c.Minor {
		b.WriteString(" minor")
	}
	for _, p := range c.Now {
		fmt.Fprintf(&b, " now %q", p.String())
	}
	for i, f := range c.Fields {
		b.WriteString([]string{": ", ", "}[min(i, 1)] + f.Key)
	}
	for _, side := range []struct {
		sign    string
		records []ports.Record
	}{{" - ", ports.Views(c.Removed)}, {" + ", ports.Views(c.Added)}} {
		for _, r := range side.records {
			b.WriteString(side.sign + cmpOr(r.ServiceName, r.Description) + " " + cmpOr(r.Ports.String(), "none"))
			if r.Transport != "" {
				b.WriteString("/" + string(r.Transport))
			}
		}
	}
	return b.String()
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// lines are changes as a test writes them.
func lines(changes []diff.Change) []string {
	var out []string
	for i := range changes {
		out = append(out, line(&changes[i]))
	}
	return out
}

func TestCompare(t *testing.T) {
	const pando, msdo = "Pando Media Public Distribution", "Microsoft Delivery Optimization Peer-to-Peer"
	const dell, idrac = "Dell Web Admin 1", "iDrac Service Module"
	for _, test := range []struct {
		name     string
		old, new *ports.Table
		want     []string
	}{
		{"nothing", table(), table(), nil},
		{"nothing changed", table(both("http", "80", "")), table(both("http", "80", "")), nil},
		{"duplicates are counted", table(rec("a", "1", "tcp", ""), rec("a", "1", "tcp", "")), table(rec("a", "1", "tcp", "")), []string{
			"deassigned a 1 [tcp] - a 1/tcp",
		}},
		{"and go together", table(rec("a", "1", "tcp", ""), rec("a", "1", "tcp", "")), table(), []string{
			"deassigned a 1 [tcp] - a 1/tcp - a 1/tcp",
		}},

		{"updated", table(both("http", "80", "", reference("[RFC2616]"))), table(both("http", "80", "", reference("[RFC9110]"))), []string{
			"updated http 80 [tcp udp]: reference - http 80/tcp - http 80/udp + http 80/tcp + http 80/udp",
		}},
		{"twins that are updated otherwise stay two changes", table(both("http", "80", "")), table(
			rec("http", "80", "tcp", "", reference("[A]")), rec("http", "80", "udp", "", reference("[B]")),
		), []string{
			"updated http 80 [tcp]: reference - http 80/tcp + http 80/tcp",
			"updated http 80 [udp]: reference - http 80/udp + http 80/udp",
		}},
		{"an update of a service without a port, and without a transport", table(rec("dns-sd", "", "", "")), table(rec("dns-sd", "", "", "", contact("[B]"))), []string{
			"updated dns-sd minor: contact - dns-sd none + dns-sd none",
		}},
		{
			"rdp stands twice and one is updated: the first in canonical order goes with the first",
			table(rec("rdp", "", "", "a"), rec("rdp", "", "", "b")),
			table(rec("rdp", "", "", "b"), rec("rdp", "", "", "c")),
			[]string{"updated rdp: description - rdp none + rdp none"},
		},
		{
			"an unnamed cell that keeps its status is updated",
			table(reserved("1301", "tcp"), reserved("1301", "udp")),
			table(rec("", "1301", "tcp", "Reserved", notes("De-Assigned")), rec("", "1301", "udp", "Reserved", notes("De-Assigned"))),
			[]string{"updated 1301 [tcp udp]: assignment_notes - Reserved 1301/tcp - Reserved 1301/udp + Reserved 1301/tcp + Reserved 1301/udp"},
		},

		{"transferred", table(both("osb-sd", "400", "", assignee("[Ann]"))), table(both("osb-sd", "400", "", assignee("[Bob]"), contact("[Bob]"))), []string{
			"transferred osb-sd 400 [tcp udp]: assignee, contact - osb-sd 400/tcp - osb-sd 400/udp + osb-sd 400/tcp + osb-sd 400/udp",
		}},
		{"a tag with another suffix is no transfer", table(rec("a", "1", "tcp", "", assignee("[NetApp]"))), table(rec("a", "1", "tcp", "", assignee("[NetApp_3]"))), []string{
			"updated a 1 [tcp] minor: assignee - a 1/tcp + a 1/tcp",
		}},
		{"nor is one of several tags", table(rec("a", "1", "tcp", "", assignee("[A_2] [B_10]"))), table(rec("a", "1", "tcp", "", assignee("[a] [B_9]"))), []string{
			"updated a 1 [tcp] minor: assignee - a 1/tcp + a 1/tcp",
		}},
		{"a suffix ends the tag", table(rec("a", "1", "tcp", "", assignee("[A_2_B]"))), table(rec("a", "1", "tcp", "", assignee("[A_B]"), modified("2020-01-02"))), []string{
			"transferred a 1 [tcp]: assignee, modification_date - a 1/tcp + a 1/tcp",
		}},
		{"a first assignee is no transfer", table(rec("a", "1", "tcp", "")), table(rec("a", "1", "tcp", "", assignee("[B]"))), []string{
			"updated a 1 [tcp] minor: assignee - a 1/tcp + a 1/tcp",
		}},

		{
			"ni-ftp gave port 47 back and stayed a name", // 2017-05-18
			table(both("ni-ftp", "47", "NI FTP")),
			table(both("ni-ftp", "", "NI FTP"), reserved("47", "tcp"), reserved("47", "udp")),
			[]string{`deassigned ni-ftp 47 [tcp udp] now "": port_number - ni-ftp 47/tcp - ni-ftp 47/udp + Reserved 47/tcp + Reserved 47/udp + ni-ftp none/tcp + ni-ftp none/udp`},
		},
		{
			"cfg-cloud moved, and left its port to a Reserved row without a transport", // 2019-01-10
			table(rec("cfg-cloud", "8010", "tcp", ""), reserved("8010", "udp"), unassigned("8011-8018")),
			table(rec("cfg-cloud", "8015", "tcp", ""), reserved("8010", ""), unassigned("8011-8014"), reserved("8015", "udp"), unassigned("8016-8018")),
			[]string{
				`moved cfg-cloud 8010 [tcp] now "8015": port_number - cfg-cloud 8010/tcp - Reserved 8010/udp - Unassigned 8011-8018` +
					` + Reserved 8010 + Unassigned 8011-8014 + cfg-cloud 8015/tcp + Reserved 8015/udp + Unassigned 8016-8018`,
			},
		},
		{
			"a move takes the row of the port that it goes to",
			table(rec("a", "1", "tcp", ""), unassigned("2")),
			table(unassigned("1"), rec("a", "2", "tcp", "")),
			[]string{`moved a 1 [tcp] now "2": port_number - a 1/tcp - Unassigned 2 + Unassigned 1 + a 2/tcp`},
		},
		{"a name that got a port", table(rec("a", "", "tcp", "")), table(rec("a", "7", "tcp", ""), reserved("7", "udp")), []string{
			"assigned a 7 [tcp]: port_number - a none/tcp + a 7/tcp + Reserved 7/udp",
		}},
		{"two ports to two: the first to the first", table(rec("a", "1", "tcp", ""), rec("a", "2", "tcp", "")), table(rec("a", "3", "tcp", ""), rec("a", "4", "tcp", "")), []string{
			`moved a 1 [tcp] now "3": port_number - a 1/tcp + a 3/tcp`,
			`moved a 2 [tcp] now "4": port_number - a 2/tcp + a 4/tcp`,
		}},
		{"two ports to one: the first adds it", table(rec("a", "1", "tcp", ""), rec("a", "2", "tcp", "")), table(rec("a", "3", "tcp", "")), []string{
			`moved a 1 [tcp] now "3": port_number - a 1/tcp + a 3/tcp`,
			`moved a 2 [tcp] now "3" - a 2/tcp`,
		}},
		{"three ports to two: the first adds all", table(rec("a", "1", "tcp", ""), rec("a", "2", "tcp", ""), rec("a", "3", "tcp", "")), table(rec("a", "4", "tcp", ""), rec("a", "5", "tcp", "")), []string{
			`moved a 1 [tcp] now "4" now "5": port_number - a 1/tcp + a 4/tcp + a 5/tcp`,
			`moved a 2 [tcp] now "4" now "5" - a 2/tcp`,
			`moved a 3 [tcp] now "4" now "5" - a 3/tcp`,
		}},
		{"one port to two", table(both("a", "1", "")), table(both("a", "2", ""), both("a", "3", "")), []string{
			`moved a 1 [tcp udp] now "2" now "3": port_number - a 1/tcp - a 1/udp + a 2/tcp + a 2/udp + a 3/tcp + a 3/udp`,
		}},
		{"the twin tells what differs in a move", table(rec("a", "1", "udp", "")), table(both("a", "2", "")), []string{
			`moved a 1 [udp] now "2": port_number - a 1/udp + a 2/tcp + a 2/udp`,
		}},
		{"a name that moved beside one of its ports that changed transport", table(rec("a", "1", "tcp", ""), rec("a", "2", "tcp", "")), table(rec("a", "2", "udp", ""), rec("a", "3", "tcp", "")), []string{
			`moved a 1 [tcp] now "3": port_number - a 1/tcp + a 3/tcp`,
			"updated a 2 [udp]: transport_protocol - a 2/tcp + a 2/udp",
		}},
		{"a port that did not change does not hold a move back", table(rec("a", "1", "tcp", ""), rec("a", "2", "tcp", "")), table(rec("a", "1", "tcp", ""), rec("a", "3", "tcp", "")), []string{
			`moved a 2 [tcp] now "3": port_number - a 2/tcp + a 3/tcp`,
		}},

		{
			"nvm-express became nvme", // 2018-03-28
			table(both("nvm-express", "4420", "NVM Express over Fabrics")),
			table(both("nvme", "4420", "NVM Express over Fabrics")),
			[]string{"renamed nvme was nvm-express 4420 [tcp udp]: service_name - nvm-express 4420/tcp - nvm-express 4420/udp + nvme 4420/tcp + nvme 4420/udp"},
		},
		{
			"pando-pub became ms-do",
			table(both("pando-pub", "7680", pando)), table(both("ms-do", "7680", msdo)),
			[]string{"reused ms-do was pando-pub 7680 [tcp udp]: service_name, description - pando-pub 7680/tcp - pando-pub 7680/udp + ms-do 7680/tcp + ms-do 7680/udp"},
		},
		{
			"there", // 2016-08-24
			table(both("dellwebadmin-1", "1278", dell)), table(both("idracsvcmodule", "1278", idrac)),
			[]string{"reused idracsvcmodule was dellwebadmin-1 1278 [tcp udp]: service_name, description - dellwebadmin-1 1278/tcp - dellwebadmin-1 1278/udp + idracsvcmodule 1278/tcp + idracsvcmodule 1278/udp"},
		},
		{
			"and back again", // 2016-08-26
			table(both("idracsvcmodule", "1278", idrac)), table(both("dellwebadmin-1", "1278", dell)),
			[]string{"reused dellwebadmin-1 was idracsvcmodule 1278 [tcp udp]: service_name, description - idracsvcmodule 1278/tcp - idracsvcmodule 1278/udp + dellwebadmin-1 1278/tcp + dellwebadmin-1 1278/udp"},
		},
		{"a description's letter case is no evidence", table(rec("a", "1", "tcp", "One")), table(rec("b", "1", "tcp", "ONE")), []string{
			"renamed b was a 1 [tcp]: service_name, description - a 1/tcp + b 1/tcp",
		}},
		{
			"all that is renamed goes before what is reused",
			table(rec("a", "1", "tcp", "one"), rec("b", "1", "tcp", "two")),
			table(rec("c", "1", "tcp", "two"), rec("d", "1", "tcp", "three")),
			[]string{
				"reused d was a 1 [tcp]: service_name, description - a 1/tcp + d 1/tcp",
				"renamed c was b 1 [tcp]: service_name - b 1/tcp + c 1/tcp",
			},
		},
		{"names without a port are renamed by their description", table(rec("a", "", "tcp", "one")), table(rec("b", "", "tcp", "One")), []string{
			"renamed b was a [tcp]: service_name, description - a none/tcp + b none/tcp",
		}},
		{"not without one", table(rec("a", "", "tcp", "")), table(rec("b", "", "tcp", "")), []string{
			"deassigned a [tcp] - a none/tcp",
			"assigned b [tcp] + b none/tcp",
		}},
		{"nor with another registration date", table(rec("a", "", "tcp", "one", registered("2001"))), table(rec("b", "", "tcp", "one")), []string{
			"deassigned a [tcp] - a none/tcp",
			"assigned b [tcp] + b none/tcp",
		}},
		{"nor on another transport", table(rec("a", "", "tcp", "one")), table(rec("b", "", "udp", "one")), []string{
			"deassigned a [tcp] - a none/tcp",
			"assigned b [udp] + b none/udp",
		}},
		{"a port on another transport is not renamed", table(rec("a", "1", "tcp", "one")), table(rec("b", "1", "udp", "one")), []string{
			"deassigned a 1 [tcp] - a 1/tcp",
			"assigned b 1 [udp] + b 1/udp",
		}},
		{
			"udp goes, tcp is reused", // smc-https, 2016-09
			table(both("smc-https", "6789", "")),
			table(rec("radg", "6789", "tcp", "GSS-API"), reserved("6789", "udp")),
			[]string{
				"deassigned smc-https 6789 [udp] - smc-https 6789/udp + Reserved 6789/udp",
				"reused radg was smc-https 6789 [tcp]: service_name, description - smc-https 6789/tcp + radg 6789/tcp",
			},
		},

		{"deassigned with its Reserved rows", table(both("acms", "3980", "")), table(reserved("3980", "tcp"), reserved("3980", "udp")), []string{
			"deassigned acms 3980 [tcp udp] - acms 3980/tcp - acms 3980/udp + Reserved 3980/tcp + Reserved 3980/udp",
		}},
		{"deassigned on one transport alone", table(both("imap", "143", "")), table(rec("imap", "143", "tcp", ""), reserved("143", "udp")), []string{
			"deassigned imap 143 [udp] - imap 143/udp + Reserved 143/udp",
		}},
		{"deassigned, and its port is one Unassigned row", table(both("a", "5", "")), table(unassigned("5")), []string{
			"deassigned a 5 [tcp udp] - a 5/tcp - a 5/udp + Unassigned 5",
		}},
		{"deassigned without a transport takes the rows of all", table(rec("a", "5", "", "")), table(reserved("5", "tcp"), reserved("5", "udp")), []string{
			"deassigned a 5 - a 5 + Reserved 5/tcp + Reserved 5/udp",
		}},
		{"twins that differ go together", table(rec("a", "5", "tcp", "x"), rec("a", "5", "udp", "y")), table(), []string{
			"deassigned a 5 [tcp udp] - a 5/tcp - a 5/udp",
		}},
		{
			"sai-sentlm and its alias are gone, each with a Reserved row", // 2016-05-12
			table(both("sai-sentlm", "2640", ""), both("sai_sentlm", "2640", "")),
			table(reserved("2640", "tcp"), reserved("2640", "tcp"), reserved("2640", "udp"), reserved("2640", "udp")),
			[]string{
				"deassigned sai-sentlm 2640 [tcp udp] - sai-sentlm 2640/tcp - sai-sentlm 2640/udp + Reserved 2640/tcp + Reserved 2640/udp",
				"deassigned sai_sentlm 2640 [tcp udp] - sai_sentlm 2640/tcp - sai_sentlm 2640/udp + Reserved 2640/tcp + Reserved 2640/udp",
			},
		},
		{"what had no port is gone", table(rec("mazepseudo-game", "", "tcp", "")), table(), []string{"deassigned mazepseudo-game [tcp] - mazepseudo-game none/tcp"}},
		{"a port in use under no name is gone", table(rec("", "24", "tcp", "any private mail system")), table(reserved("24", "tcp")), []string{
			"deassigned 24 [tcp] - any private mail system 24/tcp + Reserved 24/tcp",
		}},
		{"a name is gone from a port that stays in use", table(rec("a", "24", "tcp", "")), table(rec("", "24", "tcp", "any private mail system")), []string{
			"deassigned a 24 [tcp] - a 24/tcp + any private mail system 24/tcp",
		}},
		{"a port came into use under no name", table(unassigned("24")), table(rec("", "24", "", "any private mail system")), []string{
			"assigned 24 - Unassigned 24 + any private mail system 24",
		}},

		{
			"one assignment cuts a range into three and adds a Reserved twin",
			table(unassigned("4754-4783")),
			table(unassigned("4754-4773"), rec("grcmp", "4774", "tcp", ""), reserved("4774", "udp"), unassigned("4775-4783")),
			[]string{
				"assigned grcmp 4774 [tcp] - Unassigned 4754-4783 + Unassigned 4754-4773 + grcmp 4774/tcp + Reserved 4774/udp + Unassigned 4775-4783",
			},
		},
		{"an assignment takes the very cell's rows", table(reserved("2640", "tcp"), reserved("2640", "udp")), table(both("ami-control", "2640", "")), []string{
			"assigned ami-control 2640 [tcp udp] - Reserved 2640/tcp - Reserved 2640/udp + ami-control 2640/tcp + ami-control 2640/udp",
		}},
		{"a cell written otherwise is the same cell", table(rec("", "4748-4748", "", "Unassigned")), table(rec("a", "4748", "tcp", "")), []string{
			"assigned a 4748 [tcp] - Unassigned 4748-4748 + a 4748/tcp",
		}},
		{"four transports", table(), table(rec("a", "1", "dccp", ""), rec("a", "1", "sctp", ""), both("a", "1", "")), []string{
			"assigned a 1 [tcp udp sctp dccp] + a 1/dccp + a 1/sctp + a 1/tcp + a 1/udp",
		}},
		{"one without a transport does not go with one that has one", table(), table(rec("a", "1", "", ""), rec("a", "1", "tcp", "")), []string{
			"assigned a 1 + a 1",
			"assigned a 1 [tcp] + a 1/tcp",
		}},

		{"reserved", table(), table(reserved("7702", "udp")), []string{"reserved 7702 [udp] + Reserved 7702/udp"}},
		{"unreserved", table(reserved("7702", "udp")), table(unassigned("7702")), []string{"unreserved 7702 [udp] - Reserved 7702/udp + Unassigned 7702"}},
		{"a reuse explains the Reserved twin", table(rec("a", "7", "tcp", "")), table(rec("b", "7", "tcp", "x"), reserved("7", "udp")), []string{
			"reused b was a 7 [tcp]: service_name, description - a 7/tcp + b 7/tcp + Reserved 7/udp",
		}},
		{"a Reserved cell that was Reserved on one transport", table(reserved("5", "udp")), table(reserved("5", "")), []string{
			"updated 5: transport_protocol - Reserved 5/udp + Reserved 5",
		}},
		{"a Reserved row far from any change of a service, beside one", table(unassigned("7202")), table(rec("pon-ictp", "7202", "tcp", ""), reserved("7702", "udp")), []string{
			"assigned pon-ictp 7202 [tcp] - Unassigned 7202 + pon-ictp 7202/tcp",
			"reserved 7702 [udp] + Reserved 7702/udp",
		}},
		{
			"a Reserved range that shrinks by a port",
			table(reserved("225-241", "")), table(reserved("225-240", ""), unassigned("241")),
			[]string{
				"unreserved 241 - Reserved 225-241 + Reserved 225-240 + Unassigned 241",
			},
		},
		{"a Reserved range that is cut and stays Reserved", table(reserved("1-9", "")), table(reserved("1-4", ""), reserved("5-9", "")), []string{
			"recut 1-9 - Reserved 1-9 + Reserved 1-4 + Reserved 5-9",
		}},
		{"an Unassigned range that is cut by nothing", table(unassigned("6889"), unassigned("6890-6899")), table(unassigned("6889-6899")), []string{
			"recut 6889-6899 - Unassigned 6889 - Unassigned 6890-6899 + Unassigned 6889-6899",
		}},
		{"regions apart are redrawn apart", table(unassigned("1-5"), unassigned("7-9")), table(unassigned("1-4"), unassigned("5"), unassigned("7-8"), unassigned("9")), []string{
			"recut 1-5 - Unassigned 1-5 + Unassigned 1-4 + Unassigned 5",
			"recut 7-9 - Unassigned 7-9 + Unassigned 7-8 + Unassigned 9",
		}},
		{"a port that has no record any more", table(unassigned("1-5")), table(unassigned("1-4")), []string{
			"updated 5: description - Unassigned 1-5 + Unassigned 1-4",
		}},
		{"a record that cannot be read", table(rec("", "x-ray", "", "Reserved")), table(rec("a", "x-ray", "", "")), []string{
			"assigned a x-ray + a x-ray",
			"unreserved x-ray - Reserved x-ray",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := Compare(test.old.Records, test.new.Records)
			if d := cmp.Diff(test.want, lines(got)); d != "" {
				t.Errorf("the changes (-want +got):\n%s", d)
			}
			checkLaws(t, test.old, test.new, got)
		})
	}
}

// apply returns the table that changes lead to.
func apply(t *ports.Table, changes []diff.Change) (*ports.Table, error) {
	records, err := diff.Apply(t.Records, changes, ports.View)
	return ports.NewTable(records), err
}

// undo returns the table that changes led from.
func undo(t *ports.Table, changes []diff.Change) (*ports.Table, error) {
	exchanged := slices.Clone(changes)
	for i := range exchanged {
		exchanged[i].Removed, exchanged[i].Added = exchanged[i].Added, exchanged[i].Removed
	}
	return apply(t, exchanged)
}

// checkLaws holds changes to what is promised of any.
func checkLaws(t interface{ Errorf(string, ...any) }, old, new *ports.Table, changes []diff.Change) {
	if got, err := apply(old, changes); err != nil || !slices.Equal(got.Records, new.Records) {
		t.Errorf("applied to the old table they do not give the new one: %v\n%q", err, lines(changes))
	}
	if got, err := undo(new, changes); err != nil || !slices.Equal(got.Records, old.Records) {
		t.Errorf("undone in the new table they do not give the old one: %v\n%q", err, lines(changes))
	}
	taken := make(map[ports.Record]bool)
	for i := range changes {
		c := &changes[i]
		for _, r := range ports.Views(c.Removed) {
			taken[r] = true
		}
		if !slices.IsSortedFunc(ports.Views(c.Removed), ports.Compare) || !slices.IsSortedFunc(ports.Views(c.Added), ports.Compare) {
			t.Errorf("%s: its records are not in canonical order", line(c))
		}
		at := View(c)
		if i > 0 && View(&changes[i-1]).Ports.Compare(at.Ports) > 0 {
			t.Errorf("%s comes after %s", line(c), line(&changes[i-1]))
		}
		if named := c.Name != ""; named && (c.Kind == diff.Recut || c.Kind == diff.Reserved || c.Kind == diff.Unreserved) {
			t.Errorf("%s: a kind for unnamed cells has a service", line(c))
		}
		if (c.Was != "") != (c.Kind == diff.Renamed || c.Kind == diff.Reused) || (at.Now != nil) != (c.Kind == diff.Moved || at.GivenBack()) {
			t.Errorf("%s: was %q, now %q", line(c), c.Was, at.Now)
		}
	}
	for i := range changes {
		for _, r := range ports.Views(changes[i].Added) {
			if taken[r] {
				t.Errorf("%s adds what a change takes away", line(&changes[i]))
			}
		}
	}
}

func TestCompareAltersNeitherArgument(t *testing.T) {
	old := []ports.Record{rec("b", "2", "tcp", ""), rec("a", "1", "tcp", ""), unassigned("3-9")}
	new := []ports.Record{rec("c", "2", "tcp", ""), rec("a", "4", "tcp", ""), unassigned("5-9")}
	wantOld, wantNew := slices.Clone(old), slices.Clone(new)
	Compare(old, new)
	if !slices.Equal(old, wantOld) || !slices.Equal(new, wantNew) {
		t.Error("Compare altered its arguments")
	}
}

func TestFieldsNamesEveryColumn(t *testing.T) {
	var a ports.Record
	for i, c := range ports.Columns() {
		var v [ports.NumColumns]string
		v[i] = "7"
		b := recordOf(t, v)
		want := []diff.Field{{Key: c.Key, New: "7"}}
		if d := cmp.Diff(want, fields(&a, &b)); d != "" {
			t.Errorf("%s differs (-want +got):\n%s", c.Name, d)
		}
		if got := fields(&b, &b); got != nil {
			t.Errorf("equal records differ in %v", got)
		}
	}
	old := rec("a", "1", "tcp", "x", contact("[C]"), modified("2006-01"))
	new := rec("b", "1-1", "udp", "x", assignee("[D]"), modified("2006-01-02"))
	want := []diff.Field{
		{Key: "service_name", Old: "a", New: "b"},
		{Key: "port_number", Old: "1", New: "1-1"},
		{Key: "transport_protocol", Old: "tcp", New: "udp"},
		{Key: "assignee", Old: "", New: "[D]"},
		{Key: "contact", Old: "[C]", New: ""},
		{Key: "modification_date", Old: "2006-01", New: "2006-01-02"},
	}
	if d := cmp.Diff(want, fields(&old, &new)); d != "" {
		t.Errorf("fields (-want +got):\n%s", d)
	}
}

func TestKindsAreRankedOnceEach(t *testing.T) {
	for i, k := range diff.Kinds {
		if k.Rank() != i {
			t.Errorf("%s: rank %d, want %d", k, k.Rank(), i)
		}
	}
	if diff.Kind("").Rank() >= 0 {
		t.Error("the zero Kind has a rank")
	}
}

func TestApplyNamesWhatIsNotThere(t *testing.T) {
	changes := Compare(table(both("a", "1", "")).Records, nil)
	for name, tab := range map[string]*ports.Table{"all": table(), "one": table(rec("a", "1", "tcp", ""))} {
		_, err := apply(tab, changes)
		if err == nil || !strings.Contains(err.Error(), `"a"`) || !strings.Contains(err.Error(), string(diff.Deassigned)) {
			t.Errorf("%s gone: %v", name, err)
		}
	}
	if _, err := undo(table(both("a", "1", "")), Compare(nil, table(both("b", "1", "")).Records)); err == nil {
		t.Error("undid a change that never was")
	}
}

func TestListsInARowCompose(t *testing.T) {
	without, with := table(rec("a", "1", "tcp", "")), table(rec("a", "1", "tcp", ""), rec("b", "2", "tcp", ""))
	there, back := Compare(without.Records, with.Records), Compare(with.Records, without.Records)
	for name, test := range map[string]struct {
		changes []diff.Change
		want    *ports.Table
	}{
		"there":                {there, with},
		"and back":             {slices.Concat(there, back), without},
		"and there once again": {slices.Concat(there, back, there), with},
	} {
		if got, err := apply(without, test.changes); err != nil || !slices.Equal(got.Records, test.want.Records) {
			t.Errorf("%s: %v", name, err)
		}
		if got, err := undo(test.want, test.changes); err != nil || !slices.Equal(got.Records, without.Records) {
			t.Errorf("%s, undone: %v", name, err)
		}
	}
}
