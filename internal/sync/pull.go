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
	"github.com/ianasync/ianasync/registry/ports"
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
	g := portsGuard{j.Store.Group().(portrules.Group).Registry}
	f := portsFollower{&follower{c, from, address, newReader(g), Pulled{Outcome: snapshots.Unchanged}}, g}
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
	result  Pulled
}

// portsFollower is one of the service names.
type portsFollower struct {
	*follower
	of portsGuard
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
	if err := f.checkClock(n.Version, n.Checked); err != nil { // the steps' versions are older
		return err
	}
	f.now.Confirmed = n.Checked // zero if the publisher's release does not write it
	if f.found && f.newest.TableSHA256 == n.Table.SHA256 {
		return nil
	}
	if err := f.checkNewer(n.Version); err != nil {
		return err
	}
	var before *edition
	if f.found {
		if before, err = f.decoded.stored(f.Store, f.newest); err != nil {
			return err
		}
	}
	if f.found && n.Archive != nil && !delta.Begins(n.Since(f.newest), f.newest) {
		if err := f.extend(ctx, n); err != nil && !unusable(err) {
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

// checkNewer returns an error if the newest version of the publisher, which is not that of the store, is not newer.
func (f *follower) checkNewer(version string) error {
	if f.found && f.newest.ID >= version {
		return &PublisherError{
			f.now.Source, fmt.Errorf("its newest version, %s, is not newer than that of the store, %s, and another", version, f.newest.ID),
			"the store knows what is not from there: follow in a store of its own (--store)",
		}
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

// step is a step of a chain that was fetched.
type step struct {
	delta.Step
	source string
	list   []byte
	note   string
}

// apply adds a version for each step, after the guard has accepted all of them. The guard also compares the end of the
// chain with its beginning, for many small steps can be one large change, and with the older versions of the store. Only
// the lists are kept until then; the tables would take too much memory.
func (f *portsFollower) apply(ctx context.Context, begin *edition, chain []delta.Step) error {
	steps, last, room := make([]step, 0, len(chain)), begin, f.of.MaxBytes
	for _, s := range chain {
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
		d, note, err := f.believe(source, s.Version, last, table)
		if err != nil {
			return err
		}
		steps, last = append(steps, step{s, source, list, note}), d
	}
	if end := &steps[len(steps)-1]; end.note == "" {
		r, err := f.end(begin, last)
		if err == nil && r != nil {
			end.note, err = f.accepted(end.source, r, portsOf(last).Table.CSV())
		}
		if err != nil {
			return err
		}
	}
	table := portsOf(begin).Table
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

// end returns the rejection of the end of a chain that begins at the newest version of the store; nil if it is accepted. A
// chain may go back and forth on its way, as IANA did, but not end where the store was before.
func (f *portsFollower) end(begin, last *edition) (*Rejection, error) {
	if r := f.of.follows(begin, last); r != nil {
		r.Reason += fmt.Sprintf(", since version %s", f.newest.ID)
		return r, nil
	}
	return f.goesBack(begin, last)
}

// goesBack returns a rejection if an edition undoes what came after an older version of the store: see [Job.Sync].
func (f *follower) goesBack(before, d *edition) (*Rejection, error) {
	if r := f.rollback(d.digest()); r != nil {
		return r, nil
	}
	return f.reverts(f.decoded, before, d)
}

// whole adds the newest version from its table.
func (f *portsFollower) whole(ctx context.Context, before *edition, n *delta.Notification) error {
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
	case portsOf(d).Table.Digest() != n.Table.SHA256:
		return &PublisherError{URL: source, Err: errors.New("it is not canonical CSV")}
	}
	d, note, err := f.believe(source, n.Version, before, portsOf(d).Table)
	if err != nil {
		return err
	}
	if before != nil && note == "" {
		if r, err = f.goesBack(before, d); err == nil && r != nil {
			note, err = f.accepted(source, r, portsOf(d).Table.CSV())
		}
		if err != nil {
			return err
		}
	}
	return f.put(source, n.Version, note, portsOf(d).Table)
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

// believe returns a table as the edition of a version that follows another one, which may be nil. If the guard does not
// accept it, the error is a [*rejectedTable]. The note is the rejection that was overruled, if any.
func (f *portsFollower) believe(source, version string, before *edition, table *ports.Table) (d *edition, note string, err error) {
	seen, err := snapshots.ParseID(version)
	if err != nil {
		return nil, "", err
	}
	d, r, err := f.decoded.read(table.CSV(), seen)
	if err == nil && r == nil {
		r = f.of.against(before, d, circumstances{})
	}
	if err == nil && r != nil {
		note, err = f.accepted(source, r, table.CSV())
	}
	return d, note, err
}

// accepted returns the note of a rejected table, of which data are the bytes, if Accept is set, or if it is only implausible and has been published for a day; else a
// [*rejectedTable].
func (f *follower) accepted(source string, r *Rejection, data []byte) (note string, err error) {
	since, published := f.servedSince(digest(data), false)
	switch {
	case r.Acceptable() && f.Accept:
		return "accepted: " + r.Reason, nil
	case r.weight == implausible && published && f.now.Checked.Sub(since) >= servedFor:
		return "still published a day later: " + r.Reason, nil
	case r.weight == implausible:
		r.Fix = "it is stored once it has been published for a day; --accept stores it now"
	case r.Acceptable():
		r.Fix = "if the registry really changed so, --accept stores it"
	}
	r.Source = source
	return "", &rejectedTable{r, data}
}

// put stores a version.
func (f *portsFollower) put(source, version, note string, table *ports.Table) error {
	seen, err := snapshots.ParseID(version)
	if err != nil {
		return err
	}
	if _, _, err := f.Store.Put(snapshots.Edition{Bytes: table.CSV(), Seen: seen, Source: source, Note: note, Content: table}); err != nil {
		return err
	}
	f.result.Added++
	return nil
}
