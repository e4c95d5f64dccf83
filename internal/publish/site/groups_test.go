package site

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

// evil is markup, and a link that is none.
const evil = `&lt;script&gt;alert(1)&lt;/script&gt; [RFC12" onload=x] &lt;a href="javascript:x"&gt;`

// suites are the editions of a group, oldest first: a heading over two registries, one with procedures by range, and one of
// hostile texts.
func suites() []string {
	edition := func(suites, groups string) string {
		return `<?xml version="1.0" encoding="UTF-8"?>
<registry xmlns="http://www.iana.org/assignments" id="suites">
<title>Suite Parameters</title><registration_rule>Expert Review</registration_rule><note title="Warning">See <xref type="rfc" data="rfc8447"/>.</note>
<registry id="all"><title>All of them</title>
<registry id="suites-4"><title>Cipher Suites</title><registration_rule>Specification Required</registration_rule><xref type="rfc" data="rfc8446"/>
<range><value>0-254</value><registration_rule>Standards Action</registration_rule></range><range><value>255</value><registration_rule>Private Use</registration_rule></range>
` + suites + `<footnote anchor="1">A footnote.</footnote></registry>
<registry id="Groups.x"><title>` + evil + `</title><description>` + evil + `</description>
` + groups + `</registry></registry></registry>`
	}
	record := func(value, description, reference string) string {
		return "<record><value>" + value + "</value><description>" + description + "</description><rec>Y</rec>" + reference + "</record>\n"
	}
	rfc := func(n string) string { return `<xref type="rfc" data="rfc` + n + `"/>` }
	old := record("0x00,0x01", "SUITE_NULL", rfc("5246")) + record("0x00,0x02", "SUITE_OLD (TEMPORARY - registered 2019-01-02, expires 2020-01-02)", "") +
		record("0x00,0x03", "SUITE_NEW (TEMPORARY - registered 2019-12-02, expires 2020-02-02)", "") + record("0x00,0x04-FF", "Unassigned", "")
	groups := "<record><value>1</value><name>main</name></record><record><value>2</value><name>" + evil + "</name></record>"
	return []string{
		edition(old, groups),
		edition(old+record("0x01,0x00", "SUITE_GCM", rfc("9846")), groups),
		edition(strings.Replace(old, rfc("5246"), rfc("5246")+rfc("9846")+rfc("2"), 1)+record("0x01,0x00", "SUITE_GCM", rfc("9846")), groups+"<record><value>3</value><name>"+evil+"</name>"+rfc("9846")+"</record>"),
	}
}

// numbers are the editions of a group that is a registry itself.
func numbers() []string {
	head := `<registry xmlns="http://www.iana.org/assignments" id="numbers"><title>Numbers</title>`
	return []string{head + "<record><value>main</value></record></registry>", head + "<record><value>main</value></record><record><value>q</value></record></registry>"}
}

// groupOf is a group with its editions, each seen a week after the one before.
func groupOf(t testing.TB, id string, editions ...string) Group {
	t.Helper()
	g := Group{Group: registry.NewGroup(id), Stored: strings.Join(editions, "")}
	s, err := snapshots.OpenForWriting(t.Context(), t.TempDir(), g.Group, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for i, data := range editions {
		if _, _, err := s.Put(snapshots.Edition{Bytes: []byte(data), Seen: time.Date(2019, 12, 30+7*i, 6, 0, 0, 0, time.UTC), Source: "https://example.org/"}); err != nil {
			t.Fatal(err)
		}
	}
	g.Newest, _ = s.Latest()
	if g.Edition, err = g.Decode([]byte(editions[len(editions)-1]), nil); err != nil {
		t.Fatal(err)
	}
	if g.Past, err = history.Open(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	facts, err := history.RegistriesOf(s, g.Group, g.Newest, g.Edition)
	if err != nil {
		t.Fatal(err)
	}
	g.Facts = facts.Registries
	return g
}

// withGroups is a site of the small registry and of two groups.
func withGroups(t testing.TB, tables ...*ports.Table) Input {
	t.Helper()
	in := input(t, tables...)
	in.Groups = []Group{groupOf(t, "suites", suites()...), groupOf(t, "numbers", numbers()...)}
	return in
}

func TestGroups(t *testing.T) {
	in := withGroups(t, before(), after())
	in.BaseURL = "https://example.org/iana/"
	files := made(t, in)
	crawl(t, files, in.BaseURL)
	policy(t, files)
	for name, texts := range map[string][]string{
		"index.html": {
			"<title>Assigned Numbers · IANA’s registries, and what changes in them</title>", "in 4 registries of ports, protocols and parameters", `<a href="./registry/">All 4 registries</a> in 3 groups`,
			`<li><a href="./services/">Ports and services</a>`, `<p class="dim">Suite Parameters</p>`, "SUITE_GCM", `<p class="dim">Numbers</p><p><a href="registry/numbers/#q-2">`,
		},
		"port/80/index.html":          {`<a href="../../registry/">Registries</a>`},
		"registry/index.html":         {"4 registries in 3 groups", "Suite Parameters", `href="../registry/suites/suites-4/"`, "Cipher Suites", ">2020-01-13<", `<a href="../services/">Ports and services</a>`},
		"registry/suites/index.html":  {"2 registries, 8 records", "All of them", "Expert Review", `<b>Warning</b>`, "https://www.iana.org/assignments/suites/"},
		"week/index.html":             {"IANA this week", "From 2020-01-07 to 2020-01-13: ", `id="suites-20200113T060000Z"`, `href="2019-12-30/"`},
		"week/2020-01-06/index.html":  {"SUITE_GCM", `href="../../registry/suites/suites-4/#0x01,0x00"`, `id="numbers-20200106T060000Z"`},
		"week/2019-12-30/index.html":  {"nvm-express", "our history begins with"},
		"rfc/9846/index.html":         {"What RFC 9846 changed", "SUITE_GCM", "SUITE_NULL", `filter=RFC9846">Cipher Suites</a></th><td class="n">2<`},
		"rfc/index.html":              {`<a href="../rfc/9846/">RFC 9846</a>`, `<td class="keep">2020-01-06<`, `<tr id="rfc2"><th scope="row"><a href="https://www.rfc-editor.org/rfc/rfc2">RFC 2</a><small><a href="../registry/suites/suites-4/">Cipher Suites</a>: `},
		"registry/numbers/index.html": {"id=main-2><th>main<", "id=q-2><th>q</table>", "<h1>Numbers</h1>", `href="#q-2"><code>q</code></a> is new`, `href="records.json.gz"`, `compare/?in=numbers"`},
	} {
		for _, text := range texts {
			if !bytes.Contains(files[name], []byte(text)) {
				t.Errorf("%s lacks %s:\n%s", name, text, files[name])
			}
		}
	}
	for _, name := range []string{"rfc/2/index.html", "registry/suites/~47roups~2ex/records.csv", "registry/numbers/numbers/index.html", "registry/numbers/records.csv"} {
		if files[name] != nil {
			t.Errorf("there is %s, which has little to say", name)
		}
	}
	suites := string(files["registry/suites/suites-4/index.html"])
	for _, text := range []string{
		"id=0x00,0x01><th>0x00,0x01<td>", "Specification Required", "Standards Action", "A footnote.", "[<a href=https://www.rfc-editor.org/rfc/rfc5246>RFC5246</a>]", "id=0x00,0x04-FF class=free>",
		"reference added: RFC9846 and RFC2", "<h1>Cipher Suites</h1>", "<title>Cipher Suites, Suite Parameters", `SUITE_OLD</a>, until 2020-01-02`, `href="../../../week/2020-01-06/#suites-20200106T060000Z"`,
	} {
		if !strings.Contains(suites, text) {
			t.Errorf("the page of a registry lacks %s:\n%s", text, suites)
		}
	}
	if strings.Contains(suites, "Cipher Suites: <a") {
		t.Error("the sentences of a registry's own page begin with its title")
	}
	temporary := string(files["temporary/index.html"])
	expired, later, found := strings.Cut(temporary, "Expire up to 2020-04-12")
	if !found || !strings.Contains(expired, "Expired by 2020-01-13") || !strings.Contains(expired, "SUITE_OLD") || strings.Contains(expired, "SUITE_NEW") || !strings.Contains(later, "SUITE_NEW") {
		t.Errorf("what is temporary: %s", temporary)
	}
	if newer, older, found := strings.Cut(string(files["rfc/index.html"]), ">RFC 9846<"); !found || !strings.Contains(newer, ">RFC 2<") || strings.Contains(older, ">RFC 2<") {
		t.Error("the RFC of the newest first change is not the first of all")
	}
	var records groupRecords
	unzipped, err := gzip.NewReader(bytes.NewReader(files["registry/suites/records.json.gz"]))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.NewDecoder(unzipped).Decode(&records); err != nil || len(records.Registries) != 2 {
		t.Fatalf("records as JSON: %v, %+v", err, records)
	}
	got := records.Registries[0]
	got.Records = got.Records[:1]
	want := registryRecords{
		"suites/suites-4", "Cipher Suites",
		[]jsonColumn{{"value", "Value"}, {"description", "Description"}, {"rec", "Rec"}, {"reference", "Reference"}},
		[]json.RawMessage{[]byte(`{"value":"0x00,0x01","description":"SUITE_NULL","rec":"Y","reference":"[RFC5246][RFC9846][RFC2]"}`)},
	}
	if diff := cmp.Diff(want, got); diff != "" || records.Title != "Suite Parameters" {
		t.Errorf("records of %q as JSON (-want +got):\n%s", records.Title, diff)
	}
	if got := string(files["registry/suites/suites-4/records.csv"]); !strings.HasPrefix(got, "Value,Description,Rec,Reference\n\"0x00,0x01\",SUITE_NULL,Y,[RFC5246][RFC9846][RFC2]\n") {
		t.Errorf("records as CSV: %s", got)
	}
	if files["registry/suites/~47roups~2ex/index.html"] == nil {
		t.Error("a registry with capitals and a dot in its id has no page of that name")
	}
	if !bytes.Contains(files["sitemap.xml"], []byte("https://example.org/iana/registry/suites/suites-4/")) {
		t.Error("the sitemap lacks the page of a registry")
	}
}

// TestGroupsWithoutPorts makes the site of a store that has other groups alone.
func TestGroupsWithoutPorts(t *testing.T) {
	files := made(t, withGroups(t))
	crawl(t, files, "https://example.org/")
	if !bytes.Contains(files["index.html"], []byte("SUITE_GCM")) || files["registry/suites/suites-4/index.html"] == nil {
		t.Error("a site without ports lacks other registries")
	}
	for _, name := range []string{"index.html", "about/index.html", "data/index.html", "compare/index.html"} {
		page := files[name]
		if bytes.Contains(page, []byte("no version")) || bytes.Contains(page, []byte("Service Name and Transport")) || bytes.Contains(page, []byte(">Ports<")) || !bytes.Contains(page, []byte(">IANA, all registries<")) || !bytes.Contains(page, []byte("week/feed.atom")) {
			t.Errorf("%s speaks of ports, or not of all registries:\n%s", name, page)
		}
	}
}

// TestLongHistory holds that the page of a registry shows its newest changes, and leads to all others.
func TestLongHistory(t *testing.T) {
	var editions []string
	edition := func(records int) {
		var b strings.Builder
		for i := range records {
			fmt.Fprintf(&b, "<record><value>%d</value><name>number %d</name></record>", i, i)
		}
		editions = append(editions, `<registry xmlns="http://www.iana.org/assignments" id="numbers"><title>Numbers</title><registry id="all"><title>All of them</title><note>A note.</note>`+b.String()+"</registry></registry>")
	}
	for i := range 24 {
		edition(i + 1)
	}
	edition(24 + mostOfARegistry + 3)
	in := withGroups(t, before())
	in.Groups = []Group{groupOf(t, "numbers", editions...)}
	files := made(t, in)
	crawl(t, files, "https://example.org/")
	page := string(files["registry/numbers/index.html"])
	for _, text := range []string{
		"<h1>All of them</h1>", "› Numbers</nav>", "A note.", `<a href="../../week/2020-06-15/#numbers-20200615T060000Z">and 3 more</a>`,
		`<p>4 more: <a href="../../compare/?in=numbers&amp;from=2019-12-30">all since 2019-12-30</a>, or <code>ianasync log -r numbers</code></p>`,
	} {
		if !strings.Contains(page, text) {
			t.Errorf("the page lacks %s:\n%s", text, page)
		}
	}
	if n := strings.Count(page, "</code></a> ("); n != mostMoments-1+mostOfARegistry {
		t.Errorf("it has %d changes", n)
	}
}

// TestWeekByRegistry holds that the changes of one registry in a week stand together, and that of the only registry of a group
// its title does not.
func TestWeekByRegistry(t *testing.T) {
	in := withGroups(t, before())
	two := strings.ReplaceAll(suites()[1], "SUITE_GCM", "SUITE_GCM2")
	two = strings.Replace(two, "<range>", "<record><value>9,9</value><description>SUITE_NINE</description></record><range>", 1)
	two = strings.Replace(two, "<value>2</value>", "<value>7</value>", 1)
	in.Groups = []Group{groupOf(t, "suites", suites()[1], two), groupOf(t, "numbers", numbers()...)}
	files := made(t, in)
	crawl(t, files, "https://example.org/")
	page := string(files["week/2020-01-06/index.html"])
	for _, text := range []string{
		`<li><a href="../../registry/suites/suites-4/">Cipher Suites</a><ul>` + "\n<li>", `SUITE_NINE</code></a> (9,9) is new</li>`, "</ul></li>\n" + `<li><a href="../../registry/suites/~47roups~2ex/">`,
		"<ul>\n" + `<li><a href="../../registry/numbers/#q-2"><code>q</code></a> is new</li>`,
	} {
		if !strings.Contains(page, text) {
			t.Errorf("the week lacks %s:\n%s", text, page)
		}
	}
}

// TestYearOfRegistries holds the form of the changes that the page of two dates loads.
func TestYearOfRegistries(t *testing.T) {
	files := made(t, withGroups(t, before()))
	want := `"changes":[[1,1,"SUITE_NULL"," (0x00,0x01): reference added: RFC9846 and RFC2","0x00,0x01"],[0,2,"` // assigned, updated
	if got := string(files["compare/registries-2020.js"]); !strings.Contains(got, want) || !strings.Contains(got, `{"kinds":["assigned","updated"],"registries":[["numbers/numbers","Numbers","registry/numbers/"],["suites/suites-4",`) {
		t.Errorf("it lacks %s:\n%s", want, got)
	}
}

// TestColumnWidths holds that a column has room for its longest word, as far as that has not too many bytes.
func TestColumnWidths(t *testing.T) {
	for word, want := range map[string]string{
		"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256": `<th class="wordy">Name`,
		strings.Repeat("x", 60):                   `<th class="long">Name`,
		"a-name-of-many-words-and-none-is-long":   `<th class="mid">Name`,
	} {
		in := withGroups(t)
		in.Groups = []Group{groupOf(t, "numbers", strings.Replace(numbers()[1], "<value>q</value>", "<value>q</value><name>"+word+"</name>", 1))}
		if page := made(t, in)["registry/numbers/index.html"]; !bytes.Contains(page, []byte(want)) {
			t.Errorf("with %s the page lacks %s:\n%s", word, want, page)
		}
	}
}

// portsAlone holds that a site without groups has nothing of them.
func portsAlone(t *testing.T, files map[string][]byte) {
	t.Helper()
	for name, data := range files {
		for _, of := range []string{"registry/", "registries.css", "table.js", "week/", "rfc/", "temporary/"} {
			if name == of || strings.HasPrefix(name, of) || strings.HasSuffix(name, ".html") && bytes.Contains(data, []byte(`href="./`+of)) || bytes.Contains(data, []byte(`../`+of)) {
				t.Errorf("%s has %s", name, of)
			}
		}
	}
}

// TestGroupIsMadeOnce holds that the files of a group are made again where something new is stored of that group, and only
// there.
func TestGroupIsMadeOnce(t *testing.T) {
	in := withGroups(t)
	together := make(map[string][]string)
	for f, err := range Files(in) {
		if err != nil {
			t.Fatal(err)
		}
		together[f.Of] = append(together[f.Of], f.Name)
	}
	in.Groups[1] = groupOf(t, "numbers", append(numbers(), strings.Replace(numbers()[1], "main", "other", 1))...)
	in.Whole = func(of string) ([]string, bool) { return together[of], together[of] != nil }
	var same, again []string
	for f, err := range Files(in) {
		switch {
		case err != nil:
			t.Fatal(err)
		case !strings.HasPrefix(f.Name, "registry/") || f.Name == "registry/index.html":
		case f.Same:
			same = append(same, f.Name)
		default:
			again = append(again, f.Name)
		}
	}
	slices.Sort(again)
	if diff := cmp.Diff([]string{"registry/numbers/index.html", "registry/numbers/records.json.gz"}, again); diff != "" || len(same) != 5 {
		t.Errorf("made again (-want +got):\n%s\nand left: %q", diff, same)
	}
}

// TestGroupsAreTheSameBytes makes a site of groups in another order.
func TestGroupsAreTheSameBytes(t *testing.T) {
	in := withGroups(t)
	one := made(t, in)
	slices.Reverse(in.Groups)
	other := made(t, in)
	if !slices.Equal(slices.Sorted(maps.Keys(one)), slices.Sorted(maps.Keys(other))) {
		t.Fatal("other files")
	}
	for name := range one {
		if !bytes.Equal(one[name], other[name]) {
			t.Errorf("%s differs", name)
		}
	}
}

func TestNewRFCs(t *testing.T) {
	refers := func(to string) registry.Record {
		return registry.NewRecord(registry.Cell{Key: "value", Text: "[RFC1]"}, registry.Cell{Key: "reference", Text: to})
	}
	for _, c := range []struct {
		change diff.Change
		want   []int
	}{
		{diff.Change{Kind: diff.Assigned, Added: []registry.Record{refers("[RFC9846][RFC 8446, Section 4][RFC-ietf-x-01]")}}, []int{9846, 8446}},
		{diff.Change{Kind: diff.Updated, Removed: []registry.Record{refers("[RFC9846]")}, Added: []registry.Record{refers("[RFC9846, Section 2]")}}, nil},
		{diff.Change{Kind: diff.Deassigned, Removed: []registry.Record{refers("[RFC9846]")}}, nil},
		{diff.Change{Kind: diff.Recut, Added: []registry.Record{refers("[RFC9846]")}}, nil},
		{diff.Change{Kind: diff.Described, Fields: []diff.Field{{Key: "reference", Old: "[RFC1]", New: "[RFC1][RFC2]"}, {Key: "note", New: "[RFC3]"}}}, []int{2}},
	} {
		if diff := cmp.Diff(c.want, newRFCs(&c.change)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.change.Kind, diff)
		}
	}
}

func TestParts(t *testing.T) {
	for cell, want := range map[string][]part{
		"":                              nil,
		"[RFC9846]":                     {{"[", ""}, {"RFC9846", rfcURL(9846)}, {"]", ""}},
		"see [RFC 0791, Section 3][RFC": {{"see [", ""}, {"RFC 0791, Section 3", rfcURL(791)}, {"][RFC", ""}},
		"[RFC1, [RFC2]":                 {{"[", ""}, {"RFC1, [RFC2", rfcURL(1)}, {"]", ""}},
		"[RFC1234567]\u202e":            {{"[RFC1234567]", ""}},
	} {
		if diff := cmp.Diff(want, parts(cell)); diff != "" && !strings.Contains(cell, "\u202e") {
			t.Errorf("%q (-want +got):\n%s", cell, diff)
		} else if strings.Contains(cell, "\u202e") && (len(parts(cell)) != 1 || strings.Contains(parts(cell)[0].Text, "\u202e")) {
			t.Errorf("%q: %q", cell, parts(cell))
		}
	}
}

// TestWithdrawn holds that a group that IANA has withdrawn is nowhere spoken of as one that it has.
func TestWithdrawn(t *testing.T) {
	in := withGroups(t, before(), after())
	in.Groups[0].LastServed = "2020-01-14"
	files := made(t, in)
	for name, want := range map[string]string{
		"registry/suites/index.html":          "IANA has withdrawn this group: it was last served on 2020-01-14.",
		"registry/suites/suites-4/index.html": "IANA has withdrawn this group: it was last served on 2020-01-14.",
		"registry/index.html":                 "<small>suites</small><small>withdrawn by IANA, last served on 2020-01-14</small>",
		"index.html":                          `<a href="./registry/suites/">Suite Parameters</a> (last served on 2020-01-14)`,
	} {
		if !bytes.Contains(files[name], []byte(want)) {
			t.Errorf("%s lacks %s:\n%s", name, want, files[name])
		}
	}
	for name, not := range map[string]string{
		"registry/suites/index.html":          "authoritative",
		"registry/suites/suites-4/index.html": "IANA’s page",
		"registry/numbers/index.html":         "withdrawn",
		"index.html":                          `<li><a href="./registry/suites/">`,
		"temporary/index.html":                "SUITE_NEW",
		"rfc/9846/index.html":                 "Refer to it now",
	} {
		if data, found := files[name]; !found || bytes.Contains(data, []byte(not)) {
			t.Errorf("%s has %s, or is not there:\n%s", name, not, data)
		}
	}
}
