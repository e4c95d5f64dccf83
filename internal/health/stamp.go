package health

import (
	"os"
	"path/filepath"

	"github.com/ianasync/ianasync/internal/layout"
)

// stamp differs between two states of a group in a store: it changes when a version or a check is recorded. The zero value
// stands for no store.
type stamp struct{ versions, checked fileStamp }

// fileStamp differs between a file and its replacement. The zero value stands for no file.
type fileStamp struct{ size, modified int64 }

// stampOf returns the stamp of a group of the store, without reading the store.
func (s *Server) stampOf(id string) stamp {
	versions := filepath.FromSlash(layout.Group(id).Versions())
	return stamp{stampFile(filepath.Join(s.store, versions)), stampFile(filepath.Join(s.store, layout.Checks))}
}

func stampFile(name string) fileStamp {
	info, err := os.Stat(name)
	if err != nil { // the one that reads the file reports it
		return fileStamp{}
	}
	return fileStamp{info.Size(), info.ModTime().UnixNano()}
}
