package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/internal/checksum"
	"github.com/ianasync/ianasync/internal/groups"
	"github.com/ianasync/ianasync/internal/layout"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

// iana is a server with the XML of every group and no stylesheet, and the world of a run that asks it. Its clock stands still but for the sleep of
// the run.
type iana struct {
	*httptest.Server
	store string

	mu     sync.Mutex
	now    time.Time
	asked  []string                                                                   // the groups, with ".xsl" for their stylesheets, and the status of each answer
	at     []time.Time                                                                // when
	before func(w http.ResponseWriter, r *http.Request, group string) (answered bool) // if not nil, may answer instead
}

var ianaDay = time.Date(2026, 1, 10, 6, 0, 0, 0, time.UTC)

func newIANA(t *testing.T) *iana {
	t.Helper()
	s := &iana{store: filepath.Join(t.TempDir(), "data"), now: ianaDay}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *iana) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	group, file, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	note := func(status int) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.asked, s.at = append(s.asked, fmt.Sprintf("%s %d", group, status)), append(s.at, s.now)
	}
	if s.before != nil && s.before(w, r, group) {
		return
	}
	if path.Ext(file) == ".xsl" {
		group += ".xsl"
		note(http.StatusNotFound)
		http.NotFound(w, r)
		return
	}
	const modified = "Thu, 01 Jan 2026 00:00:00 GMT"
	if r.Header.Get("If-Modified-Since") == modified {
		note(http.StatusNotModified)
		w.WriteHeader(http.StatusNotModified)
		return
	}
	note(http.StatusOK)
	w.Header().Set("Last-Modified", modified)
	fmt.Fprintf(w, `<registry xmlns="http://www.iana.org/assignments" id="%[1]s"><title>%[1]s</title><registry id="%[1]s-1"><record><value>1</value></record></registry></registry>`, group)
}

// sync runs a sync against the server and returns its exit status and what it wrote. It forgets what was asked before.
func (s *iana) sync(ctx context.Context, args ...string) (status int, out string) {
	s.asked, s.at = nil, nil
	var b bytes.Buffer
	w := s.world(&b)
	status = run(ctx, append([]string{"sync", "--store", s.store, "--source", s.URL + "/", "--tries", "1"}, args...), w)
	return status, b.String()
}

// world is one whose clock is that of the server, which sleeping alone moves.
func (s *iana) world(out io.Writer) *world {
	return &world{
		stdin: strings.NewReader(""), stdout: out, stderr: out, getenv: emptyStart,
		now: func() time.Time {
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.now
		},
		sleep: func(ctx context.Context, d time.Duration) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.now = s.now.Add(d)
			return ctx.Err()
		},
	}
}

// checked makes the last checks of groups.
func (s *iana) checked(t *testing.T, checks map[string]snapshots.Check) {
	t.Helper()
	var file []byte
	for _, id := range slices.Sorted(maps.Keys(checks)) {
		line, err := checksum.Marshal(struct {
			Group string `json:"group"`
			snapshots.Check
		}{id, checks[id]})
		if err != nil {
			t.Fatal(err)
		}
		file = append(append(file, line...), '\n')
	}
	if err := os.WriteFile(filepath.Join(s.store, layout.Checks), file, 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestSyncPace holds that several groups are asked for one after another, at most as often as the given rate.
func TestSyncPace(t *testing.T) {
	s := newIANA(t)
	if status, out := s.sync(t.Context(), "-r", "a,b,c,d", "--rate", "0.5"); status != exitDone {
		t.Fatalf("exit status %d: %s", status, out)
	}
	if want := []string{"a 200", "a.xsl 404", "b 200", "b.xsl 404", "c 200", "c.xsl 404", "d 200", "d.xsl 404"}; !slices.Equal(s.asked, want) {
		t.Fatalf("asked for %q", s.asked)
	}
	if !s.at[0].Equal(ianaDay) {
		t.Errorf("it waited %v before the first request", s.at[0].Sub(ianaDay))
	}
	for i := range s.at[1:] {
		const pause = 2 * time.Second
		if d := s.at[i+1].Sub(s.at[i]); d < pause || d > pause*5/4 {
			t.Errorf("a pause of %v, want %v and at most a quarter more", d, pause)
		}
	}
}

// TestSyncQuiet holds that a second sync asks conditionally, and rewrites one file, once.
func TestSyncQuiet(t *testing.T) {
	s := newIANA(t)
	if status, out := s.sync(t.Context(), "-r", "a,b,c"); status != exitDone {
		t.Fatalf("exit status %d: %s", status, out)
	}
	before, checks := contents(t, s.store), filepath.Join(s.store, layout.Checks)
	was, err := os.ReadFile(checks)
	if err != nil {
		t.Fatal(err)
	}
	s.now = s.now.Add(24 * time.Hour)
	s.before = func(http.ResponseWriter, *http.Request, string) bool {
		if is, err := os.ReadFile(checks); err != nil || !bytes.Equal(is, was) {
			t.Errorf("the checks were written in between (%v)", err)
		}
		return false
	}
	status, out := s.sync(t.Context(), "-r", "a,b,c")
	if want := []string{"a 304", "b 304", "c 304"}; status != exitDone || out != "3 groups: 3 unchanged\n" || !slices.Equal(s.asked, want) {
		t.Fatalf("exit status %d, asked for %q: %s", status, s.asked, out)
	}
	if d := cmp.Diff(before, contents(t, s.store)); d != "" {
		t.Errorf("files other than the checks changed (-before +after):\n%s", d)
	}
	is, err := os.ReadFile(checks)
	if n := bytes.Count(is, []byte(`"checked":"2026-01-11T06:00:`)); err != nil || n != 3 {
		t.Errorf("%d checks are recorded, %v", n, err)
	}
}

// TestSyncDespite holds that a group whose answer is not believed, one without an answer, and one whose store is damaged do not stop
// the others, and that the exit status is the worst.
func TestSyncDespite(t *testing.T) {
	s := newIANA(t)
	s.before = func(w http.ResponseWriter, _ *http.Request, group string) bool {
		switch group {
		case "b":
			fmt.Fprint(w, "<html><body>Error</body></html>")
		case "c":
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			return false
		}
		return true
	}
	status, out := s.sync(t.Context(), "-r", "a,b,c,d", "--format", "json")
	var got groupsResult
	if err := json.Unmarshal([]byte(out[strings.Index(out, "{"):]), &got); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if want := map[string]int{"changed": 2, "refused": 1, "unreachable": 1}; status != exitRefused || !cmp.Equal(got.Summary, want) {
		t.Errorf("exit status %d: %s", status, out)
	}
	if status, out := s.sync(t.Context(), "-r", "c,d"); status != exitUnreachable || !strings.Contains(out, "2 groups: 1 unchanged, 1 unreachable\n") {
		t.Errorf("exit status %d: %s", status, out)
	}
	versions := filepath.Join(s.store, "a", "versions.jsonl")
	if err := os.WriteFile(versions, []byte("{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	status, out = s.sync(t.Context(), "-r", "a,c,d")
	if status != exitFailure || !strings.Contains(out, "3 groups: 1 unchanged, 1 failed, 1 unreachable\n") || !strings.Contains(out, "a/versions.jsonl: line 1") || !strings.Contains(out, "hint: ") {
		t.Errorf("exit status %d: %s", status, out)
	}
}

// TestSyncResumes holds that an interrupted sync of all groups is continued by the next one.
func TestSyncResumes(t *testing.T) {
	s := newIANA(t)
	if status, out := s.sync(t.Context(), "-r", "aaa-parameters,jwt"); status != exitDone { // makes the store
		t.Fatalf("exit status %d: %s", status, out)
	}
	left := []string{"aaa-parameters", "hip-parameters", "jwt", "tls-parameters"}
	checks := make(map[string]snapshots.Check)
	for _, id := range groups.All() {
		if !slices.Contains(left, id) {
			checks[id] = snapshots.Check{Checked: ianaDay.Add(-10 * time.Minute), Outcome: snapshots.Unchanged}
		}
	}
	s.checked(t, checks)
	ctx, cancel := context.WithCancel(t.Context())
	s.before = func(_ http.ResponseWriter, r *http.Request, group string) bool {
		if group != "jwt" {
			return false
		}
		cancel()
		<-r.Context().Done() // until nobody waits for an answer
		return true
	}
	if status, out := s.sync(ctx, "--all"); status == exitDone || !slices.Equal(s.asked, []string{"aaa-parameters 200", "hip-parameters 200", "hip-parameters.xsl 404"}) {
		t.Fatalf("exit status %d, asked for %q: %s", status, s.asked, out)
	}
	s.before = nil
	status, out := s.sync(t.Context(), "--all")
	if status != exitDone || !slices.Equal(s.asked, []string{"jwt 200", "tls-parameters 200", "tls-parameters.xsl 404"}) {
		t.Errorf("exit status %d, asked for %q: %s", status, s.asked, out)
	}
	if want := fmt.Sprintf("%d groups: 1 changed, 1 unchanged, %d not due\n", len(groups.All()), len(groups.All())-2); !strings.HasSuffix(out, want) {
		t.Errorf("it ends with %q, want %q", out, want)
	}
}

// TestDue holds which groups are asked for day after day: quiet ones once a week, others daily, all with --every-group.
func TestDue(t *testing.T) {
	a := &app{world: &world{}}
	checks, times := make(map[string]snapshots.Check), make(map[string]int)
	busy := []string{"jwt", "tls-parameters", "ssh-parameters"}
	for _, id := range groups.All() {
		checks[id] = snapshots.Check{Checked: ianaDay.AddDate(0, 0, -1), Version: "20200101T060000Z", Outcome: snapshots.Unchanged}
	}
	checks["jwt"] = snapshots.Check{Checked: ianaDay.AddDate(0, 0, -1), Version: "20260101T060000Z", Outcome: snapshots.Unchanged}
	checks["tls-parameters"] = snapshots.Check{Checked: ianaDay.AddDate(0, 0, -1), Version: "20200101T060000Z", Outcome: snapshots.Refused}
	delete(checks, "ssh-parameters")
	const days = 21
	for day := range days {
		now := ianaDay.AddDate(0, 0, day)
		a.now = func() time.Time { return now }
		for _, id := range a.due(groups.All(), checks, &syncFlags{groups: groupFlags{all: true}}) {
			times[id]++
			if c, is := checks[id]; is {
				c.Checked = now
				checks[id] = c
			}
		}
	}
	for _, id := range groups.All() {
		want := days / 7
		if slices.Contains(busy, id) {
			want = days
		}
		if times[id] != want {
			t.Errorf("%s was asked for on %d of %d days, want %d", id, times[id], days, want)
		}
	}
	a.now = func() time.Time { return ianaDay.AddDate(0, 0, days) }
	if list := a.due(groups.All(), checks, &syncFlags{groups: groupFlags{all: true, every: true}}); len(list) != len(groups.All()) {
		t.Errorf("with --every-group, %d of %d groups are due", len(list), len(groups.All()))
	}
}

// quietly makes a store of jwt and of colours, which is not in IANA's list. All other groups of the list were checked just now, and
// nothing changed in them for years.
func (s *iana) quietly(t *testing.T) {
	t.Helper()
	if status, out := s.sync(t.Context(), "-r", "jwt,colours"); status != exitDone {
		t.Fatalf("exit status %d: %s", status, out)
	}
	s.checkOthers(t)
}

// checkOthers records that every group but jwt and colours was checked now.
func (s *iana) checkOthers(t *testing.T) {
	t.Helper()
	checks, err := snapshots.LastChecks(s.store)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range groups.All() {
		if id != "jwt" {
			checks[id] = snapshots.Check{Checked: s.now, Source: s.URL + "/" + id + "/" + id + ".xml", Version: "20200101T060000Z", Outcome: snapshots.Unchanged, Confirmed: s.now}
		}
	}
	s.checked(t, checks)
}

// notFound answers that there is no group colours, each time in other words.
func (s *iana) notFound(w http.ResponseWriter, _ *http.Request, group string) bool {
	if group != "colours" {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, "colours 404")
	http.Error(w, fmt.Sprintf("not found at %s", s.now), http.StatusNotFound)
	return true
}

// TestSyncWithdrawn holds what --all does about a group that is no longer there: it is refused for a day, and then asked for weekly
// without a failure, until it is there again.
func TestSyncWithdrawn(t *testing.T) {
	s := newIANA(t)
	s.quietly(t)
	s.before = s.notFound
	var status []int
	var last string
	times := 0
	for range 16 {
		s.now = s.now.Add(24*time.Hour + time.Second)
		s.checkOthers(t)
		code, out := s.sync(t.Context(), "--all")
		status, last = append(status, code), out
		if slices.Contains(s.asked, "colours 404") {
			times++
		}
	}
	if want := append([]int{exitRefused}, make([]int, 15)...); !slices.Equal(status, want) {
		t.Errorf("exit statuses %v, want %v: %s", status, want, last)
	}
	if times != 4 { // on two days that follow each other, and on two of the next fortnight
		t.Errorf("it was asked for %d times", times)
	}
	s.checkOthers(t)
	code, out := s.sync(t.Context(), "--all", "--every-group", "--format", "json")
	if code != exitDone || !strings.Contains(out, `"withdrawn":1`) || !strings.Contains(out, `"outcome":"withdrawn"`) || strings.Contains(out, "hint") {
		t.Errorf("exit status %d: %s", code, out[max(0, len(out)-300):])
	}
	if code, out := s.sync(t.Context(), "-r", "colours,jwt"); code != exitRefused || !strings.Contains(out, "hint: IANA may have renamed or withdrawn") {
		t.Errorf("named, it is exit status %d: %s", code, out)
	}
	s.before = nil
	s.now = s.now.Add(7 * 24 * time.Hour)
	s.checkOthers(t)
	if code, out := s.sync(t.Context(), "--all"); code != exitDone || !slices.Contains(s.asked, "colours 304") {
		t.Errorf("exit status %d, asked for %q: %s", code, s.asked, out)
	}
	if checks, err := snapshots.LastChecks(s.store); err != nil || checks["colours"].Refused != nil {
		t.Errorf("%+v, %v", checks["colours"], err)
	}
}

// TestWatchAll holds that a watch of all groups is healthy although one is withdrawn, and asks for that weekly.
func TestWatchAll(t *testing.T) {
	s := newIANA(t)
	s.quietly(t)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	var log bytes.Buffer
	w := s.world(&log)
	sleep := w.sleep
	w.sleep = func(ctx context.Context, d time.Duration) error {
		if d >= time.Minute { // until the next slot, not between two requests
			s.checkOthers(t)
			d = 6 * time.Hour
		}
		return sleep(ctx, d)
	}
	a := &app{registry: ports.ServiceNames(), store: s.store, world: w}
	f := daily(s.URL + "/")
	f.sourceGiven, f.sync.groups.all = true, true
	d, err := a.daemon(f)
	if err != nil {
		t.Fatal(err)
	}
	if d.Listener, err = listen(ctx, "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	var healthy []int
	var answer string
	s.asked = nil
	s.before = func(w http.ResponseWriter, r *http.Request, group string) bool {
		if group == "jwt" {
			res, err := http.Get("http://" + d.Listener.Addr().String() + "/healthz")
			if err != nil {
				t.Error(err)
				return false
			}
			body, _ := io.ReadAll(res.Body)
			res.Body.Close()
			answer, healthy = string(body), append(healthy, res.StatusCode)
			if len(healthy) == 14 {
				cancel()
			}
		}
		return s.notFound(w, r, group)
	}
	if err := d.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(fmt.Sprint(healthy), "200"); n != 14 {
		t.Errorf("health on each day: %v", healthy)
	}
	if !strings.HasPrefix(answer, `{"state":"current",`) || !strings.Contains(answer, `{"group":"colours","state":"withdrawn"`) {
		t.Errorf("the last answer is %.400s", answer)
	}
	days := 0
	for _, what := range s.asked {
		if what == "colours 404" {
			days++
		}
	}
	if days < 3 || days > 4 || strings.Count(log.String(), "level=ERROR msg=refused group=colours") > 2 || !strings.Contains(log.String(), "level=INFO msg=withdrawn group=colours") {
		t.Errorf("asked for on %d days; %s", days, &log)
	}
}
