package snapshots

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"

	"github.com/ianasync/ianasync/internal/checksum"
	"github.com/ianasync/ianasync/internal/layout"
)

// The files of format 1, which had one registry in the store's folder itself, and no checksums.
const (
	oldVersions = "versions.jsonl"
	oldBytes    = "versions"
	oldCheck    = "checked.json"
)

// upgrade copies a store of format 1 into the group's folder. The files of format 1 stay as they are, and are the store until
// store.json is written, last; so an upgrade that is interrupted begins again. The quarantine and the derived files are not
// copied.
func (s *Store) upgrade() error {
	data, err := s.read(layout.Store)
	if err != nil {
		return err
	}
	var old struct {
		Registry string `json:"registry"`
	}
	if err := json.Unmarshal(data, &old); err != nil {
		return damaged(layout.Store, "%v", err)
	}
	if old.Registry != string(s.group) {
		return fmt.Errorf("%w: it is one of %s", ErrOlderFormat, old.Registry)
	}
	lines, err := s.oldLines()
	if err != nil {
		return err
	}
	files, err := s.files(oldBytes, withSuffix(".zst"))
	if err != nil {
		return err
	}
	for _, file := range files {
		if err := s.copy(file, path.Join(string(s.group), file)); err != nil {
			return err
		}
	}
	if err := s.write(s.group.Versions(), formatLines(lines)); err != nil {
		return err
	}
	if err := s.upgradeCheck(); err != nil {
		return err
	}
	s.history = new(history)
	if err := s.setState(); err != nil { // nothing is derived yet
		return err
	}
	return s.writeJSON(layout.Store, header{format})
}

// oldLines returns the lines of format 1 with checksums.
func (s *Store) oldLines() ([]line, error) {
	data, err := s.read(oldVersions)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var sealed bytes.Buffer
	for text := range bytes.Lines(data) {
		body, ended := bytes.CutSuffix(text, []byte("\n"))
		if !ended || !json.Valid(body) || !bytes.HasSuffix(body, []byte("}")) {
			return nil, damaged(oldVersions, "a line is damaged: %.60q", text)
		}
		sealed.Write(checksum.Append(body))
		sealed.WriteByte('\n')
	}
	lines, err := parseLines(oldVersions, sealed.Bytes())
	if err != nil {
		return nil, err
	}
	_, err = newHistory(oldVersions, lines)
	return lines, err
}

// copy copies a file, unless it has been copied before.
func (s *Store) copy(from, to string) error {
	data, err := s.read(from)
	if err != nil {
		return err
	}
	if has, err := s.read(to); err == nil && bytes.Equal(has, data) {
		return nil
	}
	return s.write(to, data)
}

// upgradeCheck copies the last check, if it can be read.
func (s *Store) upgradeCheck() error {
	data, err := s.read(oldCheck)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var c Check
	if json.Unmarshal(data, &c) != nil {
		return nil // the next check replaces it
	}
	line, err := checksum.Marshal(checkLine{string(s.group), c})
	if err != nil {
		return err
	}
	return s.replaceChecks(func(of string, _ []byte) bool { return of != string(s.group) }, line)
}
