package sync

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"time"

	"github.com/ianasync/ianasync/internal/publish/delta"
	"github.com/ianasync/ianasync/internal/source/web"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/snapshots"
)

// Pulled is the outcome of a [Job.Pull].
type Pulled struct {
	Outcome snapshots.Outcome `json:"outcome"`
	Version string            `json:"version"`      // id of the newest version
	Digest  string            `json:"table_sha256"` // of its table: the publisher's
	Records int               `json:"records"`
	Added   int               `json:"added"` // versions
	Whole   bool              `json:"whole"` // the table was fetched whole: there were no deltas from the one that the store had
}

// PublisherError says that what is published is not what it says it is. What was stored until then is as it was.
type PublisherError struct {
	URL string
	Err error
	Fix string // what to do; empty where another try may help
}

func (e *PublisherError) Error() string { return fmt.Sprintf("GET %s: %v", e.URL, e.Err) }

// Unwrap returns what is wrong.
func (e *PublisherError) Unwrap() error { return e.Err }

// Hint returns what to do.
func (e *PublisherError) Hint() string {
	if e.Fix != "" {
		return e.Fix
	}
	return "the publisher may be writing just now: try again; nothing was stored"
}

// Pull brings the store up to what somebody publishes. The source is the URL of the published folder, or of the
// notification in it. Where the publisher does not answer, the error is a [web.ErrUnreachable]; where it publishes
// nothing that is whole, a [*PublisherError]; where the guard does not believe it, a [*Rejection]. Then nothing is stored.
//
// Where the changes since the store's newest version cannot be had or do not lead to the published table, the table is
// taken whole, as followers of RPKI repositories do (RFC 8182 section 3.4.1).
func (j *Job) Pull(ctx context.Context, from Getter, source string) (*Pulled, error) {
	address, err := notificationURL(source)
	if err != nil {
		return nil, err
	}
	c, err := j.begin(web.WithoutUser(address))
	if err != nil {
		return nil, err
	}
	answer, err := c.ask(ctx, from, address.String(), "is this the folder that somebody publishes?")
	if err != nil {
		return nil, err
	}
	f := follower{c, from, address, Pulled{Outcome: snapshots.Unchanged}}
	c.now.Confirmed = c.last.Confirmed // as long as the publisher says nothing newer
	if !answer.NotModified {
		err := f.follow(ctx, answer)
		if rejected, ok := errors.AsType[*rejectedTable](err); ok {
			err = c.reject(rejected.Rejection, &web.Response{Body: rejected.data})
		}
		if err != nil {
			return nil, err
		}
	}
	if err := c.derive(ctx); err != nil {
		return nil, err
	}
	newest, _ := c.Store.Latest()
	f.result.Version, f.result.Digest, f.result.Records = newest.ID, newest.TableSHA256, newest.Records
	if f.result.Added > 0 {
		f.result.Outcome = snapshots.Changed
	}
	return &f.result, c.record(snapshots.Followed)
}

// CheckPublisher returns an error for what cannot be the URL of something published.
func CheckPublisher(source string) error {
	_, err := notificationURL(source)
	return err
}

// notificationURL returns the URL of the notification, of which the folder may be given.
func notificationURL(source string) (*url.URL, error) {
	u, err := url.Parse(source)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, fmt.Errorf("%q is not the address of what somebody publishes: it is like https://example.org/ports/", source)
	}
	if path.Base(u.Path) != delta.NotificationFile {
		u = u.JoinPath(delta.NotificationFile)
	}
	return u, nil
}

// follower follows a publisher.
type follower struct {
	*check
	from    Getter
	address *url.URL // of the notification
	result  Pulled
}

// follow adds the versions that are missing.
func (f *follower) follow(ctx context.Context, answer *web.Response) error {
	n, err := f.notification(answer)
	if err != nil {
		return err
	}
	clock := func(what string, at time.Time) error {
		return &PublisherError{
			f.now.Source, fmt.Errorf("%s is %s; the clock says %s", what, at.UTC().Format(time.RFC3339), f.now.Checked.Format(time.RFC3339)),
			"is the clock right, here and there?",
		}
	}
	seen, err := snapshots.ParseID(n.Version)
	switch {
	case err != nil:
		return &PublisherError{URL: f.now.Source, Err: err}
	case snapshots.Ahead(seen, f.now.Checked): // the steps' versions are older
		return clock("its newest version", seen)
	case snapshots.Ahead(n.Checked, f.now.Checked):
		return clock("its last check", n.Checked)
	}
	f.now.Confirmed = n.Checked // zero where the publisher is of a release that does not say
	switch {
	case f.found && f.newest.TableSHA256 == n.Table.SHA256:
		return nil
	case f.found && f.newest.ID >= n.Version:
		return &PublisherError{
			f.now.Source, fmt.Errorf("its newest version, %s, is not newer than that of the store, %s, and another", n.Version, f.newest.ID),
			"the store knows what is not from there: follow in a store of its own (--store)",
		}
	}
	var before *edition
	if f.found {
		if before, err = stored(f.Store, f.newest); err != nil {
			return err
		}
	}
	if steps := n.Since(f.newest); f.found && len(steps) > 0 && len(steps) <= maxSteps {
		err := f.apply(ctx, before, steps)
		if !unusable(err) {
			return err
		}
	}
	f.result.Whole = true
	return f.whole(ctx, before, n)
}

// maxSteps bounds the steps that a follower takes. A publisher gives as many as are together no larger than the table.
const maxSteps = 500

// unusable reports whether an error is that changes cannot be had, or do not lead where they should.
func unusable(err error) bool {
	_, bad := errors.AsType[*PublisherError](err)
	return bad || errors.Is(err, web.ErrUnreachable) || errors.Is(err, web.ErrTooLarge)
}

func (f *follower) notification(r *web.Response) (*delta.Notification, error) {
	if r.Status != http.StatusOK {
		return nil, &PublisherError{r.URL, fmt.Errorf("%d %s", r.Status, http.StatusText(r.Status)), "is this the folder that somebody publishes?"}
	}
	n, err := delta.Parse(r.Body, f.Registry)
	if err != nil {
		return nil, &PublisherError{URL: r.URL, Err: err}
	}
	return n, nil
}

// step is a step of a chain that was fetched.
type step struct {
	delta.Step
	source string
	list   []byte
	note   string
}

// apply adds a version for each step, once the guard believes all of them and the end of the chain as what follows its
// beginning: small steps may lead far. Between the two it keeps the lists, not the tables, which are larger.
func (f *follower) apply(ctx context.Context, begin *edition, chain []delta.Step) error {
	steps, last, room := make([]step, 0, len(chain)), begin, f.Registry.MaxBytes
	for _, s := range chain {
		source, list, err := f.file(ctx, s.Name, s.SHA256)
		if err != nil {
			return err
		}
		if room -= len(list); f.Registry.MaxBytes > 0 && room < 0 {
			return &PublisherError{URL: source, Err: errors.New("the changes are larger than any table")}
		}
		table, err := delta.Apply(last.Table, list, s.To)
		if err != nil {
			return &PublisherError{URL: source, Err: err}
		}
		d, note, err := f.believe(source, s.Version, last, table)
		if err != nil {
			return err
		}
		steps, last = append(steps, step{s, source, list, note}), d
	}
	if r, err := f.follows(begin, last); err != nil {
		return err
	} else if end := &steps[len(steps)-1]; r != nil && end.note == "" {
		r.Reason += fmt.Sprintf(", since version %s", f.newest.ID)
		if end.note, err = f.accepted(end.source, r, last.Table); err != nil {
			return err
		}
	}
	table := begin.Table
	for _, s := range steps {
		var err error
		if table, err = delta.Apply(table, s.list, s.To); err != nil {
			return err
		}
		if err := f.put(s.source, s.Version, s.note, table); err != nil {
			return err
		}
	}
	return nil
}

// whole adds the newest version from its table.
func (f *follower) whole(ctx context.Context, before *edition, n *delta.Notification) error {
	source, data, err := f.file(ctx, n.Table.Name, n.Table.SHA256)
	if err != nil {
		return err
	}
	d, r, err := f.decode(before, data, f.now.Checked)
	switch {
	case err != nil:
		return err
	case r != nil:
		return &PublisherError{URL: source, Err: errors.New(r.Reason)}
	case d.Table.Digest() != n.Table.SHA256:
		return &PublisherError{URL: source, Err: errors.New("it is not canonical CSV")}
	}
	d, note, err := f.believe(source, n.Version, before, d.Table)
	if err != nil {
		return err
	}
	return f.put(source, n.Version, note, d.Table)
}

// file fetches a file and checks its digest.
func (f *follower) file(ctx context.Context, name, sha256 string) (source string, data []byte, err error) {
	r, err := f.from.Get(ctx, f.address.ResolveReference(&url.URL{Path: name}).String(), web.Conditions{})
	switch {
	case err != nil:
		return "", nil, err
	case r.Status != http.StatusOK:
		return r.URL, nil, &PublisherError{URL: r.URL, Err: fmt.Errorf("%d %s", r.Status, http.StatusText(r.Status))}
	case digest(r.Body) != sha256:
		return r.URL, nil, &PublisherError{URL: r.URL, Err: fmt.Errorf("its SHA-256 is %s; the notification says %s", digest(r.Body), sha256)}
	}
	return r.URL, r.Body, nil
}

// rejectedTable is a table that the guard does not believe.
type rejectedTable struct {
	*Rejection
	data []byte
}

// believe returns a table as the edition of a version that follows another one, which may be nil. Where the guard does
// not believe it, the error is a [*rejectedTable]. The note says why it is believed in spite of what is against it.
func (f *follower) believe(source, version string, before *edition, table *registry.Table) (d *edition, note string, err error) {
	seen, err := snapshots.ParseID(version)
	if err != nil {
		return nil, "", err
	}
	d, r, err := f.decode(before, table.CSV(), seen)
	if err == nil && r == nil {
		r, err = f.against(before, d, circumstances{})
	}
	if err == nil && r != nil {
		note, err = f.accepted(source, r, table)
	}
	return d, note, err
}

// accepted returns the note of a table that a person accepts, or a [*rejectedTable].
func (f *follower) accepted(source string, r *Rejection, table *registry.Table) (note string, err error) {
	if r.Acceptable() && f.Accept {
		return "accepted: " + r.Reason, nil
	}
	r.Source = source
	if r.Acceptable() {
		r.Fix = "if the registry really changed so, --accept stores it"
	}
	return "", &rejectedTable{r, table.CSV()}
}

// put stores a version.
func (f *follower) put(source, version, note string, table *registry.Table) error {
	seen, err := snapshots.ParseID(version)
	if err != nil {
		return err
	}
	if _, _, err := f.Store.Put(snapshots.Edition{Bytes: table.CSV(), Seen: seen, Source: source, Note: note, Table: table}); err != nil {
		return err
	}
	f.result.Added++
	return nil
}
