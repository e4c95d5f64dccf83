package sync

import (
	"fmt"
	"net/http"
	"time"

	"github.com/ianasync/ianasync/internal/source/web"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/snapshots"
)

// servedFor is for how long an answer that is only implausible has to be served to be believed.
const servedFor = 24 * time.Hour

// Rejection is the error for a body that the guard does not believe to be the registry.
type Rejection struct {
	Source string
	Reason string
	Fix    string // what to do
	File   string // where the bytes are kept; empty if there were none
	weight weight
}

// weight is how much there is against a body.
type weight int

const (
	unfit       weight = iota // it is not the registry, whatever anybody says
	suspicious                // it is believed where a person accepts it
	implausible               // so it is, and once it has been served for a day
)

// Error returns the source and the reason.
func (r *Rejection) Error() string { return fmt.Sprintf("refused %s: %s", r.Source, r.Reason) }

const fixAccept = "if the registry really changed so much, --accept stores it"

// judge decodes an answer to a check. Where the guard does not believe it, the error is a [*Rejection]. The note says why
// it is believed in spite of what is against it.
func (c *check) judge(answer *web.Response) (d *registry.Decoded, note string, err error) {
	if answer.Status != http.StatusOK {
		return nil, "", &Rejection{
			Reason: fmt.Sprintf("the answer's status is %d %s", answer.Status, http.StatusText(answer.Status)),
			Fix:    "look whether the address is still right: " + c.Registry.Page,
		}
	}
	before, err := decoded(c.Store, c.newest, c.found)
	if err != nil {
		return nil, "", err
	}
	d, r, err := c.decode(before, answer.Body)
	if err != nil {
		return nil, "", err
	}
	if r == nil {
		r = c.against(before, d, digest(answer.Body))
	}
	if r == nil {
		return d, "", nil
	}
	since, served := c.servedSince(digest(answer.Body))
	switch {
	case r.weight > unfit && c.Accept:
		return d, "accepted: " + r.Reason, nil
	case r.weight == implausible && served && c.now.Checked.Sub(since) >= servedFor:
		return d, "still served a day later: " + r.Reason, nil
	}
	return nil, "", r
}

// decoded returns a version of a store, decoded; nil if there is none.
func decoded(s *snapshots.Store, v snapshots.Version, found bool) (*registry.Decoded, error) {
	if !found {
		return nil, nil
	}
	rows, err := s.Rows(v)
	if err != nil {
		return nil, err
	}
	return (*registry.Decoded)(nil).NextEdition(rows)
}

// decode decodes a body, given the edition that it follows, which may be nil. A body that is not the registry is a
// rejection. An error would be a fault of the decoder.
func (j *Job) decode(before *registry.Decoded, body []byte) (*registry.Decoded, *Rejection, error) {
	rows, err := registry.ReadEdition(body)
	const fix = "look at what the address shows; the next run asks again"
	if err != nil {
		return nil, &Rejection{Reason: err.Error(), Fix: fix}, nil //nolint:nilerr // the error is the reason
	}
	if rows.Len() == 0 { // no --accept makes this the registry
		return nil, &Rejection{Reason: "it has the registry's header and no records", Fix: fix}, nil
	}
	d, err := before.NextEdition(rows)
	return d, nil, err
}

// against returns what there is against an edition that follows another one, which may be nil.
func (c *check) against(before, d *registry.Decoded, sha256 string) *Rejection {
	if r := c.whole(d.Table); r != nil {
		return r
	}
	if older, known := c.Store.HasBytes(sha256); known {
		return &Rejection{
			Reason: fmt.Sprintf("these are the bytes of an older version, %s: a rollback", older.ID),
			Fix:    "it is believed once it has been served for a day; --accept believes it now", weight: implausible,
		}
	}
	return c.follows(before, d.Table)
}

// whole returns what there is against a table as all of the registry: too few records, or too many of the System and User
// ports without one.
func (j *Job) whole(t *registry.Table) *Rejection {
	reg := j.Registry
	if n := len(t.Records); n < reg.MinRecords {
		return &Rejection{Reason: fmt.Sprintf("it has %d records; the registry has at least %d", n, reg.MinRecords), Fix: fixAccept, weight: suspicious}
	}
	if n := t.Survey().Uncovered(); n > reg.MaxUncovered {
		reason := fmt.Sprintf("%d of the ports from 0 to %d have no record; in the registry at most %d lack one", n, registry.LastAssignable, reg.MaxUncovered)
		return &Rejection{Reason: reason, Fix: fixAccept, weight: suspicious}
	}
	return nil
}

// follows returns what there is against a table as the next one after another, which may be nil: too many of the assigned
// records are gone, whatever came. Records are told apart by service name, ports and transport.
func (j *Job) follows(before *registry.Decoded, next *registry.Table) *Rejection {
	if before == nil {
		return nil
	}
	left := make(map[identity]int, len(next.Records))
	for i := range next.Records {
		left[identify(&next.Records[i])]++
	}
	assigned, gone := 0, 0
	for i := range before.Table.Records {
		r := &before.Table.Records[i]
		id, counts := identify(r), r.Status() == registry.Assigned
		if counts {
			assigned++
		}
		if left[id]--; left[id] < 0 && counts {
			gone++
		}
	}
	if float64(gone) <= j.Registry.MaxGone*float64(assigned) {
		return nil
	}
	reason := fmt.Sprintf("%d of %d assigned records are gone (%.1f %%); at most %.1f %% go at once",
		gone, assigned, 100*float64(gone)/float64(assigned), 100*j.Registry.MaxGone)
	return &Rejection{Reason: reason, Fix: fixAccept, weight: suspicious}
}

// identity is what tells a record from others as long as it is there.
type identity struct {
	name        string
	first, last uint16 // however they are written
	ported      bool
	transport   registry.Transport
}

func identify(r *registry.Record) identity {
	first, last, ok := r.Ports.Bounds()
	return identity{r.ServiceName, first, last, ok, r.Transport}
}
