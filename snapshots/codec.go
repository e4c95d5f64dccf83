package snapshots

import (
	"bytes"
	"errors"
	"math/bits"

	"github.com/klauspost/compress/zstd"
)

// How hard the encoder tries. A delta is made once and kept for ever; but where
// there are two bases to choose from, the quick one selects it.
const (
	thorough = zstd.SpeedBestCompression
	quick    = zstd.SpeedBetterCompression

	small  = 64 << 10 // bytes; below that, being thorough gains nothing and costs 20 ms for its tables
	slight = 1 << 10  // bytes; of a delta below that, being thorough saves a dozen, for six times the work
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
	}
	if base != nil {
		options = append(options, zstd.WithEncoderDictRaw(0, base))
	}
	return zstd.NewWriter(nil, options...)
}

// delta returns data as a delta against base: a quick one where that is slight, else a thorough
// one, if it is smaller.
func (d *deltas) delta(data, base []byte) ([]byte, error) {
	frame, err := d.compress(data, base)
	if err != nil || len(frame) < slight {
		return frame, err
	}
	better, err := compress(data, base, thorough)
	if len(better) < len(frame) {
		frame = better
	}
	return frame, err
}

// deltas makes quick deltas, one after another, with one encoder: making an encoder's tables takes longer than using
// them. It writes a frame as a stream. EncodeAll gives one as small, but its encoder is another than the one that a reset
// prepares, so that the base would be indexed twice: that takes 13.8 ms where this takes 7.
type deltas struct {
	zstd   *zstd.Encoder
	window int
}

func (d *deltas) compress(data, base []byte) ([]byte, error) {
	var frame bytes.Buffer
	var err error
	if w := window(len(data) + len(base)); d.zstd == nil || d.window != w {
		d.window = w
		d.zstd, err = newEncoder(quick, w, nil)
	}
	if err == nil {
		err = d.zstd.ResetWithOptions(&frame, zstd.WithEncoderDictRaw(0, base))
	}
	if err == nil {
		d.zstd.ResetContentSize(&frame, int64(len(data))) // a frame states its size; this does not index the base again
		_, err = d.zstd.Write(data)
	}
	if err == nil {
		err = d.zstd.Close()
	}
	if err != nil {
		d.zstd = nil
		return nil, err
	}
	return frame.Bytes(), nil
}

// window returns the window size for n bytes: a power of two.
func window(n int) int {
	return min(max(1<<bits.Len(uint(n)), zstd.MinWindowSize), zstd.MaxWindowSize)
}

var errSize = errors.New("it has not the size that it should")

// decoder undoes compress, for one blob after another.
type decoder struct{ zstd *zstd.Decoder }

// newDecoder returns a decoder that must be closed. Without other options it checks no checksums: its callers
// compare the SHA-256 of what comes out last.
func newDecoder(options ...zstd.DOption) (*decoder, error) {
	d, err := zstd.NewReader(nil, append([]zstd.DOption{
		zstd.WithDecoderConcurrency(1),
		zstd.WithDecoderLowmem(true),
		zstd.IgnoreChecksum(true),
		zstd.WithDecodeAllCapLimit(true), // what is damaged must not fill the memory
	}, options...)...)
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
