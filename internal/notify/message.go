package notify

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/plainjson"
	"github.com/ianasync/ianasync/internal/render"
)

// message returns the message about a version in the webhook's format.
func (w *worker) message(e *history.Event) (message, error) {
	at := slices.IndexFunc(formats, func(f format) bool { return f.name == w.webhook.format })
	body, err := formats[at].body(w.Registry.ID, e, len(w.Filters) > 0)
	if err != nil {
		return message{}, err
	}
	data, err := plainjson.Marshal(body)
	return message{e.Version.ID, data}, err
}

// document is a message in the change format; its schema is docs/notify.schema.json.
type document struct {
	Registry string            `json:"registry"`
	Version  string            `json:"version"`
	Seen     time.Time         `json:"seen"`
	Previous string            `json:"previous"`
	Headline string            `json:"headline"`
	Returned history.Return    `json:"returned,omitempty"`
	Summary  map[diff.Kind]int `json:"summary"`
	Changes  []json.RawMessage `json:"changes"`
	Omitted  int               `json:"omitted,omitempty"` // number of changes left out for lack of room
}

// mostBytes bounds the size of the changes in a message: many servers reject bodies of more than 1 MiB.
const mostBytes = 1_000_000

func newDocument(registry string, e *history.Event) (*document, error) {
	d := &document{
		Registry: registry, Version: e.Version.ID, Seen: e.Version.Seen(), Previous: e.Previous, Headline: render.Headline(e),
		Returned: e.Returned, Summary: diff.Summary(e.Changes), Changes: []json.RawMessage{},
	}
	size := 0
	for i := range e.Changes {
		line, err := plainjson.Marshal(e.Changes[i])
		if err != nil {
			return nil, err
		}
		if size += len(line); size > mostBytes {
			d.Omitted = len(e.Changes) - i
			break
		}
		d.Changes = append(d.Changes, line)
	}
	return d, nil
}
