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
	l := list{head: header{DiffVersion: DiffVersion}}
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
	for i := range changes {
		l.lines = append(l.lines, changes[i].AppendJSON(nil))
	}
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
