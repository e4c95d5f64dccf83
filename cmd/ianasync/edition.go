package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/groups"
	"github.com/ianasync/ianasync/internal/source/web"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

// latest is the newest version.
const latest = "latest"

// maxEdition bounds what is read of a file or a body, in bytes: see [ports.Limits].
const maxEdition = 16 << 20

// largeError is the error for a file that is larger than maxEdition. Its class is [web.ErrTooLarge].
type largeError struct{ name string }

func (e largeError) Error() string        { return fmt.Sprintf("%s has over %d MiB", e.name, maxEdition>>20) }
func (e largeError) Is(target error) bool { return target == web.ErrTooLarge }

// edition is one edition that the command line names.
type edition struct {
	id     string // of the version, or the name of the file
	data   []byte
	sha256 string // of data, in lower-case hexadecimal
}

// isVersion reports whether what names an edition is looked up in the store and not taken for a path: an id or the beginning of
// one, a date, a time, or latest.
func isVersion(spec string) bool { return spec == latest || versionSpec().MatchString(spec) }

var versionSpec = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(latest(~[0-9]+)?|[0-9]{4}-[0-9]{2}|[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:.]+(Z|[+-][0-9:]+))?|[0-9]{4,8}(T[0-9]*Z?)?)$`)
})

// open reads the edition that spec names: a version in the store, a file, a URL, or
// standard input.
func (a *app) open(ctx context.Context, spec string) (*edition, error) {
	switch {
	case spec == "-":
		data, err := a.readStdin(ctx)
		return newEdition("-", data), err
	case isURL(spec):
		client, done := a.client()
		r, err := client.Get(ctx, spec, web.Conditions{})
		done()
		if err != nil {
			return nil, unreachable(err)
		}
		if r.Status != http.StatusOK {
			return nil, withHint(fmt.Errorf("GET %s: %d %s", r.URL, r.Status, http.StatusText(r.Status)), "is the address right?")
		}
		return newEdition(r.URL, r.Body), nil
	case isVersion(spec):
		return a.openVersion(spec)
	}
	data, err := readFile(spec)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, withHint(err, "a version is an id, a date, a month, a year, 'latest', a path, a URL, or -; 'ianasync versions' lists what the store has")
	}
	return newEdition(filepath.Base(spec), data), err
}

func newEdition(id string, data []byte) *edition {
	sum := sha256.Sum256(data)
	return &edition{id: id, data: data, sha256: hex.EncodeToString(sum[:])}
}

// find returns the version of the store that spec names.
func (a *app) find(spec string) (*snapshots.Store, snapshots.Version, error) {
	s, err := a.openToAsk()
	if err != nil {
		return nil, snapshots.Version{}, err
	}
	v, err := s.Resolve(spec)
	if err != nil {
		return nil, v, withHint(err, "%s", noVersionHint(s, spec))
	}
	return s, v, nil
}

// openVersion reads a version of the store.
func (a *app) openVersion(spec string) (*edition, error) {
	s, v, err := a.find(spec)
	if err != nil {
		return nil, err
	}
	data, err := s.Bytes(v)
	if err != nil {
		return nil, err
	}
	return &edition{id: v.ID, data: data, sha256: v.SHA256}, nil
}

// noVersionHint returns the hint for a version that the store does not have.
func noVersionHint(s *snapshots.Store, spec string) string {
	if _, err := os.Stat(spec); err == nil && isVersion(spec) {
		return "for the file of that name, write ./" + spec
	}
	if _, found := s.Latest(); !found {
		return "'ianasync sync' fetches the first version"
	}
	return "'ianasync versions' lists what there is"
}

// openStore opens the store for reading.
func (a *app) openStore() (*snapshots.Store, error) { return a.openSelected() }

// openForWriting opens the store for writing, and starts one where there is none. It
// waits for another writer, at most for the given time.
func (a *app) openForWriting(ctx context.Context, wait time.Duration) (*snapshots.Store, error) {
	return a.openGroupForWriting(ctx, cmp.Or(a.groupID(), groups.ServiceNames), wait)
}

// rows cuts the edition into rows.
func (e *edition) rows() (*ports.Edition, error) {
	rows, err := ports.ReadEdition(e.data)
	if err != nil {
		return nil, withHint(fmt.Errorf("%s: %w", e.id, err), "the registry is %s", ports.ServiceNames().URL)
	}
	return rows, nil
}

// side names the edition in a comparison.
func (e *edition) side(rows *ports.Edition) diff.Version {
	return diff.Version{ID: e.id, SHA256: e.sha256, Records: rows.Len()}
}

// isURL reports whether s is meant to be a URL, valid or not.
func isURL(s string) bool { return strings.Contains(s, "://") }

// readFile reads a file of at most maxEdition bytes.
func readFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close() // it was only read
	return readAll(f, name)
}

// readStdin reads standard input until its end, or returns ctx's error as soon as ctx is done.
func (a *app) readStdin(ctx context.Context) ([]byte, error) {
	return interruptible(ctx, func() ([]byte, error) { return readAll(a.stdin, "standard input") })
}

// interruptible returns what read returns, or ctx's error as soon as ctx is done. A read, or the opening of a named pipe,
// cannot be interrupted: after cancellation the goroutine remains until read returns, and its result is discarded.
func interruptible(ctx context.Context, read func() ([]byte, error)) ([]byte, error) {
	type result struct {
		data []byte
		err  error
	}
	done := make(chan result, 1) // buffered: the goroutine ends even if nobody receives
	go func() {
		data, err := read()
		done <- result{data, err}
	}()
	select {
	case r := <-done:
		return r.data, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// readAll reads all of r, at most maxEdition bytes. Where r is a file, its memory is
// asked for in one piece.
func readAll(r io.Reader, name string) ([]byte, error) {
	var b bytes.Buffer
	if f, ok := r.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			b.Grow(int(min(info.Size(), maxEdition)) + bytes.MinRead)
		}
	}
	n, err := b.ReadFrom(io.LimitReader(r, maxEdition+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	if n > maxEdition {
		return nil, withHint(largeError{name}, "the registry is much smaller: is this the right file?")
	}
	return b.Bytes(), nil
}

// unreachable gives a fetch's error its exit status.
func unreachable(err error) error {
	switch {
	case errors.Is(err, web.ErrUnreachable):
		return &failure{err: err, status: exitUnreachable, hint: "try again later"}
	case errors.Is(err, web.ErrTooLarge):
		return &failure{err: err, status: exitRefused, hint: "the registry is much smaller: is the address right?"}
	}
	return err
}
