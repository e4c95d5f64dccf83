package delta

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"time"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/source/web"
	"github.com/ianasync/ianasync/internal/sync"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/snapshots"
)

// Follower brings a store up to what somebody publishes.
type Follower struct {
	Registry *registry.Registry
	Store    *snapshots.Store // open for writing
	Source   string           // URL of the published folder, or of the notification in it
	Accept   bool             // believe a mass change
	Get      func(ctx context.Context, url string, cond web.Conditions) (*web.Response, error)
	Now      func() time.Time
}

// Followed is what came of it.
type Followed struct {
	Outcome snapshots.Outcome `json:"outcome"`
	Version string            `json:"version"`      // id of the newest version
	Digest  string            `json:"table_sha256"` // of its table: the publisher's
	Records int               `json:"records"`
	Added   int               `json:"added"` // versions
	Whole   bool              `json:"whole"` // the table was fetched whole: there were no deltas from the one that the store had
}

// BadError says that what is published is not what it says it is. What was stored until then is as it was.
type BadError struct {
	URL string
	Err error
	Fix string // what to do; empty where another try may help
}

func (e *BadError) Error() string { return fmt.Sprintf("GET %s: %v", e.URL, e.Err) }

// Unwrap returns what is wrong.
func (e *BadError) Unwrap() error { return e.Err }

// Hint says what to do.
func (e *BadError) Hint() string {
	if e.Fix != "" {
		return e.Fix
	}
	return "the publisher may be writing just now: try again; nothing that is not whole was stored"
}

// Run follows. An error is a [web.ErrUnreachable], a [*BadError], a [*sync.RefusedError] where the guard does not
// believe what would be believed of IANA no more, or one of the store's. Versions that were stored before it stay:
// each has the digest that it should.
func (f *Follower) Run(ctx context.Context) (*Followed, error) {
	address, err := notificationURL(f.Source)
	if err != nil {
		return nil, err
	}
	if err := f.Store.CheckClock(f.Now()); err != nil {
		return nil, err
	}
	newest, found := f.Store.Latest()
	last, _, err := f.Store.Check()
	if err != nil {
		return nil, err
	}
	check := snapshots.Check{Checked: f.Now(), Source: web.WithoutUser(address), Outcome: snapshots.Followed}
	if found && last.Source == check.Source && last.Version == newest.ID {
		check.ETag, check.LastModified = last.ETag, last.LastModified
	}
	answer, err := f.Get(ctx, address.String(), web.Conditions{ETag: check.ETag, LastModified: check.LastModified})
	if errors.Is(err, web.ErrUnreachable) {
		check.Outcome, check.Refused = snapshots.Unreachable, last.Refused
		return nil, errors.Join(err, f.Store.SetCheck(check))
	}
	if err != nil {
		return nil, err
	}
	check.Status, check.ETag, check.LastModified = answer.Status, answer.ETag, answer.LastModified
	result := &Followed{Outcome: snapshots.Unchanged}
	if !answer.NotModified {
		n, err := f.notification(answer)
		if err != nil {
			return nil, err
		}
		err = f.catchUp(ctx, address, n, result)
		if refused, ok := errors.AsType[*refusedError](err); ok {
			return nil, f.refuse(ctx, refused, check, last)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := f.derive(ctx); err != nil {
		return nil, err
	}
	newest, _ = f.Store.Latest()
	result.Version, result.Digest, result.Records = newest.ID, newest.TableSHA256, newest.Records
	if result.Added > 0 {
		result.Outcome = snapshots.Changed
	}
	return result, f.Store.SetCheck(check)
}

// CheckSource refuses what cannot be the URL of something published.
func CheckSource(source string) error {
	_, err := notificationURL(source)
	return err
}

// notificationURL is the URL of the notification, of which the folder may be given.
func notificationURL(source string) (*url.URL, error) {
	u, err := url.Parse(source)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, fmt.Errorf("%q is not the address of what somebody publishes: it is like https://example.org/ports/", source)
	}
	if path.Base(u.Path) != NotificationFile {
		u = u.JoinPath(NotificationFile)
	}
	return u, nil
}

func (f *Follower) notification(r *web.Response) (*Notification, error) {
	if r.Status != http.StatusOK {
		return nil, &BadError{r.URL, fmt.Errorf("%d %s", r.Status, http.StatusText(r.Status)), "is this the folder that somebody publishes?"}
	}
	n, err := parse(r.Body, f.Registry)
	if err != nil {
		return nil, &BadError{URL: r.URL, Err: err}
	}
	return n, nil
}

// catchUp adds the versions that are missing.
func (f *Follower) catchUp(ctx context.Context, from *url.URL, n *Notification, result *Followed) error {
	newest, found := f.Store.Latest()
	seen, err := snapshots.ParseID(n.Version)
	switch now := f.Now(); {
	case err != nil:
		return &BadError{URL: web.WithoutUser(from), Err: err}
	case snapshots.Ahead(seen, now): // the steps' versions are older
		return &BadError{web.WithoutUser(from), fmt.Errorf("its newest version is %s; the clock says %s", n.Version, now.UTC().Format(time.RFC3339)), "is the clock right, here and there?"}
	case found && newest.TableSHA256 == n.Table.SHA256:
		return nil
	case found && newest.ID >= n.Version:
		return &BadError{
			web.WithoutUser(from), fmt.Errorf("its newest version, %s, is not newer than that of the store, %s, and another", n.Version, newest.ID),
			"the store knows what is not from there: follow in a store of its own (--store)",
		}
	}
	if steps := n.since(newest); found && len(steps) > 0 {
		return f.apply(ctx, from, newest, steps, result)
	}
	result.Whole = true
	return f.whole(ctx, from, n, result)
}

// since returns the steps that lead from a version to the newest: those from the version itself if it is
// there, else from the last one that has its table.
func (n *Notification) since(v snapshots.Version) []Step {
	at := -1
	for i, d := range n.Deltas {
		if d.From != v.TableSHA256 || d.Version <= v.ID {
			continue
		}
		at = i
		if d.Previous == v.ID {
			break
		}
	}
	if at < 0 {
		return nil
	}
	return n.Deltas[at:]
}

// apply adds a version for each step.
func (f *Follower) apply(ctx context.Context, from *url.URL, newest snapshots.Version, steps []Step, result *Followed) error {
	rows, err := f.Store.Rows(newest)
	if err != nil {
		return err
	}
	table, err := rows.Table()
	if err != nil {
		return err
	}
	for _, step := range steps {
		source, data, err := f.file(ctx, from, step.Name, step.SHA256)
		if err != nil {
			return err
		}
		if table, err = lead(table, data, step.To); err != nil {
			return &BadError{URL: source, Err: err}
		}
		if err := f.put(source, step.Version, table, result); err != nil {
			return err
		}
	}
	return nil
}

// whole adds the newest version from its table.
func (f *Follower) whole(ctx context.Context, from *url.URL, n *Notification, result *Followed) error {
	source, data, err := f.file(ctx, from, n.Table.Name, n.Table.SHA256)
	if err != nil {
		return err
	}
	table, err := registry.Parse(data)
	if err != nil {
		return &BadError{URL: source, Err: err}
	}
	if table.Digest() != n.Table.SHA256 {
		return &BadError{URL: source, Err: errors.New("it is not canonical CSV")}
	}
	return f.put(source, n.Version, table, result)
}

// file fetches a file and checks its digest.
func (f *Follower) file(ctx context.Context, from *url.URL, name, sha256 string) (source string, data []byte, err error) {
	r, err := f.Get(ctx, from.ResolveReference(&url.URL{Path: name}).String(), web.Conditions{})
	switch {
	case err != nil:
		return "", nil, err
	case r.Status != http.StatusOK:
		return r.URL, nil, &BadError{URL: r.URL, Err: fmt.Errorf("%d %s", r.Status, http.StatusText(r.Status))}
	case digest(r.Body) != sha256:
		return r.URL, nil, &BadError{URL: r.URL, Err: fmt.Errorf("its SHA-256 is %s; the notification says %s", digest(r.Body), sha256)}
	}
	return r.URL, r.Body, nil
}

// lead applies a list of changes, which has to lead to the table of the given digest.
func lead(table *registry.Table, list []byte, to string) (*registry.Table, error) {
	changes, err := parseList(list)
	if err != nil {
		return nil, err
	}
	next, err := diff.Apply(table, changes)
	if err != nil {
		return nil, err
	}
	if next.Digest() != to {
		return nil, fmt.Errorf("it leads to the table %s; the notification says %s", next.Digest(), to)
	}
	return next, nil
}

// put stores a version, if the guard believes it.
func (f *Follower) put(source, version string, table *registry.Table, result *Followed) error {
	data := table.CSV()
	rows, err := registry.ReadEdition(data)
	if err != nil {
		return err
	}
	why, err := sync.Doubt(f.Registry, f.Store, rows, table)
	switch {
	case err != nil:
		return err
	case why != "" && !f.Accept:
		return &refusedError{source, why, data}
	case why != "":
		why = "accepted: " + why
	}
	seen, err := snapshots.ParseID(version)
	if err != nil {
		return err
	}
	if _, _, err := f.Store.Put(snapshots.Edition{Bytes: data, Seen: seen, Source: source, Note: why, Table: table}); err != nil {
		return err
	}
	result.Added++
	return nil
}

// refusedError is a table that the guard does not believe.
type refusedError struct {
	source, why string
	data        []byte
}

func (e *refusedError) Error() string { return e.source + ": " + e.why }

// refuse keeps what is not believed, and notes it as the last check. What came before it is stored.
func (f *Follower) refuse(ctx context.Context, e *refusedError, check, last snapshots.Check) error {
	file, err := f.Store.Quarantine(e.data, snapshots.Rejection{Seen: check.Checked, Source: e.source, Reason: e.why})
	if err != nil {
		return err
	}
	check.Outcome, check.ETag, check.LastModified = snapshots.Refused, "", "" // the next run is to meet it again
	check.Refused = &snapshots.Rejection{SHA256: digest(e.data), Reason: e.why, Since: check.Checked}
	if last.Refused != nil && last.Refused.SHA256 == check.Refused.SHA256 {
		check.Refused.Since = last.Refused.Since
	}
	refused := &sync.RefusedError{Source: e.source, Reason: e.why, Fix: sync.AcceptFix, File: file}
	return errors.Join(refused, f.derive(ctx), f.Store.SetCheck(check))
}

func (f *Follower) derive(ctx context.Context) error {
	if _, found := f.Store.Latest(); !found || !f.Store.DerivedStale() {
		return nil
	}
	_, err := sync.Derive(ctx, f.Registry, f.Store, nil, nil)
	return err
}
