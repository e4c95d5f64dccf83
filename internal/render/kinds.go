package render

import (
	"strings"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/registry/ports"
)

// kindWords are the words for a kind of change. A kind that has more to say in a headline has a case in [happened].
type kindWords struct {
	heading string // of a list of changes
	several string // of several changes, after their names or number
	// sentence words a change whose subject and place are already worded: "http" and " on 80 (tcp)".
	sentence func(m markup, c *diff.Change, name, at string) string
}

// kinds has the words for each of [diff.Kinds].
var kinds = map[diff.Kind]kindWords{
	diff.Deassigned: {"No longer assigned", "deassigned", func(m markup, c *diff.Change, name, at string) string {
		return name + at + m.deassigned(c)
	}},
	diff.Reused: {"Another service in its place", "in place of others", func(m markup, c *diff.Change, name, at string) string {
		return name + " stands" + at + " in place of " + m.code(c.Was) + m.inParentheses(named(ports.Views(c.Removed))) + m.described(named(ports.Views(c.Added)))
	}},
	diff.Deprecated: {"Deprecated", "deprecated", func(m markup, c *diff.Change, name, _ string) string {
		return name + " is deprecated" + m.also(c)
	}},
	diff.Renamed: {"Renamed", "renamed", func(m markup, c *diff.Change, name, at string) string {
		return m.code(c.Was) + at + " is now named " + name + m.also(c)
	}},
	diff.Transferred: {"Assignee changed", "with another assignee", func(m markup, c *diff.Change, name, at string) string {
		if changed(c, "contact") && !changed(c, "modification_date") {
			return name + at + ": assignee and contact changed" + m.also(c)
		}
		return name + at + ": assignee changed" + m.also(c)
	}},
	diff.Moved: {"Moved", "moved", func(m markup, c *diff.Change, name, _ string) string {
		return name + m.moved(c) + m.also(c)
	}},
	diff.Assigned: {"Newly assigned", "assigned", func(m markup, c *diff.Change, name, at string) string {
		switch {
		case c.Name == "":
			return name + at + is(c) + "now " + m.quote(description(portrules.View(c).Own(c.Added)))
		case len(named(ports.Views(c.Removed))) > 0:
			return name + " is now on " + m.at(portrules.View(c).Ports.String()) + m.transports(c) + "; it had no port" + m.also(c)
		}
		return name + at + " is new" + m.described(named(ports.Views(c.Added)))
	}},
	diff.Permanent: {"Made permanent", "made permanent", func(m markup, c *diff.Change, name, _ string) string {
		return name + " is permanent" + m.also(c)
	}},
	diff.Extended: {"Extended", "extended", func(m markup, c *diff.Change, name, _ string) string {
		return name + " is extended" + m.also(c)
	}},
	diff.Introduced: {"New registries", "introduced", func(m markup, c *diff.Change, name, _ string) string {
		return name + " is a new registry, with " + plural(len(c.Added), "record", "records")
	}},
	diff.Withdrawn: {"Registries that are gone", "withdrawn", func(m markup, c *diff.Change, name, _ string) string {
		return name + " is gone, with " + plural(len(c.Removed), "record", "records")
	}},
	diff.Described: {"Registries described otherwise", "described otherwise", differing},
	diff.Published: {"Published as RFC", "published", differing},
	diff.Unreserved: {"No longer reserved", "no longer reserved", func(m markup, c *diff.Change, name, at string) string {
		if len(c.Added) == 0 {
			return name + at + is(c) + "no longer listed as Reserved"
		}
		return name + at + is(c) + "no longer Reserved" + m.fate(c)
	}},
	diff.Reserved: {"Newly reserved", "reserved", func(m markup, c *diff.Change, name, at string) string {
		return name + at + is(c) + "now Reserved" + m.also(c)
	}},
	diff.Updated: {"Updated", "updated", differing},
	diff.Recut: {"Ranges divided anew", "recut", func(m markup, c *diff.Change, _, _ string) string {
		return m.recut(c)
	}},
}

// differing words a change as the values that differ.
func differing(m markup, c *diff.Change, name, at string) string {
	return name + at + ": " + strings.Join(m.values(c), "; ")
}

// several returns the words for n changes of a kind, after their names or number.
func several(k diff.Kind, n int) string {
	if k == diff.Reused && n == 1 {
		return "in place of another"
	}
	return kinds[k].several
}
