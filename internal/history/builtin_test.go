package history

import (
	"testing"

	"github.com/ianasync/ianasync/internal/builtin"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/snapshots"
)

// The lists of changes in the built-in history are those of the present rules: else every question would make them anew. The script
// .ci/history makes them anew in the archive.
func TestBuiltInLists(t *testing.T) {
	files, err := builtin.Open()
	if err != nil {
		t.Fatal(err)
	}
	s, err := snapshots.OpenFS(files, "the built-in history", portrules.ServiceNames())
	if err != nil {
		t.Fatal(err)
	}
	known := lists{store: s}
	versions := s.Versions()
	for i, v := range versions {
		l, err := known.of(versions, i)
		if err != nil {
			t.Fatal(err)
		}
		if l.head.Version != v.ID {
			t.Fatalf("there is no list of %s that was made by the rules %d: run .ci/history", v.ID, DiffVersion)
		}
	}
}
