package render

import (
	"fmt"
	"strings"

	"github.com/ianasync/ianasync/internal/lookup"
	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/registry"
)

// Free says whether IANA could assign a port to somebody, and what that means.
func Free(p *lookup.Port) string {
	switch {
	case p.Port == 0:
		return "No. " + Status(p) + " " + noListening
	case p.Range == registry.Dynamic:
		return "Nobody can hold it: " + p.Meaning + ". " + lookup.Advisory
	case p.Free:
		return "Yes. " + Status(p) + " " + lookup.Advisory
	}
	return "No. " + Status(p) + " " + lookup.Advisory
}

// noListening is what is to be said of port 0.
const noListening = "No program can listen on port 0: who asks a system for it gets any port that is free."

// MayUse says what stands against using a port for software of one's own.
func MayUse(p *lookup.Port) string {
	switch {
	case p.Port == 0:
		return noListening
	case p.Range == registry.Dynamic:
		return "Yes, for a while: it is in the range that is left to everyone, and other software may pick the same port at any time."
	case p.Free:
		return "Nothing in the registry stands against it, but it may be assigned to someone else tomorrow. Who ships software to others applies to IANA for a port."
	}
	answer := "Nothing prevents it, but " + expectation(p)
	if p.Range == registry.System {
		answer += " Many systems let only an administrator listen on a port below 1024."
	}
	if free := joined(" and ", number(p.FreeBelow), number(p.FreeAbove)); free != "" {
		answer += " The nearest free: " + free + "."
	}
	return answer
}

// expectation says what others expect of a port that is not free.
func expectation(p *lookup.Port) string {
	status := make(map[registry.Status]bool)
	for _, t := range p.Transports {
		if len(t.Services) > 0 {
			return "others expect the service that the registry names here, and both cannot listen on one port of a machine."
		}
		status[t.Status] = true
	}
	switch {
	case status[registry.Assigned]:
		return "it is in use, if under no service name, and both cannot listen on one port of a machine."
	case status[registry.Reserved]:
		return "it is Reserved: IANA keeps it back from regular assignment."
	}
	return "the registry has no record of it."
}

// mostHolders is how many holders of a port an answer tells of.
const mostHolders = 5

// Since says since when each service holds a port: as its record has it, and as the versions show. It is empty where
// none does.
func Since(p *lookup.Port) string {
	var told []string
	for _, h := range p.Holders() {
		one := text.Visible(h.Service) + on(h.Transports) + " has no registration date"
		if h.Registered.Valid() {
			one = text.Visible(h.Service) + on(h.Transports) + " is registered since " + h.Registered.String()
		}
		switch {
		case p.Past == nil:
		case h.Since != "":
			one += ", and has been seen here since " + Day(h.Since)
		default:
			one += ", and stood here when the record begins, " + Day(p.Past.Begins)
		}
		for _, c := range h.Called {
			one += ", as " + text.Visible(c.Service) + " until " + Day(c.Until)
		}
		told = append(told, one)
	}
	if more := len(told) - mostHolders; more > 0 {
		told = append(told[:mostHolders], fmt.Sprintf("and %d more", more))
	}
	if len(told) == 0 {
		return ""
	}
	return strings.Join(told, "; ") + "."
}

// Earlier says what other service held a port in the versions that there are: "Yes: ncl on tcp and udp, until
// 2019-03-01." A service that was only renamed is no other.
func Earlier(p *lookup.Port) string {
	if others := formerly(p); others != "" {
		return "Yes: " + others + "."
	}
	answer := "No, not since " + Day(p.Past.Begins) + ", when the record begins"
	if names := called(p); names != "" {
		answer += "; " + names
	}
	return answer + "."
}

// formerly names the services that held a port and do no more.
func formerly(p *lookup.Port) string {
	var told []string
	for _, f := range p.Former() {
		told = append(told, text.Visible(f.Service)+on(f.Transports)+", until "+Day(f.Until))
	}
	return strings.Join(told, "; ")
}

// called tells the names that the services of a port had here before: "it was called nvm-express until 2018-03-28".
func called(p *lookup.Port) string {
	var told []string
	holders := p.Holders()
	for _, h := range holders {
		for _, c := range h.Called {
			who := "it"
			if len(holders) > 1 {
				who = text.Visible(h.Service) + on(h.Transports)
			}
			told = append(told, who+" was called "+text.Visible(c.Service)+" until "+Day(c.Until))
		}
	}
	return strings.Join(told, "; ")
}

// on says on which transports: " on tcp and udp".
func on(ts []registry.Transport) string {
	if len(ts) == 0 {
		return ""
	}
	var names []string
	for _, t := range ts {
		names = append(names, text.Visible(string(t)))
	}
	return " on " + and(names)
}
