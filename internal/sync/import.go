package sync

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"iter"
	"time"

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

// Import brings editions of the past into a store.
//
// The guard holds each of them to the registry's floors alone: what was served then is
// known to have been served, rollback or not, and from one edition of the past to
// the next may lie years.
type Import struct {
	Registry *registry.Registry
	Store    *snapshots.Store // open for writing
	Now      func() time.Time

	// Refused, if not nil, is called for each sighting that is not believed.
	Refused func(s Sighting, reason string)
	// Progress, if not nil, is called after each sighting.
	Progress func(done int64)
}

// Imported counts what became of the sightings.
type Imported struct {
	Editions int `json:"editions"` // all
	Added    int `json:"added"`    // became versions
	Known    int `json:"known"`    // were in the store, or are the same bytes as those before them
	Refused  int `json:"refused"`  // are not the registry
}

// Run imports sightings, best in the order of their times: then each takes little work
// and little room. It stops at the first error; what was imported by then is in the
// store, and [snapshots.Store.DerivedStale] tells that the derived files are behind.
func (i *Import) Run(ctx context.Context, sightings iter.Seq2[Sighting, error]) (n Imported, err error) {
	if err := i.Store.CheckClock(i.Now()); err != nil {
		return n, err
	}
	ctx, cancel := context.WithCancel(ctx)
	judged := make(chan judgement, 1) // judging one while another is stored
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(judged)
		i.judge(ctx, sightings, newReader(i.Store), judged)
	}()
	defer func() { <-done }()
	defer cancel()
	for j := range judged {
		if err := ctx.Err(); err != nil {
			return n, err
		}
		if j.err != nil {
			return n, j.err
		}
		if err := i.take(j, &n); err != nil {
			return n, err
		}
		if i.Progress != nil {
			i.Progress(int64(n.Editions))
		}
	}
	return n, ctx.Err()
}

// judgement is a sighting with what the guard says of it.
type judgement struct {
	Sighting
	table  *registry.Table // nil where the store needs none
	reason string          // it is refused
	err    error           // there are no more
}

// take does with a sighting as it was judged.
func (i *Import) take(j judgement, n *Imported) error {
	n.Editions++
	if j.reason != "" {
		n.Refused++
		if i.Refused != nil {
			i.Refused(j.Sighting, j.reason)
		}
		return nil
	}
	_, added, err := i.Store.Import(snapshots.Edition{Bytes: j.Bytes, Seen: j.Seen, Source: j.Source, Table: j.table})
	if added {
		n.Added++
	} else if err == nil {
		n.Known++
	}
	return err
}

// judge reads and judges sightings, until there are no more or ctx ends.
func (i *Import) judge(ctx context.Context, sightings iter.Seq2[Sighting, error], r *reader, judged chan<- judgement) {
	for s, err := range sightings {
		j := judgement{err: err}
		if err == nil {
			j = i.believe(s, r)
		}
		j.Sighting = s
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

// believe says whether a sighting is believed, and returns its table if it takes one to
// store it.
func (i *Import) believe(s Sighting, r *reader) judgement {
	switch {
	case s.Unfit != nil:
		return judgement{reason: s.Unfit.Error()}
	case snapshots.Ahead(s.Seen, i.Now()):
		return judgement{reason: "its time lies in the future"}
	}
	sum := sha256.Sum256(s.Bytes)
	sha := hex.EncodeToString(sum[:])
	if r.believed[sha] {
		return judgement{}
	}
	rows, err := registry.ReadEdition(s.Bytes)
	if err != nil {
		return judgement{reason: err.Error()}
	}
	table, err := r.table(rows)
	if err != nil {
		return judgement{err: err}
	}
	if err := i.Registry.Check(table); err != nil {
		return judgement{reason: err.Error()}
	}
	table.Digest() // here, beside the storing of the one before; the table remembers it
	r.believed[sha], r.before, r.beforeTable = true, rows, table
	return judgement{table: table}
}

// reader decodes editions that differ little from one to the next.
type reader struct {
	believed map[string]bool // SHA-256 of bytes that the store has, or will have

	before      *registry.Edition // the last that was believed; nil if there was none
	beforeTable *registry.Table
}

func newReader(s *snapshots.Store) *reader {
	r := &reader{believed: make(map[string]bool)}
	for _, v := range s.Versions() {
		r.believed[v.SHA256] = true
	}
	return r
}

// table returns the table of an edition: that of the one before, less what is gone, plus
// what came, for that is a tenth of the work of decoding all of it. Where the two have
// problems or unknown columns, all of it is decoded, for those are not a record's alone.
func (r *reader) table(rows *registry.Edition) (*registry.Table, error) {
	if r.before == nil || len(rows.Unknown()) > 0 || len(r.before.Unknown()) > 0 || len(r.beforeTable.Problems) > 0 {
		return rows.Table()
	}
	gone, came, err := registry.Distinct(r.before, rows)
	if err != nil {
		return nil, err
	}
	records, ok := replace(r.beforeTable.Records, gone.Records, came.Records)
	if !ok || len(gone.Problems) > 0 || len(came.Problems) > 0 {
		return rows.Table()
	}
	return registry.NewTable(records), nil
}

// replace returns records less gone, plus came. The first two are in canonical order. It
// is not ok where not all of gone is in records.
func replace(records, gone, came []registry.Record) (result []registry.Record, ok bool) {
	result = make([]registry.Record, 0, len(records)+len(came))
	for i := range records {
		if len(gone) > 0 && records[i] == gone[0] {
			gone = gone[1:]
		} else {
			result = append(result, records[i])
		}
	}
	return append(result, came...), len(gone) == 0
}
