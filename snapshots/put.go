package snapshots

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ianasync/ianasync/registry"
)

// Edition is an edition of the registry as it was seen.
type Edition struct {
	Bytes        []byte    // exactly as served; the store keeps them, and they must not be altered afterwards
	Seen         time.Time // when; only its second counts
	Source       string    // where: a URL, a repository and commit, a file
	ETag         string    // as the server gave it
	LastModified string    // as the server gave it
	Note         string    // see [Version]

	// What is known of the bytes already: their SHA-256 in hexadecimal, and what they decode to. What is not set is found.
	SHA256  string
	Content registry.Content
}

// Put stores an edition that is served now. It returns the version that the edition is,
// and whether that is new. Where the bytes are those of the sighting before, there is
// nothing new and nothing is written. Where they are stored, but are no version (see [Store]'s package), the version
// that is current then is returned, and is not new.
//
// When it returns without an error, the version will outlive a loss of power.
func (s *Store) Put(e Edition) (v Version, added bool, err error) {
	return s.putIn(e, false)
}

// Import is [Store.Put] for editions of the past, which may come in any order: it keeps
// every sighting, even where it is not a version now, for editions that come later may make
// it one. What was imported before is known again, and writes nothing.
func (s *Store) Import(e Edition) (v Version, added bool, err error) {
	return s.putIn(e, true)
}

func (s *Store) putIn(e Edition, every bool) (Version, bool, error) {
	v, added, err := s.put(e, every)
	if err != nil {
		return Version{}, false, fmt.Errorf("storing the edition seen %s: %w", e.Seen.UTC().Format(time.RFC3339), err)
	}
	return v, added, nil
}

func (s *Store) put(e Edition, every bool) (v Version, added bool, err error) {
	if err := e.check(); err != nil {
		return v, false, err
	}
	if err := s.writable(); err != nil {
		return v, false, err
	}
	sum := e.SHA256
	if sum == "" {
		sum = digest(e.Bytes)
	}
	id, known := s.slot(e.Seen, sum)
	at, _ := s.history.find(id)
	if !known && !every && at > 0 && s.history.lines[at-1].SHA256 == sum {
		known, at = true, at-1
	}
	if known {
		return *s.history.versions[s.history.versionOf[at]], false, nil
	}
	if err := s.add(e, id, sum); err != nil {
		return v, false, err
	}
	at, _ = s.history.find(id)
	v = *s.history.versions[s.history.versionOf[at]]
	return v, v.ID == id, nil
}

func (e *Edition) check() error {
	switch {
	case len(e.Bytes) == 0:
		return errors.New("it is empty")
	case len(e.Bytes) > maxSize:
		return fmt.Errorf("it has %d bytes; at most %d are stored", len(e.Bytes), maxSize)
	case !validTime(e.Seen):
		return errors.New("the time at which it was seen is missing")
	}
	return nil
}

// slot returns the id of the sighting of these bytes at this time, and whether it is
// there. If it is not, the id is that of the first second of which there is neither a line nor a file.
func (s *Store) slot(seen time.Time, sum string) (id string, known bool) {
	for ; ; seen = seen.Add(time.Second) {
		id = FormatID(seen)
		at, taken := s.history.find(id)
		switch {
		case taken && s.history.lines[at].SHA256 == sum:
			return id, true
		case !taken && !s.unknown[id]:
			return id, false
		}
	}
}

// add stores a sighting that is not there: the bytes first, and then, in one step, the lines that
// name them.
func (s *Store) add(e Edition, id, sum string) error {
	f := entry{Version: Version{
		ID: id, Source: plain(e.Source), ETag: plain(e.ETag), LastModified: plain(e.LastModified), Note: plain(e.Note),
		SHA256: sum, Size: len(e.Bytes), Form: written(registry.FormOf(e.Bytes)),
	}}
	more, err := s.seenSince(id, sum)
	if err != nil {
		return err
	}
	var frame []byte
	if b := s.history.blob(sum); b != nil {
		at, _ := s.history.find(b.id)
		s.history.lines[at].shareWith(&f)
	} else if frame, err = s.encodeFor(&f, e); err != nil {
		return err
	}
	l, err := s.history.newLine(f)
	if err != nil {
		return err
	}
	return s.writeLines(id, frame, append(more, l)...)
}

// plain returns a text as JSON can hold it: what is not UTF-8 is replaced.
func plain(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }

// shareWith makes f a sighting of the bytes in the file of l.
func (l *line) shareWith(f *entry) {
	f.SameAs, f.TableSHA256, f.Records, f.Problems, f.Unknown = l.ID, l.TableSHA256, l.Records, l.Problems, l.Unknown
}

// encodeFor returns what the file of an edition's bytes is to hold, and completes its facts.
func (s *Store) encodeFor(f *entry, e Edition) (frame []byte, err error) {
	content := e.Content
	if content == nil {
		if content, err = s.of.DecodeContent(e.Bytes, nil); err != nil {
			return nil, err
		}
	}
	f.state(content.Facts())
	enc, err := s.encode(e.Bytes, f)
	if err != nil {
		return nil, err
	}
	baseSource := ""
	if enc.base != nil {
		f.Base, f.Leap = enc.base.id, enc.leap
		baseSource, _ = s.history.sourceOf(f.Base) // a base is in the history
	}
	file := f.seal(enc.frame, baseSource)
	s.cache.put(&blob{sha256: f.SHA256}, e.Bytes)
	return file, nil
}

// writeLines writes more lines, after the file of the bytes of one of them, if that is not there. A single line at the end is
// appended: where that is interrupted, it is not written to its end, and no line yet. Others are written in one step.
func (s *Store) writeLines(id string, frame []byte, more ...line) error {
	next, err := s.history.with(more...)
	if err != nil {
		return err
	}
	if s.batch != nil {
		return s.batch.add(s, id, frame, next)
	}
	if frame != nil {
		if err := s.write(s.group.Blob(id), frame); err != nil {
			return err
		}
	}
	if len(more) > 1 || !s.appendable(more[0].ID) {
		return s.writeHistory(next)
	}
	if err := s.append(s.group.Versions(), formatLines(more)); err != nil {
		return err
	}
	s.history = next
	return nil
}

// appendable reports whether a line with the id belongs at the end of versions.jsonl, which has just the lines that are known.
func (s *Store) appendable(id string) bool {
	size := int64(0)
	for i := range s.history.lines {
		size += int64(len(s.history.lines[i].text)) + 1
	}
	info, err := s.root.Lstat(s.group.Versions())
	at, _ := s.history.find(id)
	return at == len(s.history.lines) && err == nil && info.Size() == size
}

// writeHistory replaces versions.jsonl.
func (s *Store) writeHistory(h *history) error {
	if err := s.write(s.group.Versions(), formatLines(h.lines)); err != nil {
		return err
	}
	s.history, s.unfinished = h, false
	return nil
}
