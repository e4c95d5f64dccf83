package snapshots

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/ianasync/ianasync/internal/layout"
)

// lock is the writer's lock: the operating system's lock on the file .lock, which
// goes when its holder does, however that ends. The name of the holder in the file is for
// people, and nothing depends on it.
type lock struct {
	flock *flock.Flock
	root  *os.Root // the store's folder
}

// lockRetry is how often a waiting writer tries again.
const lockRetry = 20 * time.Millisecond

// acquire locks the store. It waits for another writer, at most for the given time.
func (s *Store) acquire(ctx context.Context, wait time.Duration) error {
	if err := s.checkPlain(layout.Lock); err != nil {
		return err
	}
	l := &lock{flock.New(s.path(layout.Lock), flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o644)), s.root}
	held, err := l.flock.TryLock() // even where there is no time to wait
	if !held && err == nil {
		waiting, cancel := context.WithTimeout(ctx, wait)
		defer cancel()
		held, err = l.flock.TryLockContext(waiting, lockRetry)
	}
	switch {
	case held:
		l.sign()
		s.lock = l
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%w (%s)", ErrLocked, l.holder())
	}
	return err
}

// The first byte of the file is left alone: Windows locks it against being read.
const holderAt = 1

// sign writes into the lock file who holds it, if it can.
func (l *lock) sign() {
	l.write(fmt.Sprintf("process %d on %s\n", os.Getpid(), hostname()))
}

func hostname() string {
	if name, err := os.Hostname(); err == nil {
		return name
	}
	return "an unknown host"
}

func (l *lock) write(text string) {
	f, err := l.root.OpenFile(layout.Lock, os.O_WRONLY, 0)
	if err != nil {
		return
	}
	defer f.Close()
	if f.Truncate(0) == nil && text != "" {
		_, _ = f.WriteAt([]byte(text), holderAt)
	}
}

// holder returns who holds the lock, as the file states it.
func (l *lock) holder() string {
	f, err := l.root.Open(layout.Lock)
	if err == nil {
		defer f.Close()
		text := make([]byte, 200)
		n, _ := f.ReadAt(text, holderAt)
		if who := strings.TrimSpace(string(text[:n])); who != "" {
			return who
		}
	}
	return "unknown"
}

// release empties the file, so that it is the same whenever nobody writes, and gives the
// lock back.
func (l *lock) release() error {
	l.write("")
	return l.flock.Unlock()
}
