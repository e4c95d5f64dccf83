package dataset

import (
	"strings"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/registry/ports"
)

// eachChange calls each with all changes of events, numbered from 1.
func eachChange(events []history.Event, each func(id int, e *history.Event, c *diff.Change) error) error {
	id := 0
	for i := range events {
		for j := range events[i].Changes {
			id++
			if err := each(id, &events[i], &events[i].Changes[j]); err != nil {
				return err
			}
		}
	}
	return nil
}

// transportsOf returns the transports of a change, with blanks between.
func transportsOf(c *diff.Change) string {
	var names []string
	for _, t := range portrules.View(c).Transports {
		names = append(names, string(t))
	}
	return strings.Join(names, " ")
}

// changedValue is a column that a change is about. Old is nil where there was no record before, new where there is none after.
type changedValue struct {
	field    string
	old, new *string
}

// changedValues returns the columns that differ, in their order. Where records only came, or only went, these are the columns of
// the first of them that are not empty.
func changedValues(c *diff.Change) (out []changedValue) {
	for i := range c.Fields {
		out = append(out, changedValue{c.Fields[i].Key, &c.Fields[i].Old, &c.Fields[i].New})
	}
	if len(out) > 0 {
		return out
	}
	var before, after *ports.Record
	switch {
	case len(c.Removed) == 0 && len(c.Added) > 0:
		after = new(ports.View(c.Added[0]))
	case len(c.Added) == 0 && len(c.Removed) > 0:
		before = new(ports.View(c.Removed[0]))
	}
	for i, key := range allColumns() {
		if before != nil && before.Values()[i] != "" {
			out = append(out, changedValue{key, new(before.Values()[i]), nil})
		}
		if after != nil && after.Values()[i] != "" {
			out = append(out, changedValue{key, nil, new(after.Values()[i])})
		}
	}
	return out
}
