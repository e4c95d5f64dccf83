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

// shownQuery is a query that a page shows, with the lines that it shows as its result. The file is that of a database; empty for
// duckdb.
type shownQuery struct{ program, file, query, want string }

// shownQueries returns the queries of sqlite3 and duckdb that docs/datasets.md shows.
func shownQueries(t *testing.T) (list []shownQuery) {
	t.Helper()
	command := regexp.MustCompile(`^    \$ (?:(sqlite3) (history\.db|registries\.db)|(duckdb) -noheader -list -c) "(.*)"\n$`)
	shown := false
	for line := range strings.Lines(read("../../docs/datasets.md")) {
		m := command.FindStringSubmatch(line)
		rest, isIndented := strings.CutPrefix(line, "    ")
		switch {
		case m != nil:
			list = append(list, shownQuery{program: m[1] + m[3], file: m[2], query: m[4]})
			shown = true
		case !isIndented || strings.HasPrefix(rest, "$"):
			shown = false
		case shown:
			list[len(list)-1].want += rest
		}
	}
	if len(list) < 10 {
		t.Fatalf("docs/datasets.md shows %d queries, want at least 10", len(list))
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
	exportGroups(t, filepath.Join(dir, "registries.db"))
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
			query := func(file, text string) ([]byte, error) {
				cmd := exec.CommandContext(t.Context(), program, file, text)
				if program == "duckdb" {
					cmd = exec.CommandContext(t.Context(), "node", "-e", duckQuery, text)
				}
				cmd.Dir, cmd.Env = dir, append(os.Environ(), "TZ=UTC")
				return cmd.CombinedOutput()
			}
			if out, err := query("history.db", "SELECT 1"); err != nil {
				t.Skipf("no %s here (node with @duckdb/node-api for duckdb; NODE_PATH names its folder): %v: %.80s", program, err, out)
			}
			for _, q := range queries {
				if q.program != program {
					continue
				}
				out, err := query(q.file, q.query)
				if err != nil || string(out) != q.want {
					t.Errorf("%s\ngives %q (%v), and the page shows %q", q.query, out, err, q.want)
				}
			}
		})
	}
}

// exportGroups writes the database of two groups of the real editions.
func exportGroups(t *testing.T, file string) {
	t.Helper()
	const bundle = "../../../shared/corpus/groups-xml.bundle"
	if _, err := os.Stat(bundle); err != nil {
		t.Skipf("no editions of groups: %v", err)
	}
	store := t.TempDir()
	for _, args := range [][]string{
		{"import", "git", bundle, "-r", "http-status-codes,tls-parameters", "--store", store},
		{"export", "--store", store, "--format", "sqlite", "--all", "-o", file},
	} {
		var stderr bytes.Buffer
		w := processWorld()
		w.stdout, w.stderr = &bytes.Buffer{}, &stderr
		if status := run(t.Context(), args, w); status != exitDone {
			t.Fatalf("exit status %d: %s", status, &stderr)
		}
	}
}
