package render

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/internal/text"
)

// plainName matches a name that has no effect in Markdown and in the message of a commit, where #1 and @somebody are links
// and [skip ci] is an instruction.
var plainName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._+*/-]{0,39}$`) })

// mostNamed is how many services a headline names; the others are counted.
const mostNamed = 3

// Title returns [Headline] after the id of the registry: the title of a feed's entry, of a message and of a commit.
func Title(id string, e *history.Event) string { return id + ": " + Headline(e) }

// Headline returns a line, without a full stop, about what a version brought: "nvme 4420 renamed from nvm-express; a 1,
// b 2 and 4 more assigned". It names up to three services, of those with a plain name. It is safe in the message of a
// commit.
func Headline(e *history.Event) string {
	switch sorted := sections(e.Changes, news); {
	case e.Previous == "":
		return "our history begins with " + plural(e.Version.Records, "record", "records")
	case e.Returned != history.Not:
		return Returned(e)
	case len(e.Changes) == 0:
		return "exported anew, nothing changed"
	case len(sorted.list) == 0:
		return sorted.counted()
	default:
		return headlines(sorted.list)
	}
}

// headlines names or counts the changes of each kind.
func headlines(list []section) string {
	var parts []string
	left := mostNamed
	for _, s := range list {
		var names []string
		for _, c := range s.changes {
			if name := nameOf(c); name != "" && len(names) < left {
				names = append(names, name)
			}
		}
		left -= len(names)
		rest := len(s.changes) - len(names)
		switch {
		case len(names) == 1 && rest == 0:
			parts = append(parts, happened(s.changes[0]))
			continue
		case len(names) == 0:
			names = []string{fmt.Sprint(rest)}
		case rest > 0:
			names = append(names, fmt.Sprintf("%d more", rest))
		}
		parts = append(parts, and(names)+" "+several(s.kind, len(s.changes)))
	}
	return strings.Join(parts, "; ")
}

// nameOf names what a change is about: "http 80", "http", "port 90"; in other registries the record's name or key. It returns
// nothing where a name is not plain.
func nameOf(c *diff.Change) string {
	if !portrules.Is(c) {
		name := cmp.Or(withoutMark(c.Name), keyText(c))
		if !isPlain(name) || c.Was != "" && !isPlain(withoutMark(c.Was)) {
			return ""
		}
		return name
	}
	at := portrules.View(c).Ports
	numbers := at.String()
	first, last, ok := at.Bounds()
	switch {
	case c.Name != "" && !isPlain(c.Name) || c.Was != "" && !isPlain(c.Was) || numbers != "" && !ok:
		return ""
	case c.Name != "" && ok:
		return c.Name + " " + numbers
	case c.Name != "":
		return c.Name
	case !ok:
		return ""
	case first == last:
		return "port " + numbers
	}
	return "ports " + numbers
}

// happened words a single change in a headline. [nameOf] must have a name for it.
func happened(c *diff.Change) string {
	what := nameOf(c)
	if !portrules.Is(c) {
		switch c.Kind {
		case diff.Renamed:
			return what + " renamed from " + withoutMark(c.Was)
		case diff.Reused:
			return what + " in place of " + withoutMark(c.Was)
		}
		return what + " " + several(c.Kind, 1)
	}
	switch c.Kind {
	case diff.Renamed:
		return what + " renamed from " + c.Was
	case diff.Reused:
		return what + " in place of " + c.Was
	case diff.Transferred:
		return what + ": assignee changed"
	case diff.Moved:
		if to := movedTo(c); to != "" {
			return what + " moved to " + to
		}
		return what + " has no port now"
	case diff.Deassigned:
		if portrules.View(c).GivenBack() {
			return what + " given back"
		}
	case diff.Published:
		for _, f := range c.Fields {
			if to := documents(f.New, f.Old); f.Key == "reference" && isPlain(to) {
				return what + " published as " + to
			}
		}
	case diff.Updated:
		if only := columns(c); only != "" {
			return what + " updated (" + only + ")"
		}
	}
	return what + " " + string(c.Kind)
}

// columns names the columns in which an updated record differs, but for the modification date.
func columns(c *diff.Change) string {
	var names []string
	for _, f := range c.Fields {
		if f.Key != "modification_date" {
			names = append(names, column(f.Key))
		}
	}
	return and(names)
}

func movedTo(c *diff.Change) string {
	var numbers []string
	for _, p := range portrules.View(c).Now {
		if text := p.String(); text != "" {
			numbers = append(numbers, text)
		}
	}
	return strings.Join(numbers, ", ")
}

func isPlain(name string) bool { return plainName().MatchString(name) && !text.IsMagic(name) }

// Section returns the section of a version in the changelog, or, where it changed nothing, a heading that says so. The heading
// has the title of the group, unless that is empty.
func Section(title string, e *history.Event) string {
	if s := strings.TrimPrefix(markdownEvent(title, e, news), "\n"); s != "" {
		return s
	}
	return fmt.Sprintf("## %s: %s\n\nVersion %s: %s.\n", heading2(title, e), Headline(e), text.Code(e.Version.ID), plural(e.Version.Records, "record", "records"))
}

// News returns a sentence for each change that is not minor, those that remove an assignment apart.
func News(changes []diff.Change) (gone, other []string) {
	for _, s := range sections(changes, news).list {
		for _, c := range s.changes {
			if c.Kind.Removes() {
				gone = append(gone, Sentence(c))
			} else {
				other = append(other, Sentence(c))
			}
		}
	}
	return gone, other
}
