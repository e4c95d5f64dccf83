package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/fatih/color"

	"github.com/ianasync/ianasync/internal/audit"
	"github.com/ianasync/ianasync/internal/downstream"
)

// findingHeading is what a kind of finding is called over a list of such.
var findingHeading = map[audit.Kind]string{
	audit.Reused:     "On a port that is another service's now",
	audit.Deassigned: "No longer assigned",
	audit.Renamed:    "Under a name that the service no longer has",
	audit.Moved:      "On a port that the service has left",
	audit.Conflict:   "In conflict with the registry",
	audit.Lacking:    "Lacking",
}

// Audit is what an audit reports besides its findings.
type Audit struct {
	File    string
	Kind    downstream.Kind
	Entries int
	Version string // id of the newest version
	Allowed int    // findings that a list allows
	Result  *audit.Result
}

// AuditText writes an audit for a terminal.
func AuditText(w io.Writer, a *Audit, o Options) error {
	bold := painter(o.Color, color.Bold)
	return writeAudit(w, a, auditForm{
		title: func(s string) string { return bold(s) + "\n" }, heading: func(s string) string { return "\n" + bold(s) + "\n" },
		item: func(s string) string { return "  " + s + "\n" }, line: func(s string) string { return s + "\n" }, m: markup{code: Visible, text: Visible},
	})
}

// AuditMarkdown writes an audit as Markdown.
func AuditMarkdown(w io.Writer, a *Audit) error {
	return writeAudit(w, a, auditForm{
		title: func(s string) string { return "## " + s + "\n\n" }, heading: func(s string) string { return "\n### " + s + "\n\n" },
		item: func(s string) string { return "- " + s + "\n" }, line: func(s string) string { return s + "\n" }, m: inMarkdown,
	})
}

// auditForm is how a format lays an audit out.
type auditForm struct {
	title, heading, item, line func(string) string
	m                          markup
}

func writeAudit(w io.Writer, a *Audit, f auditForm) error {
	var b strings.Builder
	r := a.Result
	b.WriteString(f.title(fmt.Sprintf("%s: %s of the form %s", f.m.text(a.File), plural(a.Entries, "entry", "entries"), a.Kind)))
	b.WriteString(f.line(fmt.Sprintf("%d agree with version %s of the registry; %s.", r.Agree, a.Version, best(r.Best))))
	kind := audit.Kind("")
	for i := range r.Findings {
		finding := &r.Findings[i]
		if finding.Kind != kind {
			kind = finding.Kind
			b.WriteString(f.heading(findingHeading[kind]))
		}
		b.WriteString(f.item(f.m.finding(finding)))
	}
	b.WriteString("\n" + f.line(besides(a)))
	_, err := io.WriteString(w, b.String())
	return err
}

// best says which editions a file corresponds to best.
func best(m audit.Match) string {
	if m.From == m.To {
		return "it corresponds best to the version of " + Day(m.To)
	}
	return fmt.Sprintf("it corresponds best to the versions from %s to %s", Day(m.From), Day(m.To))
}

// finding says in a line what the matter is with an entry.
func (m markup) finding(f *audit.Finding) string {
	s := m.code(f.Name) + " " + m.code(f.Place())
	if f.Line > 0 {
		s = fmt.Sprintf("line %d: ", f.Line) + s
	}
	switch {
	case f.Event != nil:
		return s + ": " + m.sentence(&f.Event.Changes[0]) + m.nowNamed(f) + " (" + Day(f.Event.Version.ID) + ")"
	case f.Kind == audit.Conflict:
		return s + ": the registry has " + m.names(f.Now) + " there"
	}
	return s
}

// nowNamed adds what is there now, where that is not what the change brought.
func (m markup) nowNamed(f *audit.Finding) string {
	if len(f.Now) == 0 || len(f.Now) == 1 && f.Now[0] == f.Event.Changes[0].Service {
		return ""
	}
	return "; now it has " + m.names(f.Now)
}

func (m markup) names(names []string) string {
	var shown []string
	for _, n := range names {
		shown = append(shown, m.code(n))
	}
	return and(shown)
}

// besides counts what is no finding.
func besides(a *Audit) string {
	s := fmt.Sprintf("Besides: %d of the file's own, %d of the registry's that it lacks", a.Result.Own, a.Result.Lacking)
	if a.Allowed > 0 {
		s += fmt.Sprintf(", %s allowed", plural(a.Allowed, "finding", "findings"))
	}
	return s + "."
}
