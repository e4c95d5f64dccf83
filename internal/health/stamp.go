package health

import (
	"os"
	"path/filepath"

	"github.com/ianasync/ianasync/internal/layout"
)

// stamp differs between two states of a store: it changes when a version or a check is recorded. The zero value
// stands for no store.
type stamp struct{ versions, checked fileStamp }

// fileStamp differs between a file and its replacement. The zero value stands for no file.
type fileStamp struct{ size, modified int64 }

// stampOf returns the stamp of the store in dir, without reading the store.
func stampOf(dir string) stamp {
	return stamp{stampFile(filepath.Join(dir, layout.Versions)), stampFile(filepath.Join(dir, layout.Check))}
}

func stampFile(name string) fileStamp {
	info, err := os.Stat(name)
	if err != nil { // the one that reads the file reports it
		return fileStamp{}
	}
	return fileStamp{info.Size(), info.ModTime().UnixNano()}
}
