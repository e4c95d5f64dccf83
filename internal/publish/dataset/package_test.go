package dataset_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ianasync/ianasync/internal/publish/dataset"
	"github.com/ianasync/ianasync/snapshots"
)

// TestPackageSaysWhatItHolds holds datapackage.json against the files beside it.
func TestPackageSaysWhatItHolds(t *testing.T) {
	tables := past()
	s := store(t, tables, 1, 2, 3, 4, 5)
	source, past := historyOf(t, s, s.Versions()[4].ID)
	files := make(map[string][]byte)
	for f, err := range dataset.Package(t.Context(), source, past, "https://example.org/") {
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
	var sums []string
	for name, data := range files {
		if name != "SHA256SUMS" {
			sums = append(sums, fmt.Sprintf("%x  %s", sha256.Sum256(data), name))
		}
	}
	if diff := cmp.Diff(slices.Sorted(slices.Values(sums)), strings.Split(strings.TrimSuffix(string(files["SHA256SUMS"]), "\n"), "\n")); diff != "" {
		t.Errorf("SHA256SUMS (-want +got):\n%s", diff)
	}
	if files["data/services.loss.json"] == nil || files["data/registry.json.loss.json"] != nil {
		t.Error("what is left out is to be told where anything is, and only there")
	}
}

// TestDescriptor holds datapackage.json against a schema of version 2 of the standard, and the schema against what is of
// version 1, or wrong.
func TestDescriptor(t *testing.T) {
	tables := past()
	s := store(t, tables, 1, 2, 3, 4, 5)
	source, past := historyOf(t, s, s.Versions()[4].ID)
	var text string
	for f, err := range dataset.Package(t.Context(), source, past, "https://example.org/") {
		if err != nil {
			t.Fatal(err)
		}
		if f.Name == "datapackage.json" {
			text = string(f.Data)
		}
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	schema, err := c.Compile("testdata/datapackage.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	valid := func(text string) error {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		return schema.Validate(value)
	}
	if err := valid(text); err != nil {
		t.Error(err)
	}
	for _, wrong := range [][2]string{
		{`"$schema"`, `"profile"`},
		{`profiles/2.0/`, `profiles/1.0/`},
		{`"path": "data/`, `"path": "../data/`},
		{`"path": "data/`, `"path": "/data/`},
		{`sha256:`, ``},
		{`"type": "table"`, `"type": "csv"`},
		{`"type": "string"`, `"type": "text"`},
		{`"https://example.org/"`, `"example"`},
	} {
		if !strings.Contains(text, wrong[0]) || valid(strings.ReplaceAll(text, wrong[0], wrong[1])) == nil {
			t.Errorf("the schema takes %s for %s", wrong[1], wrong[0])
		}
	}
}

// TestTar unpacks an archive with tar, has sha256sum check it, and wants the same bytes whatever the order in which
// the versions arrived.
func TestTar(t *testing.T) {
	tables := past()
	s, other := store(t, tables, 1, 2, 3, 4, 5), store(t, tables, 5, 3, 1, 2, 4)
	last := s.Versions()[4].ID
	tarOf := func(s *snapshots.Store) ([]byte, error) {
		source, past := historyOf(t, s, last)
		return dataset.Tar(t.Context(), source, past)
	}
	archive, err := tarOf(s)
	if err != nil {
		t.Fatal(err)
	}
	again, err := tarOf(other)
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

// readPackage reads the descriptor that it is given, and prints what is wrong with it, or how many rows its table has.
const readPackage = `
const { Package } = require("datapackage");
(async () => {
  const p = await Package.load(process.argv[1], { basePath: require("path").dirname(process.argv[1]) });
  const rows = await p.getResource("csv").read({ keyed: true });
  console.log(JSON.stringify({ valid: p.valid, errors: p.errors.map(String), rows: rows.length, first: rows[0]["Description"] }));
})();
`

// TestFrictionlessReadsThePackage gives the package to a reader of Data Packages, which reads the table by the schema
// that the description has of it. It is one of version 1, and knows nothing of what is new since.
func TestFrictionlessReadsThePackage(t *testing.T) {
	need(t, "node")
	if err := exec.Command("node", "-e", `require.resolve("datapackage")`).Run(); err != nil {
		t.Skip("not checked with its reader: node finds no module datapackage (npm installs it; NODE_PATH says where)")
	}
	tables := past()
	s := store(t, tables, 1, 2, 3, 4, 5)
	dir := t.TempDir()
	source, past := historyOf(t, s, s.Versions()[4].ID)
	for f, err := range dataset.Package(t.Context(), source, past, "") {
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	var got struct {
		Valid  bool
		Errors []string
		Rows   int
		First  string
	}
	if err := json.Unmarshal([]byte(output(t, exec.Command("node", "-e", readPackage, filepath.Join(dir, "datapackage.json")))), &got); err != nil {
		t.Fatal(err)
	}
	if !got.Valid || len(got.Errors) > 0 || got.Rows != len(tables[4].Records) || got.First != tables[4].Records[0].Description {
		t.Errorf("%+v, want %d rows, the first of which is %q", got, len(tables[4].Records), tables[4].Records[0].Description)
	}
}

// TestDatasetteMetadata holds what is said of the database against the database.
func TestDatasetteMetadata(t *testing.T) {
	need(t, "sqlite3")
	tables := past()
	s := store(t, tables, 1, 2, 3, 4, 5)
	source, past := historyOf(t, s, s.Versions()[4].ID)
	files := make(map[string]string)
	for f, err := range dataset.Package(t.Context(), source, past, "") {
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(f.Data)
	}
	var m struct {
		License   string
		Databases map[string]struct {
			Tables map[string]struct {
				Description string
				Columns     map[string]string
			}
		}
	}
	if err := json.Unmarshal([]byte(files["data/metadata.json"]), &m); err != nil {
		t.Fatal(err)
	}
	name := file(t, "history.sqlite", files["data/history.sqlite"])
	described := m.Databases["history"].Tables
	for table := range strings.FieldsSeq(output(t, exec.Command("sqlite3", name, "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'search%' AND name NOT LIKE 'sqlite%'"))) {
		if described[table].Description == "" {
			t.Errorf("nothing is said of the table %s", table)
		}
		for column := range described[table].Columns {
			output(t, exec.Command("sqlite3", name, "SELECT "+column+" FROM "+table+" LIMIT 1"))
		}
		delete(described, table)
	}
	if len(described) > 0 || m.License != "CC0 1.0" {
		t.Errorf("tables that there are not: %v", described)
	}
}
