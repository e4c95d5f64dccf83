package snapshots

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"time"

	"github.com/klauspost/compress/zstd"
)

// A file of bytes is the zstd frame of the bytes and, after it, a skippable frame (RFC 8878, section 3.1.2) with what
// neither the bytes nor the file's name tell. So a file that versions.jsonl does not name, because a run was killed or
// an older versions.jsonl was put back, can be added to it again. Decoders of zstd ignore that frame.
//
//	zstd frame │ magic number │ size │ origin │ digest
//
// The magic number and the size, of all that follows it, have 4 bytes each, the least significant one first. The digest is the
// first 4 bytes of the SHA-256 of all that is before it, and finds any damage of the file; what it holds has a SHA-256 of its own. Most
// of these files have a few hundred bytes, so an origin is made of what differs from its base, as varints (encoding/binary):
//
//	flags              one byte: see below
//	base               if it has one: seconds from it to the sighting
//	leap               if it is not 0
//	commit             if the source is that of the base but for its commit: the bytes of that
//	source             else, if it is not that of the base: how many bytes it begins and ends with as that does; the bytes between
//	ETag               if there is one
//	Last-Modified      if there is one: seconds from it to the sighting, or the text where it is no date of HTTP
//	note               if there is one
//
// A text is its length and its bytes.
const (
	skippable  = 0x184D2A50
	sealHeader = 8 // bytes: magic number, size
	sealDigest = 4 // bytes
)

// The flags of an origin.
const (
	hasBase = 1 << iota
	hasLeap
	hasOther // a source that is not that of the base
	hasETag
	hasDate
	hasText // a Last-Modified that is no date of HTTP
	hasNote
	hasOtherCommit
)

// httpDate is the form of a date in HTTP (RFC 9110, section 5.6.7).
const httpDate = "Mon, 02 Jan 2006 15:04:05 GMT"

// origin is what a file of bytes records of a sighting.
type origin struct {
	Source, ETag, LastModified, Note string
	Base                             string // id; empty where there is none
	Leap                             int
}

// seal returns what the file of an entry's bytes is to hold, given their frame and the source of the entry's base.
func (f *entry) seal(frame []byte, baseSource string) []byte {
	text := f.origin().encode(f.Seen(), baseSource)
	file := slices.Grow(bytes.Clone(frame), sealHeader+len(text)+sealDigest)
	file = binary.LittleEndian.AppendUint32(file, skippable)
	file = binary.LittleEndian.AppendUint32(file, uint32(len(text)+sealDigest))
	file = append(file, text...)
	sum := sha256.Sum256(file)
	return append(file, sum[:sealDigest]...)
}

func (f *entry) origin() origin {
	return origin{f.Source, f.ETag, f.LastModified, f.Note, f.Base, f.Leap}
}

// unseal returns the encoded origin in a file of bytes. It is not ok where the file is not what was stored.
func unseal(file []byte) (text []byte, ok bool) {
	begin, end := frameSize(file)+sealHeader, len(file)-sealDigest
	if begin == sealHeader || begin > end || binary.LittleEndian.Uint32(file[begin-sealHeader:]) != skippable ||
		int64(binary.LittleEndian.Uint32(file[begin-4:])) != int64(len(file)-begin) {
		return nil, false
	}
	sum := sha256.Sum256(file[:end])
	return file[begin:end], bytes.Equal(sum[:sealDigest], file[end:])
}

// frameSize returns the size of the zstd frame at the beginning of a file (RFC 8878, section 3.1.1); 0 if there is no whole one.
func frameSize(file []byte) int {
	var h zstd.Header
	if h.Decode(file) != nil || h.Skippable {
		return 0
	}
	n := h.HeaderSize
	for last := false; !last; {
		const header, oneByte = 3, 1 // of a block: its size; the type of one that repeats a byte
		if n+header > len(file) {
			return 0
		}
		b := int(file[n]) | int(file[n+1])<<8 | int(file[n+2])<<16
		size := b >> 3
		if b>>1&3 == oneByte {
			size = 1
		}
		last, n = b&1 != 0, n+header+size
	}
	if h.HasCheckSum {
		n += 4
	}
	if n > len(file) {
		return 0
	}
	return n
}

// encode returns the origin of a sighting at the given time.
func (o origin) encode(seen time.Time, baseSource string) []byte {
	b := []byte{0}
	if base, err := ParseID(o.Base); err == nil {
		b[0] |= hasBase
		b = binary.AppendVarint(b, seen.Unix()-base.Unix())
	}
	if o.Leap != 0 {
		b[0] |= hasLeap
		b = binary.AppendUvarint(b, uint64(o.Leap))
	}
	if o.Base == "" {
		baseSource = ""
	}
	if commit := otherCommit(o.Source, baseSource); commit != "" {
		b[0] |= hasOtherCommit
		b, _ = hex.AppendDecode(b, []byte(commit)) // it is hexadecimal
	} else if o.Source != baseSource {
		b[0] |= hasOther
		prefix, suffix := shared(o.Source, baseSource)
		b = binary.AppendUvarint(b, uint64(prefix))
		b = binary.AppendUvarint(b, uint64(suffix))
		b = appendText(b, o.Source[prefix:len(o.Source)-suffix])
	}
	if o.ETag != "" {
		b[0] |= hasETag
		b = appendText(b, o.ETag)
	}
	if date, err := time.Parse(httpDate, o.LastModified); err == nil && date.Format(httpDate) == o.LastModified {
		b[0] |= hasDate
		b = binary.AppendVarint(b, seen.Unix()-date.Unix())
	} else if o.LastModified != "" {
		b[0] |= hasText
		b = appendText(b, o.LastModified)
	}
	if o.Note != "" {
		b[0] |= hasNote
		b = appendText(b, o.Note)
	}
	return b
}

// decodeOrigin is the inverse of encode. The source of a base, given its id, is asked for once; there is no such base where
// it returns false, and then no origin.
func decodeOrigin(text []byte, seen time.Time, sourceOf func(id string) (string, bool)) (o origin, ok bool) {
	d := originDecoder{rest: text}
	flags := d.byte()
	baseSource := ""
	if flags&hasBase != 0 {
		o.Base = FormatID(d.before(seen))
		if baseSource, ok = sourceOf(o.Base); !ok {
			return origin{}, false
		}
		if _, err := ParseID(o.Base); err != nil {
			return origin{}, false
		}
	}
	if flags&hasLeap != 0 {
		o.Leap = int(d.number(int64(len(strides))))
	}
	o.Source = baseSource
	if flags&hasOtherCommit != 0 {
		begin, end := commitIn(baseSource)
		o.Source = withCommit(baseSource, hex.EncodeToString(d.bytes((end-begin)/2)))
	}
	if flags&hasOther != 0 {
		prefix := d.number(int64(len(baseSource)))
		suffix := d.number(int64(len(baseSource)) - prefix)
		o.Source = baseSource[:prefix] + d.text() + baseSource[int64(len(baseSource))-suffix:]
	}
	if flags&hasETag != 0 {
		o.ETag = d.text()
	}
	switch {
	case flags&hasDate != 0:
		o.LastModified = d.before(seen).Format(httpDate)
	case flags&hasText != 0:
		o.LastModified = d.text()
	}
	if flags&hasNote != 0 {
		o.Note = d.text()
	}
	return o, !d.failed && len(d.rest) == 0
}

// originDecoder reads the parts of an origin. After a part that cannot be read it has failed, and all parts are zero.
type originDecoder struct {
	rest   []byte
	failed bool
}

func (d *originDecoder) fail() { d.rest, d.failed = nil, true }

func (d *originDecoder) byte() (b byte) {
	if len(d.rest) == 0 {
		d.fail()
		return 0
	}
	b, d.rest = d.rest[0], d.rest[1:]
	return b
}

func (d *originDecoder) bytes(n int) []byte {
	if n > len(d.rest) {
		d.fail()
		return nil
	}
	b := d.rest[:n]
	d.rest = d.rest[n:]
	return b
}

// before reads the seconds from a time to the sighting, and returns the time.
func (d *originDecoder) before(seen time.Time) time.Time {
	const most = 1 << 40 // more than any two ids are apart
	n, size := binary.Varint(d.rest)
	if size <= 0 || n > most || n < -most {
		d.fail()
		return time.Time{}
	}
	d.rest = d.rest[size:]
	return time.Unix(seen.Unix()-n, 0).UTC()
}

// number reads a number that is at most most.
func (d *originDecoder) number(most int64) int64 {
	n, size := binary.Uvarint(d.rest)
	if size <= 0 || n > uint64(most) {
		d.fail()
		return 0
	}
	d.rest = d.rest[size:]
	return int64(n)
}

func (d *originDecoder) text() string {
	return string(d.bytes(int(d.number(int64(len(d.rest))))))
}

func appendText(b []byte, text string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

// shared returns how many bytes a text begins with, and how many others it ends with, as another does.
func shared(text, other string) (prefix, suffix int) {
	most := min(len(text), len(other))
	for prefix < most && text[prefix] == other[prefix] {
		prefix++
	}
	for suffix < most-prefix && text[len(text)-1-suffix] == other[len(other)-1-suffix] {
		suffix++
	}
	return prefix, suffix
}
