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
)

// listed writes a file as "form: name place+alias@line, …", and "!line:column problem" of what cannot be read.
func listed(f *List) string {
	var parts []string
	for i := range f.Entries {
		e := &f.Entries[i]
		s := strings.TrimSpace(e.Name + " " + e.Place())
		if e.Ports.String() == "" {
			s += " by " + string(e.Transport)
		}
		for _, a := range e.Aliases {
			s += "+" + a
		}
		parts = append(parts, fmt.Sprintf("%s@%d", s, e.Line))
	}
	for _, u := range f.Unreadable {
		parts = append(parts, fmt.Sprintf("!%d:%d %s", u.Line, u.Column, u.Problem))
	}
	if f.Unplaced+f.Unnamed > 0 {
		parts = append(parts, fmt.Sprintf("%d unplaced and %d unnamed", f.Unplaced, f.Unnamed))
	}
	return string(f.Form) + ": " + strings.Join(parts, ", ")
}

const head = "Service Name,Port Number,Transport Protocol,Description,Assignee,Contact,Registration Date,Modification Date,Reference,Service Code,Unauthorized Use Reported,Assignment Notes\r\n"

func TestParse(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"services":           {"# c\r\nhttp\t80/tcp www web # WWW\r\n\r\n domain 53/UDP#x\n", "services: http 80/tcp+www+web@2, domain 53/udp@4"},
		"no line end":        {"http 80/tcp", "services: http 80/tcp@1"},
		"another protocol":   {"rtmp 1/ddp", "services: rtmp 1/ddp@1"},
		"a byte order mark":  {"\ufeffhttp 80/tcp", "services: http 80/tcp@1"},
		"CR alone":           {"# c\rhttp 80/tcp\rdomain 53/udp\r\nx 1/tcp", "services: http 80/tcp@2, domain 53/udp@3, x 1/tcp@4"},
		"a service \"name\"": {"name\t42/tcp\tnameserver\nport 43/tcp\n", "services: name 42/tcp+nameserver@1, port 43/tcp@2"},
		"commas in comments": {"http 80/tcp # a, name, port\n", "services: http 80/tcp@1"},

		"nmap's numbers": {"a 1/tcp\nb 2/tcp 1\nc 3/tcp 0 # x\nd 4/tcp\n", "nmap-services: a 1/tcp@1, b 2/tcp@2, c 3/tcp@3, d 4/tcp@4"},
		"nmap":           {"# f\nunknown\t4/tcp\t0.000477\nrje\t5/tcp\t0.000000\t# Remote\nx\t6/udp\t1/100\n", "nmap-services: unknown 4/tcp@2, rje 5/tcp@3, x 6/udp@4"},

		"wireshark":        {"a 1/tcp # one\nb 2/tcp/udp\nc 3-5/udp\nd 6/tcp\n", "wireshark: a 1/tcp@1, b 2/tcp@2, b 2/udp@2, c 3-5/udp@3, d 6/tcp@4"},
		"tshark":           {"tcpmux\t1\ttcp\tPort # 1\nan echo\t7\ttcp/udp\t\nx\t8-9\tsctp\n", "wireshark: tcpmux 1/tcp@1, an echo 7/tcp@2, an echo 7/udp@2, x 8-9/sctp@3"},
		"tshark's comment": {"# made by tshark\ntcpmux\t1\ttcp\t\n", "wireshark: tcpmux 1/tcp@2"},

		"registry": {
			strings.Replace(head, "Unauthorized Use Reported", "Known Unauthorized Uses", 1) + "ncl,2397,tcp,\"N\nCL\",,,,,,,,\r\n,1,tcp,Reserved,,,,,,,,\r\nportless,,tcp,,,,,,,,,\r\nodd,4x,udp,,,,,,,,,\r\nboe-cms,6400,,,,,,,,,,,,too,long\r\n",
			"csv: ncl 2397/tcp@2, boe-cms 6400@7, !6:5 \"4x\" is not a port, 1 unplaced and 1 unnamed",
		},
		"subset":                 {"Service Name,Port Number,Transport Protocol\nhttp,80,tcp\n", "csv: http 80/tcp@2"},
		"name,port,protocol":     {"\n# mine\nname,port,protocol,comment\n\"a, b\",1,TCP,x\nc,\"2,3\",\"tcp, udp\",\n", "csv: a, b 1/tcp@4, c 2/tcp@5, c 2/udp@5, c 3/tcp@5, c 3/udp@5"},
		"port,service":           {"\"Port\",\"Service\"\r\n\"1\",\"tcpmux\"\r\n", "csv: tcpmux 1@2"},
		"semicolons":             {"Port;Protocol;Service\n80;tcp;http\n", "csv: http 80/tcp@2"},
		"tabs":                   {"service\tport\tproto\nhttp\t80\ttcp\n", "csv: http 80/tcp@2"},
		"a place in a cell":      {"port_protocol,SERVICE\n80/tcp/udp,http\n", "csv: http 80/tcp@2, http 80/udp@2"},
		"service before name":    {"name,service,port\nWeb,http,80\n", "csv: http 80@2"},
		"CR alone in a CSV":      {"name,port\rhttp,80\r", "csv: http 80@2"},
		"blanks after a header":  {"\"name\",\"port\" \t\nhttp,80\n", "csv: http 80@2"},
		"a CSV after blanks":     {" \n# a list\n name,port\nhttp,80\n", "csv: http 80@4"},
		"service types in a CSV": {"name,port\n_http._tcp,\nssh,22\n", "csv: http by tcp@2, ssh 22@3"},

		"map":                {"{\"6379/tcp\": [\"redis\", \"7/udp\"],\n\n \"7/udp\" : \"echo\"}", "json: redis 6379/tcp@1, echo 7/udp@3"},
		"unnamed":            {"{\"0/tcp\": [\"\", \"Reserved\"], \"1\": null,\n\"2/udp\": \"\", \"6379\": [\"redis\"]}", "json: redis 6379@2, 0 unplaced and 3 unnamed"},
		"names to ports":     {"{\"a\": 1, \"b\": \"2/tcp\", \"c\": [3, \"4-5/udp\"],\n\"d\": {\"port\": 6, \"protocol\": [\"tcp\", \"sctp\"]}, \"e\": []}", "json: a 1@1, b 2/tcp@1, c 3@1, c 4-5/udp@1, d 6/tcp@2, d 6/sctp@2, 1 unplaced and 0 unnamed"},
		"ports to objects":   {`{"1": {"name": "a", "proto": "tcp"}, "2": [{"service": "b"}, {"service": "c", "protocol": "udp"}]}`, "json: a 1/tcp@1, b 2@1, c 2/udp@1"},
		"list":               {"[{\"name\": \"a\", \"port\": 1, \"protocol\": \"tcp\"},\n {\"port\": \"2\",\n \"name\": \"b\"}]", "json: a 1/tcp@1, b 2@2"},
		"list in an object":  {"{\"version\": 1, \"tags\": [\"x\"], \"services\": [\n{\"serviceName\": \"a\", \"portNumber\": 1}]}", "json: a 1@2"},
		"our export":         {"{\"registry\": \"x\", \"records\": [\n{\"service_name\": \"a\", \"port_number\": \"1\", \"transport_protocol\": \"\"},\n{\"service_name\": \"\", \"port_number\": \"2\", \"transport_protocol\": \"tcp\"}]}", "json: a 1@2, 0 unplaced and 1 unnamed"},
		"one object":         {`{"name": "a", "port": 1}`, "json: a 1@1"},
		"types in a list":    {"[\"_http._tcp\",\n\"_ipp._tcp\"]", "json: http by tcp@1, ipp by tcp@2"},
		"lines":              {"{\"name\": \"a\", \"port\": 1}\n\n{\"name\": \"b\", \"port\": 2}\n", "jsonl: a 1@1, b 2@3"},
		"a bad first line":   {"{\"name\": \"a\"\n{\"name\": \"b\", \"port\": 2}\n", "jsonl: b 2@2, !1:12 unexpected end of JSON input"},
		"a string in a line": {"{\"name\": \"a\", \"port\": 1}\n\"b\"\n", `jsonl: a 1@1, !2:1 "b" is neither an object with a service and a port nor a service type, such as _http._tcp`},

		"go, ports to names": {"package p\n\nvar (\n\tother = []string{\"a\", \"b\"}\n\tnames = map[int]string{\n\t\t80: \"http\", 0x1_0: \"x\",\n\t}\n)\n", "go: http 80@6, x 16@6"},
		"go, names to ports": {"package p\nfunc f() {\n\tm := map[string]uint16{\"http\": 80}\n\t_ = m\n}", "go: http 80@3"},
		"go, by protocol":    {"package p\nvar tcpPortNames = map[uint16]string{1: \"a\"}\nvar other = map[UDPPort]string{UDPPort(2): \"b\"}\nvar tcpAndUDP = map[int]string{3: \"c\"}\n", "go: a 1/tcp@2, b 2/udp@3, c 3@4"},
		"go, structs":        {"package p\nvar l = []*Service{{Name: \"a\", Port: 1, Proto: \"tcp\"},\n&Service{Name: \"b\", Port: 2}}\n", "go: a 1/tcp@2, b 2@3"},
		"go, lists of names": {"package p\nvar m = map[string][]string{\"1/tcp\": {\"a\", \"the a\"}}\n", "go: a 1/tcp@2"},
		"go, a part":         {"// some ports\nvar m = map[int]string{\n1: \"a\"}\n", "go: a 1@3"},
		"go, a literal":      {"map[int]string{\n1: \"a b\"}\n", "go: a b 1@2"},
		"go, on one line":    {`map[string]string{"1/tcp": "a", "b": "2/tcp", "3/": "c"}`, `go: a 1/tcp@1, b 2/tcp@1, !1:47 "3/" lacks a protocol, such as 53/udp`},
		"go, our export":     {"// Code generated by ianasync export --format go; DO NOT EDIT.\npackage services\nvar Names = map[string]string{\n\"1/tcp\": \"a b\",\n}\n", "go: a 1/tcp@4, b 1/tcp@4"},

		"types among services": {"http 80/tcp www\n_ipp._tcp\n", "services: http 80/tcp+www@1, ipp by tcp@2"},

		"service types": {"# seen here\n_http._tcp\n_IPP._TCP.local. printers\n_print._sub._ipp._tcp\n_x._udp:the x\n", "dns-sd: http by tcp@2, IPP by tcp@3, ipp by tcp@4, x by udp@5"},
	} {
		f, err := Parse([]byte(test.text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if diff := cmp.Diff(test.want, listed(f)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestUnreadable has files with lines that cannot be read: each is kept with its place, and the others are read.
func TestUnreadable(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"no such port":          {"a\t1/tcp\t0.5\nb 102450/tcp 000076 # x\nc\t3/tcp\t0\n", "nmap-services: a 1/tcp@1, c 3/tcp@3, !2:3 102450 is over 65535, the highest port number"},
		"no protocol":           {"a 1/tcp\nb 2\n", `services: a 1/tcp@1, !2:3 "2" lacks a protocol, such as 53/udp`},
		"an empty protocol":     {"a 1/tcp\nb 7/", `services: a 1/tcp@1, !2:3 "7/" lacks a protocol, such as 53/udp`},
		"a range backwards":     {"a 1/tcp\nb 9-7/tcp", "services: a 1/tcp@1, !2:3 the range ends before it begins"},
		"a name alone":          {"a 1/tcp\n  b\n", "services: a 1/tcp@1, !2:3 there is a name and no port; a name without a port is written as _http._tcp"},
		"two on a line":         {"a 1/tcp\nb 1/tcp b1 1/udp c", `services: a 1/tcp@1, !2:12 "1/udp" is a second port on the line; an entry has one`},
		"a line of services":    {"a\t1/tcp\t0.5\nb\t2/tcp\t0\nc 3/tcp alias\n", "nmap-services: a 1/tcp@1, b 2/tcp@2, !3:3 this is a line of services in a file of nmap-services"},
		"a line of nmap's":      {"a\t1/tcp\t0.5\nb 2/tcp alias\nc 3/tcp/udp\n", "wireshark: b 2/tcp+alias@2, c 3/tcp@3, c 3/udp@3, !1:3 this is a line of nmap-services in a file of wireshark"},
		"a long line":           {"a 1/tcp\nb 2/tcp " + strings.Repeat("x", 10<<20), "services: a 1/tcp@1, !2:1 the line has 10485768 bytes; no entry takes as much"},
		"in tshark's":           {"a\t1\ttcp\t\nb\t2\n", "wireshark: a 1/tcp@1, !2:1 this is not a name, a port and a protocol between tabs, as 'tshark -G services' prints them"},
		"in tshark's, a port":   {"a\t1\ttcp\t\nbb\t70000\tudp\t\n", `wireshark: a 1/tcp@1, !2:4 70000 is over 65535, the highest port number`},
		"in service types":      {"_a._tcp\n_b._tcp\nhttp\n", `dns-sd: a by tcp@1, b by tcp@2, !3:1 there is a name and no port; a name without a port is written as _http._tcp`},
		"a short row":           {"name,x,port\na,,1\nb,2\n", "csv: a 1@2, !3:1 the row has 2 of the header's 3 columns, and lacks one that an audit needs"},
		"a mixed edition":       {head + "a,1,tcp,,,,,,,,,\n\nhttp 80/tcp\n", "csv: a 1/tcp@2, !4:1 the row has 1 of the header's 12 columns, and lacks one that an audit needs"},
		"a stray quote":         {"name,port\na,1\nb \"x,2\nc,3\n", `csv: a 1@2, c 3@4, !3:1 the row cannot be read up to line 3, column 3: bare " in non-quoted-field`},
		"an open quote":         {"name,port\na,1\nb,2\n\"c,3\nd,4\n", `csv: a 1@2, b 2@3, !4:1 the row cannot be read up to line 5, column 5: extraneous or missing " in quoted-field`},
		"a member":              {"{\"7/udp\": \"echo\",\n \"8/udp\": 1}", `json: echo 7/udp@1, !2:11 the value of "8/udp" is neither a name nor a list that begins with one`},
		"another member":        {"{\"7/udp\": \"echo\",\n \"8/udp\": true}", `json: echo 7/udp@1, !2:11 the value of "8/udp" is neither a name nor a list that begins with one`},
		"a list of lists":       {"{\"7/udp\": \"echo\", \"8/udp\":[[]]}", `json: echo 7/udp@1, !1:28 the value of "8/udp" is neither a name nor a list that begins with one`},
		"lists as ports":        {"{\"a\": 1, \"b\": [[2]]}", `json: a 1@1, !1:15 the value of "b" is not a list of ports`},
		"a key twice":           {"{\"7/udp\": \"echo\",\n\"7\\u002fudp\": \"ping\"}", `json: echo 7/udp@1, !2:1 "7/udp" is there twice, first on line 1`},
		"a key with no port":    {"{\"7/udp\": \"echo\", \"70000\": \"ping\"}", `json: echo 7/udp@1, !1:19 70000 is over 65535, the highest port number`},
		"an object without":     {"[{\"name\": \"a\", \"port\": 1},\n {\"id\": 2}, {\"name\": \"b\", \"port\": 2}]", `json: a 1@1, b 2@2, !2:2 the object has neither a service nor a port: an audit needs "name" or "service", and "port"`},
		"an object in a column": {"[{\"name\": \"a\", \"port\": 1},\n {\"name\": \"b\", \"port\": {}}]", `json: a 1@1, !2:24 the value of "port" is neither text, nor a number, nor a list of such`},
		"a JSON line":           {"{\"name\": \"a\", \"port\": 1}\n{\"name\":, \"port\": 2}\n", "jsonl: a 1@1, !2:9 invalid character ',' looking for beginning of value"},
		"in Go":                 {"package p\nvar m = map[string]string{\n\"1/tcp\": \"a\",\n\"2/\": \"b\"}\n", `go: a 1/tcp@3, !4:1 "2/" lacks a protocol, such as 53/udp`},
	} {
		f, err := Parse([]byte(test.text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if diff := cmp.Diff(test.want, listed(f)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestBadInput(t *testing.T) {
	const notAList = "; this is not a list of services: "
	for name, test := range map[string]struct{ text, want string }{
		"empty":             {" \n", "the file is empty"},
		"comments alone":    {"# a\n", "the file has no entry: no name with a port"},
		"binary":            {"a 1/tcp\nb\x00", "line 2, column 2: the file is binary"},
		"compressed":        {"\x1f\x8b\x08\x00", "the file is compressed: gzip"},
		"UTF-16":            {"\xff\xfea\x00", "the file is UTF-16; an audit reads UTF-8"},
		"a pointer":         {"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "the file is a Git LFS pointer, not the file itself"},
		"a page":            {"\n <!doctype html>\n<html>", "line 2, column 2: this is a page of HTML or XML, not a list of services"},
		"prose":             {"It was a dark\nand stormy night", `line 1, column 4: "was" is not a port with a protocol, such as 53/udp` + notAList + "2 of 2 lines cannot be read"},
		"mostly prose":      {"It was a dark\nand stormy night\nhttp 80/tcp", `line 1, column 4: "was" is not a port with a protocol, such as 53/udp` + notAList + "2 of 3 lines cannot be read"},
		"one bad line":      {"a 70000/tcp", "line 1, column 3: 70000 is over 65535, the highest port number" + notAList + "1 of 1 lines cannot be read"},
		"one line too long": {strings.Repeat("x", 1<<17), "line 1, column 1: the line has 131072 bytes; no entry takes as much" + notAList + "1 of 1 lines cannot be read"},

		"half a map":         {"{\n\"7/udp\": \"echo\",", "line 2, column 16: unexpected end of JSON input"},
		"another map":        {`{"name": "x", "dependencies": {"y": "1.0"}}`, `line 1, column 10: "x" is not a port` + notAList + "2 of 2 lines cannot be read"},
		"an empty map":       {`{}`, "the file has no entry: no name with a port"},
		"two maps":           {`{"7/udp": "echo"} {}`, "line 1, column 19: invalid character '{' after top-level value"},
		"a deep list":        {strings.Repeat("[", 20_000), "line 1, column 10001: invalid character '[' exceeded max depth"},
		"unnamed ports only": {`{"0/tcp": ["", "Reserved"]}`, "the file has no entry: no name with a port"},
		"a list of numbers":  {"[1, 2]", `line 1, column 2: "1" is neither an object with a service and a port nor a service type, such as _http._tcp` + notAList + "2 of 2 lines cannot be read"},

		"a header alone":       {head, "the file has no entry: no name with a port"},
		"no column of ports":   {"service,owner\nhttp,me\n", `line 1, column 1: the CSV has no column of ports: an audit needs one named "port" or "Port Number"`},
		"no column of names":   {"port,owner\n80,me\n", `line 1, column 1: the CSV has no column of services: an audit needs one named "name", "service" or "Service Name"`},
		"no header":            {"tcpmux,1,tcp\necho,7,tcp\n", `line 1, column 1: the first line of the CSV names no column that an audit needs: "name" and "port", and "protocol" if there is one`},
		"all rows bad":         {"name,port\na,x\nb,y\n", `line 2, column 3: "x" is not a port` + notAList + "2 of 2 lines cannot be read"},
		"a quote never closed": {"name,port\na,1\n\"b,2\nc,3\nd,4\n", `line 3, column 1: the row cannot be read up to line 5, column 5: extraneous or missing " in quoted-field` + notAList + "3 of 4 lines cannot be read"},

		"go without a map":  {"package p\n\nvar names = []string{\"a\"}\n", "the Go source has no map of ports to names or of names to ports, and no list of structs with a name and a port"},
		"go with a mistake": {"package p\n\nvar m = map[int]string{1: \"a\"\n", "line 3, column 30: missing ',' before newline in composite literal"},
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

// TestRealEditions reads editions of the registry as people have altered them, two with fewer columns.
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
		f, err := Parse(data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if len(f.Entries) < 5_000 || len(f.Unreadable) > 1 {
			t.Errorf("%s: %d entries, and %v", name, len(f.Entries), f.Unreadable)
		}
	}
}

// The fuzz targets, one for each parser, hold what is parsed against its invariants.

func FuzzLines(f *testing.F) {
	for _, seed := range []string{
		"http 80/tcp www # x\n", "a\t1/tcp\t0.5\n", "b 2-3/tcp/udp\n", "tcpmux\t1\ttcp\tx\n", "_http._tcp: x\n_b._udp.local.\n", "\x00", "a 1/tcp\rb\r\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) { holds(t, data, parseLines) })
}

func FuzzCSV(f *testing.F) {
	for _, seed := range []string{head + "a,1,tcp,,,,,,,,,\n", "\"Port\",\"Service\"\n\"1\",\"a\n\"\n", "name;port\na;\"1\n", "service\tport\nx\t1-2,3/tcp\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if header, found := findHeader(data); found {
			holds(t, data, func(data []byte) (*List, error) { return parseCSV(data, header) })
		}
	})
}

func FuzzJSON(f *testing.F) {
	for _, seed := range []string{`{"7/udp": ["echo"], "a": 1, "b": {"port": [1, null]}}`, `[{"name": "a", "port": 1}, "_b._tcp"]`, "{\"name\": \"a\"}\n{\"port\": 1}\n", `{"x": [{"service": true}]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		holds(t, data, parseJSON)
		holds(t, data, parseJSONLines)
	})
}

func FuzzGo(f *testing.F) {
	for _, seed := range []string{"package p\nvar m = map[int]string{80: \"http\"}", "map[string]T{\"a\": {Port: 1}}", "package p; var tcp = []T{{Name: \"x\", Port: -1}, nil}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) { holds(t, data, parseGo) })
}

// FuzzParse is about the choice of the parser.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"http 80/tcp\n", "{}", "[", "package p", "name,port\n", "<", "\x1f\x8b", "\ufeff"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) { holds(t, data, Parse) })
}

// holds parses data, and checks that all entries have a name and a port or a transport, and that all problems are on
// lines of the file.
func holds(t *testing.T, data []byte, parse func([]byte) (*List, error)) {
	t.Helper()
	lines := 1 + strings.Count(string(data), "\n") + strings.Count(string(data), "\r")
	f, err := parse(data)
	if err != nil {
		if at, ok := err.(*ParseError); !ok || at.Line < 0 || at.Line > lines || at.Problem == "" {
			t.Errorf("%v", err)
		}
		return
	}
	if len(f.Entries) == 0 {
		t.Error("a list without an entry")
	}
	for i := range f.Entries {
		e := &f.Entries[i]
		if _, _, ok := e.Ports.Bounds(); e.Name == "" || !ok && (e.Ports.String() != "" || e.Transport == "") || e.Line < 1 || e.Line > lines {
			t.Errorf("entry %+v", e)
		}
	}
	for _, u := range f.Unreadable {
		if u.Line < 1 || u.Line > lines || u.Column < 1 || u.Problem == "" {
			t.Errorf("unreadable: %+v", u)
		}
	}
}
