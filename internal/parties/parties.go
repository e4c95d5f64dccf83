// Package parties reads who the cells of a registry name, and whether two texts are one, spelled otherwise. IANA writes people
// and institutions as tags such as "[Jon_Postel_2]".
package parties

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
)

// Party is who a tag of a cell names: its words, case folded, without the suffix such
// as "_2" by which IANA separates equal tags and which it renumbers. "[Jon_Postel_2]" is
// jon, postel.
type Party []string

// Letters returns the letters and digits of the party alone.
func (p Party) Letters() string { return strings.Join(p, "") }

// institutions hold assignments on behalf of the IETF. Two records that share only an
// institution are not akin.
var institutions = map[string]bool{"iesg": true, "ietf": true, "ietfchair": true, "iab": true, "iana": true}

// Of returns the parties that a cell names, each once. "[None]" names nobody.
func Of(cell string) (list []Party) {
	for part := range Parts(cell) {
		p := Party(strings.FieldsFunc(Fold(withoutSuffix(part)), func(r rune) bool { return !IsWord(r) }))
		if len(p) == 0 || len(p) == 1 && p[0] == "none" {
			continue
		}
		if !slices.ContainsFunc(list, func(q Party) bool { return slices.Equal(p, q) }) {
			list = append(list, p)
		}
	}
	return list
}

// Parts yields the tags of a cell, with their brackets, and the text between them.
func Parts(cell string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for cell != "" {
			var end int
			switch closing := strings.IndexByte(cell, ']'); {
			case cell[0] == '[' && closing > 0:
				end = closing + 1
			case cell[0] == '[' || cell[0] == ']': // it opens or closes nothing
				cell = cell[1:]
				continue
			default:
				if end = strings.IndexAny(cell, "[]"); end < 0 {
					end = len(cell)
				}
			}
			if !yield(cell[:end]) {
				return
			}
			cell = cell[end:]
		}
	}
}

// withoutSuffix returns a tag, or other text, without the number that IANA appended.
func withoutSuffix(part string) string {
	body, closed := strings.CutSuffix(part, "]")
	if at := strings.LastIndexByte(body, '_'); at >= 0 && at < len(body)-1 && strings.Trim(body[at+1:], "0123456789") == "" {
		body = body[:at]
	}
	if closed {
		body += "]"
	}
	return body
}

// IsWord reports whether a character is a letter or a number.
func IsWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }

// Fold returns s with letter case folded.
func Fold(s string) string {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return cases.Fold().String(s)
		}
	}
	return strings.ToLower(s)
}

// Share reports whether a party that is wanted is in both lists.
func Share(a, b []Party, wanted func(letters string) bool) bool {
	return slices.ContainsFunc(a, func(p Party) bool {
		x := p.Letters()
		return wanted(x) && slices.ContainsFunc(b, func(q Party) bool { return q.Letters() == x })
	})
}

// Anyone is every party, for [Share].
func Anyone(string) bool { return true }

// NoInstitution reports whether a party, by its letters, is none of the institutions of the IETF.
func NoInstitution(letters string) bool { return !institutions[letters] }

// Same reports whether two lists name the same parties.
func Same(a, b []Party) bool {
	within := func(a, b []Party) bool {
		return !slices.ContainsFunc(a, func(p Party) bool { return !Share([]Party{p}, b, Anyone) })
	}
	return within(a, b) && within(b, a)
}

// How much two spellings of one party may differ. Short parties are alike by chance.
const (
	longestEnding = 3  // letters by which one may go on inside a word
	shortestStem  = 5  // letters that a party must have to go on in another
	oneLetter     = 8  // letters from which on one may differ
	twoLetters    = 14 // letters from which on two may differ
)

// Respelled reports whether two parties are one, spelled otherwise: the longer begins with
// the shorter and goes on at a word border or by a few letters, or few letters differ.
func Respelled(a, b Party) bool {
	x, y := []rune(a.Letters()), []rune(b.Letters())
	if len(x) > len(y) {
		a, b, x, y = b, a, y, x
	}
	if len(y)-len(x) > 0 && len(x) >= shortestStem && slices.Equal(x, y[:len(x)]) {
		goesOn := len(b) >= len(a) && slices.Equal(a, b[:len(a)])
		if goesOn || len(y)-len(x) <= longestEnding {
			return true
		}
	}
	switch {
	case len(x) >= twoLetters:
		return distance(x, y) <= 2
	case len(x) >= oneLetter:
		return distance(x, y) <= 1
	}
	return slices.Equal(x, y)
}

// distance returns how many letters must be inserted, deleted or replaced to make x of y.
func distance(x, y []rune) int {
	row := make([]int, len(y)+1) // of x[:i], the distance to each y[:j]
	for j := range row {
		row[j] = j
	}
	for i, a := range x {
		diagonal := row[0]
		row[0] = i + 1
		for j, b := range y {
			replaced := diagonal
			if a != b {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(row[j+1]+1, row[j]+1, replaced)
		}
	}
	return row[len(y)]
}

// SameTags reports whether two cells are equal but for letter case, the order of tags and
// their suffixes.
func SameTags(a, b string) bool {
	normal := func(cell string) (list []string) {
		for part := range Parts(cell) {
			if part[0] == '[' {
				part = withoutSuffix(part)
			}
			if part = strings.TrimSpace(part); part != "" {
				list = append(list, Fold(part))
			}
		}
		slices.Sort(list)
		return list
	}
	return Fold(a) == Fold(b) || slices.Equal(normal(a), normal(b))
}

// Misspelled reports whether two texts differ in one word, by two letters at most and by
// less than would make it another word: "Xyartex" and "Xyratex", not "tcp" and "udp", and
// not "version 2" and "version 3".
func Misspelled(a, b string) bool {
	v, w := strings.Fields(a), strings.Fields(b)
	if len(v) != len(w) {
		return false
	}
	differ := -1
	for i := range v {
		if v[i] == w[i] {
			continue
		}
		if differ >= 0 {
			return false
		}
		differ = i
	}
	if differ < 0 {
		return true
	}
	x, y := []rune(v[differ]), []rune(w[differ])
	d := distance(x, y)
	return d <= 2 && 2*d <= max(len(x), len(y)) && digits(v[differ]) == digits(w[differ])
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}
