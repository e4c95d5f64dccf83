package history

import (
	"bytes"
	"fmt"
	"time"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/plainjson"
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

// loggedReturn is the one line of a version that returned to an older one: a change of its own kind that
// takes away and adds nothing.
type loggedReturn struct {
	Version    string   `json:"version"`
	Previous   string   `json:"previous"`
	Kind       Return   `json:"kind"`
	Service    string   `json:"service"`
	Ports      string   `json:"ports"`
	Transports []string `json:"transports"`
	Fields     []string `json:"fields"`
	Removed    []string `json:"removed"`
	Added      []string `json:"added"`
}

// Lines returns the event as lines of JSON, each with its line end: each change with the version that
// brought it and the one before. See docs/json.md.
func (e *Event) Lines() ([]byte, error) {
	var b bytes.Buffer
	if e.Returned != Not {
		none := []string{}
		line, err := plainjson.Marshal(loggedReturn{e.Version.ID, e.Previous, e.Returned, "", "", none, none, none, none})
		b.Write(append(line, '\n'))
		return b.Bytes(), err
	}
	head := fmt.Appendf(nil, `{"version":%q,"previous":%q,`, e.Version.ID, e.Previous)
	for i := range e.Changes {
		change, err := plainjson.Marshal(e.Changes[i])
		if err != nil {
			return nil, err
		}
		b.Write(head)
		b.Write(change[1:])
		b.WriteByte('\n')
	}
	return b.Bytes(), nil
}
