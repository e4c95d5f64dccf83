// Command pack makes the archive of package builtin from a store, and a store from the archive. The script .ci/history uses it:
//
//	pack STORE ARCHIVE      makes the archive
//	pack -unpack STORE      makes the store that the present archive holds, in a new folder
package main

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"

	"github.com/ianasync/ianasync/internal/builtin"
	"github.com/ianasync/ianasync/internal/layout"
	"github.com/ianasync/ianasync/registry/ports"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 2 && args[0] == "-unpack":
		files, err := builtin.Open()
		if err != nil {
			return err
		}
		return os.CopyFS(args[1], files)
	case len(args) == 2:
		return pack(os.DirFS(args[0]), args[1])
	}
	return errors.New("usage: pack STORE ARCHIVE, or pack -unpack STORE")
}

// pack writes the archive of a store. The same store gives the same bytes.
func pack(store fs.FS, archive string) error {
	names, err := wanted(store)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) })
	for _, name := range names {
		data, err := fs.ReadFile(store, name)
		if err != nil {
			return err
		}
		method := zip.Deflate
		if layout.IsBytes(name) {
			method = zip.Store
		}
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: method})
		if err != nil {
			return err
		}
		if _, err := w.Write(data); err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return err
	}
	if b.Len() > builtin.MaxSize {
		return fmt.Errorf("the archive would have %d bytes, and may have %d", b.Len(), builtin.MaxSize)
	}
	return os.WriteFile(archive, b.Bytes(), 0o644)
}

// wanted returns the names of the files of a store that belong into the archive, sorted. The record of checks, the quarantine and the
// changelog of all groups are about the store itself; the state of its derived files is left out so that a new store derives what
// is missing.
func wanted(store fs.FS) ([]string, error) {
	group := layout.Group(ports.ServiceNames().ID)
	names := []string{layout.Store}
	err := fs.WalkDir(store, string(group), func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && name == group.Quarantine():
			return fs.SkipDir
		case e.IsDir() || name == group.State():
			return nil
		}
		names = append(names, path.Clean(name))
		return nil
	})
	slices.Sort(names)
	return names, err
}
