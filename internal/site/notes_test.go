package site

import (
	"strings"
	"testing"
)

func TestParseNotes(t *testing.T) {
	notes, err := ParseNotes([]byte("\ufeffports,note,source\r\n7,\" a, b \",me\r\n8-9,c,https://example.org/\r\n"))
	if err != nil || len(notes) != 2 || notes[0].Text != "a, b" || notes[1].Ports.String() != "8-9" {
		t.Errorf("%+v, %v", notes, err)
	}
	for text, want := range map[string]string{
		"":                               "line 1: the columns are to be ports,note,source",
		"a,b,c\n":                        "line 1: the columns are to be ports,note,source",
		"ports,note,source\n1,x\n":       "record on line 2: wrong number of fields",
		"ports,note,source\n,x,y\n":      `line 2, column 1: "" is neither a port nor a range of ports`,
		"ports,note,source\n1,x,\n":      "line 2, column 5: the source is empty",
		"ports,note,source\n1,  ,y\n":    "line 2, column 3: the note is empty",
		"ports,note,source\n9-7,x,y\n":   `line 2, column 1: "9-7" is neither a port nor a range of ports`,
		"ports,note,source\n1,\"x,y\n":   `parse error`,
		"ports,note,source\n70000,x,y\n": `line 2, column 1: "70000" is neither`,
	} {
		if _, err := ParseNotes([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func FuzzParseNotes(f *testing.F) {
	f.Add([]byte("ports,note,source\n7,a,b\n8-9,c,d\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		notes, err := ParseNotes(data)
		if err != nil {
			return
		}
		for _, n := range notes {
			if _, _, ok := n.Ports.Bounds(); !ok || n.Text == "" || n.Source == "" {
				t.Errorf("%+v", n)
			}
		}
	})
}
