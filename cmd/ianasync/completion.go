package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ianasync/ianasync/internal/porthistory"
	"github.com/ianasync/ianasync/internal/text"
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

// completeSubjects completes the subjects of a command: the names and the ports of services that the newest version has. It
// completes nothing before the first letter or digit: there are twelve thousand names.
func (a *app) completeSubjects(most int, services bool) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, begin string) ([]string, cobra.ShellCompDirective) {
		if begin == "" || len(args) >= most {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		s, ok := a.complete(cmd)
		if !ok {
			return nil, cobra.ShellCompDirectiveNoFileComp
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
