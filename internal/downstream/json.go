package downstream

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// parseJSON reads a map of places to names, in the order of ports.
func parseJSON(data []byte) (*File, error) {
	var places map[string]json.RawMessage
	if err := json.Unmarshal(data, &places); err != nil {
		return nil, jsonError(data, err)
	}
	f := &File{Kind: JSON}
	for place, value := range places {
		name, err := nameIn(value)
		if err != nil {
			return nil, &Error{Problem: fmt.Sprintf("the value of %.40q is %v", place, err)}
		}
		ports, transports, err := parsePlace(place, 0, 0)
		if err != nil {
			return nil, err
		}
		for _, t := range transports {
			f.Entries = append(f.Entries, Entry{Name: name, Ports: ports, Transport: t})
		}
	}
	if len(f.Entries) == 0 {
		return nil, &Error{Problem: "the map has no entry"}
	}
	slices.SortFunc(f.Entries, func(a, b Entry) int {
		return cmp.Or(a.Ports.Compare(b.Ports), cmp.Compare(a.Transport, b.Transport), cmp.Compare(a.Name, b.Name))
	})
	return f, nil
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

// jsonError gives an error of the decoder its line and column.
func jsonError(data []byte, err error) error {
	at := int64(0)
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		at = syntax.Offset
	} else if kind, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		at = kind.Offset
	}
	before := string(data[:min(at, int64(len(data)))])
	return &Error{1 + strings.Count(before, "\n"), max(1, len(before)-strings.LastIndex(before, "\n")-1), err.Error()}
}
