package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/ianasync/ianasync/internal/demo"
)

// wallClock moves when the watch sleeps by it, and jumps now and then.
type wallClock struct {
	now   time.Time
	slept int
}

func (c *wallClock) sleep(ctx context.Context, d time.Duration) error {
	c.slept++
	c.now = c.now.Add(d)
	switch c.slept % 100_000 {
	case 33_333:
		c.now = c.now.Add(-40 * time.Minute) // set back
	case 66_666:
		c.now = c.now.Add(40 * time.Minute) // and forward again
	}
	return ctx.Err()
}

// demoApp is the command in a world with that clock, whose registry is the demo's.
func demoApp(store string, clock *wallClock, out io.Writer) *app {
	return &app{registry: &demo.Registry, store: store, talk: func(string) {}, world: &world{
		stdin: strings.NewReader(""), stdout: out, stderr: out, getenv: emptyStart,
		now: func() time.Time { return clock.now }, sleep: clock.sleep,
	}}
}

// noon is a clock that stands at noon.
func noon() *wallClock {
	return &wallClock{now: time.Date(2026, time.November, 1, 12, 0, 0, 0, time.UTC)}
}

// startDemo starts a server that shows the demo's first edition.
func startDemo(t *testing.T) *demo.Server {
	t.Helper()
	source, err := demo.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = source.Close() })
	return source
}

// daily are the flags of a watch that asks a source in every night.
func daily(source string) *watchFlags {
	return &watchFlags{
		schedule: "30 2 * * *", timezone: "UTC", logFormat: "text", staleAfter: defaultStaleAfter,
		sync: syncFlags{source: source, wait: time.Second, timeout: time.Minute, tries: 1},
	}
}

// TestTenThousandChecks lets a watch run for 27 years, over every change of the clocks in
// them and some of their owner's. Each day has its check, one at a time, and nothing is
// left behind by any.
func TestTenThousandChecks(t *testing.T) {
	checks := 10_000
	if testing.Short() {
		checks = 200
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	source, err := demo.Start(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	clock := noon()
	start := clock.now
	days := make(map[string]int)
	var first, last usage
	var asked int
	var at atomic.Int32
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if at.Add(1) > 1 {
			t.Error("two at a time")
		}
		defer at.Add(-1)
		asked++
		days[clock.now.In(time.FixedZone("", 3600)).Format(time.DateOnly)]++
		switch asked {
		case checks / 10:
			first = measure()
		case checks:
			last = measure()
			cancel()
		}
		switch asked % 1000 {
		case 500:
			source.Publish()
		case 600:
			w.WriteHeader(http.StatusForbidden)
			return
		}
		source.ServeHTTP(w, r)
	}))
	defer front.Close()
	var log bytes.Buffer
	a := demoApp(filepath.Join(t.TempDir(), "data"), clock, &log)
	f := &watchFlags{
		schedule: "30 2 * * *", timezone: "Europe/Berlin", jitter: 10 * time.Minute, logFormat: "text", staleAfter: defaultStaleAfter,
		sync: syncFlags{source: front.URL, wait: time.Second, timeout: time.Minute, tries: 1},
	}
	if err := a.watch(ctx, f); err != nil {
		t.Fatalf("%v\n%s", err, tail(log.String()))
	}
	if asked != checks || len(days) != checks {
		t.Errorf("%d checks on %d days, want %d", asked, len(days), checks)
	}
	if took := clock.now.Sub(start); took > time.Duration(checks)*24*time.Hour {
		t.Errorf("%d checks took %s: some were lost", checks, took)
	}
	if failed := regexp.MustCompile(`level=ERROR.*`).FindString(log.String()); failed != "" {
		t.Error(failed)
	}
	t.Logf("after a tenth: %+v; at the end: %+v", first, last)
	if last.goroutines > first.goroutines+5 || last.files > first.files+5 {
		t.Errorf("after a tenth: %+v; at the end: %+v", first, last)
	}
	if last.heap > first.heap+16<<20 {
		t.Errorf("the heap grew from %d to %d", first.heap, last.heap)
	}
}

// TestWatchPublishes lets a watch find a second version. Where its pages cannot be
// written, the next check does that.
func TestWatchPublishes(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	source := startDemo(t)
	dir := t.TempDir()
	folder := filepath.Join(dir, "public")
	page := func(version string) string { return filepath.Join(folder, "version", version, "index.html") }
	clock := noon()
	var asked int
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch asked++; asked {
		case 2: // the first is published, and nobody can write there any more
			if _, err := os.Stat(page("20261101T120000Z")); err != nil {
				t.Error(err)
			}
			if err := errors.Join(os.Rename(folder, folder+"-away"), os.WriteFile(folder, nil, 0o666)); err != nil {
				t.Error(err)
			}
			source.Publish()
		case 3: // one can again
			if err := errors.Join(os.Remove(folder), os.Rename(folder+"-away", folder)); err != nil {
				t.Error(err)
			}
		case 4:
			if _, err := os.Stat(page("20261102T023000Z")); err != nil {
				t.Error(err)
			}
			cancel()
		}
		source.ServeHTTP(w, r)
	}))
	defer front.Close()
	var log bytes.Buffer
	a := demoApp(filepath.Join(dir, "data"), clock, &log)
	f := daily(front.URL)
	f.publish.output = folder
	if err := a.watch(ctx, f); err != nil {
		t.Fatalf("%v\n%s", err, &log)
	}
	for _, line := range []string{
		`level=INFO msg=published .* version=20261101T120000Z`, `level=ERROR msg="not published"`, `level=INFO msg=published .* version=20261102T023000Z`,
	} {
		if n := len(regexp.MustCompile(line).FindAllString(log.String(), -1)); n != 1 {
			t.Errorf("%d times %s in\n%s", n, line, &log)
		}
	}
}

// TestWatchSeesOthers adds a version beside a watch that waits for its next slot: it is published and told of
// within minutes.
func TestWatchSeesOthers(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	source := startDemo(t)
	hook := make(chan string, 10)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { hook <- r.Header.Get("Idempotency-Key") }))
	defer receiver.Close()
	dir := t.TempDir()
	clock := noon()
	var log, talk bytes.Buffer
	a := demoApp(filepath.Join(dir, "data"), clock, &log)
	f := daily(source.URL())
	sync := f.sync
	a.sleep = func(ctx context.Context, d time.Duration) error {
		switch clock.slept {
		case 10:
			source.Publish()
			beside := *a
			other := *a.world
			other.stdout = &talk
			beside.world = &other
			if err := beside.sync(ctx, &sync); err != nil {
				t.Error(err)
			}
		case 20:
			select {
			case key := <-hook:
				if !strings.HasPrefix(key, "20261101T121000Z-") {
					t.Errorf("told of %s", key)
				}
			case <-ctx.Done():
				t.Error("nobody was told")
			}
			if _, err := os.Stat(filepath.Join(dir, "public", "version", "20261101T121000Z", "index.html")); err != nil {
				t.Error(err)
			}
			cancel()
		}
		return clock.sleep(ctx, d)
	}
	f.publish.output = filepath.Join(dir, "public")
	f.sync.notify.webhooks = []string{receiver.URL}
	if err := a.watch(ctx, f); err != nil || clock.slept != 21 {
		t.Fatalf("%v after %d minutes\n%s", err, clock.slept, &log)
	}
}

// TestWatchTriesAgain has a check that fails for a reason of this machine's.
func TestWatchTriesAgain(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	source := startDemo(t)
	dir := t.TempDir()
	store, away := filepath.Join(dir, "data"), filepath.Join(dir, "away")
	clock := noon()
	var log bytes.Buffer
	a := demoApp(store, clock, &log)
	a.sleep = func(ctx context.Context, d time.Duration) error {
		var err error
		switch clock.now.Format("02 15:04") {
		case "02 02:00":
			err = errors.Join(os.Rename(store, away), os.WriteFile(store, nil, 0o666))
		case "02 02:31":
			err = errors.Join(os.Remove(store), os.Rename(away, store))
		case "02 02:46":
			cancel()
		}
		if err != nil {
			t.Error(err)
		}
		return errors.Join(err, clock.sleep(ctx, d))
	}
	if err := a.watch(ctx, daily(source.URL())); err != nil {
		t.Fatal(err)
	}
	got := regexp.MustCompile(`msg=(changed|unchanged|failed)`).FindAllString(log.String(), -1)
	if strings.Join(got, " ") != "msg=changed msg=failed msg=unchanged" {
		t.Errorf("%s\n%s", got, &log)
	}
}

// TestWatchTerminated ends a watch as a service manager does, while it waits for an answer.
func TestWatchTerminated(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no such signal")
	}
	var source site
	defer func() { _ = source.close() }()
	if err := source.behave("stall", []string{""}, func(string) []byte { return generate() }); err != nil {
		t.Fatal(err)
	}
	cmd := process(time.Now(), filepath.Join(t.TempDir(), "data"), "watch", "--source", source.URL())
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	killing := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
	defer killing.Stop()
	if err := source.await(1); err != nil {
		t.Error(err)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil || !strings.Contains(out.String(), "msg=stopped") {
		t.Errorf("%v: %s", err, &out)
	}
}

// tail is the end of a text that may be long.
func tail(text string) string { return text[max(0, len(text)-1000):] }

// usage is what a process holds.
type usage struct {
	goroutines int
	files      int    // zero where the system does not tell
	heap       uint64 // in bytes, after a collection
}

func measure() usage {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	open, _ := os.ReadDir("/proc/self/fd")
	return usage{runtime.NumGoroutine(), len(open), m.HeapAlloc}
}
