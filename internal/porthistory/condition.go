package porthistory

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/registry/ports"
)

// Condition is the values that a record must have, by the key of a column.
type Condition map[string]string

// shortKeys are what columns are called for short.
var shortKeys = map[string]string{"service": "service_name", "port": "port_number", "ports": "port_number", "transport": "transport_protocol"}

// ParseCondition reads "service=compressnet port=2": columns by their keys in JSON, or service,
// port and transport for short, each with the value that it must have.
func ParseCondition(s string) (Condition, error) {
	terms, err := ParseTerms(s, func(key string) (string, error) {
		if long, short := shortKeys[key]; short {
			return long, nil
		}
		columns := ports.Columns()
		if !slices.ContainsFunc(columns[:], func(column ports.Column) bool { return column.Key == key }) {
			return "", fmt.Errorf("unknown column %q", key)
		}
		return key, nil
	})
	if err != nil {
		return nil, err
	}
	c := make(Condition, len(terms))
	for _, t := range terms {
		c[t.Key] = t.Value
	}
	return c, nil
}

// Term is a key and the value wanted for it.
type Term struct{ Key, Value string }

// ParseTerms reads "service=compressnet port=2": terms with spaces between them, at least one. A value with spaces
// stands in double quotes. The function name returns the key that is meant by a word, or an error; a key must not stand
// twice.
func ParseTerms(s string, name func(word string) (string, error)) ([]Term, error) {
	var terms []Term
	for rest := strings.TrimSpace(s); rest != ""; rest = strings.TrimSpace(rest) {
		word, after, found := strings.Cut(rest, "=")
		if !found {
			return nil, fmt.Errorf("%q is not of the form port=2397", rest)
		}
		key, err := name(word)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(terms, func(t Term) bool { return t.Key == key }) {
			return nil, fmt.Errorf("%s stands twice", key)
		}
		var value string
		if quoted, isQuoted := strings.CutPrefix(after, `"`); !isQuoted {
			value, rest, _ = strings.Cut(after, " ")
		} else if value, rest, found = strings.Cut(quoted, `"`); !found {
			return nil, fmt.Errorf("the quote before %q is not closed", quoted)
		}
		terms = append(terms, Term{key, value})
	}
	if len(terms) == 0 {
		return nil, errors.New("no term: port=2397, for example")
	}
	return terms, nil
}

// holds reports whether a record meets the condition. Letter case does not matter; a port
// number matches every range that contains it.
func (c Condition) holds(r *ports.Record) bool {
	columns := ports.Columns()
	for i, value := range r.Values() {
		want, asked := c[columns[i].Key]
		if !asked || strings.EqualFold(value, want) {
			continue
		}
		numbers, err := ports.ParsePorts(want)
		first, last, ok := numbers.Bounds()
		if columns[i].Key != "port_number" || err != nil || !ok || !r.Ports.Contains(first) || !r.Ports.Contains(last) {
			return false
		}
	}
	return true
}

// wanted returns a function that reports whether a change with a subject may be about a record that meets the condition; nil where
// any may.
func (c Condition) wanted() func(subject string) bool {
	if service := c["service_name"]; service != "" {
		return Query{Service: service}.wanted()
	}
	if p, err := ports.ParsePorts(c["port_number"]); err == nil {
		if first, _, ok := p.Bounds(); ok {
			return Query{Port: first}.wanted()
		}
	}
	return nil
}
