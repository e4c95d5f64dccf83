// Package publish turns a store into static files that any host can serve: pages, feeds, changelogs, datasets, lists of
// changes, and the notification that followers read.
//
// Everything is derived from the store alone and is the same bytes each time: the files contain no build times, and do not
// depend on the order in which the versions arrived. [Publisher.Files] makes the files in memory, one after the other, and
// a [Target] such as a [Folder] receives them.
package publish

import (
	"context"
	"fmt"
	"iter"
	"sync"

	"github.com/ianasync/ianasync/docs"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/porthistory"
	"github.com/ianasync/ianasync/internal/publish/dataset"
	"github.com/ianasync/ianasync/internal/publish/delta"
	"github.com/ianasync/ianasync/internal/publish/feed"
	"github.com/ianasync/ianasync/internal/publish/reuse"
	"github.com/ianasync/ianasync/internal/publish/site"
	"github.com/ianasync/ianasync/internal/render"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

// Publisher is what is published: a store, and the settings that its files depend on.
type Publisher struct {
	Registry *ports.Registry
	Store    *snapshots.Store
	Base     string // URL of the folder, with a slash at its end; empty if it is not known
	Notes    []site.Note
	Groups   []Group // other than the service names

	// Program identifies the program, so that another one makes all files anew. If it is empty, every file is made each
	// time, and compared with what is published.
	Program string
}

// Group is a group of registries other than the service names, and what the store has of it.
type Group struct {
	*registry.Group
	Store *snapshots.Store

	// Withdrawn reports that IANA no longer serves the group.
	Withdrawn bool
}

// Target receives published files.
type Target interface {
	// Publish writes the files to the target and removes earlier published files that are not among them. The data of a
	// file is valid only until the next file is requested.
	Publish(ctx context.Context, files iter.Seq2[history.File, error]) (Written, error)
	// HasVersions reports whether the target holds what was published of a store with versions.
	HasVersions() bool
}

// NoVersionError is the error for publishing a store without versions in place of one with versions.
type NoVersionError struct{ Target Target }

func (e *NoVersionError) Error() string {
	return fmt.Sprintf("the store has no version, and %v was published from a store with versions", e.Target)
}

// Publish publishes the store in a target. It returns a [*NoVersionError], and leaves the target as it is, where the store
// has no version and the target was published from one that had.
func (p *Publisher) Publish(ctx context.Context, to Target) (Written, error) {
	if _, found := p.Store.Latest(); !found && to.HasVersions() {
		return Written{}, &NoVersionError{to}
	}
	folder, ok := to.(Folder)
	if !ok || p.Program == "" {
		return to.Publish(ctx, p.Files(ctx))
	}
	from, err := p.origin()
	if err != nil {
		return Written{}, err
	}
	return folder.update(ctx, from, func(has reuse.Has, whole reuse.Whole) iter.Seq2[history.File, error] { return p.files(ctx, has, whole) })
}

// content is what the files are made from.
type content struct {
	*Publisher
	has    reuse.Has
	whole  reuse.Whole
	groups []site.Group
	steps  []history.Step
	events []history.Event // one a step
	table  *ports.Table    // the newest; nil where there is none
	past   *porthistory.Past
	index  *porthistory.Index

	background sync.WaitGroup // the goroutine of datasets
}

// Files yields all files, in no particular order. The data of each is valid until the next is requested. A store
// without versions gives pages only, which say so. No goroutine outlives the iteration, even if it stops early.
func (p *Publisher) Files(ctx context.Context) iter.Seq2[history.File, error] {
	return p.files(ctx, nil, nil)
}

// files is [Publisher.Files]; it does not make again what the target has.
func (p *Publisher) files(ctx context.Context, has reuse.Has, whole reuse.Whole) iter.Seq2[history.File, error] {
	return func(yield func(history.File, error) bool) {
		e, err := p.read(ctx)
		if err != nil {
			yield(history.File{}, err)
			return
		}
		e.has, e.whole = has, whole
		defer e.background.Wait() // after cancel
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		parts := []iter.Seq2[history.File, error]{e.pages, e.groupFeeds, e.followed(ctx)}
		if len(e.steps) > 0 {
			datasets := e.datasets(ctx) // it begins at once
			parts = append(parts, e.feeds, e.changelogs, e.lists(ctx), datasets)
		}
		for _, part := range parts {
			for f, err := range part {
				if err == nil {
					err = ctx.Err()
				}
				if !yield(f, err) || err != nil {
					return
				}
			}
		}
	}
}

// read reads what the files are made from.
func (p *Publisher) read(ctx context.Context) (e *content, err error) {
	e = &content{Publisher: p}
	if newest, found := p.Store.Latest(); found {
		if e.table, err = porthistory.Table(p.Store, newest); err != nil {
			return nil, err
		}
	}
	if e.past, err = porthistory.Open(ctx, p.Store); err != nil {
		return nil, err
	}
	e.steps = e.past.Steps()
	if e.events, err = e.past.All(); err != nil {
		return nil, err
	}
	if e.index, err = e.past.Index(); err != nil {
		return nil, err
	}
	e.groups, err = p.readGroups(ctx)
	return e, err
}

// pages yields the files of the site.
func (e *content) pages(yield func(history.File, error) bool) {
	newest, _ := e.Store.Latest()
	site.Files(site.Input{Registry: e.Registry, Table: e.table, Newest: newest, Past: e.past, Index: e.index, BaseURL: e.Base, Notes: e.Notes, Has: e.has, Groups: e.groups, Whole: e.whole, Feed: e.feedOf})(yield)
}

// changelogs yields the changelog and the file of each year.
func (e *content) changelogs(yield func(history.File, error) bool) {
	for name, data := range render.Changelogs(e.Registry, e.events) {
		if !yield(history.File{Name: name, Data: data}, nil) {
			return
		}
	}
}

// lists yields the changes for programs: all in one file, with its schema, and one file for each step.
func (e *content) lists(ctx context.Context) iter.Seq2[history.File, error] {
	return func(yield func(history.File, error) bool) {
		if !yield(history.File{Name: "changes.jsonl", Data: e.allChanges()}, nil) || !yield(history.File{Name: "changes.schema.json", Data: docs.DiffSchema}, nil) {
			return
		}
		files, err := delta.Files(ctx, e.Registry, e.Store, e.events, e.table)
		if err != nil {
			yield(history.File{}, err)
		}
		for _, f := range files {
			if !yield(f, nil) {
				return
			}
		}
	}
}

// followed yields what followers of the groups other than the service names read.
func (e *content) followed(ctx context.Context) iter.Seq2[history.File, error] {
	var stores []*snapshots.Store
	for i := range e.Groups {
		stores = append(stores, e.Groups[i].Store)
	}
	return delta.GroupFiles(ctx, stores, len(e.steps) > 0, e.has.Already)
}

// allChanges returns all changes, oldest first, one a line.
func (e *content) allChanges() []byte {
	var b []byte
	for i := range e.events {
		b = append(b, e.events[i].Lines(e.Store.Group())...)
	}
	return b
}

// datasets are the newest table, and the history, in the forms that other programs read, which depend on the versions of the service
// names alone. They take as long as all else together, so a goroutine makes them while the rest is made. It runs until they are made
// or ctx is done.
func (e *content) datasets(ctx context.Context) iter.Seq2[history.File, error] {
	of := ""
	if e.whole != nil {
		of = reuse.Digest("datasets", e.Store.Versions())
	}
	if names, whole := e.whole.Of(of); whole {
		return same(names, of)
	}
	var files []history.File
	var err error
	e.background.Go(func() { files, err = e.makeDatasets(ctx, of) })
	return func(yield func(history.File, error) bool) {
		e.background.Wait()
		if err != nil {
			yield(history.File{}, err)
			return
		}
		for _, f := range files {
			if !yield(f, nil) {
				return
			}
		}
	}
}

// same yields files that are published already, made together from a model of the given digest.
func same(names []string, of string) iter.Seq2[history.File, error] {
	return func(yield func(history.File, error) bool) {
		for _, name := range names {
			if !yield(history.File{Name: name, Of: of, Same: true}, nil) {
				return
			}
		}
	}
}

// makeDatasets makes the datasets, given the digest of what they are made from.
func (e *content) makeDatasets(ctx context.Context, of string) (files []history.File, err error) {
	source := &dataset.Source{Registry: e.Registry, Version: e.steps[len(e.steps)-1].Version.ID, Table: e.table}
	for f, err := range dataset.Package(ctx, source, e.past, e.Base) {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, err
		}
		f.Of = of
		files = append(files, f)
	}
	return files, nil
}

// feeds yields the feeds of the registry.
func (e *content) feeds(yield func(history.File, error) bool) {
	for _, f := range feed.All(e.Registry.Title, e.events) {
		if !e.yieldFeed(e.feedPublisher(), &f, yield) {
			return
		}
	}
}

func (e *content) feedPublisher() *feed.Publisher {
	return &feed.Publisher{ID: e.Registry.ID, IANA: e.Registry.Page, Base: e.Base, Has: e.has}
}

// feedOf yields the feed of a port or a service, and the archives of that.
func (e *content) feedOf(s *site.Subject) iter.Seq2[history.File, error] {
	return func(yield func(history.File, error) bool) {
		if names, whole := e.whole.Of(s.Of); whole {
			same(names, s.Of)(yield)
			return
		}
		var f feed.Feed
		if s.Service == "" {
			f = feed.OfPort(s.Port, s.Past())
		} else {
			f = feed.OfService(s.Service, s.Past())
		}
		f.Of = s.Of
		e.yieldFeed(e.feedPublisher(), &f, yield)
	}
}
