package history

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"math/bits"
	"slices"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/rules"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/snapshots"
)

// groupVersion is the version of the rules by which keys are found and the tables of groups other than the service names are
// compared. It goes up as [DiffVersion] does, which is for all groups.
const groupVersion = 8

// Keys is how the records of each registry of a group are told apart, by the registry's id: as the registry was described by hand
// or, where it was not, as is learned from the oldest versions. Of these there are Versions: the greatest power of two that is
// not above the number of all. So the keys depend on the versions alone, and rarely change when a version comes.
type Keys struct {
	Rules    int            `json:"rules"` // the [groupVersion] by which they were found
	Versions int            `json:"versions"`
	Of       map[string]Key `json:"keys"`
	Later    map[string]Key `json:"later,omitempty"` // of registries that came after these versions
	Total    int            `json:"total"`           // how many versions there were when the keys were last used
	Digest   string         `json:"digest"`          // of these
}

// Key has the columns that identify the records of one registry.
type Key struct {
	Columns []string `json:"columns"`           // the keys of all columns that the registry had
	Key     []string `json:"key"`               // the columns that identify a record
	Whole   bool     `json:"whole,omitempty"`   // no columns do: Key has all of them
	Numeric bool     `json:"numeric,omitempty"` // the last column of Key holds numbers
	Name    string   `json:"name,omitempty"`    // the column of the name
	Found   string   `json:"found"`             // id of the newest version from which it was learned, or in which the description applies
}

func keyOf(s *rules.Scheme, found string) Key {
	return Key{s.Columns, s.Key, s.Whole, s.Numeric(), s.Name, found}
}

// scheme returns the scheme that the key was made of.
func (k *Key) scheme() *rules.Scheme {
	columns := make([]registry.Column, len(k.Columns))
	for i, key := range k.Columns {
		columns[i] = registry.Column{Key: key, Role: registry.RoleOf(key)}
	}
	return rules.Keyed(columns, k.Key, k.Name, k.Whole, k.Numeric)
}

// holds reports whether the keys are those of the given versions. They are not where history has come in between.
func (k *Keys) holds(versions []snapshots.Version) bool {
	return k != nil && k.Rules == groupVersion && k.Versions == learnedFrom(versions) && k.Total <= len(versions) && k.Digest == digestOf(versions[:k.Total])
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

// digest returns a digest of the keys that were learned.
func (k *Keys) digest() string {
	text, err := json.Marshal(k.Of)
	if err != nil {
		panic(err) // it consists of strings
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// key returns the key of a registry, and whether there is one.
func (k *Keys) key(id string) (Key, bool) {
	key, found := k.Of[id]
	if !found {
		key, found = k.Later[id]
	}
	return key, found
}

// Compare returns the changes between two editions of a group, by registry. What the keys lack is learned from the two.
func (k *Keys) Compare(old, new *registry.Edition) []diff.Change {
	return rules.Editions(old, new, func(id string) *rules.Scheme {
		key, found := k.key(id)
		if !found || !key.fits(new.Table(id)) {
			return nil
		}
		return key.scheme()
	})
}

// fits reports whether a table has a column of the key.
func (k *Key) fits(t *registry.Table) bool {
	return t == nil || len(t.Records) == 0 || slices.ContainsFunc(k.Key, func(key string) bool {
		_, found := t.Column(key)
		return found
	})
}

// groupSteps is [stepsOf] for a group other than that of the service names.
func groupSteps(ctx context.Context, s *snapshots.Store, g *registry.Group, keys *Keys, year string, known *lists, show func(done, total int64)) ([]Step, *Keys, error) {
	versions := s.Versions()
	now := &Keys{Rules: groupVersion, Versions: learnedFrom(versions), Of: make(map[string]Key), Later: make(map[string]Key), Total: len(versions), Digest: digestOf(versions)}
	c := &groupComparer{newComparer(s, groupEditions{g, now}), now}
	if keys.holds(versions) {
		now.Of = keys.Of
		maps.Copy(now.Later, keys.Later)
		known.keys = now.digest()
	} else {
		year, known = "", nil
		if err := c.learn(ctx, versions[:now.Versions]); err != nil {
			return nil, nil, err
		}
	}
	steps, err := trace(ctx, versions, year, known, c, show)
	digest := now.digest()
	for i := range steps {
		steps[i].head.Keys = digest
	}
	return steps, now, err
}

// groupComparer compares versions of a group, and learns the keys of registries that it has none of.
type groupComparer struct {
	*comparer[*registry.Edition]
	keys *Keys
}

// nearest implements [nearer].
func (c *groupComparer) nearest(versions []snapshots.Version, candidates []int, i int) (list, error) {
	after, err := c.edition(versions[i])
	if err != nil {
		return list{}, err
	}
	for _, t := range after.Tables {
		if id := t.Registry.ID; len(t.Records) > 0 {
			if _, known := c.keys.key(id); !known {
				c.keys.Later[id] = keyOf(rules.For(id, t), versions[i].ID)
			}
		}
	}
	return c.comparer.nearest(versions, candidates, i)
}

// groupEditions implements [editions] for any group but that of the service names.
type groupEditions struct {
	group *registry.Group
	keys  *Keys
}

// Read implements [editions].
func (g groupEditions) Read(data []byte, last *registry.Edition) (*registry.Edition, error) {
	return g.group.Decode(data, last)
}

// Distance implements [editions].
func (groupEditions) Distance(old, new *registry.Edition) (n int, err error) {
	for _, t := range new.Tables {
		gone, came := lost(old.Table(t.Registry.ID), t)
		n += len(gone) + len(came)
	}
	for _, t := range old.Tables {
		if new.Table(t.Registry.ID) == nil {
			n += len(t.Records)
		}
	}
	return n, nil
}

// Compare implements [editions].
func (g groupEditions) Compare(old, new *registry.Edition) ([]diff.Change, error) {
	return g.keys.Compare(old, new), nil
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
		s, found := rules.Described(id, columns[id])
		if !found {
			s = rules.Learn(columns[id], slices.Values(list))
		}
		c.keys.Of[id] = keyOf(s, versions[len(versions)-1].ID)
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

// Ask returns what happened to a value or a name, oldest first, in one registry, or in all of the group where the id
// is empty; to all of it where the subject is empty. Values are compared by their meaning, names in any letter case.
func (p *Past) Ask(id, text string) ([]Event, error) {
	var wanted func(subject string) bool
	switch {
	case text != "":
		wanted = AnyOf(rules.ValueSubject(text), rules.NameSubject(text))
	case id != "":
		wanted = AnyOf(rules.RegistrySubject(id))
	}
	return p.Find(wanted, func(_ int, c *diff.Change) (wanted, alters bool) {
		wanted = id == "" || c.Registry == id
		return wanted, wanted && c.Kind != diff.Recut
	})
}
