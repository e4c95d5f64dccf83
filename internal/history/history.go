// Package history knows what changed from each version of a store to the next.
//
// Comparing two versions takes milliseconds, but a store has hundreds. So the lists
// of changes are kept in the store as products, one file a year, one line a version:
//
//	derived/changes/2018.jsonl   {"version": ID, "previous": ID, "changes": […]}
//
// A line holds for as long as its two versions follow each other. Where versions
// arrive in between, theirs are made anew, and the others stay as they are; so the
// files depend on the versions alone, not on the order in which these arrived.
package history

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/snapshots"
)

// Step is what led from one version to the next.
type Step struct {
	Version  string        `json:"version"`  // id of the version that it led to
	Previous string        `json:"previous"` // id of the one before; empty for the first, which has no changes
	Changes  []diff.Change `json:"changes"`
}

// folder is where the lists are, in the store.
const folder = "derived/changes"

// Steps returns what led to each version of a store, oldest first. It compares only
// the versions of which the store has no list of changes; all of them where anew is
// set. It calls show, if not nil, after each version.
func Steps(ctx context.Context, s *snapshots.Store, anew bool, show func(done, total int64)) ([]Step, error) {
	known := map[[2]string]Step{}
	if !anew {
		var err error
		if known, err = read(s); err != nil {
			return nil, err
		}
	}
	return complete(ctx, s, known, show)
}

// complete returns the steps of all versions, making those that are not known.
func complete(ctx context.Context, s *snapshots.Store, known map[[2]string]Step, show func(done, total int64)) ([]Step, error) {
	versions := s.Versions()
	steps := make([]Step, 0, len(versions))
	c := comparer{store: s}
	for i, v := range versions {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		step := Step{Version: v.ID, Changes: []diff.Change{}}
		if i > 0 {
			before := versions[i-1]
			var found bool
			if step, found = known[[2]string{v.ID, before.ID}]; !found {
				changes, err := c.changes(before, v)
				if err != nil {
					return nil, err
				}
				step = Step{Version: v.ID, Previous: before.ID, Changes: changes}
			}
		}
		steps = append(steps, step)
		if show != nil {
			show(int64(i+1), int64(len(versions)))
		}
	}
	return steps, nil
}

// comparer compares versions, and keeps the last one open for the next comparison.
type comparer struct {
	store *snapshots.Store
	id    string
	rows  *registry.Edition
}

func (c *comparer) changes(old, new snapshots.Version) ([]diff.Change, error) {
	if old.TableSHA256 == new.TableSHA256 {
		return []diff.Change{}, nil
	}
	before, err := c.open(old)
	if err != nil {
		return nil, err
	}
	after, err := c.open(new)
	if err != nil {
		return nil, err
	}
	gone, came, err := registry.Distinct(before, after)
	if err != nil {
		return nil, err
	}
	return diff.Compare(gone.Records, came.Records), nil
}

func (c *comparer) open(v snapshots.Version) (*registry.Edition, error) {
	if c.id == v.ID {
		return c.rows, nil
	}
	data, err := c.store.Bytes(v)
	if err != nil {
		return nil, err
	}
	c.id = v.ID
	c.rows, err = registry.ReadEdition(data)
	return c.rows, err
}

// read returns the steps that the store has, by version and previous. Files and lines
// that cannot be read count as missing: they are products, and are made anew.
func read(s *snapshots.Store) (map[[2]string]Step, error) {
	known := make(map[[2]string]Step)
	for _, year := range years(s.Versions()) {
		data, err := os.ReadFile(filepath.Join(s.Dir(), filepath.FromSlash(file(year))))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		} else if err != nil {
			return nil, err
		}
		for line := range bytes.Lines(data) {
			var step Step
			if json.Unmarshal(line, &step) == nil {
				known[[2]string{step.Version, step.Previous}] = step
			}
		}
	}
	return known, nil
}

// File is one of the files that hold the lists of changes.
type File struct {
	Name string // in the store, with slashes
	Data []byte
}

// Files returns the files for the given steps, a file a year.
func Files(steps []Step) ([]File, error) {
	var files []File
	for rest := steps; len(rest) > 0; {
		year := rest[0].Version[:4]
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		for len(rest) > 0 && rest[0].Version[:4] == year {
			if err := enc.Encode(rest[0]); err != nil {
				return nil, fmt.Errorf("version %s: %w", rest[0].Version, err)
			}
			rest = rest[1:]
		}
		files = append(files, File{file(year), b.Bytes()})
	}
	return files, nil
}

func file(year string) string { return folder + "/" + year + ".jsonl" }

// years returns the years of versions, each once, in order.
func years(versions []snapshots.Version) (list []string) {
	for _, v := range versions {
		if year := v.ID[:4]; len(list) == 0 || list[len(list)-1] != year {
			list = append(list, year)
		}
	}
	return list
}
