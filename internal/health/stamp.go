package health

import (
	"os"
	"path/filepath"

	"github.com/ianasync/ianasync/internal/layout"
)

// fileStamp differs between a file and its replacement. The zero value stands for no file.
type fileStamp struct{ size, modified int64 }

// stampOfVersions returns the stamp of the file of a group's versions, which changes when one is recorded.
func (s *Server) stampOfVersions(id string) fileStamp {
	return stampFile(filepath.Join(s.store, filepath.FromSlash(layout.Group(id).Versions())))
}

// stampOfChecks returns the stamp of the file of all groups' checks.
func (s *Server) stampOfChecks() fileStamp { return stampFile(filepath.Join(s.store, layout.Checks)) }

func stampFile(name string) fileStamp {
	info, err := os.Stat(name)
	if err != nil { // the one that reads the file reports it
		return fileStamp{}
	}
	return fileStamp{info.Size(), info.ModTime().UnixNano()}
}
