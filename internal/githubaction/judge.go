package githubaction

import (
	"fmt"
	"slices"
	"time"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/sync"
	"github.com/ianasync/ianasync/snapshots"
)

// FailOn is a choice of what fails a run.
type FailOn string

// What fails a run. A source that is unreachable for too long always does.
const (
	Never   FailOn = "never"
	Guard   FailOn = "guard"   // the guard refused what is served
	Removal FailOn = "removal" // that, or an assignment was removed
)

// Policy determines when a run fails.
type Policy struct {
	FailOn     FailOn
	StaleAfter time.Duration // how long after the last successful check a source may be unreachable
}

// Conclusion is how a run ends.
type Conclusion struct {
	Level Level // Error where the run fails
	Text  string
	About snapshots.Outcome // Changed if an assignment was removed
}

// Conclude returns how a run ends by what was found of each group.
func (f *Findings) Conclude(p Policy, now time.Time) []Conclusion {
	list := make([]Conclusion, len(f.Groups))
	for i, g := range f.Groups {
		list[i] = g.Conclude(p, now)
		if f.single() == nil {
			list[i].Text = g.Group + ": " + list[i].Text
		}
	}
	return list
}

// worst returns the conclusion by which a run ends: of those that fail it that of the worst outcome.
func worst(conclusions []Conclusion) (c Conclusion) {
	c.Level = Notice
	for _, o := range severity {
		for _, other := range conclusions {
			if other.About == o && other.Level == Error && c.Level != Error {
				c = other
			}
		}
	}
	return c
}

// Conclude returns how a run with a finding ends. It fails at once if the source never answered: most likely its URL is
// wrong.
func (f *Finding) Conclude(p Policy, now time.Time) Conclusion {
	c := f.ofCheck(p, now)
	if p.FailOn == Removal && c.Level != Error && slices.ContainsFunc(f.changes(), func(c diff.Change) bool { return c.Kind.Removes() }) {
		return Conclusion{Error, "an assignment was removed: " + f.Headline(), snapshots.Changed}
	}
	return c
}

// ofCheck returns how a run ends by the outcome of the check alone.
func (f *Finding) ofCheck(p Policy, now time.Time) Conclusion {
	switch f.Outcome {
	case snapshots.Refused:
		return Conclusion{failsIf(p.FailOn != Never, Warning), f.Why + ": " + f.Fix, f.Outcome}
	case snapshots.Unreachable:
		since := f.Check.Confirmed
		if since.IsZero() {
			return Conclusion{Error, f.Why + ": it has never answered; check the URL", f.Outcome}
		}
		text := fmt.Sprintf("%s: the last successful check was at %s", f.Why, since.UTC().Format(time.RFC3339))
		return Conclusion{failsIf(now.Sub(since) > p.StaleAfter, Warning), text, f.Outcome}
	case sync.Failed:
		return Conclusion{Error, f.Why + ": 'ianasync verify' lists all that is damaged", f.Outcome}
	}
	return Conclusion{Notice, f.Headline(), f.Outcome}
}

func failsIf(so bool, otherwise Level) Level {
	if so {
		return Error
	}
	return otherwise
}
