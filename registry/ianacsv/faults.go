package ianacsv

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Fault is what is wrong with a row whatever its columns mean.
type Fault struct {
	Offset int // in the row's Text
	Reason string
}

// Position returns the line and the column in the file, each from 1, of an offset of the row's Text.
func (r Row) Position(offset int) (line, column int) {
	before := r.Text[:offset]
	return r.Line + strings.Count(before, "\n"), offset - strings.LastIndexByte(before, '\n')
}

// Faults returns what is wrong with a row of a file whose header has the given number of fields: another number of
// fields, a stray quote, and the first byte that is no UTF-8, character encoded twice, or control character.
func (r Row) Faults(fields int) (list []Fault) {
	if n := r.FieldCount(); n != fields {
		then := "the last ones are taken as empty"
		if n > fields {
			then = "those past the last are left out"
		}
		list = append(list, Fault{0, fmt.Sprintf("the row has %d fields where the header has %d: %s", n, fields, then)})
	}
	if !r.Plain() {
		if at := Scan(r.Text).Stray; at >= 0 {
			list = append(list, Fault{at, "a quote that opens or closes no field, or is never closed"})
		}
	}
	for at, c := range r.Text {
		var reason string
		switch {
		case ' ' <= c && c < 0x7f: // nearly every one
			continue
		case c == utf8.RuneError && !strings.HasPrefix(r.Text[at:], "\ufffd"):
			reason = fmt.Sprintf("byte %#02x is not UTF-8: U+FFFD stands for it", r.Text[at])
		case 0xc2 <= c && c <= 0xe2 && EncodedTwice(r.Text[at:]) != "":
			twice := EncodedTwice(r.Text[at:])
			reason = fmt.Sprintf("UTF-8 encoded twice: %q stands for %q", twice, Once(twice))
		case unicode.IsControl(c) && !unicode.IsSpace(c):
			reason = fmt.Sprintf("control character %U", c)
		default:
			continue
		}
		return append(list, Fault{at, reason}) // the first in a row is enough
	}
	return list
}
