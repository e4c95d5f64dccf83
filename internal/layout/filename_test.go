package layout

import (
	"path"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestFileName(t *testing.T) {
	for text, want := range map[string]string{
		"tls-parameters-4": "tls-parameters-4", "_6lowpan": "_6lowpan", "taggerId-types": "tagger~49d-types", "web": "web", "Web": "~57eb",
		"..": "~2e~2e", "a/b": "a~2fb", "a.": "a~2e", "a~41": "a~7e41", "con": "~63on", "CON": "~43~4f~4e", "lpt1": "~6cpt1", "nul.x": "nul~2ex", "contact": "contact", "com10": "com10",
		strings.Repeat("a", 300): strings.Repeat("a", 102) + "~~9835fa6bf4e20a9b",
	} {
		if got := FileName(text); got != want {
			t.Errorf("%q has the name %q, want %q", text, got, want)
		}
	}
	if got, want := Group("g").Table("a/../Web"), "g/a~2f~2e~2e~2f~57eb.csv"; got != want || !Group("g").IsTable(got) {
		t.Errorf("the table's file is %q, want %q", got, want)
	}
}

// TestFileNamesApart draws texts and holds that their names are apart on file systems without letter case, and fit everywhere.
func TestFileNamesApart(t *testing.T) {
	text := rapid.OneOf(rapid.StringMatching(`[a-cA-C~/ .+*-]{0,4}`), rapid.StringMatching(`(?i)(con|nul|com1|lpt9)[.x]?`), rapid.String(),
		rapid.Map(rapid.IntRange(100, 140), func(n int) string { return strings.Repeat("a", n) }))
	rapid.Check(t, func(rt *rapid.T) {
		a, b := text.Draw(rt, "a"), text.Draw(rt, "b")
		if strings.EqualFold(FileName(a), FileName(b)) != (a == b) {
			rt.Errorf("%q and %q: %q and %q", a, b, FileName(a), FileName(b))
		}
		name := FileName(a) + ".csv"
		stem, _, _ := strings.Cut(name, ".")
		if len(name) > longestName+4 || strings.ContainsAny(stem, `/\\:*?"<>| `) || IsDevice(strings.ToLower(stem)) || path.Base(name) != name {
			rt.Errorf("%q has the name %q", a, name)
		}
	})
}
