package githubaction

import (
	"fmt"
	"time"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/layout"
	"github.com/ianasync/ianasync/internal/render"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

// Finding is the result of a check of the registry.
type Finding struct {
	Registry *ports.Registry
	Outcome  snapshots.Outcome // of the check
	Events   []history.Event   // the changes of the versions that are new, oldest first; an earlier run may have left some, whatever the outcome
	Newest   snapshots.Version // its ID is empty if there is none
	Check    snapshots.Check
	Why      string    // the reason of a refusal, or of no answer
	Fix      string    // the remedy of a refusal
	Commit   string    // id of the commit that was pushed, if any was
	Quiet    time.Time // the time of the repository's newest commit, if GitHub may soon disable its schedules: see [Quiet]
}

// Title returns [Finding.Headline] after the name of the registry. It is safe in the message of a commit: it quotes nothing
// that the source sent.
func (f *Finding) Title() string { return f.Registry.ID + ": " + f.Headline() }

// Headline returns one line about what was found.
func (f *Finding) Headline() string {
	switch before := len(f.Events) - 1; {
	case before < 0:
		return f.state()
	case before == 0:
		return render.Headline(&f.Events[0])
	default:
		return fmt.Sprintf("%s; versions before it: %d", render.Headline(&f.Events[before]), before)
	}
}

// state returns how the check ended, and the newest version.
func (f *Finding) state() string {
	newest := "there is no version yet"
	if f.Newest.ID != "" {
		newest = "the newest version is " + f.Newest.ID
	}
	switch f.Outcome {
	case snapshots.Refused:
		return "what the source serves was refused; " + newest
	case snapshots.Unreachable:
		return "the source is unreachable; " + newest
	}
	return "unchanged; " + newest
}

// Message returns the message of the commit.
func (f *Finding) Message() string { return f.Title() + "\n" }

// changes returns the changes of all versions that are new.
func (f *Finding) changes() (all []diff.Change) {
	for i := range f.Events {
		all = append(all, f.Events[i].Changes...)
	}
	return all
}

// WorthCommitting reports whether to commit the files of the store that a check changed. The record of the last check alone
// is committed if it ended otherwise than the committed one (well or not), and once a day, UTC. So the repository shows
// that the registry was checked, for how long a source has been unreachable, and has a commit often enough for GitHub not to
// disable its schedules.
func (f *Finding) WorthCommitting(group string, changes []Change) bool {
	if len(changes) != 1 || changes[0].Name != layout.Checks {
		return len(changes) > 0
	}
	last, found, err := snapshots.ParseCheck(changes[0].Was, group)
	if err != nil || !found {
		return true
	}
	same := last.Outcome == f.Outcome || last.Outcome.Good() && f.Outcome.Good()
	return !same || day(last.Checked) != day(f.Check.Checked)
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
