package text

import (
	"strings"
	"testing"
)

func TestVisible(t *testing.T) {
	for s, want := range map[string]string{
		"":                "",
		"World Wide Web":  "World Wide Web",
		"é 日本 €":          "é 日本 €",
		"a\x1b[31mb":      `a\x1b[31mb`,
		"\x00\x07\x7f":    `\x00\a\x7f`,
		"a\u202eb":        `a\u202eb`,
		"\u200b\ufeff":    `\u200b\ufeff`,
		"\u009b":          `\u009b`,
		"two\nlines\t":    `two\nlines\t`,
		"no\u00a0break":   `no\u00a0break`,
		"\U000e0041":      `\U000e0041`,
		"\xff":            "\ufffd",
		"\x9b31m":         "\ufffd31m",
		`a back\slash "x`: `a back\slash "x`,
	} {
		got := Visible(s)
		if got != want {
			t.Errorf("Visible(%q) = %q, want %q", s, got, want)
		}
		if again := Visible(got); again != got {
			t.Errorf("Visible(%q) = %q: what is visible is altered", got, again)
		}
	}
}

func TestMarkdownIsReadableAsItIs(t *testing.T) {
	for s, want := range map[string]string{
		"World Wide Web HTTP":      "World Wide Web HTTP",
		"SCF nFAPI: MAC/PHY split": "SCF nFAPI: MAC/PHY split",
		"see http://example.com/x": "see `http://example.com/x`",
		"Miele@home Protocol":      "`Miele@home` Protocol",
		"R*TIME":                   `R\*TIME`,
	} {
		if got := Markdown(s); got != want {
			t.Errorf("Markdown(%q) = %q, want %q", s, got, want)
		}
	}
	for s, want := range map[string]string{"": "", "a": "`a`", "`": "`` ` ``", "a``b": "```a``b```", "a b": "`a b`"} {
		if got := Code(s); got != want {
			t.Errorf("Code(%q) = %q, want %q", s, got, want)
		}
	}
}

func TestCut(t *testing.T) {
	for _, test := range []struct {
		text  string
		limit int
		want  string
	}{
		{"two words", 9, "two words"},
		{"two words", 8, "two..."},
		{"a wordthatislong", 12, "a wordtha..."},
		{"two words, three", 12, "two words..."},
		{"two words, three", 13, "two words..."},
		{"shorter", 6, "sho..."},
		{"shorter", 4, "s..."},
		{"shorter", 3, ""},
		{"shorter", -1, ""},
		{"", 0, ""},
		{"日本語", 9, "日本語"},
		{"日本語", 8, "日..."},
		{"日本語", 5, ""},
		{"日本 語の説明", 15, "日本..."},
	} {
		if got := Cut(test.text, test.limit); got != test.want {
			t.Errorf("Cut(%q, %d) = %q, want %q", test.text, test.limit, got, test.want)
		}
	}
}

func TestDifference(t *testing.T) {
	for _, test := range []struct {
		a, b, wantA, wantB string
		limit              int
	}{
		{"a b", "a c", "a b", "a c", 10},
		{"", strings.Repeat("x ", 9), "", "x x x...", 9},
		{"1 2 3 4 5 6 7 8 9", "1 2 3 4 5 6 7 8 0", "...6 7 8 9", "...6 7 8 0", 12},
		{"1 2 3 4 5 6 7 8", "1 2 3 4 5 6 7 8 and more than fits", "...6 7 8", "...6 7 8 and...", 16},
	} {
		if a, b := Difference(test.a, test.b, test.limit); a != test.wantA || b != test.wantB {
			t.Errorf("Difference(%q, %q, %d) = %q, %q, want %q, %q", test.a, test.b, test.limit, a, b, test.wantA, test.wantB)
		}
	}
}

func TestSlack(t *testing.T) {
	if got, want := Slack("<@U1> & <!here>"), "&lt;@U1&gt; &amp; &lt;!here&gt;"; got != want {
		t.Errorf("Slack: %q, want %q", got, want)
	}
}
