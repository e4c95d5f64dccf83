package snapshots

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/ianasync/ianasync/internal/atomicfile"
	"github.com/ianasync/ianasync/internal/layout"
	"github.com/ianasync/ianasync/registry"
)

// Verify checks everything that the store holds by deriving it again: the files and
// their digests, each version's bytes, its table and the table's digest, the canonical CSV of the
// newest, the quarantine, and that there is no file too many. It names every fault, in
// the order of the files' names, notes last; an error is only that it could not go on.
//
// That versions.jsonl is sound in itself was checked when the store was opened. What
// an interrupted run left behind is a note and no fault.
//
// It calls progress, if that is not nil, after each set of bytes, from one goroutine at a time.
func (s *Store) Verify(ctx context.Context, progress func(done, total int)) ([]Fault, error) {
	v := &verifier{store: s, progress: progress, bad: make(map[*blob]bool)}
	for _, step := range []func(context.Context) error{
		v.checkBlobs, v.checkContents, v.checkStrays, v.checkQuarantine, v.checkTable, v.checkRecords,
	} {
		if err := step(ctx); err != nil {
			return nil, fmt.Errorf("verifying the store %s: %w", s.dir, err)
		}
	}
	slices.SortStableFunc(v.faults, func(a, b Fault) int {
		if a.Note != b.Note {
			return map[bool]int{false: -1, true: 1}[a.Note]
		}
		return cmp.Or(strings.Compare(a.File, b.File), strings.Compare(a.Problem, b.Problem))
	})
	return v.faults, nil
}

// verifier collects faults.
type verifier struct {
	store    *Store
	progress func(done, total int)

	mu     sync.Mutex
	done   int
	faults []Fault
	bad    map[*blob]bool // the file is not what was stored
}

func (v *verifier) fault(f *Fault) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.faults = append(v.faults, *f)
}

func (v *verifier) note(file, what string) {
	v.fault(&Fault{File: file, Problem: what, Remedy: Wait, Note: true})
}

// blobs returns the store's blobs by time, each once.
func (s *Store) blobs() []*blob {
	var blobs []*blob
	for i := range s.history.lines {
		if l := &s.history.lines[i]; l.SameAs == "" {
			blobs = append(blobs, s.history.blobs[l.SHA256])
		}
	}
	return blobs
}

// checkBlobs compares each file of bytes with the digest that it had when stored.
func (v *verifier) checkBlobs(ctx context.Context) error {
	needed := make(map[*blob]int)
	for _, b := range v.store.blobs() {
		for up := b.base; up != nil; up = up.base {
			needed[up]++
		}
	}
	for _, b := range v.store.blobs() {
		f := v.store.checkFile(b)
		if f == nil {
			continue
		}
		v.bad[b] = true
		if n := needed[b]; n > 0 {
			f.Problem += fmt.Sprintf("; %d more cannot be opened without it", n)
		}
		v.fault(f)
	}
	return ctx.Err()
}

// checkContents derives tables from bytes, on all processors. Each takes a stretch of time,
// for neighbours have most of their rows in common.
func (v *verifier) checkContents(ctx context.Context) error {
	blobs := slices.DeleteFunc(v.store.blobs(), v.hopeless)
	workers := min(runtime.GOMAXPROCS(0), max(1, len(blobs)))
	var wait sync.WaitGroup
	for i := range workers {
		stretch := blobs[i*len(blobs)/workers : (i+1)*len(blobs)/workers]
		wait.Go(func() { v.checkStretch(ctx, stretch, len(blobs)) })
	}
	wait.Wait()
	return ctx.Err()
}

// hopeless tells whether a blob cannot be opened, for a fault that has been named.
func (v *verifier) hopeless(b *blob) bool {
	for ; b != nil; b = b.base {
		if v.bad[b] {
			return true
		}
	}
	return false
}

func (v *verifier) checkStretch(ctx context.Context, stretch []*blob, total int) {
	var last *registry.Decoded
	for _, b := range stretch {
		if ctx.Err() != nil {
			return
		}
		data, err := v.store.open(b)
		if err == nil {
			last, err = last.Next(data)
		}
		if err == nil && !v.agrees(b, last) {
			last, err = registry.Decode(data) // before anything is said against it, the long way
		}
		v.compare(b, last, err)
		v.step(total)
	}
}

func (v *verifier) step(total int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.done++
	if v.progress != nil {
		v.progress(v.done, total)
	}
}

// sightings returns the lines that tell of a blob's bytes.
func (v *verifier) sightings(b *blob) []*line {
	var of []*line
	for i := range v.store.history.lines {
		if l := &v.store.history.lines[i]; l.SHA256 == b.sha256 {
			of = append(of, l)
		}
	}
	return of
}

func (v *verifier) agrees(b *blob, d *registry.Decoded) bool {
	return !slices.ContainsFunc(v.sightings(b), func(l *line) bool { return l.differs(d) })
}

// differs reports whether the line states other facts than an edition shows.
func (l *line) differs(d *registry.Decoded) bool {
	return l.TableSHA256 != d.Table.Digest() || l.Records != len(d.Table.Records) || l.Problems != len(d.Table.Problems) || l.Unknown != len(d.Unknown())
}

// compare names what the facts of a blob's bytes tell otherwise than the bytes.
func (v *verifier) compare(b *blob, d *registry.Decoded, err error) {
	if f := (*Fault)(nil); errors.As(err, &f) {
		v.fault(f)
		return
	}
	if err != nil {
		v.fault(damaged(b.file(), "its bytes are no edition: %v", err))
		return
	}
	for _, l := range v.sightings(b) {
		if l.differs(d) {
			v.fault(damaged(layout.Versions, "%s: it tells of %d records, %d problems, table %.12s…; its bytes have %d, %d, %.12s…",
				l.ID, l.Records, l.Problems, l.TableSHA256, len(d.Table.Records), len(d.Table.Problems), d.Table.Digest()))
		}
	}
}

// checkStrays names the files that have no business in the store's own folders.
func (v *verifier) checkStrays(context.Context) error {
	orphans, err := v.store.orphanBlobs()
	if err != nil {
		return err
	}
	for _, file := range orphans {
		if len(orphans) > 1 {
			v.fault(&Fault{File: file, Problem: layout.Versions + " does not name it", Remedy: Restore})
		} else {
			v.note(file, "an interrupted run left it")
		}
	}
	temps, err := v.store.temps()
	if err != nil {
		return err
	}
	for _, file := range temps {
		v.note(file, "an interrupted run left it")
	}
	strays, err := v.strays()
	for _, file := range strays {
		v.fault(&Fault{File: file, Problem: "it is none of the store's files", Remedy: Move})
	}
	return err
}

// strays returns the files in the store's own folders that are none of its kinds.
func (v *verifier) strays() ([]string, error) {
	alien := func(suffixes ...string) func(string) bool {
		return func(name string) bool {
			known := atomicfile.IsTemp(name) || slices.Contains(suffixes, path.Ext(name))
			return !known
		}
	}
	versions, err := v.store.files(layout.Bytes, alien(".zst"))
	if err != nil {
		return nil, err
	}
	refused, err := v.store.files(layout.Quarantine, alien(bodySuffix, rejectionSuffix))
	return append(versions, refused...), err
}

// checkQuarantine compares the refused bodies with their facts.
func (v *verifier) checkQuarantine(context.Context) error {
	files, err := v.store.files(layout.Quarantine, func(name string) bool { return path.Ext(name) == rejectionSuffix })
	if err != nil {
		return err
	}
	for _, file := range files {
		var r Rejection
		if _, err := v.store.readJSON(file, &r); err != nil {
			v.fault(damaged(file, "%v", errors.Unwrap(err)))
			continue
		}
		v.checkBody(strings.TrimSuffix(file, rejectionSuffix)+bodySuffix, r)
	}
	orphans, err := v.store.orphanBodies()
	for _, file := range orphans {
		v.note(file, "it has no facts beside it: an interrupted run left it")
	}
	return err
}

func (v *verifier) checkBody(file string, r Rejection) {
	body, err := os.ReadFile(v.store.path(file))
	switch {
	case err != nil:
		v.fault(damaged(file, "it cannot be read: %v", err))
	case digest(body) != r.SHA256 || len(body) != r.Size:
		v.fault(damaged(file, "it is not the body that was refused: its SHA-256 or size is another"))
	}
}

// checkTable compares the canonical CSV with the newest table.
func (v *verifier) checkTable(context.Context) error {
	s := v.store
	newest, any := s.Latest()
	if s.DerivedStale() {
		if any {
			v.note(layout.State, "the derived files are not those of the newest version yet")
		}
		return nil
	}
	file := s.TableFile()
	data, err := os.ReadFile(s.path(file))
	if any && (err != nil || digest(data) != newest.TableSHA256) {
		v.fault(&Fault{File: file, Problem: "it is missing, or not the table of the newest version, " + newest.ID, Remedy: Derive})
	}
	return nil
}

// checkRecords reads the remaining small files.
func (v *verifier) checkRecords(context.Context) error {
	var f *Fault
	c, found, err := v.store.Check()
	switch {
	case errors.As(err, &f):
		v.fault(f)
	case err != nil:
		return err
	case found && c.Version != "":
		if _, known := v.store.history.find(c.Version); !known {
			v.fault(damaged(layout.Check, "it names the version %s, which is not there", c.Version))
		}
	}
	return nil
}
