package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// parseJSON parses a document of JSON.
func parseJSON(data []byte) (*List, error) {
	f := &List{Form: JSON}
	v, err := decodeJSON(data, 1)
	if err != nil {
		return nil, err
	}
	f.addValue(&v, "")
	return f.done()
}

// isJSONLines reports whether a file that begins with a brace has an object on each line: its first or second line is one
// by itself, and more follow.
func isJSONLines(text []byte) bool {
	first, rest, _ := bytes.Cut(text, []byte("\n"))
	second, _, _ := bytes.Cut(bytes.TrimSpace(rest), []byte("\n"))
	return len(second) > 0 && (json.Valid(first) || second[0] == '{' && json.Valid(second))
}

// parseJSONLines parses an object on each line.
func parseJSONLines(data []byte) (*List, error) {
	f := &List{Form: JSONLines}
	number := 0
	for text := range bytes.Lines(data) {
		number++
		if text = bytes.TrimRight(text, " \t\r\n"); len(text) == 0 {
			continue
		}
		v, err := decodeJSON(text, number)
		if broken, ok := errors.AsType[*ParseError](err); ok {
			f.fail(cell{line: broken.Line, column: broken.Column}, "%s", broken.Problem)
			continue
		}
		f.addItems(&value{kind: listValue, items: []value{v}}, row{})
	}
	return f.done()
}

// decodeJSON decodes a document that begins on a line. The error is a [*ParseError].
func decodeJSON(data []byte, line int) (value, error) {
	if err := json.Unmarshal(data, new(json.RawMessage)); err != nil { // also if it is nested too deeply for recursion
		syntax, _ := errors.AsType[*json.SyntaxError](err) // there is no other error of raw JSON
		broken := errorAt(data, max(0, int(syntax.Offset)-1), err.Error())
		broken.Line += line - 1
		return value{}, broken
	}
	d := &jsonDecoder{Decoder: json.NewDecoder(bytes.NewReader(data)), data: data, line: line}
	d.UseNumber()
	return d.value(), nil
}

// jsonDecoder decodes JSON whose syntax is right, and keeps track of lines.
type jsonDecoder struct {
	*json.Decoder
	data     []byte
	at, line int // an offset, and the line that it is on
	begin    int // where that line begins
}

// next returns the next token, and the cell with its text where it is a string or a number.
func (d *jsonDecoder) next() (json.Token, cell) {
	start := len(d.data) - len(bytes.TrimLeft(d.data[d.InputOffset():], " \t\r\n,:"))
	if skipped := d.data[d.at:start]; bytes.IndexByte(skipped, '\n') >= 0 {
		d.line += bytes.Count(skipped, []byte("\n"))
		d.begin = d.at + bytes.LastIndexByte(skipped, '\n') + 1
	}
	d.at = start
	token, _ := d.Token() // all tokens are there
	c := cell{line: d.line, column: 1 + start - d.begin}
	switch token.(type) {
	case string, json.Number:
		c.text = fmt.Sprint(token)
	}
	return token, c
}

// value decodes the next value.
func (d *jsonDecoder) value() value {
	token, c := d.next()
	v := value{cell: c}
	switch token {
	case json.Delim('{'):
		for v.kind = objectValue; d.More(); {
			_, key := d.next()
			v.keys, v.items = append(v.keys, key), append(v.items, d.value())
		}
		d.next()
		return v
	case json.Delim('['):
		for v.kind = listValue; d.More(); {
			v.items = append(v.items, d.value())
		}
		d.next()
		return v
	}
	switch token := token.(type) {
	case string, json.Number:
		v.kind = scalar
	case bool:
		v.text = fmt.Sprint(token)
	}
	return v
}
