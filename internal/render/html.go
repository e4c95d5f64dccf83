package render

import (
	"cmp"
	"fmt"
	"html"
	"strings"
	"time"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/text"
)

// inHTML writes the registry's text as HTML without markup of its own.
var inHTML = markup{code: htmlCode, text: text.HTML}

func htmlCode(s string) string { return "<code>" + text.HTML(s) + "</code>" }

// Links are the URLs of the pages that sentences link to. The zero value makes no links. A function returns an empty string
// where there is no page.
type Links struct {
	Service, Ports func(string) string // of a service name, and of ports as the registry writes them; both or neither

	// Registry returns the title of another registry by its id, and the URL of its page. Where it returns no title, as for
	// the registry that the page is about, sentences do not begin with one.
	Registry func(id string) (title, url string)
	Record   func(*diff.Change) string // of the record of such a registry that a change is about
}

// markup returns the markup that writes names and ports as links.
func (l Links) markup() markup {
	m := inHTML
	link := func(url func(string) string) func(string) string {
		return func(s string) string {
			if to := url(s); to != "" {
				return anchor(to, text.HTML(s))
			}
			return htmlCode(s)
		}
	}
	if l.Service != nil && l.Ports != nil {
		m.code, m.ports = link(l.Service), link(l.Ports)
	}
	if l.Registry != nil {
		m.title = func(c *diff.Change) string {
			title, url := l.Registry(c.Registry)
			switch {
			case title == "":
				return ""
			case url == "":
				return text.HTML(title) + ": "
			}
			return anchor(url, text.HTML(title)) + ": "
		}
	}
	if l.Record != nil {
		m.record = func(c *diff.Change, name string) string {
			content := htmlCode(name)
			if c.Kind == diff.Introduced || c.Kind == diff.Withdrawn || c.Kind == diff.Described { // it is the title of a registry
				content = text.HTML(name)
			}
			if to := l.Record(c); to != "" {
				return anchor(to, content)
			}
			return content
		}
	}
	return m
}

// anchor returns a link. The content is HTML.
func anchor(to, content string) string {
	return `<a href="` + html.EscapeString(to) + `">` + content + "</a>"
}

// Highlight is a sentence in HTML, and how many changes it is about.
type Highlight struct {
	HTML    string
	Changes int
}

// HTMLSentences is [Sentences] in HTML, with links. What happened alike to several records of a registry is one sentence.
func HTMLSentences(e *history.Event, l Links) []string {
	if e.Returned != history.Not {
		return []string{returned(e, htmlCode)}
	}
	var sentences []string
	for _, s := range sections(e.Changes, all).list {
		for _, line := range l.markup().lines(s.changes, e.Version.Seen(), len(s.changes)) {
			sentences = append(sentences, line.HTML)
		}
	}
	return sentences
}

// HTMLHighlights is [HTMLSentences] without the changes that a changelog only counts, and at the end a line that counts them. A sentence
// about several records names so many of them at most; zero is no limit.
func HTMLHighlights(e *history.Event, l Links, most int) (lines []Highlight) {
	if e.Returned != history.Not {
		return []Highlight{{returned(e, htmlCode), 0}}
	}
	sorted := sections(e.Changes, news)
	for _, s := range sorted.list {
		lines = append(lines, l.markup().lines(s.changes, e.Version.Seen(), cmp.Or(most, len(s.changes)))...)
	}
	if rest := sorted.counted(); rest != "" {
		lines = append(lines, Highlight{rest, sorted.minor + sorted.recut})
	}
	return lines
}

// lines returns the sentences about changes of one kind, in their order. Changes of several records of a registry that are the same but for
// the record are one sentence, where the first of them stands; it names so many of the records at most.
func (m markup) lines(changes []*diff.Change, seen time.Time, most int) []Highlight {
	type alike struct{ registry, what, date string }
	at, subjects := make(map[alike]int), make([][]string, len(changes)) // by the place of the first change that is alike
	for i, c := range changes {
		subject, what := m.keyedParts(c)
		of := alike{c.Registry, what, ownDate(c, seen)}
		first, found := at[of]
		if !found || what == "" {
			at[of], first = i, i
		}
		subjects[first] = append(subjects[first], subject)
	}
	var lines []Highlight
	for i, c := range changes {
		switch n := len(subjects[i]); n {
		case 0: // an earlier line is about it, too
		case 1:
			lines = append(lines, Highlight{m.sentence(c) + ownDate(c, seen), 1})
		default:
			_, what := m.keyedParts(c)
			names := strings.Join(subjects[i][:min(n, most)], ", ")
			if n > most {
				names += fmt.Sprintf(" and %d more", n-most)
			}
			lines = append(lines, Highlight{fmt.Sprintf("%s%s, in %d records: %s%s", m.keyedTitle(c), what, n, names, ownDate(c, seen)), n})
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
		return "<p>Our history begins with " + plural(e.Version.Records, "record", "records") + ".</p>"
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
		for _, line := range m.lines(s.changes, e.Version.Seen(), len(s.changes)) {
			fmt.Fprintf(&b, "<li>%s</li>\n", line.HTML)
		}
		b.WriteString("</ul>\n")
	}
	if rest := sorted.counted(); rest != "" {
		fmt.Fprintf(&b, "<p>%s.</p>\n", rest)
	}
	return b.String()
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
