package rules

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/ianasync/ianasync/internal/parties"
)

// statusWords are the words, folded, by which IANA marks what should no longer be used.
var statusWords = []string{"deprecated", "obsolete", "obsoleted", "historic", "historical", "discouraged"}

// MarkedIn reports whether a name or a value has a mark by which IANA says that it should no longer be used: in
// parentheses or brackets, as the last word in parentheses, after a dash, or as its first word.
func MarkedIn(cell string) bool {
	s := parties.Fold(cell)
	if !slices.ContainsFunc(statusWords, func(w string) bool { return strings.Contains(s, w) }) {
		return false
	}
	for from := 0; from < len(s); {
		begins := from == 0 || s[from-1] == '(' || s[from-1] == '[' || strings.HasSuffix(s[:from], " - ") || strings.HasSuffix(s[:from], "; ")
		word := firstWord(s[from:])
		rest := s[from+len(word):]
		begins = begins || strings.HasSuffix(s[:from], ", ") && strings.HasPrefix(rest, ")")
		if begins && slices.Contains(statusWords, word) && (rest == "" || !strings.ContainsAny(rest[:1], "/-_")) {
			return true
		}
		from++
	}
	return false
}

func firstWord(s string) string {
	if at := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) }); at >= 0 {
		return s[:at]
	}
	return s
}

// Temporary is the mark of a registration for a limited time.
type Temporary struct {
	Registered, Expires time.Time // days; zero where the mark has none, or one that is no date
}

// TemporaryIn returns the mark "(TEMPORARY - registered 2018-06-01, extension registered 2019-05-20, expires 2020-06-01)" of
// a cell, closed or not. It is not found where there is none.
func TemporaryIn(cell string) (t Temporary, found bool) {
	_, mark, found := strings.Cut(cell, "(TEMPORARY")
	if !found {
		return t, false
	}
	mark, _, _ = strings.Cut(mark, ")")
	return Temporary{dateAfter(mark, "regist"), dateAfter(mark, "exp")}, true
}

// dateAfter returns the last date that directly follows a word which begins so: IANA writes "expires", and wrote "exprires".
func dateAfter(s, beginning string) (last time.Time) {
	words := strings.Fields(s)
	for i := 1; i < len(words); i++ {
		if !strings.HasPrefix(words[i-1], beginning) || len(words[i]) < len(time.DateOnly) {
			continue
		}
		if t, err := time.Parse(time.DateOnly, words[i][:len(time.DateOnly)]); err == nil {
			last = t
		}
	}
	return last
}

// Documents returns what stands between brackets in a cell, folded; the whole cell where there are no brackets.
func Documents(cell string) (list []string) {
	rest := parties.Fold(cell)
	for {
		_, after, found := strings.Cut(rest, "[")
		if !found {
			break
		}
		tag, after, _ := strings.Cut(after, "]")
		list = append(list, strings.TrimSpace(tag))
		rest = after
	}
	if len(list) == 0 && cell != "" {
		list = []string{parties.Fold(cell)}
	}
	return list
}

// IsDraft reports whether a document, folded, is an Internet-Draft or an RFC to be.
func IsDraft(document string) bool {
	return strings.HasPrefix(document, "draft-") || strings.HasPrefix(document, "rfc-")
}

// IsRFC reports whether a document, folded, is an RFC, or a section of one.
func IsRFC(document string) bool {
	digits, found := strings.CutPrefix(document, "rfc")
	digits = strings.TrimPrefix(digits, " ")
	rest := strings.TrimLeft(digits, "0123456789")
	return found && len(rest) < len(digits) && (rest == "" || strings.ContainsAny(rest[:1], ", #"))
}

// BecameRFC reports whether references lose drafts and RFCs to be alone, and gain an RFC.
func BecameRFC(old, new string) bool {
	if old == new {
		return false
	}
	before, after := Documents(old), Documents(new)
	lost, gained := 0, 0
	for _, d := range before {
		if slices.Contains(after, d) {
			continue
		}
		if !IsDraft(d) {
			return false
		}
		lost++
	}
	for _, d := range after {
		if IsRFC(d) && !slices.Contains(before, d) {
			gained++
		}
	}
	return lost > 0 && gained > 0
}
