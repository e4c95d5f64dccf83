package diff_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/internal/diff"
)

// list returns a pointer to each of some records, which are texts.
func list(texts string) []*string {
	var rs []*string
	for t := range strings.FieldsSeq(texts) {
		rs = append(rs, &t)
	}
	return rs
}

func texts(rs []*string) string {
	var all []string
	for _, r := range rs {
		all = append(all, *r)
	}
	return strings.Join(all, " ")
}

// TestTake holds how a pass pairs records: by key, those with most in common first, then in canonical order.
func TestTake(t *testing.T) {
	letter := func(r *string) (string, bool) { return (*r)[:1], *r != "none" } // the key: the first letter
	common := func(a, b *string) (n int) {
		for i := range min(len(*a), len(*b)) {
			if (*a)[i] == (*b)[i] {
				n++
			}
		}
		return n
	}
	for name, test := range map[string]struct {
		gone, came        string
		fits              func(diff.Pair[string]) bool
		pairs, left, more string
	}{
		"by key":              {"a1 b1", "b2 c1", nil, "b1-b2", "a1", "c1"},
		"most in common":      {"a12 a34", "a35 a92", nil, "a12-a92 a34-a35", "", ""},
		"then in order":       {"a1 a2 a3", "a4 a5", nil, "a1-a4 a2-a5", "a3", ""},
		"key by key":          {"b1 a1", "a2 b2", nil, "b1-b2 a1-a2", "", ""},
		"without a key":       {"none n1", "none n2", nil, "n1-n2", "none", "none"},
		"only those that fit": {"a1 a2", "a1x a2x", func(p diff.Pair[string]) bool { return *p.Old == "a2" }, "a2-a2x", "a1", "a1x"},
		"nothing on one side": {"a1", "", nil, "", "a1", ""},
		"over a block of 64":  {strings.Repeat("a1 ", 64) + "a9", strings.Repeat("a2 ", 64) + "a9", nil, strings.Repeat("a1-a2 ", 64) + "a9-a9", "", ""},
	} {
		gone, came := list(test.gone), list(test.came)
		var pairs []string
		for _, p := range diff.Take(&gone, &came, letter, test.fits, common) {
			pairs = append(pairs, *p.Old+"-"+*p.New)
		}
		if d := cmp.Diff([]string{test.pairs, test.left, test.more}, []string{strings.Join(pairs, " "), texts(gone), texts(came)}); d != "" {
			t.Errorf("%s: pairs, what is left of gone, and of came (-want +got):\n%s", name, d)
		}
	}
}
