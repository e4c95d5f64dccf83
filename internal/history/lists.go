package history

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/ianasync/ianasync/internal/checksum"
	"github.com/ianasync/ianasync/internal/layout"
	"github.com/ianasync/ianasync/snapshots"
)

// DiffVersion is the version of the rules by which two tables are compared, and of the form of changes. It goes up when the same
// two tables give other lines than before: then the lists that were made by earlier rules are made anew.
const DiffVersion = 4

// header is the line before the changes of a version.
type header struct {
	Version     string   `json:"version"`
	Previous    string   `json:"previous"`           // the version that it follows; empty for the first
	Returned    Return   `json:"returned,omitempty"` // how, if the two have the same table
	Among       []string `json:"nearest_of,omitempty"`
	DiffVersion int      `json:"differ"`         // the rules that made the changes
	Changes     int      `json:"changes"`        // how many lines of them follow
	Sum         string   `json:"sum"`            // of those lines: see [sum]
	Keys        string   `json:"keys,omitempty"` // digest of the keys by which they were made; not of the service names
}

// list is a header and its changes.
type list struct {
	head     header
	lines    [][]byte // the changes, each encoded; nil where they are in part
	subjects []string // of each change a line of the file of subjects; nil where they are not known
	part     *part    // where the lines are, if they were not read
}

// holds reports whether the list is that of a version which follows one of the given versions, the nearest.
func (l list) holds(among []string) bool {
	if l.head.Returned != Not || l.head.Changes == 0 && l.head.Keys == "" {
		return false
	}
	was := l.head.Among
	if was == nil {
		was = []string{l.head.Previous}
	}
	return slices.Equal(was, among) && slices.Contains(among, l.head.Previous)
}

// lists are the lists that a store has. The file of a year is read when one of its lists is asked for. Files that cannot be
// read, and lists that are not as they were written, count as missing: they are derived, and are made anew.
//
// So do lists that were made by other rules than the present ones, or by other keys than those with the given digest.
type lists struct {
	store    *snapshots.Store
	found    *Found // others, which it does not have yet; nil for none
	keys     string
	subjects bool                       // whether the subjects of their changes are read, too
	unread   bool                       // whether of a year with a file of subjects this alone is read: its lists have no lines
	years    map[string]map[string]list // by year and by version
	stated   map[string]*statedLists    // by year, where unread is set
}

// of returns the list of one of all versions. It has no version where it is missing.
func (l *lists) of(versions []snapshots.Version, i int) (list, error) {
	if l == nil {
		return list{}, nil
	}
	id := versions[i].ID
	year := id[:4]
	if l.years[year] == nil && l.unread {
		if stated := l.readStated(versions, year); stated != nil {
			if of, ok := stated.list(id); ok {
				return of, nil
			}
		}
	}
	if l.years[year] == nil {
		if err := l.read(year); err != nil {
			return list{}, err
		}
	}
	return l.years[year][id], nil
}

// between returns the list of changes from one version to another, if they were found before.
func (l *lists) between(old, new snapshots.Version) (of list, found bool) {
	if l == nil || l.found == nil {
		return list{}, false
	}
	lines, found := l.found.lines[[2]string{old.TableSHA256, new.TableSHA256}]
	return list{head: header{DiffVersion: DiffVersion, Previous: old.ID}, lines: lines}, found
}

// readStated returns the lists of a year as its file of subjects describes them, which it reads once; nil where that is not possible.
func (l *lists) readStated(versions []snapshots.Version, year string) *statedLists {
	stated, read := l.stated[year]
	if !read {
		stated = readSubjects(l.store, versions, year, l.keys)
		if l.stated == nil {
			l.stated = make(map[string]*statedLists)
		}
		l.stated[year] = stated
	}
	return stated
}

// read reads the lists of a year.
func (l *lists) read(year string) error {
	data, err := l.store.ReadDerived(layout.Group(l.store.Registry()).ChangesOf(year))
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, snapshots.ErrCorrupt) {
		return err
	}
	known := make(map[string]list)
	if err == nil {
		readLists(data, known)
	}
	maps.DeleteFunc(known, func(_ string, of list) bool { return of.head.DiffVersion != DiffVersion || of.head.Keys != l.keys })
	if l.subjects {
		subjectsIn(l.store, year, l.keys).addTo(known)
	}
	if l.years == nil {
		l.years = make(map[string]map[string]list)
	}
	l.years[year] = known
	return nil
}

func readLists(data []byte, into map[string]list) {
	for len(data) > 0 {
		var l list
		var text []byte
		text, data, _ = bytes.Cut(data, []byte("\n"))
		if !bytes.HasPrefix(text, []byte(`{"version":`)) || checksum.Unmarshal(text, &l.head) != nil {
			continue
		}
		for range l.head.Changes {
			line, rest, ended := bytes.Cut(data, []byte("\n"))
			if !ended || !bytes.HasPrefix(line, []byte(`{"registry":`)) {
				break
			}
			l.lines, data = append(l.lines, line), rest
		}
		if len(l.lines) == l.head.Changes && sum(l.lines...) == l.head.Sum {
			into[l.head.Version] = l
		}
	}
}

// File is one of the files that are made from a history: in a store or published.
type File struct {
	Name string // in the store or the published folder, with slashes
	Data []byte
	Of   string // what a published file is made from, as a digest; empty if that is not known
	Same bool   // it is published already, made from the same: there is no data
}

// sum returns the first 64 bits of the SHA-256 of lines, each with its line end.
func sum(lines ...[]byte) string {
	digest := sha256.New()
	for _, line := range lines {
		_, _ = digest.Write(line)
		_, _ = digest.Write([]byte("\n"))
	}
	return hex.EncodeToString(digest.Sum(nil)[:8])
}

// Files returns the files for the given steps of a group: for each year the lists of changes and, where these are long, the file of
// subjects.
func Files(group layout.Group, steps []Step) ([]File, error) {
	var files []File
	for from := 0; from < len(steps); {
		year := steps[from].Version.ID[:4]
		var b bytes.Buffer
		offsets := []int{0}
		to := from
		for ; to < len(steps) && steps[to].Version.ID[:4] == year; to++ {
			h := steps[to].head
			h.Sum = sum(steps[to].lines...)
			head, err := checksum.Marshal(h)
			if err != nil {
				return nil, fmt.Errorf("version %s: %w", steps[to].Version.ID, err)
			}
			for _, line := range append([][]byte{head}, steps[to].lines...) {
				b.Write(line)
				b.WriteByte('\n')
			}
			offsets = append(offsets, b.Len())
		}
		files = append(files, File{Name: group.ChangesOf(year), Data: b.Bytes()})
		if b.Len() >= long {
			subjects, err := subjectsFile(steps[from:to], offsets)
			if err != nil {
				return nil, err
			}
			files = append(files, File{Name: group.SubjectsOf(year), Data: subjects})
		}
		from = to
	}
	return files, nil
}
