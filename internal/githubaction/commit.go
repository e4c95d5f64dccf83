package githubaction

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Commit commits the changes, and nothing else, and pushes the commit, on top of what the remote has by then. It
// returns the commit's id once the remote has it, even if something went wrong after that. The error is
// [ErrOvertaken] if the commit had to be dropped. Commits of the checkout's own that the remote lacks are not pushed:
// ours follows what the remote has.
func (c *Checkout) Commit(ctx context.Context, changes []Change, message string, at time.Time) (id string, err error) {
	var away error // from the last fetch
	err = c.again(ctx, func() (done bool, err error) {
		if id != "" { // a push failed
			var theirs string
			if theirs, away = c.fetch(ctx); away == nil {
				landed, err := c.catchUp(ctx, theirs, id)
				if landed || err != nil {
					return true, err
				}
			}
		}
		if id, err = c.write(ctx, changes, message, at); err != nil {
			return true, err
		}
		_, err = c.git(ctx, "push", "--quiet", "--no-recurse-submodules", "--no-follow-tags", remote, id+":"+c.branch)
		if err == nil {
			return true, nil
		}
		return false, errors.Join(err, away)
	})
	if err != nil {
		return "", err
	}
	return id, c.land(ctx, id)
}

// again calls try up to c.Tries times, with pauses in between, until it is done. It returns the last error.
func (c *Checkout) again(ctx context.Context, try func() (done bool, err error)) error {
	wait := c.BackOff
	for n := 1; ; n++ {
		done, err := try()
		switch {
		case ctx.Err() != nil && err != nil:
			return ctx.Err()
		case done || n == c.Tries:
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
		wait *= 2
	}
}

// bot is the author of all commits.
const bot = "github-actions[bot] <41898282+github-actions[bot]@users.noreply.github.com>"

// draft is the ref that a commit is made on. It is deleted right after.
const draft = "refs/ianasync/draft"

// write writes a commit on top of c.base and returns its id. No ref points to it yet.
func (c *Checkout) write(ctx context.Context, changes []Change, message string, at time.Time) (id string, err error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "commit %s\nmark :1\n", draft)
	fmt.Fprintf(&b, "author %s %d +0000\ncommitter %[1]s %[2]d +0000\n", bot, at.Unix())
	writeData(&b, []byte(message))
	if c.base != "" {
		fmt.Fprintf(&b, "from %s\n", c.base)
	}
	for _, change := range changes {
		name := quoted.Replace(c.prefix + change.Name)
		if change.Is == nil {
			fmt.Fprintf(&b, "D \"%s\"\n", name)
			continue
		}
		fmt.Fprintf(&b, "M 100644 inline \"%s\"\n", name)
		writeData(&b, change.Is)
	}
	fmt.Fprintf(&b, "get-mark :1\nreset %s\nfrom %040d\n\ndone\n", draft, 0)
	text, err := c.run(ctx, bytes.NewReader(b.Bytes()), "fast-import", "--quiet", "--done")
	return strings.TrimSpace(text), err
}

func writeData(b *bytes.Buffer, data []byte) {
	fmt.Fprintf(b, "data %d\n", len(data))
	b.Write(data)
	b.WriteByte('\n')
}

// quoted escapes a path between quotes for fast-import.
var quoted = strings.NewReplacer("\\", "\\\\", "\"", "\\\"", "\n", "\\n")

// land stages the files of our commit, which the remote has. It moves the checkout's branch to the commit if the branch
// is at the commit's parent.
func (c *Checkout) land(ctx context.Context, id string) error {
	before := c.base
	c.base = id
	if err := c.stage(ctx, id); err != nil || before != c.head {
		return err
	}
	_, err := c.git(ctx, "update-ref", "-m", "ianasync", "HEAD", id, c.head)
	c.head = id
	return err
}

// stage makes the files in the index those of a commit.
func (c *Checkout) stage(ctx context.Context, commit string) error {
	_, err := c.git(ctx, append([]string{"reset", "--quiet", commit, "--"}, c.names...)...)
	return err
}
