package downstream

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// told writes a file as "kind: name place+alias@line, …".
func told(f *File) string {
	var parts []string
	for i := range f.Entries {
		e := &f.Entries[i]
		s := e.Name + " " + e.Place()
		for _, a := range e.Aliases {
			s += "+" + a
		}
		if e.Line > 0 {
			s += fmt.Sprintf("@%d", e.Line)
		}
		parts = append(parts, s)
	}
	return string(f.Kind) + ": " + strings.Join(parts, ", ")
}

func TestParse(t *testing.T) {
	const head = "Service Name,Port Number,Transport Protocol,Description,Assignee,Contact,Registration Date,Modification Date,Reference,Service Code,%s,Assignment Notes\r\n"
	for name, test := range map[string]struct{ text, want string }{
		"services":          {"# c\r\nhttp\t80/tcp www web # WWW\r\n\r\n domain 53/UDP#x\n", "services: http 80/tcp+www+web@2, domain 53/udp@4"},
		"no line end":       {"http 80/tcp", "services: http 80/tcp@1"},
		"another protocol":  {"rtmp 1/ddp", "services: rtmp 1/ddp@1"},
		"a byte order mark": {"\ufeffhttp 80/tcp", "services: http 80/tcp@1"},
		"nmap":              {"# f\nunknown\t4/tcp\t0.000477\nrje\t5/tcp\t0.000000\t# Remote\nx\t6/udp\t1/100\n", "nmap-services: unknown 4/tcp@2, rje 5/tcp@3, x 6/udp@4"},
		"wireshark":         {"a 1/tcp # one\nb 2/tcp/udp\nc 3-5/udp\nd 6/tcp\n", "wireshark: a 1/tcp@1, b 2/tcp@2, b 2/udp@2, c 3-5/udp@3, d 6/tcp@4"},
		"registry":          {fmt.Sprintf(head, "Known Unauthorized Uses") + "ncl,2397,tcp,NCL,,,,,,,,\r\n,1,tcp,Reserved,,,,,,,,\r\nportless,,tcp,,,,,,,,,\r\n", "csv: ncl 2397/tcp"},
		"map":               {`{"7/udp": "echo", "6379/tcp": ["redis", "A store"]}`, "json: echo 7/udp, redis 6379/tcp"},
	} {
		f, err := Parse([]byte(test.text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if diff := cmp.Diff(test.want, told(f)); diff != "" {
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
		"a page":          {"<!doctype html>\n<html>", `line 1, column 11: "html>" is no port with a protocol, such as 53/udp`},
		"a long line":     {"a 1/tcp\nb 2/tcp " + strings.Repeat("x", 10<<20), "line 2, column 1: the line has 10485768 bytes; no entry takes as much"},
		"half a map":      {"{\n\"7/udp\": \"echo\",", "line 2, column 16: unexpected end of JSON input"},
		"another map":     {`{"a": 1}`, `the value of "a" is neither a name nor a list that begins with one`},
		"a map of names":  {`{"echo": "7/udp"}`, `"echo" is no port with a protocol, such as 53/udp`},
		"an empty map":    {`{}`, "the map has no entry"},
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
		kind  Kind
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
		} else if f.Kind != want.kind || len(f.Entries) < want.least {
			t.Errorf("%s: %s with %d entries, want %s with at least %d", name, f.Kind, len(f.Entries), want.kind, want.least)
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
			if at, ok := err.(*Error); !ok || at.Line < 0 || at.Line > 1+strings.Count(string(data), "\n") {
				t.Errorf("%v", err)
			}
			return
		}
		for i := range file.Entries {
			if _, _, ok := file.Entries[i].Ports.Bounds(); !ok || file.Entries[i].Transport == "" || file.Entries[i].Name == "" && file.Kind != CSV {
				t.Errorf("entry %+v", file.Entries[i])
			}
		}
	})
}
