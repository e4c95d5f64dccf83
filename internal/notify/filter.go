package notify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/porthistory"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/registry/ports"
)

// Filter selects changes. The zero value matches every change.
type Filter struct {
	kinds    []diff.Kind // one of these; any where empty
	service  string
	ports    ports.Ports
	assignee string // a tag: "[NetApp]"
}

// ParseFilter parses a filter such as "kind=deassigned,reused port=6000-6063": terms separated by spaces, all of which must
// match. A value with spaces is enclosed in double quotes.
func ParseFilter(s string) (Filter, error) {
	terms, err := porthistory.ParseTerms(s, func(key string) (string, error) { return key, nil })
	if err != nil {
		return Filter{}, fmt.Errorf("filter: %w", err)
	}
	var f Filter
	for _, t := range terms {
		if err := f.set(t.Key, t.Value); err != nil {
			return Filter{}, err
		}
	}
	return f, nil
}

func (f *Filter) set(key, value string) (err error) {
	if value == "" {
		return fmt.Errorf("filter: %s has no value", key)
	}
	switch key {
	case "kind":
		f.kinds, err = parseKinds(value)
	case "service":
		f.service = value
	case "port":
		if f.ports, err = ports.ParsePorts(value); err != nil {
			err = fmt.Errorf("filter: port=%s: %w", value, err)
		}
	case "assignee":
		f.assignee = value
		if !strings.HasPrefix(value, "[") {
			f.assignee = "[" + value + "]"
		}
	default:
		err = fmt.Errorf("filter: %q is none of kind, service, port, assignee", key)
	}
	return err
}

func parseKinds(text string) (kinds []diff.Kind, err error) {
	for name := range strings.SplitSeq(text, ",") {
		k := diff.Kind(name)
		if k.Rank() < 0 {
			return nil, fmt.Errorf("filter: %q is not a kind of change", name)
		}
		kinds = append(kinds, k)
	}
	return kinds, nil
}

// String returns the filter in the form that [ParseFilter] parses; empty for the zero value.
func (f Filter) String() string {
	var terms []string
	add := func(key, value string) {
		if strings.Contains(value, " ") {
			value = `"` + value + `"`
		}
		if value != "" {
			terms = append(terms, key+"="+value)
		}
	}
	var kinds []string
	for _, k := range f.kinds {
		kinds = append(kinds, string(k))
	}
	add("kind", strings.Join(kinds, ","))
	add("service", f.service)
	add("port", f.ports.String())
	add("assignee", f.assignee)
	return strings.Join(terms, " ")
}

// Fits reports whether a change is of one of the kinds and removes or adds a record that matches all other terms. Letter
// case is ignored; a port matches a range that contains it, but not where rows were only redrawn around other ports.
func (f Filter) Fits(c *diff.Change) bool {
	if len(f.kinds) > 0 && !slices.Contains(f.kinds, c.Kind) {
		return false
	}
	if _, _, byPort := f.ports.Bounds(); byPort {
		if isAt := portrules.View(c).IsAt(f.ports); !isAt || f.service == "" && f.assignee == "" {
			return isAt
		}
	}
	return slices.ContainsFunc(c.Removed, f.about) || slices.ContainsFunc(c.Added, f.about)
}

func (f Filter) about(untyped registry.Record) bool {
	r := ports.View(untyped)
	_, _, byPort := f.ports.Bounds()
	return (f.service == "" || strings.EqualFold(r.ServiceName, f.service)) &&
		(!byPort || r.Ports.Overlaps(f.ports)) &&
		(f.assignee == "" || portrules.HeldBy(r.Assignee, f.assignee))
}
