// Package porthistory answers what happened to a port, a service or an assignee of the service names registry, from the versions of a
// store and what package history knows of them.
//
// A [Query] is what is asked about: [Past.Ask] returns its events, [Past.Blame] since when a port's records are as they are. A
// [Condition] is what a record must have: [Past.Presences] returns when there were such records. An [Index] answers thousands of
// queries from all changes, which it reads once.
package porthistory

import (
	"context"
	"sync"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/snapshots"
)

// Past is the past of the service names.
type Past struct {
	*history.Past

	perioded  sync.Once // guards the two below
	all       []Period
	allFailed error
}

// Of returns a past of the service names as one that can be asked about ports.
func Of(p *history.Past) *Past { return &Past{Past: p} }

// Open is [history.Open] for a store of the service names.
func Open(ctx context.Context, s *snapshots.Store) (*Past, error) {
	p, err := history.Open(ctx, s)
	return Of(p), err
}

// OpenToAsk is [history.OpenToAsk] for a store of the service names.
func OpenToAsk(ctx context.Context, s *snapshots.Store) (*Past, error) {
	p, err := history.OpenToAsk(ctx, s)
	return Of(p), err
}

// UpTo is [history.Past.UpTo].
func (p *Past) UpTo(id string) *Past {
	if past := p.Past.UpTo(id); past != p.Past {
		return Of(past)
	}
	return p
}

// Ask returns what happened to a query's subject, oldest first: a port through all its holders, a
// service through all its names, on all its ports. A version that returns to an older one is in
// it where it undid, or brought back, anything of that.
func (p *Past) Ask(q Query) ([]history.Event, error) {
	names, err := p.names(q)
	if err != nil {
		return nil, err
	}
	queries := []Query{q}
	wanted := q.wanted()
	if q.Service != "" {
		queries = make([]Query, len(names))
		subjects := make([]string, len(names))
		for i, n := range names {
			queries[i], subjects[i] = Query{Service: n.name}, portrules.ServiceSubject(n.name)
		}
		wanted = history.AnyOf(subjects...)
	}
	return p.Find(wanted, func(step int, c *diff.Change) (wanted, alters bool) {
		for i, query := range queries {
			if part, is := query.part(c); is && (q.Service == "" || names[i].within(step)) {
				*c = part
				return true, c.Kind != diff.Recut
			}
		}
		return false, false
	})
}
