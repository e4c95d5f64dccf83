package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/ianasync/ianasync/internal/vendored"
)

// vendoredHeading is the heading of a list of findings of a kind.
var vendoredHeading = map[vendored.Kind]string{
	vendored.Unreadable: "Not readable, and not audited",
	vendored.Reused:     "On a value that another name now has",
	vendored.Deassigned: "No longer assigned",
	vendored.Renamed:    "Under a name that the registry no longer has",
	vendored.Moved:      "On a value that the name has left",
	vendored.Deprecated: "Deprecated",
	vendored.Conflict:   "In conflict with the registry",
}

// VendoredText writes the audit of a table of any registry for a terminal.
func VendoredText(w io.Writer, r *vendored.Report, o Options) error {
	return writeVendored(w, r, auditInText(o))
}

// VendoredMarkdown writes it as Markdown.
func VendoredMarkdown(w io.Writer, r *vendored.Report) error {
	return writeVendored(w, r, auditInMarkdown)
}

func writeVendored(w io.Writer, r *vendored.Report, f auditForm) error {
	var b strings.Builder
	b.WriteString(f.title(fmt.Sprintf("%s: %s of the form %s", f.m.text(r.File), plural(r.Entries, "entry", "entries"), r.Form)))
	of := plural(len(r.Registries), "registry", "registries")
	if len(r.Registries) == 1 {
		of = f.m.text(r.Registries[0])
	}
	fmt.Fprintf(&b, "%d agree with version %s of %s; %s.\n", r.Agree, r.Version, of, bestOf(r.Best.From, r.Best.To))
	kind := vendored.Kind("")
	for i := range r.Findings {
		finding := &r.Findings[i]
		if finding.Kind != kind {
			kind = finding.Kind
			b.WriteString(f.heading(vendoredHeading[kind]))
		}
		b.WriteString(f.item(f.m.vendoredFinding(finding)))
	}
	fmt.Fprintf(&b, "\nBesides: %s of the file's own, %s without a name.\n", plural(r.Own, "entry", "entries"), plural(r.Unnamed, "value", "values"))
	_, err := io.WriteString(w, b.String())
	return err
}

// vendoredFinding returns one line about an entry.
func (m markup) vendoredFinding(f *vendored.Finding) string {
	var s string
	if f.Entry.Line > 0 {
		s = fmt.Sprintf("line %d: ", f.Entry.Line)
	}
	if f.Kind == vendored.Unreadable {
		return s + m.text(f.Problem)
	}
	s += m.code(f.Entry.Names[0])
	if f.Entry.Value != "" {
		s += " (" + m.text(f.Entry.Value) + ")"
	}
	if f.Event != nil {
		return s + ": " + m.sentence(&f.Event.Changes[0]) + " (" + when(f.Event) + ")" + m.elsewhere(f)
	}
	if len(f.Now) == 0 && len(f.Values) == 0 {
		return s + ": the registry no longer has it"
	}
	return s + m.elsewhere(f)
}

// elsewhere says what the registry has at the value of an entry now, and for its name, as far as the change does not.
func (m markup) elsewhere(f *vendored.Finding) string {
	var parts []string
	if len(f.Now) > 0 && (f.Event == nil || f.Event.Changes[0].Name != f.Now[0]) {
		parts = append(parts, "the registry has "+m.names(f.Now)+" there")
	}
	if len(f.Values) > 0 && f.Event == nil {
		parts = append(parts, "the name stands at "+m.names(f.Values))
	}
	switch {
	case len(parts) == 0:
		return ""
	case f.Event == nil:
		return ": " + strings.Join(parts, "; ")
	}
	return "; " + strings.Join(parts, "; ")
}
