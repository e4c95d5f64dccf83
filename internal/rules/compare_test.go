package rules_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/rules"
	"github.com/ianasync/ianasync/registry"
)

// brief is a change in few words: its kind, key, name and earlier name, and how many records it removes and adds.
func brief(c *diff.Change) string {
	var key []string
	for _, k := range c.Key {
		key = append(key, k.Text)
	}
	kind := string(c.Kind)
	if c.Minor {
		kind += " (minor)"
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s %s<%s -%d +%d", kind, strings.Join(key, "/"), c.Name, c.Was, len(c.Removed), len(c.Added)))
}

func TestKinds(t *testing.T) {
	const header = "value|name|status|controller|reference|contact|modification_date"
	for _, c := range []struct {
		what     string
		old, new []string
		want     []string
	}{
		{
			"two holders of one value, one of which went (protocol 84)",
			[]string{"83|VINES||||[Brian_Horn]|", "84|TTP||||[Jim_Stevens]|", "84|IPTM||||[Jim_Stevens_2]|", "85|NSFNET||||[Hans_Braun]|"},
			[]string{"83|VINES||||[Brian_Horn]|", "84|IPTM||||[Jim_Stevens]|2023-03-16", "85|NSFNET||||[Hans_Braun]|"},
			[]string{"updated (minor) 84 IPTM< -1 +1", "deassigned 84 TTP< -1 +0"},
		},
		{
			"a temporary mark that comes, is moved and goes, not closed",
			[]string{"1|may_act|||[draft-a]||", "2|tls12_cid (TEMPORARY - registered 2018-03-29, expires 2019-03-29|||[draft-b]||", "3|x5chain (TEMPORARY - registered 2018-03-29, expires 2019-03-29|||[draft-c]||"},
			[]string{"1|may_act (TEMPORARY - registered 2018-03-29, expires 2019-03-29|||[draft-a]||", "2|tls12_cid (TEMPORARY - registered 2018-03-29, extension registered 2019-03-01, expires 2020-03-29)|||[RFC2]||", "3|x5chain|||[RFC3]||"},
			[]string{"updated 1 may_act (TEMPORARY - registered 2018-03-29, expires 2019-03-29< -1 +1", "extended 2 tls12_cid (TEMPORARY - registered 2018-03-29, extension registered 2019-03-01, expires 2020-03-29)< -1 +1", "permanent 3 x5chain< -1 +1"},
		},
		{
			"an assignment out of a range, and one given back",
			[]string{"1|one|||[RFC1]||", "2-9|Unassigned|||||", "10|ten|||[RFC1]||", "11-20|Unassigned|||||"},
			[]string{"1|one|||[RFC1]||", "2-4|Unassigned|||||", "5|five|||[RFC2]||", "6-9|Unassigned|||||", "10-20|Unassigned|||||"},
			[]string{"assigned 5 five< -1 +3", "deassigned 10 ten< -2 +1"},
		},
		{
			"what is only redrawn, and what became reserved within",
			[]string{"1-9|Unassigned|||||", "20-29|Unassigned|||||"},
			[]string{"1-4|Unassigned|||||", "5-9|Unassigned|||||", "20-24|Unassigned|||||", "25|Reserved|||||", "26-29|Unassigned|||||"},
			[]string{"recut 1-4 < -1 +2", "reserved 25 Reserved< -1 +3"},
		},
		{
			"a reserved value that is free now, and reserved ones that say why",
			[]string{"1|Reserved|||||", "2|Reserved|||||", "3|Reserved|||||"},
			[]string{"1|Unassigned|||||", "2|Reserved for Private Use|||||", "3|Reserved||||[Ann_Other]|"},
			[]string{"unreserved 1 Reserved< -1 +1", "updated 2 Reserved for Private Use< -1 +1", "updated (minor) 3 Reserved< -1 +1"},
		},
		{
			"values that are no numbers",
			[]string{"10.0.0.0/8|Reserved|||||", "11.0.0.0/8|eleven|||[RFC1]||"},
			[]string{"10.0.0.0/8|ten|||[RFC2]||", "11.0.0.0/8|Unassigned|||||"},
			[]string{"assigned 10.0.0.0/8 ten< -1 +1", "deassigned 11.0.0.0/8 eleven< -1 +1"},
		},
		{
			"the first kind that fits",
			[]string{
				"1|aa (TEMPORARY - registered 2018-01-01, expires 2019-01-01)||[Ann_Other]|[draft-a]||", "2|bb|Y||[draft-b]||", "3|cc||[Ann_Other]|[draft-c]||",
				"4|dd||[IESG]|[RFC1]||2001-01-01", "5|ee|||[draft-e]||", "6|ff|MAY||[RFC1]||", "7|gg|||[RFC1][RFC2]||",
			},
			[]string{
				"1|aa||[Ann_Other]|[RFC8]||", "2|bb|N||[RFC9]||", "3|cc||[Bob_Example]|[RFC9]||2020-01-01",
				"4|dd||[IETF]|[RFC1]||2020-01-01", "5|ee|||[RFC9]|[Ann_Other]|2020-01-01", "6|ff|MUST NOT||[RFC1]||", "7|gg|||[RFC2][RFC1]||",
			},
			[]string{
				"permanent 1 aa< -1 +1", "deprecated 2 bb< -1 +1", "transferred 3 cc< -1 +1", "updated (minor) 4 dd< -1 +1",
				"published 5 ee< -1 +1", "deprecated 6 ff< -1 +1", "updated (minor) 7 gg< -1 +1",
			},
		},
		{
			"the same value of something else",
			[]string{"1|alpha|||[RFC1]||", "2|kept|||[RFC7]||"},
			[]string{"1|omega|||[RFC2]||", "2|kept|||[RFC7]||"},
			[]string{"reused 1 omega<alpha -1 +1"},
		},
		{
			"a name on another value, with another reference",
			[]string{"1|alpha|||[RFC1]||", "2|kept|||[RFC7]||"},
			[]string{"2|kept|||[RFC7]||", "3|alpha|||[RFC2]||"},
			[]string{"moved 3 alpha< -1 +1"},
		},
		{
			"a name respelled, quoted by the new one, or on the same document",
			[]string{"1|X.509|||[RFC1]||", "2|elliptic_curves|||[RFC2]||", "3|LIR-PF|||[RFC-ietf-a-b-13]||", "4|A bit|||[draft-ietf-lsr-c-15]||", "5|AES with an ICV|||[RFC5]||"},
			[]string{"1|X509|||[RFC10]||", "2|supported_groups (renamed from \"elliptic_curves\")|||[RFC9]||", "3|Leaf Required (LIR-pF)|||[RFC8]||", "4|Anycast Flag|||[RFC-ietf-lsr-c-18, Section 6]||", "5|ENCR_GCM|||[RFC5][RFC6]||"},
			[]string{
				"renamed 1 X509<X.509 -1 +1", "renamed 2 supported_groups (renamed from \"elliptic_curves\")<elliptic_curves -1 +1",
				"renamed 3 Leaf Required (LIR-pF)<LIR-PF -1 +1", "renamed 4 Anycast Flag<A bit -1 +1", "renamed 5 ENCR_GCM<AES with an ICV -1 +1",
			},
		},
		{
			"assigned ranges with other ends, and the same values divided otherwise",
			[]string{"1-10|||||[Ann_Other]|", "11-20|||||[Ann_Other]|", "21-30|blocks of one|||[RFC1]||", "40-49|blocks of two|||[RFC1]||"},
			[]string{"1-20|||||[Ann_Other]|", "21-24|blocks of one|||[RFC1]||", "25-30|blocks of one|||[RFC1]||", "41-50|blocks of two|||[RFC1]||"},
			[]string{"recut 1-20 < -2 +1", "recut 21-24 < -1 +2", "moved 41-50 blocks of two< -1 +1"},
		},
		{
			"one of two records of a value and its name",
			[]string{"1|one|||[RFC1]||", "1|one|||[RFC1]||", "2|two|||[RFC1]||", "2|two|||[RFC2]||", "3|three|||||"},
			[]string{"1|one|||[RFC1]||", "2|two|||[RFC2]||", "3|three|||||", "3|three|||[RFC3]||"},
			[]string{"updated (minor) 1 one< -1 +0", "updated 2 two< -1 +0", "updated 3 three< -0 +1"},
		},
	} {
		s := rules.LearnTables(table(append([]string{header}, "1|a|||||", "2|b|||||")...))
		changes := rules.Tables(table(append([]string{header}, c.old...)...), table(append([]string{header}, c.new...)...), s)
		var got []string
		for i := range changes {
			got = append(got, brief(&changes[i]))
		}
		slices.Sort(got)
		slices.Sort(c.want)
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.what, d)
		}
	}
}

// TestRewordedKeys holds what becomes of a record whose key is a text that was corrected.
func TestRewordedKeys(t *testing.T) {
	for _, c := range []struct {
		what     string
		old, new []string
		want     []string
	}{
		{
			"a name that goes on otherwise, registered on the same day",
			[]string{"name|reference|registration_date", "cap+xml|[RFC1]|2020-03-10", "other|[RFC2]|2001-01-01"},
			[]string{"name|reference|registration_date", "EmergencyCallData.cap+xml|[RFC1]|2020-03-10", "other|[RFC2]|2001-01-01"},
			[]string{"renamed EmergencyCallData.cap+xml EmergencyCallData.cap+xml<cap+xml -1 +1"},
		},
		{
			"names that share no more than the day",
			[]string{"name|reference|registration_date", "alpha|[RFC1]|2020-03-10", "other|[RFC2]|2001-01-01"},
			[]string{"name|reference|registration_date", "omega|[RFC1]|2020-03-10", "other|[RFC2]|2001-01-01"},
			[]string{"assigned omega omega< -0 +1", "deassigned alpha alpha< -1 +0"},
		},
		{
			"a text that was reworded, without dates",
			[]string{"error|reference", "8: Non-zero PLSP-ID in LSP initiation request|[draft-ietf-a]", "9: LSP is not PCE-initiated|[RFC2]"},
			[]string{"error|reference", "8: Non-zero PLSP-ID in LSP Initiate Request|[RFC-ietf-a-11]", "9: LSP is not PCE-initiated|[RFC2]"},
			[]string{"renamed 8: Non-zero PLSP-ID in LSP Initiate Request 8: Non-zero PLSP-ID in LSP Initiate Request<8: Non-zero PLSP-ID in LSP initiation request -1 +1"},
		},
		{
			"the same words about another number",
			[]string{"start|status", "block 1 for use in documentation|allocated", "block 9 for tests|allocated"},
			[]string{"start|status", "block 2 for use in documentation|allocated", "block 9 for tests|allocated"},
			[]string{"assigned block 2 for use in documentation block 2 for use in documentation< -0 +1", "deassigned block 1 for use in documentation block 1 for use in documentation< -1 +0"},
		},
		{
			"a server is no party",
			[]string{"value|name|rdap", "14|Example, Inc.|https://rdap.example.com/"},
			[]string{"value|name|rdap", "14|Example, Inc.|https://rdap.example.net/v1/"},
			[]string{"updated 14 Example, Inc.< -1 +1"},
		},
		{
			"a text that is no value and was reworded, of a record with another name",
			[]string{"description|name|reference", "CLUE-controlled m-line|CLUE|[RFC1]", "Lip synchronization|LS|[RFC2]", "Lip stream|LS|[RFC2]"},
			[]string{"description|name|reference", "CLUE-controlled \"m=\" line|CLUE|[RFC1]", "Lip synchronization|LS|[RFC2]", "Lip stream|LS|[RFC2]"},
			[]string{"updated CLUE-controlled \"m=\" line CLUE< -1 +1"},
		},
		{
			"a name that is part of the key with a number, corrected",
			[]string{"value|name", "150|TFTP server address", "150|Etherboot", "150|GRUB", "151|GRUB", "151|status-code", "152|Etherboot"},
			[]string{"value|name", "150|TFTP server address", "150|Etherboot (Tentatively Assigned - 2005-06-23)", "150|GRUB", "151|GRUB", "151|status-code", "152|Etherboot"},
			[]string{"updated 150/Etherboot (Tentatively Assigned - 2005-06-23) Etherboot (Tentatively Assigned - 2005-06-23)< -1 +1"},
		},
		{
			"addresses without names: another end, and a prefix with another length",
			[]string{"prefix|designation|date", "2001:4c00::/23|RIPE NCC|2004-12-17", "2001:0200::/23|APNIC|1999-07-01", "2001:0c00::/23|APNIC|2002-05-02", "2001:0400::/23|ARIN|1999-07-01", "2001:1800::/23|ARIN|2003-04-01", "2001:0600::/23|RIPE NCC|1999-07-01"},
			[]string{"prefix|designation|date", "2001:4c00::/22|RIPE NCC|2004-12-17", "2001:200::/23|APNIC|1999-07-01", "2001:0c00::/23|APNIC|2002-05-02", "2001:0400::/23|ARIN|1999-07-01", "2001:1800::/23|ARIN|2003-04-01", "2001:0600::/23|RIPE NCC|1999-07-01"},
			[]string{"moved 2001:4c00::/22 < -1 +1", "updated (minor) 2001:200::/23 < -1 +1"},
		},
		{
			"addresses in ranges: one assigned out of a free one, one that begins elsewhere",
			[]string{"addr|description", "224.0.1.1|NTP", "224.0.1.151-224.0.1.155|Intercom", "224.0.1.193-224.0.1.255|Unassigned", "224.0.1.39|cisco-rp"},
			[]string{"addr|description", "224.0.1.1|NTP", "224.0.1.152-224.0.1.155|Intercom", "224.0.1.193|New", "224.0.1.194-224.0.1.255|Unassigned", "224.0.1.39|cisco-rp"},
			[]string{"assigned 224.0.1.193 New< -1 +2", "moved 224.0.1.152-224.0.1.155 Intercom< -1 +1"},
		},
	} {
		old, now := table(c.old...), table(c.new...)
		changes := rules.Tables(old, now, rules.LearnTables(old))
		var got []string
		for i := range changes {
			got = append(got, brief(&changes[i]))
		}
		slices.Sort(got)
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.what, d)
		}
	}
}

// TestRenamedColumns compares tables of which IANA renamed a column: the key, or another one. The records are the same.
func TestRenamedColumns(t *testing.T) {
	old := table("value|description|reference", "0|Reserved|[RFC1]", "1|one|[RFC1]", "2|two|[RFC1]", "3-9|Unassigned|")
	for header, s := range map[string]*rules.Scheme{"number|description|reference": nil, "value|name|reference": rules.LearnTables(old)} {
		now := table(header, "0|Reserved|[RFC1]", "1|one|[RFC2]", "2|two|[RFC1]", "3-9|Unassigned|")
		var got []string
		for _, c := range rules.Tables(old, now, s) {
			got = append(got, fmt.Sprint(brief(&c), c.Fields))
		}
		want := []string{
			"updated (minor) 0 Reserved< -1 +1[]", "updated 1 one< -1 +1[{reference [RFC1] [RFC2]}]", "updated (minor) 2 two< -1 +1[]",
			"updated (minor) 3-9 Unassigned< -1 +1[]",
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", header, d)
		}
	}
	other := table("value|remark|reference", "1|A|[RFC1]", "2|B|[RFC1]")
	for _, c := range rules.Tables(table("value|description|reference", "1|one|[RFC1]", "2|two|[RFC1]"), other, nil) {
		if len(c.Fields) != 2 {
			t.Errorf("a column with other texts is another one: %+v", c.Fields)
		}
	}
}

// TestReworked holds that many reused records are updates, and that a list of which over 400 records changed is one change, less
// what was published.
func TestReworked(t *testing.T) {
	made := func(n int, name, reference string) *registry.Table {
		lines := []string{"value|name|reference"}
		for i := range n {
			lines = append(lines, fmt.Sprintf("%d|%s%d|%s", i, name, i, reference))
		}
		return table(lines...)
	}
	s := rules.LearnTables(made(10, "a", ""))
	changes := rules.Tables(made(6, "alpha", "[RFC1]"), made(6, "omega", "[RFC2]"), s)
	if n := diff.Summary(changes)[diff.Updated]; n != 6 {
		t.Errorf("%d of 6 records that share nothing are updated", n)
	}
	if changes = rules.Tables(made(400, "alpha", "[RFC1]"), made(400, "alpha", "[RFC2]"), s); len(changes) != 400 {
		t.Errorf("400 records, %d changes", len(changes))
	}
	if changes = rules.Tables(made(401, "alpha", "[RFC1]"), made(401, "alpha", "[RFC2]"), s); len(changes) != 1 || changes[0].Kind != diff.Updated || len(changes[0].Added) != 401 {
		t.Errorf("401 records, %d changes", len(changes))
	}
	if n := diff.Summary(rules.Tables(made(401, "alpha", "[draft-a]"), made(401, "alpha", "[RFC2]"), s))[diff.Published]; n != 401 {
		t.Errorf("%d of 401 records are published", n)
	}
}

// TestOneKey compares tables in which thousands of records have one key: 400 of them differ, or all. A comparison of each with each
// would take minutes.
func TestOneKey(t *testing.T) {
	made := func(renamed int) *registry.Table {
		lines := []string{"value|name|status"}
		for i := range 10_000 {
			name := "n"
			if i < renamed {
				name = "m"
			}
			lines = append(lines, fmt.Sprintf("1|%s%d|%d", name, i, i%7))
		}
		return table(lines...)
	}
	old := made(0)
	s := rules.Keyed(old.Columns, []string{"value"}, "name", false, true)
	for _, renamed := range []int{400, 10_000} {
		changes := rules.Tables(old, made(renamed), s)
		removed, added := 0, 0
		for i := range changes {
			removed, added = removed+len(changes[i].Removed), added+len(changes[i].Added)
		}
		if removed != renamed || added != renamed {
			t.Errorf("%d records differ; %d are removed and %d added", renamed, removed, added)
		}
	}
}
