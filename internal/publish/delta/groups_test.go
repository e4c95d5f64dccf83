package delta

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestParseIndex(t *testing.T) {
	version := func(id string) GroupVersion {
		return GroupVersion{Version: id, SHA256: one, Size: 7}
	}
	for name, test := range map[string]struct {
		spoil func(*Index)
		want  string // in the error; nothing for none
	}{
		"whole":                 {func(*Index) {}, ""},
		"no groups":             {func(x *Index) { x.Groups = nil }, ""},
		"another format":        {func(x *Index) { x.Format = 2 }, "unsupported index: its format is not 1"},
		"no group's name":       {func(x *Index) { x.Groups[0].Group = "../a" }, `"../a" cannot be the name of a group`},
		"twice":                 {func(x *Index) { x.Groups[1].Group = "a" }, "the groups are not in order, or one is there twice"},
		"no version":            {func(x *Index) { x.Groups[1].Versions = nil }, "b has no version"},
		"no id":                 {func(x *Index) { x.Groups[0].Versions[0].Version = "1" }, `a: an id is a time in UTC such as 20260122T060000Z`},
		"a name that leads out": {func(x *Index) { x.Groups[0].Name = "../x" }, `a: "../x" is not the name of a file below it`},
		"no digest":             {func(x *Index) { x.Groups[0].Versions[0].SHA256 = "12" }, `a: "12" is no SHA-256`},
		"a negative size":       {func(x *Index) { x.Groups[0].Versions[0].Size = -1 }, "the versions of a have not between 0 and 67108864 bytes"},
		"too large together":    {func(x *Index) { x.Groups[0].Versions[0].Size = mostBytes - 6 }, "the versions of a have not between 0 and 67108864 bytes"},
		"out of order":          {func(x *Index) { x.Groups[0].Versions[1].Version = "20190101T000000Z" }, "the versions of a are not in order"},
	} {
		x := Index{Format: 1, Groups: []IndexGroup{
			{Group: "a", Name: "delta/a/20200102T000000Z.zst", Versions: []GroupVersion{version("20200101T000000Z"), version("20200102T000000Z")}},
			{Group: "b", Name: "delta/b/20200101T000000Z.zst", Versions: []GroupVersion{version("20200101T000000Z")}},
		}}
		test.spoil(&x)
		data, err := json.Marshal(x)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if _, err := ParseIndex(data, func(id string) bool { return id == "a" || id == "b" }); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
	if _, err := ParseIndex([]byte("<html>"), nil); err == nil {
		t.Error("a page is an index")
	}
}

// TestDecompress holds that a frame has the versions that it was made from, what they have in common once, and that none takes more
// memory than the sizes that are stated.
func TestDecompress(t *testing.T) {
	var text strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&text, "<record><value>%d</value></record>", i*i)
	}
	older := []byte(text.String())
	newer := append(slices.Clone(older), "<record/>"...)
	alone, err := compress([][]byte{older})
	if err != nil || len(alone) > len(older)/4 {
		t.Fatalf("%d bytes, %v", len(alone), err)
	}
	frame, err := compress([][]byte{older, newer})
	if err != nil || len(frame) > len(alone)+500 {
		t.Fatalf("%d bytes, %v; one of them takes %d", len(frame), err, len(alone))
	}
	bomb, err := compress([][]byte{make([]byte, 32<<20)})
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		frame []byte
		more  int    // than the newer one has, according to the index
		want  string // in the error; nothing for none
	}{
		"whole":     {frame, 0, ""},
		"shorter":   {frame, 1, fmt.Sprintf("it has %d bytes; the index states %d", len(older)+len(newer), len(older)+len(newer)+1)},
		"longer":    {frame, -1, fmt.Sprintf("it has more than the %d bytes that the index states", len(older)+len(newer)-1)},
		"a bomb":    {bomb, 0, fmt.Sprintf("it has more than the %d bytes that the index states", len(older)+len(newer))},
		"no frame":  {older, 0, "invalid input: magic number mismatch"},
		"truncated": {frame[:len(frame)-1], 0, "unexpected EOF"},
	} {
		g := IndexGroup{Versions: []GroupVersion{{Size: len(older)}, {Size: len(newer) + test.more}}}
		editions, err := g.Decompress(test.frame)
		switch {
		case test.want != "":
			if fmt.Sprint(err) != test.want {
				t.Errorf("%s: %v, want %q", name, err, test.want)
			}
		case err != nil || len(editions) != 2 || !bytes.Equal(editions[0], older) || !bytes.Equal(editions[1], newer):
			t.Errorf("%s: %d versions, %v", name, len(editions), err)
		}
	}
}
