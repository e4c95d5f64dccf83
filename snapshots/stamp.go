package snapshots

import (
	"os"
	"path/filepath"
)

// Stamp tells one state of a store from another without reading either: another one is that of a store to
// which somebody has added something, or noted a check, since. Its zero value is of no store.
type Stamp struct{ versions, checked fileStamp }

// fileStamp tells a file from what took its place. Its zero value is of no file.
type fileStamp struct{ size, modified int64 }

// StampOf returns the stamp of the store in dir.
func StampOf(dir string) Stamp {
	return Stamp{stampFile(filepath.Join(dir, versionsFile)), stampFile(filepath.Join(dir, checkedFile))}
}

func stampFile(name string) fileStamp {
	info, err := os.Stat(name)
	if err != nil { // whoever reads it will see why
		return fileStamp{}
	}
	return fileStamp{info.Size(), info.ModTime().UnixNano()}
}
