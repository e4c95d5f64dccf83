package snapshots

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/ianasync/ianasync/internal/checksum"
)

// maxSize is the size in bytes that no edition has: the file is 1.2 MB. It bounds what a
// damaged line can make a reader allocate.
const maxSize = 256 << 20

// entry is one line of versions.jsonl: one sighting, and where its bytes are. Either
// they are in a file of the sighting's own, or in that of another with equal bytes.
type entry struct {
	Version
	SameAs       string `json:"same_as,omitempty"`       // the sighting in whose file the bytes are
	Base         string `json:"base,omitempty"`          // the sighting whose bytes are the dictionary; none for a full one
	Leap         int    `json:"leap,omitempty"`          // how far back in the chain the base is: see [strides]
	Stored       int    `json:"stored,omitempty"`        // size of the own file; zero where there is none
	StoredSHA256 string `json:"stored_sha256,omitempty"` // of the own file, at least the first [storedDigits]
}

// line is a line of versions.jsonl, and its text, which is kept as it was found.
type line struct {
	entry
	text []byte // without its line end
}

// storedDigits is how many hexadecimal digits of the SHA-256 of a file are kept. They find any damage of the file; what it holds has
// a SHA-256 of its own.
const storedDigits = 16

// isDigest reports whether s is a SHA-256 in lower-case hexadecimal. A regular expression
// would take a third of the time that a store takes to open.
func isDigest(s string) bool {
	return len(s) == 2*sha256.Size && isHex(s)
}

func isHex(s string) bool { return strings.Trim(s, "0123456789abcdef") == "" }

func newLine(f entry) (line, error) {
	text, err := checksum.Marshal(f)
	if err != nil {
		return line{}, err
	}
	return line{f, text}, f.check()
}

// parseLine parses one line. Keys that it does not know belong to a later program, and stay in the text.
func parseLine(text []byte) (line, error) {
	l := line{text: text}
	if err := checksum.Check(text); err != nil {
		return line{}, err
	}
	if !l.scan(string(text)) {
		l.entry = entry{}
		if err := json.Unmarshal(text, &l.entry); err != nil {
			return line{}, err
		}
	}
	return l, l.check()
}

// check returns what is wrong with a line by itself.
func (f *entry) check() error {
	if _, err := ParseID(f.ID); err != nil {
		return fmt.Errorf("id %q: %w", f.ID, err)
	}
	own := f.SameAs == ""
	switch {
	case !isDigest(f.SHA256) || !isDigest(f.TableSHA256):
		return errors.New("sha256 and table_sha256 are 64 hexadecimal digits in lower case")
	case f.Size <= 0 || f.Size > maxSize || f.Records < 0 || f.Problems < 0 || f.Unknown < 0:
		return errors.New("a number is out of its range")
	case own && (f.Stored <= 0 || f.Stored > maxSize || len(f.StoredSHA256) < storedDigits || !isHex(f.StoredSHA256)):
		return errors.New("neither same_as nor stored and stored_sha256 say where the bytes are")
	case f.Leap < 0 || f.Leap >= len(strides) || f.Leap > 0 && f.Base == "":
		return errors.New("leap is out of its range")
	case !own && (f.Stored != 0 || f.Base != "" || f.StoredSHA256 != ""):
		return errors.New("same_as stands beside a file of its own")
	}
	return nil
}

// parseLines parses the content of a file of lines.
func parseLines(file string, data []byte) ([]line, error) {
	var lines []line
	for n := 1; len(data) > 0; n++ {
		text, rest, ended := bytes.Cut(data, []byte("\n"))
		if !ended {
			return nil, damaged(file, "line %d is cut off", n)
		}
		l, err := parseLine(text)
		if err != nil {
			return nil, damaged(file, "line %d: %v", n, err)
		}
		lines, data = append(lines, l), rest
	}
	return lines, nil
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
