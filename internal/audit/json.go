package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// parseJSON reads a map of places to names, in the file's order.
func parseJSON(data []byte) (*List, error) {
	if err := json.Unmarshal(data, new(json.RawMessage)); err != nil {
		syntax, _ := errors.AsType[*json.SyntaxError](err) // there is no other error of raw JSON
		return nil, errorAt(data, max(0, int(syntax.Offset)-1), err.Error())
	}
	f := &List{Form: JSON}
	d := json.NewDecoder(bytes.NewReader(data))
	_, _ = d.Token() // the opening brace; all tokens are there, for the syntax is right
	lines := make(map[string]int)
	line, at := 1, 0
	for d.More() {
		start := len(data) - len(bytes.TrimLeft(data[d.InputOffset():], " \t\r\n,"))
		line, at = line+bytes.Count(data[at:start], []byte("\n")), start
		key, _ := d.Token()
		var value json.RawMessage
		_ = d.Decode(&value)
		place := fmt.Sprint(key)
		if was, twice := lines[place]; twice {
			return nil, errorAt(data, start, fmt.Sprintf("%.40q is there twice, first on line %d", place, was))
		}
		lines[place] = line
		if err := f.addNamed(place, value, line); err != nil {
			return nil, errorAt(data, start, err.Error())
		}
	}
	if len(f.Entries) == 0 {
		return nil, &ParseError{Problem: "the map has no entry"}
	}
	return f, nil
}

// addNamed adds the entries of a key and its value.
func (f *List) addNamed(place string, value json.RawMessage, line int) error {
	name, err := nameIn(value)
	if err != nil {
		return fmt.Errorf("the value of %.40q is %w", place, err)
	}
	ports, transports, err := ParsePlace(place)
	for _, t := range transports {
		f.Entries = append(f.Entries, Entry{Name: name, Ports: ports, Transport: t, Line: line})
	}
	return err
}

// nameIn reads a name, or a list that begins with one.
func nameIn(value json.RawMessage) (string, error) {
	var name string
	var list []string
	if json.Unmarshal(value, &name) != nil {
		if json.Unmarshal(value, &list) != nil || len(list) == 0 {
			return "", errors.New("neither a name nor a list that begins with one")
		}
		name = list[0]
	}
	if name = strings.TrimSpace(name); name == "" {
		return "", errors.New("an empty name")
	}
	return name, nil
}

// errorAt is an error at an offset of a file.
func errorAt(data []byte, offset int, problem string) error {
	before := data[:min(offset, len(data))]
	return &ParseError{1 + bytes.Count(before, []byte("\n")), len(before) - bytes.LastIndexByte(before, '\n'), problem}
}
