package githubaction

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/ianasync/ianasync/internal/atomicfile"
)

// ErrOvertaken says that somebody else pushed a commit of the files. They are as that
// commit has them.
var ErrOvertaken = errors.New("another run has committed the store")

// fetch returns the newest commit that the remote has by now.
func (c *Checkout) fetch(ctx context.Context) (id string, err error) {
	if _, err := c.git(ctx, "fetch", "--quiet", "--no-tags", "--no-recurse-submodules", remote, c.branch); err != nil {
		return "", err
	}
	return c.line(ctx, "rev-parse", "FETCH_HEAD")
}

// divergedError says that the checkout's commits and the remote's do not follow each other.
type divergedError struct{}

func (divergedError) Error() string {
	return "the checkout has commits that " + remote + " has not, and " + remote + " has others: nothing was pushed"
}

// Hint says what to do.
func (divergedError) Hint() string { return "push what was committed, or drop it, before this runs" }

// catchUp follows the remote, which has a commit of theirs. Where ours is not among what led to it, the next one goes
// on top of it; or there is none, for others have committed the files.
func (c *Checkout) catchUp(ctx context.Context, theirs, id string, changes []Change) (landed bool, err error) {
	switch {
	case c.within(ctx, theirs, c.base): // nobody pushed
		return false, nil
	case c.within(ctx, id, theirs): // it arrived, and only the answer was lost
		return true, nil
	case c.head != "" && !c.within(ctx, c.head, theirs):
		return false, divergedError{}
	}
	before, err := c.list(ctx, c.base)
	if err != nil {
		return false, err
	}
	after, err := c.list(ctx, theirs)
	switch {
	case err != nil:
		return false, err
	case slices.Equal(before, after):
		c.base = theirs
		return false, nil
	}
	if err := c.become(ctx, theirs, names(after), append(names(before), changed(changes)...)); err != nil {
		return false, err
	}
	return false, ErrOvertaken
}

// within tells whether a commit is another one or came before it.
func (c *Checkout) within(ctx context.Context, id, newer string) bool {
	_, err := c.git(ctx, "merge-base", "--is-ancestor", id, newer)
	return err == nil
}

// list returns what a commit has of the folder's files: "mode blob id TAB name" of each.
func (c *Checkout) list(ctx context.Context, commit string) ([]string, error) {
	if commit == "" {
		return nil, nil
	}
	text, err := c.git(ctx, append([]string{"ls-tree", "-r", "-z", commit, "--"}, c.names...)...)
	return strings.FieldsFunc(text, func(r rune) bool { return r == 0 }), err
}

func names(listed []string) (names []string) {
	for _, l := range listed {
		_, name, _ := strings.Cut(l, "\t")
		names = append(names, name)
	}
	return names
}

func changed(changes []Change) (names []string) {
	for _, change := range changes {
		names = append(names, change.Name)
	}
	return names
}

// become makes the files those of a commit that others pushed: these, and none of those that were there.
func (c *Checkout) become(ctx context.Context, theirs string, these, were []string) error {
	texts, err := c.read(ctx, theirs, these)
	if err != nil {
		return err
	}
	for i, name := range slices.Backward(these) { // first the versions, then what names them
		if _, err := atomicfile.Update(c.path(name), texts[i]); err != nil {
			return err
		}
	}
	for _, name := range were {
		if slices.Contains(these, name) {
			continue
		}
		if err := os.Remove(c.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	c.base = theirs
	return c.stage(ctx, theirs)
}
