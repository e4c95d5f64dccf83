package htmlprint

import "strings"

// appendEscaped appends text so that it is text between elements, or within an attribute in quotes.
func appendEscaped(b []byte, s string) []byte {
	written := 0
	for i := range len(s) {
		var escaped string
		switch s[i] {
		case 0:
			escaped = "\uFFFD"
		case '"':
			escaped = "&#34;"
		case '&':
			escaped = "&amp;"
		case '\'':
			escaped = "&#39;"
		case '+':
			escaped = "&#43;"
		case '<':
			escaped = "&lt;"
		case '>':
			escaped = "&gt;"
		default:
			continue
		}
		b = append(b, s[written:i]...)
		b = append(b, escaped...)
		written = i + 1
	}
	return append(b, s[written:]...)
}

// unsafeURL is what stands in place of a URL that might run code. html/template documents the word.
const unsafeURL = "#ZgotmplZ"

// safeURL reports whether a URL is relative or has a scheme that runs no code.
func safeURL(s string) bool {
	scheme, _, found := strings.Cut(s, ":")
	return !found || strings.Contains(scheme, "/") || strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https") || strings.EqualFold(scheme, "mailto")
}

// appendURL appends part of a URL, as it stands in an attribute in quotes. Within one parameter of a query or a fragment all
// characters that have a meaning in a URL are encoded, else those only that no URL may have.
func appendURL(b []byte, s string, parameter bool) []byte {
	const hex = "0123456789abcdef"
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~", c) >= 0:
			b = append(b, c)
		case !parameter && c == '&':
			b = append(b, "&amp;"...)
		case !parameter && c == '+':
			b = append(b, "&#43;"...)
		case !parameter && strings.IndexByte("!#$*,/:;=?@[]", c) >= 0, !parameter && c == '%' && isEncoded(s[i:]):
			b = append(b, c)
		default:
			b = append(b, '%', hex[c>>4], hex[c&15])
		}
	}
	return b
}

// isEncoded reports whether s begins with an encoded byte: "%2f".
func isEncoded(s string) bool {
	isHex := func(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f' }
	return len(s) > 2 && isHex(s[1]) && isHex(s[2])
}
