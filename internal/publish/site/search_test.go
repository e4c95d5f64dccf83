package site

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/registry/ports"
)

// query is a line of testdata/queries.txt.
type query struct{ Text, To string }

func queries(t testing.TB) (list []query) {
	t.Helper()
	data, err := os.ReadFile("testdata/queries.txt")
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
	if len(list) < 60 {
		t.Fatalf("%d queries, want at least 60", len(list))
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
	var packed bytes.Buffer
	z, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression) // the level is a valid one
	if _, err := z.Write(index); err != nil || z.Close() != nil {
		t.Fatal("cannot compress the index")
	}
	if packed.Len() > 250_000 {
		t.Errorf("the index has %d bytes compressed", packed.Len())
	}
	url := serve(t, map[string][]byte{
		"index.html": []byte(`<!DOCTYPE html><script src="find.js"></script><script src="search.js"></script>`), "find.js": finder, "search.js": index,
	})
	ctx := open(t)
	list := queries(t)
	texts := make([]string, len(list))
	for i := range list {
		texts[i] = list[i].Text
	}
	do(ctx, t, chromedp.Navigate(url))
	await(ctx, t, "typeof ianasync === 'object'")
	found := eval[[]string](ctx, t, fmt.Sprintf(`(() => { const index = ianasyncFind.read(ianasync); return %s.map((q) => ianasyncFind.find(index, q).hits[0]?.to ?? ""); })()`, quoted(texts)))
	for i, q := range list {
		if found[i] != q.To {
			t.Errorf("%q finds %q first, want %q", q.Text, found[i], q.To)
		}
	}
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
