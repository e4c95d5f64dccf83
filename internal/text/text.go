// Package text makes untrusted text safe to show, and fits it into the room there is. A registry's text may hold escape
// sequences, markup or mentions; each function here returns text that shows the same characters in one medium and has no
// other effect there.
//
//	Visible               a terminal, and the base of all others
//	Markdown, Code        Markdown: text within a line, and a code span
//	HTML                  HTML: text and attribute values
//	Slack                 a text of Slack
//	Cut, Difference       as much of a text as there is room for
package text

import (
	"html"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Visible returns s with every character that acts instead of showing (control
// characters, escape sequences, bidirectional marks and the like) written out as
// Go writes it, "\x1b" or "\u202e". Text in normal form that people can read is
// returned as it is; bytes that are no UTF-8 become U+FFFD.
func Visible(s string) string {
	if isPlain(s) { // as nearly all are
		return s
	}
	if utf8.ValidString(s) && strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if unicode.IsPrint(r) {
			b.WriteRune(r)
		} else {
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
	}
	return b.String()
}

// isPlain reports whether all of s is printable ASCII.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// active are the characters that have a meaning inside a line in some dialect of
// Markdown or in the HTML in it. CommonMark section 2.4: a backslash makes any of
// them literal.
const active = "\\`*_[]<>#|~&"

// magic matches words that GitHub and other renderers turn into something in the
// rendered text, where no backslash is left to prevent it: links of URLs,
// mentions and issue numbers, emoji, and mathematics.
var magic = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[@$]|://|(?i:www\.)|#[0-9]|GH-[0-9]|:[\w+-]+:`) })

// IsMagic reports whether s holds anything that a renderer of Markdown turns into a link, a mention or the like even
// where it is escaped.
func IsMagic(s string) bool { return magic().MatchString(s) }

// Markdown returns s as Markdown that shows s and has no other effect, for the middle
// of a line. Words that a renderer would act on although they are escaped become code.
func Markdown(s string) string {
	words := strings.Split(Visible(s), " ")
	for i, word := range words {
		if IsMagic(word) {
			words[i] = Code(word)
		} else {
			words[i] = escaped(word)
		}
	}
	return strings.Join(words, " ")
}

func escaped(s string) string {
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune(active, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Code returns s as a Markdown code span that shows s and has no other effect.
// CommonMark section 6.1: a span ends at the first run of as many backticks as it
// began with. An empty span cannot be written: an empty s gives an empty string.
func Code(s string) string {
	s = Visible(s)
	if s == "" {
		return ""
	}
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	return fence + s + fence
}

// HTML returns s as HTML that shows s, in an element or in a quoted attribute.
func HTML(s string) string { return html.EscapeString(Visible(s)) }

// Slack returns s as text that Slack shows as it is, where the message has mrkdwn and link_names off
// (https://docs.slack.dev/messaging/formatting-message-text): only what stands between < and > acts.
func Slack(s string) string { return slackEscapes.Replace(s) }

var slackEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// mark ends a text of which the rest was cut off.
const mark = "..."

// Cut returns s, or of a longer s as many whole words of its beginning as fit into limit bytes with "..." after them. Where
// these would fill less than half of the limit, the next word is cut between two characters. Where not even one character
// fits, Cut returns nothing.
func Cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	room := limit - len(mark)
	if room < 1 {
		return ""
	}
	end := strings.LastIndexByte(s[:room+1], ' ') // a word may end where the room does
	if end < room/2 {
		for end = room; end > 0 && !utf8.RuneStart(s[end]); end-- {
			continue
		}
	}
	if end == 0 {
		return ""
	}
	return strings.TrimRight(s[:end], " ,;:") + mark
}

// context is how many equal words before a difference are shown.
const context = 3

// Difference returns excerpts of two texts, of limit bytes each at most, that show where they begin to differ. Texts that
// fit into the limit are returned whole.
func Difference(a, b string, limit int) (string, string) {
	if len(a) <= limit && len(b) <= limit {
		return a, b
	}
	wordsA, wordsB := strings.Split(a, " "), strings.Split(b, " ")
	same := 0
	for same < min(len(wordsA), len(wordsB)) && wordsA[same] == wordsB[same] {
		same++
	}
	if skip := same - context; skip > 0 {
		a, b = mark+strings.Join(wordsA[skip:], " "), mark+strings.Join(wordsB[skip:], " ")
	}
	return Cut(a, limit), Cut(b, limit)
}
