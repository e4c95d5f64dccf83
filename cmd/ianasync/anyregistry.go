package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/rules"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/registry/ports"
)

// isOther reports whether the edition is not of the service names registry. Whether it is of any other is not known yet.
func (e *edition) isOther() bool {
	_, err := ports.ReadEdition(e.data)
	return errors.Is(err, ports.ErrNotRegistry)
}

// other reads the edition of a registry other than the service names: XML of a group, which names it, or CSV of one registry,
// which goes by the given name.
func (e *edition) other(name string) (*registry.Edition, error) {
	decoded, err := registry.Read(name, e.data)
	if err != nil {
		return nil, withHint(fmt.Errorf("%s: %w", e.id, err), "IANA lists its registries, with their files as XML and CSV, at https://www.iana.org/protocols")
	}
	return decoded, nil
}

// stem returns what the registry of a CSV file is called: the file's name without its ending.
func (e *edition) stem() string {
	if e.id == "-" {
		return "registry"
	}
	base := filepath.Base(e.id)
	return strings.TrimSuffix(base, filepath.Ext(base))
}

// compareOther compares two files of a registry other than the service names.
func (a *app) compareOther(old, new *edition) (*diff.Document, error) {
	before, err := old.other(new.stem())
	if err != nil {
		return nil, err
	}
	now, err := new.other(new.stem())
	if err != nil {
		return nil, err
	}
	switch {
	case before.Form != now.Form:
		return nil, withHint(fmt.Errorf("%s is %s and %s is %s", old.id, before.Form, new.id, now.Form), "their columns have different names: compare two files of one form")
	case before.Form == registry.XML && groupOf(before) != groupOf(now):
		return nil, fmt.Errorf("%s is of the group %s and %s of %s", old.id, groupOf(before), new.id, groupOf(now))
	case before.Form == registry.CSV && !shareColumn(before.Tables[0], now.Tables[0]):
		return nil, fmt.Errorf("%s and %s have no column in common: they are of different registries", old.id, new.id)
	}
	a.warnOther(old.id, before)
	a.warnOther(new.id, now)
	id := now.Tables[0].Registry.ID
	if now.Form == registry.XML {
		id = groupOf(now)
	}
	d := diff.NewDocument(id, old.sideOther(before), new.sideOther(now), rules.Editions(before, now, nil))
	return &d, nil
}

// groupOf returns the id of the group of an edition in XML.
func groupOf(e *registry.Edition) string { return registry.GroupOf(e.Stated[0].ID) }

func shareColumn(t, u *registry.Table) bool {
	return slices.ContainsFunc(t.Columns, func(c registry.Column) bool { _, found := u.Column(c.Key); return found })
}

// sideOther names the edition in a comparison.
func (e *edition) sideOther(decoded *registry.Edition) diff.Version {
	v := diff.Version{ID: e.id, SHA256: e.sha256}
	for _, t := range decoded.Tables {
		v.Records += len(t.Records)
	}
	return v
}

// warnOther prints the problems of an edition.
func (a *app) warnOther(name string, e *registry.Edition) {
	n := 0
	for _, t := range e.Tables {
		for _, p := range t.Problems {
			if n++; n <= mostProblems {
				a.say("%s:%v", name, p)
			}
		}
	}
	if n > mostProblems {
		a.say("%s: and %d more problems", name, n-mostProblems)
	}
}
