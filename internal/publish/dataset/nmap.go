package dataset

import "github.com/ianasync/ianasync/registry/ports"

const (
	nmapLine = 1000 // bytes; nmap reads lines into 1,024 (services.cc)
	nmapName = 127  // bytes; nmap takes what is left of a longer name for the port
)

// nmapTransports are those that nmap supports. It skips lines with others.
var nmapTransports = []ports.Transport{ports.TCP, ports.UDP, ports.SCTP}

// writeNmap writes an nmap-services file. Every port has the frequency nought: without
// that column --top-ports fails, and IANA counts no ports; so the most frequent ports are to
// nmap the lowest. nmap keeps the first name of a port. The blank after # matters: nmap
// gives up over a fourth field with a slash in it.
func writeNmap(w *writer) error {
	w.heading("# ", nmapLine)
	for _, p := range w.first(w.namedPorts(limits{nmapTransports, nmapName, plainName})) {
		w.line(p.record, nmapLine, p.record.ServiceName, p.on(), "0.000000")
	}
	return nil
}
