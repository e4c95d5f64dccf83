// Package githubaction is a step of a GitHub workflow: it syncs the store in the job's checkout, commits and pushes its
// files, publishes it, and reports to the workflow what changed.
//
// # The store
//
// What the branch's store has is never removed from the branch, whatever state the checkout is in. A run therefore begins
// with what the remote's branch has now: files that are missing in the store's folder (an earlier step cleaned up, a sparse
// checkout left them out), old (a cache restored them) or altered (git's line ends) are brought back. Versions that
// the folder has besides, because an earlier run stored them and could not push, are added to those. A commit that would
// take a version's bytes or line away is refused.
//
// # The checkout
//
// A [Checkout] commits the store's files and pushes the commit, with git itself. The checkout may be shallow; only its
// newest commit is read. Only the names that it was opened with are committed or altered, nothing beside them: not
// even where it is changed or staged.
//
// A commit is made beside the checkout (by fast-import: without an index, and from the files' bytes, so that no
// filter and no line-end conversion of git's applies), on top of what the remote has, and pushed. Commits that the
// checkout has and the remote has not are not pushed. The checkout's branch follows only when
// the remote has ours, and only if it was where the remote was. A run that ends before that leaves the files as they are,
// changed, and the next one commits them.
//
// Somebody else may push at the same time. A commit that they made beside the files does
// not matter: ours is put on top of it. One that touches them does: two runs have
// found the same edition, or two, and lines of theirs and ours are no store, however well
// they merge. Then our commit is dropped, and the run starts over from theirs ([ErrOvertaken]). Where
// the checkout's branch stays behind, the files are staged, and git pull does the rest.
//
// # A pull request
//
// With [Step.Propose] the commit is pushed to a branch of its own, from which another action makes a pull request. Until that is
// merged, each run begins with what both branches have, so that a version keeps the time at which it was first seen.
//
// # The workflow
//
// A [Finding] is what a check found of one group; a [Policy] makes a [Conclusion] of it. Outputs, the job's summary, annotations
// and the commit's message are made from the [Findings] of all groups. Most of them are text in which some lines are commands to the runner, and what
// is written there comes from the registry, whose text is untrusted. What speaks to the runner is in runner.go: each
// function there takes any text, and whatever stands in it stays text.
package githubaction

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"os/exec"
	"path"
	"time"

	"github.com/ianasync/ianasync/internal/groups"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/layout"
	"github.com/ianasync/ianasync/internal/sync"
	"github.com/ianasync/ianasync/snapshots"
)

// Step is a run of the action.
type Step struct {
	Group   func(id string) snapshots.Group // the description of a group
	Groups  []string                        // the groups that are synced
	Store   string                          // folder
	Push    bool                            // commit the store and push the commit
	Propose bool                            // push to the branch [Proposal] instead of the one that is checked out
	Wait    time.Duration                   // for another writer of the store
	Policy  Policy
	Runner  *Runner
	Now     func() time.Time
	Say     func(format string, args ...any) // to people who read the log

	// Sync syncs the groups that are due, and yields what came of each. An error, which says nothing of the source, is the last.
	Sync func(ctx context.Context) iter.Seq2[sync.Checked, error]
	// Publish publishes the store; nil where nothing is published.
	Publish func(ctx context.Context) error
	// PublishAlways publishes also where there is no new version.
	PublishAlways bool
}

// maxRounds is how often a run starts over because another one was faster.
const maxRounds = 5

// Run syncs, commits, publishes and reports. It reports its conclusion to the workflow, but not its error.
func (s *Step) Run(ctx context.Context) (Conclusion, error) {
	found, err := s.syncAndCommit(ctx)
	if found == nil {
		return Conclusion{}, err
	}
	news := found.Changed() || s.PublishAlways
	if err == nil && s.Publish != nil && news && found.Newest().ID != "" { // what is not committed the next run finds under another id
		err = s.Publish(ctx)
	}
	conclusions := found.Conclude(s.Policy, s.Now())
	s.Say("%s", found.Headline())
	return worst(conclusions), errors.Join(err, s.Runner.Report(found, conclusions)) // whatever became of it after it was found
}

// syncAndCommit does both, and starts over where another run has committed the store in between. There may be a
// finding and an error.
func (s *Step) syncAndCommit(ctx context.Context) (*Findings, error) {
	if err := os.MkdirAll(s.Store, 0o777); err != nil {
		return nil, err
	}
	if !s.Push {
		return s.syncOnly(ctx)
	}
	checkout, err := OpenCheckout(ctx, s.Store, layout.Committed(s.Groups...)...)
	if err != nil {
		return nil, err
	}
	for round := 1; ; round++ {
		if err := checkout.Follow(ctx); err != nil {
			return nil, err
		}
		if s.Propose {
			if err := s.followProposal(ctx, checkout); err != nil {
				return nil, err
			}
		}
		if err := s.restore(ctx, checkout); err != nil {
			return nil, err
		}
		found, err := s.find(ctx)
		if err != nil {
			return nil, err
		}
		err = s.commit(ctx, checkout, found)
		if !errors.Is(err, ErrOvertaken) || round == maxRounds {
			return found, err
		}
		s.Say("%v: starting over from there", err)
	}
}

// syncOnly syncs the store and commits nothing. In a checkout it begins with what the checked-out commit has.
func (s *Step) syncOnly(ctx context.Context) (*Findings, error) {
	checkout, err := openHead(ctx, s.Store, layout.Committed(s.Groups...)...)
	switch {
	case err == nil:
		err = s.restore(ctx, checkout)
	case errors.Is(err, errNoCheckout) || errors.Is(err, exec.ErrNotFound):
		err = nil
	}
	if err != nil {
		return nil, err
	}
	found, err := s.find(ctx)
	if err != nil {
		return nil, err
	}
	found.Quiet = Quiet(ctx, s.Store, s.Now())
	return found, s.addTitles(found)
}

// find syncs the store. A refusal and a source out of reach are findings.
func (s *Step) find(ctx context.Context) (*Findings, error) {
	found := &Findings{Wanted: len(s.Groups)}
	for c, err := range s.Sync(ctx) {
		if err != nil {
			return nil, err
		}
		f := &Finding{Group: c.Group, Outcome: c.Outcome(), Newest: c.Newest, Check: c.Check}
		refused, isRefused := errors.AsType[*sync.Rejection](c.Err)
		switch {
		case isRefused:
			f.Why, f.Fix = refused.Error(), refused.Fix
		case c.Err != nil:
			f.Why = c.Err.Error()
		case f.Outcome == snapshots.Changed:
			f.Events = []history.Event{c.Result.Event}
		}
		found.Groups = append(found.Groups, f)
	}
	return found, nil
}

// commit commits and pushes the store, if that is worth it.
func (s *Step) commit(ctx context.Context, checkout *Checkout, found *Findings) error {
	changes, err := checkout.Changed(ctx)
	if err != nil {
		return err
	}
	if err := s.addUnpushed(ctx, found, changes); err != nil {
		return err
	}
	if err := s.addTitles(found); err != nil {
		return err
	}
	switch {
	case !s.Propose && found.WorthCommitting(changes):
		found.Commit, err = checkout.Commit(ctx, changes, found.Message(), s.Now())
	case s.Propose && found.Changed():
		found.Commit, err = checkout.Propose(ctx, changes, found.Message(), s.Now())
	}
	return err
}

// addTitles adds the titles of the groups that have changes.
func (s *Step) addTitles(found *Findings) error {
	for _, f := range found.Groups {
		if len(f.Events) == 0 || f.Group == groups.ServiceNames {
			continue
		}
		store, err := snapshots.Open(s.Store, s.Group(f.Group))
		if err != nil {
			return err
		}
		list, err := history.ReadRegistries(store)
		if err != nil {
			return err
		}
		if list != nil {
			f.Title = list.Title
		}
	}
	return nil
}

// addUnpushed adds to what was found the versions that an earlier run stored and could not push: all that are newer than
// the committed ones, of groups that were not due now as well. Where none is committed the record begins.
func (s *Step) addUnpushed(ctx context.Context, found *Findings, changes []Change) error {
	for _, c := range changes {
		group := path.Dir(c.Name)
		if c.Name != layout.Group(group).Versions() {
			continue
		}
		f, err := s.findingOf(found, group)
		if err != nil {
			return err
		}
		events := []history.Event{{Version: f.Newest}}
		if known := layout.NewestID(c.Was); known != "" {
			if events, err = s.eventsAfter(ctx, group, known); err != nil {
				return err
			}
		}
		if f.Newest.ID == "" || len(f.Events) >= len(events) {
			continue
		}
		f.Events = events
		if f.Outcome == snapshots.Unchanged {
			f.Outcome = snapshots.Changed
		}
	}
	return nil
}

// findingOf returns the finding of a group, and adds one where the group was not asked for.
func (s *Step) findingOf(found *Findings, group string) (*Finding, error) {
	for _, f := range found.Groups {
		if f.Group == group {
			return f, nil
		}
	}
	store, err := snapshots.Open(s.Store, s.Group(group))
	if err != nil {
		return nil, err
	}
	f := &Finding{Group: group, Outcome: snapshots.Unchanged}
	f.Newest, _ = store.Latest()
	f.Check, _, err = store.Check()
	found.Groups = append(found.Groups, f)
	return f, err
}

// eventsAfter returns what a group's versions brought after the one of an id.
func (s *Step) eventsAfter(ctx context.Context, group, id string) (events []history.Event, err error) {
	store, err := snapshots.Open(s.Store, s.Group(group))
	if err != nil {
		return nil, err
	}
	past, err := history.Open(ctx, store)
	if err != nil {
		return nil, err
	}
	for _, step := range past.Steps() {
		if step.Version.ID <= id {
			continue
		}
		event, err := step.Event()
		if err != nil {
			return nil, fmt.Errorf("version %s: %w", step.Version.ID, err)
		}
		events = append(events, event)
	}
	return events, nil
}
