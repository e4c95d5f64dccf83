package zstdpatch

import (
	"encoding/binary"
	"math/bits"

	"github.com/klauspost/compress/huff0"
)

// The sizes of RFC 8878.
const (
	magic      = 0xFD2FB528
	blockSize  = 128 << 10
	minMatch   = 3
	compressed = 2 // the type of a block, and of its literals
)

// frame returns the frame of the sequences. It states the size of the data, and has no checksum: the caller has one of its own.
func (e *Encoder) frame() []byte {
	const flags = 1 << 5 // the window is all of the data, and is not stated
	out := binary.LittleEndian.AppendUint32(nil, magic)
	switch n := len(e.data); {
	case n < 256:
		out = append(out, flags, byte(n))
	case n < 256+1<<16:
		out = binary.LittleEndian.AppendUint16(append(out, 1<<6|flags), uint16(n-256))
	default:
		out = binary.LittleEndian.AppendUint32(append(out, 2<<6|flags), uint32(n))
	}
	e.block.start()
	rest := e.sequences
	for end := 0; end < len(e.data); {
		end, rest = e.fill(end, rest)
		out = e.block.append(out, end == len(e.data))
	}
	return out
}

// fill makes the block that begins at a place in the data. It cuts a sequence that goes on in the next block. It returns where the block
// ends, and the sequences after that.
func (e *Encoder) fill(begin int, sequences []sequence) (end int, rest []sequence) {
	b := &e.block
	b.literals, b.copies = b.literals[:0], b.copies[:0]
	end = min(begin+blockSize, len(e.data))
	for len(sequences) > 0 {
		s := &sequences[0]
		n := min(s.end, end) - s.begin
		if left := s.end - s.begin - n; 0 < left && left < minMatch {
			n -= minMatch
		}
		if n < minMatch {
			end = min(end, s.begin)
			break
		}
		b.literals = append(b.literals, e.data[begin:s.begin]...)
		b.copy(s.begin-begin, n, s.offset)
		s.begin += n
		if begin = s.begin; s.begin < s.end {
			return begin, sequences
		}
		sequences = sequences[1:]
	}
	b.literals = append(b.literals, e.data[begin:end]...)
	return end, sequences
}

// block is a block being made, and what the next one needs of those before it.
type block struct {
	literals []byte
	copies   [][3]code // of each sequence its three codes

	recent [3]int // the offsets that have short codes
	tables [3]int // of each field the code that the table of the last block consists of; -1 where it is the default table
	huff   *huff0.Scratch
}

// The fields of a sequence, in the order in which a decoder reads their states.
const (
	literalsField = iota
	offsetField
	matchField
)

// code is the code of a value and the bits to add to what the code stands for.
type code struct {
	code  int
	extra uint64
	bits  int
}

func (b *block) start() {
	b.recent, b.tables = [3]int{1, 4, 8}, [3]int{-1, -1, -1}
	if b.huff == nil {
		b.huff = &huff0.Scratch{Reuse: huff0.ReusePolicyNone}
	}
}

// copy adds a sequence: literals, and then a match.
func (b *block) copy(literals, match, offset int) {
	b.copies = append(b.copies, [3]code{lengthCode(literals, literalsBase), b.offsetCode(literals, offset), lengthCode(match, matchBase)})
}

// offsetCode returns the code of an offset, which depends on the offsets used before (RFC 8878, section 3.1.1.5). After no
// literals, the last offset has no short code, but the one before that has. So where a block goes on with a copy, its offset
// is written as a new one once, and is from then on the last and the one before.
func (b *block) offsetCode(literals, offset int) code {
	r := &b.recent
	value := offset + 3
	switch {
	case literals > 0 && offset == r[0]:
		value = 1
	case offset == r[1]:
		value = 2
		r[0], r[1] = r[1], r[0]
	case offset == r[2]:
		value = 3
		r[0], r[1], r[2] = r[2], r[0], r[1]
	default:
		r[0], r[1], r[2] = offset, r[0], r[1]
	}
	if literals == 0 && value <= 3 {
		value--
	}
	n := bits.Len(uint(value)) - 1
	return code{n, uint64(value - 1<<n), n}
}

// append appends the block to a frame.
func (b *block) append(out []byte, last bool) []byte {
	header := len(out)
	out = b.appendLiterals(append(out, 0, 0, 0))
	out = b.appendSequences(out)
	h := (len(out)-header-3)<<3 | compressed<<1
	if last {
		h |= 1
	}
	out[header], out[header+1], out[header+2] = byte(h), byte(h>>8), byte(h>>16)
	return out
}

// appendLiterals appends the section of literals: as they are, or in the Huffman code if that is shorter.
func (b *block) appendLiterals(out []byte) []byte {
	n := len(b.literals)
	if packed, format := b.packLiterals(); packed != nil {
		size := []int{10, 10, 14, 18}[format]
		h := uint64(compressed) | uint64(format)<<2 | uint64(n)<<4 | uint64(len(packed))<<(4+size)
		for range (4 + 2*size + 7) / 8 {
			out, h = append(out, byte(h)), h>>8
		}
		return append(out, packed...)
	}
	switch {
	case n < 1<<5:
		out = append(out, byte(n<<3))
	case n < 1<<12:
		out = append(out, byte(n<<4|1<<2), byte(n>>4))
	default:
		out = append(out, byte(n<<4|3<<2), byte(n>>4), byte(n>>12))
	}
	return append(out, b.literals...)
}

// packLiterals returns the literals in the Huffman code, and the format of their sizes; nil where that is no shorter.
func (b *block) packLiterals() (packed []byte, format int) {
	const few = 64 // the code itself takes some dozens of bytes
	n := len(b.literals)
	if n < few {
		return nil, 0
	}
	pack := huff0.Compress4X
	switch {
	case n < 1<<10:
		pack = huff0.Compress1X
	case n < 1<<14:
		format = 2
	default:
		format = 3
	}
	packed, _, err := pack(b.literals, b.huff)
	if err != nil || len(packed)+4 >= n {
		return nil, 0
	}
	return packed, format
}

// appendSequences appends the section of sequences. It is read from its end: so what a decoder reads last is written first.
func (b *block) appendSequences(out []byte) []byte {
	n := len(b.copies)
	switch {
	case n < 128:
		out = append(out, byte(n))
	case n < 0x7F00:
		out = append(out, byte(n>>8+128), byte(n))
	default:
		out = append(out, 255, byte(n-0x7F00), byte((n-0x7F00)>>8))
	}
	if n == 0 {
		return out
	}
	modes := len(out)
	out = append(out, 0)
	for field := range b.tables {
		const one, again = 1, 3
		only := b.only(field)
		mode := 0
		switch {
		case only >= 0 && only == b.tables[field]:
			mode = again
		case only >= 0:
			mode = one
			out = append(out, byte(only))
		}
		b.tables[field] = only
		out[modes] |= byte(mode << (6 - 2*field))
	}
	w := bitWriter{out: out}
	tables := defaults()
	var states [3]int // of the sequence that was written last
	for i := n - 1; i >= 0; i-- {
		for _, field := range []int{offsetField, matchField, literalsField} {
			if b.tables[field] >= 0 {
				continue
			}
			t := &tables[field]
			c := b.copies[i][field].code
			if i == n-1 {
				states[field] = int(t.first[c])
				continue
			}
			from := int(t.from[c][states[field]])
			w.add(uint64(states[field]-int(t.base[from])), int(t.bits[from]))
			states[field] = from
		}
		for _, field := range []int{literalsField, matchField, offsetField} {
			w.add(b.copies[i][field].extra, b.copies[i][field].bits)
		}
	}
	for _, field := range []int{matchField, offsetField, literalsField} {
		if b.tables[field] < 0 {
			w.add(uint64(states[field]), tables[field].log)
		}
	}
	return w.end()
}

// only returns the code that a field has in all sequences, or -1.
func (b *block) only(field int) int {
	first := b.copies[0][field].code
	for i := range b.copies {
		if b.copies[i][field].code != first {
			return -1
		}
	}
	return first
}

// bitWriter appends numbers of some bits each, the least significant bit first.
type bitWriter struct {
	out  []byte
	bits uint64
	n    int
}

func (w *bitWriter) add(value uint64, n int) {
	w.bits |= value << w.n
	for w.n += n; w.n >= 8; w.n -= 8 {
		w.out, w.bits = append(w.out, byte(w.bits)), w.bits>>8
	}
}

// end appends the bit that marks the end.
func (w *bitWriter) end() []byte {
	w.add(1, 1)
	if w.n > 0 {
		w.out = append(w.out, byte(w.bits))
	}
	return w.out
}
