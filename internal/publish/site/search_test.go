package site

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/registry/ports"
)

// query is a line of a list in testdata.
type query struct{ Text, To string }

func queries(t testing.TB, file string, least int) (list []query) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSuffix(line, "\n"); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		text, to, found := strings.Cut(line, " => ")
		if !found {
			t.Fatalf("%q is not QUERY => ADDRESS", line)
		}
		list = append(list, query{text, to})
	}
	if len(list) < least {
		t.Fatalf("%s has %d queries, want at least %d", file, len(list), least)
	}
	return list
}

// TestQueries types what people search for into the search of the real registry, in a browser.
func TestQueries(t *testing.T) {
	tables := realTables(t)
	in := input(t, tables[0], tables[len(tables)-1])
	s, err := newSite(in)
	if err != nil {
		t.Fatal(err)
	}
	index, err := s.searchIndex()
	if err != nil {
		t.Fatal(err)
	}
	if n := packed(t, index); n > 250_000 {
		t.Errorf("the index has %d bytes compressed", n)
	}
	files := map[string][]byte{"find.js": finder, "search.js": index, "registries.js": registriesFinder}
	scripts := []string{"find.js", "search.js", "registries.js"}
	in.Groups = realGroups(t)
	var size, xml int
	if s, err = newSite(in); err != nil {
		t.Fatal(err)
	}
	for f, err := range s.registryIndexes() {
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = f.Data
		scripts = append(scripts, f.Name)
		size += packed(t, f.Data)
	}
	slices.Reverse(scripts[4:]) // a browser has the lists in the order in which they arrive
	for i := range in.Groups {
		xml += in.Groups[i].Newest.Size
	}
	if all := float64(size) * 25e6 / float64(xml); all > 1.5e6 {
		t.Errorf("the lists of %d bytes of XML have %d bytes compressed: all of IANA's 25 MB would have %.0f", xml, size, all)
	}
	var page strings.Builder
	page.WriteString("<!DOCTYPE html>")
	for _, name := range scripts {
		fmt.Fprintf(&page, `<script src="%s"></script>`, name)
	}
	files["index.html"] = []byte(page.String())
	url := serve(t, files)
	ctx := open(t)
	do(ctx, t, chromedp.Navigate(url))
	await(ctx, t, "document.readyState === 'complete'")
	groupAt := make(map[string]string)
	for _, g := range s.groups {
		groupAt[g.address] = g.ID
		for _, r := range g.registries {
			groupAt[r.address] = g.ID
			for _, anchor := range r.anchors {
				groupAt[r.address+"#"+anchor] = g.ID
			}
		}
	}
	entries := eval[[]string](ctx, t, `ianasyncRegistries.read(ianasyncGroups.groups).entries.map(e => e.to)`)
	last := ""
	for i, to := range entries {
		id, there := groupAt[to]
		if !there {
			t.Errorf("a hit would lead to %s, where nothing is", to)
		}
		if i > len(s.groups) && id < last {
			t.Errorf("%s stands after what %s has: hits would be in the order of arrival", to, last)
		}
		last = id
	}
	if len(entries) < 9_000 {
		t.Errorf("the lists have %d entries, want those of all records", len(entries))
	}
	for file, find := range map[string]string{
		"queries.txt":    `(() => { const index = ianasyncFind.read(ianasync); return (q) => ianasyncFind.find(index, q); })()`,
		"registries.txt": `(() => { const index = ianasyncFind.read(ianasync), registries = ianasyncRegistries.read(ianasyncGroups.groups); return (q) => ianasyncRegistries.find(registries, q, ianasyncFind.find(index, q)); })()`,
	} {
		list := queries(t, file, map[string]int{"queries.txt": 60, "registries.txt": 30}[file])
		texts := make([]string, len(list))
		for i := range list {
			texts[i] = list[i].Text
		}
		found := eval[[]string](ctx, t, fmt.Sprintf(`((find) => %s.map((q) => find(q).hits[0]?.to ?? ""))(%s)`, quoted(texts), find))
		for i, q := range list {
			if found[i] != q.To {
				t.Errorf("%q finds %q first, want %q", q.Text, found[i], q.To)
			}
		}
	}
}

// packed returns the size of a file as servers send it.
func packed(t testing.TB, data []byte) int {
	t.Helper()
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is a valid one
	if _, err := z.Write(data); err != nil || z.Close() != nil {
		t.Fatal("cannot compress it")
	}
	return b.Len()
}

// TestAliases holds that each other name stands once, and that each service that one stands for is in the real registry.
func TestAliases(t *testing.T) {
	list, err := aliases()
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for _, a := range list {
		for _, n := range a.names {
			if seen[n] || n != strings.ToLower(n) || strings.ContainsAny(n, "-.,/") {
				t.Errorf("%q stands twice, or is not written as a query is compared: lower case, words with a space between", n)
			}
			seen[n] = true
		}
	}
	tables := realTables(t)
	newest := tables[len(tables)-1]
	for _, a := range list {
		for _, to := range a.targets {
			if numbers, err := ports.ParsePorts(to); err == nil && numbers.String() == to {
				continue
			}
			if len(newest.Service(to)) == 0 {
				t.Errorf("%q stands for %q, which is no service", a.names, to)
			}
		}
	}
}

// TestIndexHasNoPeople has a person as assignee and contact, and looks for the name in what the search reads.
func TestIndexHasNoPeople(t *testing.T) {
	r := rec("relay", "7000", "tcp", "Relay")
	r.Assignee, r.Contact = "[Jane_Roe]", "[Jane_Roe]"
	files := made(t, input(t, before(), ports.NewTable([]ports.Record{r})))
	if data := files["search.js"]; bytes.Contains(bytes.ToLower(data), []byte("roe")) || !bytes.Contains(data, []byte("relay")) {
		t.Errorf("the index is %s", data)
	}
}

// TestIndex reads the index of the small registry.
func TestIndex(t *testing.T) {
	in := input(t, before(), after())
	in.Notes = []Note{{Text: "Games borrow these.", Source: "x"}}
	in.Notes[0].Ports, _ = ports.ParsePorts("2304-2900")
	data := made(t, in)["search.js"]
	var got index
	if err := json.Unmarshal(bytes.TrimSuffix(bytes.TrimPrefix(data, []byte("var ianasync = ")), []byte(";\n")), &got); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(got.Services, "\n")
	for _, want := range []string{"http\t\t80tus", "whois++\t\t63t\twhois~2b~2b", "nvm-express\t\t\t\tgone", "portless\tNo port at all", "x11\tX\t6000-6063t"} {
		if !slices.Contains(lines, want) {
			t.Errorf("%q is not among %q", want, lines)
		}
	}
	if diff := cmp.Diff("2304-2900\tGames borrow these.", got.Notes); diff != "" {
		t.Error(diff)
	}
	if !strings.HasPrefix(got.States, "r1b62a1b16a1") || !strings.Contains(got.States, "u1001") {
		t.Errorf("the states are %s", got.States)
	}
}

// TestRegistryLists reads the data of the search over other registries: without these there is none, and no list has people.
func TestRegistryLists(t *testing.T) {
	in := input(t, before())
	for name, data := range made(t, in) {
		if strings.HasPrefix(name, "search/") || name == "registries.js" || strings.HasSuffix(name, ".html") && !bytes.Contains(data, []byte(`data-scope=""`)) {
			t.Errorf("a site of ports alone has %s, or a scope in it", name)
		}
	}
	edition := strings.Replace(numbers()[1], "</registry>", `<record><value>relay</value><usage>A relay [Jane_Roe] of 2 [RFC2]</usage><contact>Jane Roe</contact><owner>Roe</owner><xref type="person" data="Jane_Roe"/></record></registry>`, 1)
	for name, in := range map[string]Input{"with ports": withGroups(t, before()), "alone": withGroups(t)} {
		in.Groups = append(in.Groups[:1:1], groupOf(t, "numbers", edition))
		files := made(t, in)
		want := `var ianasyncGroups = {"lists":["n","s"],"groups":[["numbers","Numbers"],["suites","Suite Parameters"]]};` + "\n"
		if diff := cmp.Diff(want, string(files["search/groups.js"])); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		want = `ianasyncRegistries.add("numbers/numbers\tNumbers\tnumbers\n\t\tmain\t\tmain-2\n\t\tq\t\tq-2\n\t\trelay\tA relay of 2 [RFC2]");` + "\n"
		if diff := cmp.Diff(want, string(files["search/n.js"])); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		scope := map[string]string{"with ports": "ports", "alone": "only"}[name]
		if front := files["index.html"]; !bytes.Contains(front, []byte(`data-scope="`+scope+`"`)) {
			t.Errorf("%s: the search of the front page has another scope: %s", name, front)
		}
	}
}
