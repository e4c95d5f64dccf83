package main

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ianasync/ianasync/internal/lookup"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/snapshots"
)

// corpusStore is a store of all real editions.
func corpusStore(t *testing.T) *snapshots.Store {
	t.Helper()
	if testing.Short() {
		t.Skip("it takes half a minute")
	}
	if _, err := os.Stat(corpus); err != nil {
		t.Skipf("no real editions here: %v", err)
	}
	dir := filepath.Join(t.TempDir(), "data")
	var stderr bytes.Buffer
	w := processWorld()
	w.stdout, w.stderr = &bytes.Buffer{}, &stderr
	if status := run(t.Context(), []string{"import", "git", corpus, "--store", dir}, w); status != exitDone {
		t.Fatalf("exit status %d: %s", status, &stderr)
	}
	s, err := snapshots.Open(dir, registry.ServiceNames())
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
	s := corpusStore(t)
	versions := s.Versions()
	for _, v := range []snapshots.Version{versions[0], versions[len(versions)/2], versions[len(versions)-1]} {
		data, err := s.Bytes(v)
		if err != nil {
			t.Fatal(err)
		}
		free := freeByRows(t, data)
		rows, err := registry.ReadEdition(data)
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
		ports, err := registry.ParsePorts(row[1])
		if err != nil {
			t.Fatal(err)
		}
		row[1], row[2], row[6], row[7] = "", "", "", "" // a date alone is no reason
		said := strings.TrimSpace(strings.Join(row, ""))
		for port := range ports.All() {
			free[port] = true
			spoken[port] = spoken[port] || said != "" && !strings.EqualFold(said, "Unassigned")
		}
	}
	for port := range free {
		free[port] = free[port] && !spoken[port]
	}
	return free
}
