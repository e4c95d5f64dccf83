package snapshots

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// The sources of two commits of one repository.
var commit1, commit2 = "mirror@" + strings.Repeat("1", 40) + ":ports.csv", "mirror@" + strings.Repeat("2b", 20) + ":ports.csv"

// What is sealed into a file is read back, whatever it is; of an altered file nothing is.
func TestSealRoundTrip(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.OneOf(rapid.Just(""), rapid.String(), rapid.SampledFrom([]string{
			"https://example.org/ports.csv", commit1, commit2, "Mon, 02 Jan 2006 15:04:05 GMT", "Mon, 2 Jan 2006",
		}))
		second := rapid.Int64Range(-60_000_000_000, 250_000_000_000)
		seen := time.Unix(second.Draw(rt, "seen"), 0).UTC()
		e := entry{Version: Version{
			ID: FormatID(seen), Source: text.Draw(rt, "source"), ETag: text.Draw(rt, "etag"),
			LastModified: text.Draw(rt, "last-modified"), Note: text.Draw(rt, "note"),
		}, Leap: rapid.IntRange(0, len(strides)-1).Draw(rt, "leap")}
		baseSource := ""
		if rapid.Bool().Draw(rt, "based") {
			e.Base = FormatID(seen.Add(time.Duration(rapid.Int64Range(-1_000_000_000, 1_000_000_000).Draw(rt, "distance")) * time.Second))
			baseSource = text.Draw(rt, "source of the base")
		}
		frame, err := compress(rapid.SliceOfN(rapid.Byte(), 1, 40).Draw(rt, "bytes"), nil, quick)
		if err != nil {
			rt.Fatal(err)
		}
		file := e.seal(frame, baseSource)
		if !bytes.HasPrefix(file, frame) {
			rt.Fatalf("the file does not begin with the frame")
		}
		sourceOf := func(id string) (string, bool) { return baseSource, id == e.Base }
		encoded, sealed := unseal(file)
		got, ok := decodeOrigin(encoded, seen, sourceOf)
		if d := cmp.Diff(e.origin(), got); !sealed || !ok || d != "" {
			rt.Fatalf("%t, %t (-sealed +read):\n%s", sealed, ok, d)
		}
		at := rapid.IntRange(0, len(file)-1).Draw(rt, "flipped")
		flipped := bytes.Clone(file)
		flipped[at] ^= 1 << rapid.IntRange(0, 7).Draw(rt, "bit")
		if text, sealed := unseal(flipped); sealed {
			rt.Fatalf("byte %d was altered, and %q was read", at, text)
		}
		if text, sealed := unseal(file[:at]); sealed {
			rt.Fatalf("it was cut to %d bytes, and %q was read", at, text)
		}
	})
}

// A sync from where the base came from, with a date of HTTP, adds no more than some 30 bytes to a file, and so does another commit
// of the same repository.
func TestSealIsSmall(t *testing.T) {
	e := entry{Version: Version{
		ID: "20260122T060000Z", Source: "https://www.iana.org/assignments/service-names-port-numbers/service-names-port-numbers.csv",
		LastModified: "Wed, 21 Jan 2026 23:12:40 GMT",
	}, Base: "20260120T060000Z"}
	if n := len(e.seal(nil, e.Source)); n > 30 {
		t.Errorf("it adds %d bytes", n)
	}
	e.Source, e.LastModified = commit2, ""
	if n := len(e.seal(nil, commit1)); n > 40 {
		t.Errorf("a commit adds %d bytes", n)
	}
}

func FuzzDecodeOrigin(f *testing.F) {
	seen := time.Unix(1_500_000_000, 0)
	f.Add([]byte{}, "")
	f.Add(origin{Source: commit1, Base: FormatID(seen.Add(-time.Hour))}.encode(seen, commit2), commit2)
	f.Add(origin{Source: "a@1:b", Base: FormatID(seen.Add(-time.Hour)), ETag: "x", Note: "n", Leap: 1}.encode(seen, "a@2:b"), "a@2:b")
	f.Fuzz(func(t *testing.T, text []byte, baseSource string) {
		o, ok := decodeOrigin(text, seen, func(string) (string, bool) { return baseSource, true })
		if !ok {
			return
		}
		if again, ok := decodeOrigin(o.encode(seen, baseSource), seen, func(string) (string, bool) { return baseSource, true }); !ok || again != o {
			t.Errorf("%+v, %t, want %+v", again, ok, o)
		}
	})
}
