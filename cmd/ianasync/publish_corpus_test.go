package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/ianasync/ianasync/internal/publish"
)

// TestPublishCorpus publishes real editions, and counts what is written anew after one more: a real one, and one in
// which a service amid hundreds of assigned ports has another name.
func TestPublishCorpus(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes half a minute")
	}
	editions, _ := realEditions(t)
	t.Chdir(t.TempDir())
	now := time.Date(2026, 1, 10, 6, 0, 0, 0, time.UTC)
	var names []string
	add := func(name string, data []byte) {
		if err := os.WriteFile(name, data, 0o666); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	last := len(editions) - 1
	for i := range editions {
		if (last-1-i)%24 == 0 || i == last {
			add(editions[i].seen.Format("20060102T150405Z")+".csv", editions[i].data)
		}
	}
	newest := editions[last].data
	renamed := bytes.ReplaceAll(newest, []byte("\nncl,2397,"), []byte("\nnever-so-called,2397,"))
	if bytes.Equal(renamed, newest) {
		t.Fatal("the newest edition has no ncl on 2397")
	}
	add("20250101T060000Z.csv", renamed)
	published := func(names ...string) (w publish.Written) {
		t.Helper()
		if got := shell(t, now, "ianasync import files "+strings.Join(names, " ")); !strings.Contains(got, " 0 refused") {
			t.Fatal(got)
		}
		if err := json.Unmarshal([]byte(shell(t, now, "ianasync publish --format json")), &w); err != nil {
			t.Fatal(err)
		}
		return w
	}
	n := len(names)
	first := published(names[:n-2]...)
	if first.Files < 15_000 || first.Bytes > 150_000_000 {
		t.Errorf("%d files of %d bytes are published", first.Files, first.Bytes)
	}
	next, rename := published(names[n-2]), published(names[n-1])
	t.Logf("%d files of %d bytes; after one more version %d are written, after a rename %d", first.Files, first.Bytes, next.Changed, rename.Changed)
	if next.Changed > 120 || rename.Changed > 80 {
		t.Errorf("after one more version %d files are written, and after a rename %d; want at most 120 and 80", next.Changed, rename.Changed)
	}
	linked(t, "public", "about/index.html")
	linked(t, "public", "index.html")
	linked(t, "public", "version/index.html")
}

// linked holds that what a page leads to is published.
func linked(t *testing.T, folder, page string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(readString(t, filepath.Join(folder, page))))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		for _, a := range n.Attr {
			if (a.Key != "href" && a.Key != "src") || strings.Contains(a.Val, ":") || strings.HasPrefix(a.Val, "#") {
				continue
			}
			if _, err := os.Stat(filepath.Join(folder, filepath.Dir(page), a.Val)); err != nil {
				t.Errorf("%s leads to %s: %v", page, a.Val, err)
			}
		}
	}
}
