// Package zstdpatch encodes bytes that are nearly those of a base, such as an edition and the one before it, as a zstd frame (RFC
// 8878) with the base as raw dictionary. "zstd -d --patch-from=BASE" reads it, and so does every decoder of zstd.
//
// A general compressor indexes all of the base first, which for megabytes takes longer than everything else that is done with
// them. Here the two are laid side by side instead: as long as they agree, only their bytes are compared, and where they do
// not, some kilobytes of the base around that place are searched for where they agree again. Bytes that differ in many
// places are left to a general compressor ([Encoder.Encode] is not ok then).
//
// The frames are smaller, too. Nearly all blocks of a frame, of 128 KiB each, are one copy from the base, and take 9 bytes:
// see write.go.
package zstdpatch

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// Encoder encodes. Its zero value is ready for use. It serves one goroutine at a time. What it returns depends on the
// arguments alone.
type Encoder struct {
	data, base []byte
	sequences  []sequence

	head    [1 << hashBits]int32 // by the hash of some bytes, 1 more than the last place with them that was indexed
	chain   [2 * window]int32    // for each indexed place, see slot, what head was before
	indexed int                  // end of the last part of the base that was indexed

	block block
}

// sequence is a copy of bytes that stand earlier. Places count from the start of the base on, and go on in the data. What
// lies between two sequences are literals.
type sequence struct {
	begin, end int // in the data
	offset     int // how many places before that it is copied from
}

const (
	hashBits = 15
	window   = 1 << 16 // places of the base, and as many of the data, that are found
	behind   = 8 << 10 // bytes of the base that are indexed before the place where the two differ
	ahead    = 32 << 10
	depth    = 24 // places with equal hashes that are tried
	enough   = 64 // bytes; a match as long is taken without looking for a better one, and what it copies is not indexed
	shortest = 4  // bytes of a match

	maxSize = 1 << 27 // bytes of data and base
)

// The bits that sequences take, roughly, beside the 8 of each literal.
const (
	costAgain = 18 // at an offset that was used just before
	costNew   = 40
)

// Encode returns data as a frame. It is not ok, and there is no frame, where one of the two is empty or far too large, or
// they differ in so much that a general compressor gives a smaller frame.
func (e *Encoder) Encode(data, base []byte) (frame []byte, ok bool) {
	if len(data) == 0 || len(base) == 0 || len(data)+len(base) > maxSize {
		return nil, false
	}
	e.data, e.base, e.sequences, e.indexed = data, base, e.sequences[:0], 0
	clear(e.head[:])
	if ok = e.match(); ok {
		frame = e.frame()
	}
	e.data, e.base = nil, nil
	return frame, ok
}

// match finds the sequences. It fails where there are too many literals.
func (e *Encoder) match() bool {
	literals, tolerated := 0, 1<<10+len(e.data)/64
	offset, last := len(e.base), 0 // of the last sequence, and the one before
	for i := 0; i < len(e.data); {
		best := e.find(i, offset, last)
		if best.length < enough {
			if next := e.find(i+1, offset, last); next.gain > best.gain+8 {
				best = candidate{}
			}
		}
		if best.length == 0 {
			if literals++; literals > tolerated {
				return false
			}
			e.insert(len(e.base) + i)
			i++
			continue
		}
		if o := len(e.base) + i - best.place; o != offset {
			offset, last = o, offset
		}
		e.add(i, best)
		for end := i + best.length; i < end && best.length < enough; i++ {
			e.insert(len(e.base) + i)
		}
		if best.length >= enough {
			i += best.length
		}
	}
	return true
}

// candidate is a match that may become a sequence.
type candidate struct {
	place  int // that it is copied from
	length int // 0 for none
	gain   int // bits that are saved
}

// find returns the match at i in the data that saves most. It looks at the offsets given and at indexed places.
func (e *Encoder) find(i, offset, last int) (best candidate) {
	if i >= len(e.data) {
		return best
	}
	consider := func(place, cost int) {
		if n := e.length(place, i); n >= shortest && 8*n-cost > best.gain {
			best = candidate{place, n, 8*n - cost}
		}
	}
	here := len(e.base) + i
	for _, o := range []int{offset, last} {
		if 0 < o && o <= here {
			consider(here-o, costAgain)
		}
	}
	if best.length >= enough || i+8 > len(e.data) {
		return best
	}
	e.index(here - offset)
	place := int(e.head[hash(e.data[i:])]) - 1
	for range depth {
		if place < 0 || place >= here {
			break
		}
		consider(place, costNew)
		place = int(e.chain[e.slot(place)]) - 1
	}
	return best
}

// length returns how many bytes agree at a place and at i in the data. It does not go beyond the end of the base.
func (e *Encoder) length(place, i int) (n int) {
	from := e.base
	if place >= len(e.base) {
		from, place = e.data, place-len(e.base)
	}
	a, b := from[place:], e.data[i:]
	a, b = a[:min(len(a), len(b))], b[:min(len(a), len(b))]
	for ; n+8 <= len(a); n += 8 {
		if d := binary.LittleEndian.Uint64(a[n:]) ^ binary.LittleEndian.Uint64(b[n:]); d != 0 {
			return n + bits.TrailingZeros64(d)/8
		}
	}
	for n < len(a) && a[n] == b[n] {
		n++
	}
	return n
}

// add adds the sequence of a match at i. It begins earlier where the bytes before agree as well: in place of literals and
// of short sequences.
func (e *Encoder) add(i int, m candidate) {
	s := sequence{i, i + m.length, len(e.base) + i - m.place}
	first := 0 // of data that the sequence may copy
	for _, before := range slices.Backward(e.sequences) {
		if before.end-before.begin >= enough {
			first = before.end
			break
		}
	}
	from, floor := e.base, 0
	if m.place >= len(e.base) {
		from, floor = e.data, len(e.base)
	}
	for place := m.place; s.begin > first && place > floor && from[place-1-floor] == e.data[s.begin-1]; place-- {
		s.begin--
	}
	for n := len(e.sequences); n > 0; n-- {
		before := &e.sequences[n-1]
		before.end = min(before.end, s.begin)
		if before.end-before.begin >= shortest {
			break
		}
		e.sequences = e.sequences[:n-1]
	}
	if n := len(e.sequences); n > 0 && e.sequences[n-1].end == s.begin && e.sequences[n-1].offset == s.offset {
		e.sequences[n-1].end = s.end
		return
	}
	e.sequences = append(e.sequences, s)
}

// index indexes the base around a place, unless it is.
func (e *Encoder) index(place int) {
	if place >= len(e.base) || place+ahead/2 <= e.indexed {
		return
	}
	from := max(e.indexed, place-behind)
	e.indexed = min(place+ahead, len(e.base))
	for ; from < e.indexed; from++ {
		e.insert(from)
	}
}

// insert indexes one place.
func (e *Encoder) insert(place int) {
	from, at := e.base, place
	if place >= len(e.base) {
		from, at = e.data, place-len(e.base)
	}
	if at+8 > len(from) {
		return
	}
	h := hash(from[at:])
	e.chain[e.slot(place)], e.head[h] = e.head[h], int32(place+1)
}

// slot returns where in chain a place is. Another one overwrites it later; then other places are tried than those with
// the same hash.
func (e *Encoder) slot(place int) int {
	if place < len(e.base) {
		return place % window
	}
	return window + (place-len(e.base))%window
}

// hash returns a hash of the first 5 of at least 8 bytes.
func hash(b []byte) int {
	return int(binary.LittleEndian.Uint64(b) << 24 * 0x9E3779B185EBCA87 >> (64 - hashBits))
}
