package ianacsv

import (
	"strings"
	"testing"
)

func TestNormalise(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", ""},
		{" ", ""},
		{"a", "a"},
		{"a b", "a b"},
		{"  a  b  ", "a b"},
		{"a\nb", "a b"},
		{"a\r\n   b", "a b"},
		{"a \n", "a"},
		{"\t\v\f\ra", "a"},
		{"a\u00a0b", "a b"},       // no-break space
		{"a\u2003\u3000b", "a b"}, // em space, ideographic space
		{"a\u0085\u2028b", "a b"}, // next line, line separator
		{"a\u200bb", "a\u200bb"},  // a zero width space is no white space
		{"\ufeffa", "\ufeffa"},
		{"héhé", "héhé"},
		{"a\xffb", "a\ufffdb"},
		{"\xe2\x82 a", "\ufffd\ufffd a"},
		{"\ufffd", "\ufffd"},
		{"a\x00b\x7f", "a\x00b\x7f"}, // reported, not altered
		{"\x1fa", "\x1fa"},
		{"TCP", "TCP"},
		{`"a"`, `"a"`},
	}
	for _, tt := range tests {
		if got := Normalise(tt.text); got != tt.want {
			t.Errorf("Normalise(%q) = %q, want %q", tt.text, got, tt.want)
		}
	}
}

func FuzzNormalise(f *testing.F) {
	for _, s := range []string{"", " ", "a  b", "a\r\n b ", "\u00a0a\u2003", "\xff\xfe", "\ufffd\xef\xbf", "é\x00\x1f", "\u0085x\x85"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Normalise(s)
		if want := naiveNormal(s); got != want {
			t.Errorf("Normalise(%q) = %q, want %q", s, got, want)
		}
		if again := Normalise(got); again != got {
			t.Errorf("normalise is not idempotent: %q, then %q", got, again)
		}
		if isNormal(s) && got != s {
			t.Errorf("isNormal(%q), but its normal form is %q", s, got)
		}
	})
}

// naiveNormal is the normal form as one would explain it.
func naiveNormal(s string) string {
	return strings.Join(strings.Fields(string([]rune(s))), " ")
}
