package sync

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/ianasync/ianasync/internal/publish/delta"
	"github.com/ianasync/ianasync/internal/source/web"
)

// Published is what somebody publishes of groups other than the service names.
type Published struct {
	address *url.URL // of the notification
	source  string   // address of the index, without a password
	index   delta.Index
}

// FetchPublished fetches the index of the groups that somebody publishes. The source is that of [Job.Pull]. Where there is no such
// index, only the service names are published. Valid reports whether a text can be the id of a group.
func FetchPublished(ctx context.Context, from Getter, source string, valid func(group string) bool) (*Published, error) {
	address, err := notificationURL(source)
	if err != nil {
		return nil, err
	}
	at := address.ResolveReference(&url.URL{Path: delta.IndexFile})
	r, err := from.Get(ctx, at.String(), web.Conditions{})
	if err != nil {
		return nil, err
	}
	p := &Published{address: address, source: web.WithoutUser(at), index: delta.Index{Notification: delta.NotificationFile}}
	switch r.Status {
	case http.StatusNotFound, http.StatusGone:
		return p, nil
	case http.StatusOK:
	default:
		return nil, &PublisherError{p.source, fmt.Errorf("%d %s", r.Status, http.StatusText(r.Status)), "is this the folder that somebody publishes?"}
	}
	index, err := delta.ParseIndex(r.Body, valid)
	if err != nil {
		return nil, &PublisherError{p.source, err, "is this the folder that somebody publishes?"}
	}
	p.index = *index
	return p, nil
}

// HasServiceNames reports whether the service names are published.
func (p *Published) HasServiceNames() bool { return p.index.Notification != "" }

// Groups returns the ids of the groups that are published, but for the service names.
func (p *Published) Groups() (ids []string) {
	for i := range p.index.Groups {
		ids = append(ids, p.index.Groups[i].Group)
	}
	return ids
}

// mostVersions bounds the versions of a group that are added at once.
const mostVersions = 100

// PullGroup is [Job.Pull] for a group other than the service names: it adds the versions that the publisher lists and the store lacks.
func (j *Job) PullGroup(ctx context.Context, from Getter, p *Published) (*Pulled, error) {
	i := slices.IndexFunc(p.index.Groups, func(g delta.IndexGroup) bool { return g.Group == j.Store.Registry() })
	if i < 0 {
		return nil, fmt.Errorf("%s is not published there", j.Store.Registry())
	}
	c, err := j.begin(p.source)
	if err != nil {
		return nil, err
	}
	c.answer = new(web.Response) // that of the index is of all groups
	f := newFollower(c, from, p.address)
	return f.conclude(ctx, f.followGroup(ctx, &p.index.Groups[i]))
}

// followGroup adds the versions of a group that are missing, after the guard has accepted all of them.
func (f *follower) followGroup(ctx context.Context, g *delta.IndexGroup) error {
	newest := g.Newest()
	if current, err := f.current(newest.Version, g.Checked, f.newest.SHA256 == newest.SHA256); err != nil || current {
		return err
	}
	known := max(0, len(g.Versions)-mostVersions)
	for f.found && g.Versions[known].Version <= f.newest.ID { // the last one is newer
		known++
	}
	f.result.Whole = !slices.ContainsFunc(g.Versions, func(v delta.GroupVersion) bool { return f.found && v.SHA256 == f.newest.SHA256 })
	list, err := f.fetch(ctx, g, known)
	if err != nil {
		return err
	}
	for _, v := range list {
		if err := f.put(v); err != nil {
			return err
		}
	}
	return nil
}

// fetch fetches the versions of a group but for the first few, which the store knows.
func (f *follower) fetch(ctx context.Context, g *delta.IndexGroup, known int) (list []fetched, err error) {
	source, editions, err := f.editions(ctx, g)
	if err != nil {
		return nil, err
	}
	last := f.begin
	for i := known; i < len(editions); i++ {
		next := ""
		if i+1 < len(editions) {
			next = g.Versions[i+1].Version
		}
		v, err := f.believe(source, g.Versions[i].Version, editions[i], last, next)
		if err != nil {
			return nil, err
		}
		list, last = append(list, v), v.edition
	}
	return list, nil
}

// editions fetches the versions of a group, and checks their digests.
func (f *follower) editions(ctx context.Context, g *delta.IndexGroup) (source string, editions [][]byte, err error) {
	source, frame, err := f.get(ctx, g.Name)
	if err != nil {
		return source, nil, err
	}
	if editions, err = g.Decompress(frame); err != nil {
		return source, nil, &PublisherError{URL: source, Err: err}
	}
	for i, data := range editions {
		if err := checkDigest(source, data, g.Versions[i].SHA256); err != nil {
			return source, nil, err
		}
	}
	return source, editions, nil
}
