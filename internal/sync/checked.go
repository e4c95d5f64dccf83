package sync

import (
	"errors"

	"github.com/ianasync/ianasync/internal/source/web"
	"github.com/ianasync/ianasync/snapshots"
)

// Checked is what came of the check of one group.
type Checked struct {
	Group  string
	Result *Result           // nil where Err is not
	Err    error             // a [*Rejection], a [web.ErrUnreachable] or, of one group among several, a [snapshots.ErrCorrupt]
	Newest snapshots.Version // after the check; its zero value where there is none
	Check  snapshots.Check   // as it was recorded

	Withdrawn bool // Err is a rejection because there is no such group any more, and that is believed
}

// Withdrawn is the outcome of a check of a group that is no longer published. In the store it is recorded as refused.
const Withdrawn snapshots.Outcome = "withdrawn"

// Failed is the outcome of a check of a group whose store is damaged. Nothing is recorded of it.
const Failed snapshots.Outcome = "failed"

// Outcome returns how the check ended.
func (c *Checked) Outcome() snapshots.Outcome {
	if c.Withdrawn {
		return Withdrawn
	}
	if c.Err != nil {
		if o, ofSource := OutcomeOf(c.Err); ofSource {
			return o
		}
		return Failed
	}
	return c.Result.Outcome
}

// OutcomeOf returns the outcome of a check that ended with an error, and reports whether it has one: an error that is neither a
// refusal nor a source out of reach says nothing of the source.
func OutcomeOf(err error) (snapshots.Outcome, bool) {
	if _, refused := errors.AsType[*Rejection](err); refused {
		return snapshots.Refused, true
	}
	if errors.Is(err, web.ErrUnreachable) {
		return snapshots.Unreachable, true
	}
	return "", false
}
