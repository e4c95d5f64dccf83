package snapshots

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unsafe"

	"github.com/ianasync/ianasync/internal/checksum"
	"github.com/ianasync/ianasync/internal/plainjson"
)

// maxSize is the size in bytes that no edition has: the file is 1.2 MB. It bounds what a
// damaged line can make a reader allocate.
const maxSize = 256 << 20

// entry is what a line of versions.jsonl states: one sighting, and where its bytes are. Either
// they are in a file of the sighting's own, or in that of another with equal bytes.
//
// A line leaves out what the sighting has in common with the one that it refers to, by base or same_as: the source, and all that
// is known of the bytes. Of the source of another commit of the same repository it has only the commit. What it does state never
// changes, whatever sightings are added later: so lines can be appended, and merged, as they are.
type entry struct {
	Version
	SameAs string // the sighting in whose file the bytes are
	Base   string // the sighting whose bytes are the dictionary; none for a full one
	Leap   int    // how far back in the chain the base is: see [strides]
}

// refers returns the id of the sighting that the entry refers to; empty if there is none.
func (f *entry) refers() string { return cmp.Or(f.Base, f.SameAs) }

// line is a line of versions.jsonl, and its text, which is kept as it was found.
type line struct {
	entry
	text []byte // without its line end
}

// nothing is what a line refers to that refers to no other.
var nothing entry

// newLine returns the line of an entry, given the one that it refers to.
func newLine(f entry, of *entry) (line, error) { return line{f, f.text(of)}, f.check() }

// text returns the text of the line of an entry that refers to another one.
func (f *entry) text(of *entry) []byte {
	b := append(plainjson.AppendString([]byte(`{"id":`), f.ID), '}')
	add := func(key string) { b = append(append(append(b[:len(b)-1], `,"`...), key...), `":`...) }
	text := func(key, value, known string) {
		if value != known {
			add(key)
			b = append(plainjson.AppendString(b, value), '}')
		}
	}
	number := func(key string, value, known int) {
		if value != known {
			add(key)
			b = append(strconv.AppendInt(b, int64(value), 10), '}')
		}
	}
	if commit := otherCommit(f.Source, of.Source); commit != "" {
		text("commit", commit, "")
	} else {
		text("source", f.Source, of.Source)
	}
	text("etag", f.ETag, "")
	text("last_modified", f.LastModified, "")
	text("sha256", inBase64(f.SHA256), inBase64(of.SHA256))
	number("size", f.Size, of.Size)
	text("form", string(f.Form), string(of.Form))
	text("table_sha256", inBase64(f.TableSHA256), inBase64(of.TableSHA256))
	number("records", f.Records, of.Records)
	number("problems", f.Problems, of.Problems)
	number("unknown_columns", f.Unknown, of.Unknown)
	text("note", f.Note, "")
	text("same_as", f.SameAs, "")
	text("base", f.Base, "")
	number("leap", f.Leap, 0)
	return checksum.Append(b)
}

// complete adds to what a line states what it leaves out, given the entry that it refers to.
func (s *stated) complete(of *entry) error {
	if s.has&hasCommit != 0 {
		if s.Source = withCommit(of.Source, s.commit); s.Source == "" || s.has&hasSource != 0 {
			return fmt.Errorf("commit stands beside a source, or the source of %s has none", of.ID)
		}
	} else if s.has&hasSource == 0 {
		s.Source = of.Source
	}
	if s.has&hasSHA256 == 0 && s.SameAs != "" {
		s.SHA256 = of.SHA256
	}
	if s.has&hasSize == 0 {
		s.Size = of.Size
	}
	if s.has&hasForm == 0 {
		s.Form = of.Form
	}
	if s.has&hasTable == 0 {
		s.TableSHA256 = of.TableSHA256
	}
	if s.has&hasRecords == 0 {
		s.Records = of.Records
	}
	if s.has&hasProblems == 0 {
		s.Problems = of.Problems
	}
	if s.has&hasUnknown == 0 {
		s.Unknown = of.Unknown
	}
	return s.check()
}

// check returns what is wrong with an entry by itself.
func (f *entry) check() error {
	if _, err := ParseID(f.ID); err != nil {
		return fmt.Errorf("id %q: %w", f.ID, err)
	}
	switch {
	case len(f.SHA256) != 2*sha256.Size || len(f.TableSHA256) != 2*sha256.Size:
		return errors.New("sha256 or table_sha256 is missing")
	case f.Size <= 0 || f.Size > maxSize || f.Records < 0 || f.Problems < 0 || f.Unknown < 0:
		return errors.New("a number is out of its range")
	case f.Leap < 0 || f.Leap >= len(strides) || f.Leap > 0 && f.Base == "":
		return errors.New("leap is out of its range")
	case f.SameAs != "" && f.Base != "":
		return errors.New("same_as stands beside a file of its own")
	}
	return nil
}

// parse parses what one line states, given as bytes and as a string. Keys that it does not know belong to a later program, and
// stay in the text. The digests are written to one memory, for all lines of a file.
func (s *stated) parse(text []byte, plain string, digests *strings.Builder) error {
	if err := checksum.Check(text); err != nil {
		return err
	}
	if !s.scan(plain) {
		*s.line, *s = line{}, stated{line: s.line}
		if err := s.decode(text); err != nil {
			return err
		}
	}
	var isSum, isTableSum bool
	s.text = text
	s.SHA256, isSum = inHex(s.SHA256, digests)
	s.TableSHA256, isTableSum = inHex(s.TableSHA256, digests)
	if !isSum || !isTableSum {
		return errors.New("sha256 and table_sha256 are SHA-256 sums in base64")
	}
	return nil
}

// inBase64 returns a digest in hexadecimal as a line has it: so it takes two thirds of the room.
func inBase64(digest string) string {
	sum, _ := hex.DecodeString(digest) // a digest was made or checked before
	return base64.StdEncoding.EncodeToString(sum)
}

var strictBase64 = base64.StdEncoding.Strict()

// inHex is the inverse of inBase64, and reports whether the text is a SHA-256, or empty. The digest is a part of what it adds to.
func inHex(text string, to *strings.Builder) (digest string, ok bool) {
	if text == "" {
		return "", true
	}
	var sum [sha256.Size + 1]byte // of 44 digits, as many could come out
	if len(text) != base64.StdEncoding.EncodedLen(sha256.Size) {
		return "", false
	}
	n, err := strictBase64.Decode(sum[:], []byte(text))
	var digits [2 * len(sum)]byte
	start := to.Len()
	_, _ = to.Write(digits[:hex.Encode(digits[:], sum[:n])]) // a Builder takes everything
	return to.String()[start:], err == nil && n == sha256.Size
}

// parseLines parses the content of a file of lines, which must not be altered afterwards. A last line that was not written to its end, by a run that was killed, is left
// out; whole reports whether there is none.
func parseLines(file string, data []byte) (lines []line, whole bool, err error) {
	ended, whole := endLines(data)
	lines = make([]line, bytes.Count(ended, []byte("\n")))
	found := make([]stated, len(lines))
	var digests strings.Builder
	digests.Grow(len(lines) * 2 * hex.EncodedLen(sha256.Size))
	at, all := 0, unsafe.String(unsafe.SliceData(ended), len(ended)) //nolint:gosec // the lines share the memory of the file
	for i := range lines {
		end := at + strings.IndexByte(all[at:], '\n')
		found[i].line = &lines[i]
		if err := found[i].parse(ended[at:end:end], all[at:end], &digests); err != nil {
			return nil, false, damaged(file, "line %d: %v", i+1, err)
		}
		if i > 0 && lines[i-1].ID >= lines[i].ID {
			return nil, false, damaged(file, "line %d: id %s does not come after %s", i+1, lines[i].ID, lines[i-1].ID)
		}
		at = end + 1
	}
	for i := range found {
		if at, err := complete(found, i); err != nil {
			return nil, false, damaged(file, "line %d: %v", at+1, err)
		}
	}
	return lines, whole, nil
}

// endLines returns data up to the end of its last line that was written to its end, and whether that is all. Where the line
// end alone is missing, it is added; where another byte stands in its place, something else has happened, and that line stays, to be found damaged.
func endLines(data []byte) (ended []byte, whole bool) {
	end := bytes.LastIndexByte(data, '\n') + 1
	last := data[end:]
	switch {
	case len(last) == 0:
		return data, true
	case checksum.Check(last) == nil, checksum.Check(last[:len(last)-1]) == nil:
		return append(bytes.Clone(data), '\n'), false
	}
	return data[:end], false
}

// complete completes a line, after the one that it refers to. An error is one of the line at the index returned.
func complete(found []stated, i int) (at int, err error) {
	s := &found[i]
	switch {
	case s.completed:
		return i, nil
	case s.begun:
		return i, errors.New("it refers to itself")
	}
	s.begun = true
	of := &nothing
	if id := s.refers(); id != "" {
		next, known := i-1, i > 0 && found[i-1].ID == id
		if !known {
			next, known = slices.BinarySearchFunc(found, id, func(s stated, id string) int { return strings.Compare(s.ID, id) })
		}
		if !known {
			return i, fmt.Errorf("%s, to which it refers, is not there", id)
		}
		if at, err := complete(found, next); err != nil {
			return at, err
		}
		of = &found[next].entry
	}
	s.completed = true
	return i, s.complete(of)
}

// formatLines is the inverse of parseLines.
func formatLines(lines []line) []byte {
	var b bytes.Buffer
	for i := range lines {
		b.Write(lines[i].text)
		b.WriteByte('\n')
	}
	return b.Bytes()
}
