package snapshots

import (
	"errors"
	"math/bits"

	"github.com/klauspost/compress/zstd"

	"github.com/ianasync/ianasync/internal/zstdpatch"
)

// How hard the encoder tries. What it makes is kept for ever.
const (
	thorough = zstd.SpeedBestCompression
	quick    = zstd.SpeedBetterCompression

	small  = 64 << 10 // bytes; below that, being thorough gains nothing and costs 20 ms for its tables
	slight = 1 << 10  // bytes; of a delta below that, being thorough saves nothing
)

// compress returns data as one zstd frame; where base is not nil, as a delta against
// it: with base as a raw dictionary of id 0. Equal arguments give equal bytes.
func compress(data, base []byte, level zstd.EncoderLevel) ([]byte, error) {
	if len(data) < small {
		level = quick
	}
	enc, err := newEncoder(level, window(len(data)+len(base)), base)
	if err != nil {
		return nil, err
	}
	out := enc.EncodeAll(data, nil)
	return out, enc.Close()
}

func newEncoder(level zstd.EncoderLevel, window int, base []byte) (*zstd.Encoder, error) {
	options := []zstd.EOption{
		zstd.WithEncoderLevel(level),
		zstd.WithEncoderConcurrency(1),
		zstd.WithLowerEncoderMem(true), // else half of the time goes into clearing memory
		zstd.WithWindowSize(window),    // all of the base must be in reach of the last byte
		zstd.WithEncoderCRC(false),     // see [entry.seal]
	}
	if base != nil {
		options = append(options, zstd.WithEncoderDictRaw(0, base))
	}
	return zstd.NewWriter(nil, options...)
}

// delta returns data as a delta against base: a patch where that is slight, else what the thorough encoder makes, if it is
// smaller.
func (s *Store) delta(data, base []byte) ([]byte, error) {
	frame, isPatch := s.patch(data, base)
	if isPatch && len(frame) < slight {
		return frame, nil
	}
	better, err := compress(data, base, thorough)
	if !isPatch || len(better) < len(frame) {
		frame = better
	}
	return frame, err
}

// patch returns data as a delta against base, which takes a millisecond where they differ little. It is not ok where they
// differ much.
func (s *Store) patch(data, base []byte) (frame []byte, ok bool) {
	if s.patches == nil {
		s.patches = new(zstdpatch.Encoder)
	}
	return s.patches.Encode(data, base)
}

// window returns the window size for n bytes: a power of two.
func window(n int) int {
	return min(max(1<<bits.Len(uint(n)), zstd.MinWindowSize), zstd.MaxWindowSize)
}

var errSize = errors.New("it has not the size that it should")

// decoder undoes compress, for one blob after another.
type decoder struct{ zstd *zstd.Decoder }

// newDecoder returns a decoder that must be closed.
func newDecoder() (*decoder, error) {
	d, err := zstd.NewReader(nil,
		zstd.WithDecoderConcurrency(1),
		zstd.WithDecoderLowmem(true),
		zstd.WithDecodeAllCapLimit(true), // what is damaged must not fill the memory
	)
	return &decoder{d}, err
}

func (d *decoder) close() { d.zstd.Close() }

// slack is how much room beyond the data the decoder likes for its copying.
const slack = 64

// decompress returns the size bytes that frame stands for, in the memory of buffer
// if they fit there with some slack.
func (d *decoder) decompress(frame, base []byte, size int, buffer []byte) ([]byte, error) {
	if base != nil {
		if err := d.zstd.ResetWithOptions(nil, zstd.WithDecoderDictRaw(0, base)); err != nil {
			return nil, err
		}
	}
	if cap(buffer) < size+slack {
		buffer = make([]byte, 0, size+slack)
	}
	data, err := d.zstd.DecodeAll(frame, buffer[:0])
	if err == nil && len(data) != size {
		err = errSize
	}
	return data, err
}
