package dataset

import (
	"archive/tar"
	"bytes"
	"context"
	"path"

	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/snapshots"
)

// Tar returns a [Package] of a store's version of the given id as a tar archive. Its files are in a folder
// with the version's name and have the version's time, and nobody in particular owns them, so that the bytes
// are a function of the versions up to it.
func Tar(ctx context.Context, r *registry.Registry, s *snapshots.Store, last string) ([]byte, error) {
	v, err := s.Resolve(last)
	if err != nil {
		return nil, err
	}
	rows, err := s.Rows(v)
	if err != nil {
		return nil, err
	}
	table, err := rows.Table()
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for file, err := range Package(ctx, &Source{Registry: r, Version: v.ID, Table: table}, s, "") {
		if err != nil {
			return nil, err
		}
		head := tar.Header{
			Name: path.Join(r.ID+"-"+v.ID, file.Name), Size: int64(len(file.Data)), Mode: 0o644, ModTime: v.Seen(), Format: tar.FormatUSTAR,
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
