package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/lookup"
	"github.com/ianasync/ianasync/internal/render"
	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/snapshots"
)

// groupAnswer is what is known of a value or a name in a group other than the service names.
type groupAnswer struct {
	Registry string            `json:"registry"` // what was asked: a group, or one registry
	Query    string            `json:"query"`
	Version  string            `json:"version"`
	SHA256   string            `json:"sha256"`
	Source   string            `json:"source"`
	Licence  string            `json:"licence"`
	Records  []groupRecordJSON `json:"records"`
	Events   []history.Event   `json:"events"` // newest first
}

// groupRecordJSON is a record that a value or a name stands for.
type groupRecordJSON struct {
	Registry string          `json:"registry"`
	Title    string          `json:"title"`
	Record   json.RawMessage `json:"record"`
}

// groupEdition returns a version of a group, decoded.
func (a *app) groupEdition(s *snapshots.Store, v snapshots.Version) (*registry.Edition, error) {
	data, err := s.Bytes(v)
	if err != nil {
		return nil, err
	}
	e, err := group(s.Registry()).Decode(data, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", v.ID, err)
	}
	return e, nil
}

// onlyRegistry returns the id of the registry that --registry selects; nothing where it selects a group.
func (a *app) onlyRegistry() string {
	if strings.Contains(a.wanted, "/") {
		return a.wanted
	}
	return ""
}

// lookupInGroup looks several values or names up. The exit status is that of the first that is not there.
func (a *app) lookupInGroup(ctx context.Context, subjects []string, at, format string) error {
	look := func(subject, before string) error {
		return a.withinRegistry(subject, func(a *app, subject string) error { return a.lookupGroup(ctx, subject, at, format, before) })
	}
	if !isVersion(at) {
		e, read, err := a.fileOfGroup(ctx, at)
		if err != nil {
			return err
		}
		if read.Tables, err = a.tables(read); err != nil {
			return err
		}
		look = func(subject, before string) error { return a.lookupOther(e, read, subject, format, before) }
	}
	return a.lookupEach(subjects, format, look)
}

// groupSubject is a value or a name of a group: what a version has of it, and what happened up to then.
type groupSubject struct {
	version snapshots.Version
	found   []lookup.Found  // with the labels of columns
	past    *history.Past   // of the group
	events  []history.Event // of the value or the name, oldest first
}

// askVersion looks a value or a name up in the version of the group that at names. One of which nothing is known, now or then, is an
// error.
func (a *app) askVersion(ctx context.Context, subject, at string) (*groupSubject, error) {
	s, v, err := a.find(at)
	if err != nil {
		return nil, err
	}
	e, err := a.groupEdition(s, v)
	if err != nil {
		return nil, err
	}
	tables, err := a.tables(e)
	if err != nil {
		return nil, err
	}
	newest, _ := s.Latest()
	facts, err := history.RegistriesOf(s, group(s.Registry()), newest, nil)
	if err != nil {
		return nil, err
	}
	past, err := history.OpenToAsk(ctx, s)
	if err != nil {
		return nil, err
	}
	g := &groupSubject{version: v, found: lookup.InTables(e, tables, facts.Registries, subject), past: past.UpTo(v.ID)}
	if g.events, err = g.past.Ask(a.onlyRegistry(), subject); err != nil {
		return nil, err
	}
	labels, err := lookup.ReadLabels(s)
	if err != nil {
		return nil, err
	}
	for i := range g.found {
		g.found[i].Columns = labels.Of(g.found[i].Registry, g.found[i].Columns)
	}
	if len(g.found) == 0 && len(g.events) == 0 {
		return nil, a.noSubject(v.ID, subject, tables, facts)
	}
	return g, nil
}

// lookupGroup looks a value or a name up in a version of a group. Text has what is to stand before it.
func (a *app) lookupGroup(ctx context.Context, subject, at, format, before string) error {
	g, err := a.askVersion(ctx, subject, at)
	if err != nil {
		return err
	}
	v, found, events := g.version, g.found, g.events
	slices.Reverse(events)
	answer := groupAnswer{
		Registry: a.wanted, Query: subject, Version: v.ID, SHA256: v.SHA256, Source: group(a.groupID()).Page, Licence: "CC0-1.0",
		Records: []groupRecordJSON{}, Events: append([]history.Event{}, events...),
	}
	for _, f := range found {
		answer.Records = append(answer.Records, groupRecordJSON{f.Registry, f.Title, f.Record.AppendJSON(nil, f.Columns)})
	}
	if format == "json" {
		return a.writeJSON(answer)
	}
	var b strings.Builder
	b.WriteString(before)
	writeFound(&b, found)
	if len(found) == 0 {
		b.WriteString(a.isGone(subject))
	}
	if begins, ok := g.past.Begins(); ok && len(events) == 0 {
		fmt.Fprintf(&b, "\nNothing happened to it since our history begins, %s.\n", begins.Seen().Format(time.DateOnly))
	} else {
		b.WriteString("\n")
		_ = render.Log(&b, events, render.Options{Color: a.colored()}) // a Builder takes everything
	}
	fmt.Fprintf(&b, "\nVersion %s. Data: IANA, %s, CC0 1.0.\n", text.Visible(v.ID), answer.Source)
	return a.write([]byte(b.String()))
}

// isGone words that a version has nothing of a value or a name that an older one had.
func (a *app) isGone(subject string) string {
	return fmt.Sprintf("%s is in no registry of %s any more.\n", text.Visible(subject), text.Visible(a.wanted))
}

// writeFound writes records, each with the title of its registry.
func writeFound(b *strings.Builder, found []lookup.Found) {
	for i, f := range found {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(b, "%s (%s)\n", text.Visible(f.Title), text.Visible(f.Registry))
		for _, c := range f.Columns {
			if cell := f.Record.Get(c.Key); cell != "" {
				fmt.Fprintf(b, "  %s: %s\n", text.Visible(c.Heading()), text.Visible(cell))
			}
		}
	}
}

// noSubject returns the error for a value or a name that nothing is known of.
func (a *app) noSubject(where, subject string, tables []*registry.Table, facts *history.Registries) error {
	f := &failure{err: fmt.Errorf("%s: %s has no value or name %q", where, a.wanted, subject), hint: "'ianasync registries' lists the registries that are stored"}
	if similar := lookup.Similar(subject, lookup.Subjects(tables, facts.Registries)); len(similar) > 0 {
		f.hint = fmt.Sprintf("did you mean %s?", strings.Join(similar, ", "))
	}
	return unknown(f)
}

// withinRegistry calls ask for a value or a name of a group. Where that is unknown and has the form REGISTRY/NAME, as media types are
// written (application/json), it calls ask for the name in that registry.
func (a *app) withinRegistry(subject string, ask func(a *app, subject string) error) error {
	err := ask(a, subject)
	f, is := errors.AsType[*failure](err)
	id, name, within := strings.Cut(subject, "/")
	if !is || f.status != exitUnknown || !within || a.onlyRegistry() != "" {
		return err
	}
	s, opening := a.openSelected()
	if opening != nil {
		return opening
	}
	facts, reading := history.ReadRegistries(s)
	if reading != nil {
		return reading
	}
	narrowed := *a
	narrowed.wanted = a.groupID() + "/" + id
	if facts == nil || !slices.ContainsFunc(facts.Registries, func(f history.RegistryFact) bool { return f.ID == narrowed.wanted }) {
		return err
	}
	return ask(&narrowed, name)
}

// askGroup returns what happened to a value or a name of a group, oldest first; to all of it where the subject is empty.
func (a *app) askGroup(ctx context.Context, s *snapshots.Store, subject string) ([]history.Event, error) {
	newest, found := s.Latest()
	if !found {
		return nil, a.errEmptyStore()
	}
	facts, err := history.RegistriesOf(s, group(s.Registry()), newest, nil)
	if err != nil {
		return nil, err
	}
	known := func(yield func(string) bool) {
		for _, f := range facts.Registries {
			if !yield(f.ID) {
				return
			}
		}
	}
	only := a.onlyRegistry()
	if only == "" && subject == "" {
		past, err := history.Open(ctx, s)
		if err != nil {
			return nil, err
		}
		return past.All()
	}
	past, err := history.OpenToAsk(ctx, s)
	if err != nil {
		return nil, err
	}
	events, err := past.Ask(only, subject)
	if err != nil || len(events) > 0 {
		return events, err
	}
	if only != "" && !slices.Contains(slices.Collect(known), only) {
		return nil, noRegistry(only, known)
	}
	if subject != "" {
		e, err := a.groupEdition(s, newest)
		if err != nil {
			return nil, err
		}
		tables, err := a.tables(e)
		if err != nil {
			return nil, err
		}
		if len(lookup.InTables(e, tables, facts.Registries, subject)) == 0 {
			return nil, a.noSubject("our history", subject, tables, facts)
		}
	}
	begins, _ := past.Begins()
	a.say("nothing happened to %s since our history begins, %s", strings.TrimSpace(a.wanted+" "+subject), begins.Seen().Format(time.DateOnly))
	return nil, nil
}
