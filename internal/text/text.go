// Package text makes untrusted text safe to show, and fits it into the room there is. A registry's text may hold escape
// sequences, markup or mentions; each function here returns text that shows the same characters in one medium and has no
// other effect there.
//
//	Visible               a terminal, and the base of all others
//	Markdown, Code        Markdown: text within a line, and a code span
//	HTML                  HTML: text and attribute values
//	Slack                 a text of Slack
//	Cut, CutBytes         the beginning of a text that is too long
package text

import (
	"html"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Visible returns s with every character that acts instead of showing (control
// characters, escape sequences, bidirectional marks and the like) written out as
// Go writes it, "\x1b" or "\u202e". Text in normal form that people can read is
// returned as it is; bytes that are no UTF-8 become U+FFFD.
func Visible(s string) string {
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

// active are the characters that have a meaning inside a line in some dialect of
// Markdown or in the HTML in it. CommonMark section 2.4: a backslash makes any of
// them literal.
const active = "\\`*_[]<>#|~&"

// magic matches words that GitHub and other renderers turn into something in the
// rendered text, where no backslash is left to prevent it: links of URLs,
// mentions and issue numbers, emoji, and mathematics.
var magic = regexp.MustCompile(`[@$]|://|(?i:www\.)|#[0-9]|GH-[0-9]|:[\w+-]+:`)

// IsMagic reports whether s holds anything that a renderer of Markdown turns into a link, a mention or the like even
// where it is escaped.
func IsMagic(s string) bool { return magic.MatchString(s) }

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
const mark = "…"

// Cut returns s, or of a longer s as much of its beginning as leaves room for a mark in most characters.
func Cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + mark
	}
	return s
}

// CutBytes returns s, or of a longer s as much of its beginning as leaves room for a mark in limit bytes, and whether s
// is whole. It returns nothing where there is no room for a character before the mark.
func CutBytes(s string, limit int) (string, bool) {
	if len(s) <= limit {
		return s, true
	}
	end := max(limit-len(mark), 0)
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	if end == 0 {
		return "", false
	}
	return s[:end] + mark, false
}
