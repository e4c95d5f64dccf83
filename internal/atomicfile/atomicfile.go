// Package atomicfile writes files that are whole or absent.
//
// A file is written under a temporary name in its own folder, synced, closed,
// renamed to its own name, and then the folder is synced. So whoever looks, and
// whenever the process or the machine dies, the name stands for the old content or
// for all of the new, never for a part of it. What such a death can leave behind is
// a temporary file, which [IsTemp] tells by its name.
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

// IsTemp tells whether a file of this name (without its folder) is one that an
// interrupted [Write] left behind. Nobody needs it.
func IsTemp(name string) bool {
	return strings.HasPrefix(name, ".") && strings.HasSuffix(name, tempSuffix)
}

// Write makes data the content of the file, with permissions 0644 (less the
// process's umask). It creates the folders that are missing. When it fails, the old
// content stands, but for one case: when the last step fails, the syncing of the
// folder, the new content stands and may not outlive a loss of power.
func Write(path string, data []byte) error {
	dir := filepath.Dir(path)
	if err := makeFolder(dir); err != nil {
		return err
	}
	temp, err := writeTemp(path, data)
	if err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		_ = os.Remove(temp) // the first error is the one to tell
		return err
	}
	return syncFolder(dir)
}

// Update is [Write] where the content differs, and does nothing where the file has
// it already. It reports whether it wrote.
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

// writeTemp writes data to a new file beside path, and returns its name once all of
// it is on the disk.
func writeTemp(path string, data []byte) (temp string, err error) {
	f, err := createTemp(path)
	if err != nil {
		return "", err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if closing := f.Close(); err == nil {
		err = closing // some file systems tell only here that the disk is full
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return "", err
	}
	return f.Name(), nil
}

func createTemp(path string) (*os.File, error) {
	dir, base := filepath.Split(path)
	for {
		name := fmt.Sprintf("%s.%s.%08x%s", dir, base, rand.Uint32(), tempSuffix)
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
}

// makeFolder is os.MkdirAll, and syncs the folder of each folder that it makes.
func makeFolder(dir string) error {
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		return nil
	}
	parent := filepath.Dir(dir)
	if parent != dir {
		if err := makeFolder(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncFolder(parent)
}
