package dataset

import (
	"cmp"
	"fmt"

	"github.com/ianasync/ianasync/registry/ports"
)

const (
	nmapLine = 1000 // bytes; nmap reads lines into 1,024 (services.cc)
	nmapName = 127  // bytes; nmap takes what is left of a longer name for the port
)

// nmapTransports are those that nmap supports. It skips lines with others.
var nmapTransports = []ports.Transport{ports.TCP, ports.UDP, ports.SCTP}

// writeNmap writes an nmap-services file. A port has the frequency that the options have, or else
// nought: without that column --top-ports fails, and IANA counts no ports; so without frequencies the
// most frequent ports are to nmap the lowest. nmap keeps the first name of a port. The blank after # matters: nmap
// gives up over a fourth field with a slash in it.
//
// Ports with a frequency and without a name in the registry come last, named unknown as in nmap's own
// file: nmap scans the most frequent of the ports that the file has.
func writeNmap(w *writer) error {
	w.heading("# ", nmapLine)
	lines := w.first(w.namedPorts(limits{nmapTransports, nmapName, plainName}))
	for _, p := range lines {
		w.line(p.record, nmapLine, p.record.ServiceName, p.on(), cmp.Or(w.Frequencies[p.on()], noFrequency))
	}
	if w.keep != nil {
		return nil // only listed names are asked for
	}
	for _, u := range w.Frequencies.unnamed(&w.Options, lines) {
		on := fmt.Sprintf("%d/%s", u.port, u.transport)
		w.out.WriteString("unknown\t" + on + "\t" + w.Frequencies[on] + "\n")
	}
	return nil
}

// noFrequency is the frequency of a port that none is known of.
const noFrequency = "0.000000"
