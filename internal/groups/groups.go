// Package groups lists the groups of IANA's registries.
//
// The list is embedded. "go generate ./internal/groups" makes it anew from IANA's index (see gen.go), to be run when
// [All] lacks a group. A group that it lacks can be synced all the same, by its name.
package groups

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/ianasync/ianasync/internal/layout"
)

//go:generate go run gen.go

//go:embed groups.txt
var list string

// ServiceNames is the group that every command takes where none is given.
const ServiceNames = "service-names-port-numbers"

// withoutXML are the groups that IANA publishes in forms of their own, and not as XML.
var withoutXML = []string{"enterprise-numbers", "language-subtag-registry"}

// All returns the ids of all groups that IANA publishes as XML, in alphabetical order.
func All() []string { return strings.Fields(list) }

// WithoutXML returns the ids of the groups that IANA publishes in other forms alone. No command takes them.
func WithoutXML() []string { return slices.Clone(withoutXML) }

// id is the form of a group's id: one path element.
var id = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_-]*$`) })

// Valid reports whether a text can be the id of a group, and so the name of its folder in a store. It is none of the store's other
// folders, nor of a device, in any letter case.
func Valid(text string) bool {
	name := strings.ToLower(text)
	return id().MatchString(text) && len(text) <= 100 && name != layout.Notify && name != layout.Changelogs && !layout.IsDevice(name)
}
