// Package rules reads what the records of any of IANA's registries mean: which of them are assigned, free or reserved, which
// numbers their values stand for, which status marks and documents their cells name, and which columns identify them. It
// knows no registry by itself; the few that are not found well are described in a table (described.go).
//
// [Learn] finds the key and the name of a registry and returns its [Scheme], which is the [diff.Rules] of the registry;
// [Editions] compares two editions of a group with them.
//
// Nothing that this package returns is shown or stored as the registry's own text. A reduced text is for finding the
// partner of a record in another table.
package rules

import (
	"net/netip"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ianasync/ianasync/internal/parties"
)

// Reduce returns the form of a cell in which two spellings of one value are equal: letter case folded, status marks and a
// trailing footnote stripped, numbers and IPv6 prefixes by value. So "0x0B" and "11" are equal, and "may_act (TEMPORARY - …)" and "may_act".
func Reduce(cell string) string {
	if n, ok := plainNumber(cell); ok {
		return n
	}
	s := withoutMarks(parties.Fold(cell))
	if v, ok := parseNumbers(s); ok {
		return v.String()
	}
	return shortPrefix(s)
}

// shortPrefix returns the shortest spelling of an IPv6 prefix, and any other text as it is.
func shortPrefix(s string) string {
	if strings.Contains(s, "::") {
		if p, err := netip.ParsePrefix(s); err == nil {
			return p.String()
		}
	}
	return s
}

// plainNumber is [Reduce] for a short decimal number, which most values are.
func plainNumber(s string) (string, bool) {
	if s == "" || len(s) > 18 {
		return "", s == ""
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return "", false
		}
	}
	if short := strings.TrimLeft(s, "0"); short != "" {
		return short, true
	}
	return "0", true
}

// withoutMarks returns a folded text without status marks and without a footnote at its end.
func withoutMarks(s string) string {
	for {
		cut := strings.TrimSpace(cutMark(s))
		if cut == s || cut == "" { // a cell that is a mark and nothing else keeps it
			return s
		}
		s = cut
	}
}

// marks are the beginnings of the marks, folded, that are stripped in parentheses anywhere. Some are also stripped after a dash
// at the end, or as the last word in parentheses.
var marks = []string{"temporary", "obsolete", "deprecated", "historic", "renamed from "}

// cutMark strips one mark or footnote.
func cutMark(s string) string {
	if body, found := strings.CutSuffix(s, "]"); found { // a footnote: "[2]"
		if at := strings.LastIndexByte(body, '['); at >= 0 && at < len(body)-1 && strings.Trim(body[at+1:], "0123456789") == "" {
			return s[:at]
		}
	}
	for from := 0; ; {
		open := strings.IndexByte(s[from:], '(')
		if open < 0 {
			break
		}
		open += from
		for _, m := range marks {
			if strings.HasPrefix(s[open+1:], m) {
				return strings.TrimRight(s[:open], " (") + s[open+closing(s[open:]):]
			}
		}
		from = open + 1
	}
	for _, word := range statusWords {
		if before, after, found := strings.Cut(s, "["+word+"]"); found {
			return strings.TrimRight(before, " ") + after
		}
		if before, after, found := strings.Cut(s, ", "+word+")"); found && strings.Contains(before, "(") {
			return before + ")" + after
		}
	}
	for _, dash := range []string{" - ", " – ", " — "} {
		if before, after, found := strings.Cut(s, dash); found {
			for _, m := range [...]string{"deprecated", "obsolete"} {
				if strings.HasPrefix(after, m) {
					return before
				}
			}
		}
	}
	return s
}

// closing returns the length of the parenthesis with which s begins; one that is not closed ends with s.
func closing(s string) int {
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(s)
}

// State is what a record says of the value that it lists.
type State int

// The states.
const (
	Assigned State = iota
	Free           // Unassigned: it can be registered
	Reserved       // it is not assigned, or is for private or experimental use
)

// words are the beginnings of cells that mean a state.
var words = []struct {
	word  string
	state State
}{
	{"unassigned", Free},
	{"unallocated", Free},
	{"available for", Free},
	{"reserved", Reserved},
	{"private use", Reserved},
	{"experimental", Reserved},
	{"unused", Reserved},
}

// StateOf returns the state that a cell means. It is one where the cell is the word, in any case, or begins with it as a
// sentence does, with a capital letter. A cell that only contains the word, or has it in the middle of prose, is none:
// "0-7: Unassigned", "unassigned short address".
func StateOf(cell string) State {
	if len(cell) < len("unused") {
		return Assigned
	}
	first := cell[0] | 0x20
	if first != 'u' && first != 'a' && first != 'r' && first != 'p' && first != 'e' && first != '(' {
		return Assigned
	}
	text, parenthesised := strings.CutPrefix(cell, "(")
	for _, w := range words {
		if len(text) < len(w.word) || !strings.EqualFold(text[:len(w.word)], w.word) {
			continue
		}
		rest := text[len(w.word):]
		next, _ := utf8.DecodeRuneInString(rest)
		switch {
		case rest == "", parenthesised && strings.TrimSuffix(rest, ")") == "":
			return w.state
		case unicode.IsUpper(rune(text[0])) && !unicode.IsLetter(next) && !unicode.IsNumber(next) && next != '_' && next != '-':
			return w.state
		}
	}
	return Assigned
}

// Value is what a cell of numbers stands for: a number, or a sequence of them, or a range between two.
type Value struct {
	first, last []uint64 // of equal length
}

// ParseValue parses a cell as numbers: "7", "0x0B", "0x00,0x2F", "26-34", "0x00,0xC6-FE"; "224.0.0.1" and "010/8" are those of their
// bytes. It is not ok for any other text.
func ParseValue(cell string) (v Value, ok bool) { return parseValue(withoutMarks(parties.Fold(cell))) }

func parseValue(s string) (v Value, ok bool) {
	if strings.ContainsAny(s, "./") {
		if v, ok = parseAddresses(s); !ok {
			return Value{}, false
		}
		return v, true
	}
	return parseNumbers(s)
}

func parseNumbers(s string) (v Value, ok bool) {
	if s == "" || !strings.ContainsAny(s[:1], "0123456789") || strings.Trim(s, "0123456789abcdefx,- –") != "" {
		return v, false
	}
	s = strings.ReplaceAll(s, "–", "-")
	from, to, isRange := strings.Cut(s, "-")
	first, hex, ok := parseList(from, false)
	v.first = first
	if !ok {
		return v, false
	}
	if !isRange {
		v.last = v.first
		return v, true
	}
	if v.last, _, ok = parseList(to, hex); !ok || len(v.last) > len(v.first) {
		return v, false
	}
	if missing := len(v.first) - len(v.last); missing > 0 { // "0xc6-fe": the end of the last number alone
		v.last = append(v.first[:missing:missing], v.last...)
	}
	return v, v.compareEnds() <= 0
}

// parseAddresses parses an IPv4 address, a range of them, or a prefix of which IANA leaves out the bytes that are 0: "224.0.2.0-224.0.2.9",
// "010/8".
func parseAddresses(s string) (v Value, ok bool) {
	from, to, isRange := strings.Cut(s, "-")
	if isRange {
		if v.first, ok = parseAddress(from, 4); ok {
			v.last, ok = parseAddress(to, 4)
		}
		return v, ok && v.compareEnds() <= 0
	}
	address, bits, isPrefix := strings.Cut(s, "/")
	if !isPrefix {
		v.first, ok = parseAddress(address, 4)
		v.last = v.first
		return v, ok
	}
	length, err := strconv.Atoi(bits)
	if err != nil || length < 0 || length > 32 {
		return v, false
	}
	if v.first, ok = parseAddress(address, max(1, (length+7)/8)); !ok {
		return v, false
	}
	for i, b := range v.first {
		host := uint64(0xff) >> min(max(length-8*i, 0), 8)
		v.last = append(v.last, b|host)
		ok = ok && b&host == 0
	}
	return v, ok
}

// parseAddress parses the bytes of an IPv4 address, of which at least some are there; the others are 0.
func parseAddress(s string, least int) (list []uint64, ok bool) {
	for part := range strings.SplitSeq(strings.Trim(s, " "), ".") {
		n, err := strconv.ParseUint(part, 10, 8)
		if err != nil {
			return nil, false
		}
		list = append(list, n)
	}
	if len(list) < least || len(list) > 4 {
		return nil, false
	}
	return append(list, make([]uint64, 4-len(list))...), true
}

func (v *Value) compareEnds() int {
	for i := range v.first {
		if v.first[i] != v.last[i] {
			if v.first[i] < v.last[i] {
				return -1
			}
			return 1
		}
	}
	return 0
}

// parseList parses numbers with commas between them. After hexadecimal ones, hex means that digits alone are hexadecimal.
func parseList(s string, hex bool) (list []uint64, isHex, ok bool) {
	for part := range strings.SplitSeq(s, ",") {
		part = strings.Trim(part, " ")
		base := 10
		if digits, found := strings.CutPrefix(part, "0x"); found {
			part, base, isHex = strings.ReplaceAll(digits, " ", ""), 16, true
		} else if hex {
			base = 16
		}
		n, err := strconv.ParseUint(part, base, 64)
		if err != nil {
			return nil, isHex, false
		}
		list = append(list, n)
	}
	return list, isHex, true
}

// String returns the numbers in decimal.
func (v Value) String() string {
	var b []byte
	number := func(list []uint64) {
		for i, n := range list {
			if i > 0 {
				b = append(b, ',')
			}
			b = strconv.AppendUint(b, n, 10)
		}
	}
	number(v.first)
	if v.compareEnds() != 0 {
		b = append(b, '-')
		number(v.last)
	}
	return string(b)
}

// Span returns the first and the last number of the value. Numbers with commas between them are the bytes of one. It is not
// ok where they are none.
func (v Value) Span() (first, last uint64, ok bool) {
	join := func(list []uint64) (n uint64) {
		for _, b := range list {
			if ok = ok && (len(list) == 1 || b <= 0xff && n <= 1<<55); ok {
				n = n<<8 | b
			}
		}
		return n
	}
	ok = len(v.first) > 0
	first, last = join(v.first), join(v.last)
	return first, last, ok && first <= last
}
