package history

import (
	"slices"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/registry"
)

// Blame says of a record since when each of its columns stands as it does.
type Blame struct {
	Record registry.Record `json:"record"`
	Fields []Since         `json:"fields"` // all columns, in IANA's order
}

// Since says since when a column stands as it does.
type Since struct {
	Field string    `json:"field"` // the column's [registry.Column] key
	Value string    `json:"value"`
	Since string    `json:"since"`          // id of the version that brought it; empty where the record begins with it
	Kind  diff.Kind `json:"kind,omitempty"` // of the change that did
	Was   *string   `json:"was"`            // what stood there before; nil where nothing did, or where that is not known
}

// continues reports whether a record that a change adds is one that it removes, altered: one of the same service, under
// another name perhaps, or rows without a name of the same status.
func continues(c *diff.Change, before, after *registry.Record) bool {
	switch {
	case before.ServiceName == "" || after.ServiceName == "":
		return before.ServiceName == after.ServiceName && before.Status() == after.Status()
	case c.Kind == diff.Renamed:
		return true
	}
	return before.ServiceName == after.ServiceName
}

// Blame says of each of the given records, which the newest version of the past holds, since when each
// column stands as it does. A record is followed through renames and moves; where a port was
// reused or assigned, the record begins. What a rollback undid and a later version brought back stands
// since it first came.
func (p *Past) Blame(records []registry.Record) ([]Blame, error) {
	list := make([]trail, len(records))
	for i, r := range records {
		list[i] = trail{now: r, then: r, found: make([]*Since, registry.NumColumns)}
	}
	for at := len(p.steps) - 1; at >= 0; at = p.parents[at] {
		s := &p.steps[at]
		changes, err := s.changes(func(line []byte) bool {
			return slices.ContainsFunc(list, func(t trail) bool { return !t.done && t.mayPass(line) })
		})
		if err != nil {
			return nil, err
		}
		for i := range changes {
			for j := range list {
				list[j].pass(&changes[i], s.Version.ID)
			}
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
	now   registry.Record
	then  registry.Record // what it was at the version where the trail is
	found []*Since        // by column; nil where it is not known yet
	done  bool            // the record began
}

// mayPass tells, from the line of a change alone, whether the change may have added the record.
func (t *trail) mayPass(line []byte) bool {
	for text := range values(line, "port_number") {
		if text == t.then.Ports.String() {
			return true
		}
	}
	return false
}

// pass goes back over a change of a version.
func (t *trail) pass(c *diff.Change, version string) {
	if t.done || !slices.Contains(c.Added, t.then) {
		return
	}
	before := predecessor(c, &t.then)
	began := before == nil || !continues(c, before, &t.then)
	now := t.then.Values()
	var was [registry.NumColumns]string
	if before != nil {
		was = before.Values()
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

// predecessor returns what stood where a change added a record: of the records that the change removes and that are on
// its ports, or of its name, the one most like it; nil if there is none.
func predecessor(c *diff.Change, r *registry.Record) *registry.Record {
	unlike := func(o *registry.Record) int {
		n := 0
		if o.ServiceName != r.ServiceName {
			n++
		}
		if !o.Ports.Overlaps(r.Ports) {
			n += 2
		}
		if o.Transport != r.Transport {
			n += 4
		}
		return n
	}
	var best *registry.Record
	for i := range c.Removed {
		o := &c.Removed[i]
		related := o.Ports.Overlaps(r.Ports) || o.Ports == r.Ports || o.ServiceName != "" && o.ServiceName == r.ServiceName
		if related && (best == nil || unlike(o) < unlike(best)) {
			best = o
		}
	}
	return best
}

func (t *trail) blame() Blame {
	b := Blame{Record: t.now}
	for i, value := range t.now.Values() {
		since := Since{}
		if t.found[i] != nil {
			since = *t.found[i]
		}
		since.Field, since.Value = registry.Columns()[i].Key, value
		b.Fields = append(b.Fields, since)
	}
	return b
}
