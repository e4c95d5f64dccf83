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
	"path"
	"runtime/debug"
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
	names   []string // of the files, in order; none of a manifest that is not read but made
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
	files, names := make(map[string]madeOf, strings.Count(rest, "\n")), []string(nil)
	for line := range strings.Lines(rest) {
		digest, line, _ := strings.Cut(line, " ")
		number, line, _ := strings.Cut(line, " ")
		name, ended := strings.CutSuffix(line, "\n")
		size, err := strconv.ParseInt(number, 10, 64)
		if err != nil || !ended || !fs.ValidPath(name) {
			return m
		}
		files[name], names = madeOf{digest, size}, append(names, name)
	}
	return &manifest{origin{setup, versions}, files, names, info.ModTime()}
}

// writeManifest writes a manifest, given the names of its files in order.
func (f Folder) writeManifest(m *manifest, names []string) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s\n", m.setup, m.versions)
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

// found is what a folder has now of what a manifest says was published in it.
type found struct {
	Folder
	*manifest
	folders map[string]map[string]bool // the names of the folders in each folder that was read
}

// intact reports whether a file is as it was published.
func (f *found) intact(name string) bool {
	line, known := f.files[name]
	if !known {
		return false
	}
	parent := "."
	for i := range len(name) {
		if name[i] != '/' {
			continue
		}
		if !f.in(parent)[path.Base(name[:i])] {
			return false
		}
		parent = name[:i]
	}
	info, err := os.Lstat(f.path(name))
	return err == nil && info.Mode().IsRegular() && info.Size() == line.size && !info.ModTime().After(f.written)
}

// in returns the names of the folders in a folder; none where that cannot be read. Thousands of folders in one are found in the time
// that looking at some of them takes.
func (f *found) in(dir string) map[string]bool {
	names, read := f.folders[dir]
	if !read {
		names = make(map[string]bool)
		entries, _ := os.ReadDir(f.path(dir))
		for _, e := range entries {
			if e.IsDir() {
				names[e.Name()] = true
			}
		}
		f.folders[dir] = names
	}
	return names
}

// whole returns what is published, if all of it is as it was published from the same origin.
func (f *found) whole(from origin, published map[string]bool) (w Written, whole bool) {
	if f.origin != from || len(f.files) != len(published) {
		return w, false
	}
	for name := range published {
		if !f.intact(name) {
			return w, false
		}
		w.Files, w.Bytes = w.Files+1, w.Bytes+f.files[name].size
	}
	return w, true
}

// updateGC is GOGC for publishing where most files are recognised, in per cent: there is little garbage then.
const updateGC = 200

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
	was := &found{f, f.readManifest(), make(map[string]map[string]bool)}
	if w, whole := was.whole(from, old); whole {
		return w, nil
	}
	if was.setup == from.setup {
		defer debug.SetGCPercent(debug.SetGCPercent(updateGC))
	}
	has := func(name, of string) bool {
		return was.setup == from.setup && was.files[name].digest == of && was.intact(name)
	}
	made := was.together()
	together := func(of string) ([]string, bool) {
		names := made[of]
		return names, len(names) > 0 && was.setup == from.setup && !slices.ContainsFunc(names, func(name string) bool { return !was.intact(name) })
	}
	now := &manifest{origin: from, files: make(map[string]madeOf, len(was.files))}
	names, err := f.publish(ctx, old, now.note(was.manifest, files(has, together)), &w)
	if err != nil {
		return w, err
	}
	w.Bytes = 0
	for _, line := range now.files {
		w.Bytes += line.size
	}
	return w, f.writeManifest(now, names)
}

// together returns the names of files that were made from one model, in order, by its digest.
func (m *manifest) together() map[string][]string {
	names := make(map[string][]string, len(m.names))
	for _, name := range m.names {
		digest := m.files[name].digest
		names[digest] = append(names[digest], name)
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
