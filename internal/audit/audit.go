// Package audit holds what others made of the registry against it: which entries of a file the registry has
// since renamed, given to another service, moved or dropped, and when; which it never had so; which edition
// the file corresponds to best.
//
// An entry agrees with the registry where one of the records on its port and transport has its name, whatever the
// letter case; aliases are the file's own business. Where it does not agree, the history of the port tells
// why: the last change that took the name away from it is the finding, with what became of the service after that,
// for it may have left its next name or port, too. A return to an older edition takes away what it undoes. Where
// nothing did, and the registry has another name there, the two are in conflict. Where the registry has no name
// there at all, the entry is the file's own, which is no finding: files may know more than the registry. So
// is an entry named "unknown", which is how nmap's file says that a port was seen in use.
package audit

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/registry"
)

// Kind says what is the matter with an entry.
type Kind string

// The kinds of findings, in the order in which they are told. They say how it is now, whatever came between.
const (
	Reused     Kind = "reused"     // the port has another service now
	Deassigned Kind = "deassigned" // the service is gone, and the port has none
	Renamed    Kind = "renamed"    // the service has another name now
	Moved      Kind = "moved"      // the service is elsewhere now
	Conflict   Kind = "conflict"   // the registry has another name there, and never had this one as far as the record goes
	Lacking    Kind = "lacking"    // the registry has a name on a port of which the file says nothing
	Unreadable Kind = "unreadable" // the line cannot be read
)

// Kinds are all kinds in the order in which they are told.
var Kinds = [...]Kind{Unreadable, Reused, Deassigned, Renamed, Moved, Conflict, Lacking}

// Finding is an entry that does not agree with the registry, or a line that cannot be read.
type Finding struct {
	Kind      Kind
	Name      string             // in the file; in the registry for Lacking; none for Unreadable
	Ports     registry.Ports     // likewise; none for a service type
	Transport registry.Transport // likewise; none where the file states none
	Line      int                // in the file; 0 where there is none
	Column    int                // of what cannot be read, in bytes from 1; 0 for all other kinds
	Problem   string             // with it
	Now       []string           // the names that the registry has there
	Event     *history.Event     // what made the entry wrong, that change alone; of Lacking what made it right; nil where there is none
	Later     []history.Event    // what came after, a change each, where the end is not that of Event
	Status    registry.Status    // that the newest table gives the port which the service had last
}

// Place returns the finding's ports and transport: "4420/tcp", "4420" where the file states no transport, "" where there
// is no port.
func (f *Finding) Place() string { return placeOf(f.Ports, f.Transport) }

// Result is what came of an audit.
type Result struct {
	Findings []Finding // by kind, then in the file's order
	Agree    int       // entries that agree with the newest version
	Own      int       // entries of the file's own
	Lacking  int       // records of the registry on ports of which the file says nothing, by transport
	Best     Match
}

// Match is the editions to which a file corresponds best, one after the other; none where not an entry agrees with any.
type Match struct {
	From, To string // ids of the first and the last version
	Agree    int    // how many entries agree with these, other than by aliases
}

// Compare holds a file against the newest table and the past that led to it. Records that the file lacks
// are findings only if that is asked for.
func Compare(f *List, t *registry.Table, past *history.Past, lacking bool) (*Result, error) {
	index, err := past.Index()
	if err != nil {
		return nil, err
	}
	a := &auditor{file: f, table: t, index: index, places: placesOf(f, t), result: &Result{}}
	for i := range f.Unreadable {
		u := &f.Unreadable[i]
		a.result.Findings = append(a.result.Findings, Finding{Kind: Unreadable, Line: u.Line, Column: u.Column, Problem: u.Problem})
	}
	for i := range f.Entries {
		a.entry(&f.Entries[i])
	}
	a.lacking(lacking)
	slices.SortStableFunc(a.result.Findings, func(x, y Finding) int { return rank(x.Kind) - rank(y.Kind) })
	a.result.Best, err = a.best(past)
	return a.result, err
}

func rank(k Kind) int { return slices.Index(Kinds[:], k) }

// auditor is an audit under way.
type auditor struct {
	file   *List
	table  *registry.Table
	index  *history.Index
	places places
	result *Result
}

// entry compares an entry with the registry. Of a range, its first port speaks for all. Where the file states no
// transport, the entry agrees if it does on tcp or on udp, and is one finding if it does on neither.
func (a *auditor) entry(e *Entry) {
	at := placesIn(e)
	if slices.ContainsFunc(at, func(p place) bool { return a.agrees(e, p) }) {
		a.result.Agree++
		return
	}
	f := Finding{Name: e.Name, Ports: e.Ports, Transport: e.Transport, Line: e.Line}
	for _, p := range at {
		if story := a.story(p, e.Name); len(story) > 0 {
			f.Now = names(a.at(p, e.Name))
			f.Kind, f.Status = kindOf(story, f.Now), a.status(&story[len(story)-1].Changes[0], p.transport)
			f.Event, f.Later = &story[0], append(story[1:], a.came(p, story, f.Now)...)
			a.result.Findings = append(a.result.Findings, f)
			return
		}
	}
	for _, p := range at {
		if f.Now = names(a.at(p, e.Name)); len(f.Now) > 0 && e.Name != "unknown" {
			f.Kind = Conflict
			a.result.Findings = append(a.result.Findings, f)
			return
		}
	}
	a.result.Own++
}

// placesIn returns where an entry may agree with the registry. A service type has no port; its _udp stands for every
// transport but tcp (RFC 6763, section 7).
func placesIn(e *Entry) (list []place) {
	port, _, ok := e.Ports.Bounds()
	transports := []registry.Transport{e.Transport}
	switch {
	case e.Transport == "":
		transports = []registry.Transport{registry.TCP, registry.UDP}
	case !ok && e.Transport == registry.UDP:
		transports = []registry.Transport{registry.UDP, registry.SCTP, registry.DCCP}
	}
	for _, t := range transports {
		list = append(list, place{port: port, transport: t, anywhere: !ok})
	}
	return list
}

// at returns the records at a place: those of a name where it is anywhere.
func (a *auditor) at(p place, name string) []registry.Record {
	if p.anywhere {
		return slices.DeleteFunc(a.table.Service(name), func(r registry.Record) bool { return !p.has(&r) })
	}
	return a.table.Port(p.port, p.transport)
}

// agrees reports whether one of the records at a place has the name of an entry, one of its aliases, or a name that the
// entry's is numbered from.
func (a *auditor) agrees(e *Entry, p place) bool {
	return slices.ContainsFunc(a.at(p, e.Name), func(r registry.Record) bool {
		return r.ServiceName != "" && (same(r.ServiceName, e.Name) || isNumbered(&r, p.port, e.Name) ||
			slices.ContainsFunc(e.Aliases, func(alias string) bool { return same(r.ServiceName, alias) }))
	})
}

// isNumbered reports whether a name is that of a record with a range of ports, and the number of a port in it: x11-1 on
// port 6001 of x11's 6000-6063. The number counts from 0, from 1, or is the port itself.
func isNumbered(r *registry.Record, port uint16, name string) bool {
	first, last, _ := r.Ports.Bounds()
	n := len(r.ServiceName)
	if first == last || len(name) <= n || !strings.EqualFold(name[:n], r.ServiceName) {
		return false
	}
	number, err := strconv.Atoi(strings.TrimLeft(name[n:], "-_:."))
	offset := int(port) - int(first)
	return err == nil && (number == offset || number == offset+1 || number == int(port))
}

// names are those of records.
func names(records []registry.Record) (names []string) {
	for i := range records {
		if n := records[i].ServiceName; n != "" && !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	return names
}

// same tells whether a file's name is one of the registry's.
func same(registered, name string) bool {
	return slices.Contains(written(registered), strings.ToLower(name))
}

// longestName is how many letters a name has at most by RFC 6335, section 5.1. Some files cut longer ones: Wireshark's
// has Apple-Remote-De.
const longestName = 15

// written returns in lower case all that a file may write for a name of the registry: where that has blanks, also with
// hyphens instead, and cut at one, or after as many letters as a name may have.
func written(registered string) []string {
	list := []string{strings.ToLower(registered)}
	if strings.Contains(registered, " ") {
		words := strings.Fields(list[0])
		for n := range words {
			list = append(list, strings.Join(words[:n+1], "-"))
		}
		whole := list[len(words)]
		list = append(list, whole[:min(longestName, len(whole))])
	}
	return list
}

// lacking counts the named records on whose ports the file has nothing, on a transport of which it has
// something at all; as findings, if that is asked for.
func (a *auditor) lacking(tell bool) {
	for i := range a.table.Records {
		r := &a.table.Records[i]
		first, _, ok := r.Ports.Bounds()
		if !ok || r.ServiceName == "" {
			continue
		}
		for _, t := range Transports(r) {
			if !a.places.has(t) || a.places.any(r.Ports, t) {
				continue
			}
			a.result.Lacking++
			if tell {
				f := Finding{Kind: Lacking, Name: r.ServiceName, Ports: r.Ports, Transport: t, Now: []string{r.ServiceName}}
				f.Event = a.given(place{port: first, transport: t}, r.ServiceName)
				a.result.Findings = append(a.result.Findings, f)
			}
		}
	}
}
