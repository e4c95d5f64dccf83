package search

import (
	"cmp"
	"iter"
	"slices"
	"strings"
)

// Hit is a record that was found.
type Hit struct {
	Registry    string `json:"registry"`
	Title       string `json:"title"` // of the registry
	Value       string `json:"value"` // several, where records differ in nothing else, with commas; empty where there is none
	Name        string `json:"name"`
	Description string `json:"description"`

	score int // 0 is best
}

// Find returns the records of some indexes in which each of the words occurs, best first: whole words before parts,
// and those of the name and the value before those of the description. A word may also be of the registry's title, but not all. Letter case does not
// matter. Where no record has them, those are found that have their numbers spelled otherwise (0x1301 is 0x13,0x01), and then those that
// have similar words: typos is true. Where registry is not empty, it is the id of the only one that is searched.
func Find(indexes [][]byte, registry string, words []string) (hits []Hit, typos bool) {
	folded, respelled := make([]string, len(words)), make([]string, len(words))
	for i, w := range words {
		folded[i] = string(lower([]byte(w)))
		respelled[i] = respell(folded[i])
	}
	var tried []string
	for _, pass := range []struct {
		words []string
		score func(*line, string) int
		typos bool
	}{{folded, exact, false}, {respelled, exact, false}, {folded, similar, true}} {
		if !pass.typos && slices.Equal(pass.words, tried) {
			continue
		}
		tried = pass.words
		for _, index := range indexes {
			text := string(lower(index))
			lacks := func(word string) bool { return !strings.Contains(text, word) }
			if !pass.typos && slices.ContainsFunc(pass.words, lacks) {
				continue // no line of it has all words
			}
			hits = append(hits, find(string(index), text, registry, pass.words, pass.score)...)
		}
		if typos = pass.typos; len(hits) > 0 {
			break
		}
	}
	hits = united(hits)
	slices.SortStableFunc(hits, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(a.score, b.score), cmp.Compare(len(a.Name), len(b.Name)))
	})
	return hits, typos && len(hits) > 0
}

// respell returns a number of several bytes in hexadecimal as a list of them, and a list as a number. Other words stay as they are.
func respell(word string) string {
	digits, is := strings.CutPrefix(strings.ReplaceAll(word, ",0x", ""), "0x")
	if !is || len(digits) < 4 || len(digits)%2 != 0 || strings.Trim(digits, "0123456789abcdef") != "" {
		return word
	}
	if strings.Contains(word, ",") {
		return "0x" + digits
	}
	var list []string
	for pair := range slices.Chunk([]byte(digits), 2) {
		list = append(list, "0x"+string(pair))
	}
	return strings.Join(list, ",")
}

// Records yields the records of an index, in its order.
func Records(index []byte) iter.Seq[Hit] {
	return func(yield func(Hit) bool) {
		var id, title string
		for text := range strings.Lines(string(index)) {
			text = strings.TrimSuffix(text, "\n")
			record, is := strings.CutPrefix(text, "\t")
			if !is {
				id, title, _ = strings.Cut(text, "\t")
				continue
			}
			h := Hit{Registry: id, Title: title}
			if h.Value, h.Name, h.Description = fieldsOf(record); !yield(h) {
				return
			}
		}
	}
}

// line is a record of an index, in lower case.
type line struct {
	title, text              string
	value, name, description string // once fields was called
}

func (l *line) fields() { l.value, l.name, l.description = fieldsOf(l.text) }

func fieldsOf(text string) (value, name, description string) {
	value, rest, _ := strings.Cut(text, "\t")
	name, description, _ = strings.Cut(rest, "\t")
	return value, name, description
}

// none is the score of a word that does not occur.
const none = -1

// find returns the hits of an index, which is given as it is and in lower case.
func find(text, folded, registry string, words []string, score func(*line, string) int) (hits []Hit) {
	var id, title, lowTitle string
	for len(text) > 0 {
		end := strings.IndexByte(text, '\n')
		if end < 0 {
			end = len(text)
		}
		original, low := text[:end], folded[:end]
		text, folded = text[min(end+1, len(text)):], folded[min(end+1, len(folded)):]
		if !strings.HasPrefix(original, "\t") {
			id, title, _ = strings.Cut(original, "\t")
			_, lowTitle, _ = strings.Cut(low, "\t")
			continue
		}
		if registry != "" && id != registry {
			continue
		}
		l := line{title: lowTitle, text: low[1:]}
		if sum := l.score(words, score); sum != none {
			h := Hit{Registry: id, Title: title, score: sum}
			h.Value, h.Name, h.Description = fieldsOf(original[1:])
			hits = append(hits, h)
		}
	}
	return hits
}

// ofTitle is the score of a word that only the registry's title has.
const ofTitle = 6

// score returns the sum of the scores of all words, or none.
func (l *line) score(words []string, score func(*line, string) int) (sum int) {
	own := false
	for _, w := range words {
		n := score(l, w)
		switch {
		case n != none:
			own = true
		case strings.Contains(l.title, w):
			n = ofTitle
		default:
			return none
		}
		sum += n
	}
	if !own {
		return none
	}
	return sum
}

// exact returns the score of a word that a record has as it is.
func exact(l *line, w string) int {
	if !strings.Contains(l.text, w) {
		return none
	}
	l.fields()
	switch {
	case l.name == w, l.value == w:
		return 0
	case hasWord(l.name, w), hasWord(l.value, w):
		return 1
	case hasWord(l.description, w):
		return 2
	case strings.HasPrefix(l.name, w):
		return 3
	case strings.Contains(l.name, w):
		return 4
	case strings.Contains(l.description, w):
		return 5
	}
	return none // it is a part of a number
}

// similar returns the score of a word that a record has as it is, or with a typing error in a word of the name or the
// description: one, of eight letters or more two.
func similar(l *line, w string) int {
	if n := exact(l, w); n != none {
		return n
	}
	most := len(w) / 4
	if most == 0 {
		return none
	}
	most = min(most, 2)
	l.fields()
	for i, text := range []string{l.name, l.description} {
		for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return !isWord(r) }) {
			if d := distance(word, w, most); d <= most {
				return ofTitle + 2*i + d
			}
		}
	}
	return none
}

// hasWord reports whether a text has a word, whole.
func hasWord(text, w string) bool {
	for from := 0; ; {
		at := strings.Index(text[from:], w)
		if at < 0 {
			return false
		}
		at += from
		end := at + len(w)
		if (at == 0 || !isWord(rune(text[at-1]))) && (end == len(text) || !isWord(rune(text[end]))) {
			return true
		}
		from = at + 1
	}
}

// isWord reports whether a character is one of a word.
func isWord(r rune) bool { return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || r >= 0x80 }

// lower returns a text with its ASCII letters in lower case, of the same length.
func lower(text []byte) []byte {
	low := make([]byte, len(text))
	for i, c := range text {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		low[i] = c
	}
	return low
}

// united unites hits that differ in nothing but their values.
func united(hits []Hit) []Hit {
	type key struct{ registry, name, description string }
	at := make(map[key]int)
	list := hits[:0]
	for _, h := range hits {
		k := key{h.Registry, h.Name, h.Description}
		i, found := at[k]
		if !found {
			at[k] = len(list)
			list = append(list, h)
			continue
		}
		list[i].score = min(list[i].score, h.score)
		if values := strings.Split(list[i].Value, ", "); h.Value != "" && !slices.Contains(values, h.Value) {
			list[i].Value = strings.TrimPrefix(list[i].Value+", "+h.Value, ", ")
		}
	}
	return list
}

// distance returns how many letters must be inserted, removed, replaced or swapped with their neighbours to make one word of
// another: at most most, or more than that.
func distance(a, b string, most int) int {
	if d := len(a) - len(b); d > most || -d > most || letters(a, b) > 2*most || len(b) >= longest || len(a) >= longest {
		return most + 1
	}
	var rows [3][longest]int
	before, last, row := &rows[0], &rows[1], &rows[2]
	for j := range len(b) + 1 {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			d := last[j-1]
			if a[i-1] != b[j-1] {
				d++
			}
			d = min(d, last[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, before[j-2]+1)
			}
			row[j] = d
			least = min(least, d)
		}
		if least > most {
			return most + 1
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

// longest is more than the length of any word that is compared.
const longest = 64

// letters returns how many of the letters of two words only one of them has.
func letters(a, b string) (n int) {
	var in [2]uint64
	for i, s := range []string{a, b} {
		for j := range len(s) {
			in[i] |= 1 << (s[j] & 63)
		}
	}
	for m := in[0] ^ in[1]; m != 0; m &= m - 1 {
		n++
	}
	return n
}
