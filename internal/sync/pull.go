package sync

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"time"

	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/internal/publish/delta"
	"github.com/ianasync/ianasync/internal/source/web"
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

// PublisherError is the error for a publisher whose files do not agree with its notification.
type PublisherError struct {
	URL string
	Err error
	Fix string // the hint; empty if another try may help
}

func (e *PublisherError) Error() string { return fmt.Sprintf("GET %s: %v", e.URL, e.Err) }

// Unwrap returns what is wrong.
func (e *PublisherError) Unwrap() error { return e.Err }

// Hint returns the hint.
func (e *PublisherError) Hint() string {
	if e.Fix != "" {
		return e.Fix
	}
	return "the publisher may be writing just now: try again; nothing was stored"
}

// Pull updates the store from what somebody publishes. The source is the URL of the published folder, or of the
// notification in it. If the publisher is unreachable, the error is a [web.ErrUnreachable]; if its files do not agree with
// its notification, a [*PublisherError]; if the guard does not accept them, a [*Rejection]. Nothing is stored then.
//
// If a list of changes since the store's newest version is missing or damaged, Pull fetches the whole table, as followers
// of RPKI repositories do (RFC 8182 section 3.4.1).
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
	f := portsFollower{newFollower(c, from, address), j.Store.Group().(portrules.Group)}
	c.now.Confirmed = c.last.Confirmed // unless the notification has a newer time
	if !answer.NotModified {
		err = f.follow(ctx, answer)
	}
	return f.conclude(ctx, err)
}

// CheckPublisher returns an error if source is not the URL of a published folder.
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

// follower is a [Job.Pull] in progress.
type follower struct {
	*check
	from    Getter
	address *url.URL // of the notification
	decoded *reader
	begin   *edition // the newest version of the store; nil where there is none, or where it is not needed
	result  Pulled
}

func newFollower(c *check, from Getter, address *url.URL) *follower {
	return &follower{check: c, from: from, address: address, decoded: newReader(guardOf(c.Store)), result: Pulled{Outcome: snapshots.Unchanged}}
}

// portsFollower is one of the service names.
type portsFollower struct {
	*follower
	of portrules.Group
}

// conclude records a pull, given the error that following the publisher ended in, and returns its result.
func (f *follower) conclude(ctx context.Context, err error) (*Pulled, error) {
	if rejected, ok := errors.AsType[*rejectedTable](err); ok {
		err = f.reject(rejected.Rejection, &web.Response{Body: rejected.data})
	} else if errors.Is(err, web.ErrUnreachable) {
		err = f.unreachable(err)
	}
	if err != nil {
		return nil, err
	}
	if err := f.derive(ctx); err != nil {
		return nil, err
	}
	newest, _ := f.Store.Latest()
	f.result.Version, f.result.Digest, f.result.Records = newest.ID, newest.TableSHA256, newest.Records
	if f.result.Added > 0 {
		f.result.Outcome = snapshots.Changed
	}
	return &f.result, f.record(snapshots.Followed)
}

// follow adds the versions that are missing.
func (f *portsFollower) follow(ctx context.Context, answer *web.Response) error {
	n, err := f.notification(answer)
	if err != nil {
		return err
	}
	if current, err := f.current(n.Version, n.Checked, f.newest.TableSHA256 == n.Table.SHA256); err != nil || current {
		return err
	}
	if f.found && n.Archive != nil && !delta.Begins(n.Since(f.newest), f.newest) {
		if err := f.extend(ctx, n); err != nil && !unusable(err) {
			return err
		}
	}
	if steps := n.Since(f.newest); f.found && len(steps) > 0 && len(steps) <= maxSteps {
		err := f.apply(ctx, steps)
		if !unusable(err) {
			return err
		}
	}
	f.result.Whole = true
	return f.whole(ctx, n)
}

// current reports whether the store has the publisher's newest version, given its id, when the publisher checked it last, which is zero
// if its release does not write that, and whether it is the same as the newest of the store. If not, it must be newer than that.
func (f *follower) current(version string, checked time.Time, same bool) (bool, error) {
	if err := f.checkClock(version, checked); err != nil { // the other versions are older
		return false, err
	}
	f.now.Confirmed = checked
	if !f.found || same {
		return f.found, nil
	}
	if f.newest.ID >= version {
		return false, &PublisherError{
			f.now.Source, fmt.Errorf("its newest version, %s, is not newer than that of the store, %s, and another", version, f.newest.ID),
			"the store knows what is not from there: follow in a store of its own (--store)",
		}
	}
	var err error
	f.begin, err = f.decoded.stored(f.Store, f.newest)
	return false, err
}

// checkClock returns an error if the newest version of the publisher, or its last check, is in the future.
func (f *follower) checkClock(version string, checked time.Time) error {
	ahead := func(what string, at time.Time) error {
		return &PublisherError{
			f.now.Source, fmt.Errorf("%s is %s; the clock says %s", what, at.UTC().Format(time.RFC3339), f.now.Checked.Format(time.RFC3339)),
			"is the clock right, here and there?",
		}
	}
	seen, err := snapshots.ParseID(version)
	switch {
	case err != nil:
		return &PublisherError{URL: f.now.Source, Err: err}
	case snapshots.Ahead(seen, f.now.Checked):
		return ahead("its newest version", seen)
	case snapshots.Ahead(checked, f.now.Checked):
		return ahead("its last check", checked)
	}
	return nil
}

// maxSteps bounds the steps that a follower applies. Publishers list only steps that are together no larger than the table.
const maxSteps = 500

// unusable reports whether an error means that lists of changes are missing or damaged.
func unusable(err error) bool {
	_, bad := errors.AsType[*PublisherError](err)
	return bad || errors.Is(err, web.ErrUnreachable) || errors.Is(err, web.ErrTooLarge)
}

func (f *portsFollower) notification(r *web.Response) (*delta.Notification, error) {
	if r.Status != http.StatusOK {
		return nil, &PublisherError{r.URL, fmt.Errorf("%d %s", r.Status, http.StatusText(r.Status)), "is this the folder that somebody publishes?"}
	}
	n, err := delta.Parse(r.Body, f.of.Registry)
	if err != nil {
		return nil, &rejectedTable{&Rejection{Source: r.URL, Reason: err.Error(), Fix: "is this the folder that somebody publishes?"}, r.Body}
	}
	return n, nil
}

// extend adds the older steps to a notification.
func (f *portsFollower) extend(ctx context.Context, n *delta.Notification) error {
	source, data, err := f.file(ctx, n.Archive.Name, n.Archive.SHA256)
	if err != nil {
		return err
	}
	if err := n.Extend(data); err != nil {
		return &PublisherError{URL: source, Err: err}
	}
	return nil
}

// apply adds a version for each step, after the guard has accepted all of them. Only the lists are kept until then; the tables would
// take too much memory.
func (f *portsFollower) apply(ctx context.Context, chain []delta.Step) error {
	steps, last, room := make([]fetched, len(chain)), f.begin, f.of.MaxBytes // the data of a step is its list
	for i, s := range chain {
		source, list, err := f.file(ctx, s.Name, s.SHA256)
		if err != nil {
			return err
		}
		if room -= len(list); f.of.MaxBytes > 0 && room < 0 {
			return &PublisherError{URL: source, Err: errors.New("the changes are larger than any table")}
		}
		table, err := delta.Apply(portsOf(last).Table, list, s.To)
		if err != nil {
			return &PublisherError{URL: source, Err: err}
		}
		next := ""
		if i+1 < len(chain) {
			next = chain[i+1].Version
		}
		v, err := f.believe(source, s.Version, table.CSV(), last, next)
		if err != nil {
			return err
		}
		last = v.edition
		steps[i] = fetched{&edition{seen: v.seen}, source, v.note, list}
	}
	table := portsOf(f.begin).Table
	for i, v := range steps {
		var err error
		if table, err = delta.Apply(table, v.data, chain[i].To); err != nil {
			return err
		}
		v.edition, v.data = &edition{table, v.seen}, table.CSV()
		if err := f.put(v); err != nil {
			return err
		}
	}
	return nil
}

// whole adds the newest version from its table.
func (f *portsFollower) whole(ctx context.Context, n *delta.Notification) error {
	source, data, err := f.file(ctx, n.Table.Name, n.Table.SHA256)
	if err != nil {
		return err
	}
	d, r, err := f.decoded.read(data, f.now.Checked)
	switch {
	case err != nil:
		return err
	case r != nil:
		return &PublisherError{URL: source, Err: errors.New(r.Reason)}
	case d.digest() != n.Table.SHA256:
		return &PublisherError{URL: source, Err: errors.New("it is not canonical CSV")}
	}
	v, err := f.believe(source, n.Version, data, f.begin, "")
	if err != nil {
		return err
	}
	return f.put(v)
}

// file fetches a file and checks its digest.
func (f *follower) file(ctx context.Context, name, sha256 string) (source string, data []byte, err error) {
	if source, data, err = f.get(ctx, name); err != nil {
		return source, nil, err
	}
	return source, data, checkDigest(source, data, sha256)
}

// get fetches a file.
func (f *follower) get(ctx context.Context, name string) (source string, data []byte, err error) {
	r, err := f.from.Get(ctx, f.address.ResolveReference(&url.URL{Path: name}).String(), web.Conditions{})
	switch {
	case err != nil:
		return "", nil, err
	case r.Status != http.StatusOK:
		return r.URL, nil, &PublisherError{URL: r.URL, Err: fmt.Errorf("%d %s", r.Status, http.StatusText(r.Status))}
	}
	return r.URL, r.Body, nil
}

// checkDigest returns an error if data has not the digest that the publisher states.
func checkDigest(source string, data []byte, sha256 string) error {
	if has := digest(data); has != sha256 {
		return &PublisherError{URL: source, Err: fmt.Errorf("its SHA-256 is %s; the notification says %s", has, sha256)}
	}
	return nil
}

// rejectedTable is a table that the guard does not accept, or a body that is not a notification.
type rejectedTable struct {
	*Rejection
	data []byte
}

// fetched is a version that was fetched and that the guard accepts.
type fetched struct {
	*edition
	source, note string // the note is the rejection that was overruled, if any
	data         []byte
}

// believe decodes a version that follows last, which may be nil; next is the id of the version after it, empty for the newest. If the
// guard does not accept it, the error is a [*rejectedTable].
func (f *follower) believe(source, version string, data []byte, last *edition, next string) (fetched, error) {
	v := fetched{source: source, data: data}
	seen, err := snapshots.ParseID(version)
	if err != nil {
		return v, err
	}
	var r *Rejection
	if v.edition, r, err = f.decoded.read(data, seen); err == nil && r == nil {
		r, err = f.judge(last, v.edition, next)
	}
	if err != nil || r == nil {
		return v, err
	}
	if v.note, _ = f.overruled(r, data, "published"); v.note != "" {
		return v, nil
	}
	switch r.Source = source; {
	case r.weight == implausible:
		r.Fix = "it is stored once it has been published for a day; --accept stores it now"
	case r.Acceptable():
		r.Fix = "if the registry really changed so, --accept stores it"
	}
	return v, &rejectedTable{r, data}
}

// judge returns the rejection of an edition that follows last: see [follower.believe]. The newest one is also compared with the newest
// version of the store, for many small steps can be one large change, and must not go back to an older one. On the way there may be
// rollbacks and what was served for a day: IANA served them.
func (f *follower) judge(last, d *edition, next string) (*Rejection, error) {
	if next != "" {
		until, err := snapshots.ParseID(next)
		return f.decoded.against(last, d, circumstances{until: until}), err
	}
	if last != f.begin {
		if r := f.decoded.against(last, d, circumstances{}); r != nil || f.begin == nil {
			return r, nil
		}
	}
	r, err := f.newestAfter(f.decoded, f.begin, d)
	if r != nil && last != f.begin {
		r.Reason += fmt.Sprintf(" (compared with version %s)", f.newest.ID)
	}
	return r, err
}

// put stores a version.
func (f *follower) put(v fetched) error {
	if _, _, err := f.Store.Put(snapshots.Edition{Bytes: v.data, Seen: v.seen, Source: v.source, Note: v.note, Content: v.content}); err != nil {
		return err
	}
	f.result.Added++
	return nil
}
