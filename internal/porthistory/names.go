package porthistory

import (
	"math"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/portrules"
)

// alias is a name that a service had, from one step to another, both included.
type alias struct {
	name        string // folded
	first, last int
}

func (a alias) within(step int) bool { return a.first <= step && step <= a.last }

// rename is that a service got another name, at a step. Names are folded.
type rename struct {
	at       int
	old, new string
}

// renamesOf returns the renames that lead from a name to others, and from these to more, in order.
func (p *Past) renamesOf(name string) (list []rename, err error) {
	names := []string{strings.ToLower(name)}
	for n := 0; n < len(names); n++ {
		for i := range p.Steps() {
			changes, err := p.Changes(i, history.AnyOf(portrules.ServiceSubject(names[n])))
			if err != nil {
				return nil, err
			}
			for _, r := range renamesIn(i, changes) {
				list = append(list, r)
				for _, name := range []string{r.old, r.new} {
					if !slices.Contains(names, name) {
						names = append(names, name)
					}
				}
			}
		}
	}
	slices.SortStableFunc(list, func(a, b rename) int { return a.at - b.at })
	return list, nil
}

// renamesIn returns the renames among the changes of a step.
func renamesIn(step int, changes []diff.Change) (list []rename) {
	for i := range changes {
		if c := &changes[i]; c.Kind == diff.Renamed {
			list = append(list, rename{step, strings.ToLower(c.Was), strings.ToLower(c.Name)})
		}
	}
	return list
}

// names returns all names under which a query's service stood, and when.
func (p *Past) names(q Query) ([]alias, error) {
	if q.Service == "" {
		return nil, nil
	}
	renames, err := p.renamesOf(q.Service)
	if err != nil {
		return nil, err
	}
	return namesOf(q.Service, renames), nil
}

// namesOf returns all names under which a service stood, and when. What another name meant before the
// service got it, or after it lost it, is another service's story.
func namesOf(service string, renames []rename) []alias {
	list := []alias{{strings.ToLower(service), 0, math.MaxInt}}
	for n := 0; n < len(list); n++ {
		for _, r := range renames {
			a := list[n]
			switch {
			case a.within(r.at) && a.name == r.old:
				list = follow(list, alias{r.new, r.at, until(renames, r)})
			case a.within(r.at) && a.name == r.new:
				list = follow(list, alias{r.old, since(renames, r), r.at})
			}
		}
	}
	return list
}

// until returns when a service lost the name that a rename gave it; the last step there can be if it did not.
func until(renames []rename, r rename) int {
	for _, next := range renames {
		if next.at > r.at && next.old == r.new {
			return next.at
		}
	}
	return math.MaxInt
}

// since returns when a service had got the name that a rename took from it; 0 if it always had it.
func since(renames []rename, r rename) int {
	for _, before := range slices.Backward(renames) {
		if before.at < r.at && before.new == r.old {
			return before.at
		}
	}
	return 0
}

// follow adds a name to a list, unless it has it for as long or longer.
func follow(list []alias, a alias) []alias {
	if slices.ContainsFunc(list, func(b alias) bool { return b.name == a.name && b.first <= a.first && a.last <= b.last }) {
		return list
	}
	return append(list, a)
}
