package snapshots

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/internal/layout"
)

// oldStore makes a store of format 1 with the given editions.
func oldStore(t *testing.T, editions ...Edition) string {
	t.Helper()
	dir, old := t.TempDir(), t.TempDir()
	s := open(t, dir)
	importAll(t, s, editions...)
	s.Close()
	lines, err := os.ReadFile(filepath.Join(dir, group.Versions()))
	if err != nil {
		t.Fatal(err)
	}
	unsealed := regexp.MustCompile(`,"checksum":"[0-9a-f]{16}"}`).ReplaceAll(lines, []byte("}"))
	for name, text := range map[string]string{
		layout.Store: `{"format": 1, "registry": "service-names-port-numbers"}`, oldVersions: string(unsealed),
		oldCheck: `{"checked":"2020-01-09T06:00:00Z","version":"20200103T060000Z","outcome":"unchanged"}`,
	} {
		if err := os.WriteFile(filepath.Join(old, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Rename(filepath.Join(dir, group.Bytes()), filepath.Join(old, oldBytes)); err != nil {
		t.Fatal(err)
	}
	return old
}

// A store of format 1 is upgraded by the first writer. Whenever that is interrupted, the next one begins again; the files of format 1
// stay.
func TestUpgrade(t *testing.T) {
	editions := []Edition{edition(0, 0), edition(1, 1), edition(2, 2), edition(3, 2)}
	for left := range 12 {
		dir := oldStore(t, editions...)
		before := snapshot(t, dir)
		if _, err := Open(dir, testRegistry); !errors.Is(err, ErrOlderFormat) {
			t.Fatalf("%v; want ErrOlderFormat", err)
		}
		if s, err := openForWriting(t.Context(), dir, testRegistry, 0, &frailDisk{left: left, how: "a temporary file"}); err == nil {
			s.Close()
		} else if !errors.Is(err, errKilled) {
			t.Fatal(err)
		}
		s := open(t, dir)
		wantDays(t, s, 0, 1, 2)
		wantSound(t, s)
		if c, found, err := s.Check(); !found || err != nil || !c.Checked.Equal(at(8)) {
			t.Errorf("the last check is %+v, %t, %v", c, found, err)
		}
		for _, e := range editions {
			if _, known := s.HasBytes(digest(e.Bytes)); !known {
				t.Errorf("the edition of %s is lost", e.Seen)
			}
		}
		after := snapshot(t, dir)
		for name, was := range before {
			if name != layout.Store && after[name] != was {
				t.Errorf("%s: %s", name, cmp.Diff(was, after[name]))
			}
		}
		s.Close()
	}
}
