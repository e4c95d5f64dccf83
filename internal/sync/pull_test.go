package sync_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/history/historytest"
	"github.com/ianasync/ianasync/internal/porthistory"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/internal/publish/delta"
	"github.com/ianasync/ianasync/internal/source/web"
	"github.com/ianasync/ianasync/internal/sync"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/registry/ports/portstest"
	"github.com/ianasync/ianasync/snapshots"
)

// small is a registry of a few records.
var small = ports.Registry{ID: ports.ServiceNames().ID, Title: ports.ServiceNames().Title, Page: ports.ServiceNames().Page, Limits: ports.Limits{MinRecords: 22}}

// table has a record for each name, each on a port of its own, "ncl@2397", and twenty that are always there, so
// that changes are smaller than the table.
func table(names ...string) *ports.Table {
	var records []ports.Record
	for i := range 20 {
		names = append(names, fmt.Sprintf("always@%d", 100+i))
	}
	for _, n := range names {
		name, port, _ := strings.Cut(n, "@")
		records = append(records, portstest.Rec(name, port, "tcp", "D"+port+strings.Repeat("x", 400)))
	}
	return ports.NewTable(records)
}

func newStore(t *testing.T) *snapshots.Store {
	t.Helper()
	return newStoreOf(t, &small)
}

func newStoreOf(t *testing.T, r *ports.Registry) *snapshots.Store {
	t.Helper()
	return historytest.EmptyOf(t, portrules.Group{Registry: r})
}

func see(t *testing.T, s *snapshots.Store, day int, table *ports.Table) {
	t.Helper()
	if _, _, err := s.Put(snapshots.Edition{Bytes: table.CSV(), Seen: time.Date(2020, 1, day, 0, 0, 0, 0, time.UTC), Content: table}); err != nil {
		t.Fatal(err)
	}
}

// site is what a publisher shows.
type site map[string][]byte

// publish shows what a store has now.
func (w site) publish(t *testing.T, s *snapshots.Store) {
	t.Helper()
	past, err := history.Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	newest, _ := s.Latest()
	table, err := porthistory.Table(s, newest)
	if err != nil {
		t.Fatal(err)
	}
	events, err := past.All()
	if err != nil {
		t.Fatal(err)
	}
	files, err := delta.Files(t.Context(), &small, s, events, table)
	if err != nil {
		t.Fatal(err)
	}
	clear(w)
	w[small.FileName()] = table.CSV()
	for _, f := range files {
		w[f.Name] = f.Data
	}
}

// follow has a store follow a site; get may answer in its stead.
func (w site) follow(t *testing.T, s *snapshots.Store, get func(name string) (*web.Response, error)) (*sync.Pulled, error) {
	t.Helper()
	return pullJob(s).Pull(t.Context(), visitor{w, get}, siteURL)
}

const siteURL = "https://example.org/ports/"

func pullJob(s *snapshots.Store) *sync.Job {
	return &sync.Job{Store: s, Now: func() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }}
}

// visitor asks a site, unless get has an answer.
type visitor struct {
	site site
	get  func(name string) (*web.Response, error)
}

func (v visitor) Get(_ context.Context, url string, cond web.Conditions) (*web.Response, error) {
	name := strings.TrimPrefix(url, siteURL)
	if v.get != nil {
		if r, err := v.get(name); r != nil || err != nil {
			return r, err
		}
	}
	data, found := v.site[name]
	if !found {
		return &web.Response{URL: url, Status: http.StatusNotFound}, nil
	}
	if tag := digest(data); cond.ETag == tag {
		return &web.Response{URL: url, Status: http.StatusNotModified, NotModified: true, ETag: tag}, nil
	}
	return &web.Response{URL: url, Status: http.StatusOK, Body: data, ETag: digest(data)}, nil
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// ids are the versions of a store, with the beginnings of their tables' digests.
func ids(s *snapshots.Store) (list []string) {
	for _, v := range s.Versions() {
		list = append(list, v.ID[:8]+" "+v.TableSHA256[:8])
	}
	return list
}

// TestFollow goes through changes, a rollback, what comes after it, and an edition that is only exported anew.
func TestFollow(t *testing.T) {
	publisher, follower, published := newStore(t), newStore(t), site{}
	see(t, publisher, 1, table("a@1", "b@2"))
	published.publish(t, publisher)
	got, err := published.follow(t, follower, nil)
	if err != nil || !got.Whole || got.Added != 1 {
		t.Fatalf("%+v, %v; want one version, whole", got, err)
	}
	if got, err = published.follow(t, follower, nil); err != nil || got.Outcome != snapshots.Unchanged {
		t.Errorf("asked again: %+v, %v", got, err)
	}
	see(t, publisher, 2, table("a@1", "c@2"))
	see(t, publisher, 3, table("a@1", "b@2")) // back
	see(t, publisher, 4, table("a@1", "c@2", "d@4"))
	see(t, publisher, 5, table("a@1", "c@2", "d@4", "e@5"))
	published.publish(t, publisher)
	if got, err = published.follow(t, follower, nil); err != nil || got.Whole || got.Added != 4 || got.Outcome != snapshots.Changed {
		t.Fatalf("%+v, %v; want four versions by changes", got, err)
	}
	if diff := cmp.Diff(ids(publisher), ids(follower)); diff != "" {
		t.Errorf("(-publisher +follower):\n%s", diff)
	}
	if newest, _ := publisher.Latest(); got.Digest != newest.TableSHA256 || got.Version != newest.ID {
		t.Errorf("%+v, want %s of %s", got, newest.TableSHA256, newest.ID)
	}
	if check, _, err := follower.Check(); err != nil || check.Outcome != snapshots.Followed || check.Source != "https://example.org/ports/notification.json" {
		t.Errorf("the last check is %+v, %v", check, err)
	}
}

// TestArchive has a follower that is forty steps behind: the notification has the newest, the archive those before. Where the
// archive is missing or damaged, it takes the table whole.
func TestArchive(t *testing.T) {
	var many []string
	for i := range 1000 {
		many = append(many, fmt.Sprintf("service-%d@%d", i, 2000+i))
	}
	publisher, behind, published := newStore(t), newStore(t), site{}
	see(t, publisher, 1, table(many...))
	published.publish(t, publisher)
	if _, err := published.follow(t, behind, nil); err != nil {
		t.Fatal(err)
	}
	for day := 2; day <= 41; day++ {
		see(t, publisher, day, table(append(many, fmt.Sprintf("new-%d@1000", day))...))
	}
	published.publish(t, publisher)
	for _, lost := range []bool{true, false} {
		follower := behind
		if lost {
			follower = newStore(t)
			see(t, follower, 1, table(many...))
		}
		got, err := published.follow(t, follower, func(name string) (*web.Response, error) {
			if lost && name == "delta/archive.json" {
				return &web.Response{URL: name, Status: http.StatusOK, Body: []byte("{}")}, nil
			}
			return nil, nil
		})
		if want := 40; lost && (err != nil || !got.Whole) || !lost && (err != nil || got.Whole || got.Added != want) {
			t.Errorf("archive lost: %v: %+v, %v; want %d versions by changes, or the table whole", lost, got, err, want)
		}
	}
	if diff := cmp.Diff(ids(publisher), ids(behind)); diff != "" {
		t.Errorf("(-publisher +follower):\n%s", diff)
	}
	var n delta.Notification
	if err := json.Unmarshal(published[delta.NotificationFile], &n); err != nil || len(n.Deltas) != 32 || n.Archive == nil || n.Archive.Size != len(published["delta/archive.json"]) {
		t.Errorf("%d steps, the archive %+v, %v; want 32 and the file's size", len(n.Deltas), n.Archive, err)
	}
}

// TestTooFarBehind has a follower whose table no delta leads from.
func TestTooFarBehind(t *testing.T) {
	publisher, follower, published := newStore(t), newStore(t), site{}
	see(t, follower, 1, table("x@1", "y@2"))
	see(t, publisher, 2, table("a@1", "b@2"))
	see(t, publisher, 3, table("a@1", "c@2"))
	published.publish(t, publisher)
	got, err := published.follow(t, follower, nil)
	if err != nil || !got.Whole || got.Added != 1 || len(follower.Versions()) != 2 {
		t.Errorf("%+v, %v, versions %v", got, err, ids(follower))
	}
}

// TestBadPublishers answers wrongly in all sorts of ways. Where only a list of changes is damaged or cannot be had, the
// table is taken whole; else nothing is stored.
func TestBadPublishers(t *testing.T) {
	third := "delta/" + "20200103T000000Z" + ".jsonl"
	answer := func(status int, body []byte) *web.Response {
		return &web.Response{URL: "u", Status: status, Body: body}
	}
	spoiled := func(old, new string, more ...string) func(w site) {
		return func(w site) {
			list := []byte(strings.ReplaceAll(string(w[third]), old, new))
			for _, name := range more {
				list = append(list, w[name]...)
			}
			w[delta.NotificationFile] = []byte(strings.ReplaceAll(string(w[delta.NotificationFile]), digest(w[third]), digest(list)))
			w[third] = list
		}
	}
	for name, test := range map[string]struct {
		file   string // that is answered so
		answer *web.Response
		err    error
		spoil  func(w site)
		want   string // the error; nothing where the table is taken whole
	}{
		"half a list":              {file: third, answer: answer(200, []byte("{"))},
		"no list":                  {file: third, answer: answer(404, nil)},
		"a list that is forbidden": {file: third, err: fmt.Errorf("%w: 403", web.ErrUnreachable)},
		"a list that is too large": {file: third, err: web.ErrTooLarge},
		"another list":             {spoil: spoiled(`"service_name":"d"`, `"service_name":"evil"`)},
		"a list that takes away what is not there": {spoil: spoiled(`"service_name":"b"`, `"service_name":"q"`, "delta/20200102T000000Z.jsonl")},
		"a page":                            {file: delta.NotificationFile, answer: answer(200, []byte("<html>")), want: "invalid notification"},
		"a notification of less":            {file: delta.NotificationFile, answer: answer(200, []byte(`{}`)), want: "unsupported notification: its format is not 1"},
		"a server that is gone":             {file: "", err: fmt.Errorf("%w: gone", web.ErrUnreachable), want: "gone"},
		"no list and no table within reach": {file: "but the notification", err: fmt.Errorf("%w: gone", web.ErrUnreachable), want: "gone"},
		"no list and no table": {spoil: func(w site) {
			delete(w, third)
			delete(w, "service-names-port-numbers.csv")
		}, want: "404 Not Found"},
		"another table": {spoil: func(w site) {
			delete(w, third)
			w["service-names-port-numbers.csv"] = []byte("Service Name")
		}, want: "its SHA-256 is"},
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			publisher, follower, published := newStore(t), newStore(t), site{}
			see(t, publisher, 1, table("a@1", "b@2", "c@3"))
			published.publish(t, publisher)
			if _, err := published.follow(t, follower, nil); err != nil {
				t.Fatal(err)
			}
			see(t, publisher, 2, table("a@1", "b@2", "z@3"))
			see(t, publisher, 3, table("a@1", "b@2", "z@3", "d@4"))
			published.publish(t, publisher)
			if test.spoil != nil {
				test.spoil(published)
			}
			got, err := published.follow(t, follower, func(name string) (*web.Response, error) {
				if name == test.file || test.file == "" && test.err != nil || test.file == "but the notification" && name != delta.NotificationFile {
					return test.answer, test.err
				}
				return nil, nil
			})
			newest, _ := publisher.Latest()
			if test.want == "" {
				if err != nil || !got.Whole || got.Added != 1 || got.Digest != newest.TableSHA256 || follower.DerivedStale() {
					t.Fatalf("%+v, %v; want the whole table", got, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %q", err, test.want)
			}
			if r, rejected := errors.AsType[*sync.Rejection](err); rejected != (test.file == delta.NotificationFile && test.answer != nil && test.answer.Status == 200) || rejected && r.Acceptable() {
				t.Errorf("a rejection: %v; %v", rejected, err)
			} else if _, bad := errors.AsType[*sync.PublisherError](err); !rejected && !bad && !errors.Is(err, web.ErrUnreachable) {
				t.Errorf("%T", err)
			}
			if c, _, e := follower.Check(); errors.Is(err, web.ErrUnreachable) && c.Outcome != snapshots.Unreachable {
				t.Errorf("the last check is %+v, %v", c, e)
			}
			if len(follower.Versions()) != 1 {
				t.Errorf("versions %v, want none that is new", ids(follower))
			}
			published.publish(t, publisher)
			if got, err := published.follow(t, follower, nil); err != nil || len(follower.Versions()) != 3 {
				t.Errorf("after that: %+v, %v, versions %v", got, err, ids(follower))
			}
		})
	}
}

// TestRefused holds that a follower believes no publisher what it would not believe IANA: too small a table, or one that
// lost too much, be it by a delta, by a chain of small ones, or whole. Nothing is stored then; it is believed where a person
// accepts it.
func TestRefused(t *testing.T) {
	strict := small
	strict.MaxGone = 0.2
	full := table("a@1", "b@2", "c@3", "d@4", "e@5", "f@6", "g@7", "h@8")
	more := table("a@1", "b@2", "c@3", "d@4", "e@5", "f@6", "g@7", "h@8", "i@9")
	for name, test := range map[string]struct {
		tables []*ports.Table // that are published, the last one refused
		whole  bool           // no delta leads there
		want   string
	}{
		"small":    {[]*ports.Table{table("a@1")}, false, "it has 21 records"},
		"by delta": {[]*ports.Table{full, more, table("a@1", "b@2")}, false, "7 of 29 assigned records are gone"},
		"step by step": {
			[]*ports.Table{full, table("a@1", "b@2", "c@3", "d@4", "e@5"), table("a@1", "b@2", "c@3"), table("a@1", "b@2")},
			false,
			"6 of 28 assigned records are gone (21.4 %); at most 20.0 % go at once (compared with version 20200101T000000Z)",
		},
		"whole": {[]*ports.Table{full, table("a@1", "b@2")}, true, "6 of 28 assigned records are gone"},
	} {
		t.Run(name, func(t *testing.T) {
			publisher, follower, published := newStore(t), newStoreOf(t, &strict), site{}
			for day, table := range test.tables {
				see(t, publisher, day+1, table)
				if day == 0 && len(test.tables) > 1 {
					published.publish(t, publisher)
					if _, err := published.follow(t, follower, nil); err != nil {
						t.Fatal(err)
					}
				}
			}
			published.publish(t, publisher)
			if test.whole {
				data := string(published[delta.NotificationFile])
				published[delta.NotificationFile] = []byte(data[:strings.Index(data, ` "deltas"`)] + ` "deltas": []}`)
			}
			left := min(1, len(test.tables)-1)
			job := pullJob(follower)
			_, err := job.Pull(t.Context(), visitor{published, nil}, siteURL)
			refused, ok := errors.AsType[*sync.Rejection](err)
			if !ok || !strings.Contains(refused.Reason, test.want) || refused.File == "" || len(follower.Versions()) != left {
				t.Fatalf("%v, versions %v", err, ids(follower))
			}
			if c, _, err := follower.Check(); err != nil || c.Outcome != snapshots.Refused || c.Refused == nil || follower.DerivedStale() && left > 0 {
				t.Errorf("the last check is %+v, %v", c, err)
			}
			job.Accept = true
			if _, err := job.Pull(t.Context(), visitor{published, nil}, siteURL); err != nil || follower.DerivedStale() || !test.whole && len(follower.Versions()) != len(test.tables) {
				t.Errorf("accepted: %v, versions %v", err, ids(follower))
			}
			if v, _ := follower.Latest(); !strings.HasPrefix(v.Note, "accepted: ") {
				t.Errorf("note %q", v.Note)
			}
		})
	}
}

// TestRollback has a publisher go back to a table that the follower had before the newest one, or nearly so. That is refused until it has
// been published for a day.
func TestRollback(t *testing.T) {
	var many []string
	for i := range 9 {
		many = append(many, fmt.Sprintf("new-%d@%d", i, 10+i))
	}
	first, second := table("a@1", "b@2"), table(append(many, "a@1", "b@2")...)
	for name, test := range map[string]struct {
		back  *ports.Table
		whole bool // no delta leads there
		want  string
	}{
		"by delta": {first, false, "its records are those of an older version, 20200101T000000Z: a rollback"},
		"whole":    {first, true, "its records are those of an older version, 20200101T000000Z: a rollback"},
		"nearly":   {table("a@1", "c@2"), false, "its records are nearly those of an older version, 20200101T000000Z"},
	} {
		t.Run(name, func(t *testing.T) {
			publisher, follower, published := newStore(t), newStore(t), site{}
			for day, table := range []*ports.Table{first, second} {
				see(t, publisher, day+1, table)
				published.publish(t, publisher)
				if _, err := published.follow(t, follower, nil); err != nil {
					t.Fatal(err)
				}
			}
			see(t, publisher, 3, test.back)
			published.publish(t, publisher)
			if test.whole {
				data := string(published[delta.NotificationFile])
				published[delta.NotificationFile] = []byte(data[:strings.Index(data, ` "deltas"`)] + ` "deltas": []}`)
			}
			job, began := pullJob(follower), pullJob(follower).Now()
			for _, after := range []time.Duration{0, 23 * time.Hour} {
				job.Now = func() time.Time { return began.Add(after) }
				_, err := job.Pull(t.Context(), visitor{published, nil}, siteURL)
				if refused, ok := errors.AsType[*sync.Rejection](err); !ok || !strings.Contains(refused.Reason, test.want) || len(follower.Versions()) != 2 {
					t.Fatalf("after %s: %v, versions %v", after, err, ids(follower))
				}
			}
			job.Now = func() time.Time { return began.Add(24 * time.Hour) }
			if got, err := job.Pull(t.Context(), visitor{published, nil}, siteURL); err != nil || got.Added != 1 {
				t.Fatalf("a day later: %+v, %v", got, err)
			}
			if v, _ := follower.Latest(); !strings.HasPrefix(v.Note, "still published a day later: ") || v.TableSHA256 != test.back.Digest() {
				t.Errorf("the newest version is %+v", v)
			}
		})
	}
}

// guarded is a visitor that wants a password.
type guarded struct {
	t *testing.T
	visitor
}

func (g guarded) Get(ctx context.Context, url string, cond web.Conditions) (*web.Response, error) {
	if !strings.Contains(url, "user:HUSH@") {
		g.t.Errorf("asked %s", url)
	}
	return g.visitor.Get(ctx, strings.Replace(url, "user:HUSH@", "", 1), cond)
}

// TestPassword follows with a password in the address, which is sent and written nowhere.
func TestPassword(t *testing.T) {
	publisher, follower, published := newStore(t), newStore(t), site{}
	see(t, publisher, 1, table("a@1", "b@2"))
	published.publish(t, publisher)
	from := guarded{t, visitor{published, nil}}
	const source = "https://user:HUSH@example.org/ports/"
	if _, err := pullJob(follower).Pull(t.Context(), from, source); err != nil {
		t.Fatal(err)
	}
	if c, _, err := follower.Check(); err != nil || c.Source != "https://example.org/ports/notification.json" {
		t.Errorf("the last check's source is %q, %v", c.Source, err)
	}
	see(t, follower, 9, table("a@1", "c@2"))
	if _, err := pullJob(follower).Pull(t.Context(), from, source); err == nil || strings.Contains(err.Error(), "HUSH") {
		t.Error(err)
	}
}

// TestOutOfReach has a publisher that gives no answer.
func TestOutOfReach(t *testing.T) {
	follower, published := newStore(t), site{}
	_, err := published.follow(t, follower, func(string) (*web.Response, error) { return nil, web.ErrUnreachable })
	if !errors.Is(err, web.ErrUnreachable) {
		t.Error(err)
	}
	if c, _, err := follower.Check(); err != nil || c.Outcome != snapshots.Unreachable {
		t.Errorf("the last check is %+v, %v", c, err)
	}
}

// TestFuture has a publisher whose clock is wrong: a store with a version of the future would refuse all others.
func TestFuture(t *testing.T) {
	publisher, follower, published := newStore(t), newStore(t), site{}
	see(t, publisher, 1, table("a@1", "b@2"))
	published.publish(t, publisher)
	for from, to := range map[string]string{"2020": "2099", "20200101T000000Z": "20260101T010001Z"} {
		spoiled := site{}
		for name, data := range published {
			spoiled[name] = []byte(strings.ReplaceAll(string(data), from, to))
		}
		_, err := spoiled.follow(t, follower, nil)
		if bad, ok := errors.AsType[*sync.PublisherError](err); !ok || !strings.Contains(bad.Hint(), "is the clock right") || len(follower.Versions()) > 0 {
			t.Errorf("%s: %v, versions %v", to, err, ids(follower))
		}
	}
}

// TestAhead has a store that has seen something newer, and another, than what is published.
func TestAhead(t *testing.T) {
	publisher, follower, published := newStore(t), newStore(t), site{}
	see(t, publisher, 1, table("a@1", "b@2"))
	see(t, follower, 9, table("a@1", "c@2"))
	published.publish(t, publisher)
	if _, err := published.follow(t, follower, nil); err == nil || !strings.Contains(err.Error(), "is not newer than that of the store") || strings.Contains(err.(*sync.PublisherError).Hint(), "try again") {
		t.Error(err)
	}
}

func TestNotificationURL(t *testing.T) {
	for source, want := range map[string]string{
		"https://example.org/ports/":                 "https://example.org/ports/notification.json",
		"https://example.org/ports":                  "https://example.org/ports/notification.json",
		"http://example.org/ports/notification.json": "http://example.org/ports/notification.json",
		"https://example.org":                        "https://example.org/notification.json",
		"example.org":                                "",
		"ftp://example.org/":                         "",
		"file:///etc":                                "",
	} {
		got := ""
		_, err := pullJob(newStore(t)).Pull(t.Context(), asked(func(url string) { got = url }), source)
		if got != want || err == nil || (sync.CheckPublisher(source) == nil) != (want != "") {
			t.Errorf("%s: asked %q, want %q; %v", source, got, want, err)
		}
	}
}

// asked notes what is asked, and does not answer.
type asked func(url string)

func (a asked) Get(_ context.Context, url string, _ web.Conditions) (*web.Response, error) {
	a(url)
	return nil, web.ErrUnreachable
}

// TestLongChain has more steps than a follower takes: it takes the table whole.
func TestLongChain(t *testing.T) {
	publisher, follower, published := newStore(t), newStore(t), site{}
	see(t, publisher, 1, table("a@1", "b@2"))
	published.publish(t, publisher)
	if _, err := published.follow(t, follower, nil); err != nil {
		t.Fatal(err)
	}
	see(t, publisher, 2, table("a@1", "c@2"))
	published.publish(t, publisher)
	var n delta.Notification
	if err := json.Unmarshal(published[delta.NotificationFile], &n); err != nil {
		t.Fatal(err)
	}
	step, to := n.Deltas[0], n.Deltas[0].To
	n.Deltas = nil
	for i := range 3000 {
		s := step
		s.Version = snapshots.FormatID(time.Date(2020, 1, 1, 12, 0, i, 0, time.UTC))
		if s.To = strings.Repeat("0", 64); i > 0 {
			s.From = s.To
		}
		n.Deltas = append(n.Deltas, s)
	}
	n.Deltas[2999].To = to
	data, err := json.Marshal(n)
	if err != nil {
		t.Fatal(err)
	}
	published[delta.NotificationFile] = data
	lists := 0
	got, err := published.follow(t, follower, func(name string) (*web.Response, error) {
		if strings.HasPrefix(name, "delta/") {
			lists++
		}
		return nil, nil
	})
	if err != nil || !got.Whole || got.Digest != to || lists > 0 {
		t.Errorf("%+v, %v, %d lists were fetched; want the whole table alone", got, err, lists)
	}
}

// TestFrozenPublisher has a publisher whose own last check is a month old: so is what its follower knows.
func TestFrozenPublisher(t *testing.T) {
	publisher, follower, published := newStore(t), newStore(t), site{}
	see(t, publisher, 1, table("a@1", "b@2"))
	checked := time.Date(2025, 12, 1, 6, 0, 0, 0, time.UTC)
	if err := publisher.SetCheck(snapshots.Check{Checked: checked, Outcome: snapshots.Unchanged}); err != nil {
		t.Fatal(err)
	}
	published.publish(t, publisher)
	for _, when := range []string{"first", "again"} { // again it is answered by 304
		if _, err := published.follow(t, follower, nil); err != nil {
			t.Fatal(err)
		}
		if c, _, err := follower.Check(); err != nil || c.Outcome != snapshots.Followed || !c.Confirmed.Equal(checked) {
			t.Errorf("%s: %+v, %v; want it confirmed at %s", when, c, err, checked)
		}
	}
	published[delta.NotificationFile] = []byte(strings.ReplaceAll(string(published[delta.NotificationFile]), "2025-12-01T", "2027-12-01T"))
	if _, err := published.follow(t, follower, nil); err == nil || !strings.Contains(err.Error(), "its last check is 2027-12-01T06:00:00Z; the clock says") {
		t.Errorf("a check in the future: %v", err)
	}
}

// TestLargeNotification is refused with a hint and recorded, as any other body is.
func TestLargeNotification(t *testing.T) {
	follower := newStore(t)
	_, err := site{}.follow(t, follower, func(string) (*web.Response, error) { return nil, fmt.Errorf("GET: %w", web.ErrTooLarge) })
	if r, ok := errors.AsType[*sync.Rejection](err); !ok || r.Fix != "is this the folder that somebody publishes?" {
		t.Errorf("%v", err)
	}
	if c, _, err := follower.Check(); err != nil || c.Outcome != snapshots.Refused {
		t.Errorf("the last check is %+v, %v", c, err)
	}
}
