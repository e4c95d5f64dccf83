package render

import (
	"fmt"
	"html"
	"strings"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/text"
)

// inHTML writes the registry's text as HTML without markup of its own.
var inHTML = markup{code: htmlCode, text: text.HTML}

func htmlCode(s string) string { return "<code>" + text.HTML(s) + "</code>" }

// Links are the URLs of the pages that sentences link to: of a service name, and of ports as the registry writes them. A
// function returns an empty string where there is no page. The zero value makes no links.
type Links struct{ Service, Ports func(string) string }

// markup returns the markup that writes names and ports as links.
func (l Links) markup() markup {
	if l.Service == nil || l.Ports == nil {
		return inHTML
	}
	link := func(url func(string) string) func(string) string {
		return func(s string) string {
			if to := url(s); to != "" {
				return `<a href="` + html.EscapeString(to) + `">` + text.HTML(s) + "</a>"
			}
			return htmlCode(s)
		}
	}
	return markup{code: link(l.Service), text: text.HTML, ports: link(l.Ports)}
}

// HTMLSentences is [Sentences] in HTML, with links.
func HTMLSentences(e *history.Event, l Links) []string {
	if e.Returned != history.Not {
		return []string{returned(e, htmlCode)}
	}
	m := l.markup()
	var lines []string
	for _, s := range sections(e.Changes, all).list {
		for _, c := range s.changes {
			lines = append(lines, m.sentence(c)+ownDate(c, e.Version.Seen()))
		}
	}
	return lines
}

// HTML returns a version's changes as HTML: a list of sentences for each kind of change, and the number of those that are
// only counted.
func HTML(e *history.Event) string { return HTMLLinked(e, Links{}) }

// HTMLLinked is [HTML] with links.
func HTMLLinked(e *history.Event, l Links) string {
	switch {
	case e.Previous == "":
		return fmt.Sprintf("<p>Our history begins with %d records.</p>", e.Version.Records)
	case e.Returned != history.Not:
		return "<p>" + capital(returned(e, htmlCode)) + ".</p>"
	}
	var b strings.Builder
	m := l.markup()
	if when := Between(e); when != "" {
		fmt.Fprintf(&b, "<p>%s.</p>\n", capital(when))
	}
	sorted := sections(e.Changes, news)
	for _, s := range sorted.list {
		fmt.Fprintf(&b, "<h3>%s</h3>\n<ul>\n", kinds[s.kind].heading)
		for _, c := range s.changes {
			fmt.Fprintf(&b, "<li>%s%s</li>\n", m.sentence(c), ownDate(c, e.Version.Seen()))
		}
		b.WriteString("</ul>\n")
	}
	if rest := sorted.counted(); rest != "" {
		fmt.Fprintf(&b, "<p>%s.</p>\n", rest)
	}
	return b.String()
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
