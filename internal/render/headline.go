package render

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/text"
)

// longestHeadline is how many characters a headline may have before the changes left are
// only counted: what a list of commits shows of one.
const longestHeadline = 72

// plainName is a service name that acts nowhere: not in Markdown, and not in the message of
// a commit, where #1 and @somebody are links and [skip ci] is an order.
var plainName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._+*/-]*$`)

// Headline says in a line, without a full stop, what a version brought: "nvme 4420 renamed
// from nvm-express; 3 assigned". Of a kind that happened once it says to whom, as long as
// there is room and the name is plain. It is fit for the message of a commit.
func Headline(e *history.Event) string {
	switch list, contacts, recut := sections(e.Changes, false); {
	case e.Previous == "":
		return fmt.Sprintf("the record begins: %d records", e.Version.Records)
	case e.Returned != history.Not:
		return Returned(e)
	case len(e.Changes) == 0:
		return "exported anew, nothing changed"
	case len(list) == 0:
		return counted(contacts, recut)
	default:
		return headlines(list)
	}
}

// headlines names or counts the changes of each kind.
func headlines(list []section) string {
	whole := ""
	for i, s := range list {
		if i > 0 {
			whole += "; "
		}
		told := ""
		if len(s.changes) == 1 {
			told = named(s.changes[0])
		}
		if told == "" || len(whole)+len(told) > longestHeadline {
			told = fmt.Sprintf("%d %s", len(s.changes), s.kind)
		}
		whole += told
	}
	return whole
}

// named says what happened to one service; nothing where that takes more than a few words,
// or a name is not plain.
func named(c *diff.Change) string {
	if !tellable(c.Service) || c.Was != "" && !tellable(c.Was) {
		return ""
	}
	what := c.Service
	if p := c.Ports.String(); p != "" {
		what += " " + p
	}
	switch c.Kind {
	case diff.Renamed:
		return what + " renamed from " + c.Was
	case diff.Reused:
		return what + " in place of " + c.Was
	case diff.Transferred:
		return what + " has another assignee"
	case diff.Moved:
		if to := movedTo(c); to != "" {
			return what + " moved to " + to
		}
		return what + " has no port now"
	}
	return what + " " + string(c.Kind)
}

func movedTo(c *diff.Change) string {
	var ports []string
	for _, p := range c.Now {
		if text := p.String(); text != "" {
			ports = append(ports, text)
		}
	}
	return strings.Join(ports, ", ")
}

func tellable(name string) bool { return plainName.MatchString(name) && !text.IsMagic(name) }

// Section returns what a version brought as a section of Markdown: that of the changelog,
// or, where it brought nothing, a heading that says so.
func Section(e *history.Event) string {
	if s := strings.TrimPrefix(markdownEvent(e, false), "\n"); s != "" {
		return s
	}
	return fmt.Sprintf("## %s: %s\n\nVersion %s: %d records.\n", heading2(e.Version.Seen()), Headline(e), text.Code(e.Version.ID), e.Version.Records)
}

// News returns a sentence for each change that is worth one, those of services that are
// gone or gave way apart.
func News(changes []diff.Change) (gone, other []string) {
	plain := markup{code: text.Visible, text: text.Visible}
	list, _, _ := sections(changes, false)
	for _, s := range list {
		for _, c := range s.changes {
			if c.Kind.Removes() {
				gone = append(gone, plain.sentence(c))
			} else {
				other = append(other, plain.sentence(c))
			}
		}
	}
	return gone, other
}
