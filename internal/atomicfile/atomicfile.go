// Package atomicfile writes files that are whole or absent.
//
// A file is written under a temporary name in its own folder, synced, closed and
// renamed to its own name; then the folder is synced. At any instant, also when the process
// or the machine dies, the name stands for the old content or for all of the new content, never for
// a part of it. What such a death can leave behind is a temporary file, which [IsTemp] recognises by
// its name.
package atomicfile

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
)

const tempSuffix = ".ianasync-tmp"

// TempPattern matches the names of temporary files, as a line of a .gitignore does.
const TempPattern = ".*" + tempSuffix

// IsTemp reports whether a file of this name (without its folder) is one that an
// interrupted [Write] left behind. It can be removed.
func IsTemp(name string) bool {
	return strings.HasPrefix(name, ".") && strings.HasSuffix(name, tempSuffix)
}

// Write makes data the content of the file, with permissions 0644 (less the
// process's umask). It creates the folders that are missing. When it fails, the old
// content stands, with one exception: when the last step fails, the syncing of the
// folder, the new content stands and may not outlive a loss of power.
func Write(path string, data []byte) error {
	dir, base := filepath.Split(path)
	if dir == "" {
		dir = "."
	}
	if err := makeFolder(folders{os.Stat, os.Mkdir, syncFolder}, filepath.Clean(dir)); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	return errors.Join(named(writeFile(root, base, data), path), root.Close())
}

// WriteIn is [Write] for a file in a folder, and never writes outside it. The name may have
// slashes.
func WriteIn(root *os.Root, name string, data []byte) error {
	name = filepath.FromSlash(name)
	if err := makeFolderIn(root, filepath.Dir(name)); err != nil {
		return err
	}
	return named(writeFile(root, name, data), filepath.Join(root.Name(), name))
}

// AppendIn adds data to the end of a file that is there, and returns once that is on the disk. Unlike [WriteIn] it is not atomic: when
// it fails or the process dies, a part of the data may have been added.
func AppendIn(root *os.Root, name string, data []byte) error {
	f, err := root.OpenFile(filepath.FromSlash(name), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	return fill(f, data)
}

// fill writes data to an open file, and closes it once that is on the disk.
func fill(f *os.File, data []byte) error {
	_, err := f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if closing := f.Close(); err == nil {
		err = closing // some file systems report only here that the disk is full
	}
	return err
}

// Update is [Write] where the content differs. Where the file has it already it is a no-op. It reports
// whether it wrote.
func Update(path string, data []byte) (changed bool, err error) {
	old, err := os.ReadFile(path)
	if err == nil && bytes.Equal(old, data) {
		return false, nil
	}
	if err := Write(path, data); err != nil {
		return false, err
	}
	return true, nil
}

// writeFile writes a file in a folder that is there.
func writeFile(root *os.Root, name string, data []byte) error {
	temp, err := writeTemp(root, name, data)
	if err != nil {
		return err
	}
	if err := root.Rename(temp, name); err != nil {
		_ = root.Remove(temp) // the first error is the one to report
		return err
	}
	return syncFolder(filepath.Join(root.Name(), filepath.Dir(name)))
}

// writeTemp writes data to a new file beside name, and returns that file's name once all of
// it is on the disk.
func writeTemp(root *os.Root, name string, data []byte) (temp string, err error) {
	f, temp, err := createTemp(root, name)
	if err != nil {
		return "", err
	}
	if err := fill(f, data); err != nil {
		_ = root.Remove(temp)
		return "", err
	}
	return temp, nil
}

func createTemp(root *os.Root, name string) (f *os.File, temp string, err error) {
	dir, base := filepath.Split(name)
	for {
		temp = fmt.Sprintf("%s.%s.%08x%s", dir, base, rand.Uint32(), tempSuffix)
		f, err = root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if !errors.Is(err, fs.ErrExist) {
			return f, temp, err
		}
	}
}

// named returns an error of a file system as one of the file at path: the caller does not know the name of
// the temporary file.
func named(err error, path string) error {
	var of *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &of):
		return &fs.PathError{Op: "write", Path: path, Err: of.Err}
	case errors.As(err, &link):
		return &fs.PathError{Op: "write", Path: path, Err: link.Err}
	}
	return err
}

// folders is a file system as [makeFolder] needs it.
type folders struct {
	stat  func(name string) (fs.FileInfo, error)
	mkdir func(name string, mode fs.FileMode) error
	sync  func(name string) error
}

// makeFolderIn is makeFolder for a folder in root.
func makeFolderIn(root *os.Root, dir string) error {
	sync := func(dir string) error { return syncFolder(filepath.Join(root.Name(), dir)) }
	return makeFolder(folders{root.Stat, root.Mkdir, sync}, dir)
}

// makeFolder makes a folder and those above it that are missing, and syncs the folder of each that
// it makes.
func makeFolder(f folders, dir string) error {
	if info, err := f.stat(dir); err == nil && info.IsDir() {
		return nil
	}
	parent := filepath.Dir(dir)
	if parent != dir {
		if err := makeFolder(f, parent); err != nil {
			return err
		}
	}
	if err := f.mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return f.sync(parent)
}
