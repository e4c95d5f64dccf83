package vendored

import (
	"strings"
	"unicode"
)

// Names in code differ from those of the registry: StatusOK, NOT_FOUND, StatusProxyAuthRequired, StatusRequestURITooLong.
const (
	fewestLetters = 5 // of a name that another one ends with
	mostBefore    = 8 // letters before it
	fewestOfWord  = 3 // letters of a word that another one begins with
)

// sameName reports whether a name of a file is one of the registry: their letters and digits are the same, or the file's has a word
// more before them, or begins each word as the registry's does.
func sameName(name, registered string) bool {
	f, r := fold(name), fold(registered)
	switch {
	case f == "" || r == "":
		return false
	case f == r:
		return true
	case len(r) >= fewestLetters && strings.HasSuffix(f, r):
		return len(f)-len(r) <= mostBefore
	}
	return abbreviates(words(name), words(registered))
}

// abbreviates reports whether each of some words is the beginning of one of others.
func abbreviates(short, long []string) bool {
	if len(short) != len(long) || len(short) < 2 {
		return false
	}
	for i := range short {
		if short[i] != long[i] && (len(short[i]) < fewestOfWord || !strings.HasPrefix(long[i], short[i]) || strings.ContainsAny(long[i], "0123456789")) {
			return false
		}
	}
	return true
}

// words returns the words of a text in lower case. A capital after a small letter begins a word.
func words(text string) []string {
	var b strings.Builder
	lower := false
	for _, c := range text {
		switch {
		case !isWord(c):
			c = ' '
		case lower && unicode.IsUpper(c):
			b.WriteByte(' ')
		}
		lower = unicode.IsLower(c)
		b.WriteRune(unicode.ToLower(c))
	}
	return strings.Fields(b.String())
}

func isWord(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }

// fold returns the letters and digits of a text in lower case.
func fold(text string) string {
	return strings.Map(func(c rune) rune {
		if !isWord(c) {
			return -1
		}
		return unicode.ToLower(c)
	}, text)
}

// firstWord returns the first word of an identifier: Status of StatusOK, TLS of TLS_AES_128_CCM_SHA256.
func firstWord(identifier string) string {
	word, _, _ := strings.Cut(identifier, "_")
	lower := false
	for i, c := range word {
		if lower && unicode.IsUpper(c) {
			return word[:i]
		}
		lower = lower || unicode.IsLower(c)
	}
	return word
}
