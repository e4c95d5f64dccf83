package audit

import (
	"regexp"
	"strings"
	"sync"

	"github.com/ianasync/ianasync/registry/ports"
)

// longestLine is the most bytes of a line: services(5) has no limit, but no entry takes as much.
const longestLine = 1 << 16

// tshark is the form of what "tshark -G services" prints: name, port, transports and description between tabs. To its
// reader it is Wireshark's, too.
const tshark Form = "tshark"

var (
	frequency   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[0-9]*\.?[0-9]+$|^[0-9]+/[0-9]+$`) }) // nmap's third word
	bareNumber  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[0-9]+(-[0-9]+)?$`) })
	serviceType = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)^(?:[^.\s]+\.)*_([a-z0-9-]+)\._(tcp|udp|sctp|dccp)(?:\.[^\s:]*)?$`)
	})
	lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")
)

// line is a line of a file that has an entry on each.
type line struct {
	number int
	text   string   // without its end
	words  []string // of the text before any comment
	tabbed []string // the cells of a line of tshark's; nil for any other line
}

// parseLines parses the forms that have an entry on each line: services(5), nmap's, Wireshark's two, and service types.
// The form is the one that most lines show.
func parseLines(data []byte) (*List, error) {
	f := &List{}
	var lines []line
	number := 0
	for text := range strings.SplitSeq(lineEnds.Replace(string(data)), "\n") {
		number++
		if len(text) > longestLine {
			f.fail(cell{line: number, column: 1}, "the line has %d bytes; no entry takes as much", len(text))
		} else if l := newLine(number, text); len(l.words) > 0 {
			lines = append(lines, l)
		}
	}
	f.Form = formOf(lines)
	parse := f.parseLine
	if f.Form == tshark {
		f.Form, parse = Wireshark, f.parseTshark
	}
	for i := range lines {
		parse(&lines[i])
	}
	return f.done()
}

func newLine(number int, text string) line {
	l := line{number: number, text: text}
	before, _, _ := strings.Cut(text, "#")
	l.words = strings.Fields(before)
	if len(l.words) > 0 && strings.Count(text, "\t") >= 2 {
		cells := strings.SplitN(text, "\t", 4)
		if bareNumber().MatchString(cells[1]) && cells[2] != "" {
			l.tabbed = cells
		}
	}
	return l
}

// formOf returns the form that most lines show. Lines of a name and a port alone are of several forms and show none.
func formOf(lines []line) Form {
	count := make(map[Form]int)
	for i := range lines {
		count[lines[i].form()]++
	}
	best, most := Services, count[Services]+count[Wireshark] // Wireshark's file may have lines of services(5)
	if count[Wireshark] > 0 {
		best = Wireshark
	}
	for _, form := range []Form{Nmap, tshark, DNSSD} {
		if count[form] > most {
			best, most = form, count[form]
		}
	}
	return best
}

// form returns the form that a line shows, or "" where it shows none.
func (l *line) form() Form {
	if l.tabbed != nil {
		return tshark
	}
	if _, _, ok := l.serviceType(); ok {
		return DNSSD
	}
	if len(l.words) < 2 {
		return ""
	}
	numbers, transports, err := ParsePlace(l.words[1])
	if err != nil {
		return ""
	}
	return l.formAt(numbers, transports)
}

// formAt returns the form that a line shows by what it has at its place, and after it.
func (l *line) formAt(numbers ports.Ports, transports []ports.Transport) Form {
	first, last, _ := numbers.Bounds()
	switch {
	case len(l.words) > 2 && frequency().MatchString(l.words[2]):
		return Nmap
	case len(transports) > 1 || first != last:
		return Wireshark
	case len(l.words) > 2:
		return Services
	}
	return ""
}

// parseLine parses "name port/protocol …", a line of services(5), nmap's or Wireshark's file, or a line that begins with a
// service type, in any file: "_http._tcp", "_http._tcp: web pages".
func (f *List) parseLine(l *line) {
	if service, transport, ok := l.serviceType(); ok {
		f.read++
		f.Entries = append(f.Entries, Entry{Name: service, Transport: transport, Line: l.number})
		return
	}
	if len(l.words) < 2 {
		f.fail(l.word(0), "there is a name and no port; a name without a port is written as _http._tcp")
		return
	}
	numbers, transports, err := ParsePlace(l.words[1])
	if err != nil {
		f.fail(l.word(1), "%v", err)
		return
	}
	form, aliases := l.formAt(numbers, transports), l.words[2:]
	if form != "" && (form == Nmap) != (f.Form == Nmap) {
		f.fail(l.word(1), "this is a line of %s in a file of %s", form, f.Form)
		return
	}
	if form == Nmap {
		aliases = nil
	}
	for i, alias := range aliases {
		if _, _, err := ParsePlace(alias); err == nil {
			f.fail(l.word(2+i), "%.40q is a second port on the line; an entry has one", alias)
			return
		}
	}
	f.read++
	for _, t := range transports {
		f.Entries = append(f.Entries, Entry{Name: l.words[0], Aliases: aliases, Ports: numbers, Transport: t, Line: l.number})
	}
}

// parseTshark parses a line of what "tshark -G services" prints.
func (f *List) parseTshark(l *line) {
	if l.tabbed == nil {
		f.fail(l.word(0), "this is not a name, a port and a protocol between tabs, as 'tshark -G services' prints them")
		return
	}
	at := func(i, column int) cell { return cell{l.tabbed[i], l.number, column} }
	f.add(&row{at(0, 1), at(1, len(l.tabbed[0])+2), at(2, len(l.tabbed[0])+len(l.tabbed[1])+3)})
}

func (l *line) serviceType() (service string, t ports.Transport, ok bool) {
	if !strings.HasPrefix(l.words[0], "_") {
		return "", "", false
	}
	first, _, _ := strings.Cut(l.words[0], ":")
	return parseServiceType(first)
}

// parseServiceType parses the name of a service as DNS-SD writes it (RFC 6763, section 7): "_http._tcp", also with a
// subtype before it or a domain after it.
func parseServiceType(text string) (service string, t ports.Transport, ok bool) {
	m := serviceType().FindStringSubmatch(text)
	if m == nil {
		return "", "", false
	}
	return m[1], ports.Transport(strings.ToLower(m[2])), true
}

// word returns a word of a line and where it is.
func (l *line) word(i int) cell {
	at := 0
	for _, w := range l.words[:i] {
		at += strings.Index(l.text[at:], w) + len(w)
	}
	at += strings.Index(l.text[at:], l.words[i])
	return cell{l.words[i], l.number, 1 + at}
}
