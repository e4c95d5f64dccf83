package snapshots

import "github.com/ianasync/ianasync/registry"

// Group is a registry group as a store knows it. [registry.Group] is one, and so is the registry of package ports.
type Group interface {
	// GroupID returns IANA's name for the group.
	GroupID() string
	// Alone reports whether the group has one registry, which has the group's name.
	Alone() bool
	// DecodeContent decodes an edition. Known is the content of one that differs little from it, or nil: it saves time, and never
	// alters the result.
	DecodeContent(data []byte, known registry.Content) (registry.Content, error)
}

// state sets the facts of an edition's content.
func (f *entry) state(of registry.Facts) {
	f.TableSHA256, f.Records, f.Problems, f.Unknown = of.Digest, of.Records, of.Problems, of.Unknown
}
