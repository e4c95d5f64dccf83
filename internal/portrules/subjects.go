package portrules

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/parties"
	"github.com/ianasync/ianasync/registry/ports"
)

// portSubject is how a subject of ports begins: "port/4420", "port/6000-6063".
const portSubject = "port/"

// Subjects implements [diff.Extension]: the ports of the change and those of its records, their service names and their assignees, as
// "port/4420", "service/nvme" and "assignee/netapp". A range of ports is one subject.
func (p *Place) Subjects(c *diff.Change) []string {
	var list []string
	if own := p.Ports.String(); own != "" {
		list = append(list, portSubject+own)
	}
	for _, records := range [][]ports.Record{ports.Views(c.Removed), ports.Views(c.Added)} {
		for i := range records {
			r := &records[i]
			if r.Ports.String() != "" {
				list = append(list, portSubject+r.Ports.String())
			}
			if r.ServiceName != "" {
				list = append(list, ServiceSubject(r.ServiceName))
			}
			for _, name := range Assignees(r.Assignee) {
				list = append(list, AssigneeSubject(name))
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// AboutPort returns a function that reports whether a subject is a port, or a range of ports that has it.
func AboutPort(port uint16) func(subject string) bool {
	return func(subject string) bool {
		text, isPort := strings.CutPrefix(subject, portSubject)
		if !isPort {
			return false
		}
		numbers, err := ports.ParsePorts(text)
		return err == nil && numbers.Contains(port)
	}
}

// ServiceSubject returns the subject of a service. Letter case does not matter.
func ServiceSubject(name string) string { return "service/" + parties.Fold(name) }

// AssigneeSubject returns the subject of one of [Assignees]. Letter case does not matter.
func AssigneeSubject(name string) string { return "assignee/" + parties.Fold(name) }

// tag is one name in a cell of names, without the suffix by which IANA distinguishes equal ones.
var tag = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\[([^\]]*?)(_[0-9]+)?\]`) })

// Assignees returns the names in the tags of a cell, without suffixes such as "_2": those of "[NetApp] [Jon_Postel_2]" are
// NetApp and Jon_Postel.
func Assignees(cell string) (names []string) {
	for _, found := range tag().FindAllStringSubmatch(cell, -1) {
		names = append(names, found[1])
	}
	return names
}

// HeldBy reports whether an assignee is that of a tag, alone or among others. Letter case and
// suffixes such as "_2" do not matter.
func HeldBy(assignee, wanted string) bool {
	if strings.EqualFold(assignee, wanted) {
		return true
	}
	want := Assignees(wanted)
	return len(want) > 0 && slices.ContainsFunc(Assignees(assignee), func(name string) bool { return strings.EqualFold(name, want[0]) })
}
