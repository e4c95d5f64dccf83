package registry

import (
	"encoding/binary"
	"slices"
	"strings"
	"sync"
	"unique"
)

// Schema makes and reads records of a fixed list of columns, faster than [NewRecord] and [Record.Get] do. It is safe for use
// by several goroutines.
type Schema struct {
	keys  []string
	order []int // the indices of keys, in order of the keys

	mu    sync.RWMutex
	sets  map[uint64]unique.Handle[string]  // by which columns have text: bit i stands for order[i]
	known map[unique.Handle[string]][]uint8 // for each key of a set its index in keys; only sets whose keys are all known
}

// NewSchema returns the schema of the columns with the given keys, each once, of which there may be 64.
func NewSchema(keys ...string) *Schema {
	s := &Schema{keys: keys, sets: make(map[uint64]unique.Handle[string]), known: make(map[unique.Handle[string]][]uint8)}
	for i := range keys {
		s.order = append(s.order, i)
	}
	slices.SortFunc(s.order, func(i, j int) int { return strings.Compare(keys[i], keys[j]) })
	return s
}

// Record returns the record with the given texts, one for each column of the schema.
func (s *Schema) Record(texts []string) Record {
	var buffer [512]byte // nearly all records take less
	b := buffer[:0]
	set := uint64(0)
	for bit, i := range s.order {
		if text := texts[i]; text != "" {
			set |= 1 << bit
			b = append(binary.AppendUvarint(b, uint64(len(text))), text...)
		}
	}
	if set == 0 {
		return Record{}
	}
	return Record{s.handle(set), string(b)}
}

// handle returns the keys of a set of columns.
func (s *Schema) handle(set uint64) unique.Handle[string] {
	s.mu.RLock()
	handle, found := s.sets[set]
	s.mu.RUnlock()
	if found {
		return handle
	}
	var keys []byte
	var indices []uint8
	for bit, i := range s.order {
		if set&(1<<bit) != 0 {
			keys, indices = append(append(keys, s.keys[i]...), 0), append(indices, uint8(i))
		}
	}
	handle = unique.Make(string(keys))
	s.mu.Lock()
	s.sets[set], s.known[handle] = handle, indices
	s.mu.Unlock()
	return handle
}

// Texts sets texts, one for each column of the schema, to those of a record. Cells of other columns are left out.
func (s *Schema) Texts(r Record, texts []string) {
	clear(texts)
	if r.texts == "" {
		return
	}
	s.mu.RLock()
	indices, found := s.known[r.keys]
	s.mu.RUnlock()
	if !found {
		s.slowTexts(r, texts)
		return
	}
	rest := r.texts
	for _, i := range indices {
		begin, length := textAt(rest)
		texts[i], rest = rest[begin:begin+length], rest[begin+length:]
	}
}

// slowTexts is [Schema.Texts] for a record that another schema made. It remembers the record's keys.
func (s *Schema) slowTexts(r Record, texts []string) {
	set, others := uint64(0), false
	for key, text := range r.All() {
		bit, found := slices.BinarySearchFunc(s.order, key, func(i int, key string) int { return strings.Compare(s.keys[i], key) })
		if !found {
			others = true
			continue
		}
		set |= 1 << bit
		texts[s.order[bit]] = text
	}
	if !others {
		s.handle(set)
	}
}
