package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ianasync/ianasync/internal/groups"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/layout"
	"github.com/ianasync/ianasync/internal/porthistory"
	"github.com/ianasync/ianasync/internal/search"
	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

// complete opens the store, or the built-in history, for a shell that completes a command line: nothing is reported, and what cannot
// be read completes nothing.
func (a *app) complete(cmd *cobra.Command) (*snapshots.Store, bool) {
	a.announced = true
	if a.readEnvironment(cmd.Flags()) != nil {
		return nil, false
	}
	a.storeGiven = cmd.Flags().Changed("store")
	s, err := a.openToAsk()
	return s, err == nil
}

// completeRegistry completes a group, and the registries of the group where the store has one alone that begins so.
func (a *app) completeRegistry(cmd *cobra.Command, args []string, begin string) ([]string, cobra.ShellCompDirective) {
	list, directive := a.completeGroup(cmd, args, begin)
	group := registry.GroupOf(begin)
	if len(list) == 1 {
		group = list[0]
	}
	if a.wanted = group; a.isPorts() || !groups.Valid(group) {
		return list, directive
	}
	s, err := a.openSelected()
	if err != nil {
		return list, directive
	}
	known, err := history.ReadRegistries(s)
	if err != nil || known == nil {
		return list, directive
	}
	for _, r := range known.Registries {
		if strings.HasPrefix(r.ID, begin) {
			list = append(list, cobra.CompletionWithDesc(r.ID, oneLine(r.Title)))
		}
	}
	return list, directive
}

// completeGroup completes a group: of the store, or of IANA's list.
func (a *app) completeGroup(cmd *cobra.Command, _ []string, begin string) ([]string, cobra.ShellCompDirective) {
	if a.readEnvironment(cmd.Flags()) != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	have, _ := snapshots.Groups(a.store) // without a store there is the list
	list := append(have, groups.All()...)
	slices.Sort(list)
	list = slices.Compact(list)
	return slices.DeleteFunc(list, func(id string) bool { return !strings.HasPrefix(id, begin) }), cobra.ShellCompDirectiveNoFileComp
}

// completeGroups completes the last one of several groups with commas between them.
func (a *app) completeGroups(cmd *cobra.Command, args []string, begin string) ([]string, cobra.ShellCompDirective) {
	last := strings.LastIndexByte(begin, ',') + 1
	list, directive := a.completeGroup(cmd, args, begin[last:])
	for i := range list {
		list[i] = begin[:last] + list[i]
	}
	return list, directive
}

// completeSubjects completes the subjects of a command: the names and the ports of services that the newest version has, or with -r
// the values and names of records. It completes nothing before the first letter or digit: there are twelve thousand names.
func (a *app) completeSubjects(most int, services bool) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, begin string) ([]string, cobra.ShellCompDirective) {
		if begin == "" || len(args) >= most {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		s, ok := a.complete(cmd)
		if !ok {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		if !a.isPorts() {
			return a.recordsOf(s, begin), cobra.ShellCompDirectiveNoFileComp
		}
		newest, _ := s.Latest()
		rows, err := porthistory.Rows(s, newest)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return subjects(rows, begin, services), cobra.ShellCompDirectiveNoFileComp
	}
}

// subjects returns the names and the ports of an edition's services that begin in a way, each with a description.
func subjects(rows *ports.Edition, begin string, services bool) []string {
	var list []string
	_, err := rows.Where(func(o *ports.Outline) bool {
		if o.ServiceName == "" {
			return false
		}
		first, last, _ := o.Ports.Bounds()
		if number := o.Ports.String(); first == last && number != "" && strings.HasPrefix(number, begin) {
			list = append(list, cobra.CompletionWithDesc(number, o.ServiceName))
		}
		if services && strings.HasPrefix(strings.ToLower(o.ServiceName), strings.ToLower(begin)) {
			list = append(list, cobra.CompletionWithDesc(o.ServiceName, oneLine(o.Description())))
		}
		return false
	})
	if err != nil {
		return nil
	}
	slices.Sort(list)
	return slices.CompactFunc(list, func(a, b string) bool { return word(a) == word(b) })
}

// recordsOf returns the values and names of records that begin in a way, each with the other of the two. They are those of the
// registries that --registry selects, in the index of a group.
func (a *app) recordsOf(s *snapshots.Store, begin string) []string {
	file, err := s.ReadDerived(layout.Group(s.Registry()).Search())
	if err != nil {
		return nil
	}
	index, _ := search.ReadFile(file) // nothing, where it is damaged
	var list []string
	for r := range search.Records(index) {
		if r.Registry != a.wanted && registry.GroupOf(r.Registry) != a.wanted {
			continue
		}
		for _, c := range [][2]string{{r.Value, r.Name}, {r.Name, r.Value}} {
			if c[0] != "" && !strings.Contains(c[0], " ") && strings.HasPrefix(strings.ToLower(c[0]), strings.ToLower(begin)) {
				list = append(list, cobra.CompletionWithDesc(text.Visible(c[0]), oneLine(c[1])))
			}
		}
	}
	slices.Sort(list)
	return slices.CompactFunc(list, func(a, b string) bool { return word(a) == word(b) })
}

// word returns a completion without its description.
func word(completion string) string {
	before, _, _ := strings.Cut(completion, "\t")
	return before
}

// oneLine returns a text as a terminal may show it, cut to a few words.
func oneLine(s string) string {
	const most = 60 // characters
	return text.Visible(text.Cut(s, most))
}

// completeVersions completes a version: latest and the one before, and the ids and dates of those that the store has. Files are
// completed where there is none, if they may stand for one.
func (a *app) completeVersions(most int) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, begin string) ([]string, cobra.ShellCompDirective) {
		if len(args) >= most {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		s, ok := a.complete(cmd)
		if !ok {
			return nil, cobra.ShellCompDirectiveDefault
		}
		var list []string
		add := func(spec string, v snapshots.Version) {
			if strings.HasPrefix(spec, begin) {
				list = append(list, cobra.CompletionWithDesc(spec, fmt.Sprintf("seen %s, %d records", v.Seen().Format("2006-01-02 15:04"), v.Records)))
			}
		}
		versions := s.Versions()
		for i := range versions {
			v := versions[len(versions)-1-i]
			switch i {
			case 0:
				add(latest, v)
			case 1:
				add(latest+"~1", v)
			}
			if strings.Contains(begin, "-") {
				add(v.Seen().Format("2006-01-02"), v)
			} else if begin != "" {
				add(v.ID, v)
			}
		}
		return slices.CompactFunc(list, func(a, b string) bool { return word(a) == word(b) }), cobra.ShellCompDirectiveKeepOrder
	}
}
