package snapshots

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// lock is the writer's lock: the operating system's lock on the file .lock, which
// goes when its holder does, however that ends. What the file says of the holder is for
// people, and nothing depends on it.
type lock struct{ flock *flock.Flock }

// lockRetry is how often a waiting writer tries again.
const lockRetry = 20 * time.Millisecond

func acquire(ctx context.Context, path string, wait time.Duration) (*lock, error) {
	l := &lock{flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o644))}
	held, err := l.flock.TryLock() // even where there is no time to wait
	if !held && err == nil {
		waiting, cancel := context.WithTimeout(ctx, wait)
		defer cancel()
		held, err = l.flock.TryLockContext(waiting, lockRetry)
	}
	switch {
	case held:
		l.sign()
		return l, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, context.DeadlineExceeded):
		return nil, fmt.Errorf("%w (%s)", ErrLocked, l.holder())
	}
	return nil, err
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
	f, err := os.OpenFile(l.flock.Path(), os.O_WRONLY, 0)
	if err != nil {
		return
	}
	defer f.Close()
	if f.Truncate(0) == nil && text != "" {
		_, _ = f.WriteAt([]byte(text), holderAt)
	}
}

// holder returns who holds the lock, as the file has it.
func (l *lock) holder() string {
	f, err := os.Open(l.flock.Path())
	if err == nil {
		defer f.Close()
		text := make([]byte, 200)
		n, _ := f.ReadAt(text, holderAt)
		if who := strings.TrimSpace(string(text[:n])); who != "" {
			return who
		}
	}
	return "it does not tell which"
}

// release empties the file, so that it is the same whenever nobody writes, and gives the
// lock back.
func (l *lock) release() error {
	l.write("")
	return l.flock.Unlock()
}
