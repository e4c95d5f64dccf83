package snapshots

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ianasync/ianasync/internal/atomicfile"
	"github.com/ianasync/ianasync/internal/checksum"
	"github.com/ianasync/ianasync/internal/layout"
	"github.com/ianasync/ianasync/internal/zstdpatch"
)

// format is the format of the store that this package reads and writes.
const format = 3

// header is store.json.
type header struct {
	Format int `json:"format"`
}

// The files for git: it is not to alter the line ends of a store, nor to commit what belongs to one machine.
const (
	gitAttributes = "* -text\n"
	gitIgnore     = layout.Lock + "\n" + layout.Notify + "/\n" + atomicfile.TempPattern + "\n"
)

// defaultPatience is how long a verification waits for a writer before it looks again without the lock.
const defaultPatience = 10 * time.Second

// Store is one group of an open store. What only reads may be called from several goroutines at
// once; what writes may not, nor beside anything else.
type Store struct {
	dir     string
	root    *os.Root // nil where held is not
	held    fs.FS    // what holds the store, where that is no folder
	of      Group
	group   layout.Group
	history *history
	cache   cache
	folders sync.Map // names of folders that are known to be folders

	patience time.Duration // how long a verification waits for a writer; [defaultPatience] if zero

	patches    *zstdpatch.Encoder // nil until it is needed
	readBuffer []byte             // memory of the last frame that was read back
	batch      *batch             // not nil between [Store.BeginBatch] and [Store.EndBatch]
	checks     *Checks            // where the check is kept instead of in checks.jsonl; nil for none
	past       fs.FS              // the store to start from: see [StartFrom]
	started    bool               // whether it was
	lock       *lock              // nil where the store is open for reading only
	disk       disk
	unfinished bool            // the last line of versions.jsonl was not written to its end
	behind     bool            // a write failed: what is on the disk must be read again before the next one
	surprised  bool            // recovering from that found versions that the caller does not know of
	unknown    map[string]bool // ids of files under versions/ that no line names and that cannot be added
}

func newStore(dir string, g Group) *Store {
	return &Store{dir: dir, of: g, group: layout.Group(g.GroupID()), disk: realDisk{}}
}

// Open opens a group of the store in dir for reading. It takes no lock and writes
// nothing, and shows what was there when it was opened: no version, where the store has nothing of
// the group. Where there is no store the error is an [ErrNoStore].
func Open(dir string, g Group) (*Store, error) {
	s := newStore(dir, g)
	return s.opened(s.openFolder())
}

// opened loads a store that was found, or not, for reading.
func (s *Store) opened(found bool, err error) (*Store, error) {
	if err == nil && !found {
		err = ErrNoStore
	}
	if err == nil {
		err = s.load()
	}
	if err != nil {
		return nil, fmt.Errorf("opening the store %s: %w", s.dir, err)
	}
	return s, nil
}

// OpenForWriting opens a group of the store in dir and locks the store; it makes the
// store where there is none. While another writer has it, it waits, at most for the given time; then
// the error is an [ErrLocked] that names the holder. It completes what an interrupted run left
// undone. The store must be closed.
//
// A store can be made in a folder that holds other things, such as a repository's
// README, but not where one of the names that it uses is taken.
func OpenForWriting(ctx context.Context, dir string, g Group, wait time.Duration) (*Store, error) {
	return lockAndBegin(ctx, newStore(dir, g), wait)
}

func lockAndBegin(ctx context.Context, s *Store, wait time.Duration) (*Store, error) {
	err := s.prepare()
	if err == nil {
		err = s.acquire(ctx, wait)
	}
	if err == nil {
		err = s.begin()
	}
	if err != nil {
		_ = s.Close() // the first error is the one to report
		return nil, fmt.Errorf("opening the store %s for writing: %w", s.dir, err)
	}
	return s, nil
}

// prepare checks, before anything is touched, that the folder is a store or can become one, and makes it.
func (s *Store) prepare() error {
	found, err := s.openFolder()
	if err != nil || found {
		return err
	}
	if err := s.checkRoom(); err != nil {
		return err
	}
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return err
	}
	_, err = s.openFolder()
	return err
}

// begin makes the store where there is none, reads it and completes what was interrupted. The lock is
// held.
func (s *Store) begin() error {
	found, err := s.readHeader()
	if err == nil {
		err = s.checkName()
	}
	if err != nil {
		return err
	}
	for file, text := range map[string]string{layout.GitAttributes: gitAttributes, layout.GitIgnore: gitIgnore} {
		if _, err := s.root.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
			continue // it may say more
		}
		if err := s.write(file, []byte(text)); err != nil {
			return err
		}
	}
	if !found { // last: it is this file that makes the folder a store
		if err := s.writeJSON(layout.Store, header{format}); err != nil {
			return err
		}
	}
	if err := s.start(); err != nil {
		return err
	}
	return s.recover()
}

// checkName rejects a group whose id differs from that of another group of the store in letter case alone: on some file systems both have
// one folder.
func (s *Store) checkName() error {
	entries, err := fs.ReadDir(s.content(), ".")
	for _, e := range entries {
		if name := e.Name(); name != string(s.group) && strings.EqualFold(name, string(s.group)) {
			return fmt.Errorf("the group %q differs in letter case alone from %q, which is in the store", s.group, name)
		}
	}
	return err
}

// checkRoom rejects a folder in which a name of the store is taken by something else.
func (s *Store) checkRoom() error {
	entries, err := os.ReadDir(s.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := e.Name()
		if !slices.Contains(layout.Committed(string(s.group)), name) || name == layout.GitAttributes || name == layout.GitIgnore {
			continue
		}
		if found, err := s.readHeader(); found || err != nil { // another writer has just made it
			return err
		}
		return fmt.Errorf("%w (it has no %s), and has a %s that a store would overwrite", ErrFolderTaken, layout.Store, name)
	}
	return nil
}

// openFolder opens the store's folder and reports whether there is a store in it.
func (s *Store) openFolder() (found bool, err error) {
	root, err := os.OpenRoot(s.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	s.root = root
	return s.readHeader()
}

// readHeader reads store.json, and reports whether it is there. A format that this package
// does not know is an [ErrNewerFormat] or an [ErrOlderFormat].
func (s *Store) readHeader() (found bool, err error) {
	data, err := s.read(layout.Store)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	of, err := parseHeader(data)
	switch {
	case err != nil:
		return false, damaged(layout.Store, "%v", err)
	case of.Format > format:
		return true, fmt.Errorf("%w: format %d, and this program knows %d", ErrNewerFormat, of.Format, format)
	case of.Format < format:
		return true, fmt.Errorf("%w: format %d, and this program writes %d", ErrOlderFormat, of.Format, format)
	}
	return true, nil
}

// load reads versions.jsonl. It may be missing only where nothing was ever stored.
func (s *Store) load() error {
	file := s.group.Versions()
	data, err := s.read(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	missing := err != nil
	lines, whole, err := parseLines(file, data)
	if err != nil {
		return err
	}
	h, err := newHistory(file, lines)
	if err != nil {
		return err
	}
	if missing {
		files, err := s.blobFiles()
		if err != nil {
			return err
		}
		if len(files) > 0 {
			return damaged(file, "it is missing, and says what the files in %s are", s.group.Bytes())
		}
	}
	s.history, s.unfinished = h, !whole
	return nil
}

// writable returns an error where the store cannot be written to. After a failed write it first
// reads what is on the disk again. Every method that writes calls it first.
func (s *Store) writable() error {
	if s.lock == nil {
		return ErrReadOnly
	}
	if !s.behind {
		return nil
	}
	before := s.Digest()
	err := s.recover()
	s.surprised = s.surprised || err == nil && s.Digest() != before
	return err
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

// Registry returns the id of the group.
func (s *Store) Registry() string { return string(s.group) }

// Group returns the group, as it was given.
func (s *Store) Group() Group { return s.of }

// TableFile returns the name, within the store's folder and with slashes, of the derived file that holds the
// newest table of the registry that has the group's name as canonical CSV.
func (s *Store) TableFile() string { return s.group.Table(string(s.group)) }

// Versions returns all versions, oldest first.
func (s *Store) Versions() []Version {
	list := make([]Version, len(s.history.versions))
	for i, v := range s.history.versions {
		list[i] = *v
	}
	return list
}

// Sightings returns all sightings, oldest first. It includes those that are not versions, because the
// sighting before them has the same bytes.
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
		return *s.history.versions[n-1], true
	}
	return Version{}, false
}

// readJSON reads a small file of the store, and reports whether it is there.
func (s *Store) readJSON(file string, into any) (found bool, err error) {
	data, err := s.read(file)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := checksum.Unmarshal(data, into); err != nil {
		return true, damaged(file, "%v", err)
	}
	return true, nil
}

func (s *Store) writeJSON(file string, from any) error {
	line, err := checksum.Marshal(from)
	if err != nil {
		return err
	}
	return s.write(file, append(line, '\n'))
}

// parseHeader parses store.json. Only the present format has a checksum.
func parseHeader(data []byte) (h header, err error) {
	if err := json.Unmarshal(data, &h); err != nil {
		return header{}, err
	}
	damage := checksum.Check(bytes.TrimSuffix(data, []byte("\n")))
	switch {
	case errors.Is(damage, checksum.ErrMissing) && h.Format == 1:
		return h, nil
	case damage != nil:
		return header{}, damage
	case h.Format < 1:
		return header{}, errors.New("it states no format")
	}
	return h, nil
}

// Groups returns the ids of the groups that the store in dir has something of, in alphabetical order. Where there is no store
// the error is an [ErrNoStore].
func Groups(dir string) ([]string, error) {
	s := &Store{dir: dir}
	found, err := s.openFolder()
	if err == nil && !found {
		err = ErrNoStore
	}
	if err != nil {
		return nil, fmt.Errorf("opening the store %s: %w", dir, err)
	}
	return s.groups()
}

// Others returns the ids of the other groups that the store has versions of, in alphabetical order.
func (s *Store) Others() ([]string, error) {
	ids, err := s.groups()
	return slices.DeleteFunc(ids, func(id string) bool {
		g := layout.Group(id)
		lines, err := fs.Lstat(s.content(), g.Versions())
		_, derived := fs.Lstat(s.content(), g.State()) // a folder without it is somebody else's
		return g == s.group || err != nil || lines.Size() == 0 || derived != nil
	}), err
}

// groups returns the ids of the groups that have a file of versions, in alphabetical order.
func (s *Store) groups() (ids []string, err error) {
	entries, err := fs.ReadDir(s.content(), ".")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		switch _, err := fs.Lstat(s.content(), layout.Group(e.Name()).Versions()); {
		case err == nil:
			ids = append(ids, e.Name())
		case errors.Is(err, fs.ErrPermission) && !strings.ContainsAny(e.Name(), ".+"): // not .git, nor lost+found
			return nil, err
		}
	}
	return ids, nil
}
