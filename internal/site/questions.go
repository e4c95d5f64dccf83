package site

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/facts"
	"github.com/ianasync/ianasync/internal/report"
	"github.com/ianasync/ianasync/registry"
)

// question is one that people ask of a port, and what the data answers.
type question struct{ Ask, Answer string }

// questions are those that the data has an answer to.
func (s *site) questions(f *facts.Port) []question {
	list := []question{
		{fmt.Sprintf("Is port %d free?", f.Port), isFree(f)},
		{fmt.Sprintf("May I use port %d for software of my own?", f.Port), mayUse(f)},
	}
	if since := holders(f); since != "" {
		list = append(list, question{fmt.Sprintf("Since when is port %d assigned?", f.Port), since})
	}
	if f.Past != nil {
		list = append(list, question{fmt.Sprintf("Was port %d ever another service’s?", f.Port), wasOther(f)})
	}
	return list
}

func isFree(f *facts.Port) string {
	if f.Range == registry.Dynamic {
		return "Nobody can hold it: " + f.Meaning + ". " + facts.Advisory
	}
	answer := "No. "
	if f.Free {
		answer = "Yes. "
	}
	return answer + report.Status(f) + " " + facts.Advisory
}

func mayUse(f *facts.Port) string {
	switch {
	case f.Range == registry.Dynamic:
		return "Yes, for a while: it is in the range that is left to everyone, and other software may pick the same port at any time."
	case f.Free:
		return "Nothing in the registry stands against it, but it may be assigned to someone else tomorrow. Who ships software to others applies to IANA for a port."
	case f.Range == registry.System:
		return "Nothing prevents it, but others expect the service that the registry names here, and many systems let only an administrator listen on a port below 1024." + instead(f)
	}
	return "Nothing prevents it, but others expect what the registry names here, and both cannot listen on one port of a machine." + instead(f)
}

// instead names the nearest free ports.
func instead(f *facts.Port) string {
	var free []string
	for _, n := range []*uint16{f.FreeBelow, f.FreeAbove} {
		if n != nil {
			free = append(free, fmt.Sprint(*n))
		}
	}
	if len(free) == 0 {
		return ""
	}
	return " The nearest free: " + strings.Join(free, " and ") + "."
}

// holders says since when each service holds the port: as the records have it, and as the versions show.
func holders(f *facts.Port) string {
	var told []string
	for i := range f.Records {
		r := &f.Records[i].Record
		if r.ServiceName == "" {
			continue
		}
		since := "has no registration date"
		if d := r.RegistrationDate; d.Valid() {
			since = "is registered since " + d.String()
		}
		if one := report.Visible(r.ServiceName) + " " + since + seenSince(f.Past, r.ServiceName); !slices.Contains(told, one) && len(told) < 5 {
			told = append(told, one)
		}
	}
	if len(told) == 0 {
		return ""
	}
	return strings.Join(told, "; ") + "."
}

// seenSince says since which version a service has stood on a port, of the versions that there are.
func seenSince(past *facts.Past, name string) string {
	if past == nil {
		return ""
	}
	for _, e := range past.Events { // newest first
		for _, c := range e.Changes {
			if c.Service == name && (c.Was != "" || c.Kind == diff.Assigned || c.Kind == diff.Moved) {
				return ", and has been seen here since " + report.Day(e.Version.ID)
			}
		}
	}
	return ", and stood here when the record begins, " + report.Day(past.Begins)
}

// wasOther says whether another service held the port in the versions that there are.
func wasOther(f *facts.Port) string {
	var names []string
	for _, e := range f.Past.Events {
		for _, c := range e.Changes {
			was := c.Was
			if c.Kind == diff.Deassigned || c.Kind == diff.Moved {
				was = c.Service
			}
			if was != "" && !slices.Contains(names, was) && !holds(f, was) {
				names = append(names, was)
			}
		}
	}
	begins := report.Day(f.Past.Begins)
	if len(names) == 0 {
		return "Not since " + begins + ", when the record begins."
	}
	return "Yes, on record since " + begins + ": " + report.Visible(strings.Join(names, ", ")) + "."
}

// holds tells whether a service holds the port now.
func holds(f *facts.Port, name string) bool {
	return slices.ContainsFunc(f.Transports, func(t facts.Transport) bool { return slices.Contains(t.Services, name) })
}
