// Package htmlprint writes HTML.
//
// A page is written in fragments: constants of the program, with a pair of braces for each value.
//
//	w.Print(`<a href="{}">{}</a>`, address, name)
//
// As in html/template, the place of a value decides how it is escaped: as text, as part of an attribute, or as part of a URL,
// whose scheme cannot be one that runs code. The bytes are those of html/template; TestLikeTemplate and FuzzLikeTemplate hold that.
// A fragment is parsed once, and its values are of a few types that need no reflection, which takes a small part of the time.
//
// Text from outside the program cannot become markup: only a constant can be a fragment, and [HTML] is for what another package
// has escaped. It is a fault of the program if a fragment has a value where this package does not know how to escape it, such as in an
// attribute without quotes, or has more or fewer places than there are values: Print panics the first time it is called with it.
package htmlprint

import (
	"encoding/json"
	"html/template"
	"strconv"
)

// HTML is escaped markup. It may be a value where text may be.
type HTML = template.HTML

// JSON is a value for a script element of a type such as application/ld+json.
type JSON struct{ text []byte }

// NewJSON encodes a value. No string in it ends the script element.
func NewJSON(v any) (JSON, error) {
	text, err := json.Marshal(v) // it escapes <, > and &
	return JSON{text}, err
}

// constant is a string that only a constant of another package can be converted to without naming the type.
type constant string

// Writer holds the page that is being written. The zero Writer is empty and ready to use.
type Writer struct {
	page   []byte
	inTag  bool // the last fragment ended between the attributes of a tag
	parsed map[start]*fragment
}

// start is a fragment and where it begins.
type start struct {
	text  constant
	inTag bool
}

// Reset begins another page. It overwrites what [Writer.Bytes] returned.
func (w *Writer) Reset() { w.page, w.inTag = w.page[:0], false }

// Bytes returns the page, valid until the next call of a method.
func (w *Writer) Bytes() []byte { return w.page }

// Print writes a fragment with a value at each place: a string, an int, a uint16, or, where they fit, HTML or JSON. A fragment
// begins and ends between elements, or between the attributes of a tag.
func (w *Writer) Print(text constant, values ...any) {
	f := w.parsed[start{text, w.inTag}]
	if f == nil {
		f = parse(string(text), w.inTag)
		if w.parsed == nil {
			w.parsed = make(map[start]*fragment)
		}
		w.parsed[start{text, w.inTag}] = f
	}
	if len(values) != len(f.places) {
		panic("htmlprint: the fragment has more or fewer places than there are values: " + string(text))
	}
	for i, v := range values {
		w.page = append(w.page, f.parts[i]...)
		if !w.value(f.places[i], v) {
			panic("htmlprint: a value is of a type that its place cannot hold: " + string(text))
		}
	}
	w.page = append(w.page, f.parts[len(values)]...)
	w.inTag = f.endsInTag
}

// value writes a value, and reports whether the place can hold one of its type.
func (w *Writer) value(at place, v any) bool {
	switch v := v.(type) {
	case string:
		return w.text(at, v)
	case int:
		return w.number(at, v)
	case uint16:
		return w.number(at, int(v))
	case HTML:
		if at != inText {
			return false
		}
		w.page = append(w.page, v...)
		return true
	case JSON:
		if at != inScript {
			return false
		}
		w.page = append(w.page, v.text...)
		return true
	}
	return false
}

func (w *Writer) text(at place, s string) bool {
	switch at {
	case inText, inValue:
		w.page = appendEscaped(w.page, s)
	case inURL:
		if !safeURL(s) {
			s = unsafeURL
		}
		w.page = appendURL(w.page, s, false)
	case inPath:
		w.page = appendURL(w.page, s, false)
	case inQuery:
		w.page = appendURL(w.page, s, true)
	default:
		return false
	}
	return true
}

func (w *Writer) number(at place, n int) bool {
	if at == inScript {
		return false
	}
	w.page = strconv.AppendInt(w.page, int64(n), 10)
	return true
}
