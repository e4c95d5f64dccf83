package report

import (
	"fmt"
	"html"
	"strings"

	"github.com/ianasync/ianasync/internal/history"
)

// inHTML shows the registry's text in HTML: none of it is markup, and none of it acts.
var inHTML = markup{code: htmlCode, text: htmlText}

func htmlText(s string) string { return html.EscapeString(Visible(s)) }

func htmlCode(s string) string { return "<code>" + htmlText(s) + "</code>" }

// HTML says in HTML what a version brought: a list of sentences for each kind of change, and how much
// there was besides that only counts.
func HTML(e *history.Event) string {
	switch {
	case e.Previous == "":
		return fmt.Sprintf("<p>The record begins: %d records.</p>", e.Version.Records)
	case e.Returned != history.Not:
		return "<p>" + capital(returned(e, htmlCode)) + ".</p>"
	}
	var b strings.Builder
	list, contacts, recut := sections(e.Changes, false)
	for _, s := range list {
		fmt.Fprintf(&b, "<h3>%s</h3>\n<ul>\n", heading[s.kind])
		for _, c := range s.changes {
			fmt.Fprintf(&b, "<li>%s</li>\n", inHTML.sentence(c))
		}
		b.WriteString("</ul>\n")
	}
	if rest := counted(contacts, recut); rest != "" {
		fmt.Fprintf(&b, "<p>%s.</p>\n", rest)
	}
	return b.String()
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
