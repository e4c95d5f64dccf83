// Package portstest has short constructors of records and tables, for tests.
package portstest

import (
	"fmt"
	"strings"

	"github.com/ianasync/ianasync/registry/ports"
)

// Rec returns a record by its first four columns, and what else is set. As in a table that was read, the number need not be
// well formed.
func Rec(service, number, transport, description string, set ...func(*ports.Record)) ports.Record {
	p, _ := ports.ParsePorts(number) // it keeps the text of malformed ports
	r := ports.Record{ServiceName: service, Ports: p, Transport: ports.Transport(transport), Description: description}
	for _, f := range set {
		f(&r)
	}
	return r
}

// Both returns the tcp and the udp record of a service.
func Both(service, number, description string, set ...func(*ports.Record)) []ports.Record {
	return []ports.Record{Rec(service, number, "tcp", description, set...), Rec(service, number, "udp", description, set...)}
}

// Rows returns the records of a text of the form "service port/transport description assignee; …". The transport, the
// description and the assignee may be absent; "-" is an empty field, and "_" a space in a service name.
func Rows(text string) (records []ports.Record) {
	for row := range strings.SplitSeq(text, ";") {
		f := append(strings.Fields(row), "-", "-", "-")
		for i := range f {
			if f[i] == "-" {
				f[i] = ""
			}
		}
		number, transport, _ := strings.Cut(f[1], "/")
		records = append(records, Rec(strings.ReplaceAll(f[0], "_", " "), number, transport, f[2], Assignee(f[3])))
	}
	return records
}

// Table returns the table of the given records: values of type [ports.Record], and slices of them. It panics on any
// other.
func Table(records ...any) *ports.Table {
	var all []ports.Record
	for _, r := range records {
		switch r := r.(type) {
		case ports.Record:
			all = append(all, r)
		case []ports.Record:
			all = append(all, r...)
		default:
			panic(fmt.Sprintf("portstest: a table of %T", r))
		}
	}
	return ports.NewTable(all)
}

// Description sets the description.
func Description(s string) func(*ports.Record) {
	return func(r *ports.Record) { r.Description = s }
}

// Assignee sets the assignee.
func Assignee(s string) func(*ports.Record) {
	return func(r *ports.Record) { r.Assignee = s }
}

// Contact sets the contact.
func Contact(s string) func(*ports.Record) {
	return func(r *ports.Record) { r.Contact = s }
}

// Registered sets the registration date.
func Registered(s string) func(*ports.Record) {
	return func(r *ports.Record) { r.RegistrationDate, _ = ports.ParseDate(s) }
}

// Modified sets the modification date.
func Modified(s string) func(*ports.Record) {
	return func(r *ports.Record) { r.ModificationDate, _ = ports.ParseDate(s) }
}

// Reference sets the reference.
func Reference(s string) func(*ports.Record) {
	return func(r *ports.Record) { r.Reference = s }
}

// Unauthorized sets the report of unauthorized use.
func Unauthorized(s string) func(*ports.Record) {
	return func(r *ports.Record) { r.UnauthorizedUse = s }
}

// Notes sets the assignment notes.
func Notes(s string) func(*ports.Record) {
	return func(r *ports.Record) { r.AssignmentNotes = s }
}
