package notify

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"github.com/ianasync/ianasync/internal/atomicfile"
	"github.com/ianasync/ianasync/internal/checksum"
	"github.com/ianasync/ianasync/snapshots"
)

// Folder is the folder, in the store's folder, of the files that record up to which version each webhook has received
// messages. These files are not part of the store's content and are not committed with it.
const Folder = "notify"

// progress is the content of a webhook's file.
type progress struct {
	Delivered string     `json:"told"`           // id of a version, or a time as one: all messages up to it are done with
	Gone      *time.Time `json:"gone,omitempty"` // when it answered 410 Gone
}

func (w *worker) file(suffix string) string {
	return filepath.Join(w.Store, Folder, w.webhook.key()+suffix)
}

// readProgress reads the webhook's file and reports whether there is one.
func (w *worker) readProgress() (p progress, found bool, err error) {
	data, err := os.ReadFile(w.file(".json"))
	if errors.Is(err, fs.ErrNotExist) {
		return p, false, nil
	}
	if err == nil {
		err = checksum.Unmarshal(data, &p)
	}
	if err != nil {
		return p, false, damagedError{w.file(".json"), err}
	}
	return p, true, nil
}

// damagedError is the error for a progress file that cannot be read, with a remediation hint.
type damagedError struct {
	file string
	err  error
}

func (e damagedError) Error() string {
	return fmt.Sprintf("%s: %v; remove the file to send messages about new versions from now on", e.file, e.err)
}

func (e damagedError) Unwrap() error { return e.err }

// isUnknown reports whether delivered says nothing about what the webhook received: it is no id, or its time is in the
// future, which happens where a clock was wrong.
func (w *worker) isUnknown(delivered string) bool {
	seen, err := snapshots.ParseID(delivered)
	return err != nil || snapshots.Ahead(seen, w.Now())
}

// saveProgress writes the webhook's file.
func (w *worker) saveProgress(p progress) error {
	line, err := checksum.Marshal(p)
	if err != nil {
		return err
	}
	return atomicfile.Write(w.file(".json"), append(line, '\n'))
}

// lockRetry is the interval at which a worker polls for a lock that another process holds.
const lockRetry = 50 * time.Millisecond

// lock waits until no other process sends to this webhook, so that messages stay in order.
func (w *worker) lock(ctx context.Context) (unlock func(), err error) {
	folder := filepath.Join(w.Store, Folder)
	if info, err := os.Lstat(folder); err == nil && !info.IsDir() { // a link would lead out of the store
		return func() {}, fmt.Errorf("%s is not a folder: move it out of the store", folder)
	}
	l := flock.New(w.file(".lock"), flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o644))
	held, err := l.TryLock() // before waiting: ctx may be done already
	if !held && err == nil {
		_, err = l.TryLockContext(ctx, lockRetry)
	}
	if ctx.Err() != nil && err != nil {
		err = errors.New("another run is telling it")
	}
	return func() { _ = l.Close() }, err // if closing fails, the lock is released when the process ends
}
