package sync

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/internal/layout"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/internal/source/web"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

// small is a registry that a test can write out.
var small = ports.Registry{ID: "service-names-port-numbers", Title: "Test", Page: "https://example.org/", Limits: ports.Limits{MinRecords: 4, MaxGone: 0.5}}

const header = "Service Name,Port Number,Transport Protocol,Description,Assignee,Contact,Registration Date,Modification Date,Reference,Service Code,Unauthorized Use Reported,Assignment Notes\r\n"

const last = "zz,,udp,The last one,,,,,,,,\r\n"

// csvOf returns a file with a record for each name, on ports from 1 up, and one that is always the last.
func csvOf(names ...string) []byte {
	var b strings.Builder
	b.WriteString(header)
	for i, n := range names {
		fmt.Fprintf(&b, "%s,%d,tcp,%s,,,,,,,,\r\n", n, i+1, strings.ToUpper(n))
	}
	if len(names) > 0 {
		b.WriteString(last)
	}
	return []byte(b.String())
}

var (
	first  = csvOf("a", "b", "c", "d")
	second = csvOf("a", "b", "c", "e")
	third  = csvOf("a", "b", "f", "e")
	page   = []byte("<!doctype html><title>Maintenance</title>")
)

// answer is what the source answers at a time.
type answer struct {
	at     time.Duration // after start
	body   []byte
	status int // 200 if zero
	err    error
	accept bool

	want string // the outcome, or the error and its beginning
}

var start = time.Date(2026, 1, 1, 6, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

func TestRun(t *testing.T) {
	unreachable := fmt.Errorf("GET: 503 (%w)", web.ErrUnreachable)
	tests := []struct {
		name     string
		answers  []answer
		versions [][]byte
	}{
		{"first, unchanged, changed", []answer{
			{at: 0, body: first, want: "changed"},
			{at: day, body: first, want: "unchanged"},
			{at: 2 * day, body: second, want: "changed"},
		}, [][]byte{first, second}},
		{"a page where the registry should be", []answer{
			{at: 0, body: first, want: "changed"},
			{at: day, body: page, want: "refused: not the service names registry: it is a page"},
			{at: 2 * day, body: page, accept: true, want: "refused: not the service names registry: it is a page"},
			{at: 3 * day, body: first, want: "unchanged"},
		}, [][]byte{first}},
		{"a status that is not 200", []answer{
			{at: 0, body: first, status: 404, want: "refused: the answer's status is 404 Not Found"},
		}, nil},
		{"too few records", []answer{
			{at: 0, body: csvOf("a", "b"), want: "refused: it has 3 records; the registry has at least 4"},
			{at: day, body: csvOf("a", "b"), accept: true, want: "changed"},
		}, [][]byte{csvOf("a", "b")}},
		{"a mass change", []answer{
			{at: 0, body: first, want: "changed"},
			{at: day, body: csvOf("w", "x", "y", "d"), want: "refused: 3 of 5 assigned records are gone (60.0 %)"},
			{at: 2*day - time.Second, body: csvOf("w", "x", "y", "d"), want: "refused: 3 of 5 assigned records are gone (60.0 %)"},
			{at: 2 * day, body: csvOf("w", "x", "y", "d"), want: "changed"},
		}, [][]byte{first, csvOf("w", "x", "y", "d")}},
		{"a mass change by hand", []answer{
			{at: 0, body: first, want: "changed"},
			{at: day, body: csvOf("w", "x", "y", "d"), accept: true, want: "changed"},
		}, [][]byte{first, csvOf("w", "x", "y", "d")}},
		{"a rollback, still served a day later", []answer{
			{at: 0, body: first, want: "changed"},
			{at: day, body: second, want: "changed"},
			{at: 2 * day, body: first, want: "refused: its records are those of an older version"},
			{at: 3*day - time.Second, body: first, want: "refused: its records are those of an older version"},
			{at: 3 * day, body: first, want: "changed"},
		}, [][]byte{first, second, first}},
		{"a rollback that ends in time", []answer{
			{at: 0, body: first, want: "changed"},
			{at: day, body: second, want: "changed"},
			{at: 2 * day, body: first, want: "refused: its records"},
			{at: 2*day + time.Hour, body: second, want: "unchanged"},
			{at: 3 * day, body: first, want: "refused: its records"},
			{at: 3*day + time.Hour, body: third, want: "changed"},
		}, [][]byte{first, second, third}},
		{"a rollback with an outage between", []answer{
			{at: 0, body: first, want: "changed"},
			{at: day, body: second, want: "changed"},
			{at: 2 * day, body: first, want: "refused: its records"},
			{at: 2*day + time.Hour, err: unreachable, want: "unreachable: GET: 503"},
			{at: 3 * day, body: first, want: "changed"},
		}, [][]byte{first, second, first}},
		{"a rollback by hand", []answer{
			{at: 0, body: first, want: "changed"},
			{at: day, body: second, want: "changed"},
			{at: 2 * day, body: first, accept: true, want: "changed"},
		}, [][]byte{first, second, first}},
		{"nothing but a header", []answer{
			{at: 0, body: csvOf(), accept: true, want: "refused: it has the registry's header and no records"},
		}, nil},
		{"too large", []answer{
			{at: 0, err: fmt.Errorf("GET: %w", web.ErrTooLarge), want: "refused: GET: body too large"},
		}, nil},
		{"out of reach", []answer{
			{at: 0, err: unreachable, want: "unreachable: GET: 503"},
			{at: day, body: first, want: "changed"},
		}, [][]byte{first}},
		{"a clock that goes back", []answer{
			{at: day, body: first, want: "changed"},
			{at: day - time.Minute, body: second, want: "changed"},
			{at: 0, body: third, want: "failure: the clock says"},
		}, [][]byte{first, second}},
		{"a check in the future is none", []answer{
			{at: 0, body: first, want: "changed"},
			{at: 1000 * day, body: first, want: "unchanged"},
			{at: day, body: second, want: "changed"},
			{at: 2 * day, body: second, want: "unchanged"},
		}, [][]byte{first, second}},
		{"a rollback that was refused in the future", []answer{
			{at: 0, body: first, want: "changed"},
			{at: day, body: second, want: "changed"},
			{at: 1000 * day, body: first, want: "refused: its records"},
			{at: 2 * day, body: first, want: "refused: its records"},
			{at: 3 * day, body: first, want: "changed"},
		}, [][]byte{first, second, first}},
		{"exported anew", []answer{
			{at: 0, body: first, want: "changed"},
			{at: day, body: bytes.ReplaceAll(first, []byte("\r\n"), []byte("\n")), want: "changed"},
		}, [][]byte{first, bytes.ReplaceAll(first, []byte("\r\n"), []byte("\n"))}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t, t.TempDir())
			for i, a := range tt.answers {
				if got := outcome(run(t, s, a)); !strings.HasPrefix(got, a.want) {
					t.Fatalf("answer %d: %s, want %s", i+1, got, a.want)
				}
			}
			var got [][]byte
			for _, v := range s.Versions() {
				data, err := s.Bytes(v)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, data)
			}
			if d := cmp.Diff(tt.versions, got); d != "" {
				t.Errorf("versions (-want +got):\n%s", d)
			}
			checkWhole(t, s)
		})
	}
}

func open(t *testing.T, dir string) *snapshots.Store {
	t.Helper()
	s, err := snapshots.OpenForWriting(t.Context(), dir, portrules.Group{Registry: &small}, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func job(s *snapshots.Store, a answer) *Job {
	return &Job{Store: s, Accept: a.accept, Now: func() time.Time { return start.Add(a.at) }}
}

// run syncs a store from what the source answers.
func run(t *testing.T, s *snapshots.Store, a answer) (*Result, error) {
	t.Helper()
	return job(s, a).Sync(t.Context(), a, source)
}

const source = "https://example.org/ports.csv"

func (a answer) Get(context.Context, string, web.Conditions) (*web.Response, error) {
	if a.err != nil {
		return nil, a.err
	}
	return &web.Response{Status: max(a.status, 200), Body: a.body}, nil
}

// outcome is what came of a run, in words.
func outcome(r *Result, err error) string {
	var refused *Rejection
	switch {
	case err == nil:
		return string(r.Outcome)
	case errors.As(err, &refused):
		return "refused: " + refused.Reason
	case errors.Is(err, web.ErrUnreachable):
		return "unreachable: " + err.Error()
	}
	return "failure: " + err.Error()
}

// checkWhole holds the store against what its versions say.
func checkWhole(t *testing.T, s *snapshots.Store) {
	t.Helper()
	faults, err := s.Verify(t.Context(), snapshots.Options{})
	if err != nil {
		t.Fatal(err)
	}
	derived, err := CheckDerived(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range append(faults, derived...) {
		t.Errorf("%s: %s", f.File, f.Problem)
	}
}

// TestConfirmedInTheFuture sees that nothing is known to have succeeded where a clock that was wrong noted it.
func TestConfirmedInTheFuture(t *testing.T) {
	s := open(t, t.TempDir())
	down := answer{at: day, err: fmt.Errorf("GET: 503 (%w)", web.ErrUnreachable)}
	for _, a := range []answer{{body: first, want: "changed"}, {at: 1000 * day, body: first, want: "unchanged"}, down} {
		if got := outcome(run(t, s, a)); !strings.HasPrefix(got, a.want) {
			t.Fatalf("%s, want %s", got, a.want)
		}
	}
	check, _, err := s.Check()
	if err != nil || check.Outcome != snapshots.Unreachable || !check.Confirmed.IsZero() {
		t.Errorf("%v, %+v", err, check)
	}
}

// conditional answers to conditions.
type conditional func(web.Conditions) *web.Response

func (c conditional) Get(_ context.Context, _ string, cond web.Conditions) (*web.Response, error) {
	return c(cond), nil
}

// TestValidators sees that a request is conditional exactly where the last answer from
// the same source was the newest version.
func TestValidators(t *testing.T) {
	s := open(t, t.TempDir())
	var asked []web.Conditions
	run := func(at time.Duration, source string, r *web.Response) {
		t.Helper()
		from := conditional(func(cond web.Conditions) *web.Response {
			asked = append(asked, cond)
			return r
		})
		if _, err := job(s, answer{at: at}).Sync(t.Context(), from, source); err != nil && !errors.As(err, new(*Rejection)) {
			t.Fatal(err)
		}
	}
	run(0, "one", &web.Response{Status: 200, Body: first, LastModified: "Thu, 01 Jan 2026 00:00:00 GMT", ETag: `"1"`})
	run(1*day, "one", &web.Response{Status: 304, NotModified: true, LastModified: "Thu, 01 Jan 2026 00:00:00 GMT", ETag: `"1"`})
	run(2*day, "one", &web.Response{Status: 200, Body: page, LastModified: "Sat, 03 Jan 2026 00:00:00 GMT", ETag: `"page"`})
	run(3*day, "one", &web.Response{Status: 200, Body: first, LastModified: "Sun, 04 Jan 2026 00:00:00 GMT"})
	run(4*day, "two", &web.Response{Status: 200, Body: first})
	run(5*day, "one", &web.Response{Status: 200, Body: first})
	held := web.Conditions{LastModified: "Thu, 01 Jan 2026 00:00:00 GMT", ETag: `"1"`}
	want := []web.Conditions{
		{},   // nothing is known
		held, // what came first
		held, // what 304 left as it was
		held, // not what came with the page
		{},   // another source
		{},   // the last answer was the other's
	}
	if d := cmp.Diff(want, asked); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// TestUnchanged sees that nothing but the last check is written where nothing is new.
func TestUnchanged(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	for i, body := range [][]byte{first, second, second} {
		if _, err := run(t, s, answer{at: time.Duration(i) * day, body: body}); err != nil {
			t.Fatal(err)
		}
	}
	before := files(t, dir)
	if _, err := run(t, s, answer{at: 4 * day, body: second}); err != nil {
		t.Fatal(err)
	}
	after := files(t, dir)
	if before["checks.jsonl"] == after["checks.jsonl"] {
		t.Error("the check was not noted")
	}
	delete(before, "checks.jsonl")
	delete(after, "checks.jsonl")
	if d := cmp.Diff(before, after); d != "" || len(before) < 6 {
		t.Errorf("%d files (-before +after):\n%s", len(before), d)
	}
}

// files returns the time of change and content of each file below dir.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	m := make(map[string]string)
	if err := filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		data, err := os.ReadFile(name)
		rel, _ := filepath.Rel(dir, name)
		m[filepath.ToSlash(rel)] = info.ModTime().String() + "\n" + string(data)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return m
}

// TestInterrupted sees that a run that was killed after it had stored a version is
// finished by the next, though nothing is new then.
func TestInterrupted(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if _, err := run(t, s, answer{body: first}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Put(snapshots.Edition{Bytes: second, Seen: start.Add(day), Source: "https://example.org/ports.csv"}); err != nil {
		t.Fatal(err) // and here the run died
	}
	if !s.DerivedStale() {
		t.Fatal("the derived files are not known to be behind")
	}
	r, err := run(t, s, answer{at: 2 * day, body: second})
	if err != nil || r.Outcome != snapshots.Unchanged {
		t.Fatalf("%s, %v, want unchanged", outcome(r, err), err)
	}
	changelog, err := os.ReadFile(filepath.Join(dir, layout.Changelog))
	if err != nil || !strings.Contains(string(changelog), "`d`") {
		t.Errorf("the changelog does not say that d is gone: %v\n%s", err, changelog)
	}
	checkWhole(t, s)
}

// TestLateArrivals sees that the derived files depend on the versions alone, not on the order
// in which they came.
func TestLateArrivals(t *testing.T) {
	editions := [][]byte{first, second, third, first, second}
	inOrder, late := t.TempDir(), t.TempDir()
	for dir, order := range map[string][]int{inOrder: {0, 1, 2, 3, 4}, late: {3, 0, 4, 2, 1}} {
		s := open(t, dir)
		for _, i := range order {
			if _, _, err := s.Import(snapshots.Edition{Bytes: editions[i], Seen: start.Add(time.Duration(i) * day), Source: "git"}); err != nil {
				t.Fatal(err)
			}
			if _, err := Derive(t.Context(), s, nil, nil); err != nil {
				t.Fatal(err)
			}
		}
		checkWhole(t, s)
	}
	for _, name := range []string{layout.Changelog, layout.Group(small.ID).Table(small.ID), layout.Group(small.ID).ChangesOf("2026")} {
		a, errA := os.ReadFile(filepath.Join(inOrder, name))
		b, errB := os.ReadFile(filepath.Join(late, name))
		if err := errors.Join(errA, errB); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(a), string(b)); d != "" {
			t.Errorf("%s (-in order +late):\n%s", name, d)
		}
	}
}

// TestUnnamedLosses sees that the guard counts assigned records that have no service name.
func TestUnnamedLosses(t *testing.T) {
	// private returns a file with n records without a name.
	private := func(n int) []byte {
		var b strings.Builder
		b.WriteString(header)
		for i := range n {
			fmt.Fprintf(&b, ",%d,tcp,any private use,,,,,,,,\r\n", i+1)
		}
		b.WriteString(last)
		return []byte(b.String())
	}
	s := open(t, t.TempDir())
	for i, a := range []answer{
		{at: 0, body: private(8), want: "changed"},
		{at: day, body: private(3), want: "refused: 5 of 9 assigned records are gone (55.6 %)"},
		{at: 2 * day, body: private(4), want: "changed"},
	} {
		if got := outcome(run(t, s, a)); !strings.HasPrefix(got, a.want) {
			t.Errorf("answer %d: %s, want %s", i+1, got, a.want)
		}
	}
}

// TestAnotherRollback sees that a rollback is not believed because another one has been served for a day.
func TestAnotherRollback(t *testing.T) {
	s := open(t, t.TempDir())
	for i, a := range []answer{
		{at: 0, body: first, want: "changed"},
		{at: day, body: second, want: "changed"},
		{at: 2 * day, body: third, want: "changed"},
		{at: 3 * day, body: first, want: "refused: its records are those of an older version, 20260101T060000Z"},
		{at: 4 * day, body: second, want: "refused: its records are those of an older version, 20260102T060000Z"},
		{at: 4*day + time.Hour, body: first, want: "refused: its records"},
		{at: 5 * day, body: first, want: "refused: its records"}, // 23 hours after it was first refused again
		{at: 5*day + time.Hour, body: first, want: "changed"},
	} {
		if got := outcome(run(t, s, a)); !strings.HasPrefix(got, a.want) {
			t.Errorf("answer %d: %s, want %s", i+1, got, a.want)
		}
	}
	checkWhole(t, s)
}
