package history

import (
	"slices"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/rules"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/registry/ports"
)

// Blame is a record with the version since which each of its columns has its value.
type Blame struct {
	Record ports.Record `json:"record"`
	Fields []Since      `json:"fields"` // all columns, in IANA's order
}

// Since is since when a column has its value.
type Since struct {
	Field string    `json:"field"` // the column's [registry.Column] key
	Value string    `json:"value"`
	Since string    `json:"since"`          // id of the version that brought it; empty where our history begins with it
	Kind  diff.Kind `json:"kind,omitempty"` // of the change that did
	Was   *string   `json:"was"`            // the value before; nil where there was none, or where it is not known
}

// Blame returns, for the records that the newest version of the past has on a query's port, since when each column has
// its value. A record is followed through renames and moves; where a port was reused or assigned, the record begins. A
// row without a service name is followed by what it says of the port: IANA redraws its range with every assignment
// nearby, which alters nothing; where the port had another status before, the row begins. What a rollback undid and a
// later version brought back has its value since it first came.
func (p *Past) Blame(q Query, records []ports.Record) ([]Blame, error) {
	list := make([]trail, len(records))
	for i, r := range records {
		list[i] = trail{port: q.Port, now: r, then: r, found: make([]*Since, ports.NumColumns)}
	}
	for at := len(p.steps) - 1; at >= 0; at = p.parents[at] {
		var wanted []func(subject string) bool
		for i := range list {
			if !list[i].done {
				wanted = append(wanted, list[i].query().wanted())
			}
		}
		changes, err := p.about(at, func(subject string) bool {
			return slices.ContainsFunc(wanted, func(is func(string) bool) bool { return is(subject) })
		})
		if err != nil {
			return nil, err
		}
		for i := range list {
			list[i].pass(changes, p.steps[at].Version.ID)
		}
	}
	blames := make([]Blame, len(list))
	for i := range list {
		blames[i] = list[i].blame()
	}
	return blames, nil
}

// trail follows a record back in time.
type trail struct {
	port  uint16
	now   ports.Record
	then  ports.Record // what it was at the version where the trail is
	found []*Since     // by column; nil where it is not known yet
	done  bool         // the record began
}

// query returns what the changes are about that may have added the record, or removed the row that stood in its place.
func (t *trail) query() Query {
	if t.then.ServiceName == "" {
		return Query{Port: t.port}
	}
	return Query{Service: t.then.ServiceName}
}

// portColumn is the index of the column of ports.
const portColumn = 1

// pass goes back over the changes of a version. A service's record was in the change that added the present one; a row
// without a service name may have been in any, for several changes may cut one range.
func (t *trail) pass(changes []diff.Change, version string) {
	then := t.then.Untyped()
	at := slices.IndexFunc(changes, func(c diff.Change) bool { return slices.Contains(c.Added, then) })
	if t.done || at < 0 {
		return
	}
	c := &changes[at]
	from := changes[at : at+1]
	if t.then.ServiceName == "" {
		from = changes
	}
	before := t.predecessor(from)
	began := before == nil || !continues(c, before, &t.then)
	now := t.then.Values()
	var was [ports.NumColumns]string
	if before != nil {
		was = before.Values()
	}
	if t.then.ServiceName == "" {
		was[portColumn] = now[portColumn]
	}
	for i, value := range now {
		if t.found[i] != nil || !began && value == was[i] {
			continue
		}
		t.found[i] = &Since{Since: version, Kind: c.Kind}
		if before != nil && was[i] != value {
			t.found[i].Was = &was[i]
		}
	}
	if t.done = began; !began {
		t.then = *before
	}
}

// continues reports whether a record that a change adds is the one that it removes, altered: the same service, perhaps
// under another name, or a row without a name and of the same status.
func continues(c *diff.Change, before, after *ports.Record) bool {
	switch {
	case before.ServiceName == "" || after.ServiceName == "":
		return before.ServiceName == after.ServiceName && before.Status() == after.Status()
	case c.Kind == diff.Renamed:
		return true
	}
	return before.ServiceName == after.ServiceName && c.Kind != diff.Assigned
}

// predecessor returns what was on the port, or had the name, before the record was added: of the records that changes
// remove the one most like it; nil if there is none.
func (t *trail) predecessor(changes []diff.Change) *ports.Record {
	var best *ports.Record
	for i := range changes {
		for _, untyped := range changes[i].Removed {
			o := new(ports.View(untyped))
			here := o.Ports.Contains(t.port) || t.then.ServiceName != "" && o.Ports.Overlaps(t.then.Ports)
			if (here || o.ServiceName != "" && o.ServiceName == t.then.ServiceName) && (best == nil || t.unlike(o) < t.unlike(best)) {
				best = o
			}
		}
	}
	return best
}

// unlike measures how much another record differs from the one that the trail follows.
func (t *trail) unlike(o *ports.Record) (n int) {
	if o.Transport != t.then.Transport {
		n += 8
	}
	if o.ServiceName == "" && t.then.ServiceName == "" && o.Status() != t.then.Status() {
		n += 4
	}
	if !o.Ports.Contains(t.port) && !o.Ports.Overlaps(t.then.Ports) {
		n += 2
	}
	if o.ServiceName != t.then.ServiceName {
		n++
	}
	return n
}

func (t *trail) blame() Blame {
	b := Blame{Record: t.now}
	for i, value := range t.now.Values() {
		since := Since{}
		if t.found[i] != nil {
			since = *t.found[i]
		}
		since.Field, since.Value = ports.Columns()[i].Key, value
		b.Fields = append(b.Fields, since)
	}
	return b
}

// BlameRecord returns since when each of the columns has its value in a record that the newest version of the past has in a
// registry, given its id, of a group other than that of the service names. As in [Past.Blame], a record is followed through renames
// and moves, and begins where its value was assigned or reused. A free or reserved range is followed by what it says of the given
// value, or else of its first, and begins where that had another state.
func (p *Past) BlameRecord(id, value string, r registry.Record, columns []registry.Column) ([]Since, error) {
	list := make([]Since, len(columns))
	keys := make([]string, len(columns))
	for i, c := range columns {
		list[i], keys[i] = Since{Field: c.Key, Value: r.Get(c.Key)}, c.Key
	}
	key, found := p.Key(id)
	if !found {
		key = Key{Columns: keys, Key: keys, Whole: true}
	}
	scheme := key.scheme()
	for at := len(p.steps) - 1; at >= 0; at = p.parents[at] {
		changes, err := p.about(at, is(rules.RegistrySubject(id)))
		if err != nil {
			return nil, err
		}
		by := slices.IndexFunc(changes, func(c diff.Change) bool { return slices.Contains(c.Added, r) })
		if by < 0 {
			continue
		}
		before := scheme.Predecessor(r, value, &changes[by], changes)
		for i := range list {
			list[i].pass(r, before, changes[by].Kind, p.steps[at].Version.ID)
		}
		if before == nil || !before.Continues {
			break
		}
		r = before.Record
	}
	return list, nil
}

// pass goes back over the change that added a record, given what that was before.
func (s *Since) pass(r registry.Record, before *rules.Predecessor, kind diff.Kind, version string) {
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
