package publish

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/gofrs/flock"

	"github.com/ianasync/ianasync/internal/atomicfile"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/publish/delta"
)

// Files that are not published.
const (
	ownFolder  = ".ianasync"
	listFile   = ownFolder + "/files"   // the names of the published files, one a line
	staging    = ownFolder + "/staging" // new files, before they are moved to their place
	folderLock = ownFolder + "/lock"
)

// Folder is the path of a folder in which files are published. Other files in it, such as a CNAME file, are left alone.
type Folder string

// Written is the result of publishing.
type Written struct {
	Files   int   `json:"files"`   // that are published
	Bytes   int64 `json:"bytes"`   // size of all of these
	Changed int   `json:"changed"` // that were written, including new ones
	Removed int   `json:"removed"` // that were removed
}

// ErrNotOurs is the error for a folder that has files, none of which this program published.
var ErrNotOurs error = notOurs{}

type notOurs struct{}

func (notOurs) Error() string {
	return "the folder is not empty, and nothing was published in it before"
}

// Hint returns a remediation hint.
func (notOurs) Hint() string { return "publish in an empty folder, or in a new one" }

// Publish implements [Target]. It writes only files that differ, and removes those that it published before and that are no
// longer among the files. New content is first written to a staging folder and then moved to its place, one file after the
// other. If the process is killed before that, nothing has changed; if it is killed in between, all files are whole, some
// of them old, and the next run completes the work. Files that do not differ keep their modification time.
func (f Folder) Publish(ctx context.Context, files iter.Seq2[history.File, error]) (w Written, err error) {
	unlock, err := f.open()
	if err != nil {
		return w, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	l, err := f.published()
	if err != nil {
		return w, err
	}
	defer debug.SetGCPercent(debug.SetGCPercent(makeAllGC))
	return w, f.publish(ctx, l, files, &w)
}

// publish publishes files in place of those that the ledger lists, and enters them in it.
func (f Folder) publish(ctx context.Context, l *ledger, files iter.Seq2[history.File, error], w *Written) error {
	staged, err := f.stage(ctx, l, files, w)
	if err != nil {
		return errors.Join(err, os.RemoveAll(f.path(staging)))
	}
	if err := os.Remove(f.path(madeFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return f.replace(l, staged, w)
}

func (f Folder) path(name string) string { return filepath.Join(string(f), filepath.FromSlash(name)) }

// Check returns [ErrNotOurs] for a folder that has files, none of which this program published.
func (f Folder) Check() error {
	entries, err := os.ReadDir(string(f))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	ours := func(e fs.DirEntry) bool { return e.Name() == ownFolder }
	if len(entries) > 0 && !slices.ContainsFunc(entries, ours) {
		return fmt.Errorf("%s: %w", f, ErrNotOurs)
	}
	return nil
}

// HasVersions reports whether what was published in the folder is of a store with versions.
func (f Folder) HasVersions() bool {
	_, err := os.Stat(f.path(delta.NotificationFile))
	return err == nil
}

// open creates the folder if it does not exist, checks it and locks it.
func (f Folder) open() (unlock func() error, err error) {
	if err := f.Check(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(f.path(ownFolder), 0o777); err != nil {
		return nil, err
	}
	lock := flock.New(f.path(folderLock))
	if held, err := lock.TryLock(); err != nil {
		return nil, err
	} else if !held {
		return nil, fmt.Errorf("%s: another run is publishing in it", f)
	}
	if err := os.RemoveAll(f.path(staging)); err != nil {
		return nil, errors.Join(err, lock.Unlock())
	}
	return lock.Unlock, nil
}

// ledger has a line for each file that was published in a folder, or is published in it now.
type ledger struct {
	lines []*line // those of files that were published before first, in order of their names
	named map[string]*line
}

// line is a file in a ledger.
type line struct {
	name     string
	listed   bool   // it was published before
	was, now madeOf // what it was made from, and is made from now; the zero value if it is not published, or that is not known
	kept     bool   // it is published now
}

// published returns a ledger of the files that were published before.
func (f Folder) published() (*ledger, error) {
	data, err := os.ReadFile(f.path(listFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	n := bytes.Count(data, []byte("\n"))
	l := &ledger{make([]*line, 0, n), make(map[string]*line, n)}
	for name := range strings.Lines(string(data)) {
		name = strings.TrimRight(name, "\r\n")
		if !filepath.IsLocal(filepath.FromSlash(name)) {
			return nil, fmt.Errorf("%s: %q is not the name of a file in it", f.path(listFile), name)
		}
		l.line(name).listed = true
	}
	return l, nil
}

// line returns the line of a file, a new one if there is none.
func (l *ledger) line(name string) *line {
	if found := l.named[name]; found != nil {
		return found
	}
	added := &line{name: name}
	l.lines, l.named[name] = append(l.lines, added), added
	return added
}

// sort puts the lines in the order of their names.
func (l *ledger) sort() {
	slices.SortFunc(l.lines, func(a, b *line) int { return cmp.Compare(a.name, b.name) })
}

// names returns the names of the files that are wanted, in the ledger's order.
func (l *ledger) names(wanted func(*line) bool) []string {
	names := make([]string, 0, len(l.lines))
	for _, line := range l.lines {
		if wanted(line) {
			names = append(names, line.name)
		}
	}
	return names
}

// stage writes the files that differ from the published ones to the staging folder, and enters all in the ledger. It returns the
// names of those that were staged.
func (f Folder) stage(ctx context.Context, l *ledger, files iter.Seq2[history.File, error], w *Written) (staged []string, err error) {
	folders := make(map[string]bool)
	checked := make(map[string]bool) // folders, by whether they are there
	for file, err := range files {
		switch {
		case err != nil:
			return nil, err
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case !fs.ValidPath(file.Name) || strings.HasPrefix(file.Name, ownFolder+"/"):
			return nil, fmt.Errorf("invalid file name %q", file.Name)
		}
		line := l.line(file.Name)
		if line.kept {
			return nil, fmt.Errorf("duplicate file name %q", file.Name)
		}
		line.kept = true
		w.Files++
		if file.Same {
			line.now = line.was
			continue
		}
		line.now = madeOf{file.Of, int64(len(file.Data))}
		there, err := f.clear(file.Name, checked)
		if err != nil {
			return nil, err
		}
		if there && f.holds(file) {
			continue
		}
		at := path.Join(staging, file.Name)
		if dir := path.Dir(at); !folders[dir] {
			if err := os.MkdirAll(f.path(dir), 0o777); err != nil {
				return nil, err
			}
			folders[dir] = true
		}
		if err := os.WriteFile(f.path(at), file.Data, 0o666); err != nil {
			return nil, err
		}
		staged = append(staged, file.Name)
	}
	for _, line := range l.lines {
		w.Bytes += line.now.size
	}
	l.sort()
	return staged, nil
}

// clear returns an error if a file cannot be written because a folder has its name, or because something that is not a
// folder, such as a symbolic link, has the name of a folder above it. It reports whether its folder is there. Seen holds that
// of the folders that were checked before.
func (f Folder) clear(name string, seen map[string]bool) (there bool, err error) {
	for _, dir := range parents(name) {
		there, known := seen[dir]
		if !known {
			info, err := os.Lstat(f.path(dir))
			switch {
			case errors.Is(err, fs.ErrNotExist):
			case err != nil:
				return false, err
			case !info.IsDir():
				return false, inTheWayError{f.path(dir), "a folder is"}
			}
			there = err == nil
			seen[dir] = there
		}
		if !there {
			return false, nil
		}
	}
	if info, err := os.Lstat(f.path(name)); err == nil && info.IsDir() {
		return false, inTheWayError{f.path(name), "a file is"}
	}
	return true, nil
}

// inTheWayError is the error for something that is not published and has the name of a published file or folder.
type inTheWayError struct{ path, what string }

func (e inTheWayError) Error() string {
	return fmt.Sprintf("%s is in the way: %s to be there", e.path, e.what)
}

// Hint returns a remediation hint.
func (inTheWayError) Hint() string { return "move it away, or publish in another folder" }

// holds reports whether the folder has a file with the same content.
func (f Folder) holds(file history.File) bool {
	info, err := os.Lstat(f.path(file.Name))
	if err != nil || !info.Mode().IsRegular() || info.Size() != int64(len(file.Data)) {
		return false
	}
	data, err := os.ReadFile(f.path(file.Name))
	return err == nil && bytes.Equal(data, file.Data)
}

// byVisibility orders names so that files come after those that they link to: first files in folders, then files at the
// top, and last index.html, the notification and the index of groups.
func byVisibility(a, b string) int {
	rank := func(name string) int {
		switch {
		case name == "index.html", name == delta.NotificationFile, name == delta.IndexFile:
			return 2
		case strings.Contains(name, "/"):
			return 0
		}
		return 1
	}
	return cmp.Compare(rank(a), rank(b))
}

// replace moves the staged files to their places and removes files that are no longer published. Meanwhile the list of
// names has the removed ones, too, so that a later run knows all files that a killed one leaves.
func (f Folder) replace(l *ledger, staged []string, w *Written) error {
	if err := f.writeList(l.names(func(line *line) bool { return line.listed || line.kept })); err != nil {
		return err
	}
	moved := make(map[string]bool)
	slices.SortStableFunc(staged, byVisibility)
	for _, name := range staged {
		if err := f.place(name, moved); err != nil {
			return err
		}
		w.Changed++
	}
	for _, name := range l.names(func(line *line) bool { return line.listed && !line.kept }) {
		if err := f.remove(name); err != nil {
			return err
		}
		w.Removed++
	}
	if err := f.writeList(l.names(func(line *line) bool { return line.kept })); err != nil {
		return err
	}
	return os.RemoveAll(f.path(staging))
}

// place moves a staged file to its place. Where a folder above it does not exist yet, place moves that folder with all
// staged files in it, which is one rename instead of thousands. Moved records, for each folder seen, whether it was moved.
func (f Folder) place(name string, moved map[string]bool) error {
	for _, dir := range parents(name) {
		whole, seen := moved[dir]
		if !seen {
			var err error
			if whole, err = f.placeWhole(dir); err != nil {
				return err
			}
			moved[dir] = whole
		}
		if whole {
			return nil
		}
	}
	return os.Rename(f.path(path.Join(staging, name)), f.path(name))
}

// placeWhole moves a staged folder to its place if nothing is there, and reports whether it did.
func (f Folder) placeWhole(dir string) (bool, error) {
	if _, err := os.Lstat(f.path(dir)); !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	return true, os.Rename(f.path(path.Join(staging, dir)), f.path(dir))
}

// parents returns the folders above a file, the outermost first.
func parents(name string) (dirs []string) {
	for i, c := range name {
		if c == '/' {
			dirs = append(dirs, name[:i])
		}
	}
	return dirs
}

// remove removes a file and the folders that are then empty.
func (f Folder) remove(name string) error {
	if err := os.Remove(f.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for dir := path.Dir(name); dir != "." && f.removed(dir); dir = path.Dir(dir) {
	}
	return nil
}

// removed removes a folder if it is empty, and reports whether it did.
func (f Folder) removed(dir string) bool { return os.Remove(f.path(dir)) == nil }

// writeList writes the names of published files, which are in order.
func (f Folder) writeList(names []string) error {
	list := strings.Join(names, "\n")
	if len(names) > 0 {
		list += "\n"
	}
	_, err := atomicfile.Update(f.path(listFile), []byte(list))
	return err
}
