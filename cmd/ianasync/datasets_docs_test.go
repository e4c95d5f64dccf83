package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// shownQuery is a query that a page shows, with the lines that it shows as its result.
type shownQuery struct{ program, query, want string }

// shownQueries returns the queries of sqlite3 and duckdb that docs/datasets.md shows.
func shownQueries(t *testing.T) (list []shownQuery) {
	t.Helper()
	command := regexp.MustCompile(`^    \$ (sqlite3 history\.db|duckdb -noheader -list -c) "(.*)"\n$`)
	shown := false
	for line := range strings.Lines(read("../../docs/datasets.md")) {
		m := command.FindStringSubmatch(line)
		rest, isIndented := strings.CutPrefix(line, "    ")
		switch {
		case m != nil:
			program, _, _ := strings.Cut(m[1], " ")
			list = append(list, shownQuery{program: program, query: m[2]})
			shown = true
		case !isIndented || strings.HasPrefix(rest, "$"):
			shown = false
		case shown:
			list[len(list)-1].want += rest
		}
	}
	if len(list) < 6 {
		t.Fatalf("docs/datasets.md shows %d queries, want at least 6", len(list))
	}
	return list
}

// duckQuery runs a query as duckdb -noheader -list does.
const duckQuery = `
const { DuckDBInstance } = require("@duckdb/node-api");
(async () => {
  const db = await (await DuckDBInstance.create(":memory:")).connect();
  for (const row of (await db.runAndReadAll(process.argv[1])).getRows()) console.log(row.map(String).join("|"));
})();
`

// TestShownQueries runs the queries that docs/datasets.md shows on the history of the real editions.
func TestShownQueries(t *testing.T) {
	queries := shownQueries(t)
	store := corpusStore(t).Dir()
	dir := t.TempDir()
	for file, format := range map[string]string{"history.db": "sqlite", "history.parquet": "parquet", "changes.parquet": "parquet-changes"} {
		var stderr bytes.Buffer
		w := processWorld()
		w.stdout, w.stderr = &bytes.Buffer{}, &stderr
		if status := run(t.Context(), []string{"export", "--store", store, "--format", format, "-o", filepath.Join(dir, file)}, w); status != exitDone {
			t.Fatalf("exit status %d: %s", status, &stderr)
		}
	}
	for _, program := range []string{"sqlite3", "duckdb"} {
		t.Run(program, func(t *testing.T) {
			query := func(text string) ([]byte, error) {
				cmd := exec.CommandContext(t.Context(), program, "history.db", text)
				if program == "duckdb" {
					cmd = exec.CommandContext(t.Context(), "node", "-e", duckQuery, text)
				}
				cmd.Dir, cmd.Env = dir, append(os.Environ(), "TZ=UTC")
				return cmd.CombinedOutput()
			}
			if out, err := query("SELECT 1"); err != nil {
				t.Skipf("no %s here (node with @duckdb/node-api for duckdb; NODE_PATH names its folder): %v: %.80s", program, err, out)
			}
			for _, q := range queries {
				if q.program != program {
					continue
				}
				out, err := query(q.query)
				if err != nil || string(out) != q.want {
					t.Errorf("%s\ngives %q (%v), and the page shows %q", q.query, out, err, q.want)
				}
			}
		})
	}
}
