package snapshots

import (
	"bytes"
	"errors"
	"fmt"
)

// strides bound how many deltas must be decoded to open a version, in the way in which the digits of a
// number bound its length. A delta is made against its
// neighbour (its leap is 0), 47 times in a row; the next leaps back to where that row
// began (its leap is 1), and begins another. The sixteenth leap in a row would leap back to where the
// leaps began instead (its leap is 2), and so on.
//
// So 768 versions in a row open through at most 62 deltas, and 2,304 through 64; at the
// registry's pace that is sixty years. A leap of 48 costs some 2.5 kB, where a neighbour
// costs 0.3 and a full one 225. Of smaller editions, which are decoded sooner, more follow each other: see [blob.stride].
var strides = [...]int{48, 16, 16, 16}

// stride returns how many deltas of a leap there may be in a row before a greater one, b being the last.
func (b *blob) stride(leap int) int {
	const most, decoded = 192, 16 << 20 // bytes that all of a row have
	if leap > 0 {
		return strides[leap]
	}
	return min(max(strides[0], decoded/b.size), most)
}

// count is how many deltas of each leap lie between a blob and the one where that
// counting began.
type count [len(strides)]int

// after returns the count of a delta of the given leap against a blob with count c.
func (c count) after(leap int) count {
	c[leap]++
	clear(c[:leap])
	return c
}

// reach returns the base for a delta against b or one of its ancestors, and its leap. The base is nil
// where there have been more deltas than strides can count.
func (b *blob) reach() (base *blob, leap int) {
	last := b
	for leap := range strides {
		if b.since[leap]+1 < last.stride(leap) {
			return b, leap
		}
		for b.since[leap] > 0 && b.base != nil {
			b = b.base
		}
	}
	return nil, 0
}

// encoded is a frame to be stored.
type encoded struct {
	frame []byte
	base  *blob // nil for a full one
	leap  int
}

// encode returns the frame to store for new bytes of a sighting. It has been read back.
func (s *Store) encode(data []byte, f *entry) (encoded, error) {
	e, baseData, err := s.chooseBase(data, f)
	if err == nil && e.base != nil && e.frame == nil {
		e.frame, err = s.delta(data, baseData)
	}
	if err == nil && (e.base == nil || len(e.frame) > len(data)/32) { // else it is far below the half of a full one
		var full []byte
		full, err = compress(data, nil, thorough)
		if e.base == nil || 2*len(e.frame) >= len(full) {
			e, baseData = encoded{frame: full}, nil
		}
	}
	if err != nil {
		return encoded{}, err
	}
	return e, s.readBack(e.frame, baseData, data)
}

// chooseBase returns which base makes the smaller delta, of the neighbours in time (or rather
// what can be reached from them). There is none where nothing is stored.
func (s *Store) chooseBase(data []byte, f *entry) (best encoded, bestData []byte, err error) {
	candidates := s.history.neighbours(f)
	for _, c := range candidates {
		base, err := s.open(c.base)
		if err != nil {
			return encoded{}, nil, err
		}
		if len(candidates) == 1 {
			return c, base, nil
		}
		if c.frame, err = s.delta(data, base); err != nil {
			return encoded{}, nil, err
		}
		if best.base == nil || len(c.frame) < len(best.frame) {
			best, bestData = c, base
		}
	}
	return best, bestData, nil
}

// neighbours returns the bases to try for a new sighting: at most two, of the same form of file, for others have no text
// in common with it.
func (h *history) neighbours(f *entry) []encoded {
	var near []encoded
	at, _ := h.find(f.ID)
	before, after := at-1, at
	for before >= 0 && h.lines[before].Form != f.Form {
		before--
	}
	for after < len(h.lines) && h.lines[after].Form != f.Form {
		after++
	}
	for _, i := range []int{before, after} {
		if i < 0 || i >= len(h.lines) {
			continue
		}
		base, leap := h.blob(h.lines[i].SHA256).reach()
		if base != nil && (len(near) == 0 || near[0].base != base) {
			near = append(near, encoded{base: base, leap: leap})
		}
	}
	return near
}

// readBack decodes a frame, and returns an error where it does not give the wanted bytes.
func (s *Store) readBack(frame, base, want []byte) error {
	dec, err := newDecoder()
	if err != nil {
		return err
	}
	defer dec.close()
	got, err := dec.decompress(frame, base, len(want), s.readBuffer)
	if err == nil && !bytes.Equal(got, want) {
		err = errors.New("other bytes came out")
	}
	s.readBuffer = got
	if err != nil {
		return fmt.Errorf("compressing cannot be undone: %w", err)
	}
	return nil
}
