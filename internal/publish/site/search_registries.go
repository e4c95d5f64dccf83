package site

import (
	"cmp"
	_ "embed"
	"fmt"
	"iter"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/plainjson"
	"github.com/ianasync/ianasync/internal/publish/reuse"
	"github.com/ianasync/ianasync/internal/publish/urls"
	"github.com/ianasync/ianasync/internal/search"
	"github.com/ianasync/ianasync/internal/text"
)

// registriesFinder is the search over other registries.
//
//go:embed assets/registries.js
var registriesFinder []byte

// groupList is the file that the search over other registries reads first.
type groupList struct {
	Lists  []string   `json:"lists"`  // the names of the lists
	Groups [][]string `json:"groups"` // id, title, and the folder where it is not the id
}

// listOf returns the name of the list that has a group: the letter that its id begins with, or "0".
func listOf(id string) string {
	if id != "" && 'a' <= id[0] && id[0] <= 'z' {
		return id[:1]
	}
	return "0"
}

// registryIndexes yields the data of the search over other registries, as scripts: the list of the groups, and lists of
// records. A list has all groups that begin with a letter, so that a browser asks for some twenty files and not for one a group,
// and a new version alters one of them.
func (s *site) registryIndexes() iter.Seq2[history.File, error] {
	return func(yield func(history.File, error) bool) {
		if !s.HasGroups() {
			return
		}
		var all groupList
		groups := slices.SortedFunc(slices.Values(s.groups), func(a, b *group) int { return cmp.Compare(a.ID, b.ID) })
		for _, g := range groups {
			row := []string{g.ID, g.title}
			if folder := folderOf(g.address); folder != g.ID {
				row = append(row, folder)
			}
			all.Groups = append(all.Groups, row)
			all.Lists = append(all.Lists, listOf(g.ID))
		}
		slices.Sort(all.Lists)
		all.Lists = slices.Compact(all.Lists)
		data, err := plainjson.Marshal(all)
		if !yield(history.File{Name: "search/groups.js", Data: fmt.Appendf(nil, "var ianasyncGroups = %s;\n", data)}, err) || err != nil {
			return
		}
		for _, name := range all.Lists {
			among := slices.DeleteFunc(slices.Clone(groups), func(g *group) bool { return listOf(g.ID) != name })
			if f, err := s.recordList(name, among); !yield(f, err) || err != nil {
				return
			}
		}
	}
}

// folderOf returns what an address has after "registry/".
func folderOf(address string) string {
	return strings.TrimSuffix(strings.TrimPrefix(address, urls.Registries), "/")
}

// tags are what a description has of people or organizations who are listed elsewhere: "[Jane_Roe]".
var tags = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\[[^\]\s]*_[^\]\s]*\]`) })

// recordList returns the list of the registries and records of some groups: a line for each registry, with its id, its title, and
// its folder where that is not the id; after it one for each record that stands for something, which begins with a tab: value,
// name, description, and the anchor where it is not that of the value or the name.
func (s *site) recordList(name string, groups []*group) (history.File, error) {
	f := history.File{Name: "search/" + name + ".js"}
	var stored []string
	for _, g := range groups {
		stored = append(stored, g.ID, g.Stored)
	}
	f.Of = reuse.Digest("a list of the search", stored)
	if f.Same = s.Has.Already(f.Name, f.Of); f.Same {
		return f, nil
	}
	var rows [][]string
	for _, g := range groups {
		for _, r := range g.registries {
			row := []string{text.Visible(r.id), r.title}
			if folder := folderOf(r.address); folder != r.id {
				row = append(row, folder)
			}
			rows = append(rows, row)
			for i, e := range search.Entries(r.table, &r.fact) {
				row := []string{""}
				for _, cell := range []string{e.Value, e.Name, tags().ReplaceAllString(e.Description, "")} {
					row = append(row, text.Cut(text.Visible(cell), longestDescription))
				}
				if key := cmp.Or(row[1], row[2]); anchorOf(strings.ReplaceAll(key, " / ", "/")) != r.anchors[i] {
					row = append(row, r.anchors[i])
				}
				rows = append(rows, row)
			}
		}
	}
	data, err := plainjson.Marshal(columns(rows))
	f.Data = fmt.Appendf(nil, "ianasyncRegistries.add(%s);\n", data)
	return f, err
}
