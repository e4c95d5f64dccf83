package snapshots

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"

	"github.com/ianasync/ianasync/internal/atomicfile"
	"github.com/ianasync/ianasync/internal/checksum"
	"github.com/ianasync/ianasync/internal/layout"
	"github.com/ianasync/ianasync/registry"
)

func isTemp(name string) bool { return atomicfile.IsTemp(name) }

// recover reads what is on the disk, and completes or removes what an interrupted or failed run
// left there.
func (s *Store) recover() error {
	s.behind = true
	s.folders.Clear()
	if err := s.load(); err != nil {
		return err
	}
	if _, err := s.history.blobs(); err != nil {
		return err
	}
	if err := s.clean(); err != nil {
		return err
	}
	if _, err := s.read(s.group.Versions()); s.unfinished || errors.Is(err, fs.ErrNotExist) {
		if err := s.writeHistory(s.history); err != nil {
			return err
		}
	}
	if err := s.adopt(); err != nil {
		return err
	}
	s.behind = false
	return s.beginState()
}

// clean removes what an interrupted run left behind: temporary files, and the one refused body that
// it had not yet described. Where there are several such bodies, something else has happened, and they stay.
func (s *Store) clean() error {
	files, err := s.temps()
	if err != nil {
		return err
	}
	bodies, err := s.orphanBodies()
	if err != nil {
		return err
	}
	if len(bodies) == 1 {
		files = append(files, bodies...)
	}
	for _, file := range files {
		if err := s.remove(file); err != nil {
			return err
		}
	}
	return nil
}

// adopt adds to versions.jsonl the sightings whose files it does not name: a run was killed after it had written the
// file, or an older versions.jsonl was put back. A file that cannot be added, because it is damaged or its base is missing,
// stays where it is, and its id is not used again.
func (s *Store) adopt() error {
	orphans, err := s.orphanBlobs()
	if err != nil {
		return err
	}
	h, unreadable := s.withOrphans(orphans)
	s.unknown = make(map[string]bool, len(unreadable))
	for _, file := range unreadable {
		s.unknown[blobID(file)] = true
	}
	if h == s.history {
		return nil
	}
	return s.writeHistory(h)
}

// withOrphans returns the history with the sightings of files that no line names, and the files that
// cannot be read.
func (s *Store) withOrphans(files []string) (h *history, unreadable []string) {
	t := &Store{dir: s.dir, root: s.root, of: s.of, group: s.group, history: s.history}
	for again := true; again; { // one may be the base of another
		again, unreadable = false, nil
		for _, file := range files {
			if h, ok := t.withOrphan(file); ok {
				t.history, again = h, true
			} else {
				unreadable = append(unreadable, file)
			}
		}
		files = unreadable
	}
	return t.history, unreadable
}

func (s *Store) withOrphan(file string) (h *history, ok bool) {
	e, ok := s.readOrphan(file)
	if !ok {
		return nil, false
	}
	l, err := s.history.newLine(e)
	if err != nil {
		return nil, false
	}
	more, err := s.seenSince(e.ID, e.SHA256)
	if err != nil { // the checks are damaged, which others report
		more = nil
	}
	h, err = s.history.with(append(more, l)...)
	return h, err == nil
}

// readOrphan returns the entry of a file that no line names, and whether the file is sound.
func (s *Store) readOrphan(file string) (e entry, ok bool) {
	id := blobID(file)
	seen, err := ParseID(id)
	if err != nil || file != s.group.Blob(id) {
		return entry{}, false
	}
	data, err := s.read(file)
	if err != nil {
		return entry{}, false
	}
	text, sealed := unseal(data)
	o, ok := decodeOrigin(text, seen, s.history.sourceOf)
	if !sealed || !ok {
		return entry{}, false
	}
	content, err := s.decodeOrphan(data, o)
	if err != nil {
		return entry{}, false
	}
	c, err := s.of.DecodeContent(content, nil)
	if err != nil {
		return entry{}, false
	}
	e = entry{Version: Version{
		ID: id, Source: o.Source, ETag: o.ETag, LastModified: o.LastModified, Note: o.Note, SHA256: digest(content), Size: len(content), Form: written(registry.FormOf(content)),
	}}
	e.state(c.Facts())
	if b := s.history.blob(e.SHA256); b != nil { // stored once more since
		e.SameAs = b.id
		return e, true
	}
	e.Base, e.Leap = o.Base, o.Leap
	return e, true
}

var errNoBase = errors.New("its base is not there")

// decodeOrphan returns the bytes of a file that no line names.
func (s *Store) decodeOrphan(file []byte, o origin) ([]byte, error) {
	var base []byte
	if o.Base != "" {
		at, found := s.history.find(o.Base)
		if !found || s.history.lines[at].SameAs != "" {
			return nil, errNoBase
		}
		var err error
		if base, err = s.open(s.history.blob(s.history.lines[at].SHA256)); err != nil {
			return nil, err
		}
	}
	var h zstd.Header
	if err := h.Decode(file); err != nil {
		return nil, err
	}
	if !h.HasFCS || h.FrameContentSize == 0 || h.FrameContentSize > maxSize {
		return nil, errSize
	}
	dec, err := newDecoder()
	if err != nil {
		return nil, err
	}
	defer dec.close()
	return dec.decompress(file, base, int(h.FrameContentSize), nil)
}

// Repair mends what is wrong with the store's small files: it drops lines of checks.jsonl that are damaged, describes refused
// bodies again, and removes what stands where a derived file belongs and is none. It alters neither the
// versions nor their bytes. The derived files themselves are to be written after it.
func (s *Store) Repair() error {
	if err := s.writable(); err != nil {
		return err
	}
	if err := s.replaceChecks(func(_ string, line []byte) bool { return checksum.Check(line) == nil }); err != nil {
		return err
	}
	if err := errors.Join(s.repairQuarantine(), s.repairAttributes()); err != nil {
		return err
	}
	tables, err := s.tableNames()
	if err != nil {
		return err
	}
	for _, name := range append(tables, layout.Changelog) {
		if err := s.clearAway(name, false); err != nil {
			return err
		}
	}
	for _, folder := range []string{layout.Changelogs, s.group.Derived(), s.group.Changes(), s.group.Changelogs()} {
		if err := s.clearAway(folder, true); err != nil {
			return err
		}
	}
	changelogs, err := s.changelogs()
	if err != nil {
		return err
	}
	for _, name := range changelogs {
		if err := s.clearAway(name, false); err != nil {
			return err
		}
	}
	return s.clearDerived()
}

// tableNames returns the names that are those of tables of the group, whatever stands there: the one that a group alone has is among them
// where there is none, too.
func (s *Store) tableNames() (names []string, err error) {
	if s.of.Alone() {
		return []string{s.TableFile()}, nil
	}
	entries, err := fs.ReadDir(s.root.FS(), string(s.group))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, e := range entries {
		if name := path.Join(string(s.group), e.Name()); s.group.IsTable(name) {
			names = append(names, name)
		}
	}
	return names, nil
}

// attributesProblem returns what is wrong with the file of git's attributes; empty if git alters no line ends by it. Its
// owner may have added lines: the last one about line ends decides.
func (s *Store) attributesProblem() string {
	data, err := s.read(layout.GitAttributes)
	if errors.Is(err, fs.ErrNotExist) {
		return "it is missing"
	}
	if err != nil {
		return "" // of another type, which is reported
	}
	kept := false
	for line := range strings.Lines(string(data)) {
		fields := strings.Fields(line)
		switch {
		case line == gitAttributes:
			kept = true
		case len(fields) > 0 && !strings.HasPrefix(line, "#") && slices.ContainsFunc(fields[1:], altersText):
			kept = false
		}
	}
	if !kept {
		return fmt.Sprintf("it lacks the line %q, or another one overrules it", strings.TrimSpace(gitAttributes))
	}
	return ""
}

// altersText reports whether an attribute of git's is about line ends.
func altersText(attribute string) bool {
	name, _, _ := strings.Cut(strings.TrimLeft(attribute, "-!"), "=")
	return slices.Contains([]string{"text", "eol", "crlf"}, name) && attribute != "-text"
}

// repairAttributes adds the line to git's attributes that keeps line ends, unless it is in effect.
func (s *Store) repairAttributes() error {
	if err := s.clearAway(layout.GitAttributes, false); err != nil {
		return err
	}
	if s.attributesProblem() == "" {
		return nil
	}
	data, err := s.read(layout.GitAttributes)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(data) > 0 && !bytes.HasSuffix(data, []byte("\n")) {
		data = append(data, '\n')
	}
	return s.write(layout.GitAttributes, append(data, gitAttributes...))
}

// clearDerived removes what is neither a file nor a folder of derived files from their folder.
func (s *Store) clearDerived() error {
	var wrong []string
	err := fs.WalkDir(s.root.FS(), s.group.Derived(), func(name string, e fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case e.IsDir() && !slices.Contains([]string{s.group.Derived(), s.group.Changes(), s.group.Changelogs()}, name):
			wrong = append(wrong, name)
			return fs.SkipDir
		case !e.IsDir() && !e.Type().IsRegular():
			wrong = append(wrong, name)
		}
		return nil
	})
	for _, name := range wrong {
		if err == nil {
			err = s.clearAway(name, false)
		}
	}
	return err
}

// clearAway removes what a name stands for, if that is of another type than a derived file or folder is. A folder with
// anything in it is renamed instead.
func (s *Store) clearAway(name string, folder bool) error {
	info, err := s.root.Lstat(name)
	if err != nil || folder == info.IsDir() && (folder || info.Mode().IsRegular()) {
		return nil //nolint:nilerr // nothing is in the way
	}
	s.folders.Clear()
	if s.root.Remove(name) == nil {
		return nil
	}
	return s.root.Rename(name, name+".moved")
}

// blobFiles returns the names of the .zst files under versions/, with slashes.
func (s *Store) blobFiles() ([]string, error) {
	return s.files(s.group.Bytes(), withSuffix(".zst"))
}

func blobID(file string) string { return strings.TrimSuffix(path.Base(file), ".zst") }

// orphanBlobs returns the files under versions/ whose sighting no line names.
func (s *Store) orphanBlobs() ([]string, error) {
	files, err := s.blobFiles()
	folder, next := s.group.Bytes()+"/", 0
	return slices.DeleteFunc(files, func(file string) bool {
		id := blobID(file)
		at, known := next, next < len(s.history.lines) && s.history.lines[next].ID == id // as a rule, for files are sorted as lines are
		if !known {
			at, known = s.history.find(id)
		}
		next = at + 1
		year, name, _ := strings.Cut(strings.TrimPrefix(file, folder), "/")
		return known && year == id[:4] && !strings.Contains(name, "/")
	}), err
}

// orphanBodies returns the refused bodies without a description.
func (s *Store) orphanBodies() ([]string, error) {
	files, err := s.files(s.group.Quarantine(), withSuffix(bodySuffix))
	return slices.DeleteFunc(files, func(f string) bool {
		_, err := s.root.Lstat(strings.TrimSuffix(f, bodySuffix) + rejectionSuffix)
		return err == nil
	}), err
}
