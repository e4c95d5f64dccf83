package text

import "testing"

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
		text string
		most int
		want string
	}{
		{"short", 5, "short"}, {"shorter", 5, "shor…"}, {"日本語の説明", 6, "日本語の説明"}, {"日本語の説明", 4, "日本語…"}, {"", 1, ""},
	} {
		if got := Cut(test.text, test.most); got != test.want {
			t.Errorf("Cut(%q, %d) = %q, want %q", test.text, test.most, got, test.want)
		}
	}
}

func TestCutBytes(t *testing.T) {
	for _, test := range []struct {
		text  string
		limit int
		want  string
		whole bool
	}{
		{"short", 5, "short", true}, {"shorter", 5, "sh…", false}, {"shorter", 3, "", false}, {"日本語", 8, "日…", false}, {"日本語", 9, "日本語", true}, {"x", -1, "", false},
	} {
		if got, whole := CutBytes(test.text, test.limit); got != test.want || whole != test.whole {
			t.Errorf("CutBytes(%q, %d) = %q, %v, want %q, %v", test.text, test.limit, got, whole, test.want, test.whole)
		}
	}
}

func TestSlack(t *testing.T) {
	if got, want := Slack("<@U1> & <!here>"), "&lt;@U1&gt; &amp; &lt;!here&gt;"; got != want {
		t.Errorf("Slack: %q, want %q", got, want)
	}
}
