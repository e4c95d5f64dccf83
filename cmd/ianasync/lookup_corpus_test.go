package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/history"
	"github.com/ianasync/ianasync/internal/lookup"
	"github.com/ianasync/ianasync/internal/porthistory"
	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

// corpusFolder returns the folder of a store of all real editions. All tests share it, and only read it.
func corpusFolder(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("it takes half a minute")
	}
	if _, err := os.Stat(corpus); err != nil {
		t.Skipf("no real editions here: %v", err)
	}
	dir, err := importedCorpus()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// importedCorpus imports the real editions, once.
var importedCorpus = sync.OnceValues(func() (dir string, err error) {
	if err := os.MkdirAll(sharedFolder, 0o777); err != nil {
		return "", err
	}
	bundle, err := filepath.Abs(corpus)
	if err != nil {
		return "", err
	}
	dir = filepath.Join(sharedFolder, "data")
	if out, err := inProcess(time.Date(2026, 1, 10, 6, 0, 0, 0, time.UTC), dir, "import", "git", bundle); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return dir, nil
})

// corpusStore opens the store of all real editions.
func corpusStore(t *testing.T) *snapshots.Store {
	t.Helper()
	s, err := snapshots.Open(corpusFolder(t), portrules.ServiceNames())
	if err != nil {
		t.Fatal(err)
	}
	if n := len(s.Versions()); n < 280 {
		t.Fatalf("the store has %d versions, want at least 280", n)
	}
	return s
}

// TestAdviceObeysTheRegistry looks up every port of some real versions. Each port that an answer calls free, or the
// nearest free one, must be Unassigned in every row that has it, with nothing else in the row; and for a User port, a User
// port. The rows are read with encoding/csv, not with what the answers are made from.
func TestAdviceObeysTheRegistry(t *testing.T) {
	t.Parallel()
	s := corpusStore(t)
	versions := s.Versions()
	for _, v := range []snapshots.Version{versions[0], versions[len(versions)/2], versions[len(versions)-1]} {
		data, err := s.Bytes(v)
		if err != nil {
			t.Fatal(err)
		}
		free := freeByRows(t, data)
		rows, err := ports.ReadEdition(data)
		if err != nil {
			t.Fatal(err)
		}
		table, err := rows.Table()
		if err != nil {
			t.Fatal(err)
		}
		surveyed := lookup.Survey(table)
		recommended, wrong := 0, 0
		standings := make(map[lookup.Standing]int)
		for port := range 1 << 16 {
			p := surveyed.OfPort(uint16(port))
			standings[p.Standing]++
			if p.Free != free[port] {
				t.Errorf("%s: port %d is free: %v, by its rows %v", v.ID, port, p.Free, free[port])
			}
			if (p.Standing == lookup.Remarked) != (len(p.Remarks) > 0) {
				t.Errorf("%s: port %d is %s with the remarks %v", v.ID, port, p.Standing, p.Remarks)
			}
			for _, at := range []*uint16{p.FreeBelow, p.FreeAbove} {
				if at == nil {
					continue
				}
				recommended++
				if !free[*at] || port >= 1024 && *at < 1024 {
					wrong++
				}
			}
		}
		if wrong > 0 || recommended < 90_000 {
			t.Errorf("%s: %d of %d recommended ports are not free", v.ID, wrong, recommended)
		}
		t.Logf("%s: %v, %d recommendations", v.ID, standings, recommended)
	}
}

// freeByRows reports of each port whether it has rows, all of which have nothing but the port, a transport or a date
// perhaps, and the description "Unassigned" or none.
func freeByRows(t *testing.T, data []byte) (free [1 << 16]bool) {
	t.Helper()
	r := csv.NewReader(bytes.NewReader(data))
	list, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var spoken [1 << 16]bool
	for _, row := range list[1:] {
		numbers, err := ports.ParsePorts(row[1])
		if err != nil {
			t.Fatal(err)
		}
		row[1], row[2], row[6], row[7] = "", "", "", "" // a date alone is no reason
		said := strings.TrimSpace(strings.Join(row, ""))
		for port := range numbers.All() {
			free[port] = true
			spoken[port] = spoken[port] || said != "" && !strings.EqualFold(said, "Unassigned")
		}
	}
	for port := range free {
		free[port] = free[port] && !spoken[port]
	}
	return free
}

// TestDatesAgree looks up every port of the store of all real editions. What an answer says of since when the port is
// unchanged, what blame says of each column, what log says happened, and what the holders say must not contradict each
// other.
func TestDatesAgree(t *testing.T) {
	t.Parallel()
	s := corpusStore(t)
	past, err := porthistory.Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	newest, _ := s.Latest()
	table, err := porthistory.Table(s, newest)
	if err != nil {
		t.Fatal(err)
	}
	index, err := past.Index()
	if err != nil {
		t.Fatal(err)
	}
	surveyed := lookup.Survey(table)
	unchanged, dated := 0, 0
	asked := make(map[string]bool)
	for port := range ports.LastAssignable + 1 {
		q := porthistory.Query{Port: uint16(port)}
		log := index.Port(q.Port)
		same := fmt.Sprint(table.Port(q.Port), log)
		if asked[same] {
			unchanged++ // another port of the same rows, with the same past
			continue
		}
		asked[same] = true
		answer := surveyed.Alone(q.Port)
		answer.Past = lookup.NewPast(log, past.Steps()[0].Version.ID, len(past.Steps()))
		happened := make(map[string]bool) // by version
		for _, e := range log {
			for i := range e.Changes {
				if e.Changes[i].Kind != diff.Recut {
					happened[e.Version.ID] = true
				}
			}
		}
		if answer.Past.Unchanged {
			unchanged++
			if len(happened) > 0 || len(answer.Former()) > 0 {
				t.Errorf("port %d is unchanged, and yet there are %v and the former holders %v", port, happened, answer.Former())
			}
		}
		blames, err := past.Blame(q.Port, porthistory.Holds(table, q))
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range blames {
			for _, f := range b.Fields {
				if f.Since == "" {
					continue
				}
				dated++
				elsewhere := func(e history.Event) bool { return e.Version.ID == f.Since } // it moved here
				if !happened[f.Since] && !slices.ContainsFunc(index.Service(b.Record.ServiceName), elsewhere) {
					t.Errorf("port %d: %s of %q stands since %s (%s), when nothing happened", port, f.Field, b.Record.ServiceName, f.Since, f.Kind)
				}
			}
		}
		for _, h := range answer.Holders() {
			for _, id := range append([]string{h.Since}, until(h.Called)...) {
				if id != "" && !happened[id] {
					t.Errorf("port %d: %s holds it since %s, when nothing happened", port, h.Service, id)
				}
			}
		}
	}
	if unchanged < 30_000 || dated < 1000 {
		t.Errorf("only %d ports are unchanged, and %d columns dated", unchanged, dated)
	}
	t.Logf("%d ports are unchanged, %d columns have a date", unchanged, dated)
}

func until(list []lookup.Former) (ids []string) {
	for _, f := range list {
		ids = append(ids, f.Until)
	}
	return ids
}
