package groups

import (
	"slices"
	"testing"
)

func TestAll(t *testing.T) {
	all := All()
	if len(all) < 600 || !slices.IsSorted(all) || len(slices.Compact(slices.Clone(all))) != len(all) {
		t.Errorf("%d groups, want 600 or more, sorted, each once", len(all))
	}
	for _, id := range all {
		if !Valid(id) || slices.Contains(WithoutXML(), id) {
			t.Errorf("%q is not the id of a group with XML", id)
		}
	}
	for _, id := range []string{ServiceNames, "tls-parameters", "media-types"} {
		if !slices.Contains(all, id) {
			t.Errorf("%s is missing", id)
		}
	}
}

func TestValid(t *testing.T) {
	for id, want := range map[string]bool{
		"tls-parameters": true, "_6lowpan-parameters": true, "ip-over-IEEE1394": true,
		"": false, ".": false, "..": false, "a/b": false, `a\b`: false, ".git": false, "a..b": false, "-r": false, "a b": false, "a.b": false, "notify": false, "Notify": false, "changelog": false, "con": false, "LPT1": false, "contact": true, "ä": false,
	} {
		if Valid(id) != want {
			t.Errorf("Valid(%q) = %v", id, !want)
		}
	}
}
