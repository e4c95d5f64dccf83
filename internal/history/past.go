package history

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/snapshots"
)

// Past is everything that happened from version to version, ready to be asked.
type Past struct {
	steps   []Step
	parents []int                   // of each step, the index of the one that it follows; -1 for none
	undone  []string                // of each step, id of the version that undid it, where none did it again
	events  func() ([]Event, error) // one a step, decoded once
	stated  func() [][]string       // of each event, for each of its changes the subjects
	keys    *Keys                   // of a group other than that of the service names; else nil
}

// Open returns the past of a store. It reads the lists of changes that the store has, and makes
// those that it has not, without writing any.
func Open(ctx context.Context, s *snapshots.Store) (*Past, error) {
	return openPast(ctx, s, false)
}

// OpenToAsk is [Open] for few questions, each about one subject. Of long lists it reads the subjects, and the changes of those
// versions alone which a question concerns, when it is asked.
func OpenToAsk(ctx context.Context, s *snapshots.Store) (*Past, error) {
	return openPast(ctx, s, true)
}

// openPast is [Open] or, if toAsk is set, [OpenToAsk].
func openPast(ctx context.Context, s *snapshots.Store, toAsk bool) (*Past, error) {
	keys, err := storedKeys(s)
	if err != nil {
		return nil, err
	}
	steps, now, err := stepsOf(ctx, s, keys, "", &lists{store: s, unread: toAsk}, nil)
	if err == nil && toAsk {
		err = askable(steps, func() ([]Step, error) {
			whole, _, err := stepsOf(ctx, s, keys, "", &lists{store: s}, nil)
			return whole, err
		})
	}
	if err != nil {
		return nil, err
	}
	past := Of(steps)
	past.keys = now
	return past, nil
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
	p := &Past{steps: steps, parents: make([]int, len(steps))}
	for i := range steps {
		at, known := i-1, i > 0 && steps[i-1].Version.ID == steps[i].Previous
		if !known {
			at, known = find(steps[:i], steps[i].Previous)
		}
		if p.parents[i] = at; !known {
			p.parents[i] = -1
		}
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

// find returns which of some steps is that of the version with the id, and whether there is one.
func find(steps []Step, id string) (at int, found bool) {
	return slices.BinarySearchFunc(steps, id, func(s Step, id string) int { return strings.Compare(s.Version.ID, id) })
}

// UpTo returns the past up to and with the version of the given id, as if nothing had come since.
func (p *Past) UpTo(id string) *Past {
	if i, known := find(p.steps, id); known && i < len(p.steps)-1 {
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

// event returns the event of a step, without its changes.
func (p *Past) event(step int) Event {
	s := &p.steps[step]
	return Event{Version: s.Version, Previous: s.Previous, Returned: s.Returned, Undone: p.undone[step]}
}

// decode returns all events.
func (p *Past) decode() ([]Event, error) {
	events := make([]Event, len(p.steps))
	for i := range p.steps {
		var err error
		events[i] = p.event(i)
		if events[i].Changes, err = p.steps[i].Changes(); err != nil {
			return nil, err
		}
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

// Since returns what the versions after one brought, oldest first, of the changes that are wanted. Versions that
// brought none are left out, but not returns that undid any, or brought any back.
func (p *Past) Since(id string, wanted func(*diff.Change) bool) ([]Event, error) {
	events, err := p.Find(nil, func(_ int, c *diff.Change) (bool, bool) {
		w := wanted(c)
		return w, w
	})
	return slices.DeleteFunc(events, func(e Event) bool { return e.Version.ID <= id }), err
}

// Changes returns the changes of a step, given its index, that are about a wanted subject; all where wanted is nil.
func (p *Past) Changes(step int, wanted func(subject string) bool) ([]diff.Change, error) {
	if s := &p.steps[step]; s.part != nil || wanted != nil && s.subjects != nil {
		return s.about(wanted)
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

// Find returns the steps with changes that are wanted, judged first by their subjects, all where about is nil, and then decoded; and
// the returns that undid, or did again, a change that is wanted and alters the subject. The function is takes the index of a step, and
// may replace a change by the part that is wanted.
func (p *Past) Find(about func(subject string) bool, is func(step int, c *diff.Change) (wanted, alters bool)) ([]Event, error) {
	var events []Event
	altered := make([]bool, len(p.steps))
	for i := range p.steps {
		e := p.event(i)
		var err error
		if e.Changes, err = p.Changes(i, about); err != nil {
			return nil, err
		}
		kept := e.Changes[:0]
		for j := range e.Changes {
			if wanted, alters := is(i, &e.Changes[j]); wanted {
				kept = append(kept, e.Changes[j])
				altered[i] = altered[i] || alters
			}
		}
		e.Changes = kept
		if len(kept) > 0 || e.Returned != Not && slices.ContainsFunc(p.Between(i-1, i), func(j int) bool { return altered[j] }) {
			events = append(events, e)
		}
	}
	return events, nil
}
