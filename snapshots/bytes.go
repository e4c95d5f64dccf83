package snapshots

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"
)

// Bytes returns the bytes of a version exactly as they were served. They are checked
// against their SHA-256: where they are not what was stored, the error is a [*Fault] that names the
// file that is damaged.
func (s *Store) Bytes(v Version) ([]byte, error) {
	blobs, err := s.history.blobs()
	if err != nil {
		return nil, err
	}
	b := blobs[v.SHA256]
	if b == nil {
		return nil, fmt.Errorf("%w: no bytes with the SHA-256 %s", ErrNoVersion, v.SHA256)
	}
	data, err := s.open(b)
	return bytes.Clone(data), err // the store's own are deltas' bases, and stay as they are
}

// TableBytes returns bytes that decode to the table of a version, in a group of one registry. For the newest these are its canonical
// CSV, if that is there and has all that the version's bytes have: opening these would take dozens of files.
func (s *Store) TableBytes(v Version) ([]byte, error) {
	if newest, found := s.Latest(); found && newest == v && v.Unknown == 0 && v.Problems == 0 {
		if data, err := s.read(s.TableFile()); err == nil && digest(data) == v.TableSHA256 {
			return data, nil
		}
	}
	return s.Bytes(v)
}

// open returns the bytes of a blob, which the caller does not alter.
func (s *Store) open(b *blob) ([]byte, error) {
	chain, data := s.chain(b)
	if len(chain) == 0 {
		return data, nil
	}
	dec, err := newDecoder()
	if err != nil {
		return nil, err
	}
	defer dec.close()
	room := 0
	for _, link := range chain {
		room = max(room, link.size+slack)
	}
	var free []byte // to overwrite; two buffers take turns
	for i, link := range chain {
		frame, err := s.readBlob(link)
		if err != nil {
			return nil, s.faultIn(chain, err)
		}
		if free == nil {
			free = make([]byte, 0, room)
		}
		next, err := dec.decompress(frame, data, link.size, free)
		if err != nil {
			return nil, s.faultIn(chain, err)
		}
		free = nil
		if i > 0 { // before the first link, data is the cache's
			free = data
		}
		data = next
	}
	if digest(data) != b.sha256 {
		return nil, s.faultIn(chain, nil)
	}
	s.cache.put(b, data)
	return data, nil
}

// readBlob returns the content of a blob's file, be it written yet or not.
func (s *Store) readBlob(b *blob) ([]byte, error) {
	if s.batch != nil {
		if frame := s.batch.frames[b.id]; frame != nil {
			return frame, nil
		}
	}
	return s.read(s.file(b))
}

// chain returns the blobs to decode one after the other to have b, and the bytes
// from which to start: nil where the first is a full one.
func (s *Store) chain(b *blob) (chain []*blob, start []byte) {
	for ; b != nil; b = b.base {
		if start = s.cache.get(b); start != nil {
			break
		}
		chain = append(chain, b)
	}
	slices.Reverse(chain)
	return chain, start
}

// faultIn returns the fault of the blob in chain whose file is not what was stored.
func (s *Store) faultIn(chain []*blob, err error) error {
	for _, b := range chain {
		if f := s.checkFile(b); f != nil {
			return f
		}
	}
	last := chain[len(chain)-1]
	if err != nil {
		return damaged(s.file(last), "its bytes cannot be opened: %v", err)
	}
	return damaged(s.file(last), "its bytes have not the SHA-256 %s that %s states", last.sha256, s.group.Versions())
}

// checkFile returns what is wrong with the file of a blob, or nil.
func (s *Store) checkFile(b *blob) *Fault {
	file := s.file(b)
	data, err := s.read(file)
	fault, isFault := errors.AsType[*Fault](err)
	switch {
	case isFault:
		return fault
	case errors.Is(err, fs.ErrNotExist):
		return damaged(file, "it is missing")
	case err != nil:
		return damaged(file, "it cannot be read: %v", err)
	}
	text, sealed := unseal(data)
	if !sealed {
		return damaged(file, "it is not as it was stored: the digest at its end is another")
	}
	at, _ := s.history.find(b.id)
	l := &s.history.lines[at]
	if o, ok := decodeOrigin(text, l.Seen(), s.history.sourceOf); !ok || o != l.origin() {
		return damaged(file, "it does not state the origin that %s states", s.history.file)
	}
	return nil
}

// file returns the name of a blob's file within the store, with slashes.
func (s *Store) file(b *blob) string { return s.group.Blob(b.id) }

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// cache holds the bytes of the blobs opened last: the neighbours of what is likely
// to be opened next.
type cache struct {
	mu   sync.Mutex
	held [4]struct {
		sha256 string
		data   []byte
	}
	next int
}

func (c *cache) get(b *blob) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range c.held {
		if c.held[i].sha256 == b.sha256 {
			return c.held[i].data
		}
	}
	return nil
}

func (c *cache) put(b *blob, data []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held[c.next].sha256, c.held[c.next].data = b.sha256, data
	c.next = (c.next + 1) % len(c.held)
}
