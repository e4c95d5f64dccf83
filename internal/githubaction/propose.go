package githubaction

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/ianasync/ianasync/internal/layout"
)

// Proposal is the branch that a pull request is made of. It is one commit of the store on top of the branch that is checked
// out, and is replaced by another whenever there is something new.
const Proposal = "ianasync"

// proposalRef is the ref of the proposal's branch.
const proposalRef = "refs/heads/" + Proposal

// followProposal makes the folder contain what the proposal's branch has besides the store of the branch that is checked out:
// versions that are not merged yet keep the time at which they were first seen, and are not fetched again. It is called after
// [Checkout.Follow]; [Step.restore] must follow.
func (s *Step) followProposal(ctx context.Context, c *Checkout) error {
	proposed, err := c.fetchProposal(ctx)
	if err != nil || proposed == "" {
		return err
	}
	merged := c.base
	c.base = proposed
	err = s.restore(ctx, c)
	c.base = merged
	return err
}

// fetchProposal returns the commit that the proposal's branch is at, empty if there is no such branch.
func (c *Checkout) fetchProposal(ctx context.Context) (id string, err error) {
	args := []string{"fetch", "--quiet", "--no-tags", "--no-recurse-submodules", remote, proposalRef}
	if shallow, err := c.line(ctx, "rev-parse", "--is-shallow-repository"); err == nil && shallow == "true" {
		args = slices.Insert(args, 1, "--depth=2") // its commit and the one that this follows
	}
	err = c.again(ctx, func() (done bool, err error) {
		_, err = c.git(ctx, args...)
		if failed, isGit := errors.AsType[*failure](err); isGit && strings.Contains(failed.said, "couldn't find remote ref") {
			return true, nil
		}
		if err != nil {
			return false, err
		}
		id, err = c.line(ctx, "rev-parse", "FETCH_HEAD")
		return true, err
	})
	c.proposed = id
	return id, err
}

// Propose makes a commit of the changes, on top of what the remote has of the branch that is checked out, and pushes it to the
// proposal's branch in the place of what is there. It returns the commit's id. Where the proposal has the same store already, but
// for the record of the last check, nothing is pushed, and the id is empty. The checkout's branch and its files stay as they
// are. The error is [ErrOvertaken] if the proposal's branch is no longer at the commit that was fetched.
func (c *Checkout) Propose(ctx context.Context, changes []Change, message string, at time.Time) (id string, err error) {
	if id, err = c.write(ctx, changes, message, at); err != nil {
		return "", err
	}
	same, err := c.proposes(ctx, id)
	if err != nil || same {
		return "", err
	}
	err = c.again(ctx, func() (done bool, err error) {
		_, err = c.git(ctx, "push", "--quiet", "--no-recurse-submodules", "--no-follow-tags",
			"--force-with-lease="+proposalRef+":"+c.proposed, remote, id+":"+proposalRef)
		if failed, isGit := errors.AsType[*failure](err); isGit && strings.Contains(failed.said, "stale info") {
			return true, ErrOvertaken
		}
		return err == nil, err
	})
	if err != nil {
		return "", err
	}
	return id, nil
}

// proposes reports whether the proposal's branch follows the commit that ours follows, and has the files of ours, but for the
// record of the last check.
func (c *Checkout) proposes(ctx context.Context, id string) (bool, error) {
	if c.proposed == "" {
		return false, nil
	}
	if follows, err := c.line(ctx, "rev-parse", "--verify", "--quiet", c.proposed+"^"); err != nil || follows != c.base {
		return false, nil //nolint:nilerr // a commit that follows none is no proposal
	}
	ours, err := c.list(ctx, id)
	if err != nil {
		return false, err
	}
	theirs, err := c.list(ctx, c.proposed)
	if err != nil {
		return false, err
	}
	isCheck := func(line string) bool { return strings.HasSuffix(line, "\t"+layout.Checks) }
	return slices.Equal(slices.DeleteFunc(ours, isCheck), slices.DeleteFunc(theirs, isCheck)), nil
}
