package audit

import (
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/registry"
)

// toldOf writes a file as "kind: name place+alias@line, …".
func toldOf(f *List) string {
	var parts []string
	for i := range f.Entries {
		e := &f.Entries[i]
		s := e.Name + " " + e.Place()
		for _, a := range e.Aliases {
			s += "+" + a
		}
		parts = append(parts, fmt.Sprintf("%s@%d", s, e.Line))
	}
	if f.Unplaced > 0 {
		parts = append(parts, fmt.Sprintf("and %d on no port", f.Unplaced))
	}
	return string(f.Form) + ": " + strings.Join(parts, ", ")
}

const head = "Service Name,Port Number,Transport Protocol,Description,Assignee,Contact,Registration Date,Modification Date,Reference,Service Code,Unauthorized Use Reported,Assignment Notes\r\n"

func TestParse(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"services":          {"# c\r\nhttp\t80/tcp www web # WWW\r\n\r\n domain 53/UDP#x\n", "services: http 80/tcp+www+web@2, domain 53/udp@4"},
		"no line end":       {"http 80/tcp", "services: http 80/tcp@1"},
		"another protocol":  {"rtmp 1/ddp", "services: rtmp 1/ddp@1"},
		"a byte order mark": {"\ufeffhttp 80/tcp", "services: http 80/tcp@1"},
		"CR alone":          {"# c\rhttp 80/tcp\rdomain 53/udp\r\nx 1/tcp", "services: http 80/tcp@2, domain 53/udp@3, x 1/tcp@4"},
		"nmap's numbers":    {"a 1/tcp\nb 2/tcp 1\nc 3/tcp 0 # x\nd 4/tcp\n", "nmap-services: a 1/tcp@1, b 2/tcp@2, c 3/tcp@3, d 4/tcp@4"},
		"nmap":              {"# f\nunknown\t4/tcp\t0.000477\nrje\t5/tcp\t0.000000\t# Remote\nx\t6/udp\t1/100\n", "nmap-services: unknown 4/tcp@2, rje 5/tcp@3, x 6/udp@4"},
		"wireshark":         {"a 1/tcp # one\nb 2/tcp/udp\nc 3-5/udp\nd 6/tcp\n", "wireshark: a 1/tcp@1, b 2/tcp@2, b 2/udp@2, c 3-5/udp@3, d 6/tcp@4"},
		"registry":          {strings.Replace(head, "Unauthorized Use Reported", "Known Unauthorized Uses", 1) + "ncl,2397,tcp,\"N\nCL\",,,,,,,,\r\n,1,tcp,Reserved,,,,,,,,\r\nportless,,tcp,,,,,,,,,\r\nodd,4x,udp,,,,,,,,,\r\nboe-cms,6400,,,,,,,,,,,,too,long\r\n", "csv: ncl 2397/tcp@2, boe-cms 6400/tcp@7, boe-cms 6400/udp@7, and 2 on no port"},
		"map":               {"{\"6379/tcp\": [\"redis\", \"7/udp\"],\n\n \"7/udp\" : \"echo\"}", "json: redis 6379/tcp@1, echo 7/udp@3"},
	} {
		f, err := Parse([]byte(test.text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if diff := cmp.Diff(test.want, toldOf(f)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestBadInput(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"empty":           {" \n", "the file is empty"},
		"comments alone":  {"# a\n", "the file has no entry"},
		"binary":          {"a 1/tcp\n\x00", "line 2, column 1: the file is binary"},
		"prose":           {"It was a dark\nand stormy night", `line 1, column 4: "was" is no port with a protocol, such as 53/udp`},
		"a name alone":    {"a 1/tcp\n  b\n", "line 2, column 3: there is a name and no port; is this a list of services?"},
		"no such port":    {"a 70000/tcp", `line 1, column 3: "70000/tcp" is no port with a protocol, such as 53/udp`},
		"no protocol":     {"a 7/", `line 1, column 3: "7/" lacks a protocol`},
		"mixed":           {"a\t1/tcp\t0.5\nb 2/tcp alias\n", "line 2, column 3: this is a line of services, and those before are of nmap-services"},
		"mixed otherwise": {"b 2/tcp alias\na\t1/tcp\t0.5\n", "line 2, column 3: this is a line of nmap-services, and those before are of services"},
		"two on a line":   {"a 1/tcp\nb 1/tcp b1 1/udp c", `line 2, column 12: "1/udp" is a second port on the line; an entry has one`},
		"a page":          {"<!doctype html>\n<html>", `line 1, column 11: "html>" is no port with a protocol, such as 53/udp`},
		"a long line":     {"a 1/tcp\nb 2/tcp " + strings.Repeat("x", 10<<20), "line 2, column 1: the line has 10485768 bytes; no entry takes as much"},
		"half a map":      {"{\n\"7/udp\": \"echo\",", "line 2, column 16: unexpected end of JSON input"},
		"another map":     {"{\"7/udp\": \"echo\",\n \"8/udp\": 1}", `line 2, column 2: the value of "8/udp" is neither a name nor a list that begins with one`},
		"a map of names":  {`{"echo": "7/udp"}`, `line 1, column 2: "echo" is no port with a protocol, such as 53/udp`},
		"an empty map":    {`{}`, "the map has no entry"},
		"a key twice":     {"{\"7/udp\": \"echo\",\n\"7\\u002fudp\": \"ping\"}", `line 2, column 1: "7/udp" is there twice, first on line 1`},
		"two maps":        {`{"7/udp": "echo"} {}`, "line 1, column 19: invalid character '{' after top-level value"},
		"a mixed edition": {head + ",0,tcp,Reserved,,,,,,,,\n\nhttp 80/tcp\n", "line 4, column 1: the row has fewer fields than the header: 1; this is no line of the registry"},
	} {
		_, err := Parse([]byte(test.text))
		got := "nothing"
		if err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%s: %s; want %s", name, got, test.want)
		}
	}
}

// TestRealFiles reads what Debian's packages have.
func TestRealFiles(t *testing.T) {
	for name, want := range map[string]struct {
		kind  Form
		least int
	}{
		"/etc/services":                 {Services, 200},
		"/usr/share/nmap/nmap-services": {Nmap, 20_000},
		"/usr/share/wireshark/services": {Wireshark, 10_000},
	} {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Logf("not read, for it is not here: %v", err)
			continue
		}
		f, err := Parse(data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if f.Form != want.kind || len(f.Entries) < want.least {
			t.Errorf("%s: %s with %d entries, want %s with at least %d", name, f.Form, len(f.Entries), want.kind, want.least)
		}
	}
}

// TestRealEditions reads editions of the registry with the damage that people did to them: what can be told to be the
// registry can be audited.
func TestRealEditions(t *testing.T) {
	names, _ := filepath.Glob("../../../shared/corpus/altered/*.csv.gz")
	if len(names) == 0 {
		t.Skip("they are not here")
	}
	for _, name := range names {
		packed, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer packed.Close()
		r, err := gzip.NewReader(packed)
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		_, refused := registry.ReadEdition(data)
		if f, err := Parse(data); (err == nil) != (refused == nil) || err == nil && len(f.Entries) < 10_000 {
			t.Errorf("%s: %v, and as the registry: %v", name, err, refused)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"http 80/tcp www # x\n", "a\t1/tcp\t0.5\n", "b 2-3/tcp/udp\n", `{"7/udp": ["echo"]}`, "Service Name,Port Number\n", "\x00"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Parse(data)
		if err != nil {
			if at, ok := err.(*ParseError); !ok || at.Line < 0 || at.Line > 1+strings.Count(string(data), "\n")+strings.Count(string(data), "\r") {
				t.Errorf("%v", err)
			}
			return
		}
		for i := range file.Entries {
			if _, _, ok := file.Entries[i].Ports.Bounds(); !ok || file.Entries[i].Transport == "" || file.Entries[i].Name == "" && file.Form != CSV {
				t.Errorf("entry %+v", file.Entries[i])
			}
		}
	})
}
