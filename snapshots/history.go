package snapshots

import (
	"slices"
	"strings"
	"sync"
)

// blob is a file of bytes under versions/.
type blob struct {
	id     string
	base   *blob // the one whose bytes are the dictionary; nil for a full one
	leap   int   // see [strides]
	since  count // see [strides]
	depth  int   // how many deltas are decoded to open it, itself included
	size   int   // of the bytes
	sha256 string
}

// history is the content of versions.jsonl and what follows from it. It is immutable.
type history struct {
	file      string                           // versions.jsonl
	lines     []line                           // the sightings, by id
	versions  []*Version                       // those of the lines
	versionOf []int                            // for each line, the index of its version
	blobs     func() (map[string]*blob, error) // by the SHA-256 of the bytes, linked once: see [history.link]
}

// newHistory returns the history of lines, after checking what must be true of them together. It keeps and
// modifies the slice.
func newHistory(file string, lines []line) (*history, error) {
	h := &history{
		file: file, lines: lines, versions: make([]*Version, 0, len(lines)), versionOf: make([]int, len(lines)),
	}
	h.blobs = sync.OnceValues(h.link)
	d := newDecider(len(lines))
	for i := range lines {
		if i > 0 && lines[i-1].ID >= lines[i].ID {
			return nil, damaged(h.file, "line %d: id %s does not come after %s", i+1, lines[i].ID, lines[i-1].ID)
		}
		if d.next(&lines[i].Version) {
			h.versions = append(h.versions, &lines[i].Version)
		}
		h.versionOf[i] = len(h.versions) - 1
	}
	return h, nil
}

// newLinked is [newHistory] for a writer: it fails where the blobs do, too.
func newLinked(file string, lines []line) (*history, error) {
	h, err := newHistory(file, lines)
	if err == nil {
		_, err = h.blobs()
	}
	return h, err
}

// blob returns the blob with the SHA-256; nil where there is none.
func (h *history) blob(sha256 string) *blob {
	blobs, _ := h.blobs() // a writer has seen to the error
	return blobs[sha256]
}

// link makes the blobs, and fails if a line has no bytes. A reader that opens no bytes does without.
func (h *history) link() (map[string]*blob, error) {
	linked := make(map[string]*blob, len(h.lines))
	blobs := make([]blob, len(h.lines)) // by line; without a SHA-256 where a line has no file of bytes
	for i := range h.lines {
		l := &h.lines[i]
		if l.SameAs != "" {
			continue
		}
		blobs[i] = blob{id: l.ID, leap: l.Leap, size: l.Size, sha256: l.SHA256}
		others := len(linked)
		if linked[l.SHA256] = &blobs[i]; len(linked) == others {
			return nil, damaged(h.file, "line %d: the bytes of %s are stored twice", i+1, l.ID)
		}
	}
	for i := range h.lines {
		l := &h.lines[i]
		id := l.refers()
		if id == "" {
			continue
		}
		at, known := i-1, i > 0 && h.lines[i-1].ID == id
		if !known {
			at, known = h.find(id)
		}
		switch {
		case !known || h.lines[at].SameAs != "":
			return nil, damaged(h.file, "line %d: %s, to which it refers, has no file of bytes", i+1, id)
		case l.Base != "":
			blobs[i].base = &blobs[at]
		case blobs[at].sha256 != l.SHA256 || blobs[at].size != l.Size:
			return nil, damaged(h.file, "line %d: %s has not the bytes of %s", i+1, l.SameAs, l.ID)
		}
	}
	if err := h.measure(blobs); err != nil {
		return nil, err
	}
	return linked, nil
}

// measure sets what depends on a blob's ancestors, and sees that none is its own. It takes the blobs by line.
func (h *history) measure(blobs []blob) error {
	for i := range blobs {
		b := &blobs[i]
		var chain []*blob
		for ; b.base != nil && b.depth == 0; b = b.base {
			if len(chain) > len(h.lines) {
				return damaged(h.file, "line %d: %s is a delta against itself", i+1, h.lines[i].ID)
			}
			chain = append(chain, b)
		}
		for _, b := range slices.Backward(chain) {
			b.depth, b.since = b.base.depth+1, b.base.since.after(b.leap)
		}
	}
	return nil
}

// find returns where the line with the id is, or would be.
func (h *history) find(id string) (at int, found bool) {
	return slices.BinarySearchFunc(h.lines, id, func(l line, id string) int { return strings.Compare(l.ID, id) })
}

// sourceOf returns the source of the sighting with the id, and whether there is one that has a file of bytes.
func (h *history) sourceOf(id string) (source string, found bool) {
	at, found := h.find(id)
	if !found || h.lines[at].SameAs != "" {
		return "", false
	}
	return h.lines[at].Source, true
}

// newLine returns the line of an entry, which may refer to a line of the history.
func (h *history) newLine(f entry) (line, error) {
	at, known := h.find(f.refers())
	if !known {
		return newLine(f, &nothing)
	}
	return newLine(f, &h.lines[at].entry)
}

// with returns the history with more lines in it.
func (h *history) with(more ...line) (*history, error) {
	lines := append(slices.Clone(h.lines), more...)
	slices.SortFunc(lines, func(a, b line) int { return strings.Compare(a.ID, b.ID) })
	return newLinked(h.file, lines)
}
