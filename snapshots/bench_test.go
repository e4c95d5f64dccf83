package snapshots

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/ianasync/ianasync/registry/ports"
)

// longStore makes a store of 300 versions of some 1.1 MB, each a small edit of the one
// before, and returns its folder and what would come next.
func longStore(b *testing.B) (dir string, next Edition) {
	b.Helper()
	dir = b.TempDir()
	s := open(b, dir)
	var edits []int
	for k := range 300 {
		importAll(b, s, Edition{Bytes: csvOf(15000, edits...), Seen: at(k), Content: ports.NewTable(nil)})
		edits = append(edits, k*47%15000)
	}
	s.Close()
	return dir, Edition{Bytes: csvOf(15000, edits...), Seen: at(300)}
}

func BenchmarkLongStore(b *testing.B) {
	dir, next := longStore(b)
	b.Run("open and read the last", func(b *testing.B) {
		for b.Loop() {
			s, err := Open(dir, testRegistry)
			if err != nil {
				b.Fatal(err)
			}
			v, _ := s.Latest()
			if _, err := s.Bytes(v); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("nothing new", func(b *testing.B) {
		for b.Loop() {
			s, err := OpenForWriting(context.Background(), dir, testRegistry, 0)
			if err != nil {
				b.Fatal(err)
			}
			s.Latest()
			if _, _, err := s.Check(); err != nil {
				b.Fatal(err)
			}
			s.Close()
		}
	})
	b.Run("put", func(b *testing.B) {
		s := open(b, dir)
		table, err := ports.Parse(next.Bytes)
		if err != nil {
			b.Fatal(err)
		}
		next.Content = table
		for b.Loop() {
			next.Seen = next.Seen.AddDate(0, 0, 1)
			next.Bytes = append(slices.Clip(next.Bytes), '\n')
			if _, _, err := s.Put(next); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkLines measures what opening a store of 2,880 versions costs beside reading versions.jsonl.
func BenchmarkLines(b *testing.B) {
	var lines []line
	for k := range 2880 {
		sum := digest(fmt.Append(nil, k))
		e := entry{Version: Version{ID: FormatID(at(k)), Source: "mirror@" + sum[:40] + ":ports.csv", SHA256: sum, Size: 1_000_000 + k, TableSHA256: sum, Records: 14000}}
		of := new(entry)
		if k > 0 {
			of, e.Base = &lines[k-1].entry, lines[k-1].ID
		}
		l, err := newLine(e, of)
		if err != nil {
			b.Fatal(err)
		}
		lines = append(lines, l)
	}
	data := formatLines(lines)
	b.ReportAllocs()
	for b.Loop() {
		parsed, _, err := parseLines("", data)
		if err == nil {
			_, err = newLinked("", parsed)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}
