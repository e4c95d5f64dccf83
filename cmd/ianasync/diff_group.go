package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/registry"
)

// compareGroup compares two editions of a group other than the service names, or of one of its registries.
func (a *app) compareGroup(ctx context.Context, oldSpec, newSpec string) (*diff.Document, error) {
	if oldSpec == "-" && newSpec == "-" {
		return nil, errOneStdin
	}
	old, err := a.open(ctx, oldSpec)
	if err != nil {
		return nil, err
	}
	newer, err := a.open(ctx, newSpec)
	if err != nil {
		return nil, err
	}
	if registry.FormOf(old.data) == registry.CSV && registry.FormOf(newer.data) == registry.CSV {
		return a.compareCSV(old, newer)
	}
	before, err := a.ofGroup(old, nil)
	if err != nil {
		return nil, err
	}
	now, err := a.ofGroup(newer, before)
	if err != nil {
		return nil, err
	}
	keys := new(history.Keys) // of two files these are learned
	if isVersion(oldSpec) || isVersion(newSpec) {
		s, err := a.openToAsk()
		if err != nil {
			return nil, err
		}
		if facts, err := history.ReadRegistries(s); err != nil {
			return nil, err
		} else if facts != nil {
			keys = facts.Keys
		}
	}
	only := a.onlyRegistry()
	if only != "" {
		ids := slices.AppendSeq(slices.Collect(registryIDs(before)), registryIDs(now))
		if !slices.Contains(ids, only) {
			return nil, noRegistry(only, slices.Values(compact(ids)))
		}
	}
	changes := keys.Compare(before, now)
	if only != "" {
		changes = slices.DeleteFunc(changes, func(c diff.Change) bool { return c.Registry != only })
	}
	d := diff.NewDocument(a.wanted, old.sideOther(before), newer.sideOther(now), changes)
	return &d, nil
}

// ofGroup reads an edition of the group that --registry selects. Known is one that differs little from it, or nil.
func (a *app) ofGroup(e *edition, known *registry.Edition) (*registry.Edition, error) {
	decoded, err := group(a.groupID()).Decode(e.data, known)
	if _, isCSV := errors.AsType[*registry.OneTableError](err); isCSV {
		return nil, withHint(fmt.Errorf("%s is CSV, and a group is read from its XML", e.id), "CSV has one registry, and names columns otherwise: 'ianasync diff OLD.csv NEW.csv' compares two such files")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e.id, err)
	}
	return decoded, nil
}

// fileOfGroup reads a file, or what a URL answers, as an edition of what --registry selects: XML of its group, or CSV of its
// one registry.
func (a *app) fileOfGroup(ctx context.Context, at string) (*edition, *registry.Edition, error) {
	e, err := a.open(ctx, at)
	if err != nil {
		return nil, nil, err
	}
	if a.onlyRegistry() != "" && registry.FormOf(e.data) == registry.CSV {
		read, err := a.ofRegistry(e)
		return e, read, err
	}
	read, err := a.ofGroup(e, nil)
	return e, read, err
}

// ofRegistry reads the CSV of the one registry that --registry selects.
func (a *app) ofRegistry(e *edition) (*registry.Edition, error) {
	g := group(a.groupID())
	read, err := registry.CSVDecoder{Registry: g.Registry(a.wanted)}.Decode(g, e.data, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e.id, err)
	}
	return read, nil
}

// compareCSV compares two files of CSV: of the registry that --registry selects, or of one of the group.
func (a *app) compareCSV(old, newer *edition) (*diff.Document, error) {
	if a.onlyRegistry() == "" {
		return a.compareOther(old, newer)
	}
	before, err := a.ofRegistry(old)
	if err != nil {
		return nil, err
	}
	now, err := a.ofRegistry(newer)
	if err != nil {
		return nil, err
	}
	return a.compareRead(old, newer, before, now)
}
