package snapshots

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/layout"
)

// derivedState is derived/state.json: what the derived files were made from.
type derivedState struct {
	Latest   string `json:"latest"`   // id of the newest version
	Versions int    `json:"versions"` // how many there were
	Digest   string `json:"digest"`   // of all versions: see [Store.Digest]
	Rules    string `json:"rules"`    // by which they were made: see [Store.DerivedDone]
}

// WriteDerived writes a file that is derived from the versions, and reports whether it changed.
// It writes nothing where the file has these bytes already. The name is within the store's
// folder, with slashes: that of a file of the changelog or of any group's part of it, of the group's table, or of a file in its
// folder of derived files.
func (s *Store) WriteDerived(name string, data []byte) (changed bool, err error) {
	if !s.isDerived(name) {
		return false, fmt.Errorf("%q is not the name of a derived file", name)
	}
	if err := s.writable(); err != nil {
		return false, err
	}
	if old, err := s.read(name); err == nil && bytes.Equal(old, data) {
		return false, nil
	}
	if err := s.write(name, data); err != nil {
		return false, fmt.Errorf("writing %s: %w", name, err)
	}
	return true, nil
}

// ReadDerived returns the content of a file that [Store.WriteDerived] wrote. Where there is none the error
// is an [fs.ErrNotExist].
func (s *Store) ReadDerived(name string) ([]byte, error) {
	if !s.isDerived(name) {
		return nil, fmt.Errorf("%q is not the name of a derived file", name)
	}
	return s.read(name)
}

// ReadDerivedPart is [Store.ReadDerived] for a part of a file, given its offset and its size. A file of an archive is read up to
// the end of the part.
func (s *Store) ReadDerivedPart(name string, offset int64, size int) (part []byte, err error) {
	if !s.isDerived(name) {
		return nil, fmt.Errorf("%q is not the name of a derived file", name)
	}
	if err := s.checkPlain(name); err != nil {
		return nil, err
	}
	f, err := s.content().Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if info, err := f.Stat(); err != nil || offset < 0 || size < 0 || offset > info.Size()-int64(size) {
		return nil, cmp.Or(err, io.ErrUnexpectedEOF)
	}
	part = make([]byte, size)
	if at, ok := f.(io.ReaderAt); ok {
		_, err = at.ReadAt(part, offset)
		return part, err
	}
	if _, err = io.CopyN(io.Discard, f, offset); err == nil {
		_, err = io.ReadFull(f, part)
	}
	return part, err
}

// ReadFiles returns a file of each group of the store in dir, by the group's id: nil where it is missing. It opens no group: that
// would read what is known of all versions.
func ReadFiles(dir string, name func(layout.Group) string) (map[string][]byte, error) {
	ids, err := Groups(dir)
	if err != nil {
		return nil, err
	}
	s := &Store{dir: dir}
	if _, err := s.openFolder(); err != nil {
		return nil, err
	}
	files := make(map[string][]byte)
	for _, id := range ids {
		if files[id], err = s.read(name(layout.Group(id))); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return files, nil
}

// RemoveDerived removes a derived file that the versions do not give any more.
func (s *Store) RemoveDerived(name string) error {
	if !s.isDerived(name) {
		return fmt.Errorf("%q is not the name of a derived file", name)
	}
	if err := s.writable(); err != nil {
		return err
	}
	return s.remove(name)
}

// DerivedFiles returns the names of the files that are derived from the versions and whose number depends on these: the lists of
// changes and their subjects, the changelogs of earlier years and the group's parts of them, and the tables of a group that may have several.
func (s *Store) DerivedFiles() (names []string, err error) {
	lists, err := s.files(s.group.Changes(), withSuffix(".jsonl", ".txt"))
	if err != nil {
		return nil, err
	}
	parts, err := s.Changelogs(string(s.group))
	if err != nil {
		return nil, err
	}
	changelogs, err := s.changelogs()
	if err != nil {
		return nil, err
	}
	names = slices.Concat(lists, parts, changelogs)
	if s.of.Alone() {
		return names, nil
	}
	tables, err := s.tableNames()
	for _, name := range tables {
		if info, err := fs.Lstat(s.root.FS(), name); err == nil && info.Mode().IsRegular() {
			names = append(names, name)
		}
	}
	return names, err
}

// changelogs returns the names of the changelogs of earlier years.
func (s *Store) changelogs() ([]string, error) {
	return s.files(layout.Changelogs, func(name string) bool { return layout.IsChangelog(path.Join(layout.Changelogs, name)) })
}

// Changelogs returns the names of the files of a group's part of the changelog: none where it has no part.
func (s *Store) Changelogs(group string) ([]string, error) {
	return s.files(layout.Group(group).Changelogs(), withSuffix(".md"))
}

// isDerived reports whether a name is that of a derived file.
func (s *Store) isDerived(name string) bool {
	inFolder := strings.HasPrefix(name, s.group.Derived()+"/") && path.Clean(name) == name && name != s.group.State()
	return inFolder || layout.IsChangelog(name) || layout.IsPart(name) || s.isTable(name)
}

// isTable reports whether a name is that of a table of the group.
func (s *Store) isTable(name string) bool {
	if s.of.Alone() {
		return name == s.TableFile()
	}
	return s.group.IsTable(name)
}

// Digest returns a digest of all versions: what is derived from equal versions is equal.
func (s *Store) Digest() string { return digestOf(s.history.versions) }

func digestOf(versions []*Version) string {
	sum := sha256.New()
	for _, v := range versions {
		_, _ = io.WriteString(sum, v.ID+" "+v.SHA256+"\n")
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// DerivedStale reports whether the derived files are not those of the present versions: because a
// run was interrupted after it had stored a version, or because they were never made.
func (s *Store) DerivedStale() bool {
	state, found, err := s.readState()
	return !found || err != nil || state.Digest != s.Digest()
}

// DerivedPending reports whether the derived files are known to be those of other versions than the present ones, because
// a run was interrupted, so that the next one derives them again.
func (s *Store) DerivedPending() bool {
	state, found, err := s.readState()
	return found && err == nil && state.Digest != s.Digest()
}

// DerivedUpTo returns from how many of the oldest versions all derived files were made, by the given rules. It is 0 where versions
// have come in between since, or where that is not known.
func (s *Store) DerivedUpTo(rules string) int {
	state, found, err := s.readState()
	n := state.Versions
	if !found || err != nil || state.Rules != rules || n < 0 || n > len(s.history.versions) || state.Digest != digestOf(s.history.versions[:n]) {
		return 0
	}
	return n
}

func (s *Store) readState() (state derivedState, found bool, err error) {
	found, err = s.readJSON(s.group.State(), &state)
	return state, found, err
}

// DerivedDone records that all derived files are those of the present versions, made by the given rules, a text of the caller's. It
// does not where a failed write turned out to have stored a version, after the caller derived them: then they stay stale.
func (s *Store) DerivedDone(rules string) error {
	if err := s.writable(); err != nil {
		return err
	}
	if s.surprised {
		s.surprised = false
		return nil
	}
	return s.setState(rules)
}

func (s *Store) setState(rules string) error {
	now := derivedState{Versions: len(s.history.versions), Digest: s.Digest(), Rules: rules}
	if v, ok := s.Latest(); ok {
		now.Latest = v.ID
	}
	if was, found, err := s.readState(); found && err == nil && was == now {
		return nil
	}
	return s.writeJSON(s.group.State(), now)
}

// beginState records that nothing was derived yet, before the first version is stored. So a state that is missing
// later is one that was lost.
func (s *Store) beginState() error {
	_, found, err := s.readState()
	if found || err != nil && !errors.Is(err, fs.ErrNotExist) || len(s.history.lines) > 0 {
		return nil // deriving again mends a state that cannot be read
	}
	return s.setState("")
}
