package githubaction

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/ianasync/ianasync/internal/layout"
	"github.com/ianasync/ianasync/internal/sync"
	"github.com/ianasync/ianasync/snapshots"
)

// isTruth reports whether a file says what a store has. All others can be derived from these, or are of one run.
func isTruth(name string) bool {
	return layout.IsBytes(name) || layout.IsVersions(name) || name == layout.Store
}

// restore makes the folder contain what the branch's store has, before anything else is done with it. A file may be missing
// or old for many reasons (an earlier step that cleaned up, a sparse checkout, an old cache, line ends), and none of
// them is a reason to remove a version from the branch. Versions that only the folder has, because an earlier run
// stored and did not push them, are kept.
func (s *Step) restore(ctx context.Context, c *Checkout) error {
	if err := c.addGroups(ctx); err != nil {
		return err
	}
	theirs, err := c.committed(ctx, c.base)
	if err != nil {
		return err
	}
	ours, err := c.present(ctx)
	if err != nil {
		return err
	}
	var missing, other []string
	for _, name := range differing(theirs, ours) {
		_, isTheirs := theirs[name]
		_, isOurs := ours[name]
		switch {
		case isTheirs && isOurs:
			other = append(other, name)
		case isTheirs:
			missing = append(missing, name)
		}
	}
	c.prefetch(ctx, theirs, missing, other)
	if other, err = s.withoutNewerCheck(ctx, c, other); err != nil || len(missing)+len(other) == 0 {
		return err
	}
	if err := s.merge(ctx, c, theirs, ours, missing, other); err != nil {
		return err
	}
	if !s.Push {
		return nil
	}
	return c.stage(ctx, c.base)
}

// withoutNewerCheck returns the names without that of the last checks' file, if ours is newer: checks that find nothing new
// are committed once a day only.
func (s *Step) withoutNewerCheck(ctx context.Context, c *Checkout, names []string) ([]string, error) {
	at := slices.Index(names, layout.Checks)
	if at < 0 {
		return names, nil
	}
	theirs, err := c.read(ctx, c.base, []string{layout.Checks})
	if err != nil {
		return nil, err
	}
	ours, err := os.ReadFile(c.path(layout.Checks))
	if err != nil {
		return nil, err
	}
	if bytes.ContainsRune(ours, '\r') || !s.lastChecked(ours).After(s.lastChecked(theirs[0].Was)) {
		return names, nil
	}
	return slices.Delete(names, at, at+1), nil
}

// lastChecked returns the time of the last check in the content of a file of checks. One that cannot be read is older than any.
func (s *Step) lastChecked(checks []byte) (last time.Time) {
	for _, group := range s.Groups {
		if c, _, _ := snapshots.ParseCheck(checks, group); c.Checked.After(last) {
			last = c.Checked
		}
	}
	return last
}

// merge writes the missing files, and those of the other files that are newer on the branch.
func (s *Step) merge(ctx context.Context, c *Checkout, theirs, ours map[string]string, missing, other []string) error {
	hasLines := false
	for name := range ours {
		hasLines = hasLines || layout.IsVersions(name)
	}
	if !hasLines || !slices.ContainsFunc(missing, isTruth) && !slices.ContainsFunc(other, isTruth) { // the folder has no version of its own
		s.sayBroughtBack(missing, other)
		return c.BringBack(ctx, append(missing, other...))
	}
	if err := c.BringBack(ctx, missing); err != nil { // deltas of our versions may need them
		return err
	}
	found, err := s.surpluses(ctx, c, theirs, ours)
	if err != nil {
		return err
	}
	back := slices.Clone(other)
	if slices.ContainsFunc(found, func(own surplus) bool { return own.ahead(other) }) { // what is derived of all groups is derived again
		back = slices.DeleteFunc(back, func(name string) bool { return !strings.Contains(name, "/") && !isTruth(name) })
	}
	for _, own := range found {
		if own.ahead(other) {
			back = slices.DeleteFunc(back, own.has)
		}
	}
	s.sayBroughtBack(missing, back)
	if err := c.BringBack(ctx, back); err != nil {
		return err
	}
	for _, own := range found {
		if err := s.addSurplus(ctx, c, &own, theirs, own.ahead(other)); err != nil {
			return err
		}
	}
	return nil
}

// addSurplus adds to the store of the branch what the folder's has besides. Where the folder's is ahead it is all there.
func (s *Step) addSurplus(ctx context.Context, c *Checkout, own *surplus, theirs map[string]string, ahead bool) error {
	if ahead {
		return s.derive(ctx, own.group, nil)
	}
	for _, name := range own.repeated {
		if _, isTheirs := theirs[name]; isTheirs {
			continue
		}
		if err := os.Remove(c.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if len(own.editions) == 0 {
		return nil
	}
	return s.derive(ctx, own.group, own.editions)
}

func (s *Step) sayBroughtBack(missing, other []string) {
	if names := append(slices.Clone(missing), other...); len(names) > 0 {
		s.Say("the branch's store has files that were missing or different here, and were brought back: %d, %s for example", len(names), names[0])
	}
}

// surplus is what the folder's store has of a group and the branch's has not.
type surplus struct {
	group    string
	editions []snapshots.Edition
	repeated []string // files of the bytes of what is no news: the branch's newest version, seen once more
	behind   bool     // there are also some that the branch's has and the folder's has not
}

// has reports whether a file is the group's.
func (own *surplus) has(name string) bool { return strings.HasPrefix(name, own.group+"/") }

// ahead reports whether the folder has all that the branch has of the group, and more. The names are those of the files that
// differ.
func (own *surplus) ahead(other []string) bool {
	return len(own.editions) > 0 && !own.behind && !slices.ContainsFunc(other, func(name string) bool {
		return isTruth(name) && (name == layout.Store || own.has(name) && !layout.IsVersions(name))
	})
}

// surpluses returns what the folder's store has and the branch's has not, of each group that the folder has.
func (s *Step) surpluses(ctx context.Context, c *Checkout, theirs, ours map[string]string) (found []surplus, err error) {
	folder, err := os.MkdirTemp("", "ianasync-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	if err := c.extract(ctx, theirs, folder); err != nil {
		return nil, err
	}
	for name := range ours {
		group := path.Dir(name)
		if !layout.IsVersions(name) || ours[name] == theirs[name] {
			continue
		}
		own, err := s.besides(c, folder, group)
		if err != nil {
			return nil, err
		}
		found = append(found, own)
	}
	slices.SortFunc(found, func(a, b surplus) int { return strings.Compare(a.group, b.group) })
	return found, nil
}

// besides returns what the folder's store has of a group and the branch's, which is in another folder, has not.
func (s *Step) besides(c *Checkout, branch, group string) (found surplus, err error) {
	found.group = group
	known, err := snapshots.Open(branch, s.Group(group))
	if err != nil {
		return found, fmt.Errorf("the branch's store: %w", err)
	}
	type sighting struct{ id, sha256 string }
	has := make(map[sighting]bool)
	for v := range known.Sightings() {
		has[sighting{v.ID, v.SHA256}] = true
	}
	own, err := snapshots.Open(s.Store, s.Group(group))
	if err != nil {
		return surplus{group: group, behind: true}, s.unreadable(c, branch, group, err)
	}
	common := 0
	newest, _ := known.Latest()
	before := newest.SHA256
	for v := range own.Sightings() {
		if has[sighting{v.ID, v.SHA256}] {
			common++
			continue
		}
		if v.ID > newest.ID {
			if v.SHA256 == before {
				found.repeated = append(found.repeated, layout.Group(group).Blob(v.ID))
				continue
			}
			before = v.SHA256
		}
		data, err := own.Bytes(v)
		if err != nil {
			return found, unreadableError{s.Store, err}
		}
		found.editions = append(found.editions, snapshots.Edition{Bytes: data, Seen: v.Seen(), Source: v.Source, ETag: v.ETag, LastModified: v.LastModified, Note: v.Note})
	}
	found.behind = common < len(has) || s.altered(c, group)
	return found, nil
}

// extract writes the store of a commit into a folder.
func (c *Checkout) extract(ctx context.Context, ids map[string]string, folder string) error {
	files, err := c.read(ctx, c.base, differing(ids, nil))
	if err != nil {
		return err
	}
	for _, f := range files {
		at := filepath.Join(folder, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(at), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(at, f.Was, 0o666); err != nil {
			return err
		}
	}
	return nil
}

// altered reports whether git gave the lines about versions other line ends.
func (s *Step) altered(c *Checkout, group string) bool {
	data, err := os.ReadFile(c.path(layout.Group(group).Versions()))
	return err == nil && bytes.ContainsRune(data, '\r')
}

// unreadable returns an error if the folder's store, which cannot be opened, has lines that the branch's lacks.
// Without such lines nothing is lost.
func (s *Step) unreadable(c *Checkout, branch, group string, why error) error {
	versions := layout.Group(group).Versions()
	ours, err := os.ReadFile(c.path(versions))
	if err != nil {
		return err
	}
	theirs, err := os.ReadFile(filepath.Join(branch, filepath.FromSlash(versions)))
	if err != nil || !linesWithin(ours, theirs) {
		return unreadableError{s.Store, why}
	}
	return nil
}

// unreadableError is the error for a store that cannot be read and may have what the branch's has not.
type unreadableError struct {
	store string
	err   error
}

func (e unreadableError) Error() string {
	return fmt.Sprintf("the checkout has versions in %s that the branch has not, and they cannot be read: %v", e.store, e.err)
}

func (e unreadableError) Unwrap() error { return e.err }

// Hint returns what to do.
func (e unreadableError) Hint() string {
	return "move " + e.store + " away and keep it; the next run begins with what the branch has"
}

// linesWithin reports whether all lines of a text are lines of another, whatever their ends.
func linesWithin(text, other []byte) bool {
	has := make(map[string]bool)
	for line := range bytes.Lines(other) {
		has[string(bytes.TrimRight(line, "\r\n"))] = true
	}
	for line := range bytes.Lines(text) {
		if !has[string(bytes.TrimRight(line, "\r\n"))] {
			return false
		}
	}
	return true
}

// derive adds editions of a group to the store and brings its derived files up to date. One that is newest is added if it is
// news, as it would be in a sync; one of the past always.
func (s *Step) derive(ctx context.Context, group string, editions []snapshots.Edition) (err error) {
	store, err := snapshots.OpenForWriting(ctx, s.Store, s.Group(group), s.Wait)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	for _, e := range editions {
		add := store.Import
		if newest, found := store.Latest(); !found || e.Seen.After(newest.Seen()) {
			add = store.Put
		}
		if _, _, err := add(e); err != nil {
			return err
		}
	}
	if _, found := store.Latest(); !found {
		return nil
	}
	return sync.Rederive(ctx, store, nil)
}

// prefetch fetches the blobs of the named files in one request, if the checkout is a partial clone: a
// sparse checkout of actions/checkout lacks the blobs of the files that it leaves out. If that fails, git fetches each
// blob when it is read.
func (c *Checkout) prefetch(ctx context.Context, ids map[string]string, names ...[]string) {
	partial, err := c.line(ctx, "config", "--type=bool", "--default=false", "--get", "remote."+remote+".promisor")
	if err != nil || partial != "true" {
		return
	}
	var wanted strings.Builder
	for _, name := range slices.Concat(names...) {
		wanted.WriteString(ids[name] + "\n")
	}
	if wanted.Len() > 0 {
		_, _ = c.run(ctx, strings.NewReader(wanted.String()),
			"fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--filter=blob:none", "--stdin", remote)
	}
}
