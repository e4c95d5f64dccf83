package ports

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// document returns the XML of the registry with the given records.
func document(records ...string) string {
	return "<?xml version='1.0' encoding='UTF-8'?>\n<registry xmlns=\"http://www.iana.org/assignments\" id=\"service-names-port-numbers\">\n" +
		"<title>Ports</title>\n" + strings.Join(records, "\n") + "\n<people><person id=\"A\"><name>Ann</name></person></people>\n</registry>\n"
}

func TestXMLColumns(t *testing.T) {
	got := mustParse(t, document(`<record date="2001-02-03" updated="2020-04">
		<name>http</name><number>80</number><protocol>TCP</protocol><description>Web &amp;
		more</description><assignee><xref type="person" data="IESG"/></assignee>
		<xref type="person" data="IETF_Chair"/><xref type="rfc" data="rfc9110"/> <xref type="rfc" data="rfc9112" section="2"/>
		<sc>1</sc><unauthorized>none</unauthorized><note>This is <xref type="uri" data="https://example.com"/>.</note></record>`))
	want := Record{
		ServiceName: "http", Ports: ports("80"), Transport: TCP, Description: "Web & more", Assignee: "[IESG]", Contact: "[IETF_Chair]",
		RegistrationDate: Date{"2001-02-03", true}, ModificationDate: Date{"2020-04", true}, Reference: "[RFC9110][RFC9112, Section 2]",
		ServiceCode: "1", UnauthorizedUse: "none", AssignmentNotes: "This is [https://example.com].",
	}
	if len(got.Records) != 1 || got.Records[0] != want {
		t.Errorf("got %+v\nwant %+v", got.Records, want)
	}
	if len(got.Problems) > 0 {
		t.Error(got.Problems)
	}
}

func ports(s string) Ports {
	p, _ := ParsePorts(s)
	return p
}

// A contact is the assignee, too, where there is no element assignee; an empty one is an assignee of none.
func TestXMLAssignee(t *testing.T) {
	const contact = `<xref type="person" data="Ann"/>`
	for records, want := range map[string]string{
		"<record><name>a</name>" + contact + "</record>":                                     "[Ann]",
		"<record><name>a</name><assignee/>" + contact + "</record>":                          "",
		"<record><name>a</name><assignee>[Bea]</assignee>" + contact + contact + "</record>": "[Bea]",
	} {
		if r := mustParse(t, document(records)).Records[0]; r.Assignee != want {
			t.Errorf("%s: assignee %q, want %q", records, r.Assignee, want)
		}
	}
}

func TestXMLProblems(t *testing.T) {
	got := mustParse(t, document(
		`<record date="soon"><name>a</name><number>x</number>
 <protocol>smoke</protocol><colour>red</colour></record>`, `<record><description>Ã©</description></record>`))
	var lines []string
	for _, p := range got.Problems {
		lines = append(lines, p.String())
	}
	want := []string{
		`4:1: Registration Date: "soon": a date is YYYY-MM-DD or YYYY-MM`,
		`4:35: Port Number: "x" is not a port number`,
		`5:2: Transport Protocol: "smoke" is none of tcp, udp, sctp and dccp`,
		`5:28: the element "colour" is none of the registry's columns`,
		`6:1: the row has neither a service name nor a port number`,
		`6:9: Description: UTF-8 encoded twice: "Ã©" stands for "é"`,
	}
	if d := cmp.Diff(want, lines); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

// Both forms of one table are equal, and differ in nothing.
func TestXMLAndCSV(t *testing.T) {
	csv, err := Decode([]byte(header + "http,80,tcp,Web,[IESG],[IESG],,,[RFC9110],,,\r\nssh,22,tcp,,,,,,,,,\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	xml, err := csv.Next([]byte(document(
		"<record><name>ssh</name><protocol>tcp</protocol><number>22</number></record>",
		`<record><name>http</name><protocol>tcp</protocol><number>80</number><description>Web</description><xref type="person" data="IESG"/><xref type="rfc" data="rfc9110"/></record>`)))
	if err != nil {
		t.Fatal(err)
	}
	if csv.Table.Digest() != xml.Table.Digest() || csv.Form() != CSV || xml.Form() != XML {
		t.Errorf("tables of %s and %s differ:\n%s\n%s", csv.Form(), xml.Form(), csv.Table.CSV(), xml.Table.CSV())
	}
	last, found := xml.Last()
	if !found || last.ServiceName != "http" {
		t.Errorf("the last record is %v, %v, want http", last, found)
	}
	if found, err := xml.Holding(22); err != nil || names(found.Records) != "ssh" {
		t.Errorf("22 is %v, %v", found, err)
	}
}

// Editions of two forms differ in what their tables differ in.
func TestTableDifference(t *testing.T) {
	old := mustParse(t, header+"a,1,tcp,,,,,,,,,\r\nb,2,tcp,,,,,,,,,\r\nb,2,tcp,,,,,,,,,\r\nd,,tcp,,,,,,,,,\r\n")
	next := mustParse(t, document("<record><name>e</name></record>", "<record><name>b</name><number>2</number><protocol>tcp</protocol></record>",
		"<record><name>c</name><number>1</number><protocol>tcp</protocol></record>"))
	gone, came := old.Difference(next)
	if names(gone) != "a b d" || names(came) != "c e" {
		t.Errorf("gone %q, came %q", names(gone), names(came))
	}
	if gone, came = next.Difference(next); len(gone)+len(came) > 0 {
		t.Errorf("a table differs from itself: gone %q, came %q", names(gone), names(came))
	}
}

// TestXMLCorpus compares tables of real editions with those of an independent reading, whole and decoded from one edition
// to the next.
func TestXMLCorpus(t *testing.T) {
	const shared = "../../../shared"
	if testing.Short() {
		t.Skip("the real editions take a while")
	}
	if _, err := os.Stat(shared + "/check/xml_reference.py"); err != nil {
		t.Skipf("there is no reference: %v", err)
	}
	bundle, err := filepath.Abs(shared + "/corpus/service-names-xml.bundle")
	if err != nil {
		t.Fatal(err)
	}
	step := 83
	if os.Getenv("IANASYNC_TEST_ALL") != "" {
		step = 1
	}
	repo := filepath.Join(t.TempDir(), "editions.git")
	git(t, nil, "clone", "--quiet", "--bare", bundle, repo)
	const file = "service-names-port-numbers/service-names-port-numbers.xml"
	commits := strings.Fields(string(git(t, nil, "--git-dir", repo, "log", "--reverse", "--format=%H", "--", file)))
	if len(commits) < 500 {
		t.Fatalf("%d editions, want at least 500", len(commits))
	}
	cmd := exec.Command("python3", "-c", readXMLs, shared+"/check")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	answers := bufio.NewReaderSize(out, 1<<20)
	var before *Decoded
	compared, refused := 0, 0
	for i := range commits {
		if i%step > 1 {
			continue
		}
		data := git(t, nil, "--git-dir", repo, "cat-file", "blob", commits[i]+":"+file)
		name := filepath.Join(t.TempDir(), "edition.xml")
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Fprintln(in, name); err != nil {
			t.Fatal(err)
		}
		answer, err := answers.ReadBytes('\n')
		if err != nil {
			t.Fatal(err)
		}
		next, err := before.Next(data)
		if bytes.Equal(answer, []byte("null\n")) {
			if refused++; err == nil {
				t.Errorf("%s is read, but not by the reference", commits[i])
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", commits[i], err)
			continue
		}
		var rows [][NumColumns]string
		if err := json.Unmarshal(answer, &rows); err != nil {
			t.Fatal(err)
		}
		records := make([]Record, len(rows))
		for i := range rows {
			records[i] = recordOf(rows[i])
		}
		if want := NewTable(records); !slices.Equal(want.Records, next.Table.Records) || len(next.Table.Problems) > 0 {
			t.Errorf("%s: %d records are not the %d of the reference; problems %v", commits[i], next.Len(), len(rows), next.Table.Problems)
		}
		compared++
		before = next
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d editions compared, %d refused by both", compared, refused)
}

// readXMLs prints the rows of documents, whose file names it reads from its input, a line of JSON each; null for one that
// is not the registry.
const readXMLs = `
import json, sys
sys.path.insert(0, sys.argv[1])
import xml_reference as x
for name in sys.stdin:
    try:
        rows = x.service_names(open(name.strip(), "rb").read())
    except ValueError:
        rows = None
    print(json.dumps(rows), flush=True)
`

// FuzzXML holds tables of XML to what is promised of all tables, and decoding from one edition to the next to decoding whole.
func FuzzXML(f *testing.F) {
	const a, b = "<record date='2020'><name>a</name><number>1</number><xref type='person' data='P'/></record>", "<record><name>b</name><note>x &amp;\u00a0 y</note></record>"
	for _, pair := range [][2]string{{"", ""}, {a, a + b}, {a + b, b + a}, {a + a, a}, {a, strings.Replace(a, "1", "x", 1)}, {b, "<record><colour/></record>"}} {
		f.Add(pair[0], pair[1])
	}
	f.Fuzz(func(t *testing.T, old, next string) {
		before, _ := Decode([]byte(document(old)))
		whole, err := Decode([]byte(document(next)))
		stepped, steppedErr := before.Next([]byte(document(next)))
		if err != nil || steppedErr != nil {
			if !errors.Is(err, ErrNotRegistry) || fmt.Sprint(err) != fmt.Sprint(steppedErr) {
				t.Errorf("whole: %v, from the one before: %v", err, steppedErr)
			}
			return
		}
		checkTable(t, whole.Table)
		if !slices.Equal(whole.Table.Records, stepped.Table.Records) || !slices.Equal(whole.Table.Problems, stepped.Table.Problems) {
			t.Errorf("whole: %v %v\nfrom the one before: %v %v", whole.Table.Records, whole.Table.Problems, stepped.Table.Records, stepped.Table.Problems)
		}
	})
}
