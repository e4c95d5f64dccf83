package audit

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
)

// longestLine is how many bytes a line may have: services(5) knows no limit, but no entry takes as much.
const longestLine = 1 << 16

// frequency is nmap's third field.
var frequency = regexp.MustCompile(`^[0-9]*\.?[0-9]+$|^[0-9]+/[0-9]+$`)

// lineEnds are those that files of lines have: a CR alone ends a line, too, for whoever reads past it would miss entries.
var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// parseLines reads the forms that have an entry a line.
func parseLines(data []byte) (*List, error) {
	f := &List{}
	number := 0
	for line := range bytes.Lines([]byte(lineEnds.Replace(string(data)))) {
		number++
		if len(line) > longestLine {
			return nil, &ParseError{number, 1, fmt.Sprintf("the line has %d bytes; no entry takes as much", len(line))}
		}
		text, _, _ := strings.Cut(string(bytes.TrimRight(line, "\n")), "#")
		if strings.TrimSpace(text) == "" {
			continue
		}
		if err := f.parseLine(text, number); err != nil {
			return nil, err
		}
	}
	if len(f.Entries) == 0 {
		return nil, &ParseError{Problem: "the file has no entry"}
	}
	if f.Form == "" {
		f.Form = Services
	}
	return f, nil
}

// parseLine reads "name port/protocol …", without its comment.
func (f *List) parseLine(text string, number int) error {
	words := strings.Fields(text)
	if len(words) < 2 {
		return &ParseError{number, columnOf(text, words, 0), "there is a name and no port; is this a list of services?"}
	}
	ports, transports, err := ParsePlace(words[1])
	if err != nil {
		return &ParseError{number, columnOf(text, words, 1), err.Error()}
	}
	aliases, kind := words[2:], Form("")
	first, last, _ := ports.Bounds()
	switch {
	case len(aliases) > 0 && frequency.MatchString(aliases[0]):
		aliases, kind = nil, Nmap
	case len(transports) > 1 || first != last:
		kind = Wireshark
	case len(aliases) > 0:
		kind = Services
	}
	for i, alias := range aliases {
		if _, _, err := ParsePlace(alias); err == nil {
			return &ParseError{number, columnOf(text, words, 2+i), fmt.Sprintf("%.40q is a second port on the line; an entry has one", alias)}
		}
	}
	if !f.become(kind) {
		return &ParseError{number, columnOf(text, words, 1), fmt.Sprintf("this is a line of %s, and those before are of %s", kind, f.Form)}
	}
	for _, t := range transports {
		f.Entries = append(f.Entries, Entry{Name: words[0], Aliases: aliases, Ports: ports, Transport: t, Line: number})
	}
	return nil
}

// columnOf returns the column of a line's word.
func columnOf(text string, words []string, i int) int {
	at := 0
	for _, w := range words[:i] {
		at += strings.Index(text[at:], w) + len(w)
	}
	return 1 + at + strings.Index(text[at:], words[i])
}

// become makes the file one that has a line of the given form, if it can be: all forms have lines of a name
// and a port alone, which are of none, and Wireshark's has those of services(5), too.
func (f *List) become(kind Form) bool {
	switch {
	case kind == "" || f.Form == kind:
	case f.Form == "", f.Form == Services && kind == Wireshark:
		f.Form = kind
	case f.Form == Wireshark && kind == Services:
	default:
		return false
	}
	return true
}
