package audit

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ianasync/ianasync/registry"
)

// Allowance is a deliberate difference.
type Allowance struct {
	Name, Place, Reason string
	Line                int

	ports      registry.Ports
	transports []registry.Transport
}

// ParseAllowances reads a list of deliberate differences, one a line: a name, which may have blanks, a place, and why.
//
//	# what we keep on purpose
//	nvm-express  4420/tcp  the old name, for scripts of before 2018
//
// An error has its line.
func ParseAllowances(data []byte) (list []Allowance, err error) {
	number := 0
	for line := range bytes.Lines(bytes.TrimPrefix(data, []byte("\ufeff"))) {
		number++
		text := strings.TrimSpace(string(line))
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		a, err := parseAllowance(strings.Fields(text))
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		a.Line = number
		list = append(list, a)
	}
	return list, nil
}

// parseAllowance reads a line: its first word that is a place ends the name.
func parseAllowance(words []string) (a Allowance, err error) {
	at := slices.IndexFunc(words, func(word string) bool { _, _, err := ParsePlace(word); return err == nil })
	if at < 1 {
		return a, fmt.Errorf("it is to have a name, a port with a protocol, and a reason: %q", strings.Join(words, " "))
	}
	a = Allowance{Name: strings.Join(words[:at], " "), Place: words[at], Reason: strings.Join(words[at+1:], " ")}
	if a.Reason == "" {
		return a, fmt.Errorf("there is no reason for %s on %s", a.Name, a.Place)
	}
	a.ports, a.transports, err = ParsePlace(a.Place)
	return a, err
}

// allows tells whether a finding is the one that is meant, however its name and its port are written.
func (a *Allowance) allows(f *Finding) bool {
	first, last, _ := a.ports.Bounds()
	from, to, _ := f.Ports.Bounds()
	return strings.EqualFold(a.Name, f.Name) && first == from && last == to && slices.Contains(a.transports, f.Transport)
}

// Allow takes findings that are allowed out of the result. It returns how many, and what allowed nothing.
func (r *Result) Allow(list []Allowance) (allowed int, unused []Allowance) {
	used := make([]bool, len(list))
	r.Findings = slices.DeleteFunc(r.Findings, func(f Finding) bool {
		i := slices.IndexFunc(list, func(a Allowance) bool { return a.allows(&f) })
		if i >= 0 {
			used[i] = true
			allowed++
		}
		return i >= 0
	})
	for i := range list {
		if !used[i] {
			unused = append(unused, list[i])
		}
	}
	return allowed, unused
}

// Since takes findings out of the result that rest on no change, or on one whose version was seen before a time. It
// does nothing for the zero time.
func (r *Result) Since(t time.Time) {
	if t.IsZero() {
		return
	}
	r.Findings = slices.DeleteFunc(r.Findings, func(f Finding) bool { return f.Event == nil || f.Event.Version.Seen().Before(t) })
}
