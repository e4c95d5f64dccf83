// Package render words what changed, and what the registry says, for people: one sentence a change, the same in every
// format, and around the sentences the layout of a terminal, of Markdown, of HTML and of the changelog.
//
// Two rules hold everywhere. The registry's text is untrusted: package text escapes it for each format. And assignees and
// contacts may be people: a sentence says that an assignee changed, never from whom to whom; only the details of a
// comparison on a terminal show these columns.
package render

import (
	"fmt"
	"strings"

	"github.com/ianasync/ianasync/internal/diff"
)

// Counts returns how many changes there are of each kind, in the order of [diff.Kinds]: "1 renamed, 3 assigned". It returns
// "no changes" where there are none.
func Counts(changes []diff.Change) string {
	return counts(diff.Summary(changes), func(k diff.Kind, _ int) string { return string(k) }, "no changes")
}

// headline returns in words how many changes there are of each kind, of those that a section lists.
func headline(changes []diff.Change) string {
	n := make(map[diff.Kind]int)
	for _, s := range sections(changes, news).list {
		n[s.kind] = len(s.changes)
	}
	return counts(n, several, "minor changes only")
}

func counts(n map[diff.Kind]int, word func(diff.Kind, int) string, none string) string {
	var parts []string
	for _, k := range diff.Kinds {
		if n[k] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[k], word(k, n[k])))
		}
	}
	if len(parts) == 0 {
		return none
	}
	return strings.Join(parts, ", ")
}

// section is the changes of one kind.
type section struct {
	kind    diff.Kind
	changes []*diff.Change
}

// sorted is a list of changes as people read it.
type sorted struct {
	list         []section // in the order of [diff.Kinds]
	minor, recut int       // how many changes are counted only
}

// scope is which changes are listed; the others are counted.
type scope int

const (
	news      scope = iota // no minor changes, no ranges divided anew
	withMinor              // no ranges divided anew
	all
)

// sections sorts changes by kind.
func sections(changes []diff.Change, listed scope) (s sorted) {
	byKind := make(map[diff.Kind][]*diff.Change)
	for i := range changes {
		switch c := &changes[i]; {
		case c.Kind == diff.Recut && listed < all:
			s.recut++
		case c.Minor && listed < withMinor:
			s.minor++
		default:
			byKind[c.Kind] = append(byKind[c.Kind], c)
		}
	}
	for _, k := range diff.Kinds {
		if len(byKind[k]) > 0 {
			s.list = append(s.list, section{k, byKind[k]})
		}
	}
	return s
}

// counted counts the minor changes and the ranges divided anew; it returns nothing where there are none.
func (s *sorted) counted() string {
	var parts []string
	if s.minor > 0 {
		parts = append(parts, plural(s.minor, "update", "updates")+" of contacts, dates or spelling alone")
	}
	if s.recut > 0 {
		parts = append(parts, plural(s.recut, "range", "ranges")+" divided anew")
	}
	return strings.Join(parts, ", ")
}
