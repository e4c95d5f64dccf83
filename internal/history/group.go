package history

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/bits"
	"slices"

	"github.com/ianasync/ianasync/internal/rules"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/snapshots"
)

// Keys is how the records of each registry of a group are told apart, by the registry's id. It is learned from the oldest
// versions, of which there are Versions: the greatest power of two that is not above the number of all. So the keys depend on
// the versions alone, and rarely change when a version comes.
type Keys struct {
	Versions int            `json:"versions"`
	Of       map[string]Key `json:"keys"`
	Total    int            `json:"total"`  // how many versions there were when the keys were last used
	Digest   string         `json:"digest"` // of these
}

// Key is what tells the records of one registry apart.
type Key struct {
	Columns []string `json:"columns"`           // the keys of all columns that the registry had
	Key     []string `json:"key"`               // the columns that identify a record
	Whole   bool     `json:"whole,omitempty"`   // no columns do: Key has all of them
	Numeric bool     `json:"numeric,omitempty"` // the last column of Key holds numbers
	Name    string   `json:"name,omitempty"`    // the column of the name
	Found   string   `json:"found"`             // id of the newest version from which it was learned
}

func keyOf(s *rules.Scheme, found string) Key {
	return Key{s.Columns, s.Key, s.Whole, s.Numeric(), s.Name, found}
}

// holds reports whether the keys are those of the given versions. They are not where history has come in between.
func (k *Keys) holds(versions []snapshots.Version) bool {
	return k != nil && k.Versions == learnedFrom(versions) && k.Total <= len(versions) && k.Digest == digestOf(versions[:k.Total])
}

// learnedFrom returns how many of the oldest versions keys are learned from.
func learnedFrom(versions []snapshots.Version) int {
	if len(versions) == 0 {
		return 0
	}
	return 1 << (bits.Len(uint(len(versions))) - 1)
}

func digestOf(versions []snapshots.Version) string {
	sum := sha256.New()
	for _, v := range versions {
		_, _ = fmt.Fprintf(sum, "%s %s\n", v.ID, v.SHA256)
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

// key returns the key of a registry, and whether there is one.
func (k *Keys) key(id string) (Key, bool) {
	key, found := k.Of[id]
	return key, found
}

// LearnKeys returns the keys of a group's versions. Where the given keys are not theirs, they are learned.
func LearnKeys(ctx context.Context, s *snapshots.Store, g *registry.Group, keys *Keys) (*Keys, error) {
	versions := s.Versions()
	c := &groupComparer{store: s, group: g, keys: &Keys{Versions: learnedFrom(versions), Of: make(map[string]Key)}}
	if keys.holds(versions) {
		c.keys.Of = keys.Of
	} else if err := c.learn(ctx, versions[:c.keys.Versions]); err != nil {
		return nil, err
	}
	c.keys.Total, c.keys.Digest = len(versions), digestOf(versions)
	return c.keys, nil
}

// groupComparer compares editions of a group, and keeps the last ones open for the next comparison.
type groupComparer struct {
	store *snapshots.Store
	group *registry.Group
	keys  *Keys
	open  [3]struct {
		id      string
		edition *registry.Edition
	}
}

// learn fills in the keys, from versions by time.
func (c *groupComparer) learn(ctx context.Context, versions []snapshots.Version) error {
	steps := make(map[string][]rules.Step)
	columns := make(map[string][]registry.Column)
	old := &registry.Edition{}
	for i, v := range versions {
		if err := ctx.Err(); err != nil {
			return err
		}
		if i > 0 && versions[i-1].TableSHA256 == v.TableSHA256 {
			continue
		}
		e, err := c.edition(v)
		if err != nil {
			return err
		}
		for _, t := range e.Tables {
			id := t.Registry.ID
			gone, came := lost(old.Table(id), t)
			if len(gone)+len(came) > 0 {
				columns[id] = merge(t.Columns, columns[id])
				steps[id] = append(steps[id], rules.Step{Gone: gone, Came: came})
			}
		}
		old = e
	}
	for id, list := range steps {
		c.keys.Of[id] = keyOf(rules.Learn(columns[id], slices.Values(list)), versions[len(versions)-1].ID)
	}
	return nil
}

// lost returns the records in which two tables differ, of which the first may be nil.
func lost(old, new *registry.Table) (gone, came []registry.Record) {
	if old == nil {
		return nil, new.Records
	}
	if slices.Equal(old.Records, new.Records) {
		return nil, nil
	}
	return registry.Difference(old.Records, new.Records)
}

// merge adds to a list of columns those that it lacks.
func merge(list, more []registry.Column) []registry.Column {
	list = slices.Clone(list)
	for _, c := range more {
		if !slices.ContainsFunc(list, func(d registry.Column) bool { return d.Key == c.Key }) {
			list = append(list, c)
		}
	}
	return list
}

// edition returns a version, decoded.
func (c *groupComparer) edition(v snapshots.Version) (*registry.Edition, error) {
	for _, o := range c.open {
		if o.id == v.ID {
			return o.edition, nil
		}
	}
	data, err := c.store.Bytes(v)
	if err != nil {
		return nil, err
	}
	e, err := c.group.Decode(data, c.open[len(c.open)-1].edition)
	if err != nil {
		return nil, fmt.Errorf("version %s: %w", v.ID, err)
	}
	copy(c.open[:], c.open[1:])
	c.open[len(c.open)-1].id, c.open[len(c.open)-1].edition = v.ID, e
	return e, nil
}
