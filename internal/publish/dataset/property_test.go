package dataset_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ianasync/ianasync/internal/publish/dataset"
	"github.com/ianasync/ianasync/registry/ports"
)

var hostile = []string{
	"", "plain", "a # comment", "| a | b |", "`code` ${x}", "\x1b[31mred\x07\x00", "\u202eRTL\u2066", "*/ /* // \\", `"quoted"`, "evil 1/tcp 0.5/1",
	"<script>alert(1)</script>", strings.Repeat("x", 10_000), strings.Repeat("ÿ", 60), strings.Repeat("evil 1/tcp ", 30) + "x", "\ufffd",
}

var someNames = []string{
	"", "a", "b", "b-1", "b_1", "B", "a b", "#a", "a#b", "cl/1", "swÿp", "\x1b[0m", "\u202ea", "`", `"`, `\`, "1",
	strings.Repeat("n", 110), strings.Repeat("n", 118), strings.Repeat("n", 126), strings.Repeat("n", 200),
}

func someRecord(t *rapid.T) ports.Record {
	pick := func(label string, of ...string) string { return rapid.SampledFrom(of).Draw(t, label) }
	return rec(
		pick("name", someNames...), pick("ports", "", "0", "1", "2", "1-3", "2-5", "65535", "65534-65535", "0-65535", "x", "70000"),
		pick("transport", "", "tcp", "tcp", "udp", "sctp", "dccp", "quic", "a\x00b"), pick("description", hostile...), notes(pick("notes", "", `This entry is an alias to "b-1".`, `This entry is an alias to "a".`, "This is a duplicate of")), reference(pick("reference", "", "[RFC1]")))
}

// read are the names that a reader finds in a dataset, as "name port/transport".
func read(t *rapid.T, format, text string) map[string]bool {
	found := map[string]bool{}
	add := func(name, on string) { found[name+" "+on] = true }
	switch format {
	case "protocols-map":
		var m map[string][]string
		if err := json.Unmarshal([]byte(text), &m); err != nil {
			t.Fatal(err)
		}
		for on, v := range m {
			add(v[0], on)
		}
	case "npm":
		var m map[string][]string
		if err := json.Unmarshal(unpack(t, text)["package/index.json"], &m); err != nil {
			t.Fatal(err)
		}
		for on, v := range m {
			add(v[0], on)
		}
	case "go":
		readGo(t, text, add)
	default:
		readLines(t, format, text, add)
	}
	return found
}

// fatal is what of a test's type unpack needs.
type fatal interface{ Fatal(args ...any) }

// unpack returns the files of a compressed tar archive.
func unpack(t fatal, text string) map[string][]byte {
	files := map[string][]byte{}
	unzipped, err := gzip.NewReader(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	archive := tar.NewReader(unzipped)
	for {
		head, err := archive.Next()
		if err == io.EOF {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		if files[head.Name], err = io.ReadAll(archive); err != nil {
			t.Fatal(err)
		}
	}
}

// readGo reads the elements of the map, and checks that the source is formatted.
func readGo(t *rapid.T, text string, add func(name, on string)) {
	f, err := parser.ParseFile(token.NewFileSet(), "x.go", text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	if formatted, err := format.Source([]byte(text)); err != nil || string(formatted) != text {
		t.Fatalf("gofmt writes it otherwise (%v): %s", err, cmp.Diff(string(formatted), text))
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if kv, ok := n.(*ast.KeyValueExpr); ok {
			on, _ := strconv.Unquote(kv.Key.(*ast.BasicLit).Value)
			names, _ := strconv.Unquote(kv.Value.(*ast.BasicLit).Value)
			for name := range strings.FieldsSeq(names) {
				add(name, on)
			}
		}
		return true
	})
}

// readLines reads what the three forms of lines have in common, and checks what each of
// their readers cannot bear.
func readLines(t *rapid.T, format, text string, add func(name, on string)) {
	limit := map[string]int{"services": 127, "nmap": 1023, "wireshark": 1 << 20}[format]
	for line := range strings.Lines(text) {
		if len(line) > limit || strings.ContainsFunc(strings.Trim(line, "\n"), func(r rune) bool { return r != '\t' && !unicode.IsPrint(r) }) {
			t.Fatalf("%s cannot have the line %q", format, line)
		}
		line, _, _ = strings.Cut(line, "#")
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		if format == "nmap" {
			if len(fields) != 3 || fields[2] != "0.000000" {
				t.Fatalf("nmap cannot have the line %q", line)
			}
			fields = fields[:2]
		}
		numbers, transport, _ := strings.Cut(fields[1], "/")
		p, err := ports.ParsePorts(numbers)
		first, last, ok := p.Bounds()
		if err != nil || !ok {
			t.Fatalf("%s: no port in %q", format, line)
		}
		for port := int(first); port <= int(last); port++ {
			for _, name := range append(fields[2:], fields[0]) {
				add(name, fmt.Sprintf("%d/%s", port, transport))
			}
		}
	}
}

// wants are the names on ports of which a dataset should have each, if none is lost.
func wants(r *ports.Record) (out []string) {
	transports := []ports.Transport{r.Transport}
	if r.Transport == "" {
		transports = []ports.Transport{"tcp", "udp"}
	}
	first, last, ok := r.Ports.Bounds()
	for port := int(first); ok && port <= int(last); port++ {
		for _, t := range transports {
			out = append(out, fmt.Sprintf("%s %d/%s", r.ServiceName, port, t))
		}
	}
	return out
}

// partly are the rules by which a record may be in the dataset on some of its ports only.
var partly = []dataset.Rule{dataset.Range, dataset.NotFirst, dataset.Repeated}

func TestEveryRecordIsWrittenOrLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := source(rapid.SliceOfN(rapid.Custom(someRecord), 0, 8).Draw(t, "records")...)
		o := dataset.Options{Ranges: rapid.SampledFrom([]dataset.Ranges{"", dataset.FirstPort, dataset.NoPorts}).Draw(t, "ranges")}
		for i := range dataset.Formats {
			f := &dataset.Formats[i]
			data, losses, err := f.Write(s, o)
			if err != nil {
				t.Fatalf("%s: %v", f.Name, err)
			}
			if f.Options {
				checkKept(t, f.Name, s, read(t, f.Name, string(data)), losses)
			} else if len(losses) > 0 || !slices.Equal(readRecords(t, f.Name, data), s.Table.Records) {
				t.Fatalf("%s does not carry all: %v", f.Name, losses)
			}
			checkOrder(t, f, s, o, data, losses)
		}
	})
}

// checkKept checks that of each record all is found, or it is lost; and that nothing else is found.
func checkKept(t *rapid.T, format string, s *dataset.Source, found map[string]bool, losses []dataset.Loss) {
	lost := map[dataset.Key][]dataset.Rule{}
	for _, l := range losses {
		lost[l.Record] = append(lost[l.Record], l.Rule)
	}
	known := map[string]int{} // how many records have it
	for i := range s.Table.Records {
		for _, w := range wants(&s.Table.Records[i]) {
			known[w]++
		}
	}
	for i := range s.Table.Records {
		r := &s.Table.Records[i]
		rules := slices.DeleteFunc(slices.Clone(lost[dataset.Key{Service: r.ServiceName, Ports: r.Ports.String(), Transport: r.Transport}]),
			func(rule dataset.Rule) bool { return rule == dataset.Comment })
		want := wants(r)
		for _, w := range want {
			if !found[w] && len(rules) == 0 {
				t.Fatalf("%s has no %q, and does not say so", format, w)
			}
			if found[w] && known[w] == 1 && len(rules) > 0 && !slices.ContainsFunc(rules, func(rule dataset.Rule) bool { return slices.Contains(partly, rule) }) {
				t.Fatalf("%s has %q, and says that it has not: %v", format, w, rules)
			}
		}
		if len(want) == 0 && len(rules) == 0 {
			t.Fatalf("%s does not say that it has no %v", format, *r)
		}
	}
	for name := range found {
		if known[name] == 0 {
			t.Fatalf("%s has %q, which the table has not", format, name)
		}
	}
}

// checkOrder checks that the order of rows makes no difference.
func checkOrder(t *rapid.T, f *dataset.Format, s *dataset.Source, o dataset.Options, data []byte, losses []dataset.Loss) {
	records := slices.Clone(s.Table.Records)
	rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)).Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
	again, otherLosses, err := f.Write(source(records...), o)
	if err != nil || !bytes.Equal(again, data) {
		t.Fatalf("%s: rows in another order give other bytes (%v):\n%s", f.Name, err, cmp.Diff(string(data), string(again)))
	}
	if diff := cmp.Diff(told(losses), told(otherLosses)); diff != "" {
		t.Fatalf("%s: rows in another order give other losses:\n%s", f.Name, diff)
	}
}

// readRecords reads a form that carries everything.
func readRecords(t *rapid.T, format string, data []byte) []ports.Record {
	var out struct{ Records []ports.Record }
	var err error
	switch format {
	case "csv":
		var table *ports.Table
		if table, err = ports.Parse(data); err == nil {
			out.Records = table.Records
		}
	case "json":
		err = json.Unmarshal(data, &out)
	case "jsonl":
		for line := range bytes.Lines(data) {
			var r ports.Record
			if err = json.Unmarshal(line, &r); err != nil {
				break
			}
			out.Records = append(out.Records, r)
		}
	}
	if err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	return out.Records
}
