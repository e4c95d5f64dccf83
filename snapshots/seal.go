package snapshots

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"

	"github.com/ianasync/ianasync/internal/plainjson"
)

// A file of bytes is the zstd frame of the bytes and, after it, a skippable frame (RFC 8878, section 3.1.2) with what
// neither the bytes nor the file's name tell. So a file that versions.jsonl does not name, because a run was killed or
// an older versions.jsonl was put back, can be added to it again. Decoders of zstd ignore that frame.
//
//	zstd frame │ magic number │ size │ object of JSON │ digest │ size
//
// Both sizes are of the same: of all that follows the first of them. All fields but the object have 4 bytes; numbers
// have the least significant one first; the digest is the beginning of the object's SHA-256. The object's
// names are short, for most of these files have a few hundred bytes.
const (
	skippable = 0x184D2A50
	field     = 4
)

// origin is the object in a file of bytes.
type origin struct {
	Source       string `json:"s,omitempty"`
	ETag         string `json:"e,omitempty"`
	LastModified string `json:"m,omitempty"`
	Note         string `json:"n,omitempty"`
	Base         string `json:"b,omitempty"`
	Leap         int    `json:"l,omitempty"`
}

// seal returns what the file of an entry's bytes is to hold, given their frame.
func (e *entry) seal(frame []byte) ([]byte, error) {
	object, err := plainjson.Marshal(origin{e.Source, e.ETag, e.LastModified, e.Note, e.Base, e.Leap})
	if err != nil {
		return nil, err
	}
	size := uint32(len(object) + 2*field) // a few hundred bytes
	sum := sha256.Sum256(object)
	file := bytes.Clone(frame)
	file = binary.LittleEndian.AppendUint32(file, skippable)
	file = binary.LittleEndian.AppendUint32(file, size)
	file = append(append(file, object...), sum[:field]...)
	return binary.LittleEndian.AppendUint32(file, size), nil
}

// unseal returns the object in a file of bytes, and whether there is one.
func unseal(file []byte) (o origin, found bool) {
	number := func(at int64) uint32 { return binary.LittleEndian.Uint32(file[at:]) }
	length := int64(len(file))
	if length < 4*field {
		return origin{}, false
	}
	size := int64(number(length - field))
	begin := length - size
	if size < 2*field || begin < 2*field || number(begin-2*field) != skippable || int64(number(begin-field)) != size {
		return origin{}, false
	}
	object, digest := file[begin:length-2*field], file[length-2*field:length-field]
	if sum := sha256.Sum256(object); !bytes.Equal(sum[:field], digest) {
		return origin{}, false
	}
	return o, json.Unmarshal(object, &o) == nil
}
