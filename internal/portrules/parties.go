package portrules

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
)

// party is who a tag of a cell names: its words, case folded, without the suffix such
// as "_2" by which IANA separates equal tags and which it renumbers. "[Jon_Postel_2]" is
// jon, postel.
type party []string

// letters returns the letters and digits of the party alone.
func (p party) letters() string { return strings.Join(p, "") }

// institutions hold assignments on behalf of the IETF. Two services that share only an
// institution are not akin.
var institutions = map[string]bool{"iesg": true, "ietf": true, "ietfchair": true, "iab": true, "iana": true}

// partiesOf returns the parties that a cell names, each once. "[None]" names nobody.
func partiesOf(cell string) (list []party) {
	for part := range parts(cell) {
		p := party(strings.FieldsFunc(fold(withoutSuffix(part)), func(r rune) bool { return !isWord(r) }))
		if len(p) == 0 || len(p) == 1 && p[0] == "none" {
			continue
		}
		if !slices.ContainsFunc(list, func(q party) bool { return slices.Equal(p, q) }) {
			list = append(list, p)
		}
	}
	return list
}

// parts yields the tags of a cell, with their brackets, and the text between them.
func parts(cell string) func(yield func(string) bool) {
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

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }

// fold returns s with letter case folded.
func fold(s string) string {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return cases.Fold().String(s)
		}
	}
	return strings.ToLower(s)
}

// share returns whether a party that is wanted is in both lists.
func share(a, b []party, wanted func(letters string) bool) bool {
	return slices.ContainsFunc(a, func(p party) bool {
		x := p.letters()
		return wanted(x) && slices.ContainsFunc(b, func(q party) bool { return q.letters() == x })
	})
}

func anyParty(string) bool { return true }

func noInstitution(letters string) bool { return !institutions[letters] }

// sameParties reports whether two lists name the same parties.
func sameParties(a, b []party) bool {
	within := func(a, b []party) bool {
		return !slices.ContainsFunc(a, func(p party) bool { return !share([]party{p}, b, anyParty) })
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

// respelled reports whether two parties are one, spelled otherwise: the longer begins with
// the shorter and goes on at a word border or by a few letters, or few letters differ.
func respelled(a, b party) bool {
	x, y := []rune(a.letters()), []rune(b.letters())
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
