package dataset_test

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/registry/ports"
)

// duckQuery prints the rows of a query on the file that it is given, each as its cells joined by "|".
const duckQuery = `
const { DuckDBInstance } = require("@duckdb/node-api");
(async () => {
  const db = await (await DuckDBInstance.create(":memory:")).connect();
  const read = await db.runAndReadAll(process.argv[2].replaceAll("FILE", "read_parquet('" + process.argv[1] + "')"));
  console.log(JSON.stringify(read.getRows().map(row => row.join("|"))));
})();
`

// TestDuckDBReadsParquet asks DuckDB for the table of each version, and wants what the version has.
func TestDuckDBReadsParquet(t *testing.T) {
	need(t, "node")
	if err := exec.Command("node", "-e", `require.resolve("@duckdb/node-api")`).Run(); err != nil {
		t.Skip("not checked with its reader: node finds no module @duckdb/node-api (npm installs it; NODE_PATH says where)")
	}
	tables := past()
	s := store(t, tables, 1, 2, 3, 4, 5)
	versions := s.Versions()
	name := file(t, "history.parquet", string(parquetFile(t, s, versions[4].ID)))
	var columns []string
	for i := range ports.Columns() {
		columns = append(columns, ports.Columns()[i].Key)
	}
	for i, v := range versions {
		query := "SELECT " + strings.Join(columns, ", ") + " FROM FILE WHERE from_version <= '" + v.ID + "' AND (to_version IS NULL OR to_version >= '" + v.ID + "')"
		var got []string
		if err := json.Unmarshal([]byte(output(t, exec.Command("node", "-e", duckQuery, name, query))), &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(lines(tables[i].Records), got); diff != "" {
			t.Errorf("day %d (-want +got):\n%s", i+1, diff)
		}
	}
}
