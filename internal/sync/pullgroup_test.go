package sync_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/internal/history/historytest"
	"github.com/ianasync/ianasync/internal/publish/delta"
	"github.com/ianasync/ianasync/internal/source/web"
	"github.com/ianasync/ianasync/internal/sync"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/snapshots"
)

func colours() *registry.Group { return registry.NewXMLGroup("colours") }

// colourStore holds editions of a group, each with so many records, seen on the days of their index from 1; 0 is none.
func colourStore(t *testing.T, records ...int) *snapshots.Store {
	t.Helper()
	s := historytest.EmptyOf(t, colours())
	paint(t, s, 1, records...)
	return s
}

func paint(t *testing.T, s *snapshots.Store, day int, records ...int) {
	t.Helper()
	for i, n := range records {
		var b strings.Builder
		b.WriteString(`<registry xmlns="http://www.iana.org/assignments" id="colours"><title>Colours</title><registry id="web"><title>Web</title>`)
		for j := range n {
			fmt.Fprintf(&b, "<record><value>%d</value><name>colour %d</name></record>", j, j)
		}
		b.WriteString("</registry></registry>")
		if _, _, err := s.Import(snapshots.Edition{Bytes: []byte(b.String()), Seen: time.Date(2020, 1, day+i, 0, 0, 0, 0, time.UTC)}); err != nil {
			t.Fatal(err)
		}
	}
}

// publishGroup shows what the store of a group has now.
func (w site) publishGroup(t *testing.T, s *snapshots.Store) {
	t.Helper()
	for f, err := range delta.GroupFiles(t.Context(), []*snapshots.Store{s}, false, func(string, string) bool { return false }) {
		if err != nil {
			t.Fatal(err)
		}
		w[f.Name] = slices.Clone(f.Data)
	}
}

// followGroup has the store of a group follow a site, so long after the beginning.
func (w site) followGroup(t *testing.T, s *snapshots.Store, after time.Duration) (*sync.Pulled, error) {
	t.Helper()
	p, err := sync.FetchPublished(t.Context(), visitor{site: w}, siteURL, func(string) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	if p.HasServiceNames() || !slices.Equal(p.Groups(), []string{"colours"}) {
		t.Fatalf("it has %v", p.Groups())
	}
	job := sync.Job{Store: s, Now: func() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(after) }}
	return job.PullGroup(t.Context(), visitor{site: w}, p)
}

// TestFollowGroup goes through changes, with a rollback and a mass change on the way that were served for a day.
func TestFollowGroup(t *testing.T) {
	publisher, follower, published := colourStore(t, 30), colourStore(t), site{}
	published.publishGroup(t, publisher)
	if got, err := published.followGroup(t, follower, 0); err != nil || got.Added != 1 || !got.Whole {
		t.Fatalf("%+v, %v; want one version", got, err)
	}
	if got, err := published.followGroup(t, follower, 0); err != nil || got.Outcome != snapshots.Unchanged {
		t.Errorf("asked again: %+v, %v", got, err)
	}
	paint(t, publisher, 2, 31, 30, 2, 32, 33)
	published.publishGroup(t, publisher)
	got, err := published.followGroup(t, follower, 0)
	if err != nil || got.Added != 5 || got.Whole || got.Records != 33 {
		t.Fatalf("%+v, %v; want five versions", got, err)
	}
	if diff := cmp.Diff(ids(publisher), ids(follower)); diff != "" {
		t.Errorf("(-publisher +follower):\n%s", diff)
	}
	if check, _, err := follower.Check(); err != nil || check.Outcome != snapshots.Followed || check.Source != siteURL+delta.IndexFile {
		t.Errorf("the last check is %+v, %v", check, err)
	}
}

// TestRefusedGroup has a publisher end at what the guard does not accept: nothing is stored. It is once it has been published for a day,
// where it is only implausible.
func TestRefusedGroup(t *testing.T) {
	for name, test := range map[string]struct {
		records []int // of the editions after the first two
		want    string
	}{
		"mass change":  {[]int{35, 5}, "30 of 35 assigned records of colours/web are gone"},
		"step by step": {[]int{26, 22, 18}, "13 of 31 assigned records of colours/web are gone"},
		"rollback":     {[]int{30}, "its records are those of an older version, 20200101T000000Z: a rollback"},
	} {
		t.Run(name, func(t *testing.T) {
			publisher, follower, published := colourStore(t, 30, 31), colourStore(t), site{}
			published.publishGroup(t, publisher)
			if _, err := published.followGroup(t, follower, 0); err != nil {
				t.Fatal(err)
			}
			paint(t, publisher, 3, test.records...)
			published.publishGroup(t, publisher)
			for _, after := range []time.Duration{0, 23 * time.Hour} {
				_, err := published.followGroup(t, follower, after)
				if refused, is := errors.AsType[*sync.Rejection](err); !is || !strings.Contains(refused.Reason, test.want) || len(follower.Versions()) != 2 {
					t.Fatalf("after %s: %v, versions %v", after, err, ids(follower))
				}
			}
			if got, err := published.followGroup(t, follower, 24*time.Hour); err != nil || got.Added != len(test.records) {
				t.Errorf("a day later: %+v, %v", got, err)
			}
		})
	}
}

// A publisher whose files are not what its index says, or that cannot be reached, alters nothing.
func TestBadGroupPublisher(t *testing.T) {
	publisher, published := colourStore(t, 30), site{}
	published.publishGroup(t, publisher)
	const file = "delta/colours/20200101T000000Z.zst"
	index := func(w site, old, with string) {
		if w[delta.IndexFile] = []byte(strings.Replace(string(published[delta.IndexFile]), old, with, 1)); string(w[delta.IndexFile]) == string(published[delta.IndexFile]) {
			t.Fatalf("the index has no %s: %s", old, published[delta.IndexFile])
		}
	}
	for name, test := range map[string]struct {
		spoil func(site)
		want  string
	}{
		"missing":            {func(w site) { delete(w, file) }, "404 Not Found"},
		"altered":            {func(w site) { w[file] = append(slices.Clone(w[file]), '\n') }, "unexpected EOF"},
		"another":            {func(w site) { index(w, `"sha256": "`, `"sha256": "`+strings.Repeat("0", 64)+`", "was": "`) }, "its SHA-256 is"},
		"larger than stated": {func(w site) { index(w, `"size": `, `"size": 1, "was": `) }, "it has more than the 1 bytes that the index states"},
		"future":             {func(w site) { index(w, `"version": "2020`, `"version": "2031`) }, "its newest version is 2031-01-01"},
	} {
		spoilt := maps.Clone(published)
		test.spoil(spoilt)
		follower := colourStore(t)
		_, err := spoilt.followGroup(t, follower, 0)
		if _, is := errors.AsType[*sync.PublisherError](err); !is || !strings.Contains(err.Error(), test.want) || len(follower.Versions()) > 0 {
			t.Errorf("%s: %v, versions %v", name, err, ids(follower))
		}
	}
	older := colourStore(t, 30, 31)
	if _, err := published.followGroup(t, older, 0); err == nil || !strings.Contains(err.Error(), "is not newer than that of the store") {
		t.Errorf("an older publisher: %v", err)
	}
	if p, err := sync.FetchPublished(t.Context(), visitor{site: site{}}, siteURL, nil); err != nil || !p.HasServiceNames() || p.Groups() != nil {
		t.Errorf("without an index: %+v, %v", p, err)
	}
	out := func(string) (*web.Response, error) { return nil, web.ErrUnreachable }
	if _, err := sync.FetchPublished(context.Background(), visitor{get: out}, siteURL, nil); !errors.Is(err, web.ErrUnreachable) {
		t.Errorf("out of reach: %v", err)
	}
}
