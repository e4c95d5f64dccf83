package dataset

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/registry/ianacsv"
)

// ProtocolNumbers is the URL of the registry that [EtcProtocols] reads.
const ProtocolNumbers = "https://www.iana.org/assignments/protocol-numbers/protocol-numbers-1.csv"

// ErrNoProtocols is the error for a file that is not the registry of protocol numbers.
var ErrNoProtocols = errors.New("it is not the CSV of IANA's protocol numbers: that has the columns Decimal, Keyword and Protocol")

// EtcProtocols returns IANA's registry of protocol numbers, given as its CSV, in the form of /etc/protocols (protocols(5)): a name
// in lower case, the number, the keyword as IANA writes it, and a comment, in ASCII. Version is what the file is called in it.
// Blanks in keywords become hyphens, and what is in parentheses is left out; numbers without a keyword, and ranges, are left out.
// The pseudo protocol ip, which programs ask for and IANA does not list, comes first.
func EtcProtocols(version string, data []byte) ([]byte, error) {
	rows := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	rows.FieldsPerRecord, rows.LazyQuotes = -1, true
	header, err := rows.Read()
	number, keyword, protocol := slices.Index(header, "Decimal"), slices.Index(header, "Keyword"), slices.Index(header, "Protocol")
	if err != nil || min(number, keyword, protocol) < 0 {
		return nil, ErrNoProtocols
	}
	all, err := rows.ReadAll()
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	for _, line := range []string{
		"Protocol Numbers", "Source: IANA, https://www.iana.org/assignments/protocol-numbers/", "Version: " + version,
		fmt.Sprintf("SHA-256: %x", sha256.Sum256(data)), "Licence: CC0 1.0",
	} {
		out.WriteString("# " + text.Cut(ascii(line), servicesLine-len("# \n")) + "\n")
	}
	out.WriteString("ip\t0\tIP\t# Internet Protocol, pseudo protocol number\n")
	seen := map[string]bool{"ip": true}
	for _, row := range all {
		if len(row) <= max(number, keyword, protocol) {
			continue
		}
		alias := protocolName(row[keyword])
		name := strings.ToLower(alias)
		if _, err := strconv.ParseUint(row[number], 10, 8); err != nil || name == "" || name == "reserved" || seen[name] {
			continue
		}
		seen[name] = true
		line := name + "\t" + row[number] + "\t" + alias
		if comment := text.Cut(ascii(ianacsv.Normalise(row[protocol])), servicesLine-len(line)-len("\t# \n")); comment != "" {
			line += "\t# " + comment
		}
		out.WriteString(line + "\n")
	}
	return out.Bytes(), nil
}

// protocolName returns a keyword as a name that protocols(5) can have, or "" if it cannot.
func protocolName(keyword string) string {
	keyword, _, _ = strings.Cut(keyword, "(")
	name := strings.Join(strings.Fields(keyword), "-")
	if !plainName(name) {
		return ""
	}
	return name
}
