package lookup

import (
	"slices"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
)

// Past is what happened to a port or a service since the record begins.
type Past struct {
	Begins    string          `json:"begins"`    // id of the oldest version: what it holds may be older
	Versions  int             `json:"versions"`  // how many there are, with the one that was asked
	Unchanged bool            `json:"unchanged"` // not even a contact changed
	Contacts  int             `json:"contact_updates"`
	Redrawn   int             `json:"ranges_redrawn"` // how often Unassigned ranges around it were cut anew
	Events    []history.Event `json:"events"`         // newest first, without what is only counted
}

// OfPast returns what happened to what a query asks for.
func OfPast(p *history.Past, q history.Query) (*Past, error) {
	events, err := p.Ask(q)
	if err != nil {
		return nil, err
	}
	begins, _ := p.Begins()
	return NewPast(events, begins.ID, len(p.Steps())), nil
}

// NewPast makes the past of events, oldest first, of the given number of versions, the oldest of which
// begins the record.
func NewPast(events []history.Event, begins string, versions int) *Past {
	past := &Past{Begins: begins, Versions: versions, Events: []history.Event{}}
	for _, e := range events {
		news := slices.DeleteFunc(slices.Clone(e.Changes), func(c diff.Change) bool {
			switch {
			case c.Kind == diff.Recut:
				past.Redrawn++
				return true
			case c.Minor:
				past.Contacts++
				return true
			}
			return false
		})
		if e.Changes = news; len(news) > 0 || e.Returned != history.Not {
			past.Events = append(past.Events, e)
		}
	}
	slices.Reverse(past.Events)
	past.Unchanged = len(past.Events) == 0 && past.Contacts == 0
	return past
}
