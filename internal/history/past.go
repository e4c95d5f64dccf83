package history

import (
	"context"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

// Past is everything that happened from version to version, ready to be asked.
type Past struct {
	steps   []Step
	at      map[string]int          // by version id
	parents []int                   // of each step, the index of the one that it follows; -1 for none
	undone  []string                // of each step, id of the version that undid it, where none did it again
	events  func() ([]Event, error) // one a step, decoded once
	stated  func() [][]string       // of each event, for each of its changes the subjects
	keys    *Keys                   // of a group other than that of the service names; else nil

	perioded  sync.Once // guards the two below
	all       []Period
	allFailed error
}

// Open returns the past of a store. It reads the lists of changes that the store has, and makes
// those that it has not, without writing any.
func Open(ctx context.Context, s *snapshots.Store) (*Past, error) {
	if g, is := s.Group().(*registry.Group); is {
		return openGroup(ctx, s, g, false)
	}
	steps, err := Steps(ctx, s, nil)
	if err != nil {
		return nil, err
	}
	return Of(steps), nil
}

// OpenToAsk is [Open] for few questions, each about one subject. Of long lists it reads the subjects, and the changes of those
// versions alone which a question concerns, when it is asked.
func OpenToAsk(ctx context.Context, s *snapshots.Store) (*Past, error) {
	if g, is := s.Group().(*registry.Group); is {
		return openGroup(ctx, s, g, true)
	}
	versions := s.Versions()
	steps, err := trace(ctx, versions, "", &lists{store: s, unread: versions}, &comparer{store: s}, nil)
	if err != nil {
		return nil, err
	}
	err = askable(steps, func() ([]Step, error) { return Steps(ctx, s, nil) })
	return Of(steps), err
}

// askable completes steps of which the lines may be unread. The function whole returns all steps with their lines.
func askable(steps []Step, whole func() ([]Step, error)) error {
	whole = sync.OnceValues(whole)
	for i := range steps {
		if err := steps[i].state(); err != nil {
			return err
		}
		if steps[i].part != nil {
			steps[i].part.whole = whole
		}
	}
	return nil
}

// Of returns the past that steps, oldest first, make up.
func Of(steps []Step) *Past {
	p := &Past{steps: steps, at: make(map[string]int, len(steps)), parents: make([]int, len(steps))}
	for i := range steps {
		p.parents[i] = -1
		if at, known := p.at[steps[i].Previous]; known {
			p.parents[i] = at
		}
		p.at[steps[i].Version.ID] = i
	}
	p.undone = make([]string, len(steps))
	for i := 1; i < len(steps); i++ {
		for step, sign := range p.Walk(i-1, i) {
			p.undone[step] = ""
			if sign < 0 {
				p.undone[step] = steps[i].Version.ID
			}
		}
	}
	p.events, p.stated = sync.OnceValues(p.decode), sync.OnceValue(p.state)
	return p
}

// UpTo returns the past up to and with the version of the given id, as if nothing had come since.
func (p *Past) UpTo(id string) *Past {
	if i, known := p.at[id]; known && i < len(p.steps)-1 {
		past := Of(p.steps[:i+1])
		past.keys = p.keys
		return past
	}
	return p
}

// Key returns how the records of a registry are told apart, and whether that is known. It is of no registry of the service
// names.
func (p *Past) Key(id string) (Key, bool) {
	if p.keys == nil {
		return Key{}, false
	}
	return p.keys.key(id)
}

// Registries returns the list of the registries of an edition of the group, which is of the given version.
func (p *Past) Registries(version string, e *registry.Edition) *Registries {
	return NewRegistries(version, e, p.keys)
}

// Steps returns what led to each version, oldest first.
func (p *Past) Steps() []Step { return p.steps }

// Begins returns the oldest version, with which our history begins, and whether there is any.
func (p *Past) Begins() (snapshots.Version, bool) {
	if len(p.steps) == 0 {
		return snapshots.Version{}, false
	}
	return p.steps[0].Version, true
}

// Event is what one version brought.
type Event struct {
	Version  snapshots.Version
	Previous string        // id of the version that it follows
	Returned Return        // where it is a return to its previous version, it has no changes
	Undone   string        // id of the version that undid it for good; empty where it stands
	Changes  []diff.Change // those that were asked for
}

// All returns every version, oldest first, and all that each brought. The changes are decoded once; they must not be
// altered.
func (p *Past) All() ([]Event, error) {
	events, err := p.events()
	return slices.Clone(events), err
}

func (p *Past) decode() ([]Event, error) {
	events := make([]Event, len(p.steps))
	for i := range p.steps {
		var err error
		if events[i], err = p.steps[i].Event(); err != nil {
			return nil, err
		}
		events[i].Undone = p.undone[i]
	}
	return events, nil
}

// state returns the subjects of all events.
func (p *Past) state() [][]string {
	events, _ := p.events() // none where there is an error
	list := make([][]string, len(events))
	for i := range events {
		list[i] = stated(events[i].Changes)
	}
	return list
}

// Event returns the step with all its changes.
func (s *Step) Event() (Event, error) {
	changes, err := s.Changes()
	return Event{Version: s.Version, Previous: s.Previous, Returned: s.Returned, Changes: changes}, err
}

// Ask returns what happened to a query's subject, oldest first: a port through all its holders, a
// service through all its names, on all its ports. A version that returns to an older one is in
// it where it undid, or brought back, anything of that.
func (p *Past) Ask(q Query) ([]Event, error) {
	names, err := p.names(q)
	if err != nil {
		return nil, err
	}
	queries := []Query{q}
	wanted := q.wanted()
	if q.Service != "" {
		queries = make([]Query, len(names))
		subjects := make([]string, len(names))
		for i, n := range names {
			queries[i], subjects[i] = Query{Service: n.name}, portrules.ServiceSubject(n.name)
		}
		wanted = is(subjects...)
	}
	return p.find(wanted, func(s *Step, c *diff.Change) (wanted, alters bool) {
		for i, query := range queries {
			if part, is := query.part(c); is && (q.Service == "" || names[i].within(p.at[s.Version.ID])) {
				*c = part
				return true, c.Kind != diff.Recut
			}
		}
		return false, false
	})
}

// Since returns what the versions after one brought, oldest first, of the changes that are wanted. Versions that
// brought none are left out, but not returns that undid any, or brought any back.
func (p *Past) Since(id string, wanted func(*diff.Change) bool) ([]Event, error) {
	events, err := p.find(nil, func(_ *Step, c *diff.Change) (bool, bool) {
		w := wanted(c)
		return w, w
	})
	return slices.DeleteFunc(events, func(e Event) bool { return e.Version.ID <= id }), err
}

// about returns the changes of a step that are about a wanted subject; all where wanted is nil.
func (p *Past) about(step int, wanted func(subject string) bool) ([]diff.Change, error) {
	s := &p.steps[step]
	switch {
	case wanted != nil && s.subjects != nil:
		return s.about(wanted)
	case s.part != nil:
		return s.Changes()
	}
	events, err := p.events() // decoded once
	if err != nil {
		return nil, err
	}
	if wanted == nil {
		return slices.Clone(events[step].Changes), nil
	}
	changes := []diff.Change{}
	for i, line := range p.stated()[step] {
		if mentions(line, wanted) {
			changes = append(changes, events[step].Changes[i])
		}
	}
	return changes, nil
}

// find returns the steps with changes that are wanted, judged first by their subjects, all where that is nil, and then decoded; and
// the returns that undid, or did again, a change that is wanted and alters the subject. The function is may replace a change by
// the part that is wanted.
func (p *Past) find(about func(subject string) bool, is func(*Step, *diff.Change) (wanted, alters bool)) ([]Event, error) {
	var events []Event
	altered := make([]bool, len(p.steps))
	for i := range p.steps {
		s := &p.steps[i]
		e := Event{Version: s.Version, Previous: s.Previous, Returned: s.Returned, Undone: p.undone[i]}
		var err error
		if e.Changes, err = p.about(i, about); err != nil {
			return nil, err
		}
		kept := e.Changes[:0]
		for j := range e.Changes {
			if wanted, alters := is(s, &e.Changes[j]); wanted {
				kept = append(kept, e.Changes[j])
				altered[i] = altered[i] || alters
			}
		}
		e.Changes = kept
		if len(kept) > 0 || s.Returned != Not && slices.ContainsFunc(p.between(i-1, i), func(j int) bool { return altered[j] }) {
			events = append(events, e)
		}
	}
	return events, nil
}

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
		for i := range p.steps {
			changes, err := p.about(i, is(portrules.ServiceSubject(names[n])))
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
