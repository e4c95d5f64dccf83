package githubaction

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Change is a file that differs from the one last committed.
type Change struct {
	Name    string // with slashes, relative to the folder
	Was, Is []byte // nil where there was, or is, no such file
}

// Changed returns the files that differ from those last committed, by name.
func (c *Checkout) Changed(ctx context.Context) ([]Change, error) {
	args := []string{"status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--ignored", "--"}
	text, err := c.git(ctx, append(args, c.names...)...)
	if err != nil {
		return nil, err
	}
	var names []string
	for entry := range strings.SplitSeq(text, "\x00") { // "XY path", from the top
		if len(entry) > 3 && !strings.HasSuffix(entry, "/") && !strings.Contains(entry, "\n") { // else it is another repository, or nobody's
			names = append(names, strings.TrimPrefix(entry[3:], c.prefix))
		}
	}
	slices.Sort(names)
	return c.compare(ctx, slices.Compact(names)) // what is in the checkout and not in the index is listed twice
}

// compare returns those of the files that differ: git's word means the bytes that its filters make of them, and
// the commit that is checked out.
func (c *Checkout) compare(ctx context.Context, names []string) ([]Change, error) {
	committed, err := c.read(ctx, c.base, names)
	if err != nil {
		return nil, err
	}
	var changes []Change
	for i, name := range names {
		change := Change{Name: name, Was: committed[i]}
		change.Is, err = os.ReadFile(c.path(name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if (change.Was == nil) != (change.Is == nil) || !bytes.Equal(change.Was, change.Is) {
			changes = append(changes, change)
		}
	}
	return changes, nil
}

func (c *Checkout) path(name string) string { return filepath.Join(c.dir, filepath.FromSlash(name)) }

// read returns what a commit has of the files, in their order; nil for those that it has not.
func (c *Checkout) read(ctx context.Context, commit string, names []string) ([][]byte, error) {
	texts := make([][]byte, len(names))
	if commit == "" || len(names) == 0 {
		return texts, nil
	}
	var ask bytes.Buffer
	for _, name := range names {
		fmt.Fprintf(&ask, "%s:./%s\n", commit, name)
	}
	text, err := c.run(ctx, &ask, "cat-file", "--batch")
	if err != nil {
		return nil, err
	}
	for i := range texts { // "id blob SIZE", a line end, the bytes, a line end; or "name missing"
		var head string
		head, text, _ = strings.Cut(text, "\n")
		if strings.HasSuffix(head, " missing") {
			continue
		}
		size, err := strconv.Atoi(head[strings.LastIndexByte(head, ' ')+1:])
		if err != nil || size >= len(text) {
			return nil, fmt.Errorf("git cat-file: %q is no answer", head)
		}
		texts[i], text = []byte(text[:size]), text[size+1:]
	}
	return texts, nil
}
