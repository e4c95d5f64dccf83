package githubaction

import (
	"fmt"
	"time"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/layout"
	"github.com/ianasync/ianasync/internal/render"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/snapshots"
)

// Finding is what a check of the registry found.
type Finding struct {
	Registry *registry.Registry
	Outcome  snapshots.Outcome // of the check
	Events   []history.Event   // what the versions brought that are new, oldest first; whatever the outcome, an earlier run may have left some
	Newest   snapshots.Version // none where its ID is empty
	Check    snapshots.Check
	Why      string    // it was refused, or there was no answer
	Fix      string    // what to do about a refusal
	Commit   string    // id of the commit that was pushed, if any was
	Quiet    time.Time // when the repository's newest commit was made, if that is so long ago that its schedules may be switched off
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

// state says how the check ended.
func (f *Finding) state() string {
	newest := "there is no version yet"
	if f.Newest.ID != "" {
		newest = "the newest version is " + f.Newest.ID
	}
	switch f.Outcome {
	case snapshots.Refused:
		return "what is served is refused; " + newest
	case snapshots.Unreachable:
		return "the source is out of reach; " + newest
	}
	return "unchanged; " + newest
}

// Message returns the message of the commit.
func (f *Finding) Message() string { return f.Title() + "\n" }

// changes are those of all versions that are new.
func (f *Finding) changes() (all []diff.Change) {
	for i := range f.Events {
		all = append(all, f.Events[i].Changes...)
	}
	return all
}

// WorthCommitting tells whether the files of the store that a check changed are: all but the
// last check are always. The last check is where it ended in another way than the committed
// one, and once a day, UTC: so the repository shows that somebody looks, knows for how long a
// source has been out of reach, and is never so quiet that GitHub switches its schedule off.
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
