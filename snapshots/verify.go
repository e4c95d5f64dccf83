package snapshots

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/ianasync/ianasync/internal/checksum"
	"github.com/ianasync/ianasync/internal/layout"
	"github.com/ianasync/ianasync/registry"
)

// Options are what [Store.Verify] may be given.
type Options struct {
	// Progress, if not nil, is called after each set of bytes, from one goroutine at a time.
	Progress func(done, total int)
	// Derived, if not nil, returns the faults of the files that are derived from the versions of a store. It is called only where the
	// versions themselves are sound.
	Derived func(s *Store) ([]Fault, error)
}

// Verify checks everything that the store holds of the group by deriving it again: the files and
// their digests, each version's bytes, its table and the table's digest, the canonical CSV of the
// newest, the quarantine, the checks, and that there is no file too many. It returns every fault, in
// the order of the files' names, notes last; an error is only that it could not go on.
//
// That each line of versions.jsonl is sound in itself was checked when the store was opened; where they do not go together, that is the
// error. What an interrupted run left behind is a note and no fault.
//
// A writer may be at work meanwhile. So where something seems wrong, the store is opened and checked once more
// while no writer holds its lock. Where the lock is not to be had, only what is wrong both times is a fault.
func (s *Store) Verify(ctx context.Context, o Options) ([]Fault, error) {
	faults, err := s.verify(ctx, o)
	if err == nil && s.lock == nil && slices.ContainsFunc(faults, func(f Fault) bool { return !f.Note }) {
		faults, err = s.verifyAgain(ctx, o, faults)
	}
	if err != nil {
		return nil, fmt.Errorf("verifying the store %s: %w", s.dir, err)
	}
	return faults, nil
}

func (s *Store) verifyAgain(ctx context.Context, o Options, first []Fault) ([]Fault, error) {
	now := &Store{dir: s.dir, root: s.root, of: s.of, group: s.group}
	locked := now.acquire(ctx, cmp.Or(s.patience, defaultPatience))
	defer func() { _ = now.Close() }() // if it fails, the lock is released when the process ends
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := now.load(); err != nil {
		return nil, err
	}
	faults, err := now.verify(ctx, o)
	if err == nil && locked != nil {
		faults = slices.DeleteFunc(faults, func(f Fault) bool {
			return !slices.Contains(first, f)
		})
	}
	return faults, err
}

// verify is [Store.Verify] of the store as it is at this moment.
func (s *Store) verify(ctx context.Context, o Options) ([]Fault, error) {
	if _, err := s.history.blobs(); err != nil {
		return nil, err
	}
	v := &verifier{store: s, progress: o.Progress, bad: make(map[*blob]bool), tableApart: o.Derived != nil}
	for _, step := range []func(context.Context) error{
		v.checkBlobs, v.checkContents, v.checkOrphans, v.checkNames, v.checkQuarantine, v.checkTable, v.checkRecords,
	} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	if o.Derived != nil && !slices.ContainsFunc(v.faults, v.isOfVersions) { // else they prove nothing
		derived, err := o.Derived(s)
		if err != nil {
			return nil, err
		}
		v.faults = append(v.faults, derived...)
	}
	slices.SortStableFunc(v.faults, func(a, b Fault) int {
		if a.Note != b.Note {
			return map[bool]int{false: -1, true: 1}[a.Note]
		}
		return cmp.Or(strings.Compare(a.File, b.File), strings.Compare(a.Problem, b.Problem))
	})
	return slices.Compact(v.faults), nil
}

// isOfVersions reports whether a fault is one of the versions themselves.
func (v *verifier) isOfVersions(f Fault) bool {
	return !f.Note && (f.File == v.store.group.Versions() || f.File == v.store.group.Bytes() || strings.HasPrefix(f.File, v.store.group.Bytes()+"/"))
}

// verifier collects faults.
type verifier struct {
	store    *Store
	progress func(done, total int)

	tableApart bool // the newest table is checked with what else is derived

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
			blobs = append(blobs, s.history.blob(l.SHA256))
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
	blobs := slices.DeleteFunc(v.store.blobs(), v.unopenable)
	workers := min(runtime.GOMAXPROCS(0), max(1, len(blobs)))
	var wait sync.WaitGroup
	for i := range workers {
		stretch := blobs[i*len(blobs)/workers : (i+1)*len(blobs)/workers]
		wait.Go(func() { v.checkStretch(ctx, stretch, len(blobs)) })
	}
	wait.Wait()
	return ctx.Err()
}

// unopenable reports whether a blob cannot be opened because of a fault that has been reported.
func (v *verifier) unopenable(b *blob) bool {
	for ; b != nil; b = b.base {
		if v.bad[b] {
			return true
		}
	}
	return false
}

func (v *verifier) checkStretch(ctx context.Context, stretch []*blob, total int) {
	last := make(map[registry.Form]registry.Content)
	for _, b := range stretch {
		if ctx.Err() != nil {
			return
		}
		data, err := v.store.open(b)
		form := registry.FormOf(data)
		var c registry.Content
		if err == nil {
			c, err = v.store.of.DecodeContent(data, last[form])
		}
		if err == nil && !v.agrees(b, form, c.Facts()) {
			c, err = v.store.of.DecodeContent(data, nil) // before anything is said against it, the long way
		}
		var facts registry.Facts
		if err == nil {
			last[form], facts = c, c.Facts()
		}
		v.compare(b, form, facts, err)
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

// sightings returns the lines with a blob's bytes.
func (v *verifier) sightings(b *blob) []*line {
	var of []*line
	for i := range v.store.history.lines {
		if l := &v.store.history.lines[i]; l.SHA256 == b.sha256 {
			of = append(of, l)
		}
	}
	return of
}

func (v *verifier) agrees(b *blob, form registry.Form, facts registry.Facts) bool {
	return !slices.ContainsFunc(v.sightings(b), func(l *line) bool { return l.differs(form, facts) })
}

// differs reports whether the line states other facts than an edition shows.
func (l *line) differs(form registry.Form, f registry.Facts) bool {
	return l.Form != written(form) || l.TableSHA256 != f.Digest || l.Records != f.Records || l.Problems != f.Problems || l.Unknown != f.Unknown
}

// compare reports the lines that disagree with the bytes of their blob.
func (v *verifier) compare(b *blob, form registry.Form, facts registry.Facts, err error) {
	if f := (*Fault)(nil); errors.As(err, &f) {
		v.fault(f)
		return
	}
	if err != nil {
		v.fault(damaged(v.store.file(b), "its bytes are not an edition: %v", err))
		return
	}
	for _, l := range v.sightings(b) {
		if l.differs(form, facts) {
			v.fault(damaged(v.store.group.Versions(), "%s: it states %d records, %d problems, table %.12s…; its bytes have %d, %d, %.12s…",
				l.ID, l.Records, l.Problems, l.TableSHA256, facts.Records, facts.Problems, facts.Digest))
		}
	}
}

// checkOrphans names the files of bytes that versions.jsonl does not name.
func (v *verifier) checkOrphans(context.Context) error {
	orphans, err := v.store.orphanBlobs()
	if err != nil {
		return v.orFault(err)
	}
	_, unreadable := v.store.withOrphans(orphans)
	for _, file := range orphans {
		if slices.Contains(unreadable, file) {
			v.fault(damaged(file, "%s does not name it, and by itself it cannot be read", v.store.group.Versions()))
		} else {
			v.note(file, "the list of versions does not name it: a run was interrupted, or an older list was put back")
		}
	}
	if v.store.unfinished {
		v.note(v.store.group.Versions(), "its last line is not written to its end: a run was interrupted, or is writing it")
	}
	temps, err := v.store.temps()
	for _, file := range temps {
		v.note(file, "an interrupted run left it")
	}
	return v.orFault(err)
}

// orFault adds an error that is a fault to the faults, and returns any other.
func (v *verifier) orFault(err error) error {
	if f, ok := errors.AsType[*Fault](err); ok {
		v.fault(f)
		return nil
	}
	return err
}

// checkNames names what is in the store under a name that is none of the store's, or of another type than
// the store's.
func (v *verifier) checkNames(context.Context) error {
	s := v.store
	changelogs, err := s.changelogs()
	if err := v.orFault(v.withRemedy(layout.Changelogs, err)); err != nil {
		return err
	}
	files := []string{layout.Store, layout.Checks, layout.Changelog, layout.GitAttributes, layout.GitIgnore, layout.Lock}
	for _, file := range append(files, changelogs...) {
		if err := s.checkPlain(file); err != nil {
			if err := v.orFault(v.withRemedy(file, err)); err != nil {
				return err
			}
		}
	}
	if problem := s.attributesProblem(); problem != "" {
		v.fault(&Fault{File: layout.GitAttributes, Problem: problem + ": git may alter line ends", Remedy: Derive})
	}
	if info, err := s.root.Lstat(layout.Notify); err == nil && !info.IsDir() {
		v.fault(&Fault{File: layout.Notify, Problem: "it is not a folder", Remedy: Move})
	}
	err = fs.WalkDir(s.root.FS(), string(s.group), func(name string, e fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // removed meanwhile
		case err != nil:
			return err
		}
		return v.checkName(name, e)
	})
	return err
}

var digitsOfYear = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[0-9]{4}$`) })

// checkName names what is wrong with the name and the type of an entry in the group's folder.
func (v *verifier) checkName(name string, e fs.DirEntry) error {
	g := v.store.group
	dir, base := path.Split(name)
	dir = path.Clean(dir)
	isFolder := name == string(g) || name == g.Bytes() || name == g.Derived() || name == g.Changes() || name == g.Changelogs() || name == g.Quarantine() ||
		dir == g.Bytes() && digitsOfYear().MatchString(base)
	isFile := name == g.Versions() || v.store.isTable(name) || name == g.State() || isTemp(base) ||
		!v.store.of.Alone() && (name == g.Registries() || name == g.Stylesheet() || name == g.Search()) ||
		path.Dir(dir) == g.Bytes() && path.Ext(base) == ".zst" || dir == g.Changes() && (path.Ext(base) == ".jsonl" || path.Ext(base) == ".txt") || layout.IsPart(name) ||
		dir == g.Quarantine() && (path.Ext(base) == bodySuffix || path.Ext(base) == rejectionSuffix)
	wanted := fs.FileMode(0)
	if isFolder {
		wanted = fs.ModeDir
	}
	err := checkType(name, e.Type(), wanted)
	if !isFolder && !isFile {
		err = &Fault{File: name, Problem: "it is none of the store's files", Remedy: Move}
	}
	if err != nil {
		err = v.orFault(v.withRemedy(name, err))
		if err == nil && e.IsDir() {
			err = fs.SkipDir
		}
	}
	return err
}

// withRemedy returns a fault with the remedy that a derived file has.
func (v *verifier) withRemedy(name string, err error) error {
	f, ok := errors.AsType[*Fault](err)
	if ok && f.Remedy == Restore && (name == layout.Changelogs || name == v.store.group.Derived() || name == v.store.group.State() || v.store.isDerived(name) ||
		name == layout.GitAttributes || name == layout.GitIgnore) {
		f.Remedy = Derive
	}
	return err
}

// checkQuarantine compares the refused bodies with their descriptions.
func (v *verifier) checkQuarantine(context.Context) error {
	files, err := v.store.files(v.store.group.Quarantine(), withSuffix(rejectionSuffix))
	if err != nil {
		return v.orFault(err)
	}
	for _, file := range files {
		var r Rejection
		found, err := v.store.readJSON(file, &r)
		if f, ok := errors.AsType[*Fault](err); ok {
			f.Remedy = Derive
			v.fault(f)
		} else if err != nil {
			return err
		} else if found {
			v.checkBody(strings.TrimSuffix(file, rejectionSuffix)+bodySuffix, r)
		}
	}
	orphans, err := v.store.orphanBodies()
	for _, file := range orphans {
		v.note(file, "it has no description beside it: an interrupted run left it")
	}
	return err
}

func (v *verifier) checkBody(file string, r Rejection) {
	body, err := v.store.read(file)
	switch {
	case err != nil:
		v.fault(&Fault{File: file, Problem: fmt.Sprintf("it cannot be read: %v", err), Remedy: Derive})
	case digest(body) != r.SHA256 || len(body) != r.Size:
		v.fault(&Fault{File: file, Problem: "it is not the body that was refused: its SHA-256 or size is another", Remedy: Derive})
	}
}

// checkTable compares the canonical CSV with the newest table, and the state of the derived files with the versions.
func (v *verifier) checkTable(context.Context) error {
	s := v.store
	newest, any := s.Latest()
	state, found, err := s.readState()
	if f, ok := errors.AsType[*Fault](err); ok {
		f.Remedy = Derive
		v.fault(f)
	} else if err != nil {
		return err
	}
	if err == nil && !found && any {
		v.fault(&Fault{File: s.group.State(), Problem: "it is missing", Remedy: Derive})
	}
	if s.DerivedPending() {
		v.note(s.group.State(), fmt.Sprintf("the derived files are those of %d versions yet", state.Versions))
		return nil
	}
	if v.tableApart || !s.of.Alone() {
		return nil
	}
	data, err := s.read(s.TableFile())
	if any && (err != nil || digest(data) != newest.TableSHA256) {
		v.fault(&Fault{File: s.TableFile(), Problem: "it is missing, or not the table of the newest version, " + newest.ID, Remedy: Derive})
	}
	return nil
}

// checkRecords reads the checks.
func (v *verifier) checkRecords(context.Context) error {
	data, err := v.store.readChecks()
	if err != nil {
		return v.orFault(err)
	}
	for n, line := range checkLines(data) {
		if err := checksum.Check(line); err != nil {
			v.fault(damagedCheck(n, err))
		}
	}
	c, found, err := v.store.Check()
	if err != nil {
		return v.orFault(err)
	}
	if found && c.Version != "" {
		if _, known := v.store.history.find(c.Version); !known {
			v.fault(&Fault{File: layout.Checks, Problem: fmt.Sprintf("it names the version %s, which is not there", c.Version), Remedy: Restore})
		}
	}
	return nil
}
