package history

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unsafe"

	"github.com/ianasync/ianasync/internal/checksum"
	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/layout"
	"github.com/ianasync/ianasync/internal/rules"
	"github.com/ianasync/ianasync/snapshots"
)

// The file of subjects of a year begins with a [subjectsHead]. Then each version has a line: its id, that of the version which it
// follows, the offset and the size of its list in the file of lists, the sum and the candidates that the list's header states; of the
// first version, and of one that returned to an older one, the id alone. After it come the lines of its changes, each a tab and
// the subjects. Tabs separate the fields of a line; no subject has one. See docs/store.md.

// long is the size in bytes from which on the lists of a year have a file of subjects. Shorter ones are read as fast without.
const long = 32 << 10

// subjectsHead is the first line of the file.
type subjectsHead struct {
	DiffVersion int    `json:"differ"`
	Keys        string `json:"keys,omitempty"` // as of [header]
	Sum         string `json:"sum"`            // of the lines after this one: see [sum]
}

// subjectsOf returns what a change is about, as the rules of its registry state it.
func subjectsOf(c *diff.Change) []string {
	if c.Extension != nil {
		return c.Extension.Subjects(c)
	}
	return rules.Subjects(c)
}

// AnyOf returns a function that reports whether a subject is one of the given ones.
func AnyOf(wanted ...string) func(subject string) bool {
	return func(subject string) bool { return slices.Contains(wanted, subject) }
}

// part is where the list of a version is, in the file of a year's lists.
type part struct {
	store  *snapshots.Store
	file   string
	offset int64
	size   int
	whole  func() ([]Step, error) // all steps of the store, from the lists alone
}

// read returns the lines of the list with a header, if they are where the file of subjects states.
func (p *part) read(head *header) (lines [][]byte, ok bool) {
	data, err := p.store.ReadDerivedPart(p.file, p.offset, p.size)
	if err != nil {
		return nil, false
	}
	found := make(map[string]list)
	readLists(data, found)
	l := found[head.Version]
	return l.lines, l.head.Sum == head.Sum && l.head.Changes == head.Changes
}

// loaded returns the step with the lines of its changes.
func (s *Step) loaded() (Step, error) {
	if s.part == nil {
		return *s, nil
	}
	if lines, ok := s.part.read(&s.head); ok {
		with := *s
		with.lines, with.part = lines, nil
		return with, nil
	}
	steps, err := s.part.whole()
	if err != nil {
		return Step{}, err
	}
	at := slices.IndexFunc(steps, func(o Step) bool { return o.Version.ID == s.Version.ID })
	return steps[at], nil
}

// about decodes the changes that are about a wanted subject; all where wanted is nil.
func (s *Step) about(wanted func(subject string) bool) ([]diff.Change, error) {
	if wanted != nil && s.subjects != nil && !slices.ContainsFunc(s.subjects, func(line string) bool { return mentions(line, wanted) }) {
		return []diff.Change{}, nil
	}
	with, err := s.loaded()
	if err != nil {
		return nil, err
	}
	d := diff.Decoder{Extend: s.extend}
	changes := make([]diff.Change, 0, len(with.lines))
	for i, line := range with.lines {
		if wanted != nil && with.subjects != nil && !mentions(with.subjects[i], wanted) {
			continue
		}
		c, err := d.Change(line)
		if err != nil {
			return nil, &damagedError{s.Version.ID, err}
		}
		if wanted == nil || with.subjects != nil || slices.ContainsFunc(subjectsOf(&c), wanted) {
			changes = append(changes, c)
		}
	}
	return changes, nil
}

// mentions reports whether a line of the file of subjects has a wanted one.
func mentions(line string, wanted func(subject string) bool) bool {
	for subject := range strings.SplitSeq(line, "\t") {
		if wanted(subject) {
			return true
		}
	}
	return false
}

// state finds the subjects of the step's changes, if they are not known.
func (s *Step) state() error {
	if s.subjects != nil {
		return nil
	}
	changes, err := s.Changes()
	s.subjects = stated(changes)
	return err
}

// stated returns the subjects of changes, a line each.
func stated(changes []diff.Change) []string {
	lines := make([]string, len(changes))
	for i := range changes {
		lines[i] = strings.Join(subjectsOf(&changes[i]), "\t")
	}
	return lines
}

// subjectsFile returns the content of the file of subjects of a year's steps, given the offsets of their lists in the file of lists.
// The last offset is that file's size.
func subjectsFile(steps []Step, offsets []int) ([]byte, error) {
	var b bytes.Buffer
	for i := range steps {
		s := &steps[i]
		if err := s.state(); err != nil {
			return nil, err
		}
		b.WriteString(s.Version.ID)
		if s.Previous != "" && s.Returned == Not {
			fmt.Fprintf(&b, "\t%s\t%d\t%d\t%s", s.Previous, offsets[i], offsets[i+1]-offsets[i], sum(s.lines...))
			for _, id := range s.head.Among {
				b.WriteString("\t" + id)
			}
		}
		b.WriteByte('\n')
		for _, line := range s.subjects {
			b.WriteString("\t" + line + "\n")
		}
	}
	text := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	head, err := checksum.Marshal(subjectsHead{DiffVersion, steps[0].head.Keys, sum(text)})
	return bytes.Join([][]byte{head, text, nil}, []byte("\n")), err
}

// statedLists are the lists of a year as its file of subjects describes them, with the lines of their changes unread. Each is parsed
// when it is asked for.
type statedLists struct {
	lines []string             // of the file, less the first; those of changes without their tab
	of    map[string]lineRange // by version
	head  header               // what is common to the headers
	at    part                 // what is common to the places
}

// lineRange is a range of lines, the last excluded.
type lineRange struct{ from, to int }

// readSubjects returns the lists of a year as its file of subjects describes them. It returns
// nil where there is no such file, or where it is damaged, of other rules or keys, or has fewer of the versions than are of the year.
func readSubjects(s *snapshots.Store, versions []snapshots.Version, year, keys string) *statedLists {
	before := func(v snapshots.Version, id string) int { return strings.Compare(v.ID, id) }
	from, _ := slices.BinarySearchFunc(versions, year, before)
	to, _ := slices.BinarySearchFunc(versions, year+"~", before) // no id has a ~
	if lists := subjectsIn(s, year, keys); lists != nil && len(lists.of) >= to-from {
		return lists
	}
	return nil
}

// subjectsIn is [readSubjects] for those versions of the year that the file has.
func subjectsIn(s *snapshots.Store, year, keys string) *statedLists {
	group := layout.Group(s.Registry())
	data, err := s.ReadDerived(group.SubjectsOf(year))
	if err != nil {
		return nil
	}
	first, text, _ := bytes.Cut(bytes.TrimSuffix(data, []byte("\n")), []byte("\n"))
	var head subjectsHead
	if checksum.Unmarshal(first, &head) != nil || head.DiffVersion != DiffVersion || head.Keys != keys || head.Sum != sum(text) {
		return nil
	}
	lines := strings.Split(unsafe.String(unsafe.SliceData(text), len(text)), "\n") //nolint:gosec // text is not altered from here on
	lists := &statedLists{
		lines: lines, of: make(map[string]lineRange, len(lines)-bytes.Count(text, []byte("\n\t"))),
		head: header{DiffVersion: DiffVersion, Keys: keys}, at: part{store: s, file: group.ChangesOf(year)},
	}
	for at := 0; at < len(lines); {
		from := at
		for at++; at < len(lines) && strings.HasPrefix(lines[at], "\t"); at++ {
			lines[at] = lines[at][1:]
		}
		id, _, _ := strings.Cut(lines[from], "\t")
		lists.of[id] = lineRange{from, at}
	}
	return lists
}

// list returns the list of a version; one without a version where there is none. It is not ok where a line is not as [subjectsFile]
// writes it.
func (s *statedLists) list(id string) (l list, ok bool) {
	at, found := s.of[id]
	if !found {
		return list{}, true
	}
	l = list{head: s.head, subjects: s.lines[at.from+1 : at.to : at.to]}
	l.head.Version, l.head.Changes = id, len(l.subjects)
	_, rest, more := strings.Cut(s.lines[at.from], "\t")
	if !more {
		return l, true
	}
	l.head.Previous, rest, _ = strings.Cut(rest, "\t")
	begin, rest, _ := strings.Cut(rest, "\t")
	length, rest, more := strings.Cut(rest, "\t")
	offset, err := strconv.ParseInt(begin, 10, 64)
	if err != nil || !more {
		return list{}, false
	}
	size, err := strconv.Atoi(length)
	if err != nil {
		return list{}, false
	}
	if l.head.Sum, rest, more = strings.Cut(rest, "\t"); more {
		l.head.Among = strings.Split(rest, "\t")
	}
	l.part = &part{s.at.store, s.at.file, offset, size, nil}
	return l, true
}

// addTo adds the subjects to lists, by version, where they are of the same changes. The receiver may be nil.
func (s *statedLists) addTo(lists map[string]list) {
	if s == nil {
		return
	}
	for id, l := range lists {
		if with, ok := s.list(id); ok && l.head.Sum == with.head.Sum && len(l.lines) == len(with.subjects) {
			l.subjects = with.subjects
			lists[id] = l
		}
	}
}
