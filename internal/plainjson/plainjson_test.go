package plainjson_test

import (
	"encoding/json"
	"testing"

	"github.com/ianasync/ianasync/internal/plainjson"
)

func TestMarshalKeepsMarkup(t *testing.T) {
	v := map[string]any{"a": []string{"<b> & c"}}
	for indent, want := range map[string]string{
		"":   `{"a":["<b> & c"]}`,
		"  ": "{\n  \"a\": [\n    \"<b> & c\"\n  ]\n}",
	} {
		if got, err := plainjson.MarshalIndent(v, indent); err != nil || string(got) != want {
			t.Errorf("indent %q: got %q (%v), want %q", indent, got, err, want)
		}
	}
	if _, err := plainjson.Marshal(func() {}); err == nil {
		t.Error("a function was encoded")
	}
}

func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "plain", "<&>", "a\"b\\c", "\x00\x1f\x7f", "é\u2028", "\xff\xfe", "tab\there"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want, err := plainjson.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		got := plainjson.AppendString([]byte("x"), s)
		if string(got) != "x"+string(want) {
			t.Errorf("%q: got %q, want %q", s, got[1:], want)
		}
		var back string
		if err := json.Unmarshal(got[1:], &back); err != nil {
			t.Errorf("%q: %v", s, err)
		}
	})
}
