// Package audit holds what others made of the registry against it: which entries of a file the registry has
// since renamed, given to another service, moved or dropped, and when; which it never had so; which edition
// the file corresponds to best.
//
// An entry agrees with the registry where one of the records on its port and transport has its name, whatever the
// letter case; aliases are the file's own business. Where it does not agree, the history of the port tells
// why: the last change that took the name away from it is the finding. Where no change did, and the registry has
// another name there, the two are in conflict. Where the registry has no name there at all, the entry is
// the file's own, which is no finding: files may know more than the registry. So is an entry named
// "unknown", which is how nmap's file says that a port was seen in use.
package audit

import (
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/downstream"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/registry"
)

// Kind says what is the matter with an entry.
type Kind string

// The kinds of findings, in the order in which they are told. All but the last two are those of the change
// that is behind them.
const (
	Reused     Kind = "reused"     // the port has another service now
	Deassigned Kind = "deassigned" // the service is gone
	Renamed    Kind = "renamed"    // the service has another name now
	Moved      Kind = "moved"      // the service is elsewhere now
	Conflict   Kind = "conflict"   // the registry has another name there, and never had this one as far as the record goes
	Lacking    Kind = "lacking"    // the registry has a name on a port of which the file says nothing
)

// Kinds are all kinds in the order in which they are told.
var Kinds = [...]Kind{Reused, Deassigned, Renamed, Moved, Conflict, Lacking}

// Finding is an entry that does not agree with the registry.
type Finding struct {
	Kind      Kind
	Name      string             // in the file; in the registry for Lacking
	Ports     registry.Ports     // likewise
	Transport registry.Transport // likewise
	Line      int                // in the file; 0 where there is none
	Now       []string           // the names that the registry has there
	Event     *history.Event     // what the change behind it came with, that change alone; nil where there is none
}

// Place is the finding's ports and transport: "4420/tcp".
func (f *Finding) Place() string { return f.Ports.String() + "/" + string(f.Transport) }

// Result is what came of an audit.
type Result struct {
	Findings []Finding // by kind, then in the file's order
	Agree    int       // entries that agree with the newest version
	Own      int       // entries of the file's own
	Lacking  int       // records of the registry on ports of which the file says nothing
	Best     Match
}

// Match is the editions to which a file corresponds best, one after the other.
type Match struct {
	From, To string // ids of the first and the last version
	Agree    int    // how many entries agree with these, other than by aliases
}

// File holds a file against the newest table and the past that led to it. Records that the file lacks
// are findings only if that is asked for.
func File(f *downstream.File, t *registry.Table, past *history.Past, lacking bool) (*Result, error) {
	index, err := past.Index()
	if err != nil {
		return nil, err
	}
	a := &auditor{file: f, table: t, index: index, places: placesOf(f), result: &Result{}}
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
	file   *downstream.File
	table  *registry.Table
	index  *history.Index
	places places
	result *Result
}

// entry judges an entry. Of a range, its first port speaks for all.
func (a *auditor) entry(e *downstream.Entry) {
	port, _, _ := e.Ports.Bounds()
	now := a.names(port, e.Transport)
	if contains(now, e.Name) || slices.ContainsFunc(e.Aliases, func(alias string) bool { return contains(now, alias) }) {
		a.result.Agree++
		return
	}
	f := Finding{Name: e.Name, Ports: e.Ports, Transport: e.Transport, Line: e.Line, Now: now}
	f.Kind, f.Event = a.taken(port, e)
	switch {
	case f.Event != nil:
	case len(now) > 0 && e.Name != "unknown":
		f.Kind = Conflict
	default:
		a.result.Own++
		return
	}
	a.result.Findings = append(a.result.Findings, f)
}

// names are those that the registry has on a port and transport.
func (a *auditor) names(port uint16, t registry.Transport) (names []string) {
	for _, r := range a.table.Port(port, t) {
		if r.ServiceName != "" && !slices.Contains(names, r.ServiceName) {
			names = append(names, r.ServiceName)
		}
	}
	return names
}

func contains(names []string, name string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return same(n, name) })
}

// same tells whether a file's name is one of the registry's.
func same(registered, name string) bool {
	return slices.Contains(written(registered), strings.ToLower(name))
}

// written returns in lower case all that a file may write for a name of the registry.
func written(registered string) []string {
	name := strings.ToLower(registered)
	if !strings.Contains(name, " ") {
		return []string{name}
	}
	list := []string{name}
	name = strings.ReplaceAll(name, " ", "-")
	for n := 1; n <= len(name); n++ {
		list = append(list, name[:n])
	}
	return list
}

// taken returns the last change that took a name away from a port and transport, or nil.
func (a *auditor) taken(port uint16, e *downstream.Entry) (Kind, *history.Event) {
	for _, event := range slices.Backward(a.index.Port(port)) {
		for i := range event.Changes {
			c := &event.Changes[i]
			if !slices.Contains(Kinds[:], Kind(c.Kind)) || !slices.ContainsFunc(c.Removed, func(r registry.Record) bool {
				return same(r.ServiceName, e.Name) && r.Ports.Contains(port) && (r.Transport == e.Transport || r.Transport == "")
			}) {
				continue
			}
			event.Changes = []diff.Change{*c}
			return Kind(c.Kind), &event
		}
	}
	return "", nil
}

// lacking counts the named records on whose ports the file has nothing, on a transport of which it has
// something at all; as findings, if that is asked for.
func (a *auditor) lacking(tell bool) {
	for i := range a.table.Records {
		r := &a.table.Records[i]
		if _, _, ok := r.Ports.Bounds(); !ok || r.ServiceName == "" || !a.places.has[r.Transport] || a.places.any(r) {
			continue
		}
		a.result.Lacking++
		if tell {
			a.result.Findings = append(a.result.Findings, Finding{Kind: Lacking, Name: r.ServiceName, Ports: r.Ports, Transport: r.Transport, Now: []string{r.ServiceName}})
		}
	}
}
