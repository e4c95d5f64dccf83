// Package registrytest has short constructors of records and tables, for tests.
package registrytest

import (
	"fmt"
	"strings"

	"github.com/ianasync/ianasync/registry"
)

// Rec returns a record by its first four columns, and what else is set. As in a table that was read, ports need not be
// well formed.
func Rec(service, ports, transport, description string, set ...func(*registry.Record)) registry.Record {
	p, _ := registry.ParsePorts(ports) // it keeps the text of malformed ports
	r := registry.Record{ServiceName: service, Ports: p, Transport: registry.Transport(transport), Description: description}
	for _, f := range set {
		f(&r)
	}
	return r
}

// Both returns the tcp and the udp record of a service.
func Both(service, ports, description string, set ...func(*registry.Record)) []registry.Record {
	return []registry.Record{Rec(service, ports, "tcp", description, set...), Rec(service, ports, "udp", description, set...)}
}

// Rows returns the records of a text of the form "service port/transport description assignee; …". The transport, the
// description and the assignee may be absent; "-" is an empty field, and "_" a space in a service name.
func Rows(text string) (records []registry.Record) {
	for row := range strings.SplitSeq(text, ";") {
		f := append(strings.Fields(row), "-", "-", "-")
		for i := range f {
			if f[i] == "-" {
				f[i] = ""
			}
		}
		ports, transport, _ := strings.Cut(f[1], "/")
		records = append(records, Rec(strings.ReplaceAll(f[0], "_", " "), ports, transport, f[2], Assignee(f[3])))
	}
	return records
}

// Table returns the table of the given records: values of type [registry.Record], and slices of them. It panics on any
// other.
func Table(records ...any) *registry.Table {
	var all []registry.Record
	for _, r := range records {
		switch r := r.(type) {
		case registry.Record:
			all = append(all, r)
		case []registry.Record:
			all = append(all, r...)
		default:
			panic(fmt.Sprintf("registrytest: a table of %T", r))
		}
	}
	return registry.NewTable(all)
}

// Description sets the description.
func Description(s string) func(*registry.Record) {
	return func(r *registry.Record) { r.Description = s }
}

// Assignee sets the assignee.
func Assignee(s string) func(*registry.Record) {
	return func(r *registry.Record) { r.Assignee = s }
}

// Contact sets the contact.
func Contact(s string) func(*registry.Record) {
	return func(r *registry.Record) { r.Contact = s }
}

// Registered sets the registration date.
func Registered(s string) func(*registry.Record) {
	return func(r *registry.Record) { r.RegistrationDate, _ = registry.ParseDate(s) }
}

// Modified sets the modification date.
func Modified(s string) func(*registry.Record) {
	return func(r *registry.Record) { r.ModificationDate, _ = registry.ParseDate(s) }
}

// Reference sets the reference.
func Reference(s string) func(*registry.Record) {
	return func(r *registry.Record) { r.Reference = s }
}

// Unauthorized sets the report of unauthorized use.
func Unauthorized(s string) func(*registry.Record) {
	return func(r *registry.Record) { r.UnauthorizedUse = s }
}

// Notes sets the assignment notes.
func Notes(s string) func(*registry.Record) {
	return func(r *registry.Record) { r.AssignmentNotes = s }
}
