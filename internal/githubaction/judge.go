package githubaction

import (
	"fmt"
	"slices"
	"time"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/snapshots"
)

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

// Conclusion is what a run makes of a finding.
type Conclusion struct {
	Level Level // Error where the run fails
	Text  string
	About snapshots.Outcome // Changed where an assignment is gone
}

// Conclude judges a finding. A source that never answered fails at once: it is more likely to
// be the wrong one.
func (f *Finding) Conclude(p Policy, now time.Time) Conclusion {
	c := f.ofCheck(p, now)
	if p.FailOn == Removal && c.Level != Error && slices.ContainsFunc(f.changes(), func(c diff.Change) bool { return c.Kind.Removes() }) {
		return Conclusion{Error, "an assignment is gone: " + f.Headline(), snapshots.Changed}
	}
	return c
}

// ofCheck judges how the check ended.
func (f *Finding) ofCheck(p Policy, now time.Time) Conclusion {
	switch f.Outcome {
	case snapshots.Refused:
		return Conclusion{failsIf(p.FailOn != Never, Warning), f.Why + ": " + f.Fix, f.Outcome}
	case snapshots.Unreachable:
		since := f.Check.Confirmed
		if since.IsZero() {
			return Conclusion{Error, f.Why + ": it has never answered; is the address right?", f.Outcome}
		}
		text := fmt.Sprintf("%s: what is served was last known at %s", f.Why, since.UTC().Format(time.RFC3339))
		return Conclusion{failsIf(now.Sub(since) > p.StaleAfter, Warning), text, f.Outcome}
	}
	return Conclusion{Notice, f.Headline(), f.Outcome}
}

func failsIf(so bool, otherwise Level) Level {
	if so {
		return Error
	}
	return otherwise
}
