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
	return "the publisher may be writing just now: try again; nothing that is not whole was stored"
}

// Pull brings the store up to what somebody publishes. The source is the URL of the published folder, or of the
// notification in it. Where the publisher does not answer, the error is a [web.ErrUnreachable]; where it publishes
// nothing that is whole, a [*PublisherError]; where the guard does not believe it, a [*Rejection]. Versions that were
// stored before the error stay: each has the digest that it should.
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
	if !answer.NotModified {
		err := f.follow(ctx, answer)
		if rejected, ok := errors.AsType[*rejectedTable](err); ok {
			err = errors.Join(c.reject(rejected.Rejection, &web.Response{Body: rejected.data}), c.derive(ctx))
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
	seen, err := snapshots.ParseID(n.Version)
	switch {
	case err != nil:
		return &PublisherError{URL: f.now.Source, Err: err}
	case snapshots.Ahead(seen, f.now.Checked): // the steps' versions are older
		return &PublisherError{
			f.now.Source, fmt.Errorf("its newest version is %s; the clock says %s", n.Version, f.now.Checked.Format(time.RFC3339)),
			"is the clock right, here and there?",
		}
	case f.found && f.newest.TableSHA256 == n.Table.SHA256:
		return nil
	case f.found && f.newest.ID >= n.Version:
		return &PublisherError{
			f.now.Source, fmt.Errorf("its newest version, %s, is not newer than that of the store, %s, and another", n.Version, f.newest.ID),
			"the store knows what is not from there: follow in a store of its own (--store)",
		}
	}
	before, err := decoded(f.Store, f.newest, f.found)
	if err != nil {
		return err
	}
	if steps := n.Since(f.newest); f.found && len(steps) > 0 {
		return f.apply(ctx, before, steps)
	}
	f.result.Whole = true
	return f.whole(ctx, before, n)
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

// apply adds a version for each step.
func (f *follower) apply(ctx context.Context, before *registry.Decoded, steps []delta.Step) error {
	for _, step := range steps {
		source, list, err := f.file(ctx, step.Name, step.SHA256)
		if err != nil {
			return err
		}
		table, err := delta.Apply(before.Table, list, step.To)
		if err != nil {
			return &PublisherError{URL: source, Err: err}
		}
		if before, err = f.put(source, step.Version, before, table); err != nil {
			return err
		}
	}
	return nil
}

// whole adds the newest version from its table.
func (f *follower) whole(ctx context.Context, before *registry.Decoded, n *delta.Notification) error {
	source, data, err := f.file(ctx, n.Table.Name, n.Table.SHA256)
	if err != nil {
		return err
	}
	table, err := registry.Parse(data)
	if err != nil {
		return &PublisherError{URL: source, Err: err}
	}
	if table.Digest() != n.Table.SHA256 {
		return &PublisherError{URL: source, Err: errors.New("it is not canonical CSV")}
	}
	_, err = f.put(source, n.Version, before, table)
	return err
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

// put stores a version, if the guard believes it.
func (f *follower) put(source, version string, before *registry.Decoded, table *registry.Table) (*registry.Decoded, error) {
	data, note := table.CSV(), ""
	rows, err := registry.ReadEdition(data)
	if err != nil {
		return nil, err
	}
	r := f.Job.whole(table)
	if r == nil {
		r = f.follows(before, table)
	}
	switch {
	case r != nil && !f.Accept:
		r.Source = source
		return nil, &rejectedTable{r, data}
	case r != nil:
		note = "accepted: " + r.Reason
	}
	seen, err := snapshots.ParseID(version)
	if err != nil {
		return nil, err
	}
	if _, _, err := f.Store.Put(snapshots.Edition{Bytes: data, Seen: seen, Source: source, Note: note, Table: table}); err != nil {
		return nil, err
	}
	f.result.Added++
	return &registry.Decoded{Edition: rows, Table: table}, nil
}
