package rules

import (
	"slices"
	"strconv"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/registry"
)

// Subjects returns what a change is about: its registry, the values that it had and has, and its names, as
// "registry/tls-parameters/tls-parameters-4", "value/4865" and "name/tls_aes_128_gcm_sha256", in order and each once.
func Subjects(c *diff.Change) []string {
	list := []string{RegistrySubject(c.Registry)}
	for _, name := range []string{c.Name, c.Was} {
		if name != "" {
			list = append(list, NameSubject(name))
		}
	}
	for _, k := range c.Key {
		list = append(list, ValueSubject(k.Text))
	}
	for _, f := range c.Fields { // it moved from that value
		if slices.ContainsFunc(c.Key, func(k registry.Cell) bool { return k.Key == f.Key }) {
			list = append(list, ValueSubject(f.Old))
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// RegistrySubject returns the subject of a registry, given its id.
func RegistrySubject(id string) string { return "registry/" + id }

// NameSubject returns the subject of a name, in any spelling that [Reduce] does not distinguish.
func NameSubject(name string) string { return "name/" + Reduce(name) }

// ValueSubject returns the subject of a value, in any spelling that [Reduce] does not distinguish. Where it is one number, that is
// in decimal: 0x1301 and 0x13,0x01 are both "value/4865".
func ValueSubject(cell string) string {
	if v, ok := ParseValue(cell); ok {
		if first, last, ok := v.Span(); ok && first == last {
			return "value/" + strconv.FormatUint(first, 10)
		}
	}
	return "value/" + Reduce(cell)
}
