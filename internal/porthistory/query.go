package porthistory

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/registry/ports"
)

// Query is the subject of a question: a port, a port on a transport, a service, or an assignee.
type Query struct {
	Port      uint16          // where neither of the names is set
	Transport ports.Transport // only this one, unless empty
	Service   string          // not empty where the question is about a service
	Assignee  string          // not empty where it is about an assignee, as a tag: "[NetApp]"
}

// IsPort reports whether the query is about a port.
func (q Query) IsPort() bool { return q.Service == "" && q.Assignee == "" }

// String returns the form that [ParseQuery] reads.
func (q Query) String() string {
	switch {
	case !q.IsPort():
		return q.Service + q.Assignee
	case q.Transport != "":
		return fmt.Sprintf("%d/%s", q.Port, q.Transport)
	}
	return strconv.Itoa(int(q.Port))
}

// FormError is the error of [ParseQuery] for a subject that is written in a form of its own.
type FormError struct {
	Text    string // as it was written
	Problem string
	Instead string // how to write it, or the nearest thing that can be asked for
}

func (e *FormError) Error() string { return fmt.Sprintf("%q %s", e.Text, e.Problem) }

// ParseQuery reads "2397", "2397/udp", a service name, or an assignee in brackets. It also
// reads ":443", as programs print what they listen on, and "_http._tcp", as DNS-SD has it (RFC
// 6763 section 4.1.2). Digits alone are no name, for each has a letter (RFC 6335 section 5.1):
// where they are no port either, that is an error; so is a port on a transport that the registry
// does not know. A transport may stand before its port, "tcp/443". A range of ports is a [FormError].
func ParseQuery(s string) (Query, error) {
	if s == "" {
		return Query{}, errors.New("nothing to look up: a port, a port and a transport (53/udp), or a service name")
	}
	if strings.HasPrefix(s, "[") {
		return Query{Assignee: s}, nil
	}
	if name, is := dnssdName(s); is {
		return Query{Service: name}, nil
	}
	port, transport, both := strings.Cut(strings.TrimPrefix(s, ":"), "/")
	if tr := ports.Transport(strings.ToLower(port)); tr.Known() && isNumber(transport) {
		port, transport = transport, port
	}
	if err := checkForm(s, port); err != nil {
		return Query{}, err
	}
	if !isNumber(port) {
		return Query{Service: s}, nil
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return Query{}, fmt.Errorf("%s is over 65535, the highest port number", port)
	}
	tr := ports.Transport(strings.ToLower(transport))
	if both && !tr.Known() {
		return Query{}, fmt.Errorf("%q is none of the transports tcp, udp, sctp and dccp", transport)
	}
	return Query{Port: uint16(n), Transport: tr}, nil
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// checkForm returns a [FormError] for "6000-6063/udp".
func checkForm(s, port string) error {
	first, _, isRange := strings.Cut(port, "-")
	if numbers, err := ports.ParsePorts(port); isRange && numbers.String() != "" && err == nil {
		return &FormError{s, "is a range of ports, and one port is asked for", strings.Replace(s, port, first, 1)}
	}
	return nil
}

// dnssdName returns the service name of a DNS-SD service type such as "_http._tcp" or "_ipp._tcp.local.".
func dnssdName(s string) (string, bool) {
	name, is := strings.CutPrefix(strings.TrimSuffix(strings.TrimSuffix(s, "."), ".local"), "_")
	for _, transport := range []string{"._tcp", "._udp"} {
		if before, found := strings.CutSuffix(name, transport); is && found && before != "" {
			return before, true
		}
	}
	return "", false
}

// about reports whether the query asks for a record. [namesOf] follows a service through its
// names.
func (q Query) about(r *ports.Record) bool {
	switch {
	case q.Service != "":
		return strings.EqualFold(r.ServiceName, q.Service)
	case q.Assignee != "":
		return portrules.HeldBy(r.Assignee, q.Assignee)
	}
	return r.Ports.Contains(q.Port) && (q.Transport == "" || r.Transport == "" || r.Transport == q.Transport)
}

// part returns what of a change is about what the query asks for, and whether anything is: the change, or, if
// it only redraws rows around its own ports that hold the query's, these rows as a change of the kind
// [diff.Recut].
func (q Query) part(c *diff.Change) (diff.Change, bool) {
	if !q.touches(c) {
		return diff.Change{}, false
	}
	about := portrules.View(c)
	if !q.IsPort() || about.Alters(q.Port) {
		return *c, true
	}
	redrawn, _ := about.Redrawn()
	return redrawn, q.touches(&redrawn)
}

// touches reports whether a change removes or adds a record that the query asks for, or is about its port.
func (q Query) touches(c *diff.Change) bool {
	if at := portrules.View(c).Place; q.IsPort() && at.Ports.Contains(q.Port) && (q.Transport == "" || len(at.Transports) == 0 || slices.Contains(at.Transports, q.Transport)) {
		return true
	}
	of := func(r registry.Record) bool { return q.about(new(ports.View(r))) }
	return slices.ContainsFunc(c.Removed, of) || slices.ContainsFunc(c.Added, of)
}

// wanted returns a function that reports whether a subject is the query's, or includes it. A change that [Query.touches] has
// such a subject. It returns nil where none is known.
func (q Query) wanted() func(subject string) bool {
	switch {
	case q.Service != "":
		return history.AnyOf(portrules.ServiceSubject(q.Service))
	case q.Assignee == "":
		return portrules.AboutPort(q.Port)
	}
	names := portrules.Assignees(q.Assignee)
	if len(names) == 0 {
		return nil
	}
	return history.AnyOf(portrules.AssigneeSubject(names[0]))
}

// Holds returns the records that a table holds of a query's subject.
func Holds(t *ports.Table, q Query) []ports.Record {
	var list []ports.Record
	for i := range t.Records {
		if q.about(&t.Records[i]) {
			list = append(list, t.Records[i])
		}
	}
	return list
}
