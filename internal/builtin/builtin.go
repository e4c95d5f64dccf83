// Package builtin is the history of the service names registry that the program carries: a store in an archive, with the versions from
// 2015 on. Commands answer from it where there is no store yet, and new stores start from it.
//
// The archive, history.zip, holds the folder of the registry's group and store.json as they are in a store, without
// derived/state.json: so a store that starts from it derives once what is missing. Its text is deflated; the versions' bytes,
// which are compressed already, are stored. It is read in place, as an [fs.FS]: nothing is unpacked to answer a question, and a
// command that has a store of its own reads none of it.
//
// The script .ci/history makes the archive, from git repositories that mirror the registry or from a store. It must be run when
// the rules of package diff change: the archive's lists of changes are those of the rules that made them.
package builtin

import (
	"archive/zip"
	_ "embed"
	"fmt"
	"io/fs"
	"strings"
)

//go:generate bash ../../.ci/history

// MaxSize is the most bytes that the archive may have.
const MaxSize = 3 << 20

//go:embed history.zip
var archive string

// Open returns the store in the archive.
func Open() (fs.FS, error) {
	files, err := zip.NewReader(strings.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil, fmt.Errorf("the built-in history: %w", err)
	}
	return files, nil
}
