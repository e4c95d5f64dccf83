package ianaxml_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/registry/ianaxml"
)

// reading is what a reader makes of one document, in the form in which the reference prints it.
type reading struct {
	Error  string           `json:"error"`
	Tables map[string]table `json:"tables"`
	Facts  map[string]about `json:"facts"`
}

type table struct {
	Keys []string   `json:"keys"`
	Rows [][]string `json:"rows"`
}

type about struct {
	Parent    string              `json:"parent"`
	Hidden    bool                `json:"hidden"`
	Reference string              `json:"reference"`
	Title     string              `json:"title"`
	Category  string              `json:"category"`
	Created   string              `json:"created"`
	Updated   string              `json:"updated"`
	About     string              `json:"description"`
	Rules     []string            `json:"registration_rule"`
	Experts   []string            `json:"expert"`
	Notes     [][2]string         `json:"note"`
	Ranges    []map[string]string `json:"range"`
	Footnotes [][2]string         `json:"footnote"`
}

func read(g *ianaxml.Group, err error) reading {
	if err != nil {
		return reading{Error: err.Error()}
	}
	r := reading{Tables: map[string]table{}, Facts: map[string]about{}}
	for _, reg := range g.Registries {
		a := about{
			Parent: reg.Parent, Hidden: reg.Hidden, Reference: reg.Reference, Title: reg.Title, Category: reg.Category, Created: reg.Created,
			Updated: reg.Updated, About: reg.Description, Rules: append([]string{}, reg.Rules...), Experts: append([]string{}, reg.Experts...),
			Notes: [][2]string{}, Ranges: []map[string]string{}, Footnotes: [][2]string{},
		}
		for _, n := range reg.Notes {
			a.Notes = append(a.Notes, [2]string{n.Title, n.Text})
		}
		for _, n := range reg.Footnotes {
			a.Footnotes = append(a.Footnotes, [2]string{n.Anchor, n.Text})
		}
		for _, n := range reg.Ranges {
			texts := map[string]string{}
			for key, text := range map[string]string{"value": n.Value, "hex": n.Hex, "entry_size": n.EntrySize, "registration_rule": n.Rule, "note": n.Note, "reference": n.Reference} {
				if text != "" {
					texts[key] = text
				}
			}
			a.Ranges = append(a.Ranges, texts)
		}
		r.Facts[reg.ID] = a
		if reg.Heading {
			continue
		}
		decoded := reg.Table()
		t := table{Keys: append([]string{}, decoded.Keys...), Rows: [][]string{}}
		at := map[string]int{}
		for i, key := range t.Keys {
			at[key] = i
		}
		for _, cells := range decoded.Records {
			row := make([]string, len(t.Keys))
			for _, c := range cells {
				row[at[c.Key]] = c.Text
			}
			t.Rows = append(t.Rows, row)
		}
		r.Tables[reg.ID] = t
	}
	return r
}

// reference prints what the independent reading makes of documents, whose file names it reads from its input, a line of
// JSON each.
const reference = `
import json, sys
sys.path.insert(0, sys.argv[1])
import xml_reference as x
for name in sys.stdin:
    data = open(name.strip(), "rb").read()
    try:
        tables = {i: {"keys": k, "rows": r} for i, (k, r) in x.tables(data).items()}
        facts = x.facts(data)
        for f in facts.values():
            f["range"] = [{k: v for k, v in r if v} for r in f["range"]]
        out = {"tables": tables, "facts": facts}
    except ValueError as e:
        out = {"error": str(e)}
    x.ROWS.clear()
    x._tables.cache_clear()
    print(json.dumps(out), flush=True)
`

// TestReference compares this package with an independent reading by the same rules, over real editions: a sample, or all
// of them where the variable IANASYNC_TEST_ALL is set.
func TestReference(t *testing.T) {
	const shared = "../../../shared"
	if _, err := os.Stat(shared + "/check/xml_reference.py"); err != nil {
		t.Skip("there is no reference in ../shared")
	}
	for bundle, every := range map[string]int{"groups-xml": 23, "service-names-xml": 99} {
		if os.Getenv("IANASYNC_TEST_ALL") != "" {
			every = 1
		}
		t.Run(bundle, func(t *testing.T) { compare(t, shared, bundle, every) })
	}
}

func compare(t *testing.T, shared, bundle string, every int) {
	dir := t.TempDir()
	git := func(args ...string) []byte {
		out, err := exec.Command("git", append([]string{"-C", dir}, args...)...).Output()
		if err != nil {
			t.Fatalf("git %v: %v", args, err)
		}
		return out
	}
	path, err := filepath.Abs(filepath.Join(shared, "corpus", bundle+".bundle"))
	if err != nil {
		t.Fatal(err)
	}
	git("clone", "--quiet", "--bare", path, "repo")
	var blobs []string
	for line := range strings.Lines(string(git("-C", "repo", "log", "--all", "--reverse", "--raw", "--no-abbrev", "--format="))) {
		f := strings.Fields(line) // :mode mode hash hash status path
		if len(f) == 6 && strings.HasSuffix(f[5], ".xml") && f[4] != "D" {
			blobs = append(blobs, f[3]+" "+f[5])
		}
	}
	slices.SortStableFunc(blobs, func(a, b string) int {
		return strings.Compare(a[strings.IndexByte(a, 32):], b[strings.IndexByte(b, 32):])
	})
	if len(blobs) < 400 {
		t.Fatalf("only %d editions", len(blobs))
	}
	cmd := exec.Command("python3", "-c", reference, filepath.Join(shared, "check"))
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
	var last *ianaxml.Group
	compared, refused := 0, 0
	for i, blob := range blobs {
		if i%every != 0 {
			continue
		}
		data := git("-C", "repo", "cat-file", "blob", strings.Fields(blob)[0])
		name := filepath.Join(dir, "edition.xml")
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(in, name)
		answer, err := answers.ReadBytes('\n')
		if err != nil {
			t.Fatal(err)
		}
		var want reading
		if err := json.Unmarshal(answer, &want); err != nil {
			t.Fatal(err)
		}
		g, err := ianaxml.Read(data)
		got := read(g, err)
		compared++
		if want.Error != "" && got.Error != "" {
			refused++
			continue
		}
		if !reflect.DeepEqual(want, got) {
			t.Errorf("%s: (-reference +got)\n%.3000s", blob, cmp.Diff(want, got))
		}
		next, err := last.Next(bytes.Clone(data))
		if again := read(next, err); !reflect.DeepEqual(got, again) {
			t.Errorf("%s: (-Read +Next)\n%.3000s", blob, cmp.Diff(got, again))
		}
		last = next
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d of %d editions compared, %d of them refused by both", compared, len(blobs), refused)
}
