package site

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/png"
	"maps"
	"math/rand/v2"
	"net/url"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/lookup"
	"github.com/ianasync/ianasync/internal/porthistory"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/internal/publish/urls"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/registry/ports/portstest"
	"github.com/ianasync/ianasync/snapshots"
)

var rec = portstest.Rec

// input is the site of tables, each seen a day after the one before.
func input(t testing.TB, tables ...*ports.Table) Input {
	t.Helper()
	return inputSeen(t, func(i int) time.Time { return time.Date(2019, 12, 30+i, 6, 0, 0, 0, time.UTC) }, tables...)
}

// inputSeen is the site of tables, each seen at a time.
func inputSeen(t testing.TB, when func(i int) time.Time, tables ...*ports.Table) Input {
	t.Helper()
	s, err := snapshots.OpenForWriting(t.Context(), t.TempDir(), portrules.ServiceNames(), time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for i, table := range tables {
		_, _, err := s.Put(snapshots.Edition{Bytes: table.CSV(), Seen: when(i), Source: "https://example.org/"})
		if err != nil {
			t.Fatal(err)
		}
	}
	past, err := porthistory.Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	index, err := past.Index()
	if err != nil {
		t.Fatal(err)
	}
	in := Input{Registry: ports.ServiceNames(), Past: past, Index: index}
	if v, found := s.Latest(); found {
		if in.Table, err = porthistory.Table(s, v); err != nil {
			t.Fatal(err)
		}
		in.Newest = v
	}
	return in
}

// before and after are a small registry at two times.
func before() *ports.Table {
	return ports.NewTable([]ports.Record{
		rec("", "0", "tcp", "Reserved"), rec("whois++", "63", "tcp", "whois++"), rec("http", "80", "tcp", "HTTP"), rec("http", "80", "udp", "HTTP"),
		rec("nvm-express", "4420", "tcp", "NVMe"), rec("old/one", "5000", "tcp", "Old"), rec("x11", "6000-6063", "tcp", "X"), rec("", "7000-8000", "", "Unassigned"),
		rec("portless", "", "tcp", "No port"), rec("CON", "9000", "udp", ""),
	})
}

func after() *ports.Table {
	return ports.NewTable([]ports.Record{
		rec("", "0", "tcp", "Reserved"), rec("whois++", "63", "tcp", "whois++"), rec("http", "80", "tcp", "HTTP"), rec("http", "80", "udp", "HTTP"), rec("http", "80", "sctp", "HTTP"), rec("www", "80", "tcp", "HTTP"),
		rec("nvme", "4420", "tcp", "NVMe"), rec("", "5000", "tcp", "Reserved"), rec("x11", "6000-6063", "tcp", "X"), rec("", "7000-8000", "", "Unassigned"),
		rec("portless", "", "tcp", "No port at all"), rec("CON", "9000", "udp", ""),
	})
}

// made returns all files by their names.
func made(t testing.TB, in Input) map[string][]byte {
	t.Helper()
	files := make(map[string][]byte)
	for f, err := range Files(in) {
		if err != nil {
			t.Fatal(err)
		}
		if _, twice := files[f.Name]; twice {
			t.Errorf("%s is made twice", f.Name)
		}
		files[f.Name] = slices.Clone(f.Data)
	}
	return files
}

// elsewhere reports whether a file is made by another package.
func elsewhere(name string) bool {
	switch name {
	case "CHANGELOG.md", "changes.jsonl", "delta/groups.json", "changes.schema.json", "notification.json", "datapackage.json", "SHA256SUMS",
		"service-names-port-numbers.csv", "data/registry.json", "data/services", "data/nmap-services", "data/history.sqlite", "data/history.parquet":
		return true
	}
	for _, k := range feedsOfKinds {
		if name == k.Name+".atom" || name == k.Name+".json" {
			return true
		}
	}
	return path.Base(name) == "feed.atom" || name == "feed.json" || strings.HasPrefix(name, "changelog/") && strings.HasSuffix(name, ".md")
}

// document is what a crawl needs to know of a page.
type document struct {
	ids   map[string]bool
	links []string
}

func parse(t testing.TB, name string, data []byte) document {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	d := document{ids: make(map[string]bool)}
	mains, headings := 0, 0
	for n := range root.Descendants() {
		switch {
		case n.Type == html.ElementNode && n.Data == "main":
			mains++
		case n.Type == html.ElementNode && n.Data == "h1":
			headings++
		}
		for _, a := range n.Attr {
			switch a.Key {
			case "id":
				if d.ids[a.Val] {
					t.Errorf("%s: the id %s stands twice", name, a.Val)
				}
				d.ids[a.Val] = true
			case "href", "src":
				d.links = append(d.links, a.Val)
			}
		}
	}
	if mains != 1 || headings != 1 {
		t.Errorf("%s has %d main parts and %d headings of the first level", name, mains, headings)
	}
	return d
}

// crawl holds that all links of all pages lead somewhere. The site is served from base.
func crawl(t testing.TB, files map[string][]byte, base string) {
	t.Helper()
	pages := make(map[string]document)
	for name, data := range files {
		if strings.HasSuffix(name, ".html") {
			pages[name] = parse(t, name, data)
		}
	}
	at, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	for name, page := range pages {
		for _, link := range page.links {
			u, err := at.Parse(base + strings.TrimSuffix(name, "index.html"))
			if err == nil {
				u, err = u.Parse(link)
			}
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			to, inside := strings.CutPrefix(u.Scheme+"://"+u.Host+u.Path, base)
			if !inside {
				if !strings.HasPrefix(link, "https://") && !strings.HasPrefix(link, "data:,") {
					t.Errorf("%s leads out: %s", name, link)
				}
				continue
			}
			if to == "" || strings.HasSuffix(to, "/") {
				to += "index.html"
			}
			if _, found := files[to]; !found && !elsewhere(to) {
				t.Errorf("%s leads to %s, which is not there", name, link)
			} else if u.Fragment != "" && !pages[to].ids[u.Fragment] {
				t.Errorf("%s leads to %s, which has no such part", name, link)
			}
		}
	}
}

func TestLinks(t *testing.T) {
	in := input(t, before(), after())
	crawl(t, made(t, in), "https://example.org/")
	in.BaseURL = "https://example.org/some/where/"
	files := made(t, in)
	crawl(t, files, in.BaseURL)
	for _, name := range []string{
		"index.html", "404.html", "about/index.html", "sitemap.xml", "port/80/index.html", "port/80/data.json", "port/5000/index.html", "block/65280/index.html",
		"service/whois~2b~2b/index.html", "service/old~2fone/index.html", "service/nvm-express/index.html", "service/portless/index.html", "service/~63on/index.html",
		"version/20191230T060000Z/index.html", "year/2019/index.html", "services/n/index.html",
	} {
		if files[name] == nil {
			t.Errorf("there is no %s", name)
		}
	}
	if got := string(files["port/80/index.html"]); !strings.Contains(got, `<link rel="canonical" href="https://example.org/some/where/port/80/">`) {
		t.Error("the page of port 80 does not say where it is")
	}
	if got := string(files["404.html"]); !strings.Contains(got, `href="/some/where/block/"`) {
		t.Error("the page of what is not there has relative links")
	}
}

// TestPolicy holds all pages against the policy that they carry: nothing in them runs or styles but the site's own files.
func TestPolicy(t *testing.T) {
	files := made(t, input(t, before(), after()))
	policy(t, files)
	portsAlone(t, files)
}

func policy(t *testing.T, files map[string][]byte) {
	t.Helper()
	pages := 0
	for name, data := range files {
		if !strings.HasSuffix(name, ".html") {
			continue
		}
		pages++
		root, err := html.Parse(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		policy := ""
		for n := range root.Descendants() {
			attributes := make(map[string]string)
			for _, a := range n.Attr {
				attributes[a.Key] = a.Val
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
					t.Errorf("%s: <%s> has %s", name, n.Data, a.Key)
				}
			}
			if attributes["http-equiv"] == "Content-Security-Policy" {
				policy = attributes["content"]
			}
			if n.Data == "style" || n.Data == "script" && n.Type == html.ElementNode && attributes["src"] == "" && attributes["type"] != "application/ld+json" {
				t.Errorf("%s has an inline <%s>", name, n.Data)
			}
			if policy == "" && (n.Data == "script" || n.Data == "link") {
				t.Errorf("%s loads something before its policy", name)
			}
		}
		for _, want := range []string{"default-src 'none'", "script-src 'self' file:;", "base-uri 'none'", "form-action 'none'"} {
			if !strings.Contains(policy, want) {
				t.Errorf("%s: the policy %q lacks %s", name, policy, want)
			}
		}
	}
	if pages < 20 {
		t.Errorf("only %d pages were looked at", pages)
	}
}

func TestPages(t *testing.T) {
	files := made(t, input(t, before(), after()))
	for name, texts := range map[string][]string{
		"port/4420/index.html":         {"Port 4420 is a User port (1024-49151)", "Assigned to nvme on tcp", "is now named", "2019-12-31", "Was port 4420 assigned to another service before?", "Not since our history begins, 2019-12-30; it was called nvm-express until 2019-12-31.", "nvme on tcp has this name since 2019-12-31 (nvm-express before)", "feed.atom"},
		"port/0/index.html":            {"No program can listen on port 0", "Was port 0 assigned before?", "Not since our history begins, 2019-12-30."},
		"port/80/index.html":           {"sudo ss -tuSlpn ", "Get-NetTCPConnection -LocalPort 80)", "Get-NetUDPEndpoint -LocalPort 80)"},
		"port/9000/index.html":         {"sudo ss -tulpn "},
		"port/63/index.html":           {"Unchanged since our history begins, 2019-12-30.", "Not recorded: assignee"},
		"port/5000/index.html":         {"old/one", "Reserved on tcp", "but it is Reserved: IANA keeps it from regular assignment", "Was port 5000 assigned before?", "Yes: old/one on tcp, until 2019-12-31."},
		"block/1792/index.html":        {"1792–2047"},
		"service/old~2fone/index.html": {"is no longer a registered service name, but was one", "is no longer assigned"},
		"service/portless/index.html":  {"portless is a registered service name without a port: programs look it up by its name alone.", "description now “"},
		"year/2019/index.html":         {"<b>1</b> renamed"},
		"index.html":                   {"<b>7</b> service names are registered", "is now named"},
		"about/index.html":             {"not affiliated with IANA", "CC0 1.0"},
	} {
		for _, text := range texts {
			if !strings.Contains(string(files[name]), text) {
				t.Errorf("%s does not say %q:\n%s", name, text, files[name])
			}
		}
	}
	if got := string(files["port/0/index.html"]); strings.Contains(got, "sudo ss") || strings.Contains(got, "that the registry names here") {
		t.Errorf("port 0 is told of as a port to listen on:\n%s", got)
	}
	for name, data := range files {
		if strings.HasSuffix(name, ".html") && (!bytes.Contains(data, []byte("20191231T060000Z")) && !bytes.Contains(data, []byte("20191230T060000Z")) || !bytes.Contains(data, []byte("CC0 1.0")) || !bytes.Contains(data, []byte("IANA, Service Name"))) {
			t.Errorf("%s does not say where its data is from", name)
		}
	}
}

// TestStands adds a version to another, and wants the same files for all that it does not touch; and what a port's
// data says of its version to be what that version says.
func TestStands(t *testing.T) {
	third := ports.NewTable(append([]ports.Record{rec("new", "7500", "tcp", "New")}, after().Records...))
	one, two := made(t, input(t, before(), after())), input(t, before(), after(), third)
	files := made(t, two)
	for name, same := range map[string]bool{
		"port/63/index.html": true, "port/63/data.json": true, "port/80/index.html": true, "port/4420/data.json": true, "service/www/index.html": true,
		"service/portless/index.html": true, "block/0/index.html": true, "block/16384/index.html": true, "version/20191230T060000Z/index.html": true,
		"block/7424/index.html": false, "port/9000/index.html": false, "port/6063/index.html": false, "index.html": false, "version/20191231T060000Z/index.html": false,
	} {
		if files[name] == nil || bytes.Equal(one[name], files[name]) != same {
			t.Errorf("%s (%d bytes) is the same after a version that touched port 7500: %v", name, len(files[name]), !same)
		}
	}
	checked := 0
	for name, data := range files {
		if !strings.HasSuffix(name, "data.json") {
			continue
		}
		var is struct {
			Version string
			Port    struct{ Port uint16 }
		}
		if err := json.Unmarshal(data, &is); err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(two.Past.Steps(), func(s history.Step) bool { return s.Version.ID == is.Version })
		table := []*ports.Table{before(), after(), third}[i]
		past, err := lookup.OfPast(two.Past.UpTo(is.Version), porthistory.Query{Port: is.Port.Port})
		if err != nil {
			t.Fatal(err)
		}
		want := lookup.NewAnswer(two.Registry, is.Version, two.Past.Steps()[i].Version.SHA256)
		want.Port = lookup.Survey(table).OfPort(is.Port.Port)
		want.Port.Past = past
		var text bytes.Buffer
		enc := json.NewEncoder(&text)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(want); err != nil {
			t.Fatal(err)
		}
		if checked++; text.String() != string(data) {
			t.Errorf("%s (-what %s says +what it says):\n%s", name, is.Version, cmp.Diff(text.String(), string(data)))
		}
	}
	if checked < 60 {
		t.Errorf("%d ports were checked", checked)
	}
}

// TestOneRename renames one service amid a thousand ports that are all assigned, and counts the pages that are told
// anew: its own, those of its two neighbours, and those that tell of the newest version.
func TestOneRename(t *testing.T) {
	table := func(name, note string) *ports.Table {
		records := []ports.Record{rec("", "1000", "", "Unassigned"), rec("", "3000-3010", "", "Unassigned"), rec("else", "40000", "tcp", "Else")}
		for port := 1001; port < 3000; port++ {
			records = append(records, rec(fmt.Sprintf("service-%d", port), fmt.Sprint(port), "tcp", "A service"))
		}
		records[999].ServiceName, records[999].Contact = name, note
		return ports.NewTable(records)
	}
	old, renamed := table("old", ""), table("new", "")
	one, two := made(t, input(t, old, table("old", "[Somebody]"), old)), made(t, input(t, old, table("old", "[Somebody]"), old, renamed))
	numbers, all := 0, 0
	for name := range two {
		if bytes.Equal(one[name], two[name]) {
			continue
		}
		all++
		if strings.HasPrefix(name, "port/") && strings.HasSuffix(name, ".html") {
			numbers++
		}
	}
	if numbers != 3 || all > 40 {
		t.Errorf("one rename alters %d pages of ports and %d files in all, want 3 and at most 40", numbers, all)
	}
	if got := string(two["port/1001/index.html"]); !strings.Contains(got, "this page, with its neighbours, is the same since version <a href=\"../../version/20191230T060000Z/\">") {
		t.Errorf("the page of a port far from all changes does not say since when it is so:\n%s", got)
	}
}

func TestNearestFree(t *testing.T) {
	above, below := rec("", "1030", "", "Unassigned"), rec("", "1024", "", "Unassigned")
	for want, free := range map[string][]ports.Record{
		`<dt>nearest free port</dt><dd><a href="../../port/1030/">1030</a></dd>`:                                        {above},
		`<dt>nearest free ports</dt><dd><a href="../../port/1024/">1024</a> · <a href="../../port/1030/">1030</a></dd>`: {below, above},
		`<dt>nearest free port</dt><dd><a href="../../block/1024/#p1030">1030</a></dd>`:                                 {rec("", "1030-1033", "", "Unassigned")},
	} {
		files := made(t, input(t, ports.NewTable(append(free, rec("a", "1025", "tcp", "A")))))
		if got := string(files["port/1025/index.html"]); !strings.Contains(got, want) {
			t.Errorf("%s is missing:\n%s", want, got)
		}
	}
}

func TestGapsInLists(t *testing.T) {
	years := func(i int) time.Time { return time.Date(2020+3*i, 4, 8, 6, 0, 0, 0, time.UTC) }
	files := made(t, inputSeen(t, years, before(), after()))
	for _, name := range []string{"index.html", "version/index.html"} {
		if got := string(files[name]); strings.Count(got, `<p class="dim">between 2020-04-08 and 2023-04-08</p>`) != 1 {
			t.Errorf("%s does not say between which days the newest version was made:\n%s", name, got)
		}
	}
}

// TestSettled makes pasts at random, with rollbacks, and wants what is said of a port at the step since which it has
// been so, and at each later one, to be what is said now, and at the step before to be something else.
func TestSettled(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	one := func() []ports.Record {
		var records []ports.Record
		for port := 2; port < 10; port++ {
			name := []string{"", "", "", "a", "b"}[random.IntN(5)]
			records = append(records, rec(name, fmt.Sprint(port), "tcp", []string{"", "Reserved"}[random.IntN(2)]))
		}
		return records
	}
	said := func(table *ports.Table, port uint16) string {
		text, err := json.Marshal(lookup.Survey(table).OfPort(port))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	checked := 0
	for range 30 {
		tables := []*ports.Table{ports.NewTable(one())}
		for range 8 {
			records, other := slices.Clone(tables[len(tables)-1].Records), one()
			if i := random.IntN(12); i < len(records) {
				records[i] = other[i]
			} else {
				records = slices.Clone(tables[random.IntN(len(tables))].Records) // an older one again
			}
			tables = append(tables, ports.NewTable(records))
		}
		tables = slices.CompactFunc(tables, func(a, b *ports.Table) bool { return bytes.Equal(a.CSV(), b.CSV()) })
		s, err := newSite(input(t, tables...))
		if err != nil {
			t.Fatal(err)
		}
		for port := range uint16(12) {
			since, now := s.changed.answer(s.surveyed.OfPort(port)), said(tables[len(tables)-1], port)
			for i := since; i < len(tables); i++ {
				if checked++; said(tables[i], port) != now {
					t.Errorf("port %d is not so since step %d, but after %d of %d", port, since, i, len(tables))
				}
			}
			if since > 0 && said(tables[since-1], port) == now {
				t.Errorf("step %d altered nothing that is said of port %d", since, port)
			}
		}
	}
	if checked < 500 {
		t.Errorf("only %d answers were compared", checked)
	}
}

// TestEmpty makes the site of a store without any version: it says so, and leads nowhere that is not there.
func TestEmpty(t *testing.T) {
	in := input(t)
	in.BaseURL = "https://example.org/"
	in.Notes = []Note{{Text: "x", Source: "y"}}
	in.Notes[0].Ports, _ = ports.ParsePorts("7")
	files := made(t, in)
	crawl(t, files, in.BaseURL)
	for _, name := range []string{"index.html", "about/index.html", "block/index.html", "services/index.html", "version/index.html", "year/index.html", "404.html"} {
		if got := string(files[name]); !strings.Contains(got, "no version") && !strings.Contains(got, "No version") {
			t.Errorf("%s does not say that there is no version yet:\n%s", name, got)
		}
		if strings.Contains(string(files[name]), "feed.atom") {
			t.Errorf("%s leads to a feed", name)
		}
	}
	for name, data := range files {
		if strings.HasPrefix(name, "port/") && name != "port/index.html" || bytes.Contains(data, []byte("1970")) || bytes.Contains(data, []byte("0001")) {
			t.Errorf("%s is of no version:\n%s", name, data)
		}
	}
}

func TestOneVersion(t *testing.T) {
	crawl(t, made(t, input(t, before())), "https://example.org/")
}

func TestProblems(t *testing.T) {
	in := input(t, before())
	in.Table.Problems = []ports.Problem{{Line: 7, Field: "Port Number", Reason: "\u202e<b>"}}
	files := made(t, in)
	if got := string(files["about/index.html"]); !strings.Contains(got, `\u202e&lt;b&gt;`) {
		t.Errorf("the problem is not told:\n%s", got)
	}
}

// TestSameTwice holds that the same input gives the same bytes.
func TestSameTwice(t *testing.T) {
	in := input(t, before(), after())
	one, two := made(t, in), made(t, in)
	if !maps.EqualFunc(one, two, bytes.Equal) {
		t.Error("two runs differ")
	}
}

// hostile is text that would act if it could.
var hostile = []string{
	"<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "</script><script>alert(1)</script>", "javascript:alert(1)", "a|b`c`", "\u202eevil\u2066", "'+alert(1)+'", "\x1b[31m",
	"[RFC1](javascript:alert(1))", "{{.Root}}", "../../..",
}

// elsewhereURL is what the URLs of notes begin with.
const elsewhereURL = "https://example.com/"

func TestHostileText(t *testing.T) {
	var records []ports.Record
	for i, text := range append(hostile, strings.Repeat("<b>0123456", 1000)) {
		r := rec(text, fmt.Sprint(1000+i), "tcp", text)
		r.Assignee, r.Contact, r.Reference, r.ServiceCode, r.UnauthorizedUse, r.AssignmentNotes = text, text, text, text, text, text
		records = append(records, r, rec(text, "x"+text, text, text))
	}
	for _, tables := range [][]*ports.Table{{before(), ports.NewTable(records)}, {ports.NewTable(slices.Clone(records)), before()}} {
		in := input(t, tables...)
		in.BaseURL = "https://example.org/"
		for i, text := range hostile {
			in.Notes = append(in.Notes, Note{ports.PortRange(uint16(1000+i), uint16(1000+i)), text, text}, Note{ports.PortRange(1000, 1010), text, elsewhereURL + text})
		}
		files := made(t, in)
		crawl(t, files, in.BaseURL)
		scripts := 0
		for name, data := range files {
			if strings.HasSuffix(name, ".html") {
				scripts += harmless(t, name, data)
			}
			for _, act := range []string{"\u202e", "\u2066", "\x1b"} {
				if !strings.HasSuffix(name, ".json") && !strings.HasSuffix(name, ".png") && bytes.Contains(data, []byte(act)) {
					t.Errorf("%s has %q in it", name, act)
				}
			}
		}
		if shown := files[urls.Service(hostile[0])+"index.html"]; !bytes.Contains(shown, []byte("<h1>&lt;script&gt;alert(1)&lt;/script&gt;</h1>")) {
			t.Errorf("the text is not shown:\n%s", shown)
		}
		if scripts < 300 {
			t.Errorf("only %d scripts were looked at", scripts)
		}
	}
}

// harmless holds that a page has no element or attribute that this package did not write, and counts its scripts.
func harmless(t *testing.T, name string, data []byte) (scripts int) {
	root, err := html.Parse(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if n.Data == "script" {
			scripts++
			if n.FirstChild != nil && !strings.HasPrefix(n.FirstChild.Data, `{"@context":"https://schema.org"`) {
				t.Errorf("%s has the script %s", name, n.FirstChild.Data)
			}
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || strings.Contains(a.Val, "javascript:") && !strings.HasPrefix(a.Val, elsewhereURL) && a.Key != "content" && a.Key != "title" {
				t.Errorf("%s has %s=%q", name, a.Key, a.Val)
			}
		}
		if n.Data == "img" && !strings.HasPrefix(n.Attr[0].Val, "layer-") && !strings.HasSuffix(n.Attr[0].Val, "/icon.svg") {
			t.Errorf("%s has a picture of its own: %v", name, n.Attr)
		}
	}
	return scripts
}

func TestMap(t *testing.T) {
	files := made(t, input(t, before(), after()))
	for _, l := range layers {
		m, err := png.Decode(bytes.NewReader(files[l.File()]))
		if err != nil {
			t.Fatal(err)
		}
		if b := m.Bounds(); b.Dx() != 256 || b.Dy() != 256 {
			t.Errorf("%s is %v", l.File(), b)
		}
		if m.At(80, 0) == m.At(255, 255) && l.Name != "change" {
			t.Errorf("%s: port 80 looks like port 65535", l.File())
		}
	}
}

func TestStates(t *testing.T) {
	s, err := newSite(input(t, before(), after()))
	if err != nil {
		t.Fatal(err)
	}
	for port, want := range map[int]struct {
		state state
		info  portInfo
	}{
		0:    {reserved, portInfo{page: true}},
		80:   {assigned, portInfo{changed: 2, page: true, past: true}},
		4420: {assigned, portInfo{changed: 2, page: true, past: true}},
		5000: {reserved, portInfo{changed: 2, page: true, past: true}},
		6063: {assigned, portInfo{page: true}}, 7500: {unassigned, portInfo{}}, 50000: {},
	} {
		if s.ports[port] != want.info || s.stateOf(port) != want.state {
			t.Errorf("port %d is %d, %+v, want %+v", port, s.stateOf(port), s.ports[port], want)
		}
	}
}

func TestChart(t *testing.T) {
	for n, want := range map[int]int{1: 4, 4: 4, 5: 8, 39: 40, 118: 120, 401: 440} {
		if got := ceiling(n); got != want {
			t.Errorf("ceiling(%d) = %d, want %d", n, got, want)
		}
	}
	y := newYear(2020)
	y.of[diff.Assigned] = 3
	c := newChart([]*year{y})
	if len(c.Bars) != 1 || c.Bars[0].Height != 180*3/4 {
		t.Errorf("the bars are %+v", c.Bars)
	}
	if n := strings.Count(y.Grid, "M"); n != 366 {
		t.Errorf("2020 has %d days", n)
	}
}

// TestYears makes the site of versions of which three are of one day, and with years between that have none.
func TestYears(t *testing.T) {
	days := []time.Time{
		time.Date(2019, 12, 30, 6, 0, 0, 0, time.UTC), time.Date(2019, 12, 30, 9, 0, 0, 0, time.UTC), time.Date(2019, 12, 30, 12, 0, 0, 0, time.UTC),
		time.Date(2020, 4, 8, 6, 0, 0, 0, time.UTC), time.Date(2023, 11, 22, 6, 0, 0, 0, time.UTC),
	}
	with := func(name string) *ports.Table {
		return ports.NewTable(append([]ports.Record{rec(name, "7500", "tcp", name)}, after().Records...))
	}
	files := made(t, inputSeen(t, func(i int) time.Time { return days[i] }, before(), after(), with("new"), with("newer"), with("newest")))
	crawl(t, files, "https://example.org/")
	for name, texts := range map[string][]string{
		"year/index.html": {
			`<th scope="row">2021</th><td data-label="versions">0</td><td>no version was seen</td>`, `>2022</text>`, "2023 includes all changes since 2020-04-08.", "1 reused; includes all changes since 2020-04-08",
			`tabindex="0"`,
		},
		"year/2023/index.html": {"This includes all changes since 2020-04-08, the day of the version before.", `rel="prev" href="../../year/2020/"`},
		"year/2020/index.html": {`rel="next" href="../../year/2023/"`},
		"year/2019/index.html": {`<a href="#20191230T120000Z"><rect`, "2019-12-30 06:00:00: our history begins with 10 records\n2019-12-30 09:00:00: ", `<h3 id="20191230T120000Z">`},
		"version/20191230T090000Z/index.html": {
			"<title>Version of 2019-12-30 09:00:00 ·", "<h1>Version of 2019-12-30 09:00:00</h1>", "← 2019-12-30 06:00:00", "2019-12-30 12:00:00 →",
		},
		"version/20200408T060000Z/index.html": {"<h1>Version of 2020-04-08</h1>", "← 2019-12-30 12:00:00"},
		"version/index.html":                  {"<time>2019-12-30 09:00:00</time>", "<time>2020-04-08</time>"},
	} {
		for _, text := range texts {
			if !strings.Contains(string(files[name]), text) {
				t.Errorf("%s does not say %q:\n%s", name, text, files[name])
			}
		}
	}
	if got := string(files["year/2019/index.html"]); strings.Count(got, "<rect") != 1 {
		t.Errorf("a day has more than one cell in the calendar:\n%s", got)
	}
	if got := string(files["year/2020/index.html"]); strings.Contains(got, "includes all") {
		t.Errorf("100 days are told of as a gap:\n%s", got)
	}
}

func TestSize(t *testing.T) {
	files := made(t, input(t, before(), after()))
	front := len(files["index.html"]) + len(files["style.css"]) + len(files["site.js"]) + len(files["map-status.png"])
	if front > 50_000 {
		t.Errorf("the front page takes %d bytes", front)
	}
	for name, data := range files {
		if strings.HasPrefix(name, "port/") && name != "port/index.html" && strings.HasSuffix(name, ".html") && len(data) > 10_000 {
			t.Errorf("%s has %d bytes", name, len(data))
		}
	}
}

func TestStopsWhenAsked(t *testing.T) {
	for f, err := range Files(input(t, before(), after())) {
		if err != nil || f.Name != "index.html" {
			t.Errorf("the first file is %s: %v", f.Name, err)
		}
		break
	}
}

func TestLetters(t *testing.T) {
	var got []string
	for _, name := range []string{"ncl", "NCL", "3com", "_x", "é"} {
		got = append(got, letterAddress(letterOf(name)))
	}
	if want := []string{"services/n/", "services/n/", "services/0-9/", "services/other/", "services/other/"}; !slices.Equal(got, want) {
		t.Errorf("the lists are %q, want %q", got, want)
	}
	if urls.Service("x") == "services/x/" {
		t.Error("lists and services share a folder")
	}
}

// TestContactsAlone holds that a page counts updates of contacts, and does not say of what had one that it is unchanged.
func TestContactsAlone(t *testing.T) {
	later := before()
	for i := range later.Records {
		if later.Records[i].ServiceName == "whois++" {
			later.Records[i].Contact = "[Somebody]"
		}
	}
	files := made(t, input(t, before(), ports.NewTable(later.Records)))
	for _, name := range []string{"port/63/index.html", "service/whois~2b~2b/index.html"} {
		if got := string(files[name]); !strings.Contains(got, "contact changed") || strings.Contains(got, "Unchanged since") {
			t.Errorf("%s does not say that a contact was updated, or says that nothing was:\n%s", name, got)
		}
	}
	if got := string(files["port/80/index.html"]); !strings.Contains(got, "Unchanged since our history begins, 2019-12-30.") {
		t.Errorf("the page of port 80 does not say that nothing happened:\n%s", got)
	}
}
