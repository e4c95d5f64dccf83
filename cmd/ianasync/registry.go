package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ianasync/ianasync/internal/groups"
	"github.com/ianasync/ianasync/internal/lookup"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/snapshots"
)

// registryFlag adds the flag that selects a group, or one registry of it, for a command that reads.
func (a *app) registryFlag(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&a.wanted, "registry", "r", groups.ServiceNames, "the registry group, or one registry of it: GROUP or GROUP/REGISTRY")
	_ = cmd.RegisterFlagCompletionFunc("registry", a.completeRegistry)
}

// groupFlag adds the flag that selects a group, for a command that reads it as a whole.
func (a *app) groupFlag(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&a.wanted, "registry", "r", groups.ServiceNames, "the registry group")
	_ = cmd.RegisterFlagCompletionFunc("registry", a.completeGroup)
}

// defaultAll states in a command's help that all groups are meant where --registry is not given.
func defaultAll(cmd *cobra.Command) {
	f := cmd.Flags().Lookup("registry")
	f.DefValue, f.Usage = "", f.Usage+" (default: all)"
}

// groupID returns the id of the group that --registry selects.
func (a *app) groupID() string { return registry.GroupOf(a.wanted) }

// isPorts reports whether --registry selects the service names, which it does where a command has no such flag.
func (a *app) isPorts() bool { return a.wanted == "" || a.groupID() == groups.ServiceNames }

// group returns the description of a group that is not that of the service names.
func group(id string) *registry.Group { return registry.NewXMLGroup(id) }

// anyGroup returns the description of a group.
func (a *app) anyGroup(id string) snapshots.Group {
	if id == groups.ServiceNames {
		return portrules.Group{Registry: a.registry}
	}
	return group(id)
}

// openSelected opens the group that --registry selects for reading. One that the store has nothing of is an error.
func (a *app) openSelected() (*snapshots.Store, error) {
	id := a.groupID()
	if a.isPorts() {
		if a.wanted != "" && a.wanted != id && a.wanted != id+"/"+id {
			return nil, unknown(&failure{err: fmt.Errorf("%s has no registry %q", id, a.wanted), hint: "it has one, " + id})
		}
		return a.openGroup(groups.ServiceNames)
	}
	have, err := snapshots.Groups(a.store)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(have, id) {
		return nil, a.noGroup(id, have)
	}
	return snapshots.Open(a.store, group(id))
}

// openGroup opens a group of the store for reading.
func (a *app) openGroup(id string) (*snapshots.Store, error) {
	return snapshots.Open(a.store, a.anyGroup(id))
}

// noGroup returns the error for a group that the store has nothing of.
func (a *app) noGroup(id string, have []string) error {
	f := &failure{err: fmt.Errorf("the store has nothing of a registry group %q", id), hint: "'ianasync registries' lists what it has"}
	switch similar := similarGroups(id, have); {
	case slices.Contains(groups.All(), id):
		f.hint = fmt.Sprintf("'ianasync sync -r %s' fetches it", id)
	case slices.Contains(groups.WithoutXML(), id):
		f.hint = "IANA does not publish it as XML, and ianasync reads no other form of it"
	case len(similar) > 0:
		f.hint = fmt.Sprintf("did you mean %s?", strings.Join(similar, ", "))
	}
	return unknown(f)
}

// similarGroups returns the groups, of IANA's list and of the store, whose ids are similar to one.
func similarGroups(id string, have []string) []string {
	return compact(lookup.Similar(id, slices.Values(append(slices.Clone(have), groups.All()...))))
}

// compact returns a list with each element once.
func compact(list []string) []string {
	var kept []string
	for _, s := range list {
		if !slices.Contains(kept, s) {
			kept = append(kept, s)
		}
	}
	return kept
}

// noRegistry returns the error for a registry that a group does not have.
func noRegistry(id string, known iter.Seq[string]) error {
	f := &failure{err: fmt.Errorf("%s has no registry %q", registry.GroupOf(id), strings.TrimPrefix(id, registry.GroupOf(id)+"/")), hint: "'ianasync registries' lists what there is"}
	if similar := lookup.Similar(id, known); len(similar) > 0 {
		f.hint = fmt.Sprintf("did you mean %s?", strings.Join(similar, ", "))
	}
	return unknown(f)
}

// registryIDs yields the ids of the registries of an edition.
func registryIDs(e *registry.Edition) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, t := range e.Tables {
			if !yield(t.Registry.ID) {
				return
			}
		}
	}
}

// tables returns the tables of an edition that --registry selects: one, or all.
func (a *app) tables(e *registry.Edition) ([]*registry.Table, error) {
	if !strings.Contains(a.wanted, "/") {
		return e.Tables, nil
	}
	if t := e.Table(a.wanted); t != nil {
		return []*registry.Table{t}, nil
	}
	return nil, noRegistry(a.wanted, registryIDs(e))
}

// openGroupForWriting opens a group for writing, and starts a store where there is none.
func (a *app) openGroupForWriting(ctx context.Context, id string, wait time.Duration) (*snapshots.Store, error) {
	return snapshots.OpenForWriting(ctx, a.store, a.anyGroup(id), wait)
}

// checkGroups returns an error for a list of groups that has what can be none.
func checkGroups(ids []string) error {
	for _, id := range ids {
		switch {
		case strings.Contains(id, "/") && groups.Valid(registry.GroupOf(id)):
			return withHint(fmt.Errorf("%q is a registry, not a group", id), "a group is fetched and stored as a whole: give %s", registry.GroupOf(id))
		case id == allGroups:
			return withHint(fmt.Errorf("%q is no registry group", id), "sync and watch have --all; pull and import git take all groups without -r")
		case !groups.Valid(id):
			return fmt.Errorf("%q cannot be the name of a registry group: it consists of letters, digits, - and _, and is reserved neither by Windows nor by the store", id)
		case slices.Contains(groups.WithoutXML(), id):
			return errors.New(id + " is not published as XML, and no other form of it is read")
		}
	}
	return nil
}
