package ports

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestNext compares tables that are made from the one before with those of decoding every row.
func TestNext(t *testing.T) {
	a, b, c := line("a", "1", "tcp", "A"), line("b", "2", "tcp", "B"), line("c", "3", "udp", "C")
	bad := line("x", "99999", "tcp", "X")
	extra := strings.Replace(header, "\r\n", ",New\r\n", 1)
	var last *Decoded
	for i, text := range []string{
		header + a + b, header + b + c, header + c + b, strings.ReplaceAll(header+c+b, "\r\n", "\n"), header + a + a + b, header + a,
		header + a + bad, header + b + bad, header + b, extra + strings.ReplaceAll(a+c, "\r\n", ",z\r\n"), header + a + c, header, header + c,
		header + strings.Replace(c, "C", " C ", 1), header + b + strings.Replace(c, "C", " C", 1),
	} {
		next, err := last.Next([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		want := mustParse(t, text)
		if diff := cmp.Diff(string(want.CSV()), string(next.Table.CSV())); diff != "" {
			t.Errorf("edition %d (-want +got):\n%s", i, diff)
		}
		if next.Table.Digest() != want.Digest() || len(next.Table.Problems) != len(want.Problems) || len(next.Table.Unknown) != len(want.Unknown) {
			t.Errorf("edition %d: digest %s, problems %v, unknown %v; want %s, %v, %v", i, next.Table.Digest(), next.Table.Problems, next.Table.Unknown, want.Digest(), want.Problems, want.Unknown)
		}
		if last != nil {
			gone, came := last.Difference(next)
			wantGone, wantCame := last.Table.Difference(next.Table)
			if !slices.Equal(gone, wantGone) || !slices.Equal(came, wantCame) {
				t.Errorf("edition %d differs from the one before in %v and %v, want %v and %v", i, gone, came, wantGone, wantCame)
			}
		}
		last = next
	}
}

// TestDecodeAs compares editions whose table is at hand with those of decoding every row.
func TestDecodeAs(t *testing.T) {
	text := header + line("b", "2-3", "TCP", " two  words") + line("a", "1", "udp", `"say ""one"", two"`) + line("c", "", "", "\"three\n lines\r\nof it\"") + line("", "9", "", "Unassigned")
	want, err := Decode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	canonical, digest := want.Table.CSV(), want.Table.Digest()
	got, ok, err := DecodeAs([]byte(text), canonical, digest)
	if err != nil || !ok {
		t.Fatalf("%t, %v", ok, err)
	}
	if !slices.Equal(want.Table.Records, got.Table.Records) || got.Table.Digest() != digest || string(got.Table.CSV()) != string(canonical) {
		t.Errorf("the table differs (-want +got):\n%s", cmp.Diff(string(want.Table.CSV()), string(got.Table.CSV())))
	}
	if last, _ := got.Last(); last.Description != "Unassigned" || got.Len() != 4 {
		t.Errorf("the edition has %d rows, the last %v", got.Len(), last)
	}
	next := []byte(header + line("a", "1", "udp", "one"))
	if d, err := got.Next(next); err != nil || string(d.Table.CSV()) != string(mustParse(t, string(next)).CSV()) {
		t.Errorf("the next edition is not what decoding it gives: %v", err)
	}
	if _, ok, err := DecodeAs([]byte(text), append(slices.Clone(canonical), 'x'), digest); ok || err != nil {
		t.Errorf("with a damaged table: %t, %v", ok, err)
	}
	if _, _, err := DecodeAs([]byte("<html>"), canonical, digest); err == nil {
		t.Error("a web page has the table of an edition")
	}
}
