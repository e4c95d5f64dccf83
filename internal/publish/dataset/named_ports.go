package dataset

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/ianasync/ianasync/registry/ports"
)

// namedPort is a service name on a port.
type namedPort struct {
	port      uint16
	transport ports.Transport
	record    *ports.Record
}

// on is how services(5), and all that came of it, write its port.
func (p *namedPort) on() string { return strconv.Itoa(int(p.port)) + "/" + string(p.transport) }

// limits are what a format can carry.
type limits struct {
	transports []ports.Transport
	longest    int                    // of a name, in bytes; any where 0
	name       func(name string) bool // whether a name can be written; any can where nil
}

// widest is the widest range that is written port by port. The widest with a name has
// 100 ports; a file that gives a name to all 65,536 is not worth as many lines.
const widest = 1024

// namedPorts returns the service names on ports that the format can carry, in order: by
// port; on a port tcp before udp, sctp and dccp, for readers that take any; then the names,
// the one first that a reader should take who takes the first: see [compareNames].
func (w *writer) namedPorts(can limits) []namedPort {
	all := make([]namedPort, 0, len(w.Table.Records))
	for i := range w.Table.Records {
		r := &w.Table.Records[i]
		if w.keep != nil && !w.keep[strings.ToLower(r.ServiceName)] || !w.wantsAny(r.Ports) {
			continue
		}
		if rule, detail := can.refuse(r); rule != "" {
			w.lose(r, rule, detail)
			continue
		}
		all = w.spread(all, r)
	}
	slices.SortStableFunc(all, func(a, b namedPort) int {
		switch {
		case a.port != b.port:
			return cmp.Compare(a.port, b.port)
		case a.transport != b.transport:
			return cmp.Compare(a.transport.Index(), b.transport.Index())
		}
		return compareNames(a.record, b.record)
	})
	return w.once(all)
}

// refuse returns the rule by which a record cannot be written at all; none if it can.
func (can *limits) refuse(r *ports.Record) (rule Rule, detail string) {
	_, _, hasPort := r.Ports.Bounds()
	switch {
	case r.ServiceName == "":
		return NoName, string(r.Status())
	case !hasPort && r.Ports.String() != "":
		return NoPort, fmt.Sprintf("%q is not a port", r.Ports)
	case !hasPort:
		return NoPort, ""
	case r.Transport != "" && !slices.Contains(can.transports, r.Transport):
		return Protocol, fmt.Sprintf("not known: %q", string(r.Transport))
	case can.longest > 0 && len(r.ServiceName) > can.longest:
		return BadName, fmt.Sprintf("%d bytes, at most %d", len(r.ServiceName), can.longest)
	case can.name != nil && !can.name(r.ServiceName):
		return BadName, "has a character other than printable ASCII, or a # or a blank"
	}
	return "", ""
}

// spread appends the named ports of a record, one a port and transport protocol.
func (w *writer) spread(out []namedPort, r *ports.Record) []namedPort {
	first, last, _ := r.Ports.Bounds()
	width := int(last) - int(first) + 1
	switch {
	case width > 1 && w.Ranges == NoPorts:
		w.lose(r, Range, "left out")
		return out
	case width > 1 && w.Ranges == FirstPort, width > widest:
		w.lose(r, Range, fmt.Sprintf("only its first port of %d", width))
		width = 1
	}
	transports := []ports.Transport{r.Transport}
	if r.Transport == "" { // from when a port was assigned on both at once
		transports = []ports.Transport{ports.TCP, ports.UDP}
	}
	for _, t := range transports {
		for i := range width {
			if port := first + uint16(i); w.wants(port) {
				out = append(out, namedPort{port, t, r})
			}
		}
	}
	return out
}

// wellFormed is a service name by RFC 6335 section 5.1, but for its length.
var wellFormed = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$`) })

// secondary are the words by which IANA's notes say that the port belongs to another name.
var secondary = []string{"this entry is an alias to", "this is a duplicate of", "unassigned but widespread use"}

// compareNames orders the names on one port and transport protocol. First comes what has
// the port to itself before what has it in a range; what IANA does not call an alias, a
// duplicate, or unassigned before what it does (http before www); a name that is well
// formed; one with a reference (submissions before urd); one assigned for this transport
// protocol alone; the shorter (stuns before stun-behaviors). What is left is the table's order.
func compareNames(a, b *ports.Record) int {
	if order := cmp.Compare(width(a.Ports), width(b.Ports)); order != 0 {
		return order
	}
	return cmp.Or(
		before(!isSecondary(a), !isSecondary(b)),
		before(wellFormed().MatchString(a.ServiceName), wellFormed().MatchString(b.ServiceName)),
		before(a.Reference != "", b.Reference != ""),
		before(a.Transport != "", b.Transport != ""),
		cmp.Compare(len(a.ServiceName), len(b.ServiceName)),
		ports.Compare(*a, *b),
	)
}

// before puts what holds before what does not.
func before(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

func width(p ports.Ports) int {
	first, last, _ := p.Bounds()
	return int(last) - int(first)
}

func isSecondary(r *ports.Record) bool {
	notes := strings.ToLower(r.AssignmentNotes)
	return slices.ContainsFunc(secondary, func(s string) bool { return strings.Contains(notes, s) })
}

// samePort reports whether two named ports are the same port and transport protocol.
func samePort(a, b namedPort) bool { return a.port == b.port && a.transport == b.transport }

// eachPort calls each with the names on each port and transport protocol.
func eachPort(all []namedPort, each func(here []namedPort)) {
	for len(all) > 0 {
		n := 1
		for n < len(all) && samePort(all[0], all[n]) {
			n++
		}
		each(all[:n])
		all = all[n:]
	}
}

// once leaves out a name that stands on a port already.
func (w *writer) once(all []namedPort) []namedPort {
	out := make([]namedPort, 0, len(all))
	eachPort(all, func(here []namedPort) {
		first := len(out)
		for _, p := range here {
			if slices.ContainsFunc(out[first:], func(o namedPort) bool { return o.record.ServiceName == p.record.ServiceName }) {
				w.lose(p.record, Repeated, p.on()+" has the name already")
				continue
			}
			out = append(out, p)
		}
	})
	return out
}

// first leaves one name on each port, for readers that keep no more, or keep the last.
func (w *writer) first(all []namedPort) []namedPort {
	out := make([]namedPort, 0, len(all))
	eachPort(all, func(here []namedPort) {
		out = append(out, here[0])
		for _, p := range here[1:] {
			w.lose(p.record, NotFirst, p.on()+" is "+here[0].record.ServiceName)
		}
	})
	return out
}

// plainName reports whether a name can stand between blanks, and before a comment.
func plainName(name string) bool {
	return strings.IndexFunc(name, func(r rune) bool { return r <= ' ' || r > '~' || r == '#' }) < 0
}
