package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// layer says how high each package stands. A package may import those below it, and no
// others of this module.
var layer = map[string]int{
	"internal/plainjson":       -1,
	"registry/ianaxml":         -1,
	"registry":                 0,
	"docs":                     0,
	"internal/publish/urls":    0,
	"internal/text":            0,
	"internal/atomicfile":      0,
	"internal/source/web":      0,
	"internal/csvhash":         0,
	"internal/source/git":      0,
	"internal/schedule":        0,
	"internal/sockets":         1,
	"internal/source/wayback":  1,
	"internal/source/files":    1,
	"internal/demo":            1,
	"internal/diff":            1,
	"internal/layout":          0,
	"internal/checksum":        0,
	"snapshots":                2,
	"internal/history":         3,
	"internal/audit":           4,
	"internal/health":          3,
	"internal/lookup":          4,
	"internal/render":          5,
	"internal/githubaction":    8,
	"internal/notify":          6,
	"internal/publish/feed":    6,
	"internal/publish/site":    6,
	"internal/publish/delta":   6,
	"internal/publish":         8,
	"internal/publish/dataset": 6,
	"internal/sync":            7,
	"internal/watch":           9,
	"cmd/ianasync":             10,

	"registry/registrytest": 11, // above all: imported by tests alone
}

func TestLayers(t *testing.T) {
	const module, root = "github.com/ianasync/ianasync/", "../.."
	files := 0
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || d.Name() == "tools" || strings.HasPrefix(d.Name(), ".") && name != root) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		files++
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		importer := path.Dir(strings.TrimPrefix(filepath.ToSlash(name), root+"/"))
		own, known := layer[importer]
		if !known {
			t.Errorf("package %s has no layer: give it one in this test", importer)
		}
		for _, spec := range f.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if below, ours := strings.CutPrefix(imported, module); ours && layer[below] >= own {
				t.Errorf("%s imports %s, which is not below it", name, below)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 20 {
		t.Errorf("only %d files were looked at", files)
	}
}
