package site

import (
	"strings"
	"testing"

	"github.com/ianasync/ianasync/registry/ports"
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

// TestWideNote wants a note on more ports than get pages for it on those that have one, and on the blocks'.
func TestWideNote(t *testing.T) {
	in := input(t, before())
	in.Notes = []Note{{Text: "Borrowed.", Source: "https://example.org/"}, {Text: "This one alone.", Source: "somebody"}}
	in.Notes[0].Ports, _ = ports.ParsePorts("5900-6500")
	in.Notes[1].Ports, _ = ports.ParsePorts("5999")
	files := made(t, in)
	crawl(t, files, "https://example.org/")
	for name, want := range map[string]string{
		"port/6000/index.html": "<dt>Ports 5900-6500</dt><dd>Borrowed.", "port/5999/index.html": "<dt>Port 5999</dt><dd>This one alone.",
		"block/5888/index.html": "<dt>Ports 5900-6500</dt><dd>Borrowed.", "block/6400/index.html": "<dt>Ports 5900-6500</dt><dd>Borrowed.",
	} {
		if !strings.Contains(string(files[name]), want) {
			t.Errorf("%s does not say %q:\n%s", name, want, files[name])
		}
	}
	if files["port/6400/index.html"] != nil || strings.Contains(string(files["block/6656/index.html"]), "Borrowed") {
		t.Error("the note gives pages to ports that have none, or stands where it is not about")
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
