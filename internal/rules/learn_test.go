package rules_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ianasync/ianasync/internal/rules"
	"github.com/ianasync/ianasync/registry"
)

// table returns a table from lines of cells with | between them, the first of which has the keys of the columns.
func table(lines ...string) *registry.Table {
	var columns []registry.Column
	for key := range strings.SplitSeq(lines[0], "|") {
		columns = append(columns, registry.Column{Key: key, Role: registry.RoleOf(key)})
	}
	var records []registry.Record
	for _, line := range lines[1:] {
		var cells []registry.Cell
		for i, text := range strings.Split(line, "|") {
			cells = append(cells, registry.Cell{Key: columns[i].Key, Text: text})
		}
		records = append(records, registry.NewRecord(cells...))
	}
	return registry.NewTable(&registry.Registry{ID: "group/registry"}, columns, records, nil)
}

func TestLearn(t *testing.T) {
	for _, c := range []struct {
		what   string
		tables []*registry.Table
		key    string
		name   string
	}{
		{"the first unique column", []*registry.Table{table("value|name|reference", "1|a|[RFC1]", "2|b|[RFC1]")}, "value", "name"},
		{"references last", []*registry.Table{table("reference|value|description", "[RFC1]|1|a", "[RFC2]|2|b")}, "value", "description"},
		{"Unassigned is no record", []*registry.Table{table("value|description|dtls", "0|a|Y", "1|b|N", "2-4|Unassigned|", "6-9|Unassigned|")}, "value", "description"},
		{"two columns", []*registry.Table{table("class|type|name", "1|1|a", "1|2|b", "2|1|a", "2|2|c", "3|1|a", "3|2|d")}, "class type", "name"},
		{"text as key is the name", []*registry.Table{table("value|reference", "sub|[RFC1]", "aud|[RFC1]")}, "value", "value"},
		{"nothing tells half of the records apart", []*registry.Table{table("a|b", "x|y", "x|y", "x|y")}, "a b", ""},
		{
			"one record that moved and one that was renamed do not decide",
			[]*registry.Table{
				table("value|name", "1|a", "2|b", "3|c", "26|compress"),
				table("value|name", "1|a", "2|b", "3|c", "27|compress"),
				table("value|name", "1|a", "2|b", "3|d", "27|compress"),
			},
			"value", "name",
		},
		{
			"names that change often are no key",
			[]*registry.Table{
				table("text|number", "a|1", "b|2", "c|3"),
				table("text|number", "a a|1", "b b|2", "c c|3"),
				table("text|number", "a a a|1", "b b b|2", "c c c|3"),
			},
			"number", "text",
		},
		{"texts that are reworded now and then are no key", reworded(), "type value", "text"},
		{
			"codes that are no numbers are no names",
			[]*registry.Table{table("value|protocol", "0021|IPv4", "c021|LCP", "8021-80ff|IPCP")},
			"value", "protocol",
		},
		{
			"references are no key where another column is one",
			[]*registry.Table{
				table("package|type|reference", "addressbook|package|[RFC1]", "dialog|package|[RFC2]"),
				table("package|type|reference", "address-book|package|[RFC1]", "dialog|package|[RFC2]"),
			},
			"package", "package",
		},
		{
			"one record in a short history that moved and has another reference does not decide",
			[]*registry.Table{
				table("value|name|IIH|LSP|SNP|reference", "1|Area|y|y|n|[RFC1]", "26|Flooding|n|y|n|[draft-a]", "30|Hello|n|n|n|[RFC2]"),
				table("value|name|IIH|LSP|SNP|reference", "1|Area|y|y|n|[RFC1]", "18|Flooding|n|y|n|[RFC9]", "30|Hello|n|n|n|[RFC2]"),
			},
			"value", "name",
		},
		{
			"prose is no key where two short columns are one",
			[]*registry.Table{table("name|description|kty", "d|The private key of EC|EC", "d|The private exponent of RSA|RSA", "x|The public key of EC|EC", "n|The modulus of RSA|RSA")},
			"name kty", "name",
		},
		{"a name in the words of a CSV", []*registry.Table{table("value|dtls_ok|extension_name", "0|Y|server_name", "1|Y|max_fragment_length", "2|N|client_certificate_url")}, "value", "extension_name"},
		{"numbers are no name", []*registry.Table{table("value|bits|text", "0x1|10010|a", "0x2|10001|b", "0x3|10011|c")}, "value", "text"},
		{"no columns", []*registry.Table{table("", "")}, "", ""},
	} {
		s := rules.LearnTables(c.tables...)
		if got := strings.Join(s.Key, " "); got != c.key || s.Name != c.name {
			t.Errorf("%s: key %q and name %q, want %q and %q", c.what, got, s.Name, c.key, c.name)
		}
	}
}

// reworded returns a history in which a note of every record changes each time, and a text once.
func reworded() (list []*registry.Table) {
	for edition := range 5 {
		lines := []string{"type|value|text|note"}
		for i := range 20 {
			text := fmt.Sprintf("text %d", i)
			if edition > 2 && i == 7 {
				text = "other words"
			}
			lines = append(lines, fmt.Sprintf("%d|%d|%s|note %d of %d", i/5, i%5, text, i, edition))
		}
		list = append(list, table(lines...))
	}
	return list
}

// TestLearnOrder holds that the order of rows does not matter.
func TestLearnOrder(t *testing.T) {
	var lines []string
	for i := range 50 {
		lines = append(lines, fmt.Sprintf("%d|name %d|[RFC%d]", i/2, i, i%7))
	}
	reversed := slices.Clone(lines)
	slices.Reverse(reversed)
	a := rules.LearnTables(table(append([]string{"value|name|reference"}, lines...)...))
	b := rules.LearnTables(table(append([]string{"value|name|reference"}, reversed...)...))
	if !slices.Equal(a.Key, b.Key) || a.Name != b.Name {
		t.Errorf("%v %s, %v %s", a.Key, a.Name, b.Key, b.Name)
	}
}
