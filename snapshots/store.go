package snapshots

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"slices"
	"time"

	"github.com/ianasync/ianasync/internal/atomicfile"
	"github.com/ianasync/ianasync/internal/layout"
	"github.com/ianasync/ianasync/internal/plainjson"
	"github.com/ianasync/ianasync/registry"
)

// format is the format of the store that this package reads and writes.
const format = 1

// header is store.json.
type header struct {
	Format   int    `json:"format"`
	Registry string `json:"registry"` // its ID
}

// Store is an open store. What only reads may be called from several goroutines at
// once; what writes may not, nor beside anything else.
type Store struct {
	dir     string
	header  header
	history *history
	cache   cache

	deltas deltas
	lock   *lock // nil where the store is open for reading only
	disk   disk
	behind bool // a write failed: what is on the disk must be read again before the next one
}

// disk is how a store changes files. Each call is whole or has done nothing that
// anyone can see, up to the error of its last step: see [atomicfile.Write].
type disk interface {
	Write(path string, data []byte) error
	Remove(path string) error
}

type realDisk struct{}

func (realDisk) Write(path string, data []byte) error { return atomicfile.Write(path, data) }
func (realDisk) Remove(path string) error             { return os.Remove(path) }

// Open opens the store in dir for reading. It takes no lock and writes nothing, and
// shows what was there when it was opened. Where there is no store the error is an [ErrNoStore].
func Open(dir string) (*Store, error) {
	s := &Store{dir: dir}
	found, err := s.readHeader()
	if err == nil && !found {
		err = ErrNoStore
	}
	if err == nil {
		err = s.load()
	}
	if err != nil {
		return nil, fmt.Errorf("opening the store %s: %w", dir, err)
	}
	return s, nil
}

// OpenForWriting opens the store of a registry in dir and locks it, and makes it where
// there is none. While another writer has it, it waits, at most for the given time; then
// the error is an [ErrLocked] that tells who has it. It removes what an interrupted run left
// behind. The store must be closed.
//
// A store can be made in a folder that holds other things, such as a repository's
// README, but not where one of the names that it uses is taken.
func OpenForWriting(ctx context.Context, dir string, reg *registry.Registry, wait time.Duration) (*Store, error) {
	return openForWriting(ctx, dir, reg, wait, realDisk{})
}

func openForWriting(ctx context.Context, dir string, reg *registry.Registry, wait time.Duration, disk disk) (*Store, error) {
	s := &Store{dir: dir, disk: disk}
	err := s.prepare(reg)
	if err == nil {
		s.lock, err = acquire(ctx, s.path(layout.Lock), wait)
	}
	if err == nil {
		err = s.begin(reg)
	}
	if err != nil {
		_ = s.Close() // the first error is the one to tell
		return nil, fmt.Errorf("opening the store %s for writing: %w", dir, err)
	}
	return s, nil
}

// prepare sees, before anything is touched, that the folder is a store for reg or can
// become one.
func (s *Store) prepare(reg *registry.Registry) error {
	found, err := s.readHeader()
	if err != nil {
		return err
	}
	if found {
		return s.checkRegistry(reg)
	}
	if err := s.checkRoom(reg); err != nil {
		return err
	}
	return os.MkdirAll(s.dir, 0o755)
}

// begin makes the store where there is none, reads it and clears it up. The lock is
// held.
func (s *Store) begin(reg *registry.Registry) error {
	found, err := s.readHeader()
	if err != nil {
		return err
	}
	if !found {
		if err := s.create(reg); err != nil {
			return err
		}
	}
	if err := s.checkRegistry(reg); err != nil {
		return err
	}
	return s.recover()
}

func (s *Store) create(reg *registry.Registry) error {
	s.header = header{format, reg.ID}
	return s.writeJSON(layout.Store, s.header)
}

func (s *Store) checkRegistry(reg *registry.Registry) error {
	if s.header.Registry != reg.ID {
		return fmt.Errorf("%w: %s, not %s", ErrOtherRegistry, s.header.Registry, reg.ID)
	}
	return nil
}

// checkRoom refuses a folder in which a name of the store is taken by something else.
func (s *Store) checkRoom(reg *registry.Registry) error {
	entries, err := os.ReadDir(s.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !slices.Contains(layout.Names(reg), e.Name()) {
			continue
		}
		if found, err := s.readHeader(); found || err != nil { // another writer has just made it
			return err
		}
		return fmt.Errorf("%w (it has no %s), and has a %s that a store would overwrite", ErrFolderTaken, layout.Store, e.Name())
	}
	return nil
}

// readHeader reads store.json, and says whether it is there. A format that this package
// does not know is an [ErrNewerFormat].
func (s *Store) readHeader() (found bool, err error) {
	found, err = s.readJSON(layout.Store, &s.header)
	switch {
	case err != nil || !found:
		return false, err
	case s.header.Format > format:
		return true, fmt.Errorf("%w: format %d, and this program knows %d", ErrNewerFormat, s.header.Format, format)
	case s.header.Format < 1 || s.header.Registry == "":
		return true, damaged(layout.Store, "it tells no format or no registry")
	}
	return true, nil
}

// load reads versions.jsonl. It may be missing only where nothing was ever stored.
func (s *Store) load() error {
	data, err := os.ReadFile(s.path(layout.Versions))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	missing := err != nil
	lines, err := parseLines(data)
	if err != nil {
		return err
	}
	h, err := newHistory(lines)
	if err != nil {
		return err
	}
	if missing {
		files, err := s.blobFiles()
		if err != nil {
			return err
		}
		if len(files) > 0 {
			return damaged(layout.Versions, "it is missing, and the files under %s/ cannot be told without it", layout.Bytes)
		}
	}
	s.history = h
	return nil
}

// recover reads what is on the disk, and removes what an interrupted or failed run
// left there.
func (s *Store) recover() error {
	s.behind = true
	if err := s.load(); err != nil {
		return err
	}
	if err := s.clean(); err != nil {
		return err
	}
	if _, err := os.Stat(s.path(layout.Versions)); errors.Is(err, fs.ErrNotExist) {
		if err := s.write(layout.Versions, nil); err != nil {
			return err
		}
	}
	s.behind = false
	return nil
}

// writable returns an error where the store cannot be written to. After a failed write it first
// reads what is on the disk again. Every method that writes calls it first.
func (s *Store) writable() error {
	if s.lock == nil {
		return ErrReadOnly
	}
	if s.behind {
		return s.recover()
	}
	return nil
}

// Close releases the lock. A store that was opened for reading needs no closing.
func (s *Store) Close() error {
	if s.lock == nil {
		return nil
	}
	l := s.lock
	s.lock = nil
	return l.release()
}

// Dir returns the store's folder, as it was given.
func (s *Store) Dir() string { return s.dir }

// Registry returns the ID of the store's registry.
func (s *Store) Registry() string { return s.header.Registry }

// TableFile returns the name of the derived file that holds the newest table as canonical
// CSV.
func (s *Store) TableFile() string { return s.header.Registry + ".csv" }

// Versions returns all versions, oldest first.
func (s *Store) Versions() []Version { return slices.Clone(s.history.versions) }

// Sightings returns all sightings, oldest first, those included that are no version since the one
// before them has the same bytes.
func (s *Store) Sightings() iter.Seq[Version] {
	return func(yield func(Version) bool) {
		for i := range s.history.lines {
			if !yield(s.history.lines[i].Version) {
				return
			}
		}
	}
}

// Latest returns the newest version, and whether there is any.
func (s *Store) Latest() (Version, bool) {
	if n := len(s.history.versions); n > 0 {
		return s.history.versions[n-1], true
	}
	return Version{}, false
}

// HasBytes returns the newest version with bytes of the given SHA-256, and whether there
// is one.
func (s *Store) HasBytes(sha256 string) (Version, bool) {
	for _, v := range slices.Backward(s.history.versions) {
		if v.SHA256 == sha256 {
			return v, true
		}
	}
	return Version{}, false
}

// readJSON reads a small file of the store, and says whether it is there.
func (s *Store) readJSON(file string, into any) (found bool, err error) {
	data, err := os.ReadFile(s.path(file))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return true, damaged(file, "%v", err)
	}
	return true, nil
}

func (s *Store) writeJSON(file string, from any) error {
	data, err := marshal(from)
	if err != nil {
		return err
	}
	return s.write(file, data)
}

// write makes data the content of a file of the store. After a failure what is on the disk
// is not certain, and is read again before anything else is written.
func (s *Store) write(file string, data []byte) error {
	err := s.disk.Write(s.path(file), data)
	if err != nil {
		s.behind = true
	}
	return err
}

// marshal returns JSON for people to read.
func marshal(from any) ([]byte, error) {
	data, err := plainjson.MarshalIndent(from, "  ")
	return append(data, '\n'), err
}
