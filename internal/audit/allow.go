package audit

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ianasync/ianasync/registry/ports"
)

// Allowance is a deliberate difference.
type Allowance struct {
	Name   string
	Place  string // "4420/tcp"; "_http._tcp" for a service type, which has no port
	Reason string
	Line   int

	ports      ports.Ports // none for a service type
	transports []ports.Transport
}

// ParseAllowances parses a list of deliberate differences, one on each line: a name, which may have blanks, a port with a
// protocol, and the reason. A service type stands for a name without a port.
//
//	# what we keep on purpose
//	nvm-express  4420/tcp  the old name, for scripts of before 2018
//	_workstation._tcp  announced by old hosts
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

// parseAllowance parses a line: its first word that is a place ends the name.
func parseAllowance(words []string) (a Allowance, err error) {
	at := slices.IndexFunc(words, func(word string) bool { _, _, err := ParsePlace(word); return err == nil })
	if service, t, ok := parseServiceType(words[0]); ok {
		at = 0
		a = Allowance{Name: service, transports: []ports.Transport{t}}
	} else if at < 1 {
		return a, fmt.Errorf("a line has a name, a port with a protocol, and a reason: %q", strings.Join(words, " "))
	} else {
		a.Name = strings.Join(words[:at], " ")
		a.ports, a.transports, err = ParsePlace(words[at])
	}
	a.Place, a.Reason = words[at], strings.Join(words[at+1:], " ")
	if err == nil && a.Reason == "" {
		err = fmt.Errorf("%s on %s lacks a reason", a.Name, a.Place)
	}
	return a, err
}

// allows reports whether a finding is the one that is meant, however its name and its port are written. A finding without
// a transport is allowed on tcp or on udp.
func (a *Allowance) allows(f *Finding) bool {
	first, last, hasPort := a.ports.Bounds()
	from, to, ok := f.Ports.Bounds()
	on := slices.Contains(a.transports, f.Transport) ||
		f.Transport == "" && (slices.Contains(a.transports, ports.TCP) || slices.Contains(a.transports, ports.UDP))
	return f.Kind != Unreadable && strings.EqualFold(a.Name, f.Name) && hasPort == ok && first == from && last == to && on
}

// Allow removes the findings that are allowed from the result. It returns their number, and the allowances that allowed
// nothing.
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

// Since removes the findings from the result that rest on no change, or on one whose version was seen before a time. It
// keeps what cannot be read, and is a no-op for the zero time.
func (r *Result) Since(t time.Time) {
	if t.IsZero() {
		return
	}
	r.Findings = slices.DeleteFunc(r.Findings, func(f Finding) bool {
		return f.Kind != Unreadable && (f.Event == nil || f.Event.Version.Seen().Before(t))
	})
}
