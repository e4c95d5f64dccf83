package snapshots

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"github.com/ianasync/ianasync/internal/atomicfile"
)

// OpenFS opens a group of a store that is held by a file system, such as an archive, for reading. The name is for
// messages. Where there is no store the error is an [ErrNoStore].
func OpenFS(files fs.FS, name string, g Group) (*Store, error) {
	s := newStore(name, g)
	s.held = files
	return s.opened(s.readHeader())
}

// StartFrom is [OpenForWriting], but for a store that has no folder of the group yet: there it copies that folder from past, a
// file system that holds another store. It is copied whole or not at all. [Store.Started] reports whether it was; then
// everything derived that is not in past is still to be derived.
func StartFrom(ctx context.Context, dir string, g Group, wait time.Duration, past fs.FS) (*Store, error) {
	s := newStore(dir, g)
	s.past = past
	return lockAndBegin(ctx, s, wait)
}

// Started reports whether the store was started with the versions of another one when it was opened: see [StartFrom].
func (s *Store) Started() bool { return s.started }

// start copies the group's folder from the store that this one is to start from, if there is no such folder. Before that, it removes what a
// start that was interrupted left behind. The lock is held, and there is a store.
func (s *Store) start() error {
	temps, err := s.topTemps()
	if err != nil {
		return err
	}
	for _, name := range temps {
		if info, err := s.root.Lstat(name); err != nil || !info.IsDir() {
			continue
		}
		if err := s.root.RemoveAll(name); err != nil {
			return err
		}
	}
	if s.past == nil {
		return nil
	}
	if _, err := s.root.Lstat(string(s.group)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	folder, err := fs.Sub(s.past, string(s.group))
	if err != nil {
		return err
	}
	if err := atomicfile.CopyFolder(s.root, string(s.group), folder); err != nil {
		return err
	}
	s.started = true
	return nil
}
