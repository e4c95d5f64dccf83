package publish

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ianasync/ianasync/internal/atomicfile"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/plainjson"
	"github.com/ianasync/ianasync/internal/publish/reuse"
)

// madeFile describes what the published files were made from:
//
//	SETUP VERSIONS
//	DIGEST SIZE NAME
//	…
//
// The digest is that of the file's model ([reuse.Digest]), or "-" where none is known. A file is left as it is if its line
// has the digest of its present model, the setup is the same, and nobody altered the file: its size is that of its line,
// and it is not younger than this list. The list has no times, so that the same store gives the same bytes. It is
// removed before any file is altered and written after the last one.
const madeFile = ownFolder + "/made"

// origin is what published files depend on, beside their own models.
type origin struct {
	setup    string // a digest of the program and of its settings
	versions string // a digest of the store's versions
}

// origin returns what the publisher's files depend on, or an error of plainjson.
func (p *Publisher) origin() (origin, error) {
	setup, stored := []any{p.Program, p.Registry.ID, p.Base, p.Notes}, any(p.Store.Versions())
	if len(p.Groups) > 0 { // all pages link to those of groups
		groups, err := p.storedGroups()
		if err != nil {
			return origin{}, err
		}
		setup, stored = append(setup, true), []any{stored, groups}
	}
	settings, err := plainjson.Marshal(setup)
	if err != nil {
		return origin{}, err
	}
	versions, err := plainjson.Marshal(stored)
	if err != nil {
		return origin{}, err
	}
	return origin{shortSum(settings), shortSum(versions)}, nil
}

// shortSum returns the first 96 bits of a SHA-256.
func shortSum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:12])
}

// manifest is a [madeFile].
type manifest struct {
	origin
	files   map[string]madeOf
	written time.Time
}

// madeOf is a line of a manifest.
type madeOf struct {
	digest string // of the model; "-" if not known
	size   int64
}

// readManifest returns the manifest of the folder, and a manifest without files where there is none or it is damaged.
func (f Folder) readManifest() *manifest {
	m := &manifest{files: make(map[string]madeOf)}
	data, err := os.ReadFile(f.path(madeFile))
	info, statErr := os.Lstat(f.path(madeFile))
	if err != nil || statErr != nil {
		return m
	}
	head, rest, _ := strings.Cut(string(data), "\n")
	setup, versions, found := strings.Cut(head, " ")
	if !found {
		return m
	}
	files := make(map[string]madeOf, strings.Count(rest, "\n"))
	for line := range strings.Lines(rest) {
		digest, line, _ := strings.Cut(line, " ")
		number, line, _ := strings.Cut(line, " ")
		name, ended := strings.CutSuffix(line, "\n")
		size, err := strconv.ParseInt(number, 10, 64)
		if err != nil || !ended || !fs.ValidPath(name) {
			return m
		}
		files[name] = madeOf{digest, size}
	}
	return &manifest{origin{setup, versions}, files, info.ModTime()}
}

// writeManifest writes a manifest.
func (f Folder) writeManifest(m *manifest) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s\n", m.setup, m.versions)
	names := make([]string, 0, len(m.files))
	for name := range m.files {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		b.WriteString(m.files[name].digest)
		b.WriteByte(' ')
		b.WriteString(strconv.FormatInt(m.files[name].size, 10))
		b.WriteByte(' ')
		b.WriteString(name)
		b.WriteByte('\n')
	}
	return atomicfile.Write(f.path(madeFile), b.Bytes())
}

// intact reports whether a file is as it was published. Folders holds the folders that were looked at before.
func (f Folder) intact(m *manifest, name string, folders map[string]bool) bool {
	line, known := m.files[name]
	if !known {
		return false
	}
	for _, dir := range parents(name) {
		isFolder, seen := folders[dir]
		if !seen {
			info, err := os.Lstat(f.path(dir))
			isFolder = err == nil && info.IsDir()
			folders[dir] = isFolder
		}
		if !isFolder {
			return false
		}
	}
	info, err := os.Lstat(f.path(name))
	return err == nil && info.Mode().IsRegular() && info.Size() == line.size && !info.ModTime().After(m.written)
}

// whole returns what is published, if all of it is as it was published from the same origin.
func (f Folder) whole(m *manifest, from origin, published map[string]bool) (w Written, whole bool) {
	if m.origin != from || len(m.files) != len(published) {
		return w, false
	}
	folders := make(map[string]bool)
	for name := range published {
		if !f.intact(m, name, folders) {
			return w, false
		}
		w.Files, w.Bytes = w.Files+1, w.Bytes+m.files[name].size
	}
	return w, true
}

// update is [Folder.Publish] for files whose origin is known. Where all is published already from the same origin, the
// files are not requested; else the function that yields them is given which of them need not be made again.
func (f Folder) update(ctx context.Context, from origin, files func(reuse.Has, reuse.Whole) iter.Seq2[history.File, error]) (w Written, err error) {
	unlock, err := f.open()
	if err != nil {
		return w, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	old, err := f.published()
	if err != nil {
		return w, err
	}
	was := f.readManifest()
	if w, whole := f.whole(was, from, old); whole {
		return w, nil
	}
	folders := make(map[string]bool)
	has := func(name, of string) bool {
		return was.setup == from.setup && was.files[name].digest == of && f.intact(was, name, folders)
	}
	made := was.together()
	together := func(of string) ([]string, bool) {
		names := made[of]
		return names, len(names) > 0 && was.setup == from.setup && !slices.ContainsFunc(names, func(name string) bool { return !f.intact(was, name, folders) })
	}
	now := &manifest{origin: from, files: make(map[string]madeOf)}
	if err := f.publish(ctx, old, now.note(was, files(has, together)), &w); err != nil {
		return w, err
	}
	w.Bytes = 0
	for _, line := range now.files {
		w.Bytes += line.size
	}
	return w, f.writeManifest(now)
}

// together returns the names of files that were made from one model, in order, by its digest.
func (m *manifest) together() map[string][]string {
	names := make(map[string][]string)
	for name, line := range m.files {
		names[line.digest] = append(names[line.digest], name)
	}
	for _, list := range names {
		slices.Sort(list)
	}
	return names
}

// note yields files and enters them. Those that are published already have the size that an earlier manifest has.
func (m *manifest) note(was *manifest, files iter.Seq2[history.File, error]) iter.Seq2[history.File, error] {
	return func(yield func(history.File, error) bool) {
		for file, err := range files {
			line := madeOf{file.Of, int64(len(file.Data))}
			if file.Same {
				line.size = was.files[file.Name].size
			}
			if line.digest == "" {
				line.digest = "-"
			}
			m.files[file.Name] = line
			if !yield(file, err) {
				return
			}
		}
	}
}
