// Package audit compares a file that was derived from the registry with the registry and its history: which entries the
// registry has since renamed, given to another service, moved or dropped, and when; which contradict it; and to which
// versions the file corresponds best.
//
// An entry agrees with the registry if one of the records on its port and transport has its name or one of its aliases,
// whatever the letter case. If it does not agree, the finding is the last change that removed the name from the port, and
// the changes of the service after that, which may have lost its next name or port, too. A return to an older edition
// removes what it undoes. If no change removed the name, and the registry has another name on the port, the two are in
// conflict. If the registry has no name there at all, the entry is the file's own, which is not a finding: files may have
// more than the registry. Neither is an entry named "unknown", with which nmap's file marks a port that was seen in use.
package audit

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/porthistory"
	"github.com/ianasync/ianasync/registry/ports"
)

// Kind is the kind of a finding.
type Kind string

// The kinds of findings. They describe the present, whatever came between.
const (
	Reused     Kind = "reused"     // the port has another service now
	Deassigned Kind = "deassigned" // the service is gone, and the port has none
	Renamed    Kind = "renamed"    // the service has another name now
	Moved      Kind = "moved"      // the service is elsewhere now
	Conflict   Kind = "conflict"   // the registry has another name there, and never had this one since the history begins
	Lacking    Kind = "lacking"    // the registry has a name on a port of which the file has no entry
	Unreadable Kind = "unreadable" // the line cannot be read
)

// Kinds are all kinds in the order in which they are reported.
var Kinds = [...]Kind{Unreadable, Reused, Deassigned, Renamed, Moved, Conflict, Lacking}

// Finding is an entry that does not agree with the registry, or a line that cannot be read.
type Finding struct {
	Kind      Kind
	Name      string          // in the file; in the registry for Lacking; none for Unreadable
	Ports     ports.Ports     // likewise; none for a service type
	Transport ports.Transport // likewise; none where the file states none
	Line      int             // in the file; 0 where there is none
	Column    int             // of what cannot be read, in bytes from 1; 0 for all other kinds
	Problem   string          // with it
	Now       []string        // the names that the registry has there
	Event     *history.Event  // the one change that made the entry wrong; for Lacking, that made it right; nil if there is none
	Later     []history.Event // later changes of the service and of the port, one in each event
	Status    ports.Status    // in the newest table, of the port that the service had last
}

// Place returns the finding's ports and transport: "4420/tcp", "4420" where the file states no transport, "" where there
// is no port.
func (f *Finding) Place() string { return placeOf(f.Ports, f.Transport) }

// Result is the outcome of an audit.
type Result struct {
	Findings []Finding // by kind, then in the file's order
	Agree    int       // entries that agree with the newest version
	Own      int       // entries of the file's own
	Lacking  int       // records of the registry on ports of which the file has no entry, counted for each transport
	Best     Match
}

// Match is the run of versions to which a file corresponds best. It is empty if no entry agrees with any version.
type Match struct {
	From, To string // ids of the first and the last version
	Agree    int    // number of entries that agree with these by their own names
}

// Compare compares a file with the newest table and the past that led to it. Records that the file lacks are always
// counted; they are findings if lacking is set.
func Compare(f *List, t *ports.Table, past *porthistory.Past, lacking bool) (*Result, error) {
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
	table  *ports.Table
	index  *porthistory.Index
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
	transports := []ports.Transport{e.Transport}
	switch {
	case e.Transport == "":
		transports = []ports.Transport{ports.TCP, ports.UDP}
	case !ok && e.Transport == ports.UDP:
		transports = []ports.Transport{ports.UDP, ports.SCTP, ports.DCCP}
	}
	for _, t := range transports {
		list = append(list, place{port: port, transport: t, anywhere: !ok})
	}
	return list
}

// at returns the records at a place: those of a name where it is anywhere.
func (a *auditor) at(p place, name string) []ports.Record {
	if p.anywhere {
		return slices.DeleteFunc(a.table.Service(name), func(r ports.Record) bool { return !p.has(&r) })
	}
	return a.table.Port(p.port, p.transport)
}

// agrees reports whether one of the records at a place has the name of an entry, one of its aliases, or a name that the
// entry's is numbered from.
func (a *auditor) agrees(e *Entry, p place) bool {
	return slices.ContainsFunc(a.at(p, e.Name), func(r ports.Record) bool {
		return r.ServiceName != "" && (same(r.ServiceName, e.Name) || isNumbered(&r, p.port, e.Name) ||
			slices.ContainsFunc(e.Aliases, func(alias string) bool { return same(r.ServiceName, alias) }))
	})
}

// isNumbered reports whether a name is that of a record with a range of ports, and the number of a port in it: x11-1 on
// port 6001 of x11's 6000-6063. The number counts from 0, from 1, or is the port itself.
func isNumbered(r *ports.Record, port uint16, name string) bool {
	first, last, _ := r.Ports.Bounds()
	n := len(r.ServiceName)
	if first == last || len(name) <= n || !strings.EqualFold(name[:n], r.ServiceName) {
		return false
	}
	number, err := strconv.Atoi(strings.TrimLeft(name[n:], "-_:."))
	offset := int(port) - int(first)
	return err == nil && (number == offset || number == offset+1 || number == int(port))
}

// names returns the names of records, each once.
func names(records []ports.Record) (names []string) {
	for i := range records {
		if n := records[i].ServiceName; n != "" && !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	return names
}

// same reports whether a name of a file is a spelling of a name of the registry.
func same(registered, name string) bool {
	return slices.Contains(written(registered), strings.ToLower(name))
}

// longestName is the most letters of a name by RFC 6335, section 5.1. Some files cut longer ones: Wireshark's has
// Apple-Remote-De.
const longestName = 15

// written returns the spellings of a name of the registry, in lower case: the name itself; and for one with blanks, that
// with hyphens instead, whole, cut at each blank, and cut to longestName.
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

// lacking counts the named records on whose ports the file has no entry, on the transports that the file has at all. It
// adds them to the findings if report is set.
func (a *auditor) lacking(report bool) {
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
			if report {
				f := Finding{Kind: Lacking, Name: r.ServiceName, Ports: r.Ports, Transport: t, Now: []string{r.ServiceName}}
				f.Event = a.given(place{port: first, transport: t}, r.ServiceName)
				a.result.Findings = append(a.result.Findings, f)
			}
		}
	}
}
