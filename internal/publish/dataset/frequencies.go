package dataset

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/ianasync/ianasync/registry/ports"
)

// Frequencies is how often ports are open, by port and transport such as "443/tcp", as an nmap-services file writes it:
// "0.208669", or a ratio such as "1043/5000".
type Frequencies map[string]string

// frequency is what nmap takes for one.
var frequency = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^([0-9]+(\.[0-9]*)?|\.[0-9]+)(/[1-9][0-9]*)?$`)
})

// ParseFrequencies parses the third column of an nmap-services file. Its lines without that column are skipped; that the
// file has no line with one is an error, as is a third column that is no frequency. The error names the line.
func ParseFrequencies(data []byte) (Frequencies, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	found := Frequencies{}
	number := 0
	for line := range strings.Lines(string(data)) {
		number++
		line, _, _ = strings.Cut(line, "#")
		fields := strings.Fields(line)
		if len(fields) < 3 {
			continue
		}
		port, transport, _ := strings.Cut(fields[1], "/")
		if _, err := strconv.ParseUint(port, 10, 16); err != nil || transport == "" {
			return nil, fmt.Errorf("line %d: %q is no port/protocol", number, fields[1])
		}
		if !frequency().MatchString(fields[2]) {
			return nil, fmt.Errorf("line %d: %q is no frequency", number, fields[2])
		}
		if _, twice := found[fields[1]]; !twice { // nmap, too, takes the first line of a port
			found[fields[1]] = fields[2]
		}
	}
	if len(found) == 0 {
		return nil, errors.New("no line has a third column with a frequency")
	}
	return found, nil
}

// frequencyLine is a line of a port that the registry has no name for.
type frequencyLine struct {
	port      uint16
	transport ports.Transport
}

// unnamed returns the ports that have a frequency above nought, are to be written, and stand in none of the lines.
func (f Frequencies) unnamed(o *Options, lines []namedPort) (out []frequencyLine) {
	named := make(map[string]bool, len(lines))
	for i := range lines {
		named[lines[i].on()] = true
	}
	for on, often := range f {
		number, transport, _ := strings.Cut(on, "/")
		port, err := strconv.ParseUint(number, 10, 16)
		t := ports.Transport(transport)
		if err != nil || named[on] || strings.Trim(often, "0.") == "" || !slices.Contains(nmapTransports, t) || !o.wants(uint16(port)) {
			continue
		}
		out = append(out, frequencyLine{uint16(port), t})
	}
	slices.SortFunc(out, func(a, b frequencyLine) int {
		return cmp.Or(cmp.Compare(a.port, b.port), cmp.Compare(a.transport.Index(), b.transport.Index()))
	})
	return out
}
