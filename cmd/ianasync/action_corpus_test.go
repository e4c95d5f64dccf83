package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ianasync/ianasync/internal/diff"
)

// servedDay is what the source answers on a day of the simulation.
type servedDay struct {
	data    []byte // nothing where it does not listen
	outcome string
	status  int // of the run
}

// sixtyDays is two months of real editions, one a day: every seventh day nothing is new, both
// error pages come, and for five days there is no answer.
func sixtyDays(t *testing.T) []servedDay {
	t.Helper()
	editions, _ := realEditions(t)
	isPage := func(e seenEdition) bool { return !bytes.HasPrefix(e.data, []byte("Service Name,")) }
	first := slices.IndexFunc(editions, isPage)
	gateway := first + 1 + slices.IndexFunc(editions[first+1:], isPage)
	next := first - 10
	var days []servedDay
	for day := range 60 {
		switch {
		case day == 20:
			days = append(days, servedDay{editions[gateway].data, "refused", exitRefused})
		case day >= 40 && day < 45: // the last good answer was on day 39; three days after it is not yet too late
			days = append(days, servedDay{nil, "unreachable", map[bool]int{true: exitUnreachable}[day > 42]})
		case day%7 == 6:
			days = append(days, servedDay{days[day-1].data, days[day-1].outcome, days[day-1].status})
			if days[day].outcome == "changed" {
				days[day].outcome = "unchanged"
			}
		case isPage(editions[next]):
			days = append(days, servedDay{editions[next].data, "refused", exitRefused})
			next++
		default:
			days = append(days, servedDay{editions[next].data, "changed", exitDone})
			next++
		}
	}
	return days
}

// TestActionForSixtyDays runs the action's steps once a day, in turn in a new shallow
// checkout and in one that stays. The folder in the repository must be the store of somebody
// who ran sync every day; the history and the summaries must tell the same.
func TestActionForSixtyDays(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it takes half a minute")
	}
	days := sixtyDays(t)
	f := newForge(t)
	staying, plain := f.checkout(), filepath.Join(t.TempDir(), "data")
	start := time.Date(2018, 5, 1, 5, 17, 0, 0, time.UTC)
	var headlines, summaries []string
	counts := make(map[string]int)
	for i, day := range days {
		now := start.AddDate(0, 0, i)
		if day.data == nil {
			f.serve("refused", nil)
		} else {
			f.serve("plain", day.data)
		}
		clone := staying
		if i%2 == 0 {
			clone = f.checkout()
		} else {
			runGit(t, "-C", staying, "pull", "-q", "--ff-only", "origin", "main")
		}
		r := f.run(clone, now, nil, false)
		if r.status != day.status || r.outputs["outcome"] != day.outcome {
			t.Fatalf("day %d: exit status %d, outcome %q; want %d, %q\n%s%s", i, r.status, r.outputs["outcome"], day.status, day.outcome, r.stdout, r.stderr)
		}
		counts[day.outcome]++
		_, _ = inProcess(now, plain, "sync", "--source", f.site.URL(), "--tries", "1") // on some days it fails
		if day.outcome == "changed" {
			summaries = append(summaries, r.summary)
			countsOf(t, i, r)
		}
		headlines = append(headlines, r.outputs["headline"])
	}
	if want := map[string]int{"changed": 47, "unchanged": 6, "refused": 2, "unreachable": 5}; fmt.Sprint(counts) != fmt.Sprint(want) {
		t.Errorf("the days were %v, want %v", counts, want)
	}
	if log := f.log(); !slices.Equal(log[1:], headlines) {
		t.Errorf("commits:\n%s\nwant:\n%s", strings.Join(log[1:], "\n"), strings.Join(headlines, "\n"))
	}
	clone := f.checkout()
	if err := os.Remove(filepath.Join(plain, ".lock")); err != nil {
		t.Fatal(err)
	}
	sameFiles(t, filepath.Join(clone, "data"), plain)
	changelog, told := read(filepath.Join(clone, "data", "CHANGELOG.md")), 0
	for _, summary := range summaries {
		switch strings.Count(changelog, summary) {
		case 1:
			told++
		case 0:
			if !strings.Contains(summary, "exported anew, nothing changed") {
				t.Errorf("the changelog lacks\n%s", summary)
			}
		}
	}
	if sections := strings.Count(changelog, "\n## "); sections != told || told < 35 {
		t.Errorf("%d summaries are in the changelog, which has %d sections", told, sections)
	}
	if out, err := inProcess(start.AddDate(0, 0, 60), filepath.Join(clone, "data"), "verify"); err != nil {
		t.Error(out)
	}
}

// countsOf checks that the counts of a run are those of the changes between its two versions.
func countsOf(t *testing.T, day int, r ran) {
	t.Helper()
	n := 0
	for _, kind := range diff.Kinds {
		count, err := strconv.Atoi(r.outputs[string(kind)])
		if err != nil {
			t.Errorf("day %d: output %s is %q", day, kind, r.outputs[string(kind)])
		}
		n += count
	}
	if n == 0 && r.outputs["previous"] != "" && !strings.Contains(r.summary, "exported anew") {
		t.Errorf("day %d: a version without changes: %q", day, r.outputs)
	}
}

// BenchmarkAction measures runs that find nothing new, whole processes with the git that they
// start, on a store of 288 versions: a second one on a day, and one that commits that it looked.
//
//	go test -run '^$' -bench Action -benchtime 20x ./cmd/ianasync
func BenchmarkAction(b *testing.B) {
	editions, _ := realEditions(b)
	editions = slices.DeleteFunc(editions, func(e seenEdition) bool { return !bytes.HasPrefix(e.data, []byte("Service Name,")) })
	f := newForge(b)
	clone, work := f.checkout(), b.TempDir()
	store := filepath.Join(clone, "data")
	toAndFro(b, store, editions, 288)
	var newest bytes.Buffer
	w := quiet(time.Now)
	w.stdout = &newest
	if got := run(b.Context(), []string{"export", "--format", "raw", "--store", store}, w); got != exitDone {
		b.Fatalf("export: exit status %d", got)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "", editions[0].seen, bytes.NewReader(newest.Bytes()))
	}))
	defer server.Close()
	program := build(b, work, "./")
	b.Setenv("RUNNER_TEMP", work)
	b.Setenv("GITHUB_OUTPUT", filepath.Join(work, "output"))
	for _, test := range []struct {
		name, commit string
		before       func() // each run
	}{
		{"unchanged-push", "push", func() {}},
		{"next-day-push", "push", func() { wasYesterday(b, clone) }},
		{"unchanged-none", "none", func() {}},
	} {
		b.Setenv("IANASYNC_INPUTS", fmt.Sprintf(`{"store":%q,"source":%q,"commit":%q}`, store, server.URL, test.commit))
		first := new(spent) // commits the store, or that it was checked
		first.run(b, exitDone, program, "action")
		b.Run(test.name, func(b *testing.B) {
			s := new(spent)
			for b.Loop() {
				test.before()
				s.run(b, exitDone, program, "action")
			}
			s.report(b, "")
		})
	}
}

// wasYesterday commits and pushes that the last check was on the day before.
func wasYesterday(b *testing.B, clone string) {
	b.Helper()
	const file = "data/checks.jsonl"
	now := time.Now().UTC()
	text := strings.ReplaceAll(read(filepath.Join(clone, file)), now.Format(time.DateOnly), now.AddDate(0, 0, -1).Format(time.DateOnly))
	saveFile(b, filepath.Join(clone, file), []byte(text))
	runGit(b, "-C", clone, "-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-q", "-m", "yesterday", file)
	runGit(b, "-C", clone, "push", "-q", "origin", "HEAD:refs/heads/main")
}
