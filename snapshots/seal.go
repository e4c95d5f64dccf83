package snapshots

import (
	"bytes"
	"encoding/binary"

	"github.com/ianasync/ianasync/internal/checksum"
)

// A file of bytes is the zstd frame of the bytes and, after it, a skippable frame (RFC 8878, section 3.1.2) with what
// only versions.jsonl would state otherwise. So a file that versions.jsonl does not name, because a run was killed or
// an older versions.jsonl was put back, can be added to it again. Decoders of zstd ignore that frame.
//
//	zstd frame │ magic number │ size │ protected object of JSON │ size
//
// The sizes are of the object and the second size, 4 bytes each, least significant first.
const (
	skippable = 0x184D2A50
	sizeField = 4
)

// origin is the object in a file of bytes.
type origin struct {
	ID           string `json:"id"`
	Source       string `json:"source,omitempty"`
	ETag         string `json:"etag,omitempty"`
	LastModified string `json:"last_modified,omitempty"`
	Note         string `json:"note,omitempty"`
	SHA256       string `json:"sha256"`
	Size         int    `json:"size"`
	Base         string `json:"base,omitempty"`
	Leap         int    `json:"leap,omitempty"`
}

// seal returns what the file of an entry's bytes is to hold, given their frame.
func (e *entry) seal(frame []byte) ([]byte, error) {
	object, err := checksum.Marshal(origin{e.ID, e.Source, e.ETag, e.LastModified, e.Note, e.SHA256, e.Size, e.Base, e.Leap})
	if err != nil {
		return nil, err
	}
	size := uint32(len(object) + sizeField) //nolint:gosec // strings of a few hundred bytes
	file := bytes.Clone(frame)
	file = binary.LittleEndian.AppendUint32(file, skippable)
	file = binary.LittleEndian.AppendUint32(file, size)
	file = append(file, object...)
	return binary.LittleEndian.AppendUint32(file, size), nil
}

// unseal returns the object in a file of bytes, and whether there is one.
func unseal(file []byte) (o origin, found bool) {
	if len(file) < 3*sizeField {
		return origin{}, false
	}
	size := int64(binary.LittleEndian.Uint32(file[len(file)-sizeField:]))
	begin := int64(len(file)) - size
	if size <= sizeField || begin < 2*sizeField ||
		binary.LittleEndian.Uint32(file[begin-2*sizeField:]) != skippable || int64(binary.LittleEndian.Uint32(file[begin-sizeField:])) != size {
		return origin{}, false
	}
	err := checksum.Unmarshal(file[begin:len(file)-sizeField], &o)
	return o, err == nil
}
