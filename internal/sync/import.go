package sync

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/internal/source/web"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

// Sighting is an edition of the past as somebody kept it.
type Sighting struct {
	Name   string    // what people call it: a commit, a file
	Source string    // see [snapshots.Edition]
	Seen   time.Time // zero only where it is unfit
	Bytes  []byte
	Unfit  error // why there are no bytes; nil if there are

	Until   time.Time // when the next edition of the same mirror was seen; zero where there is none, or it is not known
	Commit  bool      // Seen is the date of a commit, which may be wrong
	Undated bool      // Seen is the newest date in the edition: nothing else dates it
	Unended bool      // a missing line end at the end is accepted
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
	// Sightings are fastest, and smallest in the store, in the order of their times.
	Sightings iter.Seq2[Sighting, error]
	// Taken, if not nil, is called after each sighting, with its rejection if there is one.
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
// The guard compares each edition with the one before it in time, whether that is in the store or was imported just now.
// Rollbacks are stored: these editions are known to have been served. Implausible ones are stored only if Accept is set,
// because nothing shows whether they were still served a day later.
//
// It stops at the first error. What was imported by then is in the store. The derived files are updated if the error is
// a [web.ErrUnreachable]; else [snapshots.Store.DerivedStale] reports true.
func (j *Job) Import(ctx context.Context, past Past) (n Imported, err error) {
	if err := j.Store.CheckClock(j.Now()); err != nil {
		return n, err
	}
	j.Store.BeginBatch()
	i := intake{Job: j}
	err = errors.Join(i.all(ctx, past), j.Store.EndBatch())
	if err == nil || errors.Is(err, web.ErrUnreachable) {
		err = errors.Join(err, i.derive(ctx))
	}
	return i.n, err
}

// intake is an import, and what it found that is derived otherwise.
type intake struct {
	*Job
	n     Imported
	last  *ports.Table  // of the edition of the service names that was stored last; nil for none
	found history.Found // between the editions that were stored, one after the other
}

// all stores sightings. A second goroutine judges the next one meanwhile.
func (i *intake) all(ctx context.Context, past Past) error {
	ctx, cancel := context.WithCancel(ctx)
	judged := make(chan judgement, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(judged)
		newJudge(i.Job).all(ctx, past.Sightings, judged)
	}()
	defer func() { <-done }()
	defer cancel()
	for s := range judged {
		if err := cmp.Or(ctx.Err(), s.err); err != nil {
			return err
		}
		if err := i.store(s); err != nil {
			return err
		}
		if past.Taken != nil {
			past.Taken(s.Sighting, s.rejected)
		}
	}
	return ctx.Err()
}

// store stores or counts a sighting according to its judgement.
func (i *intake) store(s judgement) error {
	i.n.Editions++
	switch {
	case s.rejected != nil:
		i.n.Refused++
		return nil //nolint:nilerr // a rejection is counted, and does not end the import
	case s.known:
		i.n.Known++
		return nil
	}
	_, added, err := i.Store.Import(snapshots.Edition{
		Bytes: s.Bytes, Seen: s.Seen, Source: s.Source, Note: s.note, SHA256: s.sum, Content: s.content,
	})
	switch {
	case err != nil:
		return err
	case added:
		i.n.Added++
	default:
		i.n.Known++
	}
	if d, is := s.content.(*ports.Decoded); is {
		i.compare(d)
	}
	return nil
}

// compare adds what changed from the edition stored last to the next one, if that was decoded from it.
func (i *intake) compare(d *ports.Decoded) {
	if old, gone, came := d.From(); old != nil && old == i.last && len(gone)+len(came) > 0 {
		i.found.Add(old.Digest(), d.Table.Digest(), portrules.Compare(gone, came))
	}
	i.last = d.Table
}

// derive updates the derived files if they are stale.
func (i *intake) derive(ctx context.Context) error {
	newest, found := i.Store.Latest()
	if !found || !i.Store.DerivedStale() {
		return nil
	}
	m := newMaker(i.Store, nil, false, i.Progress)
	if m.found = &i.found; i.last != nil && i.last.Digest() == newest.TableSHA256 {
		m.newest = i.last
	}
	_, err := m.write(ctx)
	return err
}

// judgement is a sighting and the result of judging it.
type judgement struct {
	Sighting
	sum      string           // SHA-256 of the bytes, where there are any
	content  registry.Content // nil if the store has the bytes
	known    bool             // there is nothing to store
	note     string           // the rejection that was overruled
	rejected *Rejection
	err      error // ends the import
}

// judge judges the sightings of an import.
type judge struct {
	*Job
	bytes    map[string]bool     // SHA-256 of bytes that the store has, or will have
	tables   map[string]bool     // digests of tables, likewise
	taken    map[string]bool     // ids of the sightings of the store
	versions []snapshots.Version // of the store as it was
	reader   *snapshots.Store    // the store, to be read beside its writer; nil until it is needed
	from     *reader             // what was decoded last
	last     *edition            // the last one that was accepted; nil if there was none
}

func newJudge(j *Job) *judge {
	g := &judge{Job: j, from: newReader(guardOf(j.Store)), bytes: make(map[string]bool), tables: make(map[string]bool), taken: make(map[string]bool), versions: j.Store.Versions()}
	for _, v := range g.versions {
		g.bytes[v.SHA256], g.tables[v.TableSHA256] = true, true
	}
	for v := range j.Store.Sightings() {
		g.taken[v.ID] = true
	}
	return g
}

// all judges sightings, until there are no more or ctx ends.
func (g *judge) all(ctx context.Context, sightings iter.Seq2[Sighting, error], judged chan<- judgement) {
	send := func(j judgement) (more bool) {
		select {
		case judged <- j:
			return j.err == nil
		case <-ctx.Done():
			return false
		}
	}
	var held []Sighting // undated ones of one day
	for s, err := range sightings {
		if len(held) > 0 && (err != nil || !s.Undated || !s.Seen.Equal(held[0].Seen)) {
			if !g.undated(held, send) {
				return
			}
			held = nil
		}
		switch {
		case err != nil:
			send(judgement{Sighting: s, err: err})
			return
		case s.Undated && s.Unfit == nil:
			held = append(held, s)
		case !send(g.one(s)):
			return
		}
	}
	g.undated(held, send)
}

// one judges a sighting.
func (g *judge) one(s Sighting) judgement {
	j := judgement{Sighting: s}
	switch {
	case s.Unfit != nil:
		j.rejected = unfitFor(s.Unfit).ofImport()
		return j
	case snapshots.Ahead(s.Seen, g.Now()):
		j.rejected = &Rejection{Reason: "its time lies in the future"}
		return j
	}
	j.sum = digest(s.Bytes)
	if g.bytes[j.sum] {
		j.known = s.Undated // else it is another sighting
		return j
	}
	var d *edition
	if d, j.rejected, j.err = g.examine(s); j.err != nil || j.rejected != nil {
		if j.rejected == nil || !j.rejected.Acceptable() || !g.Accept || j.err != nil {
			return j
		}
		j.note, j.rejected = "accepted: "+j.rejected.Reason, nil
	}
	j.content = d.content
	if s.Undated && g.tables[d.digest()] {
		j.known = true
		return j
	}
	g.bytes[j.sum], g.tables[d.digest()], g.last = true, true, d
	return j
}

// examine decodes a sighting and returns what there is against it.
func (g *judge) examine(s Sighting) (*edition, *Rejection, error) {
	before, err := g.before(s.Seen)
	if err != nil {
		return nil, nil, err
	}
	d, r, err := g.from.read(s.Bytes, s.Seen)
	if err == nil && r == nil {
		if s.Commit {
			r = g.from.early(d)
		}
		if r == nil {
			r = g.from.against(before, d, circumstances{unended: s.Unended, until: s.Until})
		}
	}
	return d, r.ofImport(), err
}

// ofImport returns a rejection with what to do about it in an import, which no next run repeats.
func (r *Rejection) ofImport() *Rejection {
	switch {
	case r == nil, r.Fix == fixOneTable:
	case r.Acceptable():
		r.Fix = "look at what was refused; if it is the registry all the same, --accept stores it"
	default:
		r.Fix = ""
	}
	return r
}

// before returns the edition before a time: the last one that was accepted, or a version of the store; nil if there is
// none.
func (g *judge) before(seen time.Time) (*edition, error) {
	i, _ := slices.BinarySearchFunc(g.versions, snapshots.FormatID(seen)+"~", func(v snapshots.Version, id string) int { return cmp.Compare(v.ID, id) })
	last := g.last
	if last != nil && last.seen.After(seen) {
		last = nil
	}
	if i == 0 || last != nil && !g.versions[i-1].Seen().After(last.seen) {
		return last, nil
	}
	return g.version(g.versions[i-1])
}

// after returns the version of the store after a time; nil where there is none.
func (g *judge) after(seen time.Time) (*edition, error) {
	for _, v := range g.versions {
		if v.Seen().After(seen) {
			return g.version(v)
		}
	}
	return nil, nil
}

// version returns a version of the store as an edition.
func (g *judge) version(v snapshots.Version) (*edition, error) {
	if g.reader == nil {
		var err error
		if g.reader, err = snapshots.Open(g.Store.Dir(), g.Store.Group()); err != nil {
			return nil, err
		}
	}
	return g.from.stored(g.reader, v)
}

// undated judges undated sightings with one newest date, in the order that gives the fewest changes. If no order is better
// than another, it rejects the new ones: the order in which they were given means nothing.
func (g *judge) undated(held []Sighting, send func(judgement) (more bool)) (more bool) {
	ordered, uncertain, err := g.order(held)
	if err != nil {
		return send(judgement{err: err})
	}
	for _, s := range ordered {
		j := g.one(s)
		if !send(j) {
			return false
		}
	}
	for _, s := range uncertain {
		day := s.Seen.Format(time.DateOnly)
		reason := fmt.Sprintf("it has no date, and its newest day, %s, is also that of another edition: which of them is older is not known", day)
		if !send(judgement{Sighting: s, rejected: &Rejection{Reason: reason, Fix: "--time gives an edition without a date the time at which it was seen"}}) {
			return false
		}
	}
	return true
}

// order orders undated sightings with one newest date. It returns those apart whose order is not known.
func (g *judge) order(held []Sighting) (ordered, uncertain []Sighting, err error) {
	var fresh []*edition // with new tables
	var of []Sighting
	tables := make(map[string]bool)
	for _, s := range held {
		d, r, err := g.examine(s)
		if err != nil {
			return nil, nil, err
		}
		if g.bytes[digest(s.Bytes)] || d == nil || r != nil && !g.Accept || g.tables[d.digest()] || tables[d.digest()] {
			ordered = append(ordered, s)
			continue
		}
		tables[d.digest()] = true
		fresh, of = append(fresh, d), append(of, s)
	}
	switch {
	case len(fresh) == 0:
		return ordered, nil, nil
	case g.taken[snapshots.FormatID(of[0].Seen)]: // that an earlier run guessed
		return ordered, of, nil
	case len(fresh) == 1:
		return append(of, ordered...), nil, nil
	case len(fresh) > 2:
		return ordered, of, nil
	}
	before, err := g.before(of[0].Seen)
	if err != nil {
		return nil, nil, err
	}
	after, err := g.after(of[0].Seen)
	if err != nil {
		return nil, nil, err
	}
	asGiven, reverse := g.from.distance(before, fresh[0])+g.from.distance(fresh[1], after), g.from.distance(before, fresh[1])+g.from.distance(fresh[0], after)
	switch {
	case asGiven == reverse:
		return ordered, of, nil
	case asGiven > reverse:
		slices.Reverse(of)
	}
	return append(of, ordered...), nil, nil
}
