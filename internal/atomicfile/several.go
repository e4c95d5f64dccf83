package atomicfile

import (
	"cmp"
	"errors"
	"os"
	"path/filepath"
	"sync"
)

// File is a file to be written.
type File struct {
	Name string // may have slashes
	Data []byte
}

const atOnce = 16 // files that wait for the disk together

// WriteAllIn is [WriteIn] for several files, which takes little longer than for one: they wait for the disk together. They get
// their names one after the other in the given order, so that a death of the process leaves no file there without those
// before it. When it fails, some of the first files may be written.
func WriteAllIn(root *os.Root, files []File) error {
	folders := make(map[string]bool)
	for _, f := range files {
		dir := filepath.Dir(filepath.FromSlash(f.Name))
		if folders[dir] {
			continue
		}
		if err := makeFolderIn(root, dir); err != nil {
			return err
		}
		folders[dir] = true
	}
	temps, err := writeTemps(root, files)
	for i, f := range files {
		if err == nil {
			err = named(root.Rename(temps[i], filepath.FromSlash(f.Name)), filepath.Join(root.Name(), f.Name))
		}
		if err != nil && temps[i] != "" {
			_ = root.Remove(temps[i]) // the first error is the one to report
		}
	}
	if err != nil {
		return err
	}
	for dir := range folders {
		err = errors.Join(err, syncFolder(filepath.Join(root.Name(), dir)))
	}
	return err
}

// writeTemps writes the data of each file to a new file beside it, and returns their names once all of it is on the disk. When it
// fails, the names are those of the new files that there are.
func writeTemps(root *os.Root, files []File) (temps []string, err error) {
	temps = make([]string, len(files))
	failed := make([]error, len(files))
	slots := make(chan struct{}, atOnce)
	var wait sync.WaitGroup
	for i, f := range files {
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			temps[i], failed[i] = writeTemp(root, filepath.FromSlash(f.Name), f.Data)
			failed[i] = named(failed[i], filepath.Join(root.Name(), f.Name))
		})
	}
	wait.Wait()
	return temps, cmp.Or(failed...) // on a disk that is full all fail alike
}
