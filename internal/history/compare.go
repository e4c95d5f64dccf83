package history

import (
	"fmt"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/snapshots"
)

// nearer finds the version that one follows.
type nearer interface {
	// nearest returns the list of changes from that of the candidates which differs from version i in the fewest records; of
	// several, the first.
	nearest(versions []snapshots.Version, candidates []int, i int) (list, error)
}

// Found has changes between editions that were compared before their versions were derived: an import compares each edition with the
// one before it. The zero value has none. They take a few kilobytes a version.
type Found struct{ lines map[[2]string][][]byte }

// Add adds the changes from an edition whose table has the first digest to one whose table has the second. They must be of the
// service names: those of any other group depend on the keys, which its later versions show.
func (f *Found) Add(old, new string, changes []diff.Change) {
	if f.lines == nil {
		f.lines = make(map[[2]string][][]byte)
	}
	f.lines[[2]string{old, new}] = linesOf(changes)
}

// linesOf returns changes, each encoded.
func linesOf(changes []diff.Change) (lines [][]byte) {
	for i := range changes {
		lines = append(lines, changes[i].AppendJSON(nil))
	}
	return lines
}

// Rules are those by which the editions of a group are compared that brings its own: the [snapshots.Group] with which a store is opened
// implements them. Any other must be a [registry.Group], and is compared by package rules.
type Rules interface {
	editions[any]
	// Extend begins a change of the group: see [diff.Decoder].
	Extend(c *diff.Change)
}

// editions compares the editions of a group. E is an edition, decoded as far as that takes.
type editions[E any] interface {
	// Read decodes an edition. Last is one that differs little from it, or the zero value.
	Read(data []byte, last E) (E, error)
	// Distance returns in how many records two editions differ.
	Distance(old, new E) (int, error)
	// Compare returns the changes from one edition to another.
	Compare(old, new E) ([]diff.Change, error)
}

// comparer compares versions, and keeps the last ones open for the next comparison.
type comparer[E any] struct {
	store *snapshots.Store
	of    editions[E]
	open  [3]struct {
		id      string
		edition E
	}
}

func newComparer[E any](s *snapshots.Store, of editions[E]) *comparer[E] {
	return &comparer[E]{store: s, of: of}
}

// nearest implements [nearer].
func (c *comparer[E]) nearest(versions []snapshots.Version, candidates []int, i int) (list, error) {
	var l list
	after, err := c.edition(versions[i])
	if err != nil {
		return l, err
	}
	var best E
	fewest := -1
	for _, at := range candidates {
		before, err := c.edition(versions[at])
		if err != nil {
			return l, err
		}
		n := 0
		if len(candidates) > 1 {
			if n, err = c.of.Distance(before, after); err != nil {
				return l, err
			}
		}
		if fewest < 0 || n < fewest {
			best, fewest, l.head.Previous = before, n, versions[at].ID
		}
	}
	changes, err := c.of.Compare(best, after)
	l.lines = linesOf(changes)
	return l, err
}

// edition returns a version, decoded.
func (c *comparer[E]) edition(v snapshots.Version) (E, error) {
	for _, o := range c.open {
		if o.id == v.ID {
			return o.edition, nil
		}
	}
	last := &c.open[len(c.open)-1]
	data, err := c.store.Bytes(v)
	if err != nil {
		return last.edition, err
	}
	e, err := c.of.Read(data, last.edition)
	if err != nil {
		return e, fmt.Errorf("version %s: %w", v.ID, err)
	}
	copy(c.open[:], c.open[1:])
	last.id, last.edition = v.ID, e
	return e, nil
}
