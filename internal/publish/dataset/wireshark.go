package dataset

import (
	"fmt"

	"github.com/ianasync/ianasync/registry/ports"
)

// writeWireshark writes a personal services file of Wireshark (epan/addr_resolv.c): as
// services(5), but with ranges and without aliases. Wireshark keeps one name a port, and
// of several lines the last, so that each port stands on one line only.
func writeWireshark(w *writer) error {
	w.heading("# ", endless)
	for _, s := range stretches(w.first(w.namedPorts(limits{ports.Transports(), 0, plainName}))) {
		on := s.on()
		if s.last > s.port {
			on = fmt.Sprintf("%d-%d/%s", s.port, s.last, s.transport)
		}
		w.line(s.record, endless, s.record.ServiceName, on)
	}
	return nil
}

// stretch is a named port that reaches from its port to another.
type stretch struct {
	namedPort
	last uint16
}

// stretches puts neighbouring ports of one record together, in the order of their first.
func stretches(all []namedPort) (out []stretch) {
	open := map[ports.Transport]int{} // where in out the last stretch of each is
	for _, p := range all {
		if at, found := open[p.transport]; found && out[at].record == p.record && out[at].last+1 == p.port {
			out[at].last = p.port
			continue
		}
		open[p.transport] = len(out)
		out = append(out, stretch{p, p.port})
	}
	return out
}
