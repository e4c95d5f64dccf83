package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/groups"
	"github.com/ianasync/ianasync/internal/source/web"
	"github.com/ianasync/ianasync/internal/sync"
	"github.com/ianasync/ianasync/snapshots"
)

// pulledGroup is what became of one group of a publisher.
type pulledGroup struct {
	Group string `json:"group"`
	sync.Pulled
	Reason string `json:"reason,omitempty"` // why nothing was stored
}

// pulledGroups is what became of several.
type pulledGroups struct {
	Summary map[snapshots.Outcome]int `json:"summary"` // how many groups had each outcome
	Groups  []pulledGroup             `json:"groups"`
}

// failed is the outcome of a group whose publisher's files do not agree with its index, or whose store is damaged.
const failed = sync.Failed

// pullAll follows the groups that the flags ask for.
func (a *app) pullAll(ctx context.Context, source string, f *pullFlags) error {
	if err := errors.Join(checkGroups(f.registries), sync.CheckPublisher(source)); err != nil {
		return err
	}
	if u, err := url.Parse(source); err == nil && u.Scheme == "http" && !isLoopback(u.Hostname()) {
		a.say("warning: what is pulled from %s over http:// can be altered on the way: use https:// if the publisher has it", u.Host)
	}
	if slices.Equal(f.registries, []string{groups.ServiceNames}) {
		return a.pullServiceNames(ctx, source, f)
	}
	published, err := a.fetchPublished(ctx, source, f)
	if err != nil {
		if len(f.registries) == 0 || slices.Contains(f.registries, groups.ServiceNames) { // it says so itself, and records it
			if err := a.pullServiceNames(ctx, source, f); err != nil {
				return err
			}
		}
		return err
	}
	ids, err := f.groups(published)
	if err != nil {
		return err
	}
	if slices.Equal(ids, []string{groups.ServiceNames}) {
		return a.pullServiceNames(ctx, source, f)
	}
	return a.pullGroups(ctx, source, published, ids, f)
}

// pullServiceNames follows the service names alone.
func (a *app) pullServiceNames(ctx context.Context, source string, f *pullFlags) error {
	done, err := a.pull(ctx, source, groups.ServiceNames, nil, f, nil)
	if err != nil {
		return err
	}
	return a.writePulled(done, f.format)
}

// fetchPublished fetches the index of the groups that are published.
func (a *app) fetchPublished(ctx context.Context, source string, f *pullFlags) (*sync.Published, error) {
	client, clear := a.client()
	defer clear()
	ctx, cancel := context.WithTimeoutCause(ctx, f.timeout, fmt.Errorf("not done within %s", f.timeout))
	defer cancel()
	published, err := sync.FetchPublished(ctx, bounded{client}, source, groups.Valid)
	if errors.Is(err, web.ErrUnreachable) {
		err = noAnswer(err)
	}
	return published, err
}

// groups returns the groups that the flags ask for.
func (f *pullFlags) groups(published *sync.Published) ([]string, error) {
	var all []string
	if published.HasServiceNames() {
		all = append(all, groups.ServiceNames)
	}
	all = append(all, published.Groups()...)
	for _, id := range f.registries {
		if !slices.Contains(all, id) {
			return nil, withHint(fmt.Errorf("%s is not published there", id), "without -r, all groups are followed that are")
		}
	}
	if len(f.registries) > 0 {
		return compact(f.registries), nil
	}
	return all, nil
}

// pullGroups follows several groups, one after another, and reports what came of each. The exit status is the worst.
func (a *app) pullGroups(ctx context.Context, source string, published *sync.Published, ids []string, f *pullFlags) error {
	result := pulledGroups{Summary: make(map[snapshots.Outcome]int), Groups: []pulledGroup{}}
	checks := snapshots.NewChecks(a.store)
	for _, id := range ids {
		done, err := a.pull(ctx, source, id, published, f, checks)
		r := pulledGroup{Group: id}
		if done != nil {
			r.Pulled = *done
		}
		if err != nil {
			if r.Outcome = outcomeOfPull(err); r.Outcome == "" {
				return errors.Join(fmt.Errorf("%s: %w", id, err), checks.Write(context.WithoutCancel(ctx), f.wait))
			}
			r.Reason = err.Error()
			a.say("%s: %v", id, err)
		}
		result.Groups = append(result.Groups, r)
		result.Summary[r.Outcome]++
		if checks.Len() >= mostChecks {
			if err := checks.Write(ctx, f.wait); err != nil {
				return err
			}
		}
	}
	if err := checks.Write(context.WithoutCancel(ctx), f.wait); err != nil {
		return err
	}
	if err := a.writePulledGroups(&result, f.format); err != nil {
		return err
	}
	switch {
	case result.Summary[snapshots.Refused] > 0:
		return &failure{status: exitRefused}
	case result.Summary[failed] > 0:
		return &failure{status: exitFailure}
	case result.Summary[snapshots.Unreachable] > 0:
		return &failure{status: exitUnreachable}
	}
	return nil
}

// outcomeOfPull returns the outcome of an error that is about one group, and does not stop the others; else nothing.
func outcomeOfPull(err error) snapshots.Outcome {
	_, refused := errors.AsType[*sync.Rejection](err)
	_, publisher := errors.AsType[*sync.PublisherError](err)
	switch {
	case refused:
		return snapshots.Refused
	case errors.Is(err, web.ErrUnreachable):
		return snapshots.Unreachable
	case publisher, errors.Is(err, snapshots.ErrCorrupt):
		return failed
	}
	return ""
}

func (a *app) writePulledGroups(r *pulledGroups, format string) error {
	if format == "json" {
		return a.writeJSON(r)
	}
	var b strings.Builder
	for i := range r.Groups {
		if g := &r.Groups[i]; g.Outcome == snapshots.Changed {
			fmt.Fprintf(&b, "%s: %s: the newest is %s, %s\n", g.Group, count(g.Added, "version"), g.Version, count(g.Records, "record"))
		}
	}
	var parts []string
	for _, outcome := range []snapshots.Outcome{snapshots.Changed, snapshots.Unchanged, snapshots.Refused, failed, snapshots.Unreachable} {
		if n := r.Summary[outcome]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, outcome))
		}
	}
	fmt.Fprintf(&b, "%s: %s\n", count(len(r.Groups), "group"), strings.Join(parts, ", "))
	return a.write([]byte(b.String()))
}
