package publish

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/lookup"
	"github.com/ianasync/ianasync/internal/plainjson"
	"github.com/ianasync/ianasync/internal/publish/feed"
	"github.com/ianasync/ianasync/internal/publish/site"
	"github.com/ianasync/ianasync/internal/publish/urls"
	"github.com/ianasync/ianasync/internal/text"
)

// stored returns a digest of all that the store has of a group.
func (g *Group) stored() (string, error) {
	sheet, err := g.Store.Stylesheet()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	lastServed, err := g.lastServed()
	if err != nil {
		return "", err
	}
	data, err := plainjson.Marshal([]any{g.ID, g.Store.Versions(), shortSum(sheet), lastServed})
	return shortSum(data), err
}

// lastServed returns the day on which IANA last served the group, by the store's last check of it, if it has withdrawn it; else nothing.
func (g *Group) lastServed() (string, error) {
	newest, found := g.Store.Latest()
	if !g.Withdrawn || !found {
		return "", nil
	}
	last := newest.Seen()
	check, _, err := g.Store.Check()
	if check.Confirmed.After(last) {
		last = check.Confirmed
	}
	return last.UTC().Format(time.DateOnly), err
}

// readGroups reads what the pages and feeds of all groups that have a version are made from.
func (p *Publisher) readGroups(ctx context.Context) (list []site.Group, err error) {
	for _, g := range p.Groups {
		newest, found := g.Store.Latest()
		if !found {
			continue
		}
		read := site.Group{Group: g.Group, Newest: newest}
		data, err := g.Store.Bytes(newest)
		if err != nil {
			return nil, err
		}
		if read.Edition, err = g.Decode(data, nil); err != nil {
			return nil, fmt.Errorf("version %s of %s: %w", newest.ID, g.ID, err)
		}
		if read.Past, err = history.Open(ctx, g.Store); err != nil {
			return nil, fmt.Errorf("%s: %w", g.ID, err)
		}
		facts, err := history.RegistriesOf(g.Store, g.Group, newest, read.Edition)
		if err != nil {
			return nil, err
		}
		read.Facts = facts.Registries
		if read.Labels, err = lookup.ReadLabels(g.Store); err != nil {
			return nil, err
		}
		if read.Stored, err = g.stored(); err != nil {
			return nil, err
		}
		if read.LastServed, err = g.lastServed(); err != nil {
			return nil, err
		}
		list = append(list, read)
	}
	return list, nil
}

// groupFeeds yields the feeds of all groups and registries other than the service names, and that of all registries.
func (e *content) groupFeeds(yield func(history.File, error) bool) {
	if len(e.groups) == 0 {
		return
	}
	all, of := slices.Clone(e.events), slices.Repeat([]string{e.Registry.ID}, len(e.events))
	for i := range e.groups {
		events, err := e.feedsOf(&e.groups[i], yield)
		if err != nil {
			yield(history.File{}, err)
		}
		if events == nil {
			return
		}
		all, of = append(all, events...), append(of, slices.Repeat([]string{e.groups[i].ID}, len(events))...)
	}
	at := make([]int, len(all))
	for i := range at {
		at[i] = i
	}
	slices.SortStableFunc(at, func(a, b int) int { return cmp.Compare(all[a].Version.ID, all[b].Version.ID) })
	events, groups := make([]history.Event, len(at)), make([]string, len(at))
	for i, from := range at {
		events[i], groups[i] = all[from], of[from]
	}
	f := feed.OfGroups("week/", "IANA: changes in all registries", events, groups, feed.Shortest)
	e.yieldFeed(&feed.Publisher{ID: "registries", IANA: "https://www.iana.org/protocols", Base: e.Base, Has: e.has}, &f, yield)
}

// feedsOf yields the feeds of a group and of those of its registries in which anything happened. It returns the group's events, with the titles of registries, or
// nothing where no more is wanted.
func (e *content) feedsOf(g *site.Group, yield func(history.File, error) bool) ([]history.Event, error) {
	titles := make(map[string]string)
	for i := range g.Edition.Stated {
		titles[g.Edition.Stated[i].ID] = g.Edition.Stated[i].Title
	}
	p := &feed.Publisher{ID: g.ID, IANA: g.Page, Base: e.Base, Has: e.has}
	events, err := g.Past.All()
	if err != nil {
		return nil, err
	}
	events = titled(events, titles)
	if f := feed.OfGroups(urls.Group(g.ID), text.Visible(cmp.Or(titles[g.ID], g.ID))+": changes", events, slices.Repeat([]string{g.ID}, len(events)), feed.MostOfGroup); !e.yieldFeed(p, &f, yield) {
		return nil, nil
	}
	if len(g.Edition.Tables) == 1 {
		return events, nil // the feed of the group is that of the registry
	}
	for _, t := range g.Edition.Tables {
		id := t.Registry.ID
		own, err := g.Past.Ask(id, "")
		if err != nil {
			return nil, err
		}
		if !site.HasNews(own) {
			continue // its page links to the feed of the group
		}
		f := feed.OfGroups(urls.Registry(id), text.Visible(cmp.Or(titles[id], id))+": changes", titled(own, titles), slices.Repeat([]string{g.ID}, len(own)), feed.MostOfRegistry)
		f.Registry = id
		if !e.yieldFeed(p, &f, yield) {
			return nil, nil
		}
	}
	return events, nil
}

// titled returns events whose changes have the titles of their registries.
func titled(events []history.Event, titles map[string]string) []history.Event {
	events = slices.Clone(events)
	for i := range events {
		events[i].Changes = slices.Clone(events[i].Changes)
		for j := range events[i].Changes {
			c := &events[i].Changes[j]
			c.Title = cmp.Or(titles[c.Registry], c.Title)
		}
	}
	return events
}

// yieldFeed yields the files of a feed, and reports whether more are wanted.
func (e *content) yieldFeed(p *feed.Publisher, f *feed.Feed, yield func(history.File, error) bool) bool {
	for file, err := range p.Files(f) {
		if !yield(file, err) || err != nil {
			return false
		}
	}
	return true
}

// storedGroups returns digests of all that the store has of each group.
func (p *Publisher) storedGroups() (list []string, err error) {
	for i := range p.Groups {
		stored, err := p.Groups[i].stored()
		if err != nil {
			return nil, err
		}
		list = append(list, stored)
	}
	return list, nil
}
