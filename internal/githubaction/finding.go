package githubaction

import (
	"fmt"
	"time"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/render"
	"github.com/ianasync/ianasync/internal/sync"
	"github.com/ianasync/ianasync/snapshots"
)

// Finding is the result of a check of one group.
type Finding struct {
	Group   string
	Title   string            // of the group, where it has changes and is not that of the service names
	Outcome snapshots.Outcome // of the check
	Events  []history.Event   // the changes of the versions that are new, oldest first; an earlier run may have left some, whatever the outcome
	Newest  snapshots.Version // its ID is empty if there is none
	Check   snapshots.Check
	Why     string // the reason of a refusal, or of no answer, or what is damaged
	Fix     string // the remedy of a refusal
}

// Titled returns [Finding.Headline] after the id of the group. It is safe in the message of a commit: it quotes nothing
// that the source sent.
func (f *Finding) Titled() string { return f.Group + ": " + f.Headline() }

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
	case sync.Failed:
		return "the store is damaged"
	case snapshots.Refused:
		return "what the source serves was refused; " + newest
	case sync.Withdrawn:
		return "withdrawn; " + newest
	case snapshots.Unreachable:
		return "the source is unreachable; " + newest
	}
	return "unchanged; " + newest
}

// changes returns the changes of all versions that are new.
func (f *Finding) changes() (all []diff.Change) {
	for i := range f.Events {
		all = append(all, f.Events[i].Changes...)
	}
	return all
}

// worthCommitting reports whether to commit the record of the check alone: if it ended otherwise than the one in the committed
// file (well or not), or on another day, UTC.
func (f *Finding) worthCommitting(committed []byte) bool {
	if f.Outcome == sync.Failed { // nothing was recorded
		return false
	}
	last, found, err := snapshots.ParseCheck(committed, f.Group)
	if err != nil || !found {
		return true
	}
	same := last.Outcome == f.Outcome || last.Outcome.Good() && f.Outcome.Good()
	return !same || day(last.Checked) != day(f.Check.Checked)
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
