package sockets

import (
	"slices"
	"strings"

	"github.com/ianasync/ianasync/registry/ports"
)

// Mismatch is a socket on a port that is registered for another service.
type Mismatch struct {
	Socket
	Registered []string `json:"registered"` // the service names on the port
}

// Document is the JSON document of an audit of this machine's sockets.
type Document struct {
	Version  string     `json:"version"` // id of the newest
	Findings []Mismatch `json:"findings"`
}

// Mismatches returns the sockets on ports that a table assigns to other services, in their order. A process matches a
// service by its name or description; a process without a known name matches none.
func Mismatches(t *ports.Table, list []Socket) []Mismatch {
	found := []Mismatch{}
	for _, s := range list {
		var registered []string
		matches := false
		for _, r := range t.Port(s.Port, s.Transport) {
			if n := r.ServiceName; n != "" && !slices.Contains(registered, n) {
				registered = append(registered, n)
			}
			matches = matches || seemsToBe(s.Process, &r)
		}
		if len(registered) > 0 && !matches {
			found = append(found, Mismatch{s, registered})
		}
	}
	return found
}

// seemsToBe reports whether a process may be the service of a record, by its name: sshd is ssh.
func seemsToBe(process string, r *ports.Record) bool {
	name := strings.ToLower(process)
	if name == "" || r.ServiceName == "" {
		return false
	}
	service := strings.ToLower(r.ServiceName)
	return strings.Contains(name, service) || strings.Contains(service, name) || strings.Contains(strings.ToLower(r.Description), name)
}
