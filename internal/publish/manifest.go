package publish

import (
	"bytes"
	"cmp"
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

// manifest is a [madeFile], but for the lines of files, which a [ledger] has.
type manifest struct {
	origin
	files   int // that it has lines of
	written time.Time
}

// madeOf is what a file is made from.
type madeOf struct {
	digest string // of the model; "-", or empty, if not known
	size   int64  // of the file
}

// readManifest enters the folder's manifest in a ledger of what the folder lists. It returns the zero value, and enters nothing, where
// there is none, it is damaged, or its setup is another one.
func (f Folder) readManifest(setup string, l *ledger) manifest {
	data, err := os.ReadFile(f.path(madeFile))
	info, statErr := os.Lstat(f.path(madeFile))
	if err != nil || statErr != nil {
		return manifest{}
	}
	head, rest, _ := strings.Cut(string(data), "\n")
	m := manifest{written: info.ModTime()}
	m.setup, m.versions, _ = strings.Cut(head, " ")
	if m.setup != setup {
		return manifest{}
	}
	for made := range strings.Lines(rest) {
		digest, made, _ := strings.Cut(made, " ")
		number, made, _ := strings.Cut(made, " ")
		name, ended := strings.CutSuffix(made, "\n")
		size, err := strconv.ParseInt(number, 10, 64)
		if err != nil || !ended || !fs.ValidPath(name) {
			for _, line := range l.lines {
				line.was = madeOf{}
			}
			return manifest{}
		}
		if m.files < len(l.lines) && l.lines[m.files].name == name { // as it is unless the folder was damaged
			l.lines[m.files].was = madeOf{digest, size}
		} else {
			l.line(name).was = madeOf{digest, size}
		}
		m.files++
	}
	return m
}

// writeManifest writes the manifest of the files that a ledger has as published now.
func (f Folder) writeManifest(from origin, l *ledger) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s\n", from.setup, from.versions)
	for _, line := range l.lines {
		if !line.kept {
			continue
		}
		b.WriteString(cmp.Or(line.now.digest, "-"))
		b.WriteByte(' ')
		b.WriteString(strconv.FormatInt(line.now.size, 10))
		b.WriteByte(' ')
		b.WriteString(line.name)
		b.WriteByte('\n')
	}
	return atomicfile.Write(f.path(madeFile), b.Bytes())
}

// found is what a folder has now of what a manifest says was published in it.
type found struct {
	Folder
	*ledger
	manifest
	read    map[string]bool // the folders that were read
	folders map[string]bool // those that are in them
}

// intact reports whether a file is as it was published.
func (f *found) intact(line *line) bool {
	if line == nil || line.was.digest == "" || !f.isFolder(folderOf(line.name)) {
		return false
	}
	info, err := os.Lstat(f.path(line.name))
	return err == nil && info.Mode().IsRegular() && info.Size() == line.was.size && !info.ModTime().After(f.written)
}

// folderOf returns the folder of a file.
func folderOf(name string) string { return name[:max(0, strings.LastIndexByte(name, '/'))] }

// isFolder reports whether a name, which may be empty, leads to a folder without following links. Thousands of folders in one are
// found in the time that looking at some of them takes.
func (f *found) isFolder(name string) bool {
	if name == "" || f.folders[name] {
		return true
	}
	parent := folderOf(name)
	if f.read[parent] || !f.isFolder(parent) {
		return false
	}
	f.read[parent] = true
	folder, err := os.Open(f.path(parent))
	if err != nil {
		return false
	}
	defer folder.Close()
	entries, _ := folder.ReadDir(-1) // in no order: sorting thousands takes as long as reading them
	for _, e := range entries {
		if e.IsDir() {
			f.folders[path.Join(parent, e.Name())] = true
		}
	}
	return f.folders[name]
}

// whole returns what is published, if all of it is as it was published from the same origin.
func (f *found) whole(from origin) (w Written, whole bool) {
	if f.origin != from || f.files != len(f.lines) {
		return w, false
	}
	for _, line := range f.lines {
		if !line.listed || !f.intact(line) {
			return w, false
		}
		w.Files, w.Bytes = w.Files+1, w.Bytes+line.was.size
	}
	return w, true
}

// has reports whether a file is published as it was made from a model of the given digest.
func (f *found) has(name, of string) bool {
	line := f.named[name]
	return line != nil && line.was.digest == of && f.intact(line)
}

// together returns a function that returns the names of the files that were made from a model of the given digest, in order, and
// whether these are published as they were made.
func (f *found) together() reuse.Whole {
	first := make(map[string]int, len(f.lines)) // by digest, 1 more than the index of the first line with it; next has that of the one after
	next := make([]int, len(f.lines))
	for i, line := range slices.Backward(f.lines) {
		next[i], first[line.was.digest] = first[line.was.digest], i+1
	}
	return func(of string) (names []string, whole bool) {
		for i := first[of]; i > 0; i = next[i-1] {
			if !f.intact(f.lines[i-1]) {
				return nil, false
			}
			names = append(names, f.lines[i-1].name)
		}
		return names, len(names) > 0
	}
}

// GOGC for making files, in per cent. With the value of the command, 400, making all of them takes 350 MiB of memory, with this one 160.
// Where most are recognised, there is little garbage.
const (
	makeAllGC = 70
	updateGC  = 200
)

// update is [Folder.Publish] for files whose origin is known. Where all is published already from the same origin, the
// files are not requested; else the function that yields them is given which of them need not be made again.
func (f Folder) update(ctx context.Context, from origin, files func(reuse.Has, reuse.Whole) iter.Seq2[history.File, error]) (w Written, err error) {
	unlock, err := f.open()
	if err != nil {
		return w, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	l, err := f.published()
	if err != nil {
		return w, err
	}
	was := &found{f, l, f.readManifest(from.setup, l), make(map[string]bool), make(map[string]bool)}
	if w, whole := was.whole(from); whole {
		return w, nil
	}
	percent := makeAllGC
	if was.files > 0 {
		percent = updateGC
	}
	defer debug.SetGCPercent(debug.SetGCPercent(percent))
	if err := f.publish(ctx, l, files(was.has, was.together()), &w); err != nil {
		return w, err
	}
	return w, f.writeManifest(from, l)
}
