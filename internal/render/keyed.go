package render

import (
	"strings"

	"github.com/ianasync/ianasync/internal/diff"
)

// keyed returns one line about a change of a registry other than the service names registry.
func (m markup) keyed(c *diff.Change) string {
	subject := m.keyedSubject(c)
	switch c.Kind {
	case diff.Deassigned:
		return subject + " is no longer assigned"
	case diff.Assigned:
		return subject + " is new"
	case diff.Reused:
		return subject + " stands in place of " + m.code(c.Was)
	case diff.Renamed:
		return m.code(c.Was) + " is now named " + subject + m.also(c)
	case diff.Moved:
		return subject + " moved" + m.also(c)
	case diff.Reserved:
		return subject + " is now Reserved" + m.also(c)
	case diff.Unreserved:
		return subject + " is no longer Reserved" + m.also(c)
	case diff.Recut:
		return subject + " divided anew: " + plural(len(c.Removed), "entry", "entries") + " before, " + plural(len(c.Added), "entry", "entries") + " now"
	case diff.Transferred:
		return subject + " is held by another party" + m.also(c)
	case diff.Updated, diff.Published, diff.Described:
		return differing(m, c, subject, "")
	}
	return kinds[c.Kind].sentence(m, c, subject, "")
}

// keyedSubject returns what a change of such a registry is about: its key, and its name where that is not the key; else the
// registry itself.
func (m markup) keyedSubject(c *diff.Change) string {
	var texts []string
	for _, cell := range c.Key {
		if cell.Text != "" {
			texts = append(texts, cell.Text)
		}
	}
	key := strings.Join(texts, " ")
	switch {
	case key == "" && c.Name == "":
		return m.code(c.Registry)
	case key == "", key == c.Name:
		return m.code(c.Name)
	case c.Name == "":
		return m.code(key)
	}
	return m.code(key) + " (" + m.text(c.Name) + ")"
}
