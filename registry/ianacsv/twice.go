package ianacsv

import (
	"unicode/utf8"
)

// windows1252 are the characters of the bytes 0x80 to 0x9f in Windows-1252; 0 where it has none.
// https://encoding.spec.whatwg.org/index-windows-1252.txt
var windows1252 = [32]rune{
	'€', 0, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0, 'Ž', 0,
	0, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0, 'ž', 'Ÿ',
}

// byteOf returns the byte that a character is in Latin-1 or Windows-1252.
func byteOf(r rune) (b byte, ok bool) {
	if r < 0x100 {
		return byte(r), true
	}
	for i, w := range windows1252 {
		if w == r {
			return byte(0x80 + i), true
		}
	}
	return 0, false
}

// EncodedTwice returns the beginning of s that is a character in UTF-8, read as Latin-1 or Windows-1252 and encoded again,
// such as "Ã©" for "é"; nothing where s begins with none. Only Latin letters, punctuation and signs count: other
// pairs of characters are text.
func EncodedTwice(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	lead, ok := byteOf(first)
	if !ok || lead < 0xc2 || lead > 0xe2 {
		return ""
	}
	encoded, end := []byte{lead}, size
	for !utf8.FullRune(encoded) {
		r, size := utf8.DecodeRuneInString(s[end:])
		b, ok := byteOf(r)
		if !ok || b&0xc0 != 0x80 {
			return ""
		}
		encoded, end = append(encoded, b), end+size
	}
	if r, _ := utf8.DecodeRune(encoded); r == utf8.RuneError || r > 0x24f && r < 0x2000 {
		return ""
	}
	return s[:end]
}

// Once returns the text that was encoded twice.
func Once(twice string) string {
	var encoded []byte
	for _, r := range twice {
		b, _ := byteOf(r)
		encoded = append(encoded, b)
	}
	return string(encoded)
}

// FirstTwice returns the first character in text that was encoded in UTF-8 twice; nothing where there is none.
func FirstTwice(text string) string {
	for at, r := range text {
		if 0xc2 <= r && r <= 0xe2 {
			if twice := EncodedTwice(text[at:]); twice != "" {
				return twice
			}
		}
	}
	return ""
}
