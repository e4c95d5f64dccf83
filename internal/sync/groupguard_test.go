package sync

import (
	"strconv"
	"testing"

	"github.com/ianasync/ianasync/registry"
)

// TestKept holds which tables follow one of 40 records, by what IANA calls the column that identifies them.
func TestKept(t *testing.T) {
	table := func(column, name string, first, last int) *registry.Table {
		c := &registry.Table{Registry: &registry.Registry{ID: "colours/web"}, Columns: []registry.Column{{Key: column}, {Key: name}}}
		for i := first; i <= last; i++ {
			c.Records = append(c.Records, registry.NewRecord(registry.Cell{Key: column, Text: strconv.Itoa(i)}, registry.Cell{Key: name, Text: "colour"}))
		}
		return c
	}
	guard := groupGuard{registry.NewXMLGroup("colours")}
	for what, test := range map[string]struct {
		after *registry.Table
		want  string
	}{
		"the same":                        {table("value", "name", 1, 40), ""},
		"another name of its column":      {table("codepoint", "name", 1, 40), ""},
		"another name of another column":  {table("value", "label", 1, 40), ""},
		"other names of both, and fewer":  {table("codepoint", "label", 1, 38), ""},
		"half of it gone":                 {table("value", "name", 1, 20), "20 of 40 assigned records of colours/web are gone; at most 20 % go at once"},
		"half gone, under another name":   {table("codepoint", "name", 1, 20), "40 of 40 assigned records of colours/web are gone; at most 20 % go at once"},
		"others, under another name":      {table("codepoint", "name", 41, 80), "40 of 40 assigned records of colours/web are gone; at most 20 % go at once"},
		"a few gone, under another name":  {table("codepoint", "name", 3, 40), ""},
		"too many gone, by the same name": {table("value", "name", 12, 40), "11 of 40 assigned records of colours/web are gone; at most 20 % go at once"},
	} {
		got := ""
		if rejected := guard.kept(table("value", "name", 1, 40), test.after); rejected != nil {
			got = rejected.Reason
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", what, got, test.want)
		}
	}
}
