package render

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/fatih/color"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

// Options are how a list of changes is shown.
type Options struct {
	All   bool // list minor changes and ranges divided anew, which are counted otherwise
	Color bool // colour for a terminal

	From, To string // what was typed for the two sides of a comparison, if it is to be shown beside their ids
}

// scope returns all where that is asked for, and otherwise the given scope.
func (o Options) scope(otherwise scope) scope {
	if o.All {
		return all
	}
	return otherwise
}

// paint is the colour of each kind of change.
var paint = map[diff.Kind]color.Attribute{
	diff.Deassigned: color.FgRed, diff.Reused: color.FgMagenta, diff.Renamed: color.FgYellow, diff.Transferred: color.FgYellow,
	diff.Moved: color.FgYellow, diff.Assigned: color.FgGreen, diff.Published: color.FgGreen, diff.Updated: color.FgCyan,
	diff.Deprecated: color.FgRed, diff.Withdrawn: color.FgRed, diff.Introduced: color.FgGreen, diff.Permanent: color.FgGreen, diff.Extended: color.FgYellow,
}

// Text writes the changes that lead from one version to another for a terminal: each kind under a heading, each change a
// sentence and, below it, the columns that the sentence does not quote in full.
func Text(w io.Writer, d *diff.Document, o Options) error {
	var b strings.Builder
	dim, bold := painter(o.Color, color.Faint), painter(o.Color, color.Bold)
	fmt.Fprintf(&b, "%s → %s  %s\n", bold(text.Visible(typed(o.From, d.From.ID))), bold(text.Visible(typed(o.To, d.To.ID))),
		dim(fmt.Sprintf("%d → %d records: %s", d.From.Records, d.To.Records, Counts(d.Changes))))
	seen := seen(d.To.ID)
	sorted := sections(d.Changes, o.scope(news))
	for _, s := range sorted.list {
		hue := painter(o.Color, paint[s.kind])
		fmt.Fprintf(&b, "\n%s\n", bold(kinds[s.kind].heading))
		m := markup{code: func(s string) string { return hue(text.Visible(s)) }, text: text.Visible}
		for _, c := range s.changes {
			fmt.Fprintf(&b, "  %s\n", m.sentence(c)+undetailedDate(c, seen))
			for _, line := range details(c) {
				fmt.Fprintf(&b, "    %s\n", dim(line))
			}
		}
	}
	if rest := sorted.counted(); rest != "" {
		fmt.Fprintf(&b, "\n%s\n", dim("Not shown (--all shows them): "+rest+"."))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// seen returns the time of a version by its id, and the zero time where the id is the name of a file.
func seen(id string) time.Time {
	t, _ := snapshots.ParseID(id) // the zero time with an error
	return t
}

// details lists the columns in which a change's records differ and that its sentence does not quote in full:
// `contact: "[Ann]" → "[Bob]"`.
func details(c *diff.Change) (lines []string) {
	if !portrules.Is(c) {
		return keyedDetails(c)
	}
	if c.Kind == diff.Recut {
		for _, r := range ports.Views(c.Removed) {
			lines = append(lines, "was "+text.Visible(cell(r.Ports.String(), string(r.Transport), r.Description)))
		}
		for _, r := range ports.Views(c.Added) {
			lines = append(lines, "now "+text.Visible(cell(r.Ports.String(), string(r.Transport), r.Description)))
		}
		return lines
	}
	for _, f := range c.Fields {
		if isQuoted(c, f) {
			continue
		}
		lines = append(lines, fmt.Sprintf("%s: %s → %s", strings.ReplaceAll(f.Key, "_", " "), quote(f.Old), quote(f.New)))
	}
	return lines
}

// undetailedDate is [ownDate] for a sentence that is followed by [details]: it is empty where these have the date.
func undetailedDate(c *diff.Change, seen time.Time) string {
	if changed(c, "modification_date") || changed(c, "registration_date") {
		return ""
	}
	return ownDate(c, seen)
}

// isQuoted reports whether the sentence of a change has all of a column's value, now and before.
func isQuoted(c *diff.Change, f diff.Field) bool {
	switch f.Key {
	case "service_name":
		return true
	case "assignee", "contact", "modification_date", "registration_date":
		return false
	}
	if len(f.Old) > longestValue || len(f.New) > longestValue {
		return false
	}
	return c.Kind != diff.Reused || f.Key == "description"
}

func cell(ports, transport, description string) string {
	if transport != "" {
		ports += "/" + transport
	}
	return joined(" ", ports, description)
}

func quote(s string) string {
	if s == "" {
		return "nothing"
	}
	return "“" + text.Visible(s) + "”"
}

// painter returns a function that colours text, or leaves it as it is.
func painter(on bool, a color.Attribute) func(string) string {
	if !on || a == 0 {
		return func(s string) string { return s }
	}
	c := color.New(a)
	c.EnableColor() // whether this is a terminal was decided by the caller
	return func(s string) string { return c.Sprint(s) }
}

// typed returns the id of a side, after what was typed for it if that is something else.
func typed(spec, id string) string {
	if spec == "" || strings.HasPrefix(id, spec) && len(spec) > len("2006") {
		return id
	}
	return fmt.Sprintf("%s (%s)", spec, id)
}
