// Package layout names the files of a store, for those that handle them without opening the store:
// that commit them to git, publish beside them, or watch them.
package layout

import (
	"bytes"
	"encoding/json"

	"github.com/ianasync/ianasync/registry"
)

// The names of a store's files and folders, with slashes, within the store's folder.
const (
	Store      = "store.json"            // the format and the registry
	Versions   = "versions.jsonl"        // what was seen: one line for each sighting
	Bytes      = "versions"              // the folder of the versions' bytes
	Check      = "checked.json"          // the last check of the registry
	Quarantine = "quarantine"            // the folder of refused bodies
	Derived    = "derived"               // the folder of derived files
	State      = "derived/products.json" // from which versions the derived files were made
	Changelog  = "CHANGELOG.md"          // a derived file
	Lock       = ".lock"                 // held by the writer; of this machine alone
)

// Names returns the names of the files and folders that the store of a registry consists of. Whatever else
// is in its folder belongs to somebody else or, as the lock does, to this machine alone.
func Names(reg *registry.Registry) []string {
	return []string{Store, Versions, Bytes, Check, Quarantine, Derived, Changelog, reg.FileName()}
}

// NewestID returns the id of the newest sighting in the content of a [Versions] file. It is empty where there
// is none, or where its line cannot be read.
func NewestID(versions []byte) string {
	lines := bytes.Split(bytes.TrimSuffix(versions, []byte("\n")), []byte("\n"))
	var last struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(lines[len(lines)-1], &last); err != nil {
		return ""
	}
	return last.ID
}
