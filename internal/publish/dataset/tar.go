package dataset

import (
	"archive/tar"
	"bytes"
	"context"
	"iter"
	"path"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/porthistory"
	"github.com/ianasync/ianasync/snapshots"
)

// Tar returns a [Package] of the source's version as a tar archive. Its files are in a folder
// with the version's name and have the version's time, and nobody in particular owns them, so that the bytes
// are a function of the versions up to it.
func Tar(ctx context.Context, s *Source, past *porthistory.Past) ([]byte, error) {
	return archive(s.Registry.ID, s.Version, Package(ctx, s, past, ""))
}

// archive returns a tar archive of the files of a package.
func archive(id, version string, files iter.Seq2[history.File, error]) ([]byte, error) {
	seen, err := snapshots.ParseID(version)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for file, err := range files {
		if err != nil {
			return nil, err
		}
		head := tar.Header{
			Name: path.Join(id+"-"+version, file.Name), Size: int64(len(file.Data)), Mode: 0o644, ModTime: seen, Format: tar.FormatUSTAR,
		}
		if err := w.WriteHeader(&head); err != nil {
			return nil, err
		}
		if _, err := w.Write(file.Data); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
