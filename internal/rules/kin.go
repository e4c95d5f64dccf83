package rules

import (
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/parties"
	"github.com/ianasync/ianasync/registry"
)

// weighs reports whether a cell says enough for two records that share it to be of one kin.
func (c *comparison) weighs(i int, text string) bool {
	return len(text) >= 4 && c.roles[i] != registry.Date && c.roles[i] != registry.Status
}

// akin reports whether two rows of one key are one registration: they share a name or words of it, or another cell that
// weighs. Where names are no column of their own, the key decides alone.
func (c *comparison) akin(p pair) bool {
	if c.name < 0 || c.isKey(c.name) || p.Old.name == "" || p.New.name == "" || akinNames(p.Old.name, p.New.name) {
		return true
	}
	if quoted(parties.Fold(p.Old.cells[c.name]), parties.Fold(p.New.cells[c.name])) {
		return true
	}
	for i, text := range p.Old.cells {
		if text != p.New.cells[i] || !c.weighs(i, text) || c.isKey(i) {
			continue
		}
		if c.isPeople(i) && !hasParty(text) {
			continue
		}
		return true
	}
	return false
}

// akinNames reports whether two names, reduced, are one name, or share a word of four letters or their first five, or have the same
// letters and digits.
func akinNames(a, b string) bool {
	if a == b || len(a) >= 5 && len(b) >= 5 && a[:5] == b[:5] || lettersOf(a) == lettersOf(b) {
		return true
	}
	words := make(map[string]bool)
	for w := range strings.FieldsFuncSeq(a, notWord) {
		if len(w) >= 4 {
			words[w] = true
		}
	}
	for w := range strings.FieldsFuncSeq(b, notWord) {
		if words[w] {
			return true
		}
	}
	return false
}

func notWord(r rune) bool { return !parties.IsWord(r) }

// lettersOf returns the letters and digits of a name alone.
func lettersOf(name string) string {
	return strings.Map(func(r rune) rune {
		if notWord(r) {
			return -1
		}
		return r
	}, name)
}

// quoted reports whether one of two texts, folded, has all letters and digits of the other, four at least, in a row:
// `supported_groups (renamed from "elliptic_curves")`, "Leaf Information Required per-Flow (LIR-pF)".
func quoted(a, b string) bool {
	x, y := lettersOf(a), lettersOf(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	return len(x) >= 4 && strings.Contains(y, x)
}

// shareDocument reports whether two rows name a document in common: a draft and the RFC to be of the same name are one.
func (c *comparison) shareDocument(p pair) bool {
	for i, text := range p.Old.cells {
		if c.isKey(i) || c.isPeople(i) || c.roles[i] == registry.Date || text == "" || p.New.cells[i] == "" {
			continue
		}
		if c.roles[i] != registry.Reference && !strings.HasPrefix(text, "[") {
			continue
		}
		after := Documents(p.New.cells[i])
		for _, d := range Documents(text) {
			if slices.ContainsFunc(after, func(e string) bool { return series(e) == series(d) }) {
				return true
			}
		}
	}
	return false
}

// series returns a document, folded, without what says which part or version of it is meant.
func series(document string) string {
	s, _, _ := strings.Cut(document, ",")
	s, _, _ = strings.Cut(s, "#")
	if !IsDraft(s) {
		return s
	}
	_, s, _ = strings.Cut(s, "-")
	if at := strings.LastIndexByte(s, '-'); at >= 0 && strings.Trim(s[at+1:], "0123456789") == "" {
		s = s[:at]
	}
	return s
}

// registered returns the date of registration of a row: of its dates the first that is none of a modification or a review.
func (c *comparison) registered(r *row) string {
	for i, role := range c.roles {
		if role != registry.Date {
			continue
		}
		if k := parties.Fold(c.Columns[i]); strings.Contains(k, "modif") || strings.Contains(k, "update") || strings.Contains(k, "review") {
			continue
		}
		return r.cells[i]
	}
	return ""
}

// resemble reports whether the names of two rows are one, reworded or misspelled. Where there are no names, whether the rows are one
// prefix of addresses with another length.
func (c *comparison) resemble(p pair) bool {
	if c.name < 0 {
		before, _, _ := strings.Cut(p.Old.reduced, "/")
		after, _, isPrefix := strings.Cut(p.New.reduced, "/")
		return isPrefix && before == after
	}
	a, b := parties.Fold(p.Old.cells[c.name]), parties.Fold(p.New.cells[c.name])
	return a != "" && b != "" && (quoted(a, b) || parties.Misspelled(a, b) || c.selfNamed() && akinNames(a, b) && c.shareDocument(p))
}

// textKey is a key for all assigned rows of a registry whose key is a text.
func (c *comparison) textKey(r *row) (string, bool) {
	return "", r.state == Assigned && !c.numeric && !c.Whole
}

// reworded reports whether the texts of two rows are one, reworded, and something else that weighs is the same.
func (c *comparison) reworded(p pair) bool {
	for _, k := range c.key {
		if !respelled(Reduce(p.Old.cells[k]), Reduce(p.New.cells[k])) {
			return false
		}
	}
	if c.registered(p.Old) != c.registered(p.New) {
		return false
	}
	return c.shareDocument(p) || c.shareNumber(p) || slices.ContainsFunc(p.New.Cells(), func(cell registry.Cell) bool {
		i, known := c.index[cell.Key]
		return known && !c.isKey(i) && c.isPlain(i) && c.weighs(i, cell.Text) && p.Old.cells[i] == cell.Text
	})
}

// respelled reports whether two texts, reduced, are one or one reworded.
func respelled(a, b string) bool {
	return a == b || quoted(a, b) || parties.Misspelled(a, b) || sameWords(a, b) && digitsOf(a) == digitsOf(b)
}

// shareNumber reports whether a column of the key holds the same number in two rows.
func (c *comparison) shareNumber(p pair) bool {
	return slices.ContainsFunc(c.key, func(k int) bool {
		_, ok := ParseValue(p.Old.cells[k])
		return ok && Reduce(p.Old.cells[k]) == Reduce(p.New.cells[k])
	})
}

// sameWords reports whether two texts share more than half of the words of the longer one, three at least.
func sameWords(a, b string) bool {
	v, w := strings.FieldsFunc(a, notWord), strings.FieldsFunc(b, notWord)
	n := 0
	rest := slices.Clone(w)
	for _, word := range v {
		if at := slices.Index(rest, word); at >= 0 {
			rest = slices.Delete(rest, at, at+1)
			n++
		}
	}
	return n >= 3 && 2*n > max(len(v), len(w))
}

// digitsOf returns the digits of a text alone.
func digitsOf(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}
