package parquet

import (
	"encoding/binary"
	"math/bits"
	"reflect"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"
)

// pages is what a column has in its pages.
type pages struct {
	*column
	rows    int
	levels  []uint32 // of each row 1, or 0 if it is null; if the column is optional
	numbers []uint32 // of each text its number in the dictionary
	texts   []byte   // the dictionary
	known   map[string]uint32
	plain   []byte // other values, one after the other
	bools   int    // how many bits of plain are used
}

// newPages collects the values of a column.
func newPages(c *column, rows reflect.Value) *pages {
	p := &pages{column: c, rows: rows.Len(), known: map[string]uint32{}}
	for i := range p.rows {
		v := rows.Index(i).FieldByIndex(c.index)
		if c.optional {
			if v.IsNil() {
				p.levels = append(p.levels, 0)
				continue
			}
			p.levels, v = append(p.levels, 1), v.Elem()
		}
		p.add(v)
	}
	return p
}

func (p *pages) add(v reflect.Value) {
	switch p.physical() {
	case typeBytes:
		p.addText(v.String())
	case typeInt32:
		p.plain = binary.LittleEndian.AppendUint32(p.plain, uint32(v.Int()))
	case typeInt64:
		p.plain = binary.LittleEndian.AppendUint64(p.plain, uint64(v.Addr().Interface().(*time.Time).UnixMilli()))
	case typeBool:
		if p.bools%8 == 0 {
			p.plain = append(p.plain, 0)
		}
		if v.Bool() {
			p.plain[p.bools/8] |= 1 << (p.bools % 8)
		}
		p.bools++
	}
}

func (p *pages) addText(s string) {
	number, found := p.known[s]
	if !found {
		number = uint32(len(p.known))
		p.known[s] = number
		p.texts = append(binary.LittleEndian.AppendUint32(p.texts, uint32(len(s))), s...)
	}
	p.numbers = append(p.numbers, number)
}

// chunk is what the footer says of a column's pages.
type chunk struct {
	dictionary, data int // offsets of the pages; dictionary is 0 where there is none
	compressed, size int // of the pages, their headers included
}

// append adds the pages of the column to a file.
func (p *pages) append(file []byte) ([]byte, chunk, error) {
	var c chunk
	encoding := encodingPlain
	if p.physical() == typeBytes {
		c.dictionary, encoding = len(file), encodingDictionary
		var err error
		file, err = c.append(file, p.texts, func(t *thrift) {
			t.int32(1, len(p.known))
			t.int32(2, encodingPlain)
		}, pageDictionary)
		if err != nil {
			return nil, c, err
		}
	}
	c.data = len(file)
	file, err := c.append(file, p.data(), func(t *thrift) {
		t.int32(1, p.rows)
		t.int32(2, encoding)
		t.int32(3, encodingRLE) // of the levels
		t.int32(4, encodingRLE)
	}, pageData)
	return file, c, err
}

// data returns the data page: the levels of an optional column, and the values.
func (p *pages) data() []byte {
	var page []byte
	if p.optional {
		levels := appendRuns(nil, p.levels, 1)
		page = append(binary.LittleEndian.AppendUint32(page, uint32(len(levels))), levels...)
	}
	if p.physical() != typeBytes {
		return append(page, p.plain...)
	}
	width := bits.Len(uint(max(2, len(p.known)) - 1)) // of the highest number, and at least 1
	return appendRuns(append(page, byte(width)), p.numbers, width)
}

// append adds a page to a file, and to the sizes of the chunk. The function fills the part of its header for its kind.
func (c *chunk) append(file, page []byte, header func(*thrift), kind int) ([]byte, error) {
	encoder, err := pageEncoder()
	if err != nil {
		return nil, err
	}
	compressed, start := encoder.EncodeAll(page, nil), len(file)
	t := &thrift{data: file}
	t.nested(func(t *thrift) {
		t.int32(1, kind)
		t.int32(2, len(page))
		t.int32(3, len(compressed))
		t.group(5+kind, header) // DataPageHeader, DictionaryPageHeader
	})
	c.size += len(t.data) - start + len(page)
	c.compressed += len(t.data) - start + len(compressed)
	return append(t.data, compressed...), nil
}

// pageEncoder is the encoder of all files. Its window is 1 MiB: only a dictionary of many groups is longer than that, and an encoder
// with a window of 8 MiB takes 20 MiB of memory.
var pageEncoder = sync.OnceValues(func() (*zstd.Encoder, error) {
	return zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBetterCompression), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<20), zstd.WithZeroFrames(true), zstd.WithEncoderCRC(false))
})

// appendRuns adds numbers of a width in bits as Parquet's RLE has them: a run of 8 or more equal ones is written once with its length,
// and what lies between runs in eights, bit by bit. The last of these are filled up with zeros.
func appendRuns(out []byte, numbers []uint32, width int) []byte {
	for len(numbers) > 0 {
		if n := run(numbers); n >= 8 {
			out = binary.AppendUvarint(out, uint64(n)<<1)
			for shift := 0; shift < width; shift += 8 {
				out = append(out, byte(numbers[0]>>shift))
			}
			numbers = numbers[n:]
			continue
		}
		n := min(8, len(numbers))
		for n < len(numbers) && run(numbers[n:]) < 8 {
			n = min(n+8, len(numbers))
		}
		eights := (n + 7) / 8
		out = binary.AppendUvarint(out, uint64(eights)<<1|1)
		out = appendBits(out, numbers[:n], width, eights*width)
		numbers = numbers[n:]
	}
	return out
}

// run returns how many numbers at the beginning are equal.
func run(numbers []uint32) int {
	n := 1
	for n < len(numbers) && numbers[n] == numbers[0] {
		n++
	}
	return n
}

// appendBits adds numbers of a width in bits, from the lowest bit on, in the given number of bytes.
func appendBits(out []byte, numbers []uint32, width, size int) []byte {
	end := len(out) + size
	var waiting uint64
	held := 0 // bits that wait
	for _, n := range numbers {
		waiting |= uint64(n) << held
		for held += width; held >= 8; held -= 8 {
			out = append(out, byte(waiting))
			waiting >>= 8
		}
	}
	for len(out) < end {
		out = append(out, byte(waiting))
		waiting = 0
	}
	return out
}
