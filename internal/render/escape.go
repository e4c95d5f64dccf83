package render

import (
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

// active are the characters that mean something inside a line to some dialect of
// Markdown or to the HTML in it. CommonMark section 2.4: a backslash makes any of
// them literal.
const active = "\\`*_[]<>#|~&"

// magic are words of which GitHub and other renderers make something on sight, in
// the rendered text, where no backslash is left to prevent it: links of addresses,
// mentions and issue numbers, emoji, and mathematics.
var magic = regexp.MustCompile(`[@$]|://|(?i:www\.)|#[0-9]|GH-[0-9]|:[\w+-]+:`)

// markdownText returns s as Markdown that shows s and does nothing else. It is meant
// for the middle of a line. Words that would act on sight are code.
func markdownText(s string) string {
	words := strings.Split(Visible(s), " ")
	for i, word := range words {
		if magic.MatchString(word) {
			words[i] = markdownCode(word)
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

// markdownCode returns s as a code span that shows s and does nothing else.
// CommonMark section 6.1: a span ends at the first run of as many backticks as it
// began with. There is no empty span: of nothing comes nothing.
func markdownCode(s string) string {
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
