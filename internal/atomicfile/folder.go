package atomicfile

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
)

// CopyFolder makes a folder named name, which must not exist, in root, with the files of from, at any depth. The folder is whole
// or absent: its files are written in a temporary folder beside it, which is then renamed. [IsTemp] recognises the
// temporary folder that a death of the process leaves behind.
func CopyFolder(root *os.Root, name string, from fs.FS) error {
	if _, err := root.Lstat(name); err == nil {
		return &fs.PathError{Op: "create", Path: filepath.Join(root.Name(), name), Err: fs.ErrExist}
	}
	temp := fmt.Sprintf(".%s.%08x%s", name, rand.Uint32(), tempSuffix)
	err := fs.WalkDir(from, ".", func(file string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := fs.ReadFile(from, file)
		if err != nil {
			return err
		}
		return createFile(root, path.Join(temp, file), data)
	})
	if err == nil {
		err = syncFolders(root, temp)
	}
	if err == nil {
		err = root.Rename(temp, name)
	}
	if err != nil {
		_ = root.RemoveAll(temp) // the first error is the one to report
		return named(err, filepath.Join(root.Name(), name))
	}
	return syncFolder(root.Name())
}

// createFile writes a new file and the folders that are missing.
func createFile(root *os.Root, name string, data []byte) error {
	name = filepath.FromSlash(name)
	if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	return fill(f, data)
}

// syncFolders syncs a folder and all folders in it.
func syncFolders(root *os.Root, name string) error {
	return fs.WalkDir(root.FS(), name, func(folder string, e fs.DirEntry, err error) error {
		if err != nil || !e.IsDir() {
			return err
		}
		return syncFolder(filepath.Join(root.Name(), filepath.FromSlash(folder)))
	})
}
