package portrules

import (
	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/registry/ports"
)

// Trail follows the records of a port back in time. A record is followed through renames and moves; where a port was reused or
// assigned, the record begins. A row without a service name is followed by what it says of the port: IANA redraws its range with every
// assignment nearby, which alters nothing; where the port had another status before, the row begins.
type Trail struct{ Port uint16 }

// About returns a function that reports whether a change with a subject may have added a record, or removed the row that stood in its
// place.
func (t Trail) About(r registry.Record) func(subject string) bool {
	if name := ports.View(r).ServiceName; name != "" {
		service := ServiceSubject(name)
		return func(subject string) bool { return subject == service }
	}
	return AboutPort(t.Port)
}

// Predecessor returns what a record was before the changes that led to a version, of which c adds it; nil where there was nothing. A
// service's record was in that change; a row without a service name may have been in any, for several changes may cut one range.
func (t Trail) Predecessor(r registry.Record, c *diff.Change, all []diff.Change) *diff.Predecessor {
	after := ports.View(r)
	p := new(diff.Predecessor)
	var before *ports.Record
	if after.ServiceName == "" {
		p.Redrawn = "port_number"
		before = t.likest(&after, all)
	} else {
		before = t.likest(&after, []diff.Change{*c})
	}
	if before == nil {
		return nil
	}
	p.Record, p.Continues = before.Untyped(), continues(c, before, &after)
	return p
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

// likest returns, of the records that changes remove from the port of another or with its name, the one most like that; nil if there
// is none.
func (t Trail) likest(other *ports.Record, changes []diff.Change) *ports.Record {
	var best *ports.Record
	for i := range changes {
		for _, untyped := range changes[i].Removed {
			r := new(ports.View(untyped))
			here := r.Ports.Contains(t.Port) || other.ServiceName != "" && r.Ports.Overlaps(other.Ports)
			if (here || r.ServiceName != "" && r.ServiceName == other.ServiceName) && (best == nil || t.unlike(r, other) < t.unlike(best, other)) {
				best = r
			}
		}
	}
	return best
}

// unlike measures how much a record differs from another.
func (t Trail) unlike(r, other *ports.Record) (n int) {
	if r.Transport != other.Transport {
		n += 8
	}
	if r.ServiceName == "" && other.ServiceName == "" && r.Status() != other.Status() {
		n += 4
	}
	if !r.Ports.Contains(t.Port) && !r.Ports.Overlaps(other.Ports) {
		n += 2
	}
	if r.ServiceName != other.ServiceName {
		n++
	}
	return n
}
