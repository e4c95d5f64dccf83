package rules

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/registry/ianaxml"
)

// Editions returns the changes that lead from one edition of a group to another, registry by registry in the order of the
// new edition, and those of registries that it lacks after them. Either may have one table only, as a CSV has.
//
// A registry that only one of the editions has is [diff.Introduced] or [diff.Withdrawn], with all its records; where what
// it states about itself differs, that is a change of its own ([diff.Described]). Known returns the scheme of a registry
// that is known by its id; where it returns nil, or is nil, the scheme is that of [For].
func Editions(old, new *registry.Edition, known func(id string) *Scheme) []diff.Change {
	var list []diff.Change
	for _, t := range new.Tables {
		id := t.Registry.ID
		before := old.Table(id)
		if before == nil {
			list = append(list, whole(diff.Introduced, new, t))
			continue
		}
		changes := Tables(before, t, schemeOf(known, id))
		if s := new.Statement(id); s != nil {
			for i := range changes {
				changes[i].Title = s.Title
			}
		}
		list = append(list, changes...)
	}
	for _, t := range old.Tables {
		if new.Table(t.Registry.ID) == nil {
			list = append(list, whole(diff.Withdrawn, old, t))
		}
	}
	return append(list, descriptions(old, new)...)
}

func schemeOf(known func(id string) *Scheme, id string) *Scheme {
	if known == nil {
		return nil
	}
	return known(id)
}

// Tables returns the changes that lead from one table of a registry to another. The scheme is that of [For] where s is nil.
func Tables(old, new *registry.Table, s *Scheme) []diff.Change {
	if slices.Equal(old.Records, new.Records) {
		return nil
	}
	renamed := RenamedColumns(old, new)
	switch {
	case s == nil && renamed != nil:
		s = For(new.Registry.ID, new)
	case s == nil:
		s = For(new.Registry.ID, old, new)
	}
	s = s.Covering(new).Covering(old).naming(renamed)
	changes := diff.Compare(s, old.Records, new.Records)
	s.standing(changes, old, new)
	columns := merge(slices.Clone(new.Columns), old.Columns)
	for i := range changes {
		changes[i].Registry, changes[i].Columns = new.Registry.ID, columns
	}
	return changes
}

// standing makes updates of changes that remove or add one of several records with the same key and name: what is listed is neither gone
// nor new. Where another one is equal in all cells, that is minor.
func (s *Scheme) standing(changes []diff.Change, old, new *registry.Table) {
	alone := func(one, none []registry.Record) bool { return len(one) == 1 && len(none) == 0 }
	identities := func(t *registry.Table) func() map[registry.Record]bool {
		return sync.OnceValue(func() map[registry.Record]bool {
			set := make(map[registry.Record]bool, len(t.Records))
			for _, r := range t.Records {
				set[s.identity(r)] = true
			}
			return set
		})
	}
	before, after := identities(old), identities(new)
	for i := range changes {
		switch c := &changes[i]; {
		case c.Kind == diff.Deassigned && alone(c.Removed, c.Added) && after()[s.identity(c.Removed[0])]:
			c.Kind, c.Minor = diff.Updated, slices.Contains(new.Records, c.Removed[0])
		case c.Kind == diff.Assigned && alone(c.Added, c.Removed) && before()[s.identity(c.Added[0])]:
			c.Kind, c.Minor = diff.Updated, slices.Contains(old.Records, c.Added[0])
		}
	}
}

// identity returns the cells of a record that state what it is about: its key and its name; the record where it has no name.
func (s *Scheme) identity(r registry.Record) registry.Record {
	if s.Whole || s.name < 0 {
		return r
	}
	cells := make([]registry.Cell, 0, len(s.Key)+1)
	for _, key := range s.Key {
		cells = append(cells, registry.Cell{Key: key, Text: r.Get(key)})
	}
	return registry.NewRecord(append(cells, registry.Cell{Key: s.Name, Text: r.Get(s.Name)})...)
}

// whole returns the change of a registry that came or went.
func whole(kind diff.Kind, e *registry.Edition, t *registry.Table) diff.Change {
	c := diff.Change{Kind: kind, Registry: t.Registry.ID, Columns: t.Columns}
	if s := e.Statement(t.Registry.ID); s != nil {
		c.Name, c.Title = s.Title, s.Title
	}
	records := slices.Clone(t.Records)
	if kind == diff.Introduced {
		c.Added = records
	} else {
		c.Removed = records
	}
	return c
}

// descriptions returns a change for each registry of both editions that states something else about itself. Where one edition
// states nothing about any, as a CSV does, there is none.
func descriptions(old, new *registry.Edition) (list []diff.Change) {
	if len(old.Stated) == 0 || len(new.Stated) == 0 {
		return nil
	}
	compare := func(before, after *registry.Statement) {
		about := after
		if after.ID == "" {
			about = before
		}
		fields := stated(before, after)
		if len(fields) == 0 {
			return
		}
		isMinor := !slices.ContainsFunc(fields, func(f diff.Field) bool { return f.Key != "expert" })
		list = append(list, diff.Change{Kind: diff.Described, Minor: isMinor, Registry: about.ID, Title: about.Title, Name: about.Title, Fields: fields})
	}
	for i := range new.Stated {
		after := &new.Stated[i]
		before := old.Statement(after.ID)
		if before == nil && (!after.Heading || old.Table(after.ID) != nil) {
			continue // it is introduced
		}
		if before == nil {
			before = &registry.Statement{}
		}
		compare(before, after)
	}
	for i := range old.Stated {
		if before := &old.Stated[i]; before.Heading && new.Statement(before.ID) == nil {
			compare(before, &registry.Statement{})
		}
	}
	return list
}

// stated returns the differences between what a registry stated and what it states now. Experts are people and are counted.
// When a registry was created and last updated is none of them.
func stated(old, new *registry.Statement) (list []diff.Field) {
	text := func(key, a, b string) {
		if a != b {
			list = append(list, diff.Field{Key: key, Old: a, New: b})
		}
	}
	text("title", old.Title, new.Title)
	text("parent", old.Parent, new.Parent)
	text("hidden", yes(old.Hidden), yes(new.Hidden))
	text("category", old.Category, new.Category)
	text("description", old.Description, new.Description)
	list = append(list, exchanged("registration_rule", old.Rules, new.Rules, nil)...)
	if !slices.Equal(old.Experts, new.Experts) {
		list = append(list, diff.Field{Key: "expert", Old: count(old.Experts), New: count(new.Experts)})
	}
	text("reference", old.Reference, new.Reference)
	list = append(list, exchanged("note", noteTexts(old.Notes), noteTexts(new.Notes), title)...)
	list = append(list, exchanged("range", rangeTexts(old.Ranges), rangeTexts(new.Ranges), title)...)
	return append(list, exchanged("footnote", footnoteTexts(old.Footnotes), footnoteTexts(new.Footnotes), title)...)
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return ""
}

func count(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return strconv.Itoa(len(list))
}

// exchanged returns the texts of a list that went and came: in pairs where they have the same title, or else where one went
// and one came.
func exchanged(key string, old, new []string, title func(string) string) (list []diff.Field) {
	n := make(map[string]int)
	for _, s := range new {
		n[s]++
	}
	var gone, came []string
	for _, s := range old {
		if n[s] > 0 {
			n[s]--
		} else {
			gone = append(gone, s)
		}
	}
	for _, s := range new {
		if n[s] > 0 {
			n[s]--
			came = append(came, s)
		}
	}
	if len(gone) == 1 && len(came) == 1 {
		return []diff.Field{{Key: key, Old: gone[0], New: came[0]}}
	}
	untaken := make(map[string][]int) // the indices of came, by title
	for i, s := range came {
		if title != nil && title(s) != "" {
			untaken[title(s)] = append(untaken[title(s)], i)
		}
	}
	taken := make([]bool, len(came))
	for _, g := range gone {
		f := diff.Field{Key: key, Old: g}
		if title != nil && len(untaken[title(g)]) > 0 {
			i := untaken[title(g)][0]
			untaken[title(g)] = untaken[title(g)][1:]
			f.New, taken[i] = came[i], true
		}
		list = append(list, f)
	}
	for i, s := range came {
		if !taken[i] {
			list = append(list, diff.Field{Key: key, New: s})
		}
	}
	return list
}

// title returns what stands before the colon of a text that one of the following functions made.
func title(s string) string {
	t, _, found := strings.Cut(s, ": ")
	if !found {
		return ""
	}
	return t
}

func titled(title, text string) string {
	if title == "" || text == "" {
		return title + text
	}
	return title + ": " + text
}

func noteTexts(notes []ianaxml.Note) (list []string) {
	for _, n := range notes {
		list = append(list, titled(n.Title, n.Text))
	}
	return list
}

func footnoteTexts(notes []ianaxml.Footnote) (list []string) {
	for _, n := range notes {
		list = append(list, titled(n.Anchor, n.Text))
	}
	return list
}

func rangeTexts(ranges []ianaxml.Range) (list []string) {
	for _, r := range ranges {
		rest := slices.DeleteFunc([]string{r.Hex, r.EntrySize, r.Rule, r.Note, r.Reference}, func(s string) bool { return s == "" })
		list = append(list, titled(r.Value, strings.Join(rest, "; ")))
	}
	return list
}
