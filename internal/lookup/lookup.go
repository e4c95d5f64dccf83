// Package lookup returns the answer about a port or a service from one table of the
// registry: what it is, who holds it, which columns are empty, whether it is free, and
// its neighbours. It has no wording but for sentences that must be the same in every
// output.
package lookup

import (
	"cmp"
	"iter"
	"slices"
	"strings"
	"unicode"

	"github.com/agnivade/levenshtein"

	"github.com/ianasync/ianasync/registry/ports"
)

// Advisory is a sentence that every answer about a port includes.
const Advisory = "An assignment is advisory: it does not say what listens on any machine."

// meaning is what each range of ports is for: RFC 6335 sections 6 and 8.
var meaning = map[ports.Range]string{
	ports.System:  "IANA assigns these by IETF Review or IESG Approval",
	ports.User:    "IANA assigns these on request",
	ports.Dynamic: "IANA never assigns these; anyone may use them temporarily",
}

// Port is the answer about a port.
type Port struct {
	Port       uint16      `json:"port"`
	Range      ports.Range `json:"range"`
	RangePorts string      `json:"range_ports"` // "1024-49151"
	Meaning    string      `json:"range_meaning"`
	Transports []Transport `json:"transports"`
	Standing   Standing    `json:"standing"`           // what stands against using it
	Free       bool        `json:"free"`               // the standing is [Free]
	Remarks    []Remark    `json:"remarks"`            // what IANA says against using it, though it is Unassigned
	Records    []Entry     `json:"records"`            // the records that hold the port, twins apart
	Below      *Neighbour  `json:"below,omitempty"`    // the nearest service below
	Above      *Neighbour  `json:"above,omitempty"`    // the nearest service above
	FreeBelow  *uint16     `json:"nearest_free_below"` // the nearest free port of the range
	FreeAbove  *uint16     `json:"nearest_free_above"`
	Past       *Past       `json:"past,omitempty"` // nil if the table is not that of a version
}

// Standing is the reason not to use a port.
type Standing string

// The standings of a port.
const (
	Held     Standing = "assigned or reserved" // it is, on some transport
	Remarked Standing = "unassigned, remarked" // it is Unassigned, and yet IANA reports a use or notes something
	Free     Standing = "free"                 // it is Unassigned, and nothing else is said: IANA would assign it on request
	NoRecord Standing = "no record"            // no record has it, as of every Dynamic port
)

// standingOf returns the standing of a port with some marks.
func standingOf(m ports.Marks) Standing {
	switch {
	case m == 0:
		return NoRecord
	case m.Free():
		return Free
	case m&^(ports.MarkUnassigned|ports.MarkRemarked) == 0:
		return Remarked
	}
	return Held
}

// Remark is what a record of Unassigned ports says beyond that: see [ports.Record.Remarks].
type Remark struct {
	Ports string `json:"port_number"` // of the record
	Text  string `json:"text"`
}

// Transport is what a port is on one transport protocol.
type Transport struct {
	Transport ports.Transport `json:"transport"`
	Status    ports.Status    `json:"status"` // empty where there is no record
	Services  []string        `json:"services"`
}

// Entry is a record and what it leaves out.
type Entry struct {
	Record  ports.Record `json:"record"`
	Missing []string     `json:"not_recorded"`              // IANA's names of the columns that say nothing, of those that might
	Silent  bool         `json:"repeats_its_name"`          // it has neither a date nor a reference, and its description only repeats the service name
	Extra   []Extra      `json:"unknown_columns,omitempty"` // what stands in columns that this program does not know
}

// Extra is the value of a column that this program does not know.
type Extra struct {
	Column string `json:"column"`
	Value  string `json:"value"`
}

// Neighbour is the service nearest to a port.
type Neighbour struct {
	Port     uint16   `json:"port"`
	Services []string `json:"services"`
}

// withRecords returns what the records that hold a port say of it, on some transports or on all.
func (s *Surveyed) withRecords(port uint16, only []ports.Transport) *Port {
	r := ports.RangeOf(port)
	p := &Port{
		Port: port, Range: r, RangePorts: ports.PortRange(r.Bounds()).String(), Meaning: meaning[r],
		Standing: standingOf(s.Ports[port]), Records: entries(s.table, s.table.Port(port, only...)), Remarks: []Remark{},
	}
	p.Free = p.Standing == Free
	if p.Standing == Remarked {
		p.Remarks = remarks(s.table.Port(port))
	}
	for _, tr := range ports.Transports() {
		if len(only) == 0 || slices.Contains(only, tr) {
			p.Transports = append(p.Transports, ofTransport(s.table, port, tr))
		}
	}
	return p
}

// remarks returns the remarks of records, each once.
func remarks(records []ports.Record) []Remark {
	list := []Remark{}
	for i := range records {
		for _, text := range records[i].Remarks() {
			if r := (Remark{records[i].Ports.String(), text}); !slices.Contains(list, r) {
				list = append(list, r)
			}
		}
	}
	return list
}

// addNeighbours adds what is beside the port.
func (p *Port) addNeighbours(s *Surveyed) {
	neighbour := func(step int) *Neighbour {
		at, found := s.Ports.Nearest(p.Port, step, named)
		if !found {
			return nil
		}
		return &Neighbour{at, services(s.table.Port(at))}
	}
	free := func(step int) *uint16 {
		at, found := s.Ports.Nearest(p.Port, step, ports.Marks.Free)
		if !found || ports.RangeOf(at) != p.Range {
			return nil
		}
		return &at
	}
	p.Below, p.Above = neighbour(-1), neighbour(1)
	p.FreeBelow, p.FreeAbove = free(-1), free(1)
}

// ofTransport returns what a port is on a transport. A record with that transport says
// more than one without any.
func ofTransport(t *ports.Table, port uint16, tr ports.Transport) Transport {
	out := Transport{Transport: tr, Services: []string{}}
	records := t.Port(port, tr)
	if slices.ContainsFunc(records, func(r ports.Record) bool { return r.Transport == tr }) {
		records = slices.DeleteFunc(records, func(r ports.Record) bool { return r.Transport == "" && r.Status() == ports.Unassigned })
	}
	rank := []ports.Status{"", ports.Unassigned, ports.Reserved, ports.Assigned}
	for i := range records {
		if s := records[i].Status(); slices.Index(rank, s) > slices.Index(rank, out.Status) {
			out.Status = s
		}
	}
	out.Services = append(out.Services, services(records)...)
	return out
}

// services returns the service names of records, once each, in canonical order.
func services(records []ports.Record) (names []string) {
	for i := range records {
		if n := records[i].ServiceName; n != "" && !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	return names
}

// mayMiss are the columns that are worth saying nothing about: those that answer
// who, since when and why.
var mayMiss = []string{"Description", "Assignee", "Contact", "Registration Date", "Modification Date", "Reference"}

// Silent reports whether a named record says next to nothing of its service: it has neither a date nor a reference, and
// its description is missing or merely repeats the name.
func Silent(r *ports.Record) bool {
	return r.ServiceName != "" && r.RegistrationDate.String() == "" && r.ModificationDate.String() == "" && r.Reference == "" &&
		(r.Description == "" || lettersOf(r.Description) == lettersOf(r.ServiceName))
}

// lettersOf returns the letters and digits of s, letter case folded.
func lettersOf(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, strings.ToLower(s))
}

// entries returns the records of a table with what they leave out.
func entries(t *ports.Table, records []ports.Record) []Entry {
	out := []Entry{}
	for _, r := range records {
		e := Entry{Record: r, Missing: []string{}, Silent: Silent(&r)}
		for i, v := range r.Values() {
			if name := ports.Columns()[i].Name; v == "" && slices.Contains(mayMiss, name) {
				e.Missing = append(e.Missing, name)
			}
		}
		for i := range t.Unknown {
			if j, ok := slices.BinarySearchFunc(t.Records, r, ports.Compare); ok && t.Extra(j)[i] != "" {
				e.Extra = append(e.Extra, Extra{t.Unknown[i], t.Extra(j)[i]})
			}
		}
		out = append(out, e)
	}
	return out
}

// Service is the answer about a service name.
type Service struct {
	Name    string  `json:"service"`
	Records []Entry `json:"records"`        // none where the name is gone
	Past    *Past   `json:"past,omitempty"` // nil if the table is not that of a version
}

// OfService returns the answer about a service name from t, or nil if t does not have it.
func OfService(t *ports.Table, name string) *Service {
	records := t.Service(name)
	if len(records) == 0 {
		return nil
	}
	return &Service{Name: records[0].ServiceName, Records: entries(t, records)}
}

// Similar returns up to five of some service names that name may be a misspelling of, the
// likeliest first: those that it is the beginning of, and those few letters away.
func Similar(name string, known iter.Seq[string]) []string {
	type candidate struct {
		name     string
		distance int
	}
	var found []candidate
	seen := make(map[string]bool)
	name = strings.ToLower(name)
	most := 1 + len(name)/4
	for s := range known {
		if s == "" || seen[s] {
			continue
		}
		seen[s] = true
		lower := strings.ToLower(s)
		if abs(len(lower)-len(name)) <= most {
			if d := distance(lower, name); d <= most {
				found = append(found, candidate{s, d})
				continue
			}
		}
		if len(name) > 2 && strings.HasPrefix(lower, name) {
			found = append(found, candidate{s, most + 1})
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(len(a.name), len(b.name)), cmp.Compare(a.name, b.name))
	})
	var names []string
	for _, c := range found[:min(5, len(found))] {
		names = append(names, c.name)
	}
	return names
}

// distance is how many slips lead from a to b: letters too many, too few or wrong;
// two letters that changed places are one mistake.
func distance(a, b string) int {
	if d := levenshtein.ComputeDistance(a, b); d != 2 || len(a) != len(b) {
		return d
	}
	for i := range len(a) - 1 {
		if a[:i]+a[i+1:i+2]+a[i:i+1]+a[i+2:] == b {
			return 1
		}
	}
	return 2
}

func abs(n int) int { return max(n, -n) }
