package history

import (
	"testing"

	"github.com/ianasync/ianasync/internal/builtin"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

// The lists of changes in the built-in history are those of the present rules: else every question would make them anew. The script
// .ci/history makes them anew in the archive.
func TestBuiltInLists(t *testing.T) {
	files, err := builtin.Open()
	if err != nil {
		t.Fatal(err)
	}
	s, err := snapshots.OpenFS(files, "the built-in history", ports.ServiceNames())
	if err != nil {
		t.Fatal(err)
	}
	lists, err := read(s, "")
	if err != nil {
		t.Fatal(err)
	}
	if n := len(s.Versions()); len(lists) != n {
		t.Errorf("%d lists can be read, want %d", len(lists), n)
	}
	for id, l := range lists {
		if l.head.Changes > 0 && l.head.DiffVersion != diffVersion {
			t.Fatalf("the list of %s was made by the rules %d, and the present ones are %d: run .ci/history", id, l.head.DiffVersion, diffVersion)
		}
	}
}
