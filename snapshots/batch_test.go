package snapshots

import (
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

// TestBatch holds when others see what a batch has: after its first second, where there is much of it, and at its end.
func TestBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "data")
		s := open(t, dir)
		seen := func(want int) {
			t.Helper()
			r, err := Open(dir, testRegistry)
			if err != nil {
				t.Fatal(err)
			}
			if n := len(r.Versions()); n != want {
				t.Fatalf("there are %d versions, want %d", n, want)
			}
			wantSound(t, r)
		}
		s.BeginBatch()
		importAll(t, s, edition(0, 0), edition(1, 1))
		seen(0)
		time.Sleep(longestBatched)
		importAll(t, s, edition(2, 2))
		seen(3)
		for i := range mostBatched {
			seen(3)
			importAll(t, s, Edition{Bytes: csvOf(20 + i), Seen: at(3 + i)})
		}
		seen(3 + mostBatched)
		importAll(t, s, edition(100, 0))
		seen(3 + mostBatched)
		if err := s.EndBatch(); err != nil {
			t.Fatal(err)
		}
		seen(4 + mostBatched)
	})
}
