package snapshots

import (
	"errors"
	"sync"
)

// batch is what a run of imports has not written yet. Writing each file by itself and waiting for the disk takes most of
// the time of an import of small files; written together, they wait together.
type batch struct {
	frames map[string][]byte // of files of bytes, by id
	lines  bool              // the lines of versions.jsonl are behind the history
}

// The bounds of a batch: what a run that is killed loses, which the next import brings again.
const (
	mostBatched = 64 // files
	batchWorker = 16 // files that are written at once
)

// BeginBatch makes [Store.Put] and [Store.Import] keep what they store in memory for a while. It is written whenever there is
// much of it, and by [Store.EndBatch]; until then nobody else sees it, and a kill loses it.
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
	if frame != nil {
		b.frames[id] = frame
	}
	b.lines, s.history = true, next
	if len(b.frames) >= mostBatched {
		return b.write(s)
	}
	return nil
}

// write writes the files of bytes, and then, in one step, the lines that name them.
func (b *batch) write(s *Store) error {
	if !b.lines {
		return nil
	}
	var wait sync.WaitGroup
	var mu sync.Mutex
	var failed error
	slots := make(chan struct{}, batchWorker)
	for id, frame := range b.frames {
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			file := s.group.Blob(id)
			err := s.checkPlain(file)
			if err == nil {
				err = s.disk.Write(s.root, file, frame)
			}
			if err != nil {
				mu.Lock()
				defer mu.Unlock()
				failed = errors.Join(failed, err)
			}
		})
	}
	wait.Wait()
	if failed != nil {
		s.behind = true // see [Store.write]
		return failed
	}
	if err := s.writeHistory(s.history); err != nil {
		return err
	}
	clear(b.frames)
	b.lines = false
	return nil
}
