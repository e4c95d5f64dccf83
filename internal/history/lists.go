package history

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/ianasync/ianasync/snapshots"
)

// folder is where the lists are, in the store.
const folder = "derived/changes"

// diffVersion is the version of package diff's rules. It goes up when the same two tables give other changes than before: then
// the lists that were made by earlier rules are made anew.
const diffVersion = 2

// header is the line before the changes of a version.
type header struct {
	Version     string   `json:"version"`
	Previous    string   `json:"previous"`           // the version that it follows; empty for the first
	Returned    Return   `json:"returned,omitempty"` // how, if the two have the same table
	Among       []string `json:"nearest_of,omitempty"`
	DiffVersion int      `json:"differ"`  // the rules that made the changes
	Changes     int      `json:"changes"` // how many lines of them follow
}

// list is a header and its changes.
type list struct {
	head  header
	lines [][]byte
}

// holds reports whether the list is that of a version which follows one of the given versions, the nearest, and was made by
// the present rules.
func (l list) holds(among []string) bool {
	if l.head.Returned != Not || l.head.Changes == 0 || l.head.DiffVersion != diffVersion {
		return false
	}
	was := l.head.Among
	if was == nil {
		was = []string{l.head.Previous}
	}
	return slices.Equal(was, among) && slices.Contains(among, l.head.Previous)
}

// read returns the lists that the store has, by version. Files and lines that cannot
// be read count as missing: they are derived files, and are made anew. Whether a line is JSON is
// looked into only where valid says so: it takes longer than all else.
func read(s *snapshots.Store, valid func(line []byte) bool) (map[string]list, error) {
	known := make(map[string]list)
	for _, year := range years(s.Versions()) {
		data, err := os.ReadFile(filepath.Join(s.Dir(), filepath.FromSlash(file(year))))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		} else if err != nil {
			return nil, err
		}
		readLists(data, valid, known)
	}
	return known, nil
}

func readLists(data []byte, valid func(line []byte) bool, into map[string]list) {
	for len(data) > 0 {
		var l list
		var text []byte
		text, data, _ = bytes.Cut(data, []byte("\n"))
		if !bytes.HasPrefix(text, []byte(`{"version":`)) || json.Unmarshal(text, &l.head) != nil {
			continue
		}
		for range l.head.Changes {
			line, rest, ended := bytes.Cut(data, []byte("\n"))
			if !ended || !bytes.HasPrefix(line, []byte(`{"kind":`)) || !valid(line) {
				break
			}
			l.lines, data = append(l.lines, line), rest
		}
		if len(l.lines) == l.head.Changes {
			into[l.head.Version] = l
		}
	}
}

// File is one of the files that hold the lists of changes.
type File struct {
	Name string // in the store, with slashes
	Data []byte
}

// Files returns the files for the given steps, a file a year.
func Files(steps []Step) ([]File, error) {
	var files []File
	for rest := steps; len(rest) > 0; {
		year := rest[0].Version.ID[:4]
		var b bytes.Buffer
		for len(rest) > 0 && rest[0].Version.ID[:4] == year {
			head, err := json.Marshal(rest[0].head)
			if err != nil {
				return nil, fmt.Errorf("version %s: %w", rest[0].Version.ID, err)
			}
			for _, line := range append([][]byte{head}, rest[0].lines...) {
				b.Write(line)
				b.WriteByte('\n')
			}
			rest = rest[1:]
		}
		files = append(files, File{file(year), b.Bytes()})
	}
	return files, nil
}

func file(year string) string { return folder + "/" + year + ".jsonl" }

// years returns the years of versions, each once, in order.
func years(versions []snapshots.Version) (list []string) {
	for _, v := range versions {
		if year := v.ID[:4]; len(list) == 0 || list[len(list)-1] != year {
			list = append(list, year)
		}
	}
	return list
}
