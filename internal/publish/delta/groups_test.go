package delta

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"
)

func TestParseIndex(t *testing.T) {
	version := func(id string) GroupVersion {
		return GroupVersion{Version: id, Name: "delta/a/" + id + ".xml.zst", SHA256: one}
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
		"a name that leads out": {func(x *Index) { x.Groups[0].Versions[0].Name = "../x" }, `a: "../x" is not the name of a file below it`},
		"no digest":             {func(x *Index) { x.Groups[0].Versions[0].SHA256 = "12" }, `a: "12" is no SHA-256`},
		"a negative size":       {func(x *Index) { x.Groups[0].Versions[0].Size = -1 }, "version 20200101T000000Z of a has a negative size"},
		"out of order":          {func(x *Index) { x.Groups[0].Versions[1].Version = "20190101T000000Z" }, "the versions of a are not in order"},
	} {
		x := Index{Format: 1, Groups: []IndexGroup{
			{Group: "a", Versions: []GroupVersion{version("20200101T000000Z"), version("20200102T000000Z")}},
			{Group: "b", Versions: []GroupVersion{version("20200101T000000Z")}},
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

// TestDecompress holds that a frame is what it was made from, and that none takes more memory than the size that is stated.
func TestDecompress(t *testing.T) {
	edition := bytes.Repeat([]byte("<record/>"), 1000)
	frame, err := compress(edition)
	if err != nil || len(frame) > len(edition)/10 {
		t.Fatalf("%d bytes, %v", len(frame), err)
	}
	bomb, err := compress(make([]byte, 32<<20))
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		frame []byte
		size  int
		want  string // in the error; nothing for none
	}{
		"whole":     {frame, len(edition), ""},
		"shorter":   {frame, len(edition) + 1, "it has 9000 bytes; the index states 9001"},
		"longer":    {frame, len(edition) - 1, "it has more than the 8999 bytes that the index states"},
		"a bomb":    {bomb, len(edition), "it has more than the 9000 bytes that the index states"},
		"no frame":  {edition, len(edition), "invalid input: magic number mismatch"},
		"truncated": {frame[:len(frame)-1], len(edition), "unexpected EOF"},
	} {
		v := GroupVersion{Size: test.size}
		data, err := v.Decompress(test.frame)
		if got := fmt.Sprint(err); test.want == "" && (err != nil || !bytes.Equal(data, edition)) || test.want != "" && got != test.want {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
		if most := len(edition) + 1; cap(data) > most {
			t.Errorf("%s: it takes %d bytes", name, cap(data))
		}
	}
}
