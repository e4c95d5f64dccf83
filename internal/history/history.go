// Package history computes and caches what changed from each version of a store to the next, and
// returns what happened to a value or a name of any registry. For ports, see package porthistory.
//
// Comparing two versions takes milliseconds, but a store has hundreds. So the lists
// of changes are kept in the store as derived files, one file a year: for each version a
// header line with the version that it follows, and then its changes, one a line, in the form
// of docs/json.md.
//
//	GROUP/derived/changes/2018.jsonl   {"version": ID, "previous": ID, "differ": 4, "changes": 2, …}
//	                                   {"registry": ID, "kind": "renamed", …}
//	                                   {"registry": ID, "kind": "assigned", …}
//
// Questions are answered from these lines, so an answer costs what the changes cost, not what versions times rows do. Where the file of
// a year is long, another lists what each of its changes is about, as the rules of the registry state it: ports, services, values.
// A question about one subject reads that file, and then the lists alone that its subject is in.
//
//	GROUP/derived/changes/2018.txt     ID	PREVIOUS	OFFSET	SIZE	SUM
//	                                   	port/4420	service/nvme	service/nvme-of
//
// A list holds for as long as its version follows the same one and the rules by which it was made are the
// present ones. If versions arrive in between, their lists are made anew, and the others stay as they are; so
// the files depend on the versions and the rules alone, not on the order in which versions arrived.
//
// # Rollbacks
//
// Now and then IANA serves an older edition again, and the newer one the day after. Such a version
// brings no news. It returns to the version whose table it has ([Step.Returned]), and
// follows that one, without any change. What comes after it may go on from either: it follows the
// one that it differs from in fewer records. So versions form a tree, each with changes
// against the one that it follows, and no change is in it twice.
package history

import (
	"context"
	"fmt"
	"slices"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/snapshots"
)

// Step is what led to a version.
type Step struct {
	Version  snapshots.Version
	Previous string // id of the version that it follows; empty for the first, which has no changes
	Returned Return // whether it is an older version served again

	extend func(*diff.Change) // of [Rules]; nil for a group without its own
	list
}

// Return is how a version returned to an older one, which is its Previous.
type Return string

// The ways to return.
const (
	Not        Return = ""            // it did not
	RolledBack Return = "rolled back" // what had come since is undone
	Restored   Return = "restored"    // what a rollback had undone is there again
)

// Changes decodes the changes against the previous version.
func (s *Step) Changes() ([]diff.Change, error) {
	return s.about(nil)
}

// damagedError is the error of a list of changes that cannot be read.
type damagedError struct {
	id  string
	err error
}

func (e *damagedError) Error() string { return fmt.Sprintf("a change of version %s: %v", e.id, e.err) }
func (e *damagedError) Unwrap() error { return e.err }
func (e *damagedError) Hint() string {
	return "'ianasync verify --repair' makes the lists of changes anew"
}

// Steps returns what led to each version of a store, oldest first, for [Files]; where a year is given, to its versions and those after
// it. It compares only the versions of which the store has no list of changes, and whose changes were not found before; found may be
// nil. It calls show, if not nil, after each version. Of a group without [Rules] of its own it also returns the keys; where
// those that the store has are not of its present versions, all lists are made anew, whatever the year.
func Steps(ctx context.Context, s *snapshots.Store, year string, found *Found, show func(done, total int64)) ([]Step, *Keys, error) {
	keys, err := storedKeys(s)
	if err != nil {
		return nil, nil, err
	}
	return stepsOf(ctx, s, keys, year, &lists{store: s, found: found, subjects: true}, show)
}

// Remade is [Steps] from the versions' bytes alone.
func Remade(ctx context.Context, s *snapshots.Store, show func(done, total int64)) ([]Step, *Keys, error) {
	return stepsOf(ctx, s, nil, "", nil, show)
}

// stepsOf returns the steps of a store from a year on, given the keys and the lists that it has.
func stepsOf(ctx context.Context, s *snapshots.Store, keys *Keys, year string, known *lists, show func(done, total int64)) ([]Step, *Keys, error) {
	own, is := s.Group().(Rules)
	if !is {
		return groupSteps(ctx, s, s.Group().(*registry.Group), keys, year, known, show)
	}
	steps, err := trace(ctx, s.Versions(), year, known, newComparer[any](s, own), show)
	for i := range steps {
		steps[i].extend = own.Extend
	}
	return steps, nil, err
}

// trace returns the steps of versions from a year on, making those that are not known.
func trace(ctx context.Context, versions []snapshots.Version, year string, known *lists, c nearer, show func(done, total int64)) ([]Step, error) {
	t := tree{versions: versions, parent: make([]int, len(versions)), returned: make([]Return, len(versions)), first: make(map[string]int, len(versions)), known: known, nearer: c}
	steps := make([]Step, 0, len(versions))
	for i, v := range versions {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if v.ID < year && t.place(i) {
			continue
		}
		step, err := t.step(i)
		if err != nil {
			return nil, err
		}
		if v.ID >= year {
			steps = append(steps, step)
		}
		if show != nil {
			show(int64(i+1), int64(len(versions)))
		}
	}
	return steps, nil
}

// tree is the versions as they follow each other.
type tree struct {
	versions []snapshots.Version
	parent   []int // of each version the index of the one that it follows; -1 for the first
	returned []Return
	first    map[string]int // by the digest of a table, the latest version that had it
	known    *lists         // nil where none is
	nearer   nearer

	among    []int    // the candidates of the last version
	amongIDs []string // their ids
}

// place works out what version i follows, and reports whether that takes no list of changes.
func (t *tree) place(i int) (done bool) {
	at, seen := t.first[t.versions[i].TableSHA256]
	switch {
	case i == 0:
		t.parent[i] = -1
	case seen:
		t.parent[i] = at
		if at < i-1 {
			t.returned[i] = t.direction(i-1, at)
		}
	default:
		candidates := t.candidates(i)
		if len(candidates) > 1 {
			return false
		}
		t.parent[i] = candidates[0]
	}
	t.first[t.versions[i].TableSHA256] = i
	return true
}

// step works out what version i follows, and what changed. Either it or place must be called for each in turn.
func (t *tree) step(i int) (Step, error) {
	v := t.versions[i]
	step := Step{Version: v, list: list{head: header{Version: v.ID, DiffVersion: DiffVersion}}}
	if _, seen := t.first[v.TableSHA256]; i == 0 || seen {
		t.place(i)
		if i == 0 {
			return step, nil
		}
	} else {
		t.first[v.TableSHA256] = i
		candidates := t.candidates(i)
		among := t.ids(candidates)
		known, err := t.known.of(t.versions, i)
		if err != nil {
			return step, err
		}
		if !known.holds(among) {
			if known, err = t.nearest(candidates, i); err != nil {
				return step, err
			}
		}
		t.parent[i] = candidates[slices.Index(among, known.head.Previous)]
		if len(among) > 1 {
			step.head.Among = slices.Clone(among)
		}
		step.lines, step.subjects, step.part = known.lines, known.subjects, known.part
		step.head.Sum, step.head.Changes = known.head.Sum, max(len(known.lines), len(known.subjects))
	}
	step.Previous, step.Returned = t.versions[t.parent[i]].ID, t.returned[i]
	step.head.Previous, step.head.Returned = step.Previous, step.Returned
	return step, nil
}

// nearest returns the list of changes to version i from the nearest of the versions that it may follow.
func (t *tree) nearest(candidates []int, i int) (list, error) {
	if len(candidates) == 1 {
		if of, found := t.known.between(t.versions[candidates[0]], t.versions[i]); found {
			return of, nil
		}
	}
	return t.nearer.nearest(t.versions, candidates, i)
}

// direction reports whether the change from a version to one with the table of another undoes earlier changes
// (RolledBack) or redoes them (Restored).
func (t *tree) direction(from, to int) Return {
	for ; from >= 0; from = t.parent[from] {
		if t.versions[from].TableSHA256 == t.versions[to].TableSHA256 {
			return RolledBack
		}
	}
	return Restored
}

// candidates are the versions that version i may follow: the one before it, and if that is a
// rollback, also the one before the rollback. They hold until the next call.
func (t *tree) candidates(i int) []int {
	before := i - 1
	t.among = append(t.among[:0], before)
	for before > 0 {
		switch {
		case t.versions[before].TableSHA256 == t.versions[before-1].TableSHA256: // exported anew
			before--
			continue
		case t.returned[before] == Not:
			return t.among
		}
		before--
		t.among = append(t.among, before)
	}
	return t.among
}

// ids returns the ids of some versions. They hold until the next call.
func (t *tree) ids(at []int) []string {
	t.amongIDs = t.amongIDs[:0]
	for _, i := range at {
		t.amongIDs = append(t.amongIDs, t.versions[i].ID)
	}
	return t.amongIDs
}
