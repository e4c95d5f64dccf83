package snapshots

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ianasync/ianasync/registry"
)

// TestScan scans entries of any content, and texts that differ from them in a few bytes: what it accepts is what
// encoding/json makes of the text, and it accepts every entry of plain texts.
func TestScan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := func(name string) string {
			return rapid.OneOf(rapid.StringMatching(`[ -!#-\[\]-~]{0,40}`), rapid.String()).Draw(t, name)
		}
		number := func(name string) int { return rapid.OneOf(rapid.IntRange(0, 1<<29), rapid.Int()).Draw(t, name) }
		digest := rapid.StringMatching(`[0-9a-f]{64}`)
		e := entry{Version: Version{
			ID: text("id"), Source: text("source"), ETag: text("etag"), LastModified: text("modified"), SHA256: digest.Draw(t, "sha"),
			Size: number("size"), Form: registry.Form(text("form")), TableSHA256: digest.Draw(t, "table"), Records: number("records"),
			Problems: number("problems"), Unknown: number("unknown"), Note: text("note"),
		}, SameAs: text("same"), Base: text("base"), Leap: number("leap")}
		data := e.text(new(entry))
		wantScan(t, string(data))
		altered := bytes.Clone(data)
		for range rapid.IntRange(1, 3).Draw(t, "alterations") {
			altered[rapid.IntRange(0, len(altered)-1).Draw(t, "at")] = rapid.SampledFrom([]byte(`{}[]",:\0 19eE-.tn`)).Draw(t, "to")
		}
		wantScan(t, string(altered))
	})
	for text := range strings.SplitSeq(strings.TrimSuffix(storedLines(t), "\n"), "\n") {
		if s := (stated{line: new(line)}); !s.scan(text) {
			t.Errorf("it is not plain: %s", text)
		}
		wantScan(t, text)
	}
	for _, text := range []string{
		``, `{`, `{}`, `[]`, `{"id":"a"`, `{"id":"a"},`, `{"id":"a",}`, `{"id":1}`, `{"size":"1"}`, `{"size":01}`, `{"size":-1}`, `{"size":1.0}`,
		`{"size":1234567890123}`, `{"ID":"a"}`, `{"id":"a","id":"b"}`, `{"id":"\u0061"}`, `{"id": "a"}`, `{"other":"a"}`, `{"form":1}`, `{"checksum":1}`, `{"size":}`,
	} {
		wantScan(t, text)
	}
}

// wantScan compares what scan makes of a text, where it accepts it, with what encoding/json makes of it.
func wantScan(t interface {
	Helper()
	Errorf(format string, args ...any)
}, text string,
) {
	t.Helper()
	got, want := stated{line: new(line)}, stated{line: new(line)}
	if !got.scan(text) {
		return
	}
	if err := want.decode([]byte(text)); err != nil {
		t.Errorf("%s is accepted, and is not JSON: %v", text, err)
	}
	if d := cmp.Diff(want, got, cmp.AllowUnexported(stated{}, line{})); d != "" {
		t.Errorf("%s (-encoding/json +scan):\n%s", text, d)
	}
}
