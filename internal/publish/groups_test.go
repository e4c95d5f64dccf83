package publish

import (
	"bytes"
	"fmt"
	"html"
	"path"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

// hostileGroup is a group with a version of each list of records, a day apart, and titles that mean harm.
func hostileGroup(t *testing.T, versions ...string) Group {
	t.Helper()
	g := Group{Group: registry.NewGroup("colours")}
	var err error
	if g.Store, err = snapshots.OpenForWriting(t.Context(), t.TempDir(), g.Group, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = g.Store.Close() })
	title := html.EscapeString(strings.ReplaceAll(evil, "\x1b", ""))
	for i, records := range versions {
		data := fmt.Sprintf(`<registry xmlns="http://www.iana.org/assignments" id="colours"><title>%s</title><registry id="web"><title>%s</title>%s</registry><registry id="../x"><title>Out</title></registry></registry>`, title, title, records)
		if _, _, err := g.Store.Put(snapshots.Edition{Bytes: []byte(data), Seen: time.Date(2021, 1, 2+i, 6, 0, 0, 0, time.UTC)}); err != nil {
			t.Fatal(err)
		}
	}
	return g
}

// TestGroups reads the feeds of groups, and follows their links to the pages of weeks.
func TestGroups(t *testing.T) {
	red, blue := "<record><value>1</value><name>red</name></record>", "<record><value>2</value><name>blue</name></record>"
	p := Publisher{
		Registry: ports.ServiceNames(), Base: "https://example.org/", Groups: []Group{hostileGroup(t, red, red+blue, blue)},
		Store: store(t, ports.NewTable([]ports.Record{rec("a", "1", "A")}), ports.NewTable([]ports.Record{rec("b", "1", "A")})),
	}
	files := make(memory)
	if _, err := p.Publish(t.Context(), files); err != nil {
		t.Fatal(err)
	}
	linked(t, files)
	if quiet := files["registry/colours/~2e~2e~2fx/index.html"]; files["registry/colours/~2e~2e~2fx/feed.atom"] != nil || !bytes.Contains(quiet, []byte(`<a href="../feed.atom">Atom feed of the group</a>`)) {
		t.Errorf("a registry in which nothing happened has a feed, or no link to that of its group: %s", quiet)
	}
	link := regexp.MustCompile(`<link rel="alternate" type="text/html" href="https://example.org/(week/[^"]*)#([^"]*)"`)
	for name, titles := range map[string][]string{
		"registry/colours/feed.atom":     {"colours: blue assigned", "colours: red deassigned"},
		"registry/colours/web/feed.atom": {"colours: blue assigned", "colours: red deassigned"},
		"week/feed.atom":                 {"service-names-port-numbers: b 1 renamed from a|service-names-port-numbers: b 1 in place of a", "colours: blue assigned", "colours: red deassigned"},
	} {
		data := files[name]
		if !valid(name) || data == nil {
			t.Errorf("there is no %s", name)
			continue
		}
		wellFormed(t, name, data)
		if bytes.Contains(data, []byte("<script")) || bytes.Contains(data, []byte("\u202e")) {
			t.Errorf("%s acts: %s", name, data)
		}
		links := link.FindAllSubmatch(data, -1)
		if n := bytes.Count(data, []byte("<entry>")); n != len(titles) || len(links) != n {
			t.Errorf("%s has %d entries and %d links to weeks, want %d:\n%s", name, n, len(links), len(titles), data)
		}
		for _, title := range titles {
			if !regexp.MustCompile("<title>(" + title + ")").Match(data) {
				t.Errorf("%s lacks %s:\n%s", name, title, data)
			}
		}
		if own := bytes.Contains(data, []byte("&lt;li&gt;&lt;code&gt;blue")); own != (name == "registry/colours/web/feed.atom") {
			t.Errorf("%s: whether sentences begin without the title of their registry: %t\n%s", name, own, data)
		}
		for _, l := range links {
			if page := files[path.Join(string(l[1]), "index.html")]; !bytes.Contains(page, fmt.Appendf(nil, `id="%s"`, l[2])) {
				t.Errorf("%s leads to %s#%s, which is not there", name, l[1], l[2])
			}
		}
	}
}

// TestDatasetsOfOtherVersions publishes a version of a group, and then one of the service names: the datasets are made anew for the
// latter only.
func TestDatasetsOfOtherVersions(t *testing.T) {
	red, blue := "<record><value>1</value><name>red</name></record>", "<record><value>2</value><name>blue</name></record>"
	a, b := rec("a", "1", "A"), rec("b", "2", "B")
	g, s := hostileGroup(t, red), store(t, ports.NewTable([]ports.Record{a}))
	p := Publisher{Registry: ports.ServiceNames(), Store: s, Groups: []Group{g}}
	made := make(map[string][]string) // the names of files by their digest
	remade := func() bool {
		t.Helper()
		whole := func(of string) ([]string, bool) { return made[of], made[of] != nil }
		now, same, datasets := make(map[string][]string), 0, 0
		for f, err := range p.files(t.Context(), nil, whole) {
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(f.Name, "data/") && f.Name != "data/index.html" {
				datasets++
				if f.Same {
					same++
				}
			}
			now[f.Of] = append(now[f.Of], f.Name)
		}
		if datasets < 10 || same != 0 && same != datasets {
			t.Fatalf("%d datasets, %d of them as they were", datasets, same)
		}
		made = now
		return same == 0
	}
	if !remade() || remade() {
		t.Error("datasets are not made at first, or made anew of the same versions")
	}
	data := []byte(`<registry xmlns="http://www.iana.org/assignments" id="colours"><title>Colours</title><registry id="web"><title>Web</title>` + blue + `</registry></registry>`)
	if _, _, err := g.Store.Put(snapshots.Edition{Bytes: data, Seen: time.Date(2021, 2, 1, 0, 0, 0, 0, time.UTC)}); err != nil {
		t.Fatal(err)
	}
	if remade() {
		t.Error("datasets are made anew for a version of another group")
	}
	if put(t, s, 1, ports.NewTable([]ports.Record{a, b})); !remade() {
		t.Error("datasets are not made anew for a version of the service names")
	}
}
