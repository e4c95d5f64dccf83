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
	"unicode"

	"github.com/ianasync/ianasync/internal/layout"
)

// Change is a file that differs from the one last committed.
type Change struct {
	Name    string // with slashes, relative to the folder
	Was, Is []byte // nil where there was, or is, no such file
}

// Changed returns the files that differ from those of the commit that ours follows, by name, whatever git's index
// says: in a sparse checkout it hides changes. The error is a [lossError] if the bytes of a version or a line about one
// would be removed.
func (c *Checkout) Changed(ctx context.Context) ([]Change, error) {
	was, err := c.committed(ctx, c.base)
	if err != nil {
		return nil, err
	}
	is, err := c.present(ctx)
	if err != nil {
		return nil, err
	}
	changes, err := c.read(ctx, c.base, differing(was, is))
	if err != nil {
		return nil, err
	}
	for i := range changes {
		if _, there := is[changes[i].Name]; !there {
			continue
		}
		if changes[i].Is, err = os.ReadFile(c.path(changes[i].Name)); err != nil {
			return nil, err
		}
	}
	return changes, c.checkLoss(was, is, changes)
}

// differing returns, sorted, the names whose blob ids differ between a and b, or that only one of them has.
func differing(a, b map[string]string) (names []string) {
	for name := range a {
		if a[name] != b[name] {
			names = append(names, name)
		}
	}
	for name := range b {
		if _, found := a[name]; !found {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// committed returns the blob ids of the files that a commit has, by name.
func (c *Checkout) committed(ctx context.Context, commit string) (map[string]string, error) {
	ids := make(map[string]string)
	list, err := c.list(ctx, commit)
	for _, entry := range list { // "mode type id TAB name"
		about, name, _ := strings.Cut(entry, "\t")
		fields := strings.Fields(about)
		if len(fields) != 3 || fields[1] != "blob" || fields[0] == "120000" {
			return nil, irregularError{name, "on the branch"}
		}
		ids[name] = fields[2]
	}
	return ids, err
}

// present returns the blob ids of the files in the folder as they are, by name. It skips other repositories in the folder,
// and names with control characters, which no store has.
func (c *Checkout) present(ctx context.Context) (map[string]string, error) {
	var names []string
	for _, name := range c.names {
		err := filepath.WalkDir(c.path(name), func(at string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				if err == nil && isRepository(at) {
					return fs.SkipDir
				}
				return err
			}
			within, err := filepath.Rel(c.dir, at)
			switch within = filepath.ToSlash(within); {
			case err != nil:
				return err
			case !d.Type().IsRegular():
				return irregularError{within, "in the checkout"}
			case !strings.ContainsFunc(within, unicode.IsControl):
				names = append(names, within)
			}
			return nil
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	ids := make(map[string]string)
	if len(names) == 0 {
		return ids, nil
	}
	var paths strings.Builder
	for _, name := range names {
		paths.WriteString(c.path(name) + "\n")
	}
	text, err := c.run(ctx, strings.NewReader(paths.String()), "hash-object", "--no-filters", "--stdin-paths")
	if err != nil {
		return nil, err
	}
	lines := strings.Fields(text)
	if len(lines) != len(names) {
		return nil, fmt.Errorf("git hash-object: %d answers for %d files", len(lines), len(names))
	}
	for i, name := range names {
		ids[name] = lines[i]
	}
	return ids, nil
}

func isRepository(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, ".git"))
	return err == nil
}

// irregularError is the error for a file of the store that is a link, or not a regular file for another reason.
type irregularError struct{ name, where string }

func (e irregularError) Error() string {
	return fmt.Sprintf("%s is not a regular file %s", e.name, e.where)
}

// Hint returns what to do.
func (irregularError) Hint() string {
	return "the files of a store must not be links; the store's own folder may be one"
}

// checkLoss returns a [lossError] if a commit of the changes would lack the bytes of a version, under any
// name, or a line about one. Lines are not compared if the store's format changed.
func (c *Checkout) checkLoss(was, is map[string]string, changes []Change) error {
	kept := make(map[string]bool)
	for _, id := range is {
		kept[id] = true
	}
	for _, change := range changes {
		name := change.Name
		switch {
		case layout.IsBytes(name) && change.Was != nil && !kept[was[name]],
			layout.IsVersions(name) && is[layout.Store] == was[layout.Store] && !linesWithin(change.Was, change.Is):
			return lossError(c.prefix + name)
		}
	}
	return nil
}

// lossError is the error for a commit that would remove what the named file has on the branch.
type lossError string

func (e lossError) Error() string {
	return fmt.Sprintf("the branch has versions that a commit would remove (%s): nothing was committed", string(e))
}

// Hint returns what to do.
func (lossError) Hint() string {
	return "the next run brings back what the branch has; if it says the same, 'ianasync verify' finds what is wrong with the store"
}

func (c *Checkout) path(name string) string { return filepath.Join(c.dir, filepath.FromSlash(name)) }

// read returns the contents of files in a commit, in the order of the names: nil for a file that the commit lacks.
func (c *Checkout) read(ctx context.Context, commit string, names []string) ([]Change, error) {
	changes := make([]Change, len(names))
	var ask bytes.Buffer
	for i, name := range names {
		changes[i].Name = name
		fmt.Fprintf(&ask, "%s:./%s\n", commit, name)
	}
	if commit == "" || len(names) == 0 {
		return changes, nil
	}
	text, err := c.run(ctx, bytes.NewReader(ask.Bytes()), "cat-file", "--batch")
	if err != nil {
		return nil, err
	}
	for i := range changes { // "id blob SIZE", a line end, the bytes, a line end; or "name missing"
		var head string
		head, text, _ = strings.Cut(text, "\n")
		if strings.HasSuffix(head, " missing") {
			continue
		}
		size, err := strconv.Atoi(head[strings.LastIndexByte(head, ' ')+1:])
		if err != nil || size >= len(text) {
			return nil, fmt.Errorf("git cat-file: unexpected answer %q", head)
		}
		changes[i].Was, text = []byte(text[:size]), text[size+1:]
	}
	return changes, nil
}
