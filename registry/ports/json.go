package ports

import (
	"encoding/json"

	"github.com/ianasync/ianasync/internal/plainjson"
)

// MarshalJSON writes the record as an object of all twelve columns by their keys
// ([Column]) in IANA's order, each a string.
func (r Record) MarshalJSON() ([]byte, error) {
	return r.AppendJSON(make([]byte, 0, 512)), nil // most records take less
}

// AppendJSON appends to b what [Record.MarshalJSON] writes.
func (r *Record) AppendJSON(b []byte) []byte {
	for i, v := range r.Values() {
		b = append(append(append(b, "{,"[min(i, 1)], '"'), columns[i].Key...), '"', ':')
		b = plainjson.AppendString(b, v)
	}
	return append(b, '}')
}

// UnmarshalJSON reads what [Record.MarshalJSON] writes. Ports and dates that are
// malformed are kept as text, as decoding a CSV keeps them.
func (r *Record) UnmarshalJSON(data []byte) error {
	var byKey map[string]string
	if err := json.Unmarshal(data, &byKey); err != nil {
		return err
	}
	var v [NumColumns]string
	for i := range columns {
		v[i] = byKey[columns[i].Key]
	}
	*r = recordOf(v)
	return nil
}
