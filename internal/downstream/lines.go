package downstream

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
)

// longestLine is how many bytes a line may have: services(5) knows no limit, but no entry takes as much.
const longestLine = 1 << 16

// frequency is nmap's third field.
var frequency = regexp.MustCompile(`^[0-9]*\.[0-9]+$|^[0-9]+/[0-9]+$`)

// parseLines reads the forms that have an entry a line.
func parseLines(data []byte) (*File, error) {
	f := &File{}
	number := 0
	for line := range bytes.Lines(data) {
		number++
		if len(line) > longestLine {
			return nil, &Error{number, 1, fmt.Sprintf("the line has %d bytes; no entry takes as much", len(line))}
		}
		text, _, _ := strings.Cut(string(bytes.TrimRight(line, "\r\n")), "#")
		if strings.TrimSpace(text) == "" {
			continue
		}
		if err := f.parseLine(text, number); err != nil {
			return nil, err
		}
	}
	if len(f.Entries) == 0 {
		return nil, &Error{Problem: "the file has no entry"}
	}
	return f, nil
}

// parseLine reads "name port/protocol …", without its comment.
func (f *File) parseLine(text string, number int) error {
	words := strings.Fields(text)
	if len(words) < 2 {
		return &Error{number, 1 + strings.Index(text, words[0]), "there is a name and no port; is this a list of services?"}
	}
	column := 1 + strings.Index(text, words[0]) + len(words[0])
	column += strings.Index(text[column-1:], words[1])
	ports, transports, err := parsePlace(words[1], number, column)
	if err != nil {
		return err
	}
	aliases, kind := words[2:], Services
	first, last, _ := ports.Bounds()
	switch {
	case len(aliases) > 0 && frequency.MatchString(aliases[0]):
		aliases, kind = nil, Nmap
	case len(transports) > 1 || first != last:
		kind = Wireshark
	}
	if !f.become(kind) {
		return &Error{number, column, fmt.Sprintf("this is a line of %s, and those before are of %s", kind, f.Kind)}
	}
	for _, t := range transports {
		f.Entries = append(f.Entries, Entry{Name: words[0], Aliases: aliases, Ports: ports, Transport: t, Line: number})
	}
	return nil
}

// become makes the file one that has a line of the given form, if it can be: Wireshark's form has lines of
// services(5), too.
func (f *File) become(kind Kind) bool {
	switch {
	case f.Kind == "" || f.Kind == kind:
		f.Kind = kind
	case f.Kind == Services && kind == Wireshark:
		f.Kind = Wireshark
	case f.Kind == Wireshark && kind == Services:
	default:
		return false
	}
	return true
}
