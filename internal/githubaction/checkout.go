package githubaction

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/ianasync/ianasync/internal/groups"
	"github.com/ianasync/ianasync/internal/layout"
)

// Checkout is a folder in a git checkout.
type Checkout struct {
	dir        string   // absolute
	names      []string // what of it is committed: files, and folders with all that is in them
	prefix     string   // of the folder, from the top of the checkout: empty, or with a slash at the end
	branch     string   // refs/heads/…
	head       string   // the checkout's newest commit; empty in a new repository
	repository string   // git's own folder; empty if not known
	killed     note     // what an earlier run that was killed has left
	proposed   string   // the commit that the proposal's branch is at; empty where there is none
	base       string   // what our commit follows: head until [Checkout.Follow]; then what the remote has

	// BackOff is how long to wait before the second try to fetch or push; each further one waits
	// twice as long. A git of a killed run is waited for up to 40 times as long.
	BackOff time.Duration
	// Tries is how often to try to fetch or push.
	Tries int
}

// remote is the name of the remote in checkouts of actions/checkout.
const remote = "origin"

// OpenCheckout returns the folder dir, which must be in a checkout of a branch. Of it, the files and folders of
// the given names are committed; not all need be there.
func OpenCheckout(ctx context.Context, dir string, names ...string) (*Checkout, error) {
	c, err := openHead(ctx, dir, names...)
	switch {
	case err != nil:
		return nil, err
	case !strings.HasPrefix(c.branch, "refs/heads/"):
		return nil, noBranchError(c.dir)
	}
	return c, nil
}

// errNoCheckout is the error for a folder in no git checkout.
var errNoCheckout = errors.New("is in no git checkout")

// openHead is [OpenCheckout] that also accepts a checkout of a tag or a commit.
func openHead(ctx context.Context, dir string, names ...string) (*Checkout, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	c := &Checkout{dir: dir, names: names, BackOff: time.Second / 4, Tries: 6}
	text, err := c.git(ctx, "rev-parse", "--show-prefix", "--absolute-git-dir", "HEAD", "--symbolic-full-name", "HEAD")
	said := strings.Split(text, "\n")
	switch {
	case err == nil && len(said) == 5:
		c.prefix, c.repository, c.head, c.branch = said[0], said[1], said[2], said[3]
	case len(said) == 4: // there is no commit
		c.prefix, c.repository = said[0], said[1]
		c.branch, err = c.line(ctx, "symbolic-ref", "--quiet", "HEAD")
	}
	if len(said) > 1 && said[1] != "" {
		if within, e := filepath.Rel(said[1], dir); e == nil && filepath.IsLocal(within) {
			return nil, gitFolderError(dir)
		}
	}
	c.base = c.head
	c.readNote()
	if failed, isGit := errors.AsType[*failure](err); isGit && strings.Contains(failed.said, "not a git repository") {
		return nil, fmt.Errorf("%s %w: %w", dir, errNoCheckout, err)
	}
	return c, err
}

// addGroups adds to the names those of the groups that the folder's store has, or that of the commit which ours follows.
func (c *Checkout) addGroups(ctx context.Context) error {
	known := make(map[string]bool)
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		for _, name := range []string{layout.Group(e.Name()).Versions(), layout.Group(e.Name()).State()} {
			if _, err := os.Lstat(c.path(name)); err == nil {
				known[name] = true
			}
		}
	}
	if c.base != "" {
		text, err := c.git(ctx, "ls-tree", "-r", "-z", "--name-only", c.base)
		if err != nil {
			return err
		}
		for name := range strings.SplitSeq(text, "\x00") {
			known[name] = true
		}
	}
	for _, id := range layout.GroupsOf(known) {
		if groups.Valid(id) && !slices.Contains(c.names, id) {
			c.names = append(c.names, id)
		}
	}
	return nil
}

// gitFolderError is the error for a folder of that name in git's own folder.
type gitFolderError string

func (e gitFolderError) Error() string { return string(e) + " belongs to git itself" }

// Hint returns what to do.
func (gitFolderError) Hint() string {
	return "give the store a folder of its own in the checkout, such as data"
}

// noBranchError is the error for a folder of that name in a checkout of a tag or a commit.
type noBranchError string

func (e noBranchError) Error() string { return string(e) + " is in a checkout of no branch" }

// Hint returns what to do.
func (noBranchError) Hint() string {
	return "check out a branch, not a tag or a commit; or set commit to none"
}
