package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/internal/sync"
	"github.com/ianasync/ianasync/snapshots"
)

// BenchmarkCommand measures whole processes: the CPU that each takes, and where there is
// something to compare with, the ratio to it, the two run in turn.
//
//	go test -run '^$' -bench Command -benchtime 20x ./cmd/ianasync
//
// For memory use GNU time: what the system tells of a child's peak includes its parent's.
func BenchmarkCommand(b *testing.B) {
	editions, _ := realEditions(b)
	folder := b.TempDir()
	ianasync := build(b, folder, "./")
	csvhash := build(b, folder, "../../internal/csvhash")
	old, changed := filepath.Join(folder, "old.csv"), filepath.Join(folder, "new.csv")
	saveFile(b, old, editions[200].data)
	saveFile(b, changed, editions[201].data)

	b.Run("diff", func(b *testing.B) {
		ours, theirs := new(spent), new(spent)
		for b.Loop() {
			ours.run(b, exitDifferences, ianasync, "diff", old, changed, "--format", "json")
			theirs.run(b, 0, csvhash, old, changed)
		}
		ours.report(b, "")
		theirs.report(b, "csvhash-")
		b.ReportMetric(float64(ours.cpu)/float64(theirs.cpu), "cpu-ratio")
	})

	store := filepath.Join(folder, "data")
	page := seenEdition{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "", page.seen, bytes.NewReader(page.data))
	}))
	defer server.Close()
	for _, page = range editions {
		if bytes.HasPrefix(page.data, []byte("Service Name,")) {
			at := page.seen
			if got := run(b.Context(), []string{"sync", "--source", server.URL, "--store", store}, quiet(func() time.Time { return at })); got != exitDone {
				b.Fatalf("sync at %s: exit status %d", at, got)
			}
		}
	}
	b.Run("sync-304", func(b *testing.B) {
		s := new(spent)
		for b.Loop() {
			s.run(b, exitDone, ianasync, "sync", "--source", server.URL, "--store", store)
		}
		s.report(b, "")
	})
	page.seen = time.Now() // newer than what is asked for: the same bytes with status 200
	b.Run("sync-equal", func(b *testing.B) {
		s := new(spent)
		for b.Loop() {
			page.seen = page.seen.Add(time.Hour)
			s.run(b, exitDone, ianasync, "sync", "--source", server.URL, "--store", store)
		}
		s.report(b, "")
	})
	for _, at := range []string{"latest", "latest~1", "latest~100", "latest~222", "latest~285"} {
		b.Run("export-raw-"+at, func(b *testing.B) {
			s := new(spent)
			for b.Loop() {
				s.run(b, exitDone, ianasync, "export", "--format", "raw", "--at", at, "--store", store)
			}
			s.report(b, "")
		})
	}
	b.Run("lookup", func(b *testing.B) {
		s := new(spent)
		for b.Loop() {
			s.run(b, exitDone, ianasync, "lookup", "2397", "--store", store)
		}
		s.report(b, "")
	})
}

// spent is what processes took.
type spent struct {
	runs int
	cpu  time.Duration
}

func (s *spent) run(b *testing.B, want int, name string, args ...string) {
	b.Helper()
	cmd := exec.Command(name, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	err := cmd.Run()
	if cmd.ProcessState == nil {
		b.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != want {
		b.Fatalf("%s: exit status %d, want %d: %s", cmd, got, want, &stderr)
	}
	s.runs++
	s.cpu += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}

func (s *spent) report(b *testing.B, prefix string) {
	b.ReportMetric(float64(s.cpu.Microseconds())/1000/float64(s.runs), prefix+"cpu-ms/op")
}

func build(b *testing.B, folder, pkg string) string {
	b.Helper()
	out := filepath.Join(folder, filepath.Base(pkg)+".bin")
	if msg, err := exec.Command("go", "build", "-o", out, pkg).CombinedOutput(); err != nil {
		b.Fatalf("go build: %v: %s", err, msg)
	}
	return out
}

func saveFile(b testing.TB, name string, data []byte) {
	b.Helper()
	if err := os.WriteFile(name, data, 0o644); err != nil {
		b.Fatal(err)
	}
}

// quiet is a world in which nothing is heard.
func quiet(now func() time.Time) *world {
	return &world{
		stdin: bytes.NewReader(nil), stdout: new(bytes.Buffer), stderr: new(bytes.Buffer),
		getenv: emptyStart, now: now,
	}
}

// BenchmarkHistory measures what questions about the past cost in stores of more and more versions, which go to and
// fro through the real editions: each time through, one record has another assignee, so that none is the
// return of an older one. For comparison, git is asked the same of the repository of the real editions.
//
//	go test -run '^$' -bench History -benchtime 10x -timeout 30m ./cmd/ianasync
func BenchmarkHistory(b *testing.B) {
	editions, repo := realEditions(b)
	editions = slices.DeleteFunc(editions, func(e seenEdition) bool { return !bytes.HasPrefix(e.data, []byte("Service Name,")) })
	ianasync := build(b, b.TempDir(), "./")
	b.Run("git-log-G", func(b *testing.B) {
		s := new(spent)
		for b.Loop() {
			s.run(b, 0, "git", "--git-dir", repo, "log", "--all", "-G1278", "--oneline")
		}
		s.report(b, "")
	})
	for _, n := range []int{72, 144, 288, 2880} {
		store := filepath.Join(b.TempDir(), "data")
		toAndFro(b, store, editions, n)
		for _, question := range [][]string{{"log", "1278"}, {"blame", "1278"}, {"lookup", "2397"}, {"log"}, {"status"}} {
			b.Run(fmt.Sprintf("%s/versions=%d", strings.Join(question, "-"), n), func(b *testing.B) {
				s := new(spent)
				for b.Loop() {
					s.run(b, exitDone, ianasync, append(question, "--store", store)...)
				}
				s.report(b, "")
			})
		}
	}
}

// toAndFro makes a store of n versions.
func toAndFro(b *testing.B, folder string, editions []seenEdition, n int) {
	b.Helper()
	store, err := snapshots.OpenForWriting(b.Context(), folder, portrules.ServiceNames(), 0)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	start := editions[0].seen
	job := sync.Job{Store: store, Now: func() time.Time { return start.AddDate(0, 0, n+1) }}
	done, err := job.Import(b.Context(), sync.Past{Sightings: func(yield func(sync.Sighting, error) bool) {
		for i := range n {
			pass, at := i/len(editions), i%len(editions)
			if pass%2 == 1 {
				at = len(editions) - 1 - at
			}
			data := bytes.Replace(editions[at].data, []byte("[Robert_Wiebe]"), fmt.Appendf(nil, "[Pass_%d]", pass), 1)
			if !yield(sync.Sighting{Source: "made", Seen: start.AddDate(0, 0, i), Bytes: data}, nil) {
				return
			}
		}
	}})
	if err != nil || done.Added != n {
		b.Fatalf("%+v, %v; want %d added", done, err, n)
	}
	if _, err := sync.Derive(b.Context(), store, nil, nil); err != nil {
		b.Fatal(err)
	}
}
