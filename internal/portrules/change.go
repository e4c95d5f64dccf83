package portrules

import (
	"errors"
	"fmt"
	"slices"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/plainjson"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/registry/ports"
)

// Registry is the id of the service names registry as changes have it: of its group, and in that.
var Registry = ports.ServiceNames().ID + "/" + ports.ServiceNames().ID

// Place is the extension of the changes of the service names registry: which ports a change is about.
type Place struct {
	Ports      ports.Ports       // for Moved those that the service left
	Now        []ports.Ports     // for Moved the ports that the service has now; for Deassigned a lone zero value if the name stays without a port
	Transports []ports.Transport // in the registry's order; empty if the records have none
}

// Change is a change of the service names registry with its place. Its Name is the service, empty for unnamed ports.
type Change struct {
	*diff.Change
	*Place
}

// View returns a change with its place. A change of another registry is about no ports.
func View(c *diff.Change) Change {
	place, is := c.Extension.(*Place)
	if !is {
		place = new(Place)
	}
	return Change{c, place}
}

// Is reports whether a change is of the service names registry.
func Is(c *diff.Change) bool {
	_, is := c.Extension.(*Place)
	return is
}

// AllPorts returns the ports whose meaning the change alters, or redraws if it is Recut.
func (p *Place) AllPorts() []ports.Ports {
	return append([]ports.Ports{p.Ports}, p.Now...)
}

// IsAt reports whether the change is about any of the given ports. A change also lists rows
// of other ports that were redrawn around its own; it is not about those.
func (p *Place) IsAt(numbers ports.Ports) bool {
	return numbers.Overlaps(p.Ports) || slices.ContainsFunc(p.Now, numbers.Overlaps)
}

// Alters reports whether the change alters what the registry has on a port.
func (c Change) Alters(port uint16) bool {
	return c.Kind != diff.Recut && c.IsAt(ports.PortRange(port, port))
}

// GivenBack reports whether the service of the change gave its port back and stays
// registered without one.
func (c Change) GivenBack() bool { return c.Kind == diff.Deassigned && len(c.Now) > 0 }

// Redrawn returns the part of the change that redraws rows around its own ports, as a
// [diff.Recut] change, and whether there is any. It is the whole change if that is Recut.
func (c Change) Redrawn() (diff.Change, bool) {
	if c.Kind == diff.Recut {
		return *c.Change, true
	}
	own := c.AllPorts()
	redrawn := change{Change: diff.Change{Kind: diff.Recut}}
	around := func(rs []registry.Record) (list []ports.Record) {
		for _, untyped := range rs {
			r := ports.View(untyped)
			first, last, ok := r.Ports.Bounds()
			if r.ServiceName == "" && ok && !slices.ContainsFunc(own, func(p ports.Ports) bool { return p.Contains(first) && p.Contains(last) }) {
				list = append(list, r)
				redrawn.Ports = redrawn.Ports.Hull(r.Ports)
				redrawn.Transports = ports.TransportSet(append(redrawn.Transports, r.Transport)...)
			}
		}
		return list
	}
	redrawn.Removed, redrawn.Added = around(c.Removed), around(c.Added)
	if len(redrawn.Removed)+len(redrawn.Added) == 0 {
		return diff.Change{}, false
	}
	return redrawn.untyped(), true
}

// Own returns those of records, which are the Removed or the Added of the change, that
// the change is about: those of its service, or, without a service, those on its ports.
func (c Change) Own(records []registry.Record) []ports.Record {
	if c.Name == "" {
		return c.On(records)
	}
	return slices.DeleteFunc(ports.Views(records), func(r ports.Record) bool { return r.ServiceName == "" })
}

// On returns those of records that are on the ports of the change.
func (c Change) On(records []registry.Record) []ports.Record {
	return slices.DeleteFunc(ports.Views(records), func(r ports.Record) bool {
		return !r.Ports.Overlaps(c.Ports) && r.Ports != c.Ports
	})
}

// AppendMembers implements [diff.Extension]. "now" is there only if there is any.
func (p *Place) AppendMembers(b []byte, c *diff.Change) []byte {
	b = plainjson.AppendString(append(b, `,"service":`...), c.Name)
	b = c.AppendWas(b)
	b = plainjson.AppendString(append(b, `,"ports":`...), p.Ports.String())
	if len(p.Now) > 0 {
		b = plainjson.AppendList(append(b, `,"now":`...), p.Now, func(b []byte, now *ports.Ports) []byte { return plainjson.AppendString(b, now.String()) })
	}
	return plainjson.AppendList(append(b, `,"transports":`...), p.Transports, func(b []byte, t *ports.Transport) []byte { return plainjson.AppendString(b, string(*t)) })
}

// ReadMember implements [diff.Extension]. A malformed port number is kept as text.
func (p *Place) ReadMember(key string, value *plainjson.Reader) bool {
	switch key {
	case "ports":
		p.Ports, _ = ports.ParsePorts(value.Text())
	case "now":
		for range value.Elements() {
			now, _ := ports.ParsePorts(value.Text())
			p.Now = append(p.Now, now)
		}
	case "transports":
		for range value.Elements() {
			p.Transports = append(p.Transports, ports.Transport(value.Text()))
		}
	default:
		return false
	}
	return true
}

// Check implements [diff.Extension].
func (p *Place) Check(c *diff.Change) error {
	switch {
	case c.Kind == diff.Moved && len(p.Now) == 0:
		return errors.New(`a moved change lacks "now"`)
	case len(p.Now) > 0 && c.Kind != diff.Moved && (c.Kind != diff.Deassigned || !slices.Equal(p.Now, []ports.Ports{{}})):
		return fmt.Errorf(`"now" in a change of kind %s`, c.Kind)
	}
	return nil
}
