// Package checksum protects objects of JSON against damage. The last member of a protected object is a
// checksum of all the text before it:
//
//	{"id":"20260122T060000Z","size":1,"checksum":"0123456789abcdef"}
//
// It consists of the first 64 bits of a SHA-256, which finds any flipped bit and any cut; it is no signature.
// A protected object is one line, without its line end.
package checksum

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"

	"github.com/ianasync/ianasync/internal/plainjson"
)

// The errors of [Check].
var (
	ErrMissing  = errors.New("it has no checksum")
	ErrMismatch = errors.New("its checksum is not that of its content")
)

const (
	begin  = `,"checksum":"`
	digits = 16
	end    = `"}`
	length = len(begin) + digits + len(end)
)

// Append returns an object of JSON, which has at least one member, with its checksum.
func Append(object []byte) []byte {
	content := bytes.TrimSuffix(object, []byte("}"))
	sum := sum(content)
	return bytes.Join([][]byte{content, []byte(begin), sum[:], []byte(end)}, nil)
}

// Check reports by its error whether text is a protected object as it was written.
func Check(text []byte) error {
	if len(text) <= length {
		return ErrMissing
	}
	content, tail := text[:len(text)-length], text[len(text)-length:]
	if !bytes.HasPrefix(tail, []byte(begin)) || !bytes.HasSuffix(tail, []byte(end)) {
		return ErrMissing
	}
	if sum := sum(content); !bytes.Equal(sum[:], tail[len(begin):len(begin)+digits]) {
		return ErrMismatch
	}
	return nil
}

// Marshal returns a value, which encodes to an object with at least one member, as a protected object. It does
// not escape what only HTML needs escaped.
func Marshal(value any) ([]byte, error) {
	object, err := plainjson.Marshal(value)
	if err != nil {
		return nil, err
	}
	return Append(object), nil
}

// Unmarshal is the inverse of [Marshal], after a [Check]. A line end after the object is ignored.
func Unmarshal(text []byte, into any) error {
	text = bytes.TrimSuffix(text, []byte("\n"))
	if err := Check(text); err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

func sum(content []byte) (text [digits]byte) {
	sum := sha256.Sum256(content)
	hex.Encode(text[:], sum[:digits/2])
	return text
}
