package registry

import (
	"bytes"
	"encoding/json"
)

// MarshalJSON writes the record as an object of all twelve columns by their keys
// ([Column]) in IANA's order, each a string.
func (r Record) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // whoever embeds the object in HTML escapes it all
	for i, v := range r.Values() {
		b.WriteByte("{,"[min(i, 1)])
		b.WriteString(`"` + columns[i].Key + `":`)
		if err := enc.Encode(v); err != nil {
			return nil, err
		}
		b.Truncate(b.Len() - len("\n")) // Encode ends every value with one
	}
	b.WriteByte('}')
	return b.Bytes(), nil
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
