package lookup

import (
	"slices"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/porthistory"
)

// Past is what happened to a port or a service since our history begins.
type Past struct {
	Begins    string          `json:"begins"`         // id of the oldest version: what it holds may be older
	Versions  int             `json:"versions"`       // how many there are, up to the one that was asked about
	Unchanged bool            `json:"unchanged"`      // not even a contact changed
	Redrawn   int             `json:"ranges_redrawn"` // how often Unassigned ranges around it were divided anew
	Events    []history.Event `json:"events"`         // newest first, minor changes included
}

// OfPast returns the past of a query's subject.
func OfPast(p *porthistory.Past, q porthistory.Query) (*Past, error) {
	events, err := p.Ask(q)
	if err != nil {
		return nil, err
	}
	begins, _ := p.Begins()
	return NewPast(events, begins.ID, len(p.Steps())), nil
}

// NewPast returns the past that events make, oldest first. Begins is the id of the oldest of the given number of versions.
func NewPast(events []history.Event, begins string, versions int) *Past {
	past := &Past{Begins: begins, Versions: versions, Events: []history.Event{}}
	for _, e := range slices.Backward(events) {
		all := len(e.Changes)
		e.Changes = slices.DeleteFunc(slices.Clone(e.Changes), func(c diff.Change) bool { return c.Kind == diff.Recut })
		past.Redrawn += all - len(e.Changes)
		if len(e.Changes) > 0 || e.Returned != history.Not {
			past.Events = append(past.Events, e)
		}
	}
	past.Unchanged = len(past.Events) == 0
	return past
}

// News returns the events, newest first, without minor changes.
func (p *Past) News() (list []history.Event) {
	for _, e := range p.Events {
		e.Changes = slices.DeleteFunc(slices.Clone(e.Changes), func(c diff.Change) bool { return c.Minor })
		if len(e.Changes) > 0 || e.Returned != history.Not {
			list = append(list, e)
		}
	}
	return list
}
