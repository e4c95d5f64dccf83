package audit

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Allowance is a deliberate difference.
type Allowance struct {
	Name, Place, Reason string
	Line                int
}

// ParseAllowances reads a list of deliberate differences, one a line: a name, a place as findings have it, and why.
//
//	# what we keep on purpose
//	nvm-express  4420/tcp  the old name, for scripts of before 2018
//
// An error has its line.
func ParseAllowances(data []byte) (list []Allowance, err error) {
	number := 0
	for line := range bytes.Lines(data) {
		number++
		text := strings.TrimSpace(string(line))
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		words := strings.Fields(text)
		switch {
		case len(words) < 2 || !strings.Contains(words[1], "/"):
			return nil, fmt.Errorf("line %d: it is to have a name, a port with a protocol, and a reason: %q", number, text)
		case len(words) < 3:
			return nil, fmt.Errorf("line %d: there is no reason for %s on %s", number, words[0], words[1])
		}
		list = append(list, Allowance{words[0], strings.ToLower(words[1]), strings.Join(words[2:], " "), number})
	}
	return list, nil
}

// Allow takes findings that are allowed out of the result. It returns how many, and what allowed nothing.
func (r *Result) Allow(list []Allowance) (allowed int, unused []Allowance) {
	used := make([]bool, len(list))
	r.Findings = slices.DeleteFunc(r.Findings, func(f Finding) bool {
		i := slices.IndexFunc(list, func(a Allowance) bool { return strings.EqualFold(a.Name, f.Name) && a.Place == f.Place() })
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

// Since takes findings out of the result that rest on no change, or on one seen before a time. It does nothing
// for the zero time.
func (r *Result) Since(t time.Time) {
	if t.IsZero() {
		return
	}
	r.Findings = slices.DeleteFunc(r.Findings, func(f Finding) bool { return f.Event == nil || f.Event.Version.Seen().Before(t) })
}
