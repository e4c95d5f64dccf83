package dataset_test

import (
	"bytes"
	"fmt"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ianasync/ianasync/internal/publish/dataset"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/registry/ports/portstest"
)

var rec, notes, reference = portstest.Rec, portstest.Notes, portstest.Reference

func source(records ...ports.Record) *dataset.Source {
	return &dataset.Source{Registry: ports.ServiceNames(), Version: "20260110T060000Z", Table: ports.NewTable(records)}
}

func write(t testing.TB, format string, s *dataset.Source, o dataset.Options) (string, []dataset.Loss) {
	t.Helper()
	data, losses, err := dataset.Find(format).Write(s, o)
	if err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	return string(data), losses
}

// body is a text without the lines that say where it is from.
func body(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "#") {
			out.WriteString(line)
		}
	}
	return out.String()
}

// told are losses, a line each.
func told(losses []dataset.Loss) (lines []string) {
	for _, l := range losses {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s %s: %s %s", l.Record.Service, l.Record.Ports, l.Record.Transport, l.Rule, l.Detail)))
	}
	return lines
}

// several are records that show each rule of order.
func several() *dataset.Source {
	return source(
		rec("www", "80", "tcp", "", notes(`This is a duplicate of the "http" service.`), reference("[RFC9110]")),
		rec("http", "80", "tcp", "World Wide Web HTTP"),
		rec("http", "80", "udp", "World Wide Web HTTP"),
		rec("http", "80", "sctp", ""),
		rec("cl/1", "172", "tcp", "Another", notes(`This entry is an alias to "cl-1". It is historic.`)),
		rec("cl-1", "172", "tcp", "Network # Innovations"),
		rec("lone_1", "173", "tcp", "", notes(`This entry is an alias to "lone-1".`)),
		rec("stun-behaviors", "5349", "tcp", ""), rec("stuns", "5349", "tcp", ""),
		rec("urd", "465", "tcp", ""), rec("submissions", "465", "tcp", "", reference("[RFC8314]")),
		rec("x11", "6000-6002", "tcp", ""), rec("mine", "6001", "tcp", ""),
		rec("boe", "6400", "", ""),
		rec("a b", "7000", "tcp", ""), rec("swÿp", "7001", "tcp", ""), rec("#x", "7002", "tcp", ""),
		rec("plain", "", "tcp", ""), rec("odd", "70000", "tcp", ""), rec("quick", "7003", "quic", ""), rec("dc", "7004", "dccp", ""),
		rec("", "7005-7010", "", "Unassigned"),
	)
}

func TestServices(t *testing.T) {
	got, losses := write(t, "services", several(), dataset.Options{})
	want := `http	80/tcp	www	# World Wide Web HTTP
http	80/udp	# World Wide Web HTTP
http	80/sctp
cl-1	172/tcp	cl/1	# Network # Innovations
lone_1	173/tcp
submissions	465/tcp
urd	465/tcp
stuns	5349/tcp
stun-behaviors	5349/tcp
x11	6000/tcp
mine	6001/tcp
x11	6001/tcp
x11	6002/tcp
boe	6400/tcp
boe	6400/udp
dc	7004/dccp
`
	if diff := cmp.Diff(want, body(got)); diff != "" {
		t.Errorf("services (-want +got):\n%s", diff)
	}
	const badName = "has a character other than printable ASCII, or a # or a blank"
	wantLosses := []string{
		"cl/1 172 tcp: comment left out: it is an alias on the line of cl-1",
		"a b 7000 tcp: name " + badName, "swÿp 7001 tcp: name " + badName, "#x 7002 tcp: name " + badName,
		`quick 7003 quic: transport not known: "quic"`, "7005-7010 : no-name Unassigned",
		"plain  tcp: no-port", `odd 70000 tcp: no-port "70000" is not a port`,
	}
	if diff := cmp.Diff(wantLosses, told(losses)); diff != "" {
		t.Errorf("losses (-want +got):\n%s", diff)
	}
}

func TestRanges(t *testing.T) {
	s := source(rec("x11", "6000-6002", "tcp", ""), rec("mine", "6001", "tcp", ""), rec("all", "0-65535", "udp", ""))
	for _, test := range []struct {
		format string
		ranges dataset.Ranges
		want   string
		lost   []string
	}{
		{
			"services", "", "all\t0/udp\nx11\t6000/tcp\nmine\t6001/tcp\nx11\t6001/tcp\nx11\t6002/tcp\n",
			[]string{"all 0-65535 udp: range only its first port of 65536"},
		},
		{
			"services", dataset.FirstPort, "all\t0/udp\nx11\t6000/tcp\nmine\t6001/tcp\n",
			[]string{"all 0-65535 udp: range only its first port of 65536", "x11 6000-6002 tcp: range only its first port of 3"},
		},
		{
			"services", dataset.NoPorts, "mine\t6001/tcp\n",
			[]string{"all 0-65535 udp: range left out", "x11 6000-6002 tcp: range left out"},
		},
		{
			"wireshark", dataset.AllPorts, "all\t0/udp\nx11\t6000/tcp\nmine\t6001/tcp\nx11\t6002/tcp\n",
			[]string{"all 0-65535 udp: range only its first port of 65536", "x11 6000-6002 tcp: not-first 6001/tcp is mine"},
		},
	} {
		got, losses := write(t, test.format, s, dataset.Options{Ranges: test.ranges})
		if diff := cmp.Diff(test.want, body(got)); diff != "" {
			t.Errorf("%s, %q (-want +got):\n%s", test.format, test.ranges, diff)
		}
		if diff := cmp.Diff(test.lost, told(losses)); diff != "" {
			t.Errorf("%s, %q: losses (-want +got):\n%s", test.format, test.ranges, diff)
		}
	}
	got, _ := write(t, "wireshark", source(rec("x11", "6000-6002", "", ""), rec("x", "6003", "tcp", "")), dataset.Options{})
	if want := "x11\t6000-6002/tcp\nx11\t6000-6002/udp\nx\t6003/tcp\n"; body(got) != want {
		t.Errorf("wireshark: got %q, want %q", body(got), want)
	}
}

func TestNames(t *testing.T) {
	got, losses := write(t, "services", several(), dataset.Options{Names: []string{"HTTP", "cl/1", "plain"}})
	want := "http\t80/tcp\t# World Wide Web HTTP\nhttp\t80/udp\t# World Wide Web HTTP\nhttp\t80/sctp\ncl/1\t172/tcp\t# Another\n"
	if body(got) != want {
		t.Errorf("got %q, want %q", body(got), want)
	}
	if diff := cmp.Diff([]string{"plain  tcp: no-port"}, told(losses)); diff != "" {
		t.Errorf("losses (-want +got):\n%s", diff)
	}
}

func TestOneNameAPort(t *testing.T) {
	s := source(
		rec("http", "80", "tcp", "Web"), rec("www", "80", "tcp", "", notes("This is a duplicate of http.")),
		rec("dc", "81", "dccp", ""), rec("a<b>", "82", "tcp", `"q"`),
	)
	for format, want := range map[string]string{
		"nmap":          "http\t80/tcp\t0.000000\t# Web\na<b>\t82/tcp\t0.000000\t# \"q\"\n",
		"wireshark":     "http\t80/tcp\t# Web\ndc\t81/dccp\na<b>\t82/tcp\t# \"q\"\n",
		"protocols-map": "{\n\"80/tcp\":[\"http\",\"Web\"],\n\"81/dccp\":[\"dc\",\"\"],\n\"82/tcp\":[\"a<b>\",\"\\\"q\\\"\"]\n}\n",
	} {
		got, losses := write(t, format, s, dataset.Options{})
		if diff := cmp.Diff(want, body(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", format, diff)
		}
		wantLosses := []string{"www 80 tcp: not-first 80/tcp is http"}
		if format == "nmap" {
			wantLosses = append(wantLosses, `dc 81 dccp: transport not known: "dccp"`)
		}
		if diff := cmp.Diff(wantLosses, told(losses)); diff != "" {
			t.Errorf("%s: losses (-want +got):\n%s", format, diff)
		}
	}
}

func TestRepeated(t *testing.T) {
	s := source(
		rec("rdp", "80", "tcp", "Reliable"), rec("rdp", "80", "tcp", "Remote"), rec("rdp", "80", "", ""),
		rec("rdp", "79-80", "tcp", ""),
	)
	for _, f := range []string{"services", "nmap", "wireshark", "protocols-map", "go"} {
		_, losses := write(t, f, s, dataset.Options{})
		want := []string{
			"rdp 79-80 tcp: repeated 80/tcp has the name already", "rdp 80 : repeated 80/tcp has the name already",
			"rdp 80 tcp: repeated 80/tcp has the name already",
		}
		if diff := cmp.Diff(want, told(losses)); diff != "" {
			t.Errorf("%s: losses (-want +got):\n%s", f, diff)
		}
	}
}

func TestEmptyTable(t *testing.T) {
	for _, f := range dataset.Formats {
		s := source()
		data, losses, err := f.Write(s, dataset.Options{})
		if err != nil || len(data) == 0 && f.Name != "jsonl" || len(losses) > 0 {
			t.Errorf("%s: %q, %v, %v", f.Name, data, losses, err)
		}
		if f.Name == "json" || f.Name == "protocols-map" {
			decode(t, data)
		}
		if f.Name == "go" {
			if _, err := parser.ParseFile(token.NewFileSet(), "x.go", data, parser.AllErrors); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestVersionIsOnlyText(t *testing.T) {
	s := source(rec("http", "80", "tcp", ""))
	s.Version = "x\nevil 1/tcp\u202e" + strings.Repeat(" é", 200)
	for _, f := range []string{"services", "nmap", "wireshark"} {
		if got, _ := write(t, f, s, dataset.Options{}); !strings.HasPrefix(body(got), "http\t") || !strings.Contains(got, `# Version: x\nevil 1/tcp\u202e`) {
			t.Errorf("%s: %s", f, got)
		}
	}
}

func TestFindKnowsNoOthers(t *testing.T) {
	if f := dataset.Find("hosts"); f != nil {
		t.Errorf("found %v", f)
	}
}

func TestUnknownColumnsAreLosses(t *testing.T) {
	var header []string
	for i := range ports.Columns() {
		header = append(header, ports.Columns()[i].Name)
	}
	table, err := ports.Parse([]byte(strings.Join(append(header, "Mood"), ",") + "\nhttp,80,tcp,,,,,,,,,,good\nssh,22,tcp,,,,,,,,,,\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{"csv", "json", "jsonl"} {
		_, losses := write(t, f, &dataset.Source{Registry: ports.ServiceNames(), Version: "x", Table: table}, dataset.Options{})
		if diff := cmp.Diff([]string{`http 80 tcp: column of column "Mood"`}, told(losses)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", f, diff)
		}
	}
}

func schema(t testing.TB, file string) *jsonschema.Schema {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile("../../../docs/" + file)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func decode(t testing.TB, text []byte) any {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

func TestSchemas(t *testing.T) {
	s := several()
	document, _ := write(t, "json", s, dataset.Options{})
	if err := schema(t, "table.schema.json").Validate(decode(t, []byte(document))); err != nil {
		t.Error(err)
	}
	lines, _ := write(t, "jsonl", s, dataset.Options{})
	if n := strings.Count(lines, "\n"); n != len(s.Table.Records) {
		t.Errorf("%d lines of %d records", n, len(s.Table.Records))
	}
	for line := range strings.Lines(lines) {
		if err := schema(t, "table.schema.json#/$defs/record").Validate(decode(t, []byte(line))); err != nil {
			t.Error(err)
		}
	}
	for i := range dataset.Formats {
		f := &dataset.Formats[i]
		_, losses, err := f.Write(s, dataset.Options{Ranges: dataset.FirstPort})
		if err != nil {
			t.Fatal(err)
		}
		text, err := f.LossJSON(s, losses)
		if err != nil {
			t.Fatal(err)
		}
		if err := schema(t, "loss.schema.json").Validate(decode(t, text)); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
}

func TestSchemaRefuses(t *testing.T) {
	document, _ := write(t, "json", several(), dataset.Options{})
	for _, edit := range [][2]string{
		{`"licence":"CC0-1.0"`, `"licence":"MIT"`},
		{`"service_name":`, `"name":`},
		{`"table_sha256":"`, `"table_sha256":"x`},
		{`"records":[`, `"records":[{},`},
	} {
		wrong := strings.Replace(document, edit[0], edit[1], 1)
		if wrong == document || schema(t, "table.schema.json").Validate(decode(t, []byte(wrong))) == nil {
			t.Errorf("the schema takes %s", edit[1])
		}
	}
}

func TestSummary(t *testing.T) {
	_, losses := write(t, "nmap", several(), dataset.Options{Ranges: dataset.FirstPort})
	if got, want := dataset.Summary(losses), "1 no-name, 2 no-port, 2 transport, 3 name, 1 range, 4 not-first"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
