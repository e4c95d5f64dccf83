package feed

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/url"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mmcdole/gofeed"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/lookup"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/registry/ports/portstest"
	"github.com/ianasync/ianasync/snapshots"
)

var rec = portstest.Rec

func id(year, month, day int) string {
	return snapshots.FormatID(time.Date(year, time.Month(month), day, 6, 0, 0, 0, time.UTC))
}

// event is what led from old records to new ones.
func event(id, previous string, old, new []ports.Record) history.Event {
	return history.Event{Version: snapshots.Version{ID: id, Records: len(new)}, Previous: previous, Changes: portrules.Compare(old, new)}
}

// decade has an event a month over ten years, oldest first: in even months a service comes, in odd ones it goes.
func decade() (events []history.Event) {
	none, one := []ports.Record{}, []ports.Record{rec("relay", "7", "tcp", "Relay")}
	before := id(2009, 12, 1)
	events = append(events, history.Event{Version: snapshots.Version{ID: before, Records: 1}})
	for month := range 120 {
		now := id(2010+month/12, 1+month%12, 1)
		if month%2 == 0 {
			events = append(events, event(now, before, none, one))
		} else {
			events = append(events, event(now, before, one, none))
		}
		before = now
	}
	return events
}

// files returns the files of feeds by name.
func files(t *testing.T, base string, feeds ...Feed) map[string][]byte {
	t.Helper()
	p := Publisher{ID: ports.ServiceNames().ID, IANA: ports.ServiceNames().Page, Base: base}
	out := make(map[string][]byte)
	for i := range feeds {
		for f, err := range p.Files(&feeds[i]) {
			if err != nil {
				t.Fatal(err)
			}
			if out[f.Name] != nil {
				t.Errorf("%s is written twice", f.Name)
			}
			out[f.Name] = f.Data
		}
	}
	return out
}

// parsed is a feed as a reader of feeds reads it.
func parsed(t *testing.T, data []byte) *gofeed.Feed {
	t.Helper()
	f, err := gofeed.NewParser().Parse(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	return f
}

// links are the links of an Atom document by their relation.
func links(t *testing.T, data []byte) map[string]string {
	t.Helper()
	var f atomFeed
	if err := xml.Unmarshal(data, &f); err != nil {
		t.Fatal(err)
	}
	out := make(map[string]string)
	for _, l := range f.Links {
		out[l.Rel] = l.Href
	}
	return out
}

// TestArchives follows a feed back through its archives, in both forms, and wants each entry, once it has been
// seen, under one id.
func TestArchives(t *testing.T) {
	const base = "https://example.org/ports/"
	events := decade()
	got := files(t, base, All(ports.ServiceNames().Title, events)[0])
	seen := make(map[string]string)
	var order []string
	steps := 0
	for name := "feed.atom"; name != ""; steps++ {
		data, found := got[name]
		if !found {
			t.Fatalf("%s is not there", name)
		}
		for _, item := range parsed(t, data).Items {
			if was, known := seen[item.GUID]; known && was != item.Content {
				t.Errorf("%s is told in two ways", item.GUID)
			} else if !known {
				order = append(order, item.Updated)
			}
			seen[item.GUID] = item.Content
		}
		l := links(t, data)
		if l["self"] != base+name {
			t.Errorf("%s says that it is %s", name, l["self"])
		}
		if archive := bytes.Contains(data, []byte("history/1.0")); archive != (name != "feed.atom") || archive != (l["current"] == base+"feed.atom") {
			t.Errorf("%s is an archive: %v; its links are %v", name, archive, l)
		}
		name = strings.TrimPrefix(l["prev-archive"], base)
	}
	if len(seen) != 121 || steps != 11 { // with the beginning
		t.Errorf("%d entries in %d documents, want 121 in 11", len(seen), steps)
	}
	if !slices.IsSortedFunc(order, func(a, b string) int { return strings.Compare(b, a) }) {
		t.Errorf("not newest first: %v", order)
	}
	items := 0
	for name := "feed.json"; name != ""; {
		var f jsonFeed
		if err := json.Unmarshal(got[name], &f); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, i := range f.Items {
			if seen[i.ID] != i.HTML {
				t.Errorf("%s in JSON is %q, in Atom %q", i.ID, i.HTML, seen[i.ID])
			}
			items++
		}
		name = strings.TrimPrefix(f.Next, base)
	}
	if items < 121 {
		t.Errorf("%d items in JSON, want 121 at least", items)
	}
	if n := len(parsed(t, got["feed.atom"]).Items); n != Shortest {
		t.Errorf("the feed has %d entries, want %d", n, Shortest)
	}
}

// TestNothingIsAnnouncedTwice adds a version after another, and wants ids that stay and archives that do not change.
// TestArchivesAreMadeOnce adds a version to feeds that are published: those that it is in are made anew, and no archive but the one
// that has a newer one beside it now.
func TestArchivesAreMadeOnce(t *testing.T) {
	events := decade()
	was, published := All("R", events[:len(events)-1]), make(map[string]string)
	p := Publisher{ID: ports.ServiceNames().ID, IANA: ports.ServiceNames().Page, Has: func(string, string) bool { return false }}
	for i := range was {
		for f, err := range p.Files(&was[i]) {
			if err != nil || f.Of == "" {
				t.Fatalf("%s: %q, %v", f.Name, f.Of, err)
			}
			published[f.Name+" "+f.Of] = string(f.Data)
		}
	}
	anew := files(t, "", All("R", events)...)
	now, same := All("R", events), 0
	for i := range now {
		for f, err := range p.Files(&now[i]) {
			data, known := published[f.Name+" "+f.Of]
			switch {
			case err != nil || string(f.Data) != string(anew[f.Name]):
				t.Errorf("%s is not as it is when it is made for the first time: %v", f.Name, err)
			case known && data != string(f.Data):
				t.Errorf("%s is another, with the same digest", f.Name)
			case known:
				same++
			}
		}
	}
	if same < 40 || same == len(anew) {
		t.Errorf("%d files of %d are recognised", same, len(anew))
	}
}

func TestNothingIsAnnouncedTwice(t *testing.T) {
	events := decade()
	before := make(map[string]gofeed.Item)
	archives := make(map[string][]byte)
	for n := 100; n <= len(events); n++ {
		fresh := 0
		got := files(t, "", All(ports.ServiceNames().Title, events[:n])[0])
		for _, item := range parsed(t, got["feed.atom"]).Items {
			if was, known := before[item.GUID]; !known {
				fresh++
			} else if was.Content != item.Content || was.Updated != item.Updated || was.Title != item.Title {
				t.Errorf("%s changed", item.GUID)
			}
			before[item.GUID] = *item
		}
		if n > 100 && fresh != 1 {
			t.Errorf("%d new entries after one new version", fresh)
		}
		for name, data := range got {
			if !strings.HasPrefix(name, "feed-") || strings.HasSuffix(name, jsonEnding) {
				continue
			}
			body := data[bytes.Index(data, []byte("<entry")):]
			if was := archives[name]; was != nil && !bytes.Equal(was, body) {
				t.Errorf("%s changed", name)
			}
			archives[name] = body
		}
	}
	if len(archives) < 8 {
		t.Errorf("%d archives", len(archives))
	}
}

// TestIDsDoNotDependOnThePlace publishes the same in two places.
func TestIDsDoNotDependOnThePlace(t *testing.T) {
	of := func(base string) (ids []string) {
		for _, item := range parsed(t, files(t, base, All(ports.ServiceNames().Title, decade())[0])["feed.atom"]).Items {
			ids = append(ids, item.GUID)
		}
		return ids
	}
	if diff := cmp.Diff(of("https://example.org/a/"), of("")); diff != "" {
		t.Error(diff)
	}
}

func TestGone(t *testing.T) {
	a, b, c := id(2020, 1, 1), id(2020, 1, 2), id(2020, 1, 3)
	events := []history.Event{
		event(b, a, []ports.Record{rec("x", "1", "tcp", "X"), rec("y", "2", "tcp", "Y"), rec("old", "5", "tcp", "S"), rec("m", "6", "tcp", "M")},
			[]ports.Record{rec("x", "1", "tcp", "X!"), rec("z", "2", "tcp", "Z"), rec("w", "3", "tcp", "W"), rec("new", "5", "tcp", "S"), rec("m", "7", "tcp", "M")}),
		event(c, b, nil, []ports.Record{rec("v", "4", "tcp", "V")}),
		{Version: snapshots.Version{ID: id(2020, 1, 4)}, Previous: b, Returned: history.RolledBack},
	}
	feeds := All(ports.ServiceNames().Title, events)
	var titles []string
	for _, item := range parsed(t, files(t, "", feeds[1])["gone.atom"]).Items {
		titles = append(titles, item.Title)
	}
	want := []string{"service-names-port-numbers: rolled back to the content of " + b + "; the changes since then are undone", "service-names-port-numbers: z 2 in place of y"}
	if diff := cmp.Diff(want, titles); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestHostileText has a name and a description that are markup, act on a terminal, or are no characters of XML.
func TestHostileText(t *testing.T) {
	evil := "<script>alert(1)</script> ]]> &amp; \u202e\x00\x1b[31m\ufffe `x` | javascript:x"
	r := rec(evil, "9", "tcp", evil)
	past := &lookup.Past{Events: []history.Event{event(id(2020, 1, 2), id(2020, 1, 1), nil, []ports.Record{r})}}
	for name, data := range files(t, "https://example.org/", OfPort(9, past), OfService(evil, past)) {
		if bytes.ContainsAny(data, "\x00\x1b") || bytes.Contains(data, []byte("\u202e")) {
			t.Errorf("%s has characters that act", name)
		}
		if path.Ext(name) == atomEnding {
			strict := xml.NewDecoder(bytes.NewReader(data))
			for {
				if _, err := strict.Token(); err == io.EOF {
					break
				} else if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
			}
		}
		f := parsed(t, data)
		if len(f.Items) != 1 {
			t.Fatalf("%s has %d items", name, len(f.Items))
		}
		content := f.Items[0].Content
		if strings.Contains(content, "<script") || !strings.Contains(content, "&lt;script&gt;") {
			t.Errorf("%s: %s", name, content)
		}
	}
}

// TestLinksLeadSomewhere resolves what feeds link to from where they are.
func TestLinksLeadSomewhere(t *testing.T) {
	past := &lookup.Past{Events: []history.Event{event(id(2020, 1, 2), id(2020, 1, 1), nil, []ports.Record{rec("n", "9", "tcp", "N")})}}
	f := OfPort(9, past)
	for _, base := range []string{"", "https://example.org/sub/"} {
		for name, data := range files(t, base, f) {
			if path.Ext(name) != atomEnding {
				continue
			}
			at, err := url.Parse("https://example.org/sub/" + name)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, rel := range []string{"self", "alternate"} {
				to, err := at.Parse(links(t, data)[rel])
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, to.Path)
			}
			if want := []string{"/sub/port/9/feed.atom", "/sub/port/9/"}; !slices.Equal(got, want) {
				t.Errorf("with base %q: %q, want %q", base, got, want)
			}
		}
	}
}

// TestBegins has a record of one version: the feed of all tells that it begins, that of disappearances nothing yet.
func TestBegins(t *testing.T) {
	events := decade()[:1]
	begins := events[0].Version.Seen().Format(time.RFC3339)
	for name, data := range files(t, "", All(ports.ServiceNames().Title, events)...) {
		f := parsed(t, data)
		want := 0
		if strings.HasPrefix(name, "feed.") {
			want = 1
		}
		if len(f.Items) != want || f.Title == "" || strings.HasSuffix(name, atomEnding) && f.Updated != begins {
			t.Errorf("%s: %d items, title %q, updated %s", name, len(f.Items), f.Title, f.Updated)
		}
		if want == 1 && !strings.Contains(f.Items[0].Title, "our history begins") {
			t.Errorf("%s: %q", name, f.Items[0].Title)
		}
	}
}
