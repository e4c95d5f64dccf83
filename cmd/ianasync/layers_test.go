package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// rooms are all packages of this module, from the ground up: each may import only packages that stand above its own
// row. The second column lists which of this module a package imports, the third which of other modules; both are
// exact. Packages for tests alone stand last, where nothing can import them. docs/architecture.md explains the
// structure.
var rooms = [...]struct{ name, ours, others string }{
	{"contrib", "", ""},
	{"docs", "", ""},
	{"internal/atomicfile", "", ""},
	{"internal/csvhash", "", ""},
	{"internal/layout", "", ""},
	{"internal/groups", "internal/layout", ""},
	{"internal/plainjson", "", ""},
	{"internal/publish/htmlprint", "", ""},
	{"internal/publish/reuse", "", ""},
	{"internal/publish/urls", "internal/layout", ""},
	{"internal/schedule", "", "github.com/robfig/cron/v3"},
	{"internal/source/git", "", ""},
	{"internal/source/web", "", "github.com/cenkalti/backoff/v7"},
	{"internal/text", "", ""},
	{"internal/zstdpatch", "", "github.com/klauspost/compress/huff0"},
	{"registry/ianacsv", "", ""},
	{"registry/ianaxml", "", ""},
	{"registry/ianaxsl", "", ""},
	{"internal/checksum", "internal/plainjson", ""},
	{"internal/source/wayback", "internal/source/web", ""},
	{"registry", "internal/plainjson registry/ianacsv registry/ianaxml", ""},
	{"registry/ports", "internal/plainjson registry registry/ianacsv registry/ianaxml", "github.com/gocarina/gocsv"},
	{"internal/demo", "registry/ports", ""},
	{"internal/diff", "internal/plainjson registry", ""},
	{"internal/parties", "", "golang.org/x/text/cases"},
	{"internal/portrules", "internal/diff internal/parties internal/plainjson registry registry/ports", ""},
	{"internal/rules", "internal/diff internal/parties registry registry/ianaxml", ""},
	{"internal/sockets", "internal/text registry/ports", "github.com/shirou/gopsutil/v4/net github.com/shirou/gopsutil/v4/process"},
	{"internal/source/files", "internal/source/web registry registry/ianaxml registry/ports", ""},
	{"snapshots", "internal/atomicfile internal/checksum internal/layout internal/plainjson internal/zstdpatch registry", "github.com/gofrs/flock github.com/klauspost/compress/zstd"},
	{"internal/builtin", "", ""},
	{"internal/builtin/pack", "internal/builtin internal/layout registry/ports", ""},
	{"internal/health", "internal/groups internal/layout snapshots", ""},
	{"internal/history", "internal/checksum internal/diff internal/layout internal/plainjson internal/rules registry snapshots", ""},
	{"internal/porthistory", "internal/diff internal/history internal/portrules registry registry/ports snapshots", ""},
	{"internal/audit", "internal/diff internal/history internal/porthistory internal/portrules registry/ports", ""},
	{"internal/lookup", "internal/diff internal/history internal/porthistory internal/rules registry registry/ianaxsl registry/ports snapshots", "github.com/agnivade/levenshtein"},
	{"internal/search", "internal/checksum internal/history internal/rules registry registry/ports", ""},
	{"internal/publish/dataset", "internal/diff internal/history internal/layout internal/plainjson internal/porthistory internal/portrules internal/rules internal/text registry registry/ianacsv registry/ports snapshots", "github.com/klauspost/compress/gzip github.com/klauspost/compress/zstd github.com/ncruces/go-sqlite3/driver github.com/ncruces/go-sqlite3/ext/fts5 github.com/ncruces/go-sqlite3/ext/serdes github.com/parquet-go/parquet-go github.com/parquet-go/parquet-go/compress/zstd golang.org/x/text/unicode/norm"},
	{"internal/publish/delta", "internal/diff internal/history internal/porthistory internal/portrules internal/publish/reuse registry/ports snapshots", "github.com/klauspost/compress/zstd"},
	{"internal/vendored", "internal/diff internal/history internal/rules registry registry/ianacsv", ""},
	{"internal/render", "internal/audit internal/diff internal/history internal/layout internal/lookup internal/porthistory internal/portrules internal/rules internal/text internal/vendored registry registry/ports snapshots", "github.com/fatih/color"},
	{"internal/notify", "internal/atomicfile internal/checksum internal/diff internal/history internal/plainjson internal/porthistory internal/portrules internal/render internal/source/web internal/text registry registry/ports snapshots", "github.com/cenkalti/backoff/v7 github.com/gofrs/flock"},
	{"internal/publish/feed", "internal/diff internal/history internal/lookup internal/plainjson internal/publish/reuse internal/publish/urls internal/render internal/text snapshots", ""},
	{"internal/publish/site", "internal/diff internal/history internal/lookup internal/plainjson internal/porthistory internal/portrules internal/publish/htmlprint internal/publish/reuse internal/publish/urls internal/render internal/rules internal/search internal/text registry registry/ports snapshots", ""},
	{"internal/sync", "internal/history internal/layout internal/portrules internal/publish/delta internal/render internal/rules internal/search internal/source/web registry registry/ianaxsl registry/ports snapshots", ""},
	{"internal/githubaction", "internal/atomicfile internal/diff internal/groups internal/history internal/layout internal/plainjson internal/render internal/source/git internal/sync internal/text snapshots", ""},
	{"internal/publish", "docs internal/atomicfile internal/history internal/lookup internal/plainjson internal/porthistory internal/publish/dataset internal/publish/delta internal/publish/feed internal/publish/reuse internal/publish/site internal/publish/urls internal/render internal/text registry registry/ports snapshots", "github.com/gofrs/flock"},
	{"internal/watch", "internal/diff internal/health internal/notify internal/publish internal/publish/site internal/schedule internal/sync snapshots", ""},
	{"cmd/ianasync", "contrib internal/atomicfile internal/audit internal/builtin internal/demo internal/diff internal/githubaction internal/groups internal/health internal/history internal/layout internal/lookup internal/notify internal/plainjson internal/porthistory internal/portrules internal/publish internal/publish/dataset internal/publish/site internal/render internal/rules internal/schedule internal/search internal/sockets internal/source/files internal/source/git internal/source/wayback internal/source/web internal/sync internal/text internal/vendored internal/watch registry registry/ianaxsl registry/ports snapshots", "github.com/schollz/progressbar/v3 github.com/spf13/cobra github.com/spf13/pflag golang.org/x/term"},
	{"registry/ports/portstest", "registry/ports", ""},
	{"internal/history/historytest", "internal/portrules registry/ports registry/ports/portstest snapshots", ""},
}

const module = "github.com/ianasync/ianasync/"

// TestRooms compares the imports of every package, those of tests apart, with the table.
func TestRooms(t *testing.T) {
	imports := readImports(t)
	known := map[string]bool{}
	for _, room := range rooms {
		var ours, others []string
		for _, name := range imports[room.name] {
			below, isOurs := strings.CutPrefix(name, module)
			switch first, _, _ := strings.Cut(name, "/"); {
			case isOurs && !known[below]:
				t.Errorf("%s imports %s, which is not below it", room.name, below)
			case isOurs:
				ours = append(ours, below)
			case strings.Contains(first, "."):
				others = append(others, name)
			}
		}
		if d := cmp.Diff(strings.Fields(room.ours), ours); len(ours)+len(room.ours) > 0 && d != "" {
			t.Errorf("%s imports other packages of this module than the table says (-table +code):\n%s", room.name, d)
		}
		if d := cmp.Diff(strings.Fields(room.others), others); len(others)+len(room.others) > 0 && d != "" {
			t.Errorf("%s imports other packages of other modules than the table says (-table +code):\n%s", room.name, d)
		}
		known[room.name] = true
	}
	for name := range imports {
		if !known[name] {
			t.Errorf("package %s is not in the table", name)
		}
	}
}

// TestNoWayOut holds what a part of the program must not reach, by whatever way: what reads and compares registries
// needs no network and starts no process, and neither does what is published. (The words of the terminal, too, are made
// without looking at the machine.)
func TestNoWayOut(t *testing.T) {
	imports := readImports(t)
	forbidden := []string{"net", "net/http", "os/exec", "internal/sockets", "internal/source/git", "internal/source/wayback", "internal/source/web"}
	for name := range imports {
		pure := slices.Contains([]string{"registry", "registry/ports", "snapshots", "internal/diff", "internal/history", "internal/lookup", "internal/render"}, name)
		if !pure && !strings.HasPrefix(name, "internal/publish") {
			continue
		}
		for reached, way := range reach(imports, name) {
			if slices.Contains(forbidden, reached) {
				t.Errorf("%s reaches %s: %s", name, reached, way)
			}
		}
	}
}

// TestArchitecture sees that docs/architecture.md has a row for every package, and for no other, and names only files that exist.
func TestArchitecture(t *testing.T) {
	page, err := os.ReadFile("../../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range regexp.MustCompile(`(?:[a-z]+/)+[a-z_]+\.(?:go|txtar|json)\b`).FindAllString(string(page), -1) {
		if _, err := os.Stat("../../" + name); err != nil {
			t.Error(err)
		}
	}
	_, table, _ := strings.Cut(string(page), "## The packages")
	var documented []string
	for line := range strings.Lines(table) {
		if name, isRow := strings.CutPrefix(line, "| `"); isRow {
			name, _, _ = strings.Cut(name, "`")
			documented = append(documented, name)
		}
	}
	want := slices.Sorted(maps.Keys(readImports(t)))
	slices.Sort(documented)
	if d := cmp.Diff(want, documented); d != "" {
		t.Errorf("(-packages +documented):\n%s", d)
	}
}

// reach returns all packages that one imports, through others of this module too, each with the way to it.
func reach(imports map[string][]string, from string) map[string]string {
	ways := map[string]string{}
	var visit func(name, way string)
	visit = func(name, way string) {
		for _, next := range imports[name] {
			next = strings.TrimPrefix(next, module)
			if _, seen := ways[next]; !seen {
				ways[next] = way + " → " + next
				visit(next, ways[next])
			}
		}
	}
	visit(from, from)
	return ways
}

// readImports returns the import paths of every package of this module, by its path in the module, in alphabetical
// order. Files for all systems count, tests do not.
func readImports(t *testing.T) map[string][]string {
	t.Helper()
	const root = "../.."
	sets := map[string]map[string]bool{}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || d.Name() == "tools" || strings.HasPrefix(d.Name(), ".") && name != root):
			return filepath.SkipDir
		case !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		importer := path.Dir(strings.TrimPrefix(filepath.ToSlash(name), root+"/"))
		if sets[importer] == nil {
			sets[importer] = map[string]bool{}
		}
		for _, spec := range f.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			sets[importer][imported] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(sets) < 20 {
		t.Fatalf("only %d packages were found", len(sets))
	}
	imports := map[string][]string{}
	for name, set := range sets {
		imports[name] = slices.Sorted(maps.Keys(set))
	}
	return imports
}
