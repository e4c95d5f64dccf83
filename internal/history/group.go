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
const groupVersion = 5

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

// GroupSteps is [StepsFrom] for a group other than that of the service names. Where the given keys are not those of the present
// versions, they are learned and all lists are made anew, whatever the year. It returns the keys.
func GroupSteps(ctx context.Context, s *snapshots.Store, g *registry.Group, keys *Keys, year string, show func(done, total int64)) ([]Step, *Keys, error) {
	return groupSteps(ctx, s, g, keys, year, lists{store: s, subjects: true}, show)
}

// groupSteps is [GroupSteps] with given lists, of which the keys are not set.
func groupSteps(ctx context.Context, s *snapshots.Store, g *registry.Group, keys *Keys, year string, from lists, show func(done, total int64)) ([]Step, *Keys, error) {
	versions := s.Versions()
	c := &groupComparer{store: s, group: g}
	var known *lists
	if keys.holds(versions) {
		c.keys = &Keys{Rules: groupVersion, Versions: keys.Versions, Of: keys.Of, Later: maps.Clone(keys.Later)}
		from.keys = c.keys.digest()
		known = &from
	} else {
		year = ""
		c.keys = &Keys{Rules: groupVersion, Versions: learnedFrom(versions), Of: make(map[string]Key)}
		if err := c.learn(ctx, versions[:c.keys.Versions]); err != nil {
			return nil, nil, err
		}
	}
	if c.keys.Later == nil {
		c.keys.Later = make(map[string]Key)
	}
	c.keys.Total, c.keys.Digest = len(versions), digestOf(versions)
	steps, err := trace(ctx, versions, year, known, c, show)
	digest := c.keys.digest()
	for i := range steps {
		steps[i].head.Keys, steps[i].head.DiffVersion = digest, DiffVersion
	}
	return steps, c.keys, err
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

// nearest returns the list of changes from that of the candidates which differs from version i in the fewest records; of
// several, the first.
func (c *groupComparer) nearest(versions []snapshots.Version, candidates []int, i int) (list, error) {
	l := list{}
	after, err := c.edition(versions[i])
	if err != nil {
		return l, err
	}
	var best *registry.Edition
	fewest := 0
	for _, at := range candidates {
		before, err := c.edition(versions[at])
		if err != nil {
			return l, err
		}
		n := 0
		if len(candidates) > 1 {
			n = distance(before, after)
		}
		if best == nil || n < fewest {
			best, fewest, l.head.Previous = before, n, versions[at].ID
		}
	}
	for _, t := range after.Tables {
		if id := t.Registry.ID; len(t.Records) > 0 {
			if _, known := c.keys.key(id); !known {
				c.keys.Later[id] = keyOf(rules.For(id, t), versions[i].ID)
			}
		}
	}
	for _, change := range c.keys.Compare(best, after) {
		l.lines = append(l.lines, change.AppendJSON(nil))
	}
	return l, nil
}

// distance returns in how many records two editions differ.
func distance(a, b *registry.Edition) (n int) {
	for _, t := range b.Tables {
		gone, came := lost(a.Table(t.Registry.ID), t)
		n += len(gone) + len(came)
	}
	for _, t := range a.Tables {
		if b.Table(t.Registry.ID) == nil {
			n += len(t.Records)
		}
	}
	return n
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

// openGroup is [Open] or, if toAsk is set, [OpenToAsk] for a group other than that of the service names.
func openGroup(ctx context.Context, s *snapshots.Store, g *registry.Group, toAsk bool) (*Past, error) {
	facts, err := ReadRegistries(s)
	if err != nil {
		return nil, err
	}
	var keys *Keys
	if facts != nil {
		keys = facts.Keys
	}
	from := lists{store: s}
	if toAsk {
		from.unread = s.Versions()
	}
	steps, keys, err := groupSteps(ctx, s, g, keys, "", from, nil)
	if err == nil && toAsk {
		err = askable(steps, func() ([]Step, error) {
			whole, _, err := groupSteps(ctx, s, g, keys, "", lists{store: s}, nil)
			return whole, err
		})
	}
	if err != nil {
		return nil, err
	}
	past := Of(steps)
	past.keys = keys
	return past, nil
}

// AskRegistry returns what happened to a value or a name, oldest first, in one registry, or in all of the group where the id
// is empty; to all of it where the subject is empty. Values are compared by their meaning, names in any letter case.
func (p *Past) AskRegistry(id, text string) ([]Event, error) {
	var wanted func(subject string) bool
	switch {
	case text != "":
		wanted = is(rules.ValueSubject(text), rules.NameSubject(text))
	case id != "":
		wanted = is(rules.RegistrySubject(id))
	}
	return p.find(wanted, func(_ *Step, c *diff.Change) (wanted, alters bool) {
		wanted = id == "" || c.Registry == id
		return wanted, wanted && c.Kind != diff.Recut
	})
}
