package diff

import (
	"slices"

	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/registry/ports"
)

// This file holds what a change of the service names registry has beside its records: which ports it is about.

// portsRegistry is the id of the service names registry in JSON: of the group, and of its only registry.
var portsRegistry = ports.ServiceNames().ID + "/" + ports.ServiceNames().ID

// OfPorts reports whether the change is one of the service names registry.
func (c *Change) OfPorts() bool { return c.Registry == "" }

// portsKey returns the key that the change has in JSON: the service name and, after the change, the ports; of several the
// first. On which transports it is, the key does not state, for one change may be of several.
func (c *Change) portsKey() []registry.Cell {
	at := c.Ports
	if c.Kind == Moved && len(c.Now) > 0 {
		at = c.Now[0]
	}
	return []registry.Cell{{Key: "service_name", Text: c.Name}, {Key: "port_number", Text: at.String()}}
}

// Places returns the ports whose meaning the change alters, or redraws if it is Recut.
func (c *Change) Places() []ports.Ports {
	return append([]ports.Ports{c.Ports}, c.Now...)
}

// IsAt reports whether the change is about any of the given ports. A change also lists rows
// of other ports that were redrawn around its own; it is not about those.
func (c *Change) IsAt(numbers ports.Ports) bool {
	return slices.ContainsFunc(c.Places(), numbers.Overlaps)
}

// Alters reports whether the change alters what the registry has on a port.
func (c *Change) Alters(port uint16) bool {
	return c.Kind != Recut && c.IsAt(ports.PortRange(port, port))
}

// Redrawn returns the part of the change that redraws rows around its own ports, as a
// [Recut] change, and whether there is any. It is the whole change if that is Recut.
func (c *Change) Redrawn() (Change, bool) {
	if c.Kind == Recut {
		return *c, true
	}
	own := c.Places()
	redrawn := Change{Kind: Recut}
	around := func(rs []registry.Record) (list []registry.Record) {
		for _, untyped := range rs {
			r := ports.View(untyped)
			first, last, ok := r.Ports.Bounds()
			if r.ServiceName == "" && ok && !slices.ContainsFunc(own, func(p ports.Ports) bool { return p.Contains(first) && p.Contains(last) }) {
				list = append(list, untyped)
				redrawn.Ports = redrawn.Ports.Hull(r.Ports)
				redrawn.Transports = ports.TransportSet(append(redrawn.Transports, r.Transport)...)
			}
		}
		return list
	}
	redrawn.Removed, redrawn.Added = around(c.Removed), around(c.Added)
	return redrawn, len(redrawn.Removed)+len(redrawn.Added) > 0
}

// Own returns those of records, which are the Removed or the Added of the change, that
// the change is about: those of its service, or, without a service, those on its ports.
func (c *Change) Own(records []registry.Record) []ports.Record {
	if c.Name == "" {
		return c.On(records)
	}
	return slices.DeleteFunc(ports.Views(records), func(r ports.Record) bool { return r.ServiceName == "" })
}

// On returns those of records that are on the ports of the change.
func (c *Change) On(records []registry.Record) []ports.Record {
	return slices.DeleteFunc(ports.Views(records), func(r ports.Record) bool {
		return !r.Ports.Overlaps(c.Ports) && r.Ports != c.Ports
	})
}
