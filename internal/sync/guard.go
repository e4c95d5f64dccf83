package sync

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/internal/source/web"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/snapshots"
)

// The guard decides whether a body is the registry, whole and plausible. [Job.Sync], [Job.Import] and [Job.Pull] all call
// [reader.read] and [guard.against]. A rejection has one of three weights:
//
//   - unfit: the body is not the registry, or was cut off inside a row. It is never stored.
//   - suspicious: it has what no real edition has, such as many problems, unknown columns or a second header. It is
//     stored only if Accept is set.
//   - implausible: it may be true, such as a rollback, a mass change or a missing last record. [Job.Sync] also stores it
//     once it has been served for a day, with the time at which it was first seen.
//
// To an import a rollback is history, because its editions are known to have been served. The limits are those of the
// registry: see [ports.Limits].

// servedFor is for how long an answer that is only implausible has to be served to be believed.
const servedFor = 24 * time.Hour

// Rejection is the error for a body that the guard does not accept as the registry.
type Rejection struct {
	Source string
	Reason string
	Fix    string // what to do
	File   string // where the bytes are kept; empty if there were none
	weight weight
	gone   bool // the source says that it has no such group
}

// weight is what can overrule a rejection.
type weight int

const (
	unfit       weight = iota // nothing
	suspicious                // Accept
	implausible               // Accept, or that the body has been served for a day
)

// Error returns the source and the reason.
func (r *Rejection) Error() string { return fmt.Sprintf("refused %s: %s", r.Source, r.Reason) }

// Acceptable reports whether Accept stores the body.
func (r *Rejection) Acceptable() bool { return r.weight > unfit }

// What to do about a rejection.
const (
	fixUnfit       = "look at what the source serves; nothing was stored"
	fixSuspicious  = "look at the file; if it is the registry all the same, --accept stores it"
	fixNoGroup     = "IANA may have renamed or withdrawn the group: https://www.iana.org/protocols lists what there is"
	fixOneTable    = "import the XML of its group, GROUP.xml, instead; 'ianasync diff OLD.csv NEW.csv' compares two such files"
	fixImplausible = "it is stored once it has been served for a day; --accept stores it now"
)

// guard is what the guard has for one kind of registry.
type guard interface {
	// status returns the rejection of an answer with another status than 200.
	status(code int) *Rejection
	// restore returns the content of a version of a store. Known is that of the version decoded last, or nil.
	restore(s *snapshots.Store, v snapshots.Version, data []byte, known registry.Content) (registry.Content, error)
	// decode decodes a body. It returns a rejection for a body that is not the registry, and an error only for a fault of the
	// decoder. What takes memory is bounded first, so that a rejected body takes little.
	decode(body []byte, known registry.Content) (registry.Content, *Rejection, error)
	// against returns the rejection of an edition that follows another one, which may be nil; nil if it is accepted.
	against(before, d *edition, c circumstances) *Rejection
	// early returns the rejection of an edition that is of a later time than the one at which it was seen, which a commit states.
	early(d *edition) *Rejection
	// difference returns in how many records two editions differ.
	difference(a, b registry.Content) int
}

// guardOf returns the guard of the group of a store.
func guardOf(s *snapshots.Store) guard {
	if g, is := s.Group().(*registry.Group); is {
		return groupGuard{g}
	}
	return portsGuard{s.Group().(portrules.Group).Registry}
}

// circumstances are the facts about the source of an edition that the guard uses.
type circumstances struct {
	unended  bool                           // a missing line end at the end of the file is accepted
	rollback func(digest string) *Rejection // rejects rollbacks; nil if they are history
	until    time.Time                      // until when it was served, where that is known; of a group other than the service names only
}

// edition is an edition, decoded, and when it was seen.
type edition struct {
	content registry.Content
	seen    time.Time
}

// digest returns the digest of what the edition states: see [snapshots.Version].
func (e *edition) digest() string { return e.content.Facts().Digest }

// reader decodes editions, each from the last one of its form.
type reader struct {
	guard
	last map[registry.Form]registry.Content
}

func newReader(g guard) *reader { return &reader{g, make(map[registry.Form]registry.Content)} }

// stored returns a version of a store as an edition.
func (r *reader) stored(s *snapshots.Store, v snapshots.Version) (*edition, error) {
	data, err := s.Bytes(v) // not its canonical CSV, for which record was the last is in the served order
	if err != nil {
		return nil, err
	}
	form := registry.FormOf(data)
	c, err := r.restore(s, v, data, r.last[form])
	if err != nil {
		return nil, err
	}
	r.last[form] = c
	return &edition{c, v.Seen()}, nil
}

// read decodes a body that was seen at a time: see [guard].
func (r *reader) read(body []byte, seen time.Time) (*edition, *Rejection, error) {
	form := registry.FormOf(body)
	c, rejected, err := r.decode(body, r.last[form])
	if err != nil || rejected != nil {
		return nil, rejected, err
	}
	r.last[form] = c
	return &edition{c, seen}, nil, nil
}

// distance returns in how many records two editions differ; 0 where one is nil.
func (r *reader) distance(a, b *edition) int {
	if a == nil || b == nil {
		return 0
	}
	return r.difference(a.content, b.content)
}

func unfitf(format string, args ...any) *Rejection {
	return &Rejection{Reason: fmt.Sprintf(format, args...), Fix: fixUnfit}
}

func suspiciousf(format string, args ...any) *Rejection {
	return &Rejection{Reason: fmt.Sprintf(format, args...), Fix: fixSuspicious, weight: suspicious}
}

func implausiblef(format string, args ...any) *Rejection {
	return &Rejection{Reason: fmt.Sprintf(format, args...), Fix: fixImplausible, weight: implausible}
}

// judge decodes the answer to a check. If the guard does not accept it, the error is a [*Rejection]. The note is the
// rejection that was overruled, if any. The edition has the time at which the answer was first served.
func (c *check) judge(answer *web.Response) (d *edition, note string, err error) {
	from := newReader(guardOf(c.Store))
	if answer.Status != http.StatusOK {
		return nil, "", from.status(answer.Status)
	}
	var before *edition
	if c.found {
		if before, err = from.stored(c.Store, c.newest); err != nil {
			return nil, "", err
		}
	}
	d, r, err := from.read(answer.Body, c.now.Checked)
	if err == nil && r == nil {
		r, err = c.newestAfter(from, before, d)
	}
	if err != nil || r == nil {
		return d, "", err
	}
	note, since := c.overruled(r, answer.Body, "served")
	if note == "" {
		return nil, "", r
	}
	if !since.IsZero() {
		d.seen = since
	}
	return d, note, nil
}

// newestAfter returns the rejection of an edition that would be the newest after before, the newest of the store, which may be nil. It
// must not be, or be nearly, the table of an older version.
func (c *check) newestAfter(from *reader, before, d *edition) (*Rejection, error) {
	if r := from.against(before, d, circumstances{rollback: c.rollback}); r != nil || before == nil {
		return r, nil
	}
	return c.reverts(from, before, d)
}

// overruled returns the note of a version that is stored although it was rejected: because Accept is set, or because it is only
// implausible and has been served for a day, since the time returned. It is empty where neither holds. How is how it has been served.
func (c *check) overruled(r *Rejection, body []byte, how string) (note string, since time.Time) {
	since, served := c.servedSince(digest(body), false)
	switch {
	case r.Acceptable() && c.Accept:
		return "accepted: " + r.Reason, time.Time{}
	case r.weight == implausible && served && c.now.Checked.Sub(since) >= servedFor:
		return "still " + how + " a day later: " + r.Reason, since
	}
	return "", time.Time{}
}

// rollback returns a rejection if an older version has the same table, in whatever bytes.
func (c *check) rollback(digest string) *Rejection {
	for _, v := range c.Store.Versions() {
		if v.TableSHA256 == digest {
			return implausiblef("its records are those of an older version, %s: a rollback", v.ID)
		}
	}
	return nil
}

// A rollback to an older version need not have its exact table: a mirror may have altered a cell or doubled a row. In the
// corpus an edition is nearer to an older version than to the newest one in 1 of 285 transitions, and then by 6 records
// to 8.
const (
	muchNearer   = 3 // the newest version differs in at least this many times as many records
	fewestUndone = 4 // and in at least this many more: one or two records that IANA corrects back are no rollback
)

// reverts returns a rejection if an edition is much nearer to the table of an older version than to that of the newest one,
// before: if it undoes nearly all changes since then. It decodes older versions until they are too far from the newest one.
func (c *check) reverts(from *reader, before, d *edition) (*Rejection, error) {
	n := from.distance(before, d)
	if n <= fewestUndone {
		return nil, nil
	}
	versions := c.Store.Versions()
	for _, v := range slices.Backward(versions[:len(versions)-1]) {
		old, err := from.stored(c.Store, v)
		if err != nil {
			return nil, err
		}
		if m := from.distance(old, d); muchNearer*m <= n && n-m >= fewestUndone {
			return implausiblef("its records are nearly those of an older version, %s: they differ from them in %d, and in %d from the newest version's: a rollback", v.ID, m, n), nil
		}
		if from.distance(old, before) > 2*n { // an edition within n/3 of it is over n from the newest version
			return nil, nil
		}
	}
	return nil, nil
}

// unfitFor rejects a body for the error of reading it.
func unfitFor(err error) *Rejection {
	r := &Rejection{Reason: err.Error(), Fix: fixUnfit}
	if _, isOne := errors.AsType[*registry.OneTableError](err); isOne {
		r.Fix = fixOneTable
	}
	if errors.Is(err, registry.ErrRedirect) {
		r.Fix, r.gone = fixNoGroup, true
	}
	return r
}

// statusRejection returns the rejection of an answer with another status than 200, given the URL of the registry for people.
func statusRejection(code int, page string) *Rejection {
	return &Rejection{Reason: fmt.Sprintf("the answer's status is %d %s", code, http.StatusText(code)), Fix: "look whether the address is still right: " + page}
}

// over reports whether n is over a limit. A limit of zero is none.
func over(n, limit int) bool { return limit > 0 && n > limit }

// clip shortens a cell for a message.
func clip(s string) string {
	const most = 40
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most]) + "…"
	}
	return s
}
