package git

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os/exec"
	"strconv"
	"strings"
)

// MaxBytes bounds an edition. The registry takes 1.15 million bytes.
const MaxBytes = 16 << 20

// UnfitError is the error for an edition that is not a regular file of a possible size.
type UnfitError struct{ Reason string }

// Error returns the reason.
func (e *UnfitError) Error() string { return e.Reason }

// Modes of entries in a git tree that are not files.
const (
	modeLink      = "120000"
	modeSubmodule = "160000"
)

// unfit returns why an edition cannot be used, or nil.
func (e *Edition) unfit() error {
	if e.Time.IsZero() {
		return &UnfitError{"the date of its commit cannot be read"}
	}
	switch e.mode {
	case modeLink:
		return &UnfitError{"it is a symbolic link, not a file"}
	case modeSubmodule:
		return &UnfitError{"it is a submodule, not a file"}
	}
	return nil
}

// Read is what [Source.Read] found of one edition: its bytes, or an [UnfitError].
type Read struct {
	Edition
	Bytes []byte // the caller's own
	Unfit error
}

// Read returns the given editions with their bytes, one after the other. After an error
// that is not about one edition alone there are no more.
func (s *Source) Read(ctx context.Context, list []Edition) iter.Seq2[Read, error] {
	return func(yield func(Read, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		b, err := s.startBatch(ctx, list)
		if err != nil {
			yield(Read{}, err)
			return
		}
		defer b.stop(cancel)
		for _, e := range list {
			r := Read{Edition: e, Unfit: e.unfit()}
			if r.Unfit == nil {
				r.Bytes, err = b.next(e)
				if unfit := new(UnfitError); errors.As(err, &unfit) {
					r.Unfit, err = unfit, nil
				}
			}
			if err != nil {
				yield(Read{}, b.failure(ctx, e, err))
				return
			}
			if !yield(r, nil) {
				return
			}
		}
	}
}

// errMissing is the error of a blob that the repository lacks.
var errMissing = errors.New("the repository does not have its bytes")

// batch is a git cat-file --batch that was asked for the blobs of some editions.
type batch struct {
	cmd    *exec.Cmd
	out    *bufio.Reader
	stderr *stderrBuffer
	git    command
	ended  bool
}

func (s *Source) startBatch(ctx context.Context, list []Edition) (*batch, error) {
	var ask strings.Builder
	for i := range list {
		if list[i].unfit() == nil {
			ask.WriteString(list[i].blob + "\n")
		}
	}
	b := &batch{stderr: new(stderrBuffer), git: s.git}
	b.cmd = s.git.start(ctx, b.stderr, "cat-file", "--batch")
	b.cmd.Stdin = strings.NewReader(ask.String())
	out, err := b.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	b.out = bufio.NewReaderSize(out, 1<<16)
	return b, b.cmd.Start()
}

// next reads the next blob: "HASH blob SIZE", a line end, the bytes, a line end.
func (b *batch) next(e Edition) ([]byte, error) {
	header, err := b.out.ReadString('\n')
	if err != nil {
		return nil, err
	}
	f := strings.Fields(header)
	if len(f) == 2 && f[1] == "missing" {
		return nil, errMissing
	}
	if len(f) != 3 || f[0] != e.blob || f[1] != "blob" {
		return nil, fmt.Errorf("git cat-file: %s", strings.TrimSpace(header))
	}
	size, err := strconv.ParseInt(f[2], 10, 64)
	if err != nil {
		return nil, err
	}
	if size > MaxBytes {
		if _, err := io.CopyN(io.Discard, b.out, size+1); err != nil {
			return nil, err
		}
		return nil, &UnfitError{fmt.Sprintf("it has %d bytes; at most %d MiB are read", size, MaxBytes>>20)}
	}
	data := make([]byte, size)
	if _, err := io.ReadFull(b.out, data); err != nil {
		return nil, err
	}
	_, err = b.out.Discard(1)
	return data, err
}

// failure is the error of reading an edition, given that of reading git's output.
func (b *batch) failure(ctx context.Context, e Edition, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) { // git died
		b.ended = true
		err = b.git.failure(ctx, "cat-file", b.cmd.Wait(), b.stderr)
		if err == nil {
			err = io.ErrUnexpectedEOF
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	err = fmt.Errorf("reading %s of commit %s: %w", e.Path, e.Commit, err)
	if errors.Is(err, errMissing) {
		return hinted{err, "a partial clone (--filter) lacks bytes, and nothing is fetched while it is read: clone it whole; of another repository, 'git fsck' shows the damage"}
	}
	return hinted{err, "the repository seems to be damaged: 'git fsck' in it shows more"}
}

// stop ends git, whether or not all was read.
func (b *batch) stop(cancel context.CancelFunc) {
	cancel()
	if !b.ended {
		_ = b.cmd.Wait() // what was read was read
	}
}
