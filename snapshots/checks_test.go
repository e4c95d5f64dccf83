package snapshots

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/ianasync/ianasync/internal/layout"
	"github.com/ianasync/ianasync/registry"
)

// TestHeldChecks holds that checks that are held are found by their groups, are in no file until they are written, and that writing them
// leaves those of other groups as they are.
func TestHeldChecks(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	held := NewChecks(dir)
	if err := held.Write(ctx, 0); err != nil {
		t.Errorf("no checks, and no store: %v", err)
	}
	check := func(group string, day int, hold bool) {
		t.Helper()
		s, err := OpenForWriting(ctx, dir, registry.NewGroup(group), 0)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if hold {
			s.HoldCheck(held)
		}
		if err := s.SetCheck(Check{Checked: at(day), Outcome: Unchanged}); err != nil {
			t.Fatal(err)
		}
		if c, found, err := s.Check(); err != nil || !found || !c.Checked.Equal(at(day)) {
			t.Errorf("%s: the check is %+v, %v, %v", group, c, found, err)
		}
	}
	file := func() []byte {
		data, err := os.ReadFile(filepath.Join(dir, layout.Checks))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	days := func() map[string]int {
		got := make(map[string]int)
		for _, group := range []string{"a", "b", "c"} {
			c, found, err := ParseCheck(file(), group)
			if err != nil {
				t.Fatal(err)
			}
			if found {
				got[group] = int(c.Checked.Sub(day0).Hours() / 24)
			}
		}
		return got
	}
	check("a", 1, false)
	check("b", 1, false)
	was := file()
	check("a", 2, true)
	check("c", 2, true)
	if held.Len() != 2 || !bytes.Equal(file(), was) {
		t.Errorf("%d checks are held, and the file is %q", held.Len(), file())
	}
	check("b", 3, false) // by another run, in between
	s, err := OpenForWriting(ctx, dir, registry.NewGroup("a"), 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := held.Write(ctx, 0); !errors.Is(err, ErrLocked) || held.Len() != 2 {
		t.Errorf("beside another writer: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := held.Write(ctx, 0); err != nil || held.Len() != 0 {
		t.Errorf("%d checks are held after they were written, %v", held.Len(), err)
	}
	if got := days(); len(got) != 3 || got["a"] != 2 || got["b"] != 3 || got["c"] != 2 {
		t.Errorf("checked on days %v", got)
	}
}
