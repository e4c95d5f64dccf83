package ports

import (
	"cmp"
	"slices"
	"strings"
)

// Record is one row of the registry in normal form. Two records mean the same
// exactly where they are equal with ==.
//
// The fields are IANA's columns in IANA's order. Text is never empty for any
// reason but that IANA's cell is.
type Record struct {
	ServiceName      string    // RFC 6335 section 5.1; empty where the port has no name
	Ports            Ports     // one port number, a range, or none
	Transport        Transport // one transport protocol, or none
	Description      string
	Assignee         string // who holds it, as a tag: "[Jon_Postel]"
	Contact          string // whom to ask, as a tag
	RegistrationDate Date
	ModificationDate Date
	Reference        string // "[RFC9110]"
	ServiceCode      string // DCCP's, RFC 4340 section 8.1.2
	UnauthorizedUse  string // "Unauthorized Use Reported"; "Known Unauthorized Uses" until 2019
	AssignmentNotes  string
}

// Column is one of the registry's columns.
type Column struct {
	Name    string   // IANA's present name for it: "Port Number"
	aliases []string // what IANA called it before
	Key     string   // its name in JSON and wherever else a program reads it: "port_number"
	Field   string   // the field of [Record] that holds it: "Ports"
}

// NumColumns is how many columns the registry has.
const NumColumns = 12

// Columns returns the registry's columns, in IANA's order.
func Columns() [NumColumns]Column { return columns }

var columns = [NumColumns]Column{
	{Name: "Service Name", Key: "service_name", Field: "ServiceName"},
	{Name: "Port Number", Key: "port_number", Field: "Ports"},
	{Name: "Transport Protocol", Key: "transport_protocol", Field: "Transport"},
	{Name: "Description", Key: "description", Field: "Description"},
	{Name: "Assignee", Key: "assignee", Field: "Assignee"},
	{Name: "Contact", Key: "contact", Field: "Contact"},
	{Name: "Registration Date", Key: "registration_date", Field: "RegistrationDate"},
	{Name: "Modification Date", Key: "modification_date", Field: "ModificationDate"},
	{Name: "Reference", Key: "reference", Field: "Reference"},
	{Name: "Service Code", Key: "service_code", Field: "ServiceCode"},
	{Name: "Unauthorized Use Reported", aliases: []string{"Known Unauthorized Uses"}, Key: "unauthorized_use_reported", Field: "UnauthorizedUse"},
	{Name: "Assignment Notes", Key: "assignment_notes", Field: "AssignmentNotes"},
}

// Values returns the record's text in each of [Columns], as the canonical CSV has it.
func (r *Record) Values() [NumColumns]string {
	return [...]string{
		r.ServiceName, r.Ports.text, string(r.Transport), r.Description, r.Assignee, r.Contact,
		r.RegistrationDate.text, r.ModificationDate.text, r.Reference, r.ServiceCode, r.UnauthorizedUse, r.AssignmentNotes,
	}
}

// recordOf is the inverse of [Record.Values]. What is malformed keeps its text.
func recordOf(v [NumColumns]string) Record {
	r := Record{
		ServiceName: v[0], Transport: Transport(v[2]), Description: v[3], Assignee: v[4], Contact: v[5],
		Reference: v[8], ServiceCode: v[9], UnauthorizedUse: v[10], AssignmentNotes: v[11],
	}
	r.Ports, _ = ParsePorts(v[1])
	r.RegistrationDate, _ = ParseDate(v[6])
	r.ModificationDate, _ = ParseDate(v[7])
	return r
}

// Status is whether a record's ports are in use: RFC 6335 section 6.
type Status string

// The three states of a port number, by RFC 6335.
const (
	Assigned   Status = "Assigned"   // held by someone, or in use under no name
	Unassigned Status = "Unassigned" // free to be assigned on request
	Reserved   Status = "Reserved"   // not available for assignment
)

// withdrawn are the beginnings of descriptions by which IANA, over the decades, marked
// a port whose assignment ended and which is not to be assigned again.
var withdrawn = []string{
	"de-registered", "deregistered", "removed", "deprecated", "de-assigned",
	"de-commissioned", "decommissioned", "decomissioned",
}

// Status returns the status of the record's ports. A record with a service name is
// always Assigned. The status of one without a name follows from its description:
// "Unassigned", "(unassigned) Possibly assigned" and "" are Unassigned;
// "Reserved", "IANA Reserved", "De-registered", "Removed" and the like are
// Reserved; anything else ("any private mail system") is Assigned without a name.
func (r *Record) Status() Status {
	if r.ServiceName != "" {
		return Assigned
	}
	if strings.HasPrefix(r.Description, string(Unassigned)) {
		return Unassigned // most of them
	}
	d := strings.TrimPrefix(strings.ToLower(r.Description), "(")
	if d == "" || strings.HasPrefix(d, "unassigned") {
		return Unassigned
	}
	if strings.Contains(d, "reserved") {
		return Reserved
	}
	for _, w := range withdrawn {
		if strings.HasPrefix(d, w) {
			return Reserved
		}
	}
	return Assigned
}

// Remarks returns what a record of Unassigned ports says beyond that: its description, where it is more than "Unassigned",
// a report of unauthorized use, a note. IANA then gives a reason not to use the ports. It is nil for every other record.
func (r *Record) Remarks() (list []string) {
	if r.Status() != Unassigned {
		return nil
	}
	for _, text := range []string{r.Description, r.UnauthorizedUse, r.AssignmentNotes} {
		if text != "" && !strings.EqualFold(text, string(Unassigned)) {
			list = append(list, text)
		}
	}
	return list
}

// Compare orders records canonically: by first port, then last port, records
// without a port last; then by transport, service name and the other columns.
// It is zero exactly for equal records.
func Compare(a, b Record) int { return compare(&a, &b) }

func compare(a, b *Record) int {
	if c := cmp.Or(
		a.Ports.Compare(b.Ports),
		cmp.Compare(a.Transport, b.Transport),
		cmp.Compare(a.ServiceName, b.ServiceName),
	); c != 0 {
		return c
	}
	v, w := a.Values(), b.Values()
	return slices.Compare(v[:], w[:])
}
