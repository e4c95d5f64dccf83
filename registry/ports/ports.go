package ports

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Ports is the Port Number column: one port number, a range of them, or none.
// The zero value is none, which is not port 0: port 0 is real, and Reserved.
//
// A value keeps its text as IANA wrote it, so that the range "4748-4748" and the
// port "4748" are two values that mean the same ports.
type Ports struct {
	text        string
	first, last uint16
	ok          bool // text is a port or a range
}

// ParsePorts reads "", "80" or "6000-6063". Where s is none of these the error
// says why, and the value returned keeps the text but stands for no port.
func ParsePorts(s string) (Ports, error) {
	p := Ports{text: s}
	if s == "" {
		return p, nil
	}
	from, to, isRange := strings.Cut(s, "-")
	var err error
	if p.first, err = parsePort(from); err != nil {
		return Ports{text: s}, err
	}
	p.last = p.first
	if isRange {
		if p.last, err = parsePort(to); err != nil {
			return Ports{text: s}, err
		}
	}
	if p.last < p.first {
		return Ports{text: s}, errors.New("the range ends before it begins")
	}
	p.ok = true
	return p, nil
}

func parsePort(s string) (uint16, error) {
	if n, ok := shortNumber(s); ok {
		return n, nil
	}
	n, err := strconv.ParseUint(s, 10, 16)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return 0, fmt.Errorf("%s is over 65535, the highest port number", s)
	case err != nil:
		return 0, fmt.Errorf("%q is not a port number", s)
	}
	return uint16(n), nil
}

// shortNumber reads up to five digits, as nearly all port numbers are written. It is not ok for any other text.
func shortNumber(s string) (n uint16, ok bool) {
	of := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' || i == 5 {
			return 0, false
		}
		of = 10*of + int(s[i]-'0')
	}
	return uint16(of), s != "" && of <= math.MaxUint16
}

// PortRange returns the ports from first to last, written as IANA writes them. First
// must not be above last.
func PortRange(first, last uint16) Ports {
	text := strconv.Itoa(int(first))
	if last != first {
		text += "-" + strconv.Itoa(int(last))
	}
	return Ports{text: text, first: first, last: last, ok: true}
}

// String returns the text of the column.
func (p Ports) String() string { return p.text }

// Equal reports whether p and q are the same text.
func (p Ports) Equal(q Ports) bool { return p == q }

// Bounds returns the first and the last port. It is not ok where there is no port,
// or none that could be read.
func (p Ports) Bounds() (first, last uint16, ok bool) { return p.first, p.last, p.ok }

// Contains reports whether port is one of p.
func (p Ports) Contains(port uint16) bool { return p.ok && p.first <= port && port <= p.last }

// All yields the ports of p in order.
func (p Ports) All() iter.Seq[uint16] {
	return func(yield func(uint16) bool) {
		for port := int(p.first); p.ok && port <= int(p.last) && yield(uint16(port)); port++ {
		}
	}
}

// Overlaps reports whether p and q have a port in common.
func (p Ports) Overlaps(q Ports) bool {
	return p.ok && q.ok && p.first <= q.last && q.first <= p.last
}

// Hull returns the range from the first to the last port of p and q. Where p has no ports it is q.
func (p Ports) Hull(q Ports) Ports {
	if !p.ok {
		return q
	}
	if !q.ok || p.first <= q.first && q.last <= p.last {
		return p
	}
	return PortRange(min(p.first, q.first), max(p.last, q.last))
}

// order is a number by which ports sort: by first, then last port; what has no port
// comes last.
func (p Ports) order() uint64 {
	if !p.ok {
		return 1 << 32
	}
	return uint64(p.first)<<16 | uint64(p.last)
}

// Compare orders by first, then last port; what has no port comes last. Values
// that mean the same ports are ordered by how they are written.
func (p Ports) Compare(q Ports) int {
	return cmp.Or(cmp.Compare(p.order(), q.order()), cmp.Compare(p.text, q.text))
}

// Range is a part of the port number space: RFC 6335 section 6.
type Range string

// The three ranges of port numbers, by RFC 6335.
const (
	System  Range = "System"  // 0 to 1023: assigned by IETF Review or IESG Approval
	User    Range = "User"    // 1024 to 49151: assigned on request
	Dynamic Range = "Dynamic" // 49152 to 65535: never assigned
)

// LastAssignable is the last port that IANA assigns, and that its file covers.
const LastAssignable = 49151

// RangeOf returns the range that port lies in.
func RangeOf(port uint16) Range {
	switch {
	case port <= 1023:
		return System
	case port <= LastAssignable:
		return User
	}
	return Dynamic
}

// Bounds returns the first and the last port of the range.
func (r Range) Bounds() (first, last uint16) {
	switch r {
	case System:
		return 0, 1023
	case User:
		return 1024, LastAssignable
	}
	return LastAssignable + 1, 65535
}

// Transport is a transport protocol, in lower case. The zero value is none: the
// record is about every transport, or about none.
type Transport string

// The transport protocols of the registry.
const (
	TCP  Transport = "tcp"
	UDP  Transport = "udp"
	SCTP Transport = "sctp"
	DCCP Transport = "dccp"
)

var transports = [...]Transport{TCP, UDP, SCTP, DCCP}

// Transports returns the transport protocols of the registry, in its own order.
func Transports() []Transport { return slices.Clone(transports[:]) }

// Index returns the position of t in [Transports], or -1 where it is none of them.
func (t Transport) Index() int { return slices.Index(transports[:], t) }

// Known reports whether t is one of [Transports].
func (t Transport) Known() bool { return t.Index() >= 0 }

// Compare orders transports as the registry does, unknown ones after the known.
func (t Transport) Compare(u Transport) int {
	rank := func(t Transport) int {
		if i := t.Index(); i >= 0 {
			return i
		}
		return len(transports)
	}
	return cmp.Or(cmp.Compare(rank(t), rank(u)), cmp.Compare(t, u))
}

// TransportSet returns the given transports once each, in order of [Transport.Compare]; the empty one is dropped.
func TransportSet(ts ...Transport) []Transport {
	ts = slices.DeleteFunc(slices.Clone(ts), func(t Transport) bool { return t == "" })
	slices.SortFunc(ts, Transport.Compare)
	return slices.Compact(ts)
}
