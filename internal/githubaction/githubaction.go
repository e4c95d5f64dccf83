// Package githubaction words what a check of the registry found for a workflow of GitHub Actions:
// the verdict, outputs, the summary of the job, annotations, the message of the commit.
//
// Most of these are text in which some lines are orders, and what we write there comes from
// the registry, whose text is untrusted. What speaks to the runner is in runner.go; each
// function there takes any text, and whatever stands in it stays text.
package githubaction

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/layout"
	"github.com/ianasync/ianasync/internal/render"
	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/snapshots"
)

// Finding is what a check of the registry found.
type Finding struct {
	Outcome snapshots.Outcome // of the check
	Events  []history.Event   // what the versions brought that are new, oldest first; whatever the outcome, an earlier run may have left some
	Newest  snapshots.Version // none where its ID is empty
	Check   snapshots.Check
	Why     string    // it was refused, or there was no answer
	Fix     string    // what to do about a refusal
	Commit  string    // id of the commit that was pushed, if any was
	Quiet   time.Time // when the repository's newest commit was made, if that is so long ago that its schedules may be switched off
}

// Headline says in a line what was found. It is fit for the message of a commit: no word of
// it is the source's own.
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

// Message is the message of the commit.
func (f *Finding) Message() string {
	if len(f.Events) > 0 {
		return f.Headline() + "\n"
	}
	return "checked: " + f.Headline() + "\n"
}

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
func (f *Finding) WorthCommitting(changes []Change) bool {
	if len(changes) != 1 || changes[0].Name != layout.Check {
		return len(changes) > 0
	}
	var last snapshots.Check
	if json.Unmarshal(changes[0].Was, &last) != nil {
		return true
	}
	same := last.Outcome == f.Outcome || last.Outcome.Good() && f.Outcome.Good()
	return !same || day(last.Checked) != day(f.Check.Checked)
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// FailOn says what makes a run fail.
type FailOn string

// What makes a run fail. A source that is out of reach for too long always does.
const (
	Never   FailOn = "never"
	Guard   FailOn = "guard"   // what is served is refused
	Removal FailOn = "removal" // that, or an assignment is gone
)

// Policy is what the workflow wants to fail on.
type Policy struct {
	FailOn     FailOn
	StaleAfter time.Duration // for how long the source may be out of reach
}

// Verdict is how much what was found matters.
type Verdict struct {
	Level Level // Error where the run fails
	Text  string
	About snapshots.Outcome // Changed where an assignment is gone
}

// Verdict judges a finding. A source that never answered fails at once: it is more likely to
// be the wrong one.
func (f *Finding) Verdict(p Policy, now time.Time) Verdict {
	v := f.ofCheck(p, now)
	if p.FailOn == Removal && v.Level != Error && slices.ContainsFunc(f.changes(), func(c diff.Change) bool { return c.Kind.Removes() }) {
		return Verdict{Error, "an assignment is gone: " + f.Headline(), snapshots.Changed}
	}
	return v
}

// ofCheck judges how the check ended.
func (f *Finding) ofCheck(p Policy, now time.Time) Verdict {
	switch f.Outcome {
	case snapshots.Refused:
		return Verdict{failsIf(p.FailOn != Never, Warning), f.Why + ": " + f.Fix, f.Outcome}
	case snapshots.Unreachable:
		since := f.Check.Confirmed
		if since.IsZero() {
			return Verdict{Error, f.Why + ": it has never answered; is the address right?", f.Outcome}
		}
		text := fmt.Sprintf("%s: what is served was last known at %s", f.Why, since.UTC().Format(time.RFC3339))
		return Verdict{failsIf(now.Sub(since) > p.StaleAfter, Warning), text, f.Outcome}
	}
	return Verdict{Notice, f.Headline(), f.Outcome}
}

func failsIf(so bool, otherwise Level) Level {
	if so {
		return Error
	}
	return otherwise
}

// Summary is the job's summary, as Markdown, what is newest first.
func (f *Finding) Summary(v Verdict) string {
	var sections []string
	if f.Outcome != snapshots.Changed {
		section := "## " + text.Markdown(f.state()) + "\n"
		if v.Level != Notice {
			section += "\n" + text.Markdown(v.Text) + ".\n"
		}
		sections = append(sections, section)
	}
	for i := range slices.Backward(f.Events) {
		sections = append(sections, render.Section(&f.Events[i]))
	}
	return strings.Join(sections, "\n")
}

// Outputs are the outputs of the step. There are always all of them.
func (f *Finding) Outputs(summaryFile string) []Output {
	previous := ""
	if len(f.Events) > 0 {
		previous = f.Events[0].Previous
	}
	list := []Output{
		{"changed", strconv.FormatBool(len(f.Events) > 0)},
		{"outcome", string(f.Outcome)},
		{"version", f.Newest.ID},
		{"previous", previous},
		{"records", strconv.Itoa(f.Newest.Records)},
		{"headline", f.Headline()},
		{"summary-file", summaryFile},
		{"commit", f.Commit},
	}
	n := diff.Summary(f.changes())
	for _, k := range diff.Kinds {
		list = append(list, Output{string(k), strconv.Itoa(n[k])})
	}
	return list
}

// Annotations are the messages of the run by level. What makes it fail is the error.
func (f *Finding) Annotations(v Verdict) map[Level][]string {
	gone, other := render.News(f.changes())
	if len(gone)+len(other) == 0 && len(f.Events) > 0 {
		other = []string{f.Headline()}
	}
	list := map[Level][]string{Warning: gone, Notice: other}
	if v.Level != Notice {
		list[v.Level] = append([]string{v.Text}, list[v.Level]...)
	}
	if !f.Quiet.IsZero() {
		list[Warning] = append(list[Warning], SwitchedOff(f.Quiet))
	}
	return list
}

// SwitchedOff says what a repository comes to whose newest commit was made at a time.
func SwitchedOff(quiet time.Time) string {
	return fmt.Sprintf("nothing was committed to this repository since %s: GitHub switches the schedules of a public one off after 60 days without a commit, on %s",
		day(quiet), day(quiet.Add(SwitchOff)))
}
