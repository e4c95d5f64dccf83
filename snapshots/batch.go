package snapshots

import (
	"time"

	"github.com/ianasync/ianasync/internal/atomicfile"
)

// batch is what a run of imports has not written yet. Writing each file by itself and waiting for the disk takes most of
// the time of an import; written together, they wait together.
type batch struct {
	begun  time.Time         // when the first file or line was added
	files  []atomicfile.File // files of bytes, each after its base
	frames map[string][]byte // their contents by id
	lines  bool              // the lines of versions.jsonl are behind the history
}

// The bounds of a batch: what a run that is killed loses, which the next import brings again.
const (
	mostBatched    = 64 // files
	longestBatched = time.Second
)

// BeginBatch makes [Store.Put] and [Store.Import] keep what they store in memory for a while. It is written whenever there is
// much of it, or a second has passed, and by [Store.EndBatch]; until then nobody else sees it, and a kill loses it.
func (s *Store) BeginBatch() { s.batch = &batch{frames: make(map[string][]byte)} }

// EndBatch writes what is left of a batch, and ends it.
func (s *Store) EndBatch() error {
	b := s.batch
	if b == nil {
		return nil
	}
	err := b.write(s)
	s.batch = nil
	return err
}

// add takes over a file of bytes, if frame is not nil, and the history with its line.
func (b *batch) add(s *Store, id string, frame []byte, next *history) error {
	if !b.lines {
		b.begun = time.Now()
	}
	if frame != nil {
		b.files = append(b.files, atomicfile.File{Name: s.group.Blob(id), Data: frame})
		b.frames[id] = frame
	}
	b.lines, s.history = true, next
	if len(b.files) >= mostBatched || time.Since(b.begun) >= longestBatched {
		return b.write(s)
	}
	return nil
}

// write writes the files of bytes, and then, in one step, the lines that name them. A death in between leaves files that
// the next writer adds to versions.jsonl, as their bases are there.
func (b *batch) write(s *Store) error {
	if !b.lines {
		return nil
	}
	if err := s.writeAll(b.files); err != nil {
		return err
	}
	if err := s.writeHistory(s.history); err != nil {
		return err
	}
	clear(b.frames)
	b.files, b.lines = nil, false
	return nil
}
