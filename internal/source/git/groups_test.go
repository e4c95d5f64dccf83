package git

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestGroups reads the files of several groups at once, from a history with a merge and with files that are no groups.
func TestGroups(t *testing.T) {
	r := newRepo(t)
	r.commit(0, "a-b/a-b.xml", "one")
	r.commit(10, "c/c.xml", "one")
	r.commit(20, "c/d.xml", "no group")
	r.commit(30, "x/c/c.xml", "too deep")
	r.mustGit(40, "checkout", "-q", "-b", "side")
	r.commit(50, "c/c.xml", "two")
	r.mustGit(60, "checkout", "-q", "main")
	r.commit(70, "a-b/a-b.xml", "two")
	r.mustGit(80, "merge", "-q", "--no-ff", "-m", "both", "side")
	r.commit(90, "c.xml", "in the root")
	r.mustGit(100, "checkout", "-q", "-b", "apart", "HEAD~1")
	r.commit(110, "e/e.xml", "elsewhere")
	s, err := Open(t.Context(), r.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	read := func(ref string, all bool, wanted func(string) bool) (list []string) {
		t.Helper()
		groups, err := s.Groups(t.Context(), ref, all, wanted)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range groups {
			for e, err := range s.Read(t.Context(), g.Editions) {
				if err != nil {
					t.Fatal(err)
				}
				list = append(list, fmt.Sprintf("%s %d %s %s", g.ID, e.Time.Unix()-start.Unix(), e.Path, e.Bytes))
			}
		}
		return list
	}
	every := func(string) bool { return true }
	want := []string{"a-b 0 a-b/a-b.xml one", "a-b 70 a-b/a-b.xml two", "c 10 c/c.xml one", "c 50 c/c.xml two"}
	if d := cmp.Diff(want, read("main", false, every)); d != "" {
		t.Errorf("main (-want +got):\n%s", d)
	}
	if d := cmp.Diff(append(want, "e 110 e/e.xml elsewhere"), read("", true, every)); d != "" {
		t.Errorf("all branches (-want +got):\n%s", d)
	}
	if d := cmp.Diff(want[2:], read("main", false, func(group string) bool { return group == "c" })); d != "" {
		t.Errorf("one group (-want +got):\n%s", d)
	}
}
