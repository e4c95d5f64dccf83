package publish

import (
	"bufio"
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
	"slices"
	"strings"

	"github.com/gofrs/flock"

	"github.com/ianasync/ianasync/internal/atomicfile"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/publish/delta"
)

// The folder's own files, which no host needs to serve.
const (
	ownFolder  = ".ianasync"
	listFile   = ownFolder + "/files"   // the names of all that was published here, one a line
	staging    = ownFolder + "/staging" // what is being written
	folderLock = ownFolder + "/lock"
)

// Folder is a folder that files are published in. Files that it has and that nobody published are left
// alone, those of another tool's CNAME for example.
type Folder string

// Written says what publishing did.
type Written struct {
	Files   int   `json:"files"`   // that are published now
	Bytes   int64 `json:"bytes"`   // of these
	Changed int   `json:"changed"` // that were written, new ones included
	Removed int   `json:"removed"` // that are no longer published
}

// ErrNotOurs says that a folder has files, and none of them was published by this program.
var ErrNotOurs error = notOurs{}

type notOurs struct{}

func (notOurs) Error() string {
	return "the folder is not empty, and nothing was published in it before"
}

// Hint says what to do.
func (notOurs) Hint() string { return "publish in an empty folder, or in a new one" }

// Publish makes the folder hold the files, and none that it published before and does not now. Only what differs is
// written. All of that is first written beside the folder's files; then it takes their places, one after
// the other. A run that is killed before that leaves everything as it was; one that is killed in between leaves
// whole files, some of them old, and the next run sees to the rest. What was published and does not differ keeps
// its bytes and its time of modification.
func (f Folder) Publish(ctx context.Context, files iter.Seq2[history.File, error]) (w Written, err error) {
	unlock, err := f.open()
	if err != nil {
		return w, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	old, err := f.published()
	if err != nil {
		return w, err
	}
	names, staged, err := f.stage(ctx, files, &w)
	if err != nil {
		return w, errors.Join(err, os.RemoveAll(f.path(staging)))
	}
	return w, f.replace(old, names, staged, &w)
}

func (f Folder) path(name string) string { return filepath.Join(string(f), filepath.FromSlash(name)) }

// Check refuses a folder that is not ours. One that is not there, or is empty, will be.
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

// open makes the folder if it is not there, refuses one that is not ours, and locks it.
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

// published returns the names of what was published before.
func (f Folder) published() (map[string]bool, error) {
	data, err := os.ReadFile(f.path(listFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	names := make(map[string]bool)
	lines := bufio.NewScanner(bytes.NewReader(data))
	for lines.Scan() {
		if !filepath.IsLocal(filepath.FromSlash(lines.Text())) {
			return nil, fmt.Errorf("%s: %q is not the name of a file in it", f.path(listFile), lines.Text())
		}
		names[lines.Text()] = true
	}
	return names, lines.Err()
}

// stage writes the files that differ from those that are there, and returns their names and those of all.
func (f Folder) stage(ctx context.Context, files iter.Seq2[history.File, error], w *Written) (names map[string]bool, staged []string, err error) {
	names = make(map[string]bool)
	folders := make(map[string]bool)
	clear := make(map[string]bool) // folders that may be written to
	for file, err := range files {
		switch {
		case err != nil:
			return nil, nil, err
		case ctx.Err() != nil:
			return nil, nil, ctx.Err()
		case names[file.Name] || !fs.ValidPath(file.Name) || strings.HasPrefix(file.Name, ownFolder+"/"):
			return nil, nil, fmt.Errorf("%q cannot be published: it is no name, or there twice", file.Name)
		}
		names[file.Name] = true
		if err := f.clear(file.Name, clear); err != nil {
			return nil, nil, err
		}
		w.Files, w.Bytes = w.Files+1, w.Bytes+int64(len(file.Data))
		if f.holds(file) {
			continue
		}
		at := path.Join(staging, file.Name)
		if dir := path.Dir(at); !folders[dir] {
			if err := os.MkdirAll(f.path(dir), 0o777); err != nil {
				return nil, nil, err
			}
			folders[dir] = true
		}
		if err := os.WriteFile(f.path(at), file.Data, 0o666); err != nil {
			return nil, nil, err
		}
		staged = append(staged, file.Name)
	}
	return names, staged, nil
}

// clear refuses a name whose place somebody else has taken: a folder where the file is to go, or something else where
// a folder is, a symbolic link that leads elsewhere for example. Seen are the folders that were looked at.
func (f Folder) clear(name string, seen map[string]bool) error {
	for _, dir := range parents(name) {
		if seen[dir] {
			continue
		}
		info, err := os.Lstat(f.path(dir))
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return err
		case !info.IsDir():
			return inTheWayError{f.path(dir), "a folder is"}
		}
		seen[dir] = true
	}
	if info, err := os.Lstat(f.path(name)); err == nil && info.IsDir() {
		return inTheWayError{f.path(name), "a file is"}
	}
	return nil
}

// inTheWayError says that something stands where something published is to go.
type inTheWayError struct{ path, what string }

func (e inTheWayError) Error() string {
	return fmt.Sprintf("%s is in the way: %s to be there", e.path, e.what)
}

// Hint says what to do.
func (inTheWayError) Hint() string { return "move it away, or publish in another folder" }

// holds tells whether a file is there as it should be.
func (f Folder) holds(file history.File) bool {
	info, err := os.Lstat(f.path(file.Name))
	if err != nil || !info.Mode().IsRegular() || info.Size() != int64(len(file.Data)) {
		return false
	}
	data, err := os.ReadFile(f.path(file.Name))
	return err == nil && bytes.Equal(data, file.Data)
}

// byVisibility orders names so that what leads to others comes after them: first what lies in folders, then what lies
// beside them, and the two by which people and machines enter last.
func byVisibility(a, b string) int {
	rank := func(name string) int {
		switch {
		case name == "index.html", name == delta.NotificationFile:
			return 2
		case strings.Contains(name, "/"):
			return 0
		}
		return 1
	}
	return cmp.Compare(rank(a), rank(b))
}

// replace lets what was staged take its place, and removes what is no longer published. The list of names
// is first that of both, so that whatever a killed run leaves is known to be ours.
func (f Folder) replace(old, names map[string]bool, staged []string, w *Written) error {
	both := make(map[string]bool, len(names))
	for _, set := range []map[string]bool{old, names} {
		for name := range set {
			both[name] = true
		}
	}
	if err := f.writeList(both); err != nil {
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
	for name := range old {
		if names[name] {
			continue
		}
		if err := f.remove(name); err != nil {
			return err
		}
		w.Removed++
	}
	if err := f.writeList(names); err != nil {
		return err
	}
	return os.RemoveAll(f.path(staging))
}

// place moves a staged file to its place; where a folder above it is not there yet, that folder with all that was
// staged in it, which is one step instead of thousands. Moved holds, of each folder that was looked at, whether it
// was moved so.
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

// placeWhole moves a staged folder to its place if nothing is there, and tells whether it did.
func (f Folder) placeWhole(dir string) (bool, error) {
	if _, err := os.Lstat(f.path(dir)); !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	return true, os.Rename(f.path(path.Join(staging, dir)), f.path(dir))
}

// parents are the folders that a name is in, the outermost first.
func parents(name string) (dirs []string) {
	for i, c := range name {
		if c == '/' {
			dirs = append(dirs, name[:i])
		}
	}
	return dirs
}

// remove removes a file, and the folders that are empty without it.
func (f Folder) remove(name string) error {
	if err := os.Remove(f.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for dir := path.Dir(name); dir != "." && f.removed(dir); dir = path.Dir(dir) {
	}
	return nil
}

// removed removes a folder if it is empty, and tells whether it did.
func (f Folder) removed(dir string) bool { return os.Remove(f.path(dir)) == nil }

func (f Folder) writeList(names map[string]bool) error {
	list := make([]string, 0, len(names))
	for name := range names {
		list = append(list, name+"\n")
	}
	slices.Sort(list)
	_, err := atomicfile.Update(f.path(listFile), []byte(strings.Join(list, "")))
	return err
}
