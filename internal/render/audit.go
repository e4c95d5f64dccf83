package render

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fatih/color"

	"github.com/ianasync/ianasync/internal/audit"
	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/registry/ports"
)

// findingHeading is the heading of a list of findings of a kind.
var findingHeading = map[audit.Kind]string{
	audit.Reused:     "On a port where another service now stands",
	audit.Deassigned: "No longer assigned",
	audit.Renamed:    "Under a name that the service no longer has",
	audit.Moved:      "On a port that the service has left",
	audit.Conflict:   "In conflict with the registry",
	audit.Lacking:    "Lacking",
	audit.Unreadable: "Not readable, and not audited",
}

// AuditText writes an audit for a terminal.
func AuditText(w io.Writer, a *audit.Report, o Options) error {
	return writeAudit(w, a, auditInText(o))
}

// AuditMarkdown writes an audit as Markdown.
func AuditMarkdown(w io.Writer, a *audit.Report) error {
	return writeAudit(w, a, auditInMarkdown)
}

// auditForm is the layout of an audit in a format.
type auditForm struct {
	title, heading, item func(string) string
	m                    markup
}

func auditInText(o Options) auditForm {
	bold := painter(o.Color, color.Bold)
	return auditForm{
		title: func(s string) string { return bold(s) + "\n" }, heading: func(s string) string { return "\n" + bold(s) + "\n" },
		item: func(s string) string { return "  " + s + "\n" }, m: markup{code: text.Visible, text: text.Visible},
	}
}

var auditInMarkdown = auditForm{
	title: func(s string) string { return "## " + s + "\n\n" }, heading: func(s string) string { return "\n### " + s + "\n\n" },
	item: func(s string) string { return "- " + s + "\n" }, m: inMarkdown,
}

func writeAudit(w io.Writer, a *audit.Report, f auditForm) error {
	var b strings.Builder
	r := a.Result
	b.WriteString(f.title(fmt.Sprintf("%s: %s of the form %s", f.m.text(a.File), plural(a.Entries, "entry", "entries"), a.Form)))
	agree := fmt.Sprintf("%d agree with version %s of the registry", r.Agree, a.Version)
	if a.Form != audit.DNSSD { // names alone do not tell versions apart
		agree += "; " + bestOf(r.Best.From, r.Best.To)
	}
	b.WriteString(agree + ".\n")
	kind := audit.Kind("")
	for i := range r.Findings {
		finding := &r.Findings[i]
		if finding.Kind != kind {
			kind = finding.Kind
			b.WriteString(f.heading(findingHeading[kind]))
		}
		b.WriteString(f.item(f.m.finding(finding)))
	}
	b.WriteString("\n" + besides(a) + "\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// bestOf names the versions to which a file corresponds best.
func bestOf(from, to string) string {
	switch from {
	case "":
		return "it corresponds to no version"
	case to:
		return "it corresponds best to the version of " + Day(to)
	}
	return fmt.Sprintf("it corresponds best to the versions from %s to %s", Day(from), Day(to))
}

// finding returns one line about an entry that does not agree with the registry.
func (m markup) finding(f *audit.Finding) string {
	s := m.code(f.Name) + " " + m.code(f.Place())
	if f.Place() == "" {
		s = m.code("_" + f.Name + "._" + string(f.Transport))
	}
	if f.Line > 0 {
		s = fmt.Sprintf("line %d: ", f.Line) + s
	}
	switch {
	case f.Kind == audit.Unreadable:
		return fmt.Sprintf("line %d, column %d: ", f.Line, f.Column) + m.text(f.Problem)
	case f.Kind == audit.Conflict:
		return s + ": the registry has " + m.names(f.Now) + " there"
	case f.Event == nil:
		return s
	case f.Kind == audit.Lacking:
		return s + ": " + m.sentence(&f.Event.Changes[0]) + " (" + when(f.Event) + ")"
	}
	return s + ": " + m.changes(f)
}

// changes returns what happened to an entry's service, one change after the other, each with its date.
func (m markup) changes(f *audit.Finding) string {
	events := append([]history.Event{*f.Event}, f.Later...)
	var parts []string
	for i := range events {
		parts = append(parts, m.step(f, i, &events[i])+" ("+when(&events[i])+")")
	}
	if end := events[len(events)-1].Changes[0].Name; len(f.Now) > 0 && !slices.Contains(f.Now, end) {
		parts = append(parts, "the registry has "+m.names(f.Now)+" there")
	}
	return strings.Join(parts, "; ")
}

// step words one of the changes that happened to an entry's service. Only the last may still hold, and is in the present
// tense.
func (m markup) step(f *audit.Finding, i int, e *history.Event) string {
	c := &e.Changes[0]
	isLast := i == len(f.Later)
	isSo := isLast && (slices.Contains(f.Now, c.Name) || f.Place() == "")
	switch {
	case e.Returned != history.Not:
		return m.was(c) + ", which was rolled back"
	case c.Kind == diff.Renamed && !isSo:
		return m.was(c)
	case c.Kind == diff.Assigned:
		return "port " + m.at(f.Ports.String()) + " is now assigned to " + m.code(c.Name)
	case c.Kind == diff.Deassigned && !portrules.View(c).GivenBack():
		if now := unnamed(portrules.View(c).On(c.Added)); len(now) > 0 && now[0].Status() != ports.Assigned {
			return m.code(c.Name) + m.place(c) + " is no longer assigned; the port " + fateOf(now[0].Status(), f.Status, isLast)
		}
	}
	return m.sentence(c)
}

// was words a change in the past tense: it may no longer hold.
func (m markup) was(c *diff.Change) string {
	switch c.Kind {
	case diff.Renamed:
		return m.code(c.Was) + m.place(c) + " was renamed " + m.code(c.Name)
	case diff.Assigned:
		return m.code(c.Name) + m.place(c) + " was new"
	}
	return m.sentence(c)
}

// fateOf words what a port became and, after the last change, what it is now.
func fateOf(then, now ports.Status, isLast bool) string {
	switch {
	case !isLast || now == ports.Assigned || now == "":
		return "was " + string(then) + " then"
	case now != then:
		return "was " + string(then) + " then, and is now " + string(now)
	}
	return "is now " + string(now)
}

// when returns the day on which a change was first seen, or, after a gap in our history, the days between which it was
// made and, where it lies between these, the record's modification date.
func when(e *history.Event) string {
	from, to := gapFrom(e), Day(e.Version.ID)
	if from == "" {
		return to
	}
	s := Between(e)
	if e.Returned != history.Not {
		return s // the change is of another version
	}
	for _, r := range ports.Views(e.Changes[0].Added) {
		if d := r.ModificationDate; d.Valid() && from[:len(d.String())] <= d.String() && d.String() <= to {
			return s + "; modified " + d.String()
		}
	}
	return s
}

func (m markup) names(names []string) string {
	var shown []string
	for _, n := range names {
		shown = append(shown, m.code(n))
	}
	return and(shown)
}

// besides counts the entries that are no findings.
func besides(a *audit.Report) string {
	s := fmt.Sprintf("Also: %d of the file's own, %d of the registry's that it lacks", a.Result.Own, a.Result.Lacking)
	if a.Unplaced > 0 {
		s += fmt.Sprintf(", %s without a port", plural(a.Unplaced, "name", "names"))
	}
	if a.Unnamed > 0 {
		s += fmt.Sprintf(", %s without a name", plural(a.Unnamed, "port or range", "ports or ranges"))
	}
	if a.Allowed > 0 {
		s += fmt.Sprintf(", %s allowed", plural(a.Allowed, "finding", "findings"))
	}
	return s + "."
}
