package snapshots

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/atomicfile"
)

// A store that came from elsewhere, by git clone say, may hold symbolic links, which would lead a reader or a
// writer out of it. So every file is reached through an [os.Root], and no element of its name may be
// a link. The store's own folder may be one.

// disk is how a store changes files. Each call is whole or has done nothing that
// anyone can see, up to the error of its last step: see [atomicfile.Write]. Only Append may have added a part of the data.
type disk interface {
	Write(root *os.Root, name string, data []byte) error
	WriteAll(root *os.Root, files []atomicfile.File) error // each is whole, and those before it are there
	Append(root *os.Root, name string, data []byte) error
	Remove(root *os.Root, name string) error
}

type realDisk struct{}

func (realDisk) Write(root *os.Root, name string, data []byte) error {
	return atomicfile.WriteIn(root, name, data)
}

func (realDisk) WriteAll(root *os.Root, files []atomicfile.File) error {
	return atomicfile.WriteAllIn(root, files)
}

func (realDisk) Append(root *os.Root, name string, data []byte) error {
	return atomicfile.AppendIn(root, name, data)
}

func (realDisk) Remove(root *os.Root, name string) error {
	return root.Remove(filepath.FromSlash(name))
}

// path returns the path of a file of the store, given its name with slashes.
func (s *Store) path(file string) string { return filepath.Join(s.dir, filepath.FromSlash(file)) }

// content returns the file system with the store's files, for reading.
func (s *Store) content() fs.FS {
	if s.root == nil {
		return s.held
	}
	return s.root.FS()
}

// read returns the content of a file of the store.
func (s *Store) read(file string) ([]byte, error) {
	if err := s.checkPlain(file); err != nil {
		return nil, err
	}
	if s.root == nil {
		return fs.ReadFile(s.held, file)
	}
	f, err := s.content().Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	size := int64(0)
	if info, err := f.Stat(); err == nil {
		size = info.Size()
	}
	return readAll(f, size)
}

// piece is how many bytes are read at a time. While a system call takes longer than some 20 µs, the runtime starts another thread to
// go on with; in a command of ten milliseconds this costs more than the calls that it takes to read a file in pieces.
const piece = 16 << 10

// readAll reads r to its end, given how much that may be.
func readAll(r io.Reader, size int64) ([]byte, error) {
	data := make([]byte, 0, size+1) // the end is found without growing it
	for {
		data = slices.Grow(data, 1)
		n, err := r.Read(data[len(data):min(cap(data), len(data)+piece)])
		data = data[:len(data)+n]
		if errors.Is(err, io.EOF) {
			return data, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// write makes data the content of a file of the store. After a failure what is on the disk
// is not certain, and is read again before anything else is written.
func (s *Store) write(file string, data []byte) error { return s.change(s.disk.Write, file, data) }

// append is [Store.write] for data that is added to the content. What is added may be a part of it where that fails.
func (s *Store) append(file string, data []byte) error { return s.change(s.disk.Append, file, data) }

// writeAll is [Store.write] for several files. Each that is written has those before it beside it.
func (s *Store) writeAll(files []atomicfile.File) error {
	for _, f := range files {
		if err := s.checkPlain(f.Name); err != nil {
			return err
		}
	}
	err := s.disk.WriteAll(s.root, files)
	if err != nil {
		s.behind = true
	}
	return err
}

func (s *Store) change(by func(root *os.Root, name string, data []byte) error, file string, data []byte) error {
	if err := s.checkPlain(file); err != nil {
		return err
	}
	err := by(s.root, file, data)
	if err != nil {
		s.behind = true
	}
	return err
}

// remove removes a file of the store, if it is there.
func (s *Store) remove(file string) error {
	if err := s.checkFolders(file); err != nil {
		return err
	}
	if err := s.disk.Remove(s.root, file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// checkPlain returns a [*Fault] where a name stands for anything but a file that is reached through folders. A
// file that is missing is none.
func (s *Store) checkPlain(file string) error {
	if err := s.checkFolders(file); err != nil {
		return err
	}
	info, err := fs.Lstat(s.content(), file)
	if err != nil {
		return nil //nolint:nilerr // the one that opens it reports it
	}
	return checkType(file, info.Mode().Type(), 0)
}

// checkFolders is [Store.checkPlain] for the folders of a file.
func (s *Store) checkFolders(file string) error {
	dir := path.Dir(file)
	if dir == "." {
		return nil
	}
	if _, known := s.folders.Load(dir); known {
		return nil
	}
	if err := s.checkFolders(dir); err != nil {
		return err
	}
	info, err := fs.Lstat(s.content(), dir)
	if err != nil {
		return nil //nolint:nilerr // likewise
	}
	if err := checkType(dir, info.Mode().Type(), fs.ModeDir); err != nil {
		return err
	}
	s.folders.Store(dir, true)
	return nil
}

// checkType returns a [*Fault] where what a name stands for is not of the wanted type.
func checkType(name string, is, wanted fs.FileMode) error {
	switch {
	case is == wanted:
		return nil
	case is == fs.ModeSymlink:
		return damaged(name, "it is a symbolic link, and nothing in a store may be one")
	case wanted == fs.ModeDir:
		return damaged(name, "it is not a folder")
	}
	return damaged(name, "it is not a regular file")
}

// files returns the names, with slashes, of the entries at any depth in a folder of the store that are wanted by their last
// element. There may be no such folder.
//
// Folders of a store have no dot in their names, and all files have one. So a file that is not wanted, of which there may be
// thousands, need not be looked at.
func (s *Store) files(folder string, wanted func(name string) bool) ([]string, error) {
	if err := s.checkFolders(path.Join(folder, "x")); err != nil {
		return nil, err
	}
	names, err := s.names(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var files []string
	for _, name := range names {
		file := path.Join(folder, name)
		isFolder := false
		if !strings.Contains(name, ".") {
			info, err := fs.Lstat(s.content(), file)
			isFolder = err == nil && info.IsDir()
		}
		switch {
		case isFolder:
			more, err := s.files(file, wanted)
			if err != nil {
				return nil, err
			}
			files = append(files, more...)
		case wanted(name):
			files = append(files, file)
		}
	}
	return files, err
}

// names returns the names of the entries of a folder of the store, sorted.
func (s *Store) names(folder string) (names []string, err error) {
	if s.root == nil {
		entries, err := fs.ReadDir(s.held, folder)
		for _, e := range entries {
			names = append(names, e.Name())
		}
		return names, err
	}
	dir, err := s.root.Open(filepath.FromSlash(folder))
	if err != nil {
		return nil, err
	}
	names, err = dir.Readdirnames(-1) // the type of each entry would cost a system call
	slices.Sort(names)
	return names, errors.Join(err, dir.Close())
}

// withSuffix returns a function for [Store.files] that selects the names with any of some suffixes.
func withSuffix(suffixes ...string) func(string) bool {
	return func(name string) bool {
		return slices.ContainsFunc(suffixes, func(suffix string) bool { return strings.HasSuffix(name, suffix) }) && !atomicfile.IsTemp(name)
	}
}

// temps returns the temporary files in the store's folders.
func (s *Store) temps() ([]string, error) {
	names, err := s.topTemps()
	if err != nil {
		return nil, err
	}
	var temps []string
	for _, name := range names {
		if info, err := s.root.Lstat(name); err == nil && !info.IsDir() {
			temps = append(temps, name)
		}
	}
	more, err := s.files(string(s.group), atomicfile.IsTemp)
	return append(temps, more...), err
}

// topTemps returns the names of the temporary files and folders in the store's folder itself.
func (s *Store) topTemps() ([]string, error) {
	names, err := s.names(".")
	return slices.DeleteFunc(names, func(name string) bool { return !atomicfile.IsTemp(name) }), err
}
