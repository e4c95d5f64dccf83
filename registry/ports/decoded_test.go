package ports

import (
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
		header + strings.Replace(c, "C", " C ", 1),
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
		last = next
	}
}
