package git

import "testing"

func TestFile(t *testing.T) {
	r := newRepo(t)
	r.commit(0, "g/g.xsl", "old")
	r.commit(1, "g/g.xsl", "sheet")
	r.commit(2, "h/h.xsl/file", "in a folder")
	s, err := Open(t.Context(), r.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, c := range []struct {
		ref, name string
		most      int
		want      string
	}{
		{"HEAD", "g/g.xsl", 5, "sheet"},
		{"HEAD~2", "g/g.xsl", 5, "old"},
		{"HEAD", "g/g.xsl", 4, ""}, // too large
		{"HEAD", "g/h.xsl", 5, ""},
		{"HEAD", "h/h.xsl", 500, ""}, // a folder
		{"nothing", "g/g.xsl", 5, ""},
		{"--help", "g/g.xsl", 5, ""},
	} {
		data, err := s.File(t.Context(), c.ref, c.name, c.most)
		if err != nil || string(data) != c.want {
			t.Errorf("%s:%s, at most %d bytes: %q, %v, want %q", c.ref, c.name, c.most, data, err, c.want)
		}
	}
}
