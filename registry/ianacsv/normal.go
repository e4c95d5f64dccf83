package ianacsv

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Normalise returns the normal form of one cell: every run of white space
// (Unicode's White_Space) is one space, and there is none at the ends. Bytes that
// are no UTF-8 become U+FFFD each, for no text format downstream could carry them.
//
// It never changes what a cell means, and does nothing to a cell in normal form.
// That, and the lower case of transports, is all that normalising does.
func Normalise(s string) string {
	if isNormal(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	gap := false
	for _, r := range s { // a range yields U+FFFD for each byte that is no UTF-8
		if unicode.IsSpace(r) {
			gap = b.Len() > 0
			continue
		}
		if gap {
			b.WriteByte(' ')
			gap = false
		}
		b.WriteRune(r)
	}
	return b.String()
}

// isNormal reports, of the cells that are plain ASCII, which are in normal form
// already: nearly all. For any other cell it says no.
func isNormal(s string) bool {
	last := byte(' ')
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c >= utf8.RuneSelf || c == ' ' && last == ' ' {
			return false
		}
		last = c
	}
	return s == "" || last != ' '
}
