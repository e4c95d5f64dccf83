package dataset_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/internal/publish/dataset"
)

func TestParseList(t *testing.T) {
	got := dataset.ParseList([]byte("\ufeffhttp\r\n# a comment\n\n  ssh  # too\r\nlast"))
	if diff := cmp.Diff([]string{"http", "ssh", "last"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func FuzzParseList(f *testing.F) {
	f.Add([]byte("\ufeffhttp\r\n# a comment\n\n  ssh  # too\r\nlast"))
	f.Fuzz(func(t *testing.T, data []byte) {
		names := dataset.ParseList(data)
		for _, name := range names {
			if name == "" || strings.ContainsAny(name, "\n#") || strings.TrimSpace(name) != name {
				t.Errorf("%q is no name", name)
			}
		}
		if again := dataset.ParseList([]byte("\n" + strings.Join(names, "\n"))); !slices.Equal(again, names) {
			t.Errorf("%q is read back as %q", names, again)
		}
	})
}
