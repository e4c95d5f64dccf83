package git

import (
	"cmp"
	"context"
	"path"
	"slices"
	"strings"
)

// Group is what a repository has of one group of registries: the editions of the file GROUP/GROUP.xml.
type Group struct {
	ID       string
	Editions []Edition // by time, as [Source.Editions] returns them
}

// Groups returns the groups of registries that led to what ref names, by their ids: every file GROUP/GROUP.xml, GROUP
// being a name that wanted accepts. It reads the history once, whatever their number, and does not follow renames, for
// the name of the file is the group's. Where all is set, it reads the history of all branches and tags instead. There may
// be no such file.
func (s *Source) Groups(ctx context.Context, ref string, all bool, wanted func(group string) bool) ([]Group, error) {
	var heads []string
	var err error
	if all {
		if heads, err = s.heads(ctx); err == nil && len(heads) == 0 {
			err = s.noRef(ctx, "HEAD")
		}
	} else {
		heads = []string{""}
		heads[0], err = s.resolve(ctx, ref)
	}
	if err != nil {
		return nil, err
	}
	found, err := s.log(ctx, walk{heads, "*/*.xml", func(file string) bool {
		group, isGroup := groupOf(file)
		return isGroup && wanted(group)
	}})
	if err != nil {
		return nil, err
	}
	of := make(map[string][]Edition)
	for _, e := range found { // parents before children, which a stable sort keeps within a second
		group, _ := groupOf(e.Path)
		of[group] = append(of[group], e.Edition)
	}
	groups := make([]Group, 0, len(of))
	for id, list := range of {
		slices.SortStableFunc(list, func(a, b Edition) int { return a.Time.Compare(b.Time) })
		groups = append(groups, Group{id, withoutEchoes(list)})
	}
	slices.SortFunc(groups, func(a, b Group) int { return cmp.Compare(a.ID, b.ID) })
	return groups, nil
}

// groupOf returns GROUP for a path GROUP/GROUP.xml.
func groupOf(file string) (group string, isGroup bool) {
	group = path.Dir(file)
	return group, !strings.Contains(group, "/") && path.Base(file) == group+".xml"
}
