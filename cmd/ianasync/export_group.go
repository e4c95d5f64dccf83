package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/groups"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/lookup"
	"github.com/ianasync/ianasync/internal/porthistory"
	"github.com/ianasync/ianasync/internal/publish/dataset"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/snapshots"
)

// groupFormats returns the names of the formats in which the registries of any group are exported.
func groupFormats() []string {
	names := []string{"csv", "json", "jsonl", raw}
	for _, h := range dataset.GroupHistories {
		names = append(names, h.Name)
	}
	return names
}

// exportGroup writes a version of a group other than the service names, or one of its registries.
func (a *app) exportGroup(ctx context.Context, x *export) error {
	if !slices.Contains(groupFormats(), x.format) {
		return withHint(fmt.Errorf("--format %s is for the service names", x.format), "for %s there are %s", a.groupID(), strings.Join(groupFormats(), ", "))
	}
	h := dataset.FindGroupHistory(x.format)
	if h != nil && !isVersion(x.at) {
		return x.noHistory()
	}
	if !isVersion(x.at) {
		e, read, err := a.fileOfGroup(ctx, x.at)
		if err != nil {
			return err
		}
		return a.exportTables(x, e, read, lookup.Labels{})
	}
	s, v, err := a.find(x.at)
	if err != nil {
		return err
	}
	data, err := s.Bytes(v)
	if err != nil {
		return err
	}
	if x.format == raw {
		return a.put(x.output, data)
	}
	read, err := group(s.Registry()).Decode(data, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", v.ID, err)
	}
	if h == nil {
		labels, err := lookup.ReadLabels(s)
		if err != nil {
			return err
		}
		return a.exportTables(x, &edition{id: v.ID, data: data}, read, labels)
	}
	if _, err := a.tables(read); err != nil {
		return err
	}
	if data, err = a.groupHistory(ctx, h, s, v, read); err != nil {
		return err
	}
	return a.put(x.output, data)
}

// exportTables writes what --registry selects of an edition of a group.
func (a *app) exportTables(x *export, e *edition, read *registry.Edition, labels lookup.Labels) error {
	if x.format == raw {
		return a.put(x.output, e.data)
	}
	tables, err := a.tables(read)
	if err != nil {
		return err
	}
	var data []byte
	switch {
	case x.format == "jsonl":
		data, err = registry.TablesJSONL(tables)
	case x.format == "json":
		data, err = registry.TablesJSON(read, e.id, tables, labels.Of)
	case len(tables) == 1:
		data = tables[0].CSV()
	default:
		var ids []string
		for id := range registryIDs(read) {
			ids = append(ids, id)
		}
		return withHint(fmt.Errorf("%s has %s, and CSV holds one", a.wanted, fmt.Sprintf("%d registries", len(tables))), "give one of them as --registry: %s", strings.Join(ids, ", "))
	}
	if err != nil {
		return err
	}
	return a.put(x.output, data)
}

// groupHistory returns the history of the group up to a version, or that of the one registry that --registry selects.
func (a *app) groupHistory(ctx context.Context, h *dataset.GroupHistory, s *snapshots.Store, v snapshots.Version, e *registry.Edition) ([]byte, error) {
	past, err := history.Open(ctx, s)
	if err != nil {
		return nil, err
	}
	return h.Write(ctx, dataset.One(dataset.NewGroup(group(s.Registry()), v.ID, e, past, a.onlyRegistry())))
}

// exportAll writes the history of all groups of the store, each up to its version of the given time.
func (a *app) exportAll(ctx context.Context, x *export) error {
	h := dataset.FindGroupHistory(x.format)
	switch {
	case h == nil || h.File.Name == "":
		return withHint(fmt.Errorf("--all is not for --format %s, which holds one registry or group", x.format), "it is for a history: sqlite, parquet, parquet-versions, parquet-changes")
	case a.wanted != "" && a.wanted != groups.ServiceNames:
		return errors.New("--all exports all groups, and --registry selects one: give either")
	case !isVersion(x.at):
		return x.noHistory()
	}
	ids, err := snapshots.Groups(a.store)
	if err != nil {
		return err
	}
	data, err := h.Write(ctx, a.eachGroup(ctx, ids, x.at))
	if err != nil {
		return err
	}
	return a.put(x.output, data)
}

// eachGroup yields groups of the store up to a version that a time names. A group without one is left out; where all are, that is an error.
func (a *app) eachGroup(ctx context.Context, ids []string, at string) dataset.Groups {
	return func(yield func(*dataset.Group, error) bool) {
		none := true
		for _, id := range ids {
			g, err := a.groupUpTo(ctx, id, at)
			if errors.Is(err, snapshots.ErrNoVersion) {
				continue
			}
			none = false
			if err != nil {
				err = fmt.Errorf("%s: %w", id, err)
			}
			if !yield(g, err) || err != nil {
				return
			}
		}
		if none {
			yield(nil, withHint(fmt.Errorf("no group of the store has a version of %s", at), "'ianasync versions -r GROUP' lists those of a group"))
		}
	}
}

// groupUpTo returns a group of the store up to a version.
func (a *app) groupUpTo(ctx context.Context, id, at string) (*dataset.Group, error) {
	s, err := a.openGroup(id)
	if err != nil {
		return nil, err
	}
	v, err := s.Resolve(at)
	if err != nil {
		return nil, err
	}
	if id == groups.ServiceNames {
		table, err := porthistory.Table(s, v)
		if err != nil {
			return nil, err
		}
		past, err := history.Open(ctx, s)
		return dataset.OfServiceNames(&dataset.Source{Registry: a.registry, Version: v.ID, Table: table}, past), err
	}
	e, err := a.groupEdition(s, v)
	if err != nil {
		return nil, err
	}
	past, err := history.Open(ctx, s)
	if err != nil {
		return nil, err
	}
	return dataset.NewGroup(group(id), v.ID, e, past, ""), nil
}
