package snapshots

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/atomicfile"
	"github.com/ianasync/ianasync/internal/layout"
)

// clean removes what an interrupted run left behind: temporary files, the one blob
// that it had written and not yet named in versions.jsonl, and the one refused body that
// it had not yet explained.
//
// A run leaves no more than one of each. More of them are the sign of something else (an old
// versions.jsonl put back, say), and then nothing is removed.
func (s *Store) clean() error {
	blobs, err := s.orphanBlobs()
	if err != nil {
		return err
	}
	if len(blobs) > 1 {
		return damaged(layout.Versions, "it does not name %s and %d more files; an interrupted run leaves at most one", blobs[0], len(blobs)-1)
	}
	bodies, err := s.orphanBodies()
	if err != nil {
		return err
	}
	if len(bodies) > 1 {
		bodies = nil
	}
	temps, err := s.temps()
	if err != nil {
		return err
	}
	for _, file := range slices.Concat(blobs, bodies, temps) {
		if err := s.disk.Remove(s.path(file)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// blobFiles returns the names of the .zst files under versions/, with slashes.
func (s *Store) blobFiles() ([]string, error) {
	return s.files(layout.Bytes, func(name string) bool { return strings.HasSuffix(name, ".zst") })
}

// orphanBlobs returns the blobs that no line names.
func (s *Store) orphanBlobs() ([]string, error) {
	known := make(map[string]bool, len(s.history.blobs))
	for _, b := range s.history.blobs {
		known[b.file()] = true
	}
	files, err := s.blobFiles()
	return slices.DeleteFunc(files, func(f string) bool { return known[f] }), err
}

// orphanBodies returns the refused bodies without facts beside them.
func (s *Store) orphanBodies() ([]string, error) {
	files, err := s.files(layout.Quarantine, func(name string) bool { return strings.HasSuffix(name, bodySuffix) })
	return slices.DeleteFunc(files, func(f string) bool {
		_, err := os.Stat(s.path(strings.TrimSuffix(f, bodySuffix) + rejectionSuffix))
		return err == nil
	}), err
}

// temps returns the temporary files in the store's folders.
func (s *Store) temps() ([]string, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, err
	}
	var temps []string
	for _, e := range entries {
		if !e.IsDir() && atomicfile.IsTemp(e.Name()) {
			temps = append(temps, e.Name())
		}
	}
	for _, folder := range []string{layout.Bytes, layout.Quarantine, layout.Derived} {
		more, err := s.files(folder, atomicfile.IsTemp)
		if err != nil {
			return nil, err
		}
		temps = append(temps, more...)
	}
	return temps, nil
}

// files returns the names, with slashes, of the files at any depth in a folder of the
// store that are wanted by their last element. There may be no such folder.
func (s *Store) files(folder string, wanted func(name string) bool) ([]string, error) {
	var files []string
	err := fs.WalkDir(os.DirFS(s.dir), folder, func(file string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && wanted(path.Base(file)) {
			files = append(files, file)
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return files, err
}
