package render

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/lookup"
	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/registry/ports"
)

// Free answers whether IANA could assign a port, and gives the port's status.
func Free(p *lookup.Port) string {
	answer := "No. " + Status(p)
	switch {
	case p.Port == 0:
		return answer + " " + noListening
	case p.Range == ports.Dynamic:
		answer = "Nobody can hold it: " + p.Meaning + "."
	case p.Free:
		answer = "Yes: Unassigned on every transport, and nothing is said against it."
	}
	return answer + " " + lookup.Advisory
}

// noListening is what has to be said of port 0.
const noListening = "No program can listen on port 0: a system that is asked for it assigns any port that is free."

// MayUse answers whether a port suits software of one's own.
func MayUse(p *lookup.Port) string {
	switch {
	case p.Port == 0:
		return noListening
	case p.Range == ports.Dynamic:
		return "Yes, temporarily: anyone may use a port of this range, and other software may pick the same one at any time."
	case p.Free:
		return "Nothing in the registry speaks against it, but it may be assigned to someone else at any time. If you ship software to others, apply to IANA for a port."
	}
	answer := "Nothing prevents it, but " + expectation(p)
	if p.Range == ports.System {
		answer += " Many systems let only an administrator listen on a port below 1024."
	}
	switch free := joined(" and ", number(p.FreeBelow), number(p.FreeAbove)); {
	case p.FreeBelow != nil && p.FreeAbove != nil:
		answer += " The nearest free ports are " + free + "."
	case free != "":
		answer += " The nearest free port is " + free + "."
	}
	return answer
}

// expectation returns what others expect of a port that is not free.
func expectation(p *lookup.Port) string {
	status := make(map[ports.Status]bool)
	for _, t := range p.Transports {
		if len(t.Services) > 0 {
			return "others expect the service that the registry names here, and two programs cannot listen on one port of a machine."
		}
		status[t.Status] = true
	}
	switch {
	case status[ports.Assigned]:
		return "it is in use, without a service name, and two programs cannot listen on one port of a machine."
	case status[ports.Reserved]:
		return "it is Reserved: IANA keeps it from regular assignment."
	case len(Warnings(p)) > 0:
		return "others use it without an assignment, and two programs cannot listen on one port of a machine."
	}
	return "the registry has no entry for it."
}

// Warnings quotes what the registry says against using a port that is Unassigned.
func Warnings(p *lookup.Port) (quotes []string) {
	for _, r := range p.Remarks {
		if q := plain.quote(r.Text); !slices.Contains(quotes, q) {
			quotes = append(quotes, q)
		}
	}
	return quotes
}

// Unexplained lists the services on a port of which the registry has a name alone. It is empty where there is none.
func Unexplained(p *lookup.Port) string {
	var names []string
	described := false
	for i := range p.Records {
		if r := &p.Records[i]; r.Silent {
			if name := text.Visible(r.Record.ServiceName); !slices.Contains(names, name) {
				names = append(names, name)
			}
			described = described || r.Record.Description != ""
		}
	}
	if len(names) == 0 {
		return ""
	}
	lacks := "no date, no reference and no description"
	if described {
		lacks = "no date and no reference, and its description only repeats the name"
	}
	return "The registry does not say what " + and(names) + " stands for: the entry has " + lacks + ". Such an entry says little about whether anything uses the port."
}

// mostHolders is how many holders of a port an answer names.
const mostHolders = 5

// Since answers since when each service holds a port: by its record, and by our history. It returns nothing where there is
// no service.
func Since(p *lookup.Port) string {
	var parts []string
	for _, h := range holders(p) {
		parts = append(parts, since(p, &h))
	}
	if more := len(parts) - mostHolders; more > 0 {
		parts = append(parts[:mostHolders], fmt.Sprintf("and %d more", more))
	}
	if len(parts) == 0 {
		return ""
	}
	return strings.Join(parts, "; ") + "."
}

// holders returns the holders of a port in the order of their transports.
func holders(p *lookup.Port) []lookup.Holder {
	list := p.Holders()
	first := func(h *lookup.Holder) string {
		if len(h.Transports) == 0 {
			return ""
		}
		return string(h.Transports[0])
	}
	slices.SortStableFunc(list, func(a, b lookup.Holder) int { return byTransport(first(&a), first(&b)) })
	return list
}

// since returns since when a service holds a port. Its registration date may be that of an earlier name, or of the service in
// whose place it stands: then it is not said to be registered since that.
func since(p *lookup.Port, h *lookup.Holder) string {
	s := text.Visible(h.Service) + on(h.Transports)
	switch {
	case len(h.Called) > 0:
		var names []string
		for _, c := range h.Called {
			names = append(names, text.Visible(c.Service))
		}
		s += " has this name since " + dayOf(p, h.Called[0].Until) + " (" + and(names) + " before)"
		if h.Registered.Valid() {
			s += ", has the registration date " + h.Registered.String()
		}
	case h.Registered.Valid() && inherited(p, h):
		s += " has the registration date " + h.Registered.String()
	case h.Registered.Valid():
		s += " is registered since " + h.Registered.String()
	default:
		s += " has no registration date"
	}
	switch {
	case p.Past == nil:
	case h.Since != "":
		s += ", and stands here since " + dayOf(p, h.Since)
	default:
		s += ", and stood here when our history begins, " + Day(p.Past.Begins)
	}
	return s
}

// inherited reports whether a service has the registration date of the one in whose place it came to a port.
func inherited(p *lookup.Port, h *lookup.Holder) bool {
	e := eventOf(p, h.Since)
	return e != nil && slices.ContainsFunc(e.Changes, func(c diff.Change) bool {
		return c.Kind == diff.Reused && c.Name == h.Service && !changed(&c, "registration_date")
	})
}

// dayOf returns the day of a version in the past of a port, or between which days its changes were made: see [Between].
func dayOf(p *lookup.Port, id string) string {
	if e := eventOf(p, id); e != nil {
		if between := Between(e); between != "" {
			return "some day " + between
		}
	}
	return Day(id)
}

// eventOf returns the event of a version in the past of a port, or nil.
func eventOf(p *lookup.Port, id string) *history.Event {
	if p.Past == nil {
		return nil
	}
	if i := slices.IndexFunc(p.Past.Events, func(e history.Event) bool { return e.Version.ID == id }); i >= 0 {
		return &p.Past.Events[i]
	}
	return nil
}

// Earlier answers whether another service held a port before: "Yes: ncl on tcp and udp, until 2019-03-01." A service that
// was renamed is not another.
func Earlier(p *lookup.Port) string {
	if others := formerly(p); others != "" {
		return "Yes: " + others + "."
	}
	answer := "Not since our history begins, " + Day(p.Past.Begins)
	if names := called(p); names != "" {
		answer += "; " + names
	}
	return answer + "."
}

// formerly lists the services that held a port and no longer do.
func formerly(p *lookup.Port) string {
	var parts []string
	for _, f := range p.Former() {
		parts = append(parts, text.Visible(f.Service)+on(f.Transports)+", until "+dayOf(p, f.Until))
	}
	return strings.Join(parts, "; ")
}

// called lists the earlier names of a port's services: "it was called nvm-express until 2018-03-28".
func called(p *lookup.Port) string {
	var parts []string
	list := holders(p)
	for _, h := range list {
		for _, c := range h.Called {
			who := "it"
			if len(list) > 1 {
				who = text.Visible(h.Service) + on(h.Transports)
			}
			parts = append(parts, who+" was called "+text.Visible(c.Service)+" until "+dayOf(p, c.Until))
		}
	}
	return strings.Join(parts, "; ")
}

// on names transports: " on tcp and udp".
func on(ts []ports.Transport) string {
	if len(ts) == 0 {
		return ""
	}
	var names []string
	for _, t := range ts {
		names = append(names, text.Visible(string(t)))
	}
	return " on " + and(names)
}
