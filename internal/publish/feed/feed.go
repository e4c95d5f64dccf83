// Package feed writes changes as feeds: Atom (RFC 4287) and JSON Feed 1.1 (https://jsonfeed.org/version/1.1).
//
// There is a feed of all changes, one for each group of kinds of changes ([All]), and one for each port and each service.
// That of a port or a service is Atom alone: there are as many as pages. An entry is a version. Its id is a tag (RFC 4151) made of the version's id and the feed's subject. It depends
// on nothing else, so it stays the same where the feed is published elsewhere. Its time is that of the version. So the
// same store gives the same bytes.
//
// A feed has the entries of its newest year, and at least the newest [Shortest]. Earlier entries are in archives
// (RFC 5005, section 4), one a year, to which the feed links.
package feed

import (
	"fmt"
	"iter"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/lookup"
	"github.com/ianasync/ianasync/internal/publish/reuse"
	"github.com/ianasync/ianasync/internal/publish/urls"
	"github.com/ianasync/ianasync/internal/render"
	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/snapshots"
)

// Shortest is the minimum number of entries in a feed, if there are as many.
const Shortest = 50

// authority is the beginning of all ids: a domain name and a year in which this project had it (RFC 4151).
const authority = "tag:ianasync.github.io,2026:"

// Publisher is what all feeds of a registry, or of a group of registries, have in common.
type Publisher struct {
	ID   string    // of the registry, or of the group of registries
	IANA string    // URL of IANA's page about it
	Base string    // URL of the published folder, with a slash at its end; empty if it is not known
	Has  reuse.Has // which files are published already; they are not made again
}

// Feed is one feed.
type Feed struct {
	Subject string // in its ids: "", "gone", "port/2397", "service/ncl"
	Title   string
	Name    string          // of its files, without their endings: "feed", "port/2397/feed"
	Page    string          // address of the page about its subject
	Begins  time.Time       // time of the oldest version
	Events  []history.Event // newest first, each with the changes of the subject
	Atom    bool            // there is no JSON feed of it
	Of      string          // digest of what it is made from; if it is empty, that of the feed is computed

	// Groups are those of the events, where these are not of the service names alone. Such entries are on the pages of
	// weeks, which have all that is older than the feed, so that there are no archives.
	Groups []string
	// Registry is the id of the only registry that the events are of, if there is one: the title of the feed has its title.
	Registry string
}

// Kinds are the feeds of kinds of changes, beside that of all changes.
var Kinds = []struct {
	Name, Title string // of the feed: "gone"
	of          func(diff.Kind) bool
}{
	{"gone", "disappearances", diff.Kind.Removes},
	{"deassigned", "services deassigned", func(k diff.Kind) bool { return k == diff.Deassigned }},
	{"assigned", "services assigned", func(k diff.Kind) bool { return k == diff.Assigned }},
	{"published", "documents published as RFCs", func(k diff.Kind) bool { return k == diff.Published }},
}

// All returns the feed of all changes of a registry with the given title, with an entry for the oldest version, and those of
// [Kinds]. The events are those of all versions, oldest first; there must be at least one.
func All(title string, events []history.Event) []Feed {
	begins := events[0].Version.Seen()
	list := []Feed{{
		Title: title + ": changes", Name: "feed", Begins: begins,
		Events: append(withChanges(events, func(*diff.Change) bool { return true }), events[0]),
	}}
	for _, k := range Kinds {
		list = append(list, Feed{
			Subject: k.Name, Title: title + ": " + k.Title, Name: k.Name, Begins: begins,
			Events: withChanges(events, func(c *diff.Change) bool { return k.of(c.Kind) }),
		})
	}
	return list
}

// The maximum number of entries in the feed of a group of registries other than the service names, and in that of one registry.
// There are thousands of them, and the pages of weeks have what is older.
const (
	MostOfGroup    = 20
	MostOfRegistry = 10
)

// OfGroups returns a feed of events of groups of registries, oldest first, each of the group at the same place in the other
// list. It has the newest that bring news, so many at most.
func OfGroups(at, title string, events []history.Event, groups []string, most int) Feed {
	f := Feed{Subject: strings.TrimSuffix(at, "/"), Title: title, Name: at + "feed", Page: at, Groups: []string{}, Atom: true}
	if len(events) > 0 {
		f.Begins = events[0].Version.Seen()
	}
	for i := range slices.Backward(events) {
		news := withChanges(events[i:i+1], isNews)
		if len(news) > 0 && len(f.Events) < most {
			f.Events, f.Groups = append(f.Events, news...), append(f.Groups, groups[i])
		}
	}
	return f
}

func isNews(c *diff.Change) bool { return !c.Minor && c.Kind != diff.Recut }

// withChanges returns the events, newest first, with those of their changes that are wanted. Events without any are left
// out, except returns to an older version.
func withChanges(events []history.Event, wanted func(*diff.Change) bool) []history.Event {
	var list []history.Event
	for _, e := range slices.Backward(events) {
		e.Changes = slices.DeleteFunc(slices.Clone(e.Changes), func(c diff.Change) bool { return !wanted(&c) })
		if len(e.Changes) > 0 || e.Returned != history.Not {
			list = append(list, e)
		}
	}
	return list
}

// OfPort returns the feed of a port. It has no entries while the past has no news.
func OfPort(port uint16, past *lookup.Past) Feed {
	return ofSubject(urls.Port(port), fmt.Sprintf("Port %d", port), past)
}

// OfService returns the feed of a service name. It has no entries while the past has no news.
func OfService(name string, past *lookup.Past) Feed {
	return ofSubject(urls.Service(name), "Service "+text.Visible(name), past)
}

func ofSubject(at, title string, past *lookup.Past) Feed {
	f := Feed{Subject: strings.TrimSuffix(at, "/"), Title: title, Name: at + "feed", Page: at, Events: past.News(), Atom: true}
	if past.Begins != "" {
		f.Begins = snapshots.Version{ID: past.Begins}.Seen()
	}
	return f
}

// Files yields the files of a feed: the feed itself and its archives, in both formats.
func (p *Publisher) Files(f *Feed) iter.Seq2[history.File, error] {
	return func(yield func(history.File, error) bool) {
		for _, d := range p.documents(f) {
			of := f.Of
			if of == "" && p.Has != nil {
				of = d.digest()
			}
			for _, form := range []struct {
				ending string
				write  func(*document) ([]byte, error)
			}{{atomEnding, (*document).atom}, {jsonEnding, (*document).json}} {
				if f.Atom && form.ending != atomEnding {
					continue
				}
				file := history.File{Name: d.name + form.ending, Of: of}
				var err error
				if file.Same = p.Has.Already(file.Name, of); !file.Same {
					file.Data, err = form.write(d)
				}
				if !yield(file, err) {
					return
				}
			}
		}
	}
}

// The endings of the files' names.
const (
	atomEnding = ".atom"
	jsonEnding = ".json"
)

// document is a feed or one of its archives.
type document struct {
	publisher *Publisher
	feed      *Feed
	name      string // of its file, without ending
	current   string // name of the feed that it is an archive of; empty for the feed itself
	previous  string // name of the archive with what is older; empty where there is none
	next      string // name of the archive with what is newer
	events    []history.Event
}

// digest returns a digest of what the document is made from. That of an archive stays the same once there is a newer one.
func (d *document) digest() string {
	head := *d.feed
	head.Events = nil
	return reuse.Digest(head, d.name, d.current, d.previous, d.next, d.events)
}

// documents divides a feed into the feed itself and its archives, newest first.
func (p *Publisher) documents(f *Feed) []*document {
	n := current(f.Events)
	if f.Groups != nil {
		n = len(f.Events)
	}
	list := []*document{{publisher: p, feed: f, name: f.Name, events: f.Events[:n]}}
	if n == len(f.Events) {
		return list
	}
	years := byYear(f.Events)
	for i := 1; i < len(years); i++ {
		d := &document{publisher: p, feed: f, name: archive(f.Name, years[i]), current: f.Name, events: years[i]}
		newer := list[len(list)-1]
		newer.previous = d.name
		if i > 1 {
			d.next = newer.name
		}
		list = append(list, d)
	}
	return list
}

// byYear divides events, newest first, by year.
func byYear(events []history.Event) (years [][]history.Event) {
	for i := range events {
		if i == 0 || year(events[i-1]) != year(events[i]) {
			years = append(years, events[i:i])
		}
		last := &years[len(years)-1]
		*last = (*last)[:len(*last)+1]
	}
	return years
}

func year(e history.Event) int { return e.Version.Seen().Year() }

// current returns how many of the events, newest first, are in the feed itself.
func current(events []history.Event) int {
	n := 0
	for n < len(events) && (n < Shortest || year(events[n]) == year(events[0])) {
		n++
	}
	return n
}

// archive returns the name of a feed's archive of the year of events.
func archive(name string, events []history.Event) string {
	return fmt.Sprintf("%s-%d", name, year(events[0]))
}

// link returns the URL of an address: relative to the document where the URL of the published folder is not known.
func (d *document) link(to string) string {
	if d.publisher.Base != "" {
		return d.publisher.Base + to
	}
	if up := strings.Count(d.name, "/"); up > 0 {
		return strings.Repeat("../", up) + to
	}
	return "./" + to
}

// id returns the feed's id, which its archives have, too.
func (d *document) id() string { return d.tag() }

// tag returns an id made of the registry's id, parts and the subject.
func (d *document) tag(parts ...string) string {
	return authority + path.Join(append(append([]string{d.publisher.ID}, parts...), d.feed.Subject)...)
}

// updated returns the time of the newest entry, or of the oldest version where there is no entry.
func (d *document) updated() time.Time {
	if len(d.events) == 0 {
		return d.feed.Begins
	}
	return d.events[0].Version.Seen()
}

// entry is an entry of a feed.
type entry struct {
	id, title, html string
	page            string // URL of the version's
	section         string // URL of its section in the changelog; empty where it has none
	at              time.Time
}

// html returns the content of an entry. Sentences of a feed about one registry do not begin with the title of that.
func (f *Feed) html(e *history.Event) string {
	if f.Registry == "" {
		return render.HTML(e)
	}
	return render.HTMLLinked(e, render.Links{Registry: func(string) (title, url string) { return "", "" }})
}

func (d *document) entries() (list []entry) {
	for i := range d.events {
		e := &d.events[i]
		if d.feed.Groups != nil {
			group := d.feed.Groups[i]
			list = append(list, entry{
				id: authority + path.Join(group, e.Version.ID, d.feed.Subject), title: group + ": " + render.Headline(e), html: d.feed.html(e), at: e.Version.Seen(),
				page: d.link(urls.Seen(group, e.Version.ID, e.Version.Seen())),
			})
			continue
		}
		list = append(list, entry{
			id: d.tag(e.Version.ID), title: d.publisher.ID + ": " + render.Headline(e), html: render.HTML(e), at: e.Version.Seen(),
			page: d.link(urls.Version(e.Version.ID)), section: d.link(render.SectionAddress(e.Version)),
		})
	}
	return list
}
