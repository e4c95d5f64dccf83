package sync

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"time"

	"github.com/ianasync/ianasync/internal/source/web"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/snapshots"
)

// Sighting is an edition of the past as somebody kept it.
type Sighting struct {
	Name   string    // what people call it: a commit, a file
	Source string    // see [snapshots.Edition]
	Seen   time.Time // zero only where it is unfit
	Bytes  []byte
	Unfit  error // why there are no bytes that could be the registry
}

// String reads like "1f2e3d4c5b6a:ports.csv of 2018-03-28T00:00:00Z".
func (s Sighting) String() string {
	if s.Seen.IsZero() {
		return s.Name
	}
	return s.Name + " of " + s.Seen.UTC().Format(time.RFC3339)
}

// Past is what an import takes.
type Past struct {
	// Sightings are best in the order of their times: then each takes little work and little room.
	Sightings iter.Seq2[Sighting, error]
	// Taken, if not nil, is called after each sighting, with the rejection of one that is not believed.
	Taken func(s Sighting, rejected *Rejection)
}

// Imported counts what became of the sightings.
type Imported struct {
	Editions int `json:"editions"` // all
	Added    int `json:"added"`    // became versions
	Known    int `json:"known"`    // were in the store, or are the same bytes as those before them
	Refused  int `json:"refused"`  // are not the registry
}

// Import brings editions of the past into the store.
//
// The guard holds each of them to the registry's floors alone: what was served then is known to have been served,
// rollback or not, and from one edition of the past to the next may lie years.
//
// It stops at the first error. What was imported by then is in the store, and [snapshots.Store.DerivedStale] reports
// that the derived files are behind; but where a source goes out of reach they are brought up to date.
func (j *Job) Import(ctx context.Context, past Past) (n Imported, err error) {
	if err := j.Store.CheckClock(j.Now()); err != nil {
		return n, err
	}
	n, err = j.importAll(ctx, past)
	if err == nil || errors.Is(err, web.ErrUnreachable) {
		err = errors.Join(err, j.derive(ctx))
	}
	return n, err
}

// importAll judges one sighting while it stores another.
func (j *Job) importAll(ctx context.Context, past Past) (n Imported, err error) {
	ctx, cancel := context.WithCancel(ctx)
	judged := make(chan judgement, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(judged)
		newJudge(j).all(ctx, past.Sightings, judged)
	}()
	defer func() { <-done }()
	defer cancel()
	for s := range judged {
		if err := cmp.Or(ctx.Err(), s.err); err != nil {
			return n, err
		}
		if err := j.take(s, &n); err != nil {
			return n, err
		}
		if past.Taken != nil {
			past.Taken(s.Sighting, s.rejected)
		}
	}
	return n, ctx.Err()
}

// take does with a sighting as it was judged.
func (j *Job) take(s judgement, n *Imported) error {
	n.Editions++
	if s.rejected != nil {
		n.Refused++
		return nil
	}
	_, added, err := j.Store.Import(snapshots.Edition{Bytes: s.Bytes, Seen: s.Seen, Source: s.Source, Table: s.table})
	switch {
	case err != nil:
		return err
	case added:
		n.Added++
	default:
		n.Known++
	}
	return nil
}

// judgement is a sighting with what the guard makes of it.
type judgement struct {
	Sighting
	table    *registry.Table // nil where the store needs none
	rejected *Rejection
	err      error // there are no more
}

// judge judges the sightings of an import.
type judge struct {
	*Job
	known map[string]bool   // SHA-256 of bytes that the store has, or will have
	last  *registry.Decoded // that was believed; nil if there was none
}

func newJudge(j *Job) *judge {
	g := &judge{Job: j, known: make(map[string]bool)}
	for _, v := range j.Store.Versions() {
		g.known[v.SHA256] = true
	}
	return g
}

// all judges sightings, until there are no more or ctx ends.
func (g *judge) all(ctx context.Context, sightings iter.Seq2[Sighting, error], judged chan<- judgement) {
	for s, err := range sightings {
		j := judgement{Sighting: s, err: err}
		if err == nil {
			j.table, j.rejected, j.err = g.one(s)
		}
		select {
		case judged <- j:
		case <-ctx.Done():
			return
		}
		if j.err != nil {
			return
		}
	}
}

// one judges a sighting. It returns its table if the store needs it.
func (g *judge) one(s Sighting) (*registry.Table, *Rejection, error) {
	switch {
	case s.Unfit != nil:
		return nil, &Rejection{Reason: s.Unfit.Error()}, nil
	case snapshots.Ahead(s.Seen, g.Now()):
		return nil, &Rejection{Reason: "its time lies in the future"}, nil
	}
	sum := digest(s.Bytes)
	if g.known[sum] {
		return nil, nil, nil
	}
	d, r, err := g.decode(g.last, s.Bytes)
	if r == nil && err == nil {
		r = g.whole(d.Table)
	}
	if r != nil || err != nil {
		return nil, r, err
	}
	d.Table.Digest() // here, beside the storing of the one before; the table remembers it
	g.known[sum], g.last = true, d
	return d.Table, nil, nil
}
