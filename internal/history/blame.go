package history

import (
	"slices"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/rules"
	"github.com/ianasync/ianasync/registry"
)

// Since is since when a column has its value.
type Since struct {
	Field string    `json:"field"` // the column's [registry.Column] key
	Value string    `json:"value"`
	Since string    `json:"since"`          // id of the version that brought it; empty where our history begins with it
	Kind  diff.Kind `json:"kind,omitempty"` // of the change that did
	Was   *string   `json:"was"`            // the value before; nil where there was none, or where it is not known
}

// Trail follows records back in time by the rules of their registry.
type Trail interface {
	// About returns a function that reports whether a change with a subject may have added a record, or removed what stood in its
	// place.
	About(r registry.Record) func(subject string) bool
	// Predecessor returns what a record was before the changes that led to a version, of which c adds it; nil where there was nothing.
	Predecessor(r registry.Record, c *diff.Change, all []diff.Change) *diff.Predecessor
}

// BlameAll returns, for records that the newest version of the past has, since when each of the columns has its value. What a rollback
// undid and a later version brought back has its value since it first came.
func (p *Past) BlameAll(t Trail, columns []registry.Column, records ...registry.Record) ([][]Since, error) {
	blames := make([][]Since, len(records))
	for i, r := range records {
		for _, c := range columns {
			blames[i] = append(blames[i], Since{Field: c.Key, Value: r.Get(c.Key)})
		}
	}
	now := make([]*registry.Record, len(records)) // what each is at the version where the trail is; nil once it began
	for i := range records {
		now[i] = new(records[i])
	}
	for at := len(p.steps) - 1; at >= 0; at = p.parents[at] {
		var wanted []func(subject string) bool
		for _, r := range now {
			if r != nil {
				wanted = append(wanted, t.About(*r))
			}
		}
		if len(wanted) == 0 {
			break
		}
		changes, err := p.Changes(at, func(subject string) bool {
			return slices.ContainsFunc(wanted, func(is func(string) bool) bool { return is(subject) })
		})
		if err != nil {
			return nil, err
		}
		for i, r := range now {
			if r == nil {
				continue
			}
			by := slices.IndexFunc(changes, func(c diff.Change) bool { return slices.Contains(c.Added, *r) })
			if by < 0 {
				continue
			}
			before := t.Predecessor(*r, &changes[by], changes)
			for j := range blames[i] {
				blames[i][j].pass(*r, before, changes[by].Kind, p.steps[at].Version.ID)
			}
			if now[i] = nil; before != nil && before.Continues {
				now[i] = &before.Record
			}
		}
	}
	return blames, nil
}

// pass goes back over the change that added a record, given what that was before.
func (s *Since) pass(r registry.Record, before *diff.Predecessor, kind diff.Kind, version string) {
	if s.Since != "" {
		return
	}
	if before != nil {
		if was := before.Record.Get(s.Field); was != r.Get(s.Field) && s.Field != before.Redrawn {
			s.Was = &was
		} else if before.Continues {
			return
		}
	}
	s.Since, s.Kind = version, kind
}

// Blame is [Past.BlameAll] for a record of a registry of a group other than that of the service names, which the given value stands
// for: see [rules.Trail].
func (p *Past) Blame(id, value string, r registry.Record, columns []registry.Column) ([]Since, error) {
	key, found := p.Key(id)
	if !found {
		keys := make([]string, len(columns))
		for i, c := range columns {
			keys[i] = c.Key
		}
		key = Key{Columns: keys, Key: keys, Whole: true}
	}
	blames, err := p.BlameAll(&rules.Trail{Registry: id, Scheme: key.scheme(), Value: value}, columns, r)
	if err != nil {
		return nil, err
	}
	return blames[0], nil
}
