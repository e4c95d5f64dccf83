package githubaction

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/layout"
	"github.com/ianasync/ianasync/internal/sync"
	"github.com/ianasync/ianasync/snapshots"
)

// Findings is the result of a run: of the checks of all groups.
type Findings struct {
	Groups []*Finding // those that were asked for; the others were not due
	Wanted int        // how many groups the run is for
	Commit string     // id of the commit that was pushed, if any was
	Quiet  time.Time  // the time of the repository's newest commit, if GitHub may soon disable its schedules: see [Quiet]
}

// single returns the finding of a run that is for one group alone; otherwise nil.
func (f *Findings) single() *Finding {
	if f.Wanted == 1 && len(f.Groups) == 1 {
		return f.Groups[0]
	}
	return nil
}

// severity has the outcomes of checks, the worst first.
var severity = []snapshots.Outcome{snapshots.Refused, sync.Failed, snapshots.Unreachable, snapshots.Changed, snapshots.Unchanged, sync.Withdrawn}

// Outcome returns the worst outcome of all groups.
func (f *Findings) Outcome() snapshots.Outcome {
	for _, o := range severity {
		if f.count(o) > 0 && o != sync.Withdrawn {
			return o
		}
	}
	return snapshots.Unchanged // no other group was due
}

// count returns how many groups had an outcome.
func (f *Findings) count(o snapshots.Outcome) (n int) {
	for _, g := range f.Groups {
		if g.Outcome == o {
			n++
		}
	}
	return n
}

// Changed reports whether any group has a new version.
func (f *Findings) Changed() bool { return len(f.changed()) > 0 }

// changed returns the findings of the groups that have a new version.
func (f *Findings) changed() (list []*Finding) {
	for _, g := range f.Groups {
		if len(g.Events) > 0 {
			list = append(list, g)
		}
	}
	return list
}

// Newest returns the newest version of all groups. Its ID is empty if there is none.
func (f *Findings) Newest() (newest snapshots.Version) {
	for _, g := range f.Groups {
		if g.Newest.ID > newest.ID {
			newest = g.Newest
		}
	}
	return newest
}

// mostNamed is how many groups a headline names.
const mostNamed = 3

// Headline returns one line about what was found. It is safe in the message of a commit.
func (f *Findings) Headline() string {
	if g := f.single(); g != nil {
		return g.Headline()
	}
	return f.Titled()
}

// Titled returns [Findings.Headline] after the id of the group where that is the only one that it is about.
func (f *Findings) Titled() string {
	if g := f.single(); g != nil {
		return g.Titled()
	}
	changed := f.changed()
	switch len(changed) {
	case 0:
		return f.state()
	case 1:
		return changed[0].Titled()
	}
	var ids []string
	for _, g := range changed[:min(mostNamed, len(changed))] {
		ids = append(ids, g.Group)
	}
	line := fmt.Sprintf("changes in %d registry groups: %s", len(changed), strings.Join(ids, ", "))
	if rest := len(changed) - mostNamed; rest > 0 {
		line += fmt.Sprintf(" and %d more", rest)
	}
	return line
}

// state returns how many groups had each outcome.
func (f *Findings) state() string {
	var parts []string
	for _, o := range slices.Backward(severity) {
		if n := f.count(o); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, o))
		}
	}
	if n := f.Wanted - len(f.Groups); n > 0 {
		parts = append(parts, fmt.Sprintf("%d not due", n))
	}
	return fmt.Sprintf("%d registry groups: %s", f.Wanted, strings.Join(parts, ", "))
}

// Message returns the message of the commit: a line, and where several groups have changes one of each.
func (f *Findings) Message() string {
	lines := []string{f.Titled()}
	if changed := f.changed(); len(changed) > 1 {
		lines = append(lines, "")
		for _, g := range changed {
			lines = append(lines, g.Titled())
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

// changes returns the changes of all versions that are new.
func (f *Findings) changes() (all []diff.Change) {
	for _, g := range f.Groups {
		all = append(all, g.changes()...)
	}
	return all
}

// WorthCommitting reports whether to commit the files of the store that the checks changed. The record of the last checks alone
// is committed if one ended otherwise than the committed one (well or not), and once a day, UTC. So the repository shows
// that the registry was checked, for how long a source has been unreachable, and has a commit often enough for GitHub not to
// disable its schedules.
func (f *Findings) WorthCommitting(changes []Change) bool {
	if len(changes) != 1 || changes[0].Name != layout.Checks {
		return len(changes) > 0
	}
	return slices.ContainsFunc(f.Groups, func(g *Finding) bool { return g.worthCommitting(changes[0].Was) })
}
