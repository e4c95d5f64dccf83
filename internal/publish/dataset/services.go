package dataset

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/registry/ports"
)

const (
	// servicesLine is the longest line of a services file, in bytes with its end. musl
	// reads into 128 bytes (src/network/lookup_serv.c) and takes what is left of a longer
	// line for a line of its own: a comment could name a service.
	servicesLine = 127

	// servicesName is the longest name, so that its line holds the longest port.
	servicesName = servicesLine - len("\t65535/sctp\n")
)

// alias is how IANA's notes name the service that an entry is an alias or a duplicate of.
var alias = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`This entry is an alias to "([^"]+)"|This is a duplicate of the "([^"]+)" service`)
})

// writeServices writes services(5): a name, port/protocol, aliases, a comment, in ASCII. What the
// registry calls an alias or a duplicate is an alias where its service stands on the same port, and fits;
// every other name has a line of its own, for an alias is another name of the same service. The
// lines of the overlay come first, because readers take the first line with a name, or with a port.
func writeServices(w *writer) error {
	w.show = ascii
	w.heading("# ", servicesLine)
	eachPort(w.addLines(w.namedPorts(limits{ports.Transports(), servicesName, plainName})), func(here []namedPort) {
		for _, l := range serviceLines(here) {
			w.service(l)
		}
	})
	return nil
}

// serviceLine is a named port and the aliases beside it.
type serviceLine struct {
	namedPort
	aliases []*ports.Record
}

// fields are the columns of the line, the comment aside.
func (l *serviceLine) fields() []string {
	out := []string{l.record.ServiceName, l.on()}
	var names []string
	for _, r := range l.aliases {
		names = append(names, r.ServiceName)
	}
	if len(names) > 0 {
		out = append(out, strings.Join(names, " "))
	}
	return out
}

// with returns the line with one more alias, and whether that fits.
func (l *serviceLine) with(r *ports.Record) (serviceLine, bool) {
	more := serviceLine{l.namedPort, append(slices.Clip(l.aliases), r)}
	return more, len(strings.Join(more.fields(), "\t")) < servicesLine
}

// serviceLines returns the lines for the names on one port. What is an alias stands in
// their order after the service it is an alias of, unless that is an alias too.
func serviceLines(here []namedPort) (lines []serviceLine) {
	for _, p := range here {
		of := aliasOf(p.record)
		at := slices.IndexFunc(lines, func(l serviceLine) bool { return of == l.record.ServiceName && aliasOf(l.record) == "" })
		if at >= 0 {
			if more, fits := lines[at].with(p.record); fits {
				lines[at] = more
				continue
			}
		}
		lines = append(lines, serviceLine{namedPort: p})
	}
	return lines
}

// aliasOf returns the service that a record is an alias of, or "".
func aliasOf(r *ports.Record) string {
	if m := alias().FindStringSubmatch(r.AssignmentNotes); m != nil {
		return m[1] + m[2]
	}
	return ""
}

// asciiMarks are the usual replacements of punctuation marks.
var asciiMarks = strings.NewReplacer("\u2018", "'", "\u2019", "'", "\u201c", `"`, "\u201d", `"`, "\u2010", "-", "\u2011", "-", "\u2013", "-", "\u2014", "-")

// ascii returns s in printable ASCII: letters without their accents, the usual marks for those of typography, and any other
// character as [text.Visible] writes one that acts. Readers print comments in whatever encoding they are run in.
func ascii(s string) string {
	s = text.Visible(s)
	if strings.IndexFunc(s, func(r rune) bool { return r > '~' }) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range norm.NFKD.String(asciiMarks.Replace(s)) {
		switch {
		case r <= '~':
			b.WriteRune(r)
		case !unicode.Is(unicode.Mn, r):
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
	}
	return b.String()
}

// service writes a line. The description of an alias is lost unless it is the same.
func (w *writer) service(l serviceLine) {
	for _, r := range l.aliases {
		if r.Description != "" && r.Description != l.record.Description {
			w.lose(r, Comment, "left out: it is an alias on the line of "+l.record.ServiceName)
		}
	}
	w.line(l.record, servicesLine, l.fields()...)
}
