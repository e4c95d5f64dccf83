package audit

import (
	"slices"
	"strings"

	"github.com/ianasync/ianasync/registry"
)

// Listener is a socket of this machine that accepts connections or datagrams.
type Listener struct {
	Port      uint16             `json:"port"`
	Transport registry.Transport `json:"transport"` // tcp or udp
	Address   string             `json:"address"`   // the address that it is bound to: "0.0.0.0", "::", "127.0.0.1"
	PID       int32              `json:"pid"`       // of its process; 0 if this user may not see it
	Process   string             `json:"process"`   // name of its process; empty if this user may not see it
}

// Stranger is a listener on a port that is registered for a service which it does not seem to be.
type Stranger struct {
	Listener
	Registered []string `json:"registered"` // the service names on the port
}

// LocalReport is the JSON document of an audit of listeners.
type LocalReport struct {
	Version  string     `json:"version"` // id of the newest
	Findings []Stranger `json:"findings"`
}

// Local returns the listeners on ports that a table assigns to other services, in their order. A process matches a service
// by its name or description; a process without a known name matches none.
func Local(t *registry.Table, listeners []Listener) []Stranger {
	found := []Stranger{}
	for _, l := range listeners {
		records := t.Port(l.Port, l.Transport)
		registered := names(records)
		if len(registered) > 0 && !slices.ContainsFunc(records, func(r registry.Record) bool { return seemsToBe(l.Process, &r) }) {
			found = append(found, Stranger{l, registered})
		}
	}
	return found
}

// seemsToBe reports whether a process may be the service of a record, by its name: sshd is ssh.
func seemsToBe(process string, r *registry.Record) bool {
	name := strings.ToLower(process)
	if name == "" || r.ServiceName == "" {
		return false
	}
	service := strings.ToLower(r.ServiceName)
	return strings.Contains(name, service) || strings.Contains(service, name) || strings.Contains(strings.ToLower(r.Description), name)
}
