package lookup

import "github.com/ianasync/ianasync/registry/ports"

// Answer is what is published of a port or a service, as JSON: one of the two is not null.
type Answer struct {
	Version string   `json:"version"` // id, or the name of the file
	SHA256  string   `json:"sha256"`  // of its bytes
	Source  string   `json:"source"`  // of the data
	Licence string   `json:"licence"`
	Port    *Port    `json:"port"`
	Service *Service `json:"service"`
	Within  *Within  `json:"within,omitempty"` // where a range of ports was asked for
}

// NewAnswer returns an answer, still empty, from a version of a registry, or from a file.
func NewAnswer(r *ports.Registry, version, sha256 string) *Answer {
	return &Answer{Version: version, SHA256: sha256, Source: r.Page, Licence: "CC0-1.0"}
}
