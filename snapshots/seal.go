package snapshots

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// A file of bytes is the zstd frame of the bytes and, after it, a skippable frame (RFC 8878, section 3.1.2) with what
// neither the bytes nor the file's name tell. So a file that versions.jsonl does not name, because a run was killed or
// an older versions.jsonl was put back, can be added to it again. Decoders of zstd ignore that frame.
//
//	zstd frame │ magic number │ size │ origin │ digest
//
// The magic number and the size, of all that follows it, have 4 bytes each, the least significant one first. The digest is the
// first 4 bytes of the SHA-256 of the origin. Most of these files have a few hundred bytes, so an origin is made of what
// differs from its base, as varints (encoding/binary):
//
//	flags              one byte: see below
//	base               if it has one: seconds from it to the sighting
//	leap               if it is not 0
//	source             if it is not that of the base: how many bytes it begins and ends with as that does; the bytes between
//	ETag               if there is one
//	Last-Modified      if there is one: seconds from it to the sighting, or the text where it is no date of HTTP
//	note               if there is one
//
// A text is its length and its bytes.
const (
	skippable  = 0x184D2A50
	sealHeader = 8 // bytes: magic number, size
	sealDigest = 4 // bytes
	maxOrigin  = 64 << 10
)

// The flags of an origin.
const (
	hasBase = 1 << iota
	hasLeap
	hasSource
	hasETag
	hasDate
	hasText // a Last-Modified that is no date of HTTP
	hasNote
)

// httpDate is the form of a date in HTTP (RFC 9110, section 5.6.7).
const httpDate = "Mon, 02 Jan 2006 15:04:05 GMT"

// origin is what a file of bytes records of a sighting.
type origin struct {
	Source, ETag, LastModified, Note string
	Base                             string // id; empty where there is none
	Leap                             int
}

// seal returns what the file of an entry's bytes is to hold, given their frame and the source of the entry's base. An
// origin that is too long, because of a note or a source of many kilobytes, is left out.
func (e *entry) seal(frame []byte, baseSource string) []byte {
	text := e.origin().encode(e.Seen(), baseSource)
	if len(text) > maxOrigin {
		return frame
	}
	sum := sha256.Sum256(text)
	file := bytes.Clone(frame)
	file = binary.LittleEndian.AppendUint32(file, skippable)
	file = binary.LittleEndian.AppendUint32(file, uint32(len(text)+sealDigest))
	return append(append(file, text...), sum[:sealDigest]...)
}

func (e *entry) origin() origin {
	return origin{e.Source, e.ETag, e.LastModified, e.Note, e.Base, e.Leap}
}

// unseal returns the encoded origin in a file of bytes, or nil if there is none. It looks for the frame from the end.
func unseal(file []byte) []byte {
	end := len(file) - sealDigest
	for begin := end; begin >= sealHeader && end-begin <= maxOrigin; begin-- {
		if binary.LittleEndian.Uint32(file[begin-sealHeader:]) != skippable ||
			int64(binary.LittleEndian.Uint32(file[begin-4:])) != int64(len(file)-begin) {
			continue
		}
		if sum := sha256.Sum256(file[begin:end]); bytes.Equal(sum[:sealDigest], file[end:]) {
			return file[begin:end]
		}
	}
	return nil
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
	if o.Source != baseSource {
		b[0] |= hasSource
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
	if flags&hasSource != 0 {
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
	size := d.number(int64(len(d.rest)))
	if size > int64(len(d.rest)) {
		d.fail()
		return ""
	}
	text := string(d.rest[:size])
	d.rest = d.rest[size:]
	return text
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
