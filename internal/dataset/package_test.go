package dataset_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/internal/dataset"
	"github.com/ianasync/ianasync/registry"
)

// TestPackageSaysWhatItHolds holds datapackage.json against the files beside it.
func TestPackageSaysWhatItHolds(t *testing.T) {
	tables := past()
	s := store(t, tables, 1, 2, 3, 4, 5)
	source := &dataset.Source{Registry: &registry.ServiceNames, Version: s.Versions()[4].ID, Table: tables[4]}
	files := make(map[string][]byte)
	for f, err := range dataset.Package(t.Context(), source, s, "https://example.org/") {
		if err != nil {
			t.Fatal(err)
		}
		if files[f.Name] != nil {
			t.Errorf("%s is there twice", f.Name)
		}
		files[f.Name] = f.Data
	}
	var p struct {
		Homepage  string
		Resources []struct {
			Name, Path, Hash string
			Bytes            int
		}
	}
	if err := json.Unmarshal(files["datapackage.json"], &p); err != nil {
		t.Fatal(err)
	}
	if want := len(dataset.Formats) + len(dataset.Histories) - 1; len(p.Resources) != want || p.Homepage != "https://example.org/" {
		t.Errorf("%d resources, want %d: %+v", len(p.Resources), want, p)
	}
	for _, r := range p.Resources {
		sum := sha256.Sum256(files[r.Path])
		if files[r.Path] == nil || r.Bytes != len(files[r.Path]) || r.Hash != "sha256:"+hex.EncodeToString(sum[:]) {
			t.Errorf("%s: %d bytes, %s; it says %d, %s", r.Path, len(files[r.Path]), hex.EncodeToString(sum[:]), r.Bytes, r.Hash)
		}
	}
	if files["data/services.loss.json"] == nil || files["data/registry.json.loss.json"] != nil {
		t.Error("what is left out is to be told where anything is, and only there")
	}
}

// TestTar unpacks an archive with tar, has sha256sum check it, and wants the same bytes whatever the order in which
// the versions arrived.
func TestTar(t *testing.T) {
	tables := past()
	s, other := store(t, tables, 1, 2, 3, 4, 5), store(t, tables, 5, 3, 1, 2, 4)
	last := s.Versions()[4].ID
	archive, err := dataset.Tar(t.Context(), &registry.ServiceNames, s, last)
	if err != nil {
		t.Fatal(err)
	}
	again, err := dataset.Tar(t.Context(), &registry.ServiceNames, other, last)
	if err != nil || !bytes.Equal(archive, again) {
		t.Errorf("versions that arrive in another order give other bytes (%v)", err)
	}
	need(t, "tar", "sha256sum")
	name := file(t, "all.tar", string(archive))
	dir := filepath.Dir(name)
	output(t, exec.Command("tar", "-xf", name, "-C", dir))
	check := exec.Command("sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS")
	check.Dir = filepath.Join(dir, "service-names-port-numbers-"+last)
	if diff := cmp.Diff("", output(t, check)); diff != "" {
		t.Error(diff)
	}
}
