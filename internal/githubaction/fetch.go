package githubaction

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/atomicfile"
)

// ErrOvertaken is the error for a commit that was dropped because somebody else pushed a commit of the files.
var ErrOvertaken = errors.New("another run has committed the store")

// Follow fetches the branch as the remote has it now. Our commit will be on top of that, whatever the checkout has.
func (c *Checkout) Follow(ctx context.Context) error {
	return c.again(ctx, func() (done bool, err error) {
		theirs, err := c.fetch(ctx)
		failed, isGit := errors.AsType[*failure](err)
		switch {
		case err == nil:
			c.base = theirs
			return true, nil
		case !isGit || !strings.Contains(failed.said, "couldn't find remote ref"):
			return false, err
		case c.head != "":
			return true, noRemoteBranchError(strings.TrimPrefix(c.branch, "refs/heads/"))
		}
		c.base = ""
		return true, nil
	})
}

// noRemoteBranchError is the error for a branch of that name which the remote lacks.
type noRemoteBranchError string

func (e noRemoteBranchError) Error() string {
	return fmt.Sprintf("%s has no branch %s, which is checked out", remote, string(e))
}

// Hint returns what to do.
func (noRemoteBranchError) Hint() string {
	return "push the branch before this runs: 'git push " + remote + " HEAD'"
}

// fetch returns the newest commit that the remote has by now. A shallow checkout stays shallow: only what came since
// its newest commit is fetched.
func (c *Checkout) fetch(ctx context.Context) (id string, err error) {
	if _, err := c.git(ctx, "fetch", "--quiet", "--no-tags", "--no-recurse-submodules", remote, c.branch); err != nil {
		return "", err
	}
	return c.line(ctx, "rev-parse", "FETCH_HEAD")
}

// catchUp handles theirs, the remote's newest commit, after a push of ours failed. It reports landed if theirs contains ours:
// the push arrived and only its answer was lost. Otherwise the next try goes on top of theirs, or the error is
// [ErrOvertaken] if others have committed the files.
func (c *Checkout) catchUp(ctx context.Context, theirs, id string) (landed bool, err error) {
	switch {
	case c.within(ctx, theirs, c.base): // nobody pushed
		return false, nil
	case c.within(ctx, id, theirs):
		return true, nil
	}
	before, err := c.list(ctx, c.base)
	if err != nil {
		return false, err
	}
	after, err := c.list(ctx, theirs)
	switch {
	case err != nil:
		return false, err
	case !slices.Equal(before, after):
		return false, ErrOvertaken
	}
	c.base = theirs
	return false, nil
}

// within reports whether a commit is another one or came before it.
func (c *Checkout) within(ctx context.Context, id, newer string) bool {
	_, err := c.git(ctx, "merge-base", "--is-ancestor", id, newer)
	return err == nil
}

// list returns the folder's files in a commit, each as "mode type id TAB name".
func (c *Checkout) list(ctx context.Context, commit string) ([]string, error) {
	if commit == "" {
		return nil, nil
	}
	text, err := c.git(ctx, append([]string{"ls-tree", "-r", "-z", commit, "--"}, c.names...)...)
	return strings.FieldsFunc(text, func(r rune) bool { return r == 0 }), err
}

// BringBack writes files as they are in the commit that ours follows: the bytes of versions before the lines about them.
func (c *Checkout) BringBack(ctx context.Context, names []string) error {
	files, err := c.read(ctx, c.base, names)
	if err != nil {
		return err
	}
	slices.SortFunc(files, func(a, b Change) int { return strings.Compare(b.Name, a.Name) })
	for _, f := range files {
		if _, err := atomicfile.Update(c.path(f.Name), f.Was); err != nil {
			return err
		}
	}
	return nil
}
