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
		list = append(list, question{fmt.Sprintf("Was port %d ever another service’s?", f.Port), wasOther(f.Past)})
	}
	return list
}

func isFree(f *facts.Port) string {
	if f.Range == registry.Dynamic {
		return "Nobody can hold it: " + f.Meaning + ". " + facts.Advisory
	}
	return report.Status(f) + " " + facts.Advisory
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

// holders says since when each service holds the port, as far as the records have it.
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
		if one := report.Visible(r.ServiceName) + " " + since; !slices.Contains(told, one) && len(told) < 5 {
			told = append(told, one)
		}
	}
	if len(told) == 0 {
		return ""
	}
	return strings.Join(told, "; ") + "."
}

// wasOther says whether another service held the port in the versions that there are.
func wasOther(past *facts.Past) string {
	var names []string
	for _, e := range past.Events {
		for _, c := range e.Changes {
			was := c.Was
			if c.Kind == diff.Deassigned || c.Kind == diff.Moved {
				was = c.Service
			}
			if was != "" && !slices.Contains(names, was) {
				names = append(names, was)
			}
		}
	}
	since := "since " + report.Day(past.Begins) + ", when the record begins"
	if len(names) == 0 {
		return "Not " + since + "."
	}
	return "Names that stood here before, " + since + ": " + report.Visible(strings.Join(names, ", ")) + "."
}
