package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/snapshots"
)

// compareGroup compares two versions of a group other than the service names, or of one of its registries.
func (a *app) compareGroup(oldSpec, newSpec string) (*diff.Document, error) {
	s, old, err := a.find(oldSpec)
	if err != nil {
		return nil, err
	}
	newer, err := s.Resolve(newSpec)
	if err != nil {
		return nil, withHint(err, "%s", noVersionHint(s, newSpec))
	}
	g := group(s.Registry())
	var editions [2]*registry.Edition
	for i, v := range [...]snapshots.Version{old, newer} {
		data, err := s.Bytes(v)
		if err != nil {
			return nil, err
		}
		if editions[i], err = g.Decode(data, editions[0]); err != nil {
			return nil, fmt.Errorf("%s: %w", v.ID, err)
		}
	}
	keys := new(history.Keys)
	if facts, err := history.ReadRegistries(s); err != nil {
		return nil, err
	} else if facts != nil {
		keys = facts.Keys
	}
	if strings.Contains(a.wanted, "/") {
		ids := slices.AppendSeq(slices.Collect(registryIDs(editions[0])), registryIDs(editions[1]))
		if !slices.Contains(ids, a.wanted) {
			return nil, noRegistry(a.wanted, slices.Values(compact(ids)))
		}
	}
	changes := keys.Compare(editions[0], editions[1])
	if strings.Contains(a.wanted, "/") {
		changes = slices.DeleteFunc(changes, func(c diff.Change) bool { return c.Registry != a.wanted })
	}
	d := diff.NewDocument(a.wanted, side(old), side(newer), changes)
	return &d, nil
}
