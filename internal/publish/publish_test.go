package publish

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"iter"
	"path"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/yuin/goldmark"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/registry/ports/portstest"
	"github.com/ianasync/ianasync/snapshots"
)

// evil is markup, an order to a terminal, and a mark that turns what follows around.
const evil = "<script>alert(1)</script> | `x` [y](javascript:z) \u202e \x1b[31m ]]>"

// rec is a tcp record of an assignee whom only IANA's record may name.
func rec(name, port, description string) ports.Record {
	return portstest.Rec(name, port, "tcp", description, portstest.Assignee("[Secret_Person]"), portstest.Contact("[Secret_Person]"))
}

// store has a version of each table, a day apart.
func store(t *testing.T, tables ...*ports.Table) *snapshots.Store {
	t.Helper()
	s, err := snapshots.OpenForWriting(t.Context(), t.TempDir(), portrules.ServiceNames(), 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	for i, table := range tables {
		if _, _, err := s.Put(snapshots.Edition{Bytes: table.CSV(), Seen: time.Date(2020, 12, 30+i, 6, 0, 0, 0, time.UTC), Content: table}); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// memory is a target that holds files by name.
type memory map[string][]byte

func (m memory) HasVersions() bool { return m["notification.json"] != nil }

func (m memory) Publish(_ context.Context, files iter.Seq2[history.File, error]) (w Written, err error) {
	names := make(map[string]bool)
	for f, err := range files {
		if err != nil {
			return w, err
		}
		if names[f.Name] {
			return w, fmt.Errorf("%s is there twice", f.Name)
		}
		names[f.Name], m[f.Name] = true, bytes.Clone(f.Data)
		w.Files, w.Bytes = w.Files+1, w.Bytes+int64(len(f.Data))
	}
	return w, nil
}

func published(t *testing.T, s *snapshots.Store, base string) map[string][]byte {
	t.Helper()
	p := Publisher{Registry: ports.ServiceNames(), Store: s, Base: base}
	out := make(memory)
	if _, err := p.Publish(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestPublishNothingInPlaceOfVersions publishes a store without versions where one with versions was published.
func TestPublishNothingInPlaceOfVersions(t *testing.T) {
	target := memory(published(t, store(t, ports.NewTable([]ports.Record{rec("a", "1", "A")})), ""))
	before := len(target)
	empty := Publisher{Registry: ports.ServiceNames(), Store: store(t)}
	_, err := empty.Publish(t.Context(), target)
	if _, ok := errors.AsType[*NoVersionError](err); !ok || len(target) != before {
		t.Errorf("publishing no version over some: %v, and %d files of %d", err, len(target), before)
	}
	if _, err := empty.Publish(t.Context(), make(memory)); err != nil {
		t.Errorf("publishing no version anew: %v", err)
	}
}

// hostile has versions of which the second and the third bring names and descriptions that mean harm.
func hostile(t *testing.T) *snapshots.Store {
	return store(t,
		ports.NewTable([]ports.Record{rec("a", "1", "A"), rec("CON", "2", "C")}),
		ports.NewTable([]ports.Record{rec(evil, "1", evil), rec("../../x", "2", "C"), rec(strings.Repeat("long ", 2000), "3", strings.Repeat("10 kB ", 2000))}),
		ports.NewTable([]ports.Record{rec("b/*+ .", "1", evil)}))
}

// TestHostileText reads what is published of hostile text as its readers do: XML, JSON, Markdown.
func TestHostileText(t *testing.T) {
	files := published(t, hostile(t), "https://example.org/")
	for name, data := range files {
		if !valid(name) {
			t.Errorf("%q is no name for a file", name)
		}
		switch path.Ext(name) {
		case ".atom":
			wellFormed(t, name, data)
		case ".json":
			if !json.Valid(data) {
				t.Errorf("%s is no JSON", name)
			}
		case ".jsonl":
			for line := range bytes.Lines(data) {
				if !json.Valid(line) {
					t.Errorf("%s: no JSON: %.80s", name, line)
				}
			}
		case ".md":
			var html bytes.Buffer
			if err := goldmark.Convert(data, &html); err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(html.Bytes(), []byte("<script")) || bytes.Contains(html.Bytes(), []byte("javascript:z\"")) {
				t.Errorf("%s acts: %s", name, html.Bytes())
			}
		}
		if strings.HasSuffix(name, ".md") || strings.HasSuffix(name, ".atom") || strings.HasSuffix(name, "feed.json") {
			for _, bad := range []string{"\x1b", "\u202e", "Secret_Person"} {
				if bytes.Contains(data, []byte(bad)) {
					t.Errorf("%s has %q", name, bad)
				}
			}
		}
	}
	for _, name := range []string{"gone.atom", "changelog/2020.md", "changelog/2021.md", "notification.json", "port/1/feed.atom", "service/~63on/feed.atom", "data/history.sqlite", "datapackage.json"} {
		if files[name] == nil {
			t.Errorf("%s is missing", name)
		}
	}
}

// valid reports whether a name is a valid file name on every system.
func valid(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || part == "." || part == ".." || len(part) > 200 || strings.ContainsAny(part, `\:*?"<>| `) {
			return false
		}
	}
	return true
}

func wellFormed(t *testing.T, name string, data []byte) {
	t.Helper()
	for d := xml.NewDecoder(bytes.NewReader(data)); ; {
		if _, err := d.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
	}
}

// TestSameBytes publishes a store twice.
func TestSameBytes(t *testing.T) {
	s := hostile(t)
	if diff := cmp.Diff(published(t, s, ""), published(t, s, "")); diff != "" {
		t.Error(diff)
	}
}

// TestEntriesLeadToTheChangelog follows each entry of each feed to the section that tells the same.
func TestEntriesLeadToTheChangelog(t *testing.T) {
	const base = "https://example.org/ports/"
	files := published(t, hostile(t), base)
	links := 0
	for name, data := range files {
		if path.Ext(name) != ".atom" {
			continue
		}
		for _, found := range regexp.MustCompile(`rel="related" type="text/markdown" href="([^"]*)"`).FindAllStringSubmatch(string(data), -1) {
			links++
			page, id, _ := strings.Cut(strings.TrimPrefix(found[1], base), "#")
			if id == "" || !bytes.Contains(files[page], fmt.Appendf(nil, "<a id=%q></a>", id)) {
				t.Errorf("%s leads to %s, where nothing is", name, found[1])
			}
		}
	}
	if links < 6 {
		t.Errorf("%d links", links)
	}
}

// TestChangesSchema holds every line of changes.jsonl against the schema that is published with it.
func TestChangesSchema(t *testing.T) {
	files := published(t, hostile(t), "")
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(files["changes.schema.json"]))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("changes.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("changes.schema.json#/$defs/logged")
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	for line := range bytes.Lines(files["changes.jsonl"]) {
		lines++
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(line))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(value); err != nil {
			t.Errorf("line %d: %v", lines, err)
		}
	}
	if lines < 5 {
		t.Errorf("%d lines, want at least 5", lines)
	}
}

// TestStopEarly stops after the first files, while the datasets are being made: the goroutine that makes them ends with
// the iteration.
func TestStopEarly(t *testing.T) {
	p := Publisher{Registry: ports.ServiceNames(), Store: hostile(t)}
	for stop := range 10 {
		files := 0
		for _, err := range p.Files(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if files++; files > stop {
				break
			}
		}
		if files != stop+1 {
			t.Fatalf("%d files were made, want %d", files, stop+1)
		}
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		if bytes.Contains(stacks, []byte("publish.(*content).datasets")) { // it runs, or was created, there
			t.Fatalf("after %d files a goroutine is left:\n%s", files, stacks)
		}
	}
}

// linked holds that each relative link of a page leads to a file.
func linked(t *testing.T, files map[string][]byte) {
	t.Helper()
	links := regexp.MustCompile(`(?:href|src)="([^":#?]*)(?:[#?][^"]*)?"`)
	for name, data := range files {
		if path.Ext(name) != ".html" {
			continue
		}
		for _, found := range links.FindAllSubmatch(data, -1) {
			to := path.Join(path.Dir(name), string(found[1]))
			_, file := files[to]
			if _, page := files[path.Join(to, "index.html")]; !file && !page {
				t.Errorf("%s leads to %s, where nothing is", name, found[1])
			}
		}
	}
}

func TestEmptyAndSmallStores(t *testing.T) {
	got := published(t, store(t), "")
	if !bytes.Contains(got["index.html"], []byte("o version")) {
		t.Errorf("of no version, the front page does not say so: %s", got["index.html"])
	}
	linked(t, got)
	got = published(t, store(t, ports.NewTable([]ports.Record{rec("a", "1", "A")})), "")
	linked(t, got)
	for name := range got {
		if strings.HasPrefix(name, "delta/") {
			t.Errorf("of one version, %s", name)
		}
	}
	for _, name := range []string{"port/1/feed.atom", "service/a/feed.atom"} {
		if data := got[name]; data == nil || bytes.Contains(data, []byte("<entry>")) {
			t.Errorf("of one version, %s is %s; want a feed without an entry", name, data)
		}
	}
	if len(got) < 10 || len(bytes.TrimSpace(got["changes.jsonl"])) != 0 {
		t.Errorf("of one version %d files, and changes %q", len(got), got["changes.jsonl"])
	}
}
