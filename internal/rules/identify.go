package rules

import "github.com/ianasync/ianasync/registry"

// Identifies reports whether a text identifies a record: it is the record's name or value, spelled in any way that [Reduce] does
// not distinguish, or a number in the range that its value is. Of a key of several columns, the text of one is enough.
func (s *Scheme) Identifies(text string, r registry.Record) bool {
	w := s.read(r)
	reduced := Reduce(text)
	if reduced == "" {
		return false
	}
	if s.name >= 0 && Reduce(w.cells[s.name]) == reduced {
		return true
	}
	for _, k := range s.key {
		if Reduce(w.cells[k]) == reduced {
			return true
		}
	}
	v, isNumber := ParseValue(text)
	if !isNumber || !w.spans {
		return false
	}
	first, last, ok := v.Span()
	return ok && w.first <= first && last <= w.last
}
