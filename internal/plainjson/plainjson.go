// Package plainjson writes JSON as encoding/json does, except that <, > and & are written as they are. What this program
// writes as JSON is full of URLs and names of people, and is never pasted into HTML unescaped.
package plainjson

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// Marshal returns v as JSON on one line, without a line end.
func Marshal(v any) ([]byte, error) { return MarshalIndent(v, "") }

// MarshalIndent is [Marshal] with one line for each element, indented by indent for each level. An empty indent keeps
// everything on one line.
func MarshalIndent(v any, indent string) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", indent)
	err := enc.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// AppendList appends to b a JSON array of the elements of a list, each of which element appends.
func AppendList[T any](b []byte, list []T, element func([]byte, *T) []byte) []byte {
	b = append(b, '[')
	for i := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = element(b, &list[i])
	}
	return append(b, ']')
}

// AppendString appends s as a JSON string to b. Nearly all strings need no escape, and are copied.
func AppendString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf || c == 0x7f {
			text, _ := Marshal(s) // a string can always be encoded
			return append(b, text...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}
