package snapshots

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/ianasync/ianasync/internal/layout"
)

// derivedState is derived/products.json: what the derived files were made from.
type derivedState struct {
	Latest   string `json:"latest"`   // id of the newest version
	Versions int    `json:"versions"` // how many there were
	Digest   string `json:"digest"`   // of all versions: see [Store.Digest]
}

// WriteDerived writes a file that is made from the versions, and says whether it changed.
// It writes nothing where the file has these bytes already. The name is within the store's
// folder, with slashes, and none of the store's own.
func (s *Store) WriteDerived(name string, data []byte) (changed bool, err error) {
	if err := checkDerivedName(name); err != nil {
		return false, err
	}
	if err := s.writable(); err != nil {
		return false, err
	}
	if old, err := os.ReadFile(s.path(name)); err == nil && bytes.Equal(old, data) {
		return false, nil
	}
	if err := s.write(name, data); err != nil {
		return false, fmt.Errorf("writing %s: %w", name, err)
	}
	return true, nil
}

func checkDerivedName(name string) error {
	first, _, _ := strings.Cut(name, "/")
	switch first {
	case layout.Store, layout.Versions, layout.Bytes, layout.Check, layout.Quarantine, layout.Lock, ".git":
		return fmt.Errorf("%s is not the name of a derived file: %s is the store's own", name, first)
	}
	if !filepath.IsLocal(filepath.FromSlash(name)) || path.Clean(name) != name || name == "." || name == layout.State {
		return fmt.Errorf("%q is not the name of a derived file", name)
	}
	return nil
}

// Digest returns a digest of all versions: what is made from equal versions is equal.
func (s *Store) Digest() string {
	sum := sha256.New()
	for _, v := range s.history.versions {
		_, _ = io.WriteString(sum, v.ID+" "+v.SHA256+"\n")
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// DerivedStale says whether the derived files are not those of the present versions: because a
// run was interrupted after it had stored a version, or nobody ever made them.
func (s *Store) DerivedStale() bool {
	var m derivedState
	found, err := s.readJSON(layout.State, &m)
	return !found || err != nil || m.Digest != s.Digest()
}

// DerivedDone records that all derived files are those of the present versions.
func (s *Store) DerivedDone() error {
	if err := s.writable(); err != nil {
		return err
	}
	m := derivedState{Versions: len(s.history.versions), Digest: s.Digest()}
	if v, ok := s.Latest(); ok {
		m.Latest = v.ID
	}
	var old derivedState
	if _, err := s.readJSON(layout.State, &old); err == nil && old == m {
		return nil
	}
	return s.writeJSON(layout.State, m)
}
