package history

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/registry"
)

// Condition is what a record must be: values by the key of a column.
type Condition map[string]string

// shortKeys are what columns are called for short.
var shortKeys = map[string]string{"service": "service_name", "port": "port_number", "ports": "port_number", "transport": "transport_protocol"}

// ParseCondition reads "service=compressnet port=2": columns by their keys in JSON, or service,
// port and transport for short, each with the value that it must have. A value with spaces
// stands in double quotes.
func ParseCondition(s string) (Condition, error) {
	c := make(Condition)
	for rest := strings.TrimSpace(s); rest != ""; rest = strings.TrimSpace(rest) {
		key, after, found := strings.Cut(rest, "=")
		if !found {
			return nil, fmt.Errorf("%q is not of the form column=value", rest)
		}
		if long, short := shortKeys[key]; short {
			key = long
		}
		columns := registry.Columns()
		if !slices.ContainsFunc(columns[:], func(column registry.Column) bool { return column.Key == key }) {
			return nil, fmt.Errorf("there is no column %q", key)
		}
		if _, twice := c[key]; twice {
			return nil, fmt.Errorf("column %q stands twice", key)
		}
		var value string
		if quoted, isQuoted := strings.CutPrefix(after, `"`); isQuoted {
			if value, rest, found = strings.Cut(quoted, `"`); !found {
				return nil, fmt.Errorf("the quote before %q is not closed", quoted)
			}
		} else {
			value, rest, _ = strings.Cut(after, " ")
		}
		c[key] = value
	}
	if len(c) == 0 {
		return nil, fmt.Errorf("no condition: service=compressnet, say")
	}
	return c, nil
}

// holds tells whether a record is as the condition wants it. Letter case does not matter; a port
// number holds for every range that it is in.
func (c Condition) holds(r *registry.Record) bool {
	columns := registry.Columns()
	for i, value := range r.Values() {
		want, asked := c[columns[i].Key]
		if !asked || strings.EqualFold(value, want) {
			continue
		}
		ports, err := registry.ParsePorts(want)
		first, last, ok := ports.Bounds()
		if columns[i].Key != "port_number" || err != nil || !ok || !r.Ports.Contains(first) || !r.Ports.Contains(last) {
			return false
		}
	}
	return true
}

// mayTouch reports, from the line of a change alone, whether the change may be about a record that meets the condition.
func (c Condition) mayTouch(line []byte) bool {
	service, asked := c["service_name"]
	if asked {
		return service == "" || Query{Service: service}.mayTouch(line)
	}
	ports, asked := c["port_number"]
	if p, err := registry.ParsePorts(ports); asked && err == nil {
		first, _, ok := p.Bounds()
		return !ok || Query{Port: first}.mayTouch(line)
	}
	return !isKind(line, diff.Recut) || !asked
}
