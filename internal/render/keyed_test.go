package render

import (
	"strings"
	"testing"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/registry"
)

// TestKeyed holds the sentences about registries other than the service names registry.
func TestKeyed(t *testing.T) {
	key := func(text string) []registry.Cell { return []registry.Cell{{Key: "value", Text: text}} }
	field := func(key, old, new string) diff.Field { return diff.Field{Key: key, Old: old, New: new} }
	const id, title = "tls-parameters/tls-parameters-4", "TLS Cipher Suites"
	for _, c := range []struct {
		change diff.Change
		want   string
	}{
		{
			diff.Change{Kind: diff.Published, Registry: id, Title: title, Key: key("0x13,0x06"), Name: "TLS_AEGIS_256_SHA512", Fields: []diff.Field{field("reference", "[draft-a]", "[RFC9999]")}},
			"TLS Cipher Suites: TLS_AEGIS_256_SHA512 (0x13,0x06): reference published, now RFC9999, was draft-a",
		},
		{
			diff.Change{Kind: diff.Updated, Registry: id, Key: key("7"), Name: "IDEA", Fields: []diff.Field{field("reference", "[RFC1]", "[RFC1][status-change-idea-to-historic]")}},
			"tls-parameters-4: IDEA (7): reference added: status-change-idea-to-historic",
		},
		{
			diff.Change{Kind: diff.Transferred, Registry: "claims", Key: key("sub"), Name: "sub", Fields: []diff.Field{
				field("controller", "[Ann_Other]", "[Bob_Example]"), field("contact", "[Ann_Other]", "[Bob_Example]"), field("modification_date", "", "2020-01-01"),
			}},
			"sub: another party holds it; controller changed",
		},
		{
			diff.Change{Kind: diff.Moved, Registry: id, Title: title, Key: key("27"), Name: "compress (TEMPORARY - registered 2018-05-23, expires 2019-05-23)", Fields: []diff.Field{field("value", "26", "27")}},
			"TLS Cipher Suites: compress moved from 26 to 27",
		},
		{
			diff.Change{Kind: diff.Reserved, Registry: id, Title: title, Key: key("191"), Added: []registry.Record{
				registry.NewRecord(registry.Cell{Key: "value", Text: "57-190"}, registry.Cell{Key: "description", Text: "Unassigned"}),
				registry.NewRecord(registry.Cell{Key: "value", Text: "191"}, registry.Cell{Key: "description", Text: "Reserved for tests"}),
			}},
			"TLS Cipher Suites: 191 is now Reserved for tests",
		},
		{
			diff.Change{Kind: diff.Assigned, Registry: id, Key: []registry.Cell{{Key: "value", Text: "150"}, {Key: "name", Text: "Etherboot"}}, Name: "Etherboot"},
			"tls-parameters-4: Etherboot (150) is new",
		},
		{
			diff.Change{Kind: diff.Moved, Registry: id, Title: title, Key: key("1-1875"), Fields: []diff.Field{field("value", "1-1876", "1-1875")}},
			"TLS Cipher Suites: 1-1876 is now 1-1875",
		},
		{
			diff.Change{Kind: diff.Deassigned, Registry: id, Title: title, Key: key("9"), Name: "nine", Added: []registry.Record{registry.NewRecord(registry.Cell{Key: "value", Text: "9"}, registry.Cell{Key: "description", Text: "Unassigned"})}},
			"TLS Cipher Suites: nine (9) is no longer assigned; it is now Unassigned",
		},
		{
			diff.Change{Kind: diff.Updated, Minor: true, Registry: id, Title: title, Key: key("9"), Name: "nine", Removed: make([]registry.Record, 1)},
			"TLS Cipher Suites: nine (9) is listed once less",
		},
		{
			diff.Change{Kind: diff.Updated, Registry: id, Title: title, Key: key("9"), Name: "nine", Added: make([]registry.Record, 1)},
			"TLS Cipher Suites: nine (9) is listed once more",
		},
		{
			diff.Change{Kind: diff.Described, Minor: true, Registry: id, Title: title, Name: title, Fields: []diff.Field{field("expert", "2", "2")}},
			"TLS Cipher Suites: experts changed",
		},
		{
			diff.Change{Kind: diff.Updated, Registry: id, Title: title, Removed: make([]registry.Record, 401), Added: make([]registry.Record, 402)},
			"TLS Cipher Suites: the list was reworked: 401 records before, 402 records now",
		},
	} {
		got := Sentence(&c.change)
		if got != c.want {
			t.Errorf("%s\nwant %s", got, c.want)
		}
		if strings.Contains(got, "Ann") || strings.Contains(got, "Bob") {
			t.Errorf("a person is named: %s", got)
		}
	}
}
