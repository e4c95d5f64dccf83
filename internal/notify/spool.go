package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"github.com/ianasync/ianasync/internal/atomicfile"
	"github.com/ianasync/ianasync/snapshots"
)

// Folder is the folder in the store's that tells how far each webhook is. It is no part of what the store
// holds, and is not committed with it.
const Folder = "notify"

// progress is how far a webhook is.
type progress struct {
	Told string     `json:"told"`           // id of a version, or of none, up to which nothing is left to tell
	Gone *time.Time `json:"gone,omitempty"` // when it answered that it wants no more
}

func (c *courier) file(suffix string) string {
	return filepath.Join(c.Store, Folder, c.webhook.key()+suffix)
}

// progress reads how far the webhook is, and whether that is known.
func (c *courier) progress() (p progress, found bool, err error) {
	data, err := os.ReadFile(c.file(".json"))
	if errors.Is(err, fs.ErrNotExist) {
		return p, false, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &p)
	}
	if err != nil {
		return p, false, damagedError{c.file(".json"), err}
	}
	return p, true, nil
}

// damagedError says that a file of the spool cannot be read, and what to do.
type damagedError struct {
	file string
	err  error
}

func (e damagedError) Error() string {
	return fmt.Sprintf("%s: %v; without that file, the webhook is told of what comes from now on", e.file, e.err)
}

func (e damagedError) Unwrap() error { return e.err }

// unknown tells whether nobody knows what the webhook was told: a time in the future is that of a clock that was wrong.
func (c *courier) unknown(told string) bool {
	seen, err := snapshots.ParseID(told)
	return err != nil || snapshots.Ahead(seen, c.Now())
}

// note writes how far the webhook is.
func (c *courier) note(p progress) error {
	data, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return atomicfile.Write(c.file(".json"), append(data, '\n'))
}

// lockRetry is how often a courier that waits for another's lock tries again.
const lockRetry = 50 * time.Millisecond

// lock waits until no other process tells this webhook anything, so that messages stay in order.
func (c *courier) lock(ctx context.Context) (unlock func(), err error) {
	l := flock.New(c.file(".lock"), flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o644))
	held, err := l.TryLock() // even where there is no time to wait
	if !held && err == nil {
		_, err = l.TryLockContext(ctx, lockRetry)
	}
	if ctx.Err() != nil && err != nil {
		err = errors.New("another run is telling it")
	}
	return func() { _ = l.Close() }, err // a lock that is not given back goes with the process
}
