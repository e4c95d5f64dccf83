package builtin

import (
	"testing"

	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

// The archive holds a store with the history since 2015 whose newest version can be opened, and is no larger than it may be.
func TestArchive(t *testing.T) {
	if len(archive) > MaxSize {
		t.Errorf("the archive has %d bytes, and may have %d", len(archive), MaxSize)
	}
	files, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	s, err := snapshots.OpenFS(files, "the built-in history", ports.ServiceNames())
	if err != nil {
		t.Fatal(err)
	}
	all := s.Versions()
	if len(all) < 500 || all[0].ID > "20151231" || all[len(all)-1].ID < "20231206" {
		t.Fatalf("%d versions from %s to %s", len(all), all[0].ID, all[len(all)-1].ID)
	}
	newest := all[len(all)-1]
	data, err := s.Bytes(newest)
	if err != nil {
		t.Fatal(err)
	}
	table, err := ports.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if table.Digest() != newest.TableSHA256 || len(table.Records) < 14000 {
		t.Errorf("the newest table has %d records and the digest %s, want %s", len(table.Records), table.Digest(), newest.TableSHA256)
	}
}
