package history

import (
	"fmt"
	"time"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/plainjson"
	"github.com/ianasync/ianasync/snapshots"
)

// eventJSON is an event as JSON has it.
type eventJSON struct {
	Version  string        `json:"version"`
	Seen     time.Time     `json:"seen"`
	Previous string        `json:"previous"`
	Returned Return        `json:"returned,omitempty"`
	Records  int           `json:"records"`
	Changes  []diff.Change `json:"changes"`
}

// MarshalJSON writes the event with its changes, a list that is never null.
func (e Event) MarshalJSON() ([]byte, error) {
	return plainjson.Marshal(eventJSON{e.Version.ID, e.Version.Seen(), e.Previous, e.Returned, e.Version.Records, append([]diff.Change{}, e.Changes...)})
}

// Lines returns the event as lines of JSON, each with its line end: each change with the version that brought it and the one
// before. A return to an older version is one line, of its own kind and of the group as a whole. See docs/json.md.
func (e *Event) Lines(group snapshots.Group) []byte {
	changes := e.Changes
	if e.Returned != Not {
		returned := diff.Change{Registry: group.GroupID(), Kind: diff.Kind(e.Returned)}
		if own, is := group.(Rules); is {
			own.Extend(&returned)
		}
		changes = []diff.Change{returned}
	}
	var b []byte
	for i := range changes {
		b = fmt.Appendf(b, `{"version":%q,"previous":%q,`, e.Version.ID, e.Previous)
		b = append(b, changes[i].AppendJSON(nil)[1:]...)
		b = append(b, '\n')
	}
	return b
}
