package render

import (
	"slices"
	"strings"
	"time"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/internal/rules"
	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/registry"
)

// keyed returns one line about a change of a registry other than the service names registry: the registry's title where it is
// one of a group, the record, and what happened to it.
func (m markup) keyed(c *diff.Change) string {
	subject := m.keyedSubject(c)
	switch c.Kind {
	case diff.Introduced:
		return subject + " is a new registry, with " + plural(len(c.Added), "record", "records")
	case diff.Withdrawn:
		return subject + " is no longer a registry of its group; it had " + plural(len(c.Removed), "record", "records")
	case diff.Described:
		return subject + ": " + strings.Join(m.statements(c), "; ")
	}
	return m.keyedTitle(c) + m.keyedRecord(c, subject)
}

// keyedRecord words what happened to the subject of a change.
func (m markup) keyedRecord(c *diff.Change, subject string) string {
	switch c.Kind {
	case diff.Deassigned:
		return subject + " is no longer assigned" + m.keyedFate(c)
	case diff.Assigned:
		return subject + " is new" + m.keyedDescription(c)
	case diff.Reused:
		return subject + " stands in place of " + m.code(c.Was)
	case diff.Renamed:
		return m.code(withoutMark(c.Was)) + m.keyedPlace(c) + " is now named " + m.about(c, withoutMark(c.Name)) + m.keyedAlso(c)
	case diff.Moved:
		from, to := keyedEnds(c)
		if c.Name == "" {
			return m.code(from) + " is now " + m.about(c, to) + m.keyedAlso(c)
		}
		return m.about(c, withoutMark(c.Name)) + " moved from " + m.code(from) + " to " + m.code(to) + m.keyedAlso(c)
	case diff.Permanent:
		return subject + " is no longer temporary" + m.keyedAlso(c)
	case diff.Extended:
		return subject + m.keyedExpiry(c) + m.keyedAlso(c)
	case diff.Transferred:
		return subject + ": another party holds it" + m.keyedAlso(c)
	case diff.Reserved:
		about := slices.DeleteFunc(slices.Clone(c.Added), func(r registry.Record) bool { return !isOf(c, r) })
		return m.keyedKey(c) + " is now " + m.keyedState(about, "Reserved")
	case diff.Unreserved:
		return m.keyedKey(c) + " is no longer Reserved" + m.keyedFate(c)
	case diff.Recut:
		return m.keyedKey(c) + " divided anew: " + plural(len(c.Removed), "entry", "entries") + " before, " + plural(len(c.Added), "entry", "entries") + " now"
	}
	if len(c.Key) == 0 { // a list that was re-shaped
		return "the list was reworked: " + plural(len(c.Removed), "record", "records") + " before, " + plural(len(c.Added), "record", "records") + " now"
	}
	_, what := m.keyedParts(c)
	switch {
	case what != "":
		return subject + ": " + what
	case len(c.Added) == 0:
		return subject + " is listed once less"
	case len(c.Removed) == 0 && m.keyedState(c.Added, "") == "":
		return subject + " is listed once more"
	}
	return subject + " is now listed otherwise"
}

// keyedParts returns the subject of a change of a registry other than the service names registry, and what its columns say now and said
// before, where the sentence consists of these two.
func (m markup) keyedParts(c *diff.Change) (subject, what string) {
	if portrules.Is(c) || len(c.Key) == 0 {
		return "", ""
	}
	switch c.Kind {
	case diff.Published, diff.Updated, diff.Deprecated:
		return m.keyedSubject(c), strings.Join(m.keyedValues(c), "; ")
	}
	return "", ""
}

// keyedTitle returns the title of the registry that a change is of, and a colon; nothing where that is not one of a group.
func (m markup) keyedTitle(c *diff.Change) string {
	if m.title != nil {
		return m.title(c)
	}
	_, id, inGroup := strings.Cut(c.Registry, "/")
	switch {
	case c.Title != "":
		return m.text(c.Title) + ": "
	case inGroup:
		return m.text(id) + ": "
	}
	return ""
}

// keyedSubject returns what a change of such a registry is about: its name, and its key in parentheses where that is not the
// name; else the registry itself.
func (m markup) keyedSubject(c *diff.Change) string {
	name := withoutMark(c.Name)
	switch key := keyText(c); {
	case key == "" && name == "":
		return m.code(c.Registry)
	case key == "", withoutMark(key) == name:
		return m.about(c, name)
	case name == "":
		return m.about(c, key)
	}
	return m.about(c, name) + m.keyedPlace(c)
}

// about writes the name or the key of the record that a change is about.
func (m markup) about(c *diff.Change, s string) string {
	if m.record != nil {
		return m.record(c, s)
	}
	return m.code(s)
}

// keyedPlace returns the key of a change in parentheses, after a space: those of its cells that are not the name.
func (m markup) keyedPlace(c *diff.Change) string {
	place := joinedKey(c, func(cell registry.Cell) bool { return cell.Text != c.Name && cell.Text != c.Was })
	if place == "" {
		return ""
	}
	return " (" + m.text(place) + ")"
}

// keyedKey returns the key of a change, which is of no named record.
func (m markup) keyedKey(c *diff.Change) string {
	if key := keyText(c); key != "" {
		return m.about(c, key)
	}
	return "an entry"
}

func keyText(c *diff.Change) string { return joinedKey(c, func(registry.Cell) bool { return true }) }

// joinedKey returns the cells of the key of a change that are wanted and have text.
func joinedKey(c *diff.Change, wanted func(registry.Cell) bool) string {
	var texts []string
	for _, cell := range c.Key {
		if cell.Text != "" && wanted(cell) {
			texts = append(texts, cell.Text)
		}
	}
	return text.Cut(strings.Join(texts, " / "), longestValue)
}

// withoutMark returns a name without the mark of a temporary registration, which takes more room than the name.
func withoutMark(name string) string {
	if before, _, found := strings.Cut(name, " (TEMPORARY"); found {
		return before
	}
	return text.Cut(name, longestValue)
}

// keyedEnds returns the keys between which a record moved.
func keyedEnds(c *diff.Change) (before, after string) {
	var from, to []string
	for _, k := range c.Key {
		old := k.Text
		for _, f := range c.Fields {
			if f.Key == k.Key {
				old = f.Old
			}
		}
		from, to = append(from, old), append(to, k.Text)
	}
	return strings.Join(from, " / "), strings.Join(to, " / ")
}

// keyedExpiry words until when a temporary registration was extended.
func (m markup) keyedExpiry(c *diff.Change) string {
	for _, f := range c.Fields {
		old, _ := rules.TemporaryIn(f.Old)
		now, _ := rules.TemporaryIn(f.New)
		if !old.Expires.IsZero() && now.Expires.After(old.Expires) {
			return " is extended to " + now.Expires.Format(time.DateOnly) + ", before to " + old.Expires.Format(time.DateOnly)
		}
	}
	return " is extended"
}

// keyedDescription returns ": " and the description of a new record, where a column besides its name has one.
func (m markup) keyedDescription(c *diff.Change) string {
	for _, r := range c.Added {
		if !isOf(c, r) {
			continue
		}
		for _, column := range c.Columns {
			if column.Role == registry.Description {
				if d := r.Get(column.Key); d != "" && d != c.Name {
					return ": " + m.text(text.Cut(d, longestValue))
				}
			}
		}
	}
	return ""
}

// isOf reports whether a record has the key of a change.
func isOf(c *diff.Change, r registry.Record) bool {
	return !slices.ContainsFunc(c.Key, func(k registry.Cell) bool { return r.Get(k.Key) != k.Text })
}

// keyedFate returns what a value is now that is no longer assigned, where the change lists it.
func (m markup) keyedFate(c *diff.Change) string {
	if state := m.keyedState(c.Added, ""); state != "" {
		return "; it is now " + state
	}
	return ""
}

// keyedState returns the words of the first of some records that is free or reserved.
func (m markup) keyedState(records []registry.Record, otherwise string) string {
	for _, r := range records {
		for _, c := range r.Cells() {
			if role := rules.RoleOf(registry.Column{Key: c.Key}); rules.StateOf(c.Text) != rules.Assigned && role != registry.Note && role != registry.Reference {
				return m.text(text.Cut(c.Text, longestValue))
			}
		}
	}
	return otherwise
}

// keyedAlso returns what a change says besides its kind, each value after a semicolon.
func (m markup) keyedAlso(c *diff.Change) string {
	var all strings.Builder
	for _, v := range m.keyedValues(c) {
		all.WriteString("; " + v)
	}
	return all.String()
}

// keyedValues returns what the columns of a change say now and said before. People are not named, and what the sentence states
// already is left out.
func (m markup) keyedValues(c *diff.Change) (list []string) {
	isKey := func(key string) bool {
		return slices.ContainsFunc(c.Key, func(k registry.Cell) bool { return k.Key == key })
	}
	others := slices.ContainsFunc(c.Fields, func(f diff.Field) bool {
		role := roleOf(c, f.Key)
		return role != registry.Date && role != registry.People
	})
	for _, f := range c.Fields {
		switch role := roleOf(c, f.Key); {
		case role == registry.Date && others, role == registry.People && others, c.Kind == diff.Moved && isKey(f.Key):
		case c.Kind == diff.Renamed && f.New == c.Name && f.Old == c.Was:
		case (c.Kind == diff.Permanent || c.Kind == diff.Extended) && withoutMark(f.Old) == withoutMark(f.New):
		case role == registry.Party || role == registry.People:
			list = append(list, column(f.Key)+" changed")
		default:
			list = append(list, m.value(c, f))
		}
	}
	return list
}

// roleOf returns the role of a column of a change.
func roleOf(c *diff.Change, key string) registry.Role {
	for _, column := range c.Columns {
		if column.Key == key {
			return rules.RoleOf(column)
		}
	}
	return rules.RoleOf(registry.Column{Key: key})
}

// statements returns what a registry states about itself now and stated before. Experts are people and are not counted aloud.
func (m markup) statements(c *diff.Change) (list []string) {
	for _, f := range c.Fields {
		if f.Key == "expert" {
			list = append(list, "experts changed")
			continue
		}
		list = append(list, m.value(c, f))
	}
	return list
}

// keyedDetails lists the columns of a change that its sentence does not quote in full, for a comparison on a terminal; the
// records of what was divided anew.
func keyedDetails(c *diff.Change) (lines []string) {
	if c.Kind == diff.Recut {
		for i, records := range [][]registry.Record{c.Removed, c.Added} {
			for _, r := range records {
				var texts []string
				for _, column := range c.Columns {
					if t := r.Get(column.Key); t != "" {
						texts = append(texts, t)
					}
				}
				lines = append(lines, []string{"was ", "now "}[i]+text.Visible(strings.Join(texts, " ")))
			}
		}
		return lines
	}
	for _, f := range c.Fields {
		role := roleOf(c, f.Key)
		if role != registry.Date && role != registry.Party && role != registry.People && len(f.Old) <= longestValue && len(f.New) <= longestValue {
			continue
		}
		if f.Key == "expert" {
			continue
		}
		lines = append(lines, strings.ReplaceAll(f.Key, "_", " ")+": "+quote(f.Old)+" → "+quote(f.New))
	}
	return lines
}
